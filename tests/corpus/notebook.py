import numpy as np

# Other globals of a notebook; they follow every wrong implementation.
w = np.full(9, 0.1)
data = np.linspace(-1.0, 2.0, 72).reshape(12, 6)
X, y = data[:, :5], data[:, 5]
z = 2
forward_dict = {"exp": 1.127, "tanh": 0.842, "sigmoid": 0.528, "loss": 0.93, "dy_pr": -1.929}
backward_dict = {f"dw{k}": -0.1 for k in range(1, 10)}
