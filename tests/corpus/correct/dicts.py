"""A correct solution with dictionaries that are filled step by step."""

import copy
import math

from tqdm import tqdm

KEYS = ["dw1", "dw2", "dw3", "dw4", "dw5", "dw6", "dw7", "dw8", "dw9"]


def sigmoid(z):
    s = math.exp(z) / (math.exp(z) + 1)
    return s


def forward_propagation(x, y, w):
    d = {}
    d["sum"] = w[0] * x[0] + w[1] * x[1]
    d["square"] = d["sum"] * d["sum"]
    d["exp"] = math.exp(d["square"] + w[5])
    d["tanh"] = math.tanh(d["exp"] + w[6])
    d["sin"] = math.sin(w[2] * x[2])
    d["cos"] = math.cos(w[2] * x[2])
    d["linear"] = w[3] * x[3] + w[4] * x[4]
    d["product"] = d["sin"] * d["linear"]
    d["sigmoid"] = sigmoid(d["product"] + w[7])
    d["y_pred"] = d["tanh"] + d["sigmoid"] * w[8]
    d["loss"] = (d["y_pred"] - y) ** 2
    d["dy_pr"] = 2 * (d["y_pred"] - y)
    return d


def backward_propagation(x, w, forward_dict):
    f = forward_dict
    d = {}
    d["dw9"] = f["dy_pr"] * f["sigmoid"]
    d["dsigmoid"] = f["dy_pr"] * w[8]
    d["dw8"] = d["dsigmoid"] * f["sigmoid"] * (1 - f["sigmoid"])
    d["dlinear"] = d["dw8"] * math.sin(w[2] * x[2])
    d["dw5"] = d["dlinear"] * x[4]
    d["dw4"] = d["dlinear"] * x[3]
    d["dsin"] = d["dw8"] * (w[3] * x[3] + w[4] * x[4])
    d["dw3"] = d["dsin"] * math.cos(w[2] * x[2]) * x[2]
    d["dw7"] = f["dy_pr"] * (1 - f["tanh"] ** 2)
    d["dw6"] = d["dw7"] * f["exp"]
    d["dsum"] = d["dw6"] * 2 * (w[0] * x[0] + w[1] * x[1])
    d["dw2"] = d["dsum"] * x[1]
    d["dw1"] = d["dsum"] * x[0]
    return d


def gradient_checking(x, y, w, eps=1e-7):
    forward_dict = forward_propagation(x, y, w)
    gradients = backward_propagation(x, w, forward_dict)
    approximations = {}
    for i, key in enumerate(KEYS):
        changed = copy.deepcopy(w)
        changed[i] += eps
        loss_1 = forward_propagation(x, y, changed)["loss"]
        changed[i] -= 2 * eps
        loss_2 = forward_propagation(x, y, changed)["loss"]
        approximations[key] = (loss_1 - loss_2) / (2 * eps)
    difference = 0
    size_1 = 0
    size_2 = 0
    for key in KEYS:
        difference += (gradients[key] - approximations[key]) ** 2
        size_1 += gradients[key] ** 2
        size_2 += approximations[key] ** 2
    return difference**0.5 / (size_1**0.5 + size_2**0.5)


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    w = copy.deepcopy(w)
    losses = []
    for epoch in tqdm(range(epochs)):
        loss = 0.0
        for j, x_j in enumerate(X):
            forward_dict = forward_propagation(x_j, y[j], w)
            gradients = backward_propagation(x_j, w, forward_dict)
            loss = loss + forward_dict["loss"] / len(X)
            for i, key in enumerate(KEYS):
                w[i] -= lr * gradients[key]
        losses.append(loss)
    return w, losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w = copy.deepcopy(w)
    v = {key: 0.0 for key in KEYS}
    losses = []
    for epoch in tqdm(range(epochs)):
        loss = 0.0
        for j, x_j in enumerate(X):
            forward_dict = forward_propagation(x_j, y[j], w)
            gradients = backward_propagation(x_j, w, forward_dict)
            loss = loss + forward_dict["loss"] / len(X)
            for i, key in enumerate(KEYS):
                v[key] = gamma * v[key] - lr * gradients[key]
                w[i] += v[key]
        losses.append(loss)
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w = copy.deepcopy(w)
    m = {key: 0.0 for key in KEYS}
    v = {key: 0.0 for key in KEYS}
    losses = []
    t = 0
    for epoch in tqdm(range(epochs)):
        loss = 0.0
        for j, x_j in enumerate(X):
            t += 1
            forward_dict = forward_propagation(x_j, y[j], w)
            gradients = backward_propagation(x_j, w, forward_dict)
            loss = loss + forward_dict["loss"] / len(X)
            for i, key in enumerate(KEYS):
                m[key] = beta1 * m[key] + (1 - beta1) * gradients[key]
                v[key] = beta2 * v[key] + (1 - beta2) * gradients[key] ** 2
                m_hat = m[key] / (1 - math.pow(beta1, t))
                v_hat = v[key] / (1 - math.pow(beta2, t))
                w[i] -= lr * m_hat / (math.sqrt(v_hat) + eps)
        losses.append(loss)
    return w, losses
