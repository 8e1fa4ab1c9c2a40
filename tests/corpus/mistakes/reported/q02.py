# train_adam: missing-factor, missing-some-factor
# mutated: state["m"] = b1 * state["m"] + g
# truth: the factor (1 - beta1) on the gradient is missing in the first moment

import numpy as np
from numpy import exp, sin, cos, tanh, sqrt
from numpy.linalg import norm
from tqdm import tqdm


def sigmoid(z):
    return (1 + exp(-z)) ** -1.0


def forward_propagation(x, y, w):
    q = w[0]*x[0] + w[1]*x[1]
    h1 = exp(q**2 + w[5])
    h2 = tanh(h1 + w[6])
    h3 = sigmoid(sin(w[2]*x[2]) * (w[3]*x[3] + w[4]*x[4]) + w[7])
    yhat = h2 + w[8]*h3
    forward = dict(
        exp=h1,
        tanh=h2,
        sigmoid=h3,
        loss=(yhat - y)**2,
        dy_pr=2*(yhat - y),
    )
    return forward


def backward_propagation(x, w, forward_dict):
    h1, h2, h3 = forward_dict["exp"], forward_dict["tanh"], forward_dict["sigmoid"]
    q = w[0]*x[0] + w[1]*x[1]
    a = w[2]*x[2]
    r = w[3]*x[3] + w[4]*x[4]

    # local derivatives
    dL_dyhat = forward_dict["dy_pr"]
    dyhat_dh2 = 1
    dyhat_dh3 = w[8]
    dh2_dh1 = 1 - h2**2
    dh1_dq = h1 * 2*q
    dh3_dz = h3 * (1 - h3)
    dz_da = cos(a) * r
    dz_dr = sin(a)

    # chain them
    dL_dh2 = dL_dyhat * dyhat_dh2
    dL_dh3 = dL_dyhat * dyhat_dh3
    dL_dq = dL_dh2 * dh2_dh1 * dh1_dq
    dL_dz = dL_dh3 * dh3_dz
    return dict(
        dw1=dL_dq * x[0],
        dw2=dL_dq * x[1],
        dw3=dL_dz * dz_da * x[2],
        dw4=dL_dz * dz_dr * x[3],
        dw5=dL_dz * dz_dr * x[4],
        dw6=dL_dh2 * dh2_dh1 * h1,
        dw7=dL_dh2 * dh2_dh1,
        dw8=dL_dz,
        dw9=dL_dyhat * h3,
    )


def gradient_checking(x, y, w, eps=1e-7):
    theta = np.array(w, dtype=float)
    fwd = forward_propagation(x, y, theta)
    bwd = backward_propagation(x, theta, fwd)
    grad = np.array([bwd["dw%i" % n] for n in range(1, 10)])
    grad_approx = np.zeros_like(grad)
    for n in range(9):
        theta[n] += eps
        loss_up = forward_propagation(x, y, theta)["loss"]
        theta[n] -= 2*eps
        loss_down = forward_propagation(x, y, theta)["loss"]
        theta[n] += eps
        grad_approx[n] = (loss_up - loss_down) / (2*eps)
    return norm(grad - grad_approx) / (norm(grad) + norm(grad_approx))


def sgd_step(w, g, state):
    w -= state["lr"] * g


def momentum_step(w, g, state):
    state["v"] = state["gamma"] * state["v"] + state["lr"] * g
    w -= state["v"]


def adam_step(w, g, state):
    b1, b2 = state["beta1"], state["beta2"]
    state["t"] += 1
    state["m"] = b1 * state["m"] + g
    state["v"] = b2 * state["v"] + (1 - b2) * g**2
    mhat = state["m"] / (1 - b1**state["t"])
    vhat = state["v"] / (1 - b2**state["t"])
    w -= state["lr"] * mhat / (sqrt(vhat) + state["eps"])


def one_epoch(X, y, w, update, state):
    loss_list = []
    for i in range(X.shape[0]):
        fwd = forward_propagation(X[i], y[i], w)
        bwd = backward_propagation(X[i], w, fwd)
        loss_list.append(fwd["loss"])
        update(w, np.array([bwd["dw%i" % n] for n in range(1, 10)]), state)
    return np.mean(loss_list)


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    X, w = np.asarray(X), np.array(w, dtype=float)
    state = {"lr": lr}
    losses = [one_epoch(X, y, w, sgd_step, state) for _ in tqdm(range(epochs))]
    return w, losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    X, w = np.asarray(X), np.array(w, dtype=float)
    state = {"lr": lr, "gamma": gamma, "v": np.zeros(9)}
    losses = [one_epoch(X, y, w, momentum_step, state) for _ in tqdm(range(epochs))]
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    X, w = np.asarray(X), np.array(w, dtype=float)
    state = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps,
             "m": np.zeros(9), "v": np.zeros(9), "t": 0}
    losses = [one_epoch(X, y, w, adam_step, state) for _ in tqdm(range(epochs))]
    return w, losses
