"""A correct solution in small steps: one operation, one local derivative per line."""

import math

import numpy as np
from tqdm import tqdm


def sigmoid(z):
    e = math.exp(-z)
    bottom = 1 + e
    return 1 / bottom


def forward_propagation(x, y, w):
    # part 1
    val_1 = w[0] * x[0]
    val_2 = w[1] * x[1]
    val_3 = val_1 + val_2
    val_4 = val_3**2
    val_5 = val_4 + w[5]
    exp = math.exp(val_5)
    # part 2
    val_6 = exp + w[6]
    tanh = math.tanh(val_6)
    # part 3
    val_7 = w[2] * x[2]
    val_8 = math.sin(val_7)
    val_9 = w[3] * x[3]
    val_10 = w[4] * x[4]
    val_11 = val_9 + val_10
    val_12 = val_8 * val_11
    val_13 = val_12 + w[7]
    sig = sigmoid(val_13)
    # output
    val_14 = sig * w[8]
    y_pred = tanh + val_14
    error = y - y_pred
    loss = error**2
    dy_pr = -2 * error
    return {"exp": exp, "tanh": tanh, "sigmoid": sig, "loss": loss, "dy_pr": dy_pr}


def backward_propagation(x, w, forward_dict):
    tanh = forward_dict["tanh"]
    sig = forward_dict["sigmoid"]
    dL = forward_dict["dy_pr"]
    # local derivatives
    dtanh = 1 - tanh**2
    dexp = forward_dict["exp"]
    inner = w[0] * x[0] + w[1] * x[1]
    dsquare = 2 * inner
    dsig = sig * (1 - sig)
    angle = w[2] * x[2]
    sine = math.sin(angle)
    dsine = math.cos(angle)
    linear = w[3] * x[3] + w[4] * x[4]
    # chain rule
    dw7 = dL * dtanh
    dw6 = dw7 * dexp
    dinner = dw6 * dsquare
    dw1 = dinner * x[0]
    dw2 = dinner * x[1]
    dw9 = dL * sig
    dw8 = dL * w[8] * dsig
    dangle = dw8 * linear * dsine
    dw3 = dangle * x[2]
    dlinear = dw8 * sine
    dw4 = dlinear * x[3]
    dw5 = dlinear * x[4]
    return {
        "dw1": dw1,
        "dw2": dw2,
        "dw3": dw3,
        "dw4": dw4,
        "dw5": dw5,
        "dw6": dw6,
        "dw7": dw7,
        "dw8": dw8,
        "dw9": dw9,
    }


def gradient_checking(x, y, w, eps=1e-7):
    forward_dict = forward_propagation(x, y, w)
    backward_dict = backward_propagation(x, w, forward_dict)
    dW = []
    dW_approx = []
    for k in range(9):
        dW.append(backward_dict["dw" + str(k + 1)])
        w_plus = np.array(w, dtype=float)
        w_plus[k] = w_plus[k] + eps
        loss_plus = forward_propagation(x, y, w_plus)["loss"]
        w_minus = np.array(w, dtype=float)
        w_minus[k] = w_minus[k] - eps
        loss_minus = forward_propagation(x, y, w_minus)["loss"]
        dW_approx.append((loss_plus - loss_minus) / (2 * eps))
    dW = np.array(dW)
    dW_approx = np.array(dW_approx)
    numerator = np.linalg.norm(dW - dW_approx)
    denominator = np.linalg.norm(dW) + np.linalg.norm(dW_approx)
    return numerator / denominator


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    w = np.array(w, dtype=float)
    losses = []
    for epoch in tqdm(range(epochs)):
        total = 0
        for x_i, y_i in zip(X, y):
            forward_dict = forward_propagation(x_i, y_i, w)
            backward_dict = backward_propagation(x_i, w, forward_dict)
            total += forward_dict["loss"]
            for k in range(9):
                g = backward_dict["dw" + str(k + 1)]
                w[k] = w[k] - lr * g
        losses.append(total / len(X))
    return w, losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w = np.array(w, dtype=float)
    v = np.zeros(9)
    losses = []
    for epoch in tqdm(range(epochs)):
        total = 0
        for x_i, y_i in zip(X, y):
            forward_dict = forward_propagation(x_i, y_i, w)
            backward_dict = backward_propagation(x_i, w, forward_dict)
            total += forward_dict["loss"]
            for k in range(9):
                g = backward_dict["dw" + str(k + 1)]
                v[k] = gamma * v[k] + lr * g
                w[k] = w[k] - v[k]
        losses.append(total / len(X))
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w = np.array(w, dtype=float)
    m = np.zeros(9)
    v = np.zeros(9)
    t = 0
    losses = []
    for epoch in tqdm(range(epochs)):
        total = 0
        for x_i, y_i in zip(X, y):
            forward_dict = forward_propagation(x_i, y_i, w)
            backward_dict = backward_propagation(x_i, w, forward_dict)
            total += forward_dict["loss"]
            t = t + 1
            for k in range(9):
                g = backward_dict["dw" + str(k + 1)]
                m[k] = beta1 * m[k] + (1 - beta1) * g
                v[k] = beta2 * v[k] + (1 - beta2) * g**2
                m_hat = m[k] / (1 - beta1**t)
                v_hat = v[k] / (1 - beta2**t)
                step = lr * m_hat / (np.sqrt(v_hat) + eps)
                w[k] = w[k] - step
        losses.append(total / len(X))
    return w, losses
