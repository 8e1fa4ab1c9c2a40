# train_vanilla: values-order
# mutated: g = np.array(list(backward_propagation(X[i], w, f).values()))
# truth: the values of a dictionary that begins with dw9 are taken as those of dw1 ... dw9

import numpy as np
from tqdm import tqdm


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward_propagation(x, y, w):
    exp = np.exp((w[0] * x[0] + w[1] * x[1]) ** 2 + w[5])
    tanh = np.tanh(exp + w[6])
    sig = sigmoid(np.sin(w[2] * x[2]) * (w[3] * x[3] + w[4] * x[4]) + w[7])
    y_hat = tanh + w[8] * sig
    loss = (y - y_hat) ** 2
    dy_pr = -2 * (y - y_hat)
    return {"exp": exp, "tanh": tanh, "sigmoid": sig, "loss": loss, "dy_pr": dy_pr}


def backward_propagation(x, w, forward_dict):
    exp, tanh, sig = forward_dict["exp"], forward_dict["tanh"], forward_dict["sigmoid"]
    dy = forward_dict["dy_pr"]
    dw1 = dy * (1 - tanh**2) * exp * 2 * (w[0] * x[0] + w[1] * x[1]) * x[0]
    dw2 = dy * (1 - tanh**2) * exp * 2 * (w[0] * x[0] + w[1] * x[1]) * x[1]
    dw3 = dy * w[8] * sig * (1 - sig) * (w[3] * x[3] + w[4] * x[4]) * np.cos(w[2] * x[2]) * x[2]
    dw4 = dy * w[8] * sig * (1 - sig) * np.sin(w[2] * x[2]) * x[3]
    dw5 = dy * w[8] * sig * (1 - sig) * np.sin(w[2] * x[2]) * x[4]
    dw6 = dy * (1 - tanh**2) * exp
    dw7 = dy * (1 - tanh**2)
    dw8 = dy * w[8] * sig * (1 - sig)
    dw9 = dy * sig
    dw = [dw1, dw2, dw3, dw4, dw5, dw6, dw7, dw8, dw9]
    return {"dw" + str(k + 1): dw[k] for k in range(9)}


def gradient_checking(x, y, w, eps=1e-7):
    b = backward_propagation(x, w, forward_propagation(x, y, w))
    exact = np.array(
        [b["dw1"], b["dw2"], b["dw3"], b["dw4"], b["dw5"], b["dw6"], b["dw7"], b["dw8"], b["dw9"]]
    )
    approx = np.zeros(9)
    for i in range(9):
        step = np.zeros(9)
        step[i] = eps
        approx[i] = (
            forward_propagation(x, y, w + step)["loss"]
            - forward_propagation(x, y, w - step)["loss"]
        ) / (2 * eps)
    return np.linalg.norm(exact - approx) / (np.linalg.norm(exact) + np.linalg.norm(approx))


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w, losses, v = np.copy(w), [], 0
    for epoch in tqdm(range(epochs)):
        epoch_losses = []
        for i in range(len(X)):
            f = forward_propagation(X[i], y[i], w)
            b = backward_propagation(X[i], w, f)
            epoch_losses.append(f["loss"])
            v = gamma * v + lr * np.array([b["dw" + str(k)] for k in range(1, 10)])
            w = w - v
        losses.append(np.mean(epoch_losses))
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w, losses, m, v, t = np.copy(w), [], 0, 0, 0
    for epoch in tqdm(range(epochs)):
        epoch_losses = []
        for i in range(len(X)):
            f = forward_propagation(X[i], y[i], w)
            b = backward_propagation(X[i], w, f)
            epoch_losses.append(f["loss"])
            g = np.array([b["dw" + str(k)] for k in range(1, 10)])
            t += 1
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            w = w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        losses.append(np.mean(epoch_losses))
    return w, losses


_nine = backward_propagation
def backward_propagation(x, w, forward_dict):
    d = _nine(x, w, forward_dict)
    return {"dw9": d["dw9"], "dw8": d["dw8"], "dw7": d["dw7"], "dw6": d["dw6"], "dw1": d["dw1"], "dw2": d["dw2"], "dw3": d["dw3"], "dw4": d["dw4"], "dw5": d["dw5"]}

def train_vanilla(X, y, w, epochs=100, lr=0.001):
    w = np.array(w, dtype=float)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for i in range(len(X)):
            f = forward_propagation(X[i], y[i], w)
            total += f["loss"]
            g = np.array(list(backward_propagation(X[i], w, f).values()))
            w = w - lr * g
        losses.append(total / len(X))
    return w, losses
