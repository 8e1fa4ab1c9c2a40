"""A correct solution with arrays in place of nine names."""

import numpy as np
from tqdm import tqdm


def sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def forward_propagation(x, y, w):
    x, w = np.asarray(x), np.asarray(w)
    a = np.dot(w[:2], x[:2])
    b = np.dot(w[3:5], x[3:])
    exp = np.exp(np.square(a) + w[5])
    tanh = np.tanh(exp + w[6])
    sig = sigmoid(np.sin(w[2] * x[2]) * b + w[7])
    y_hat = np.sum([tanh, w[8] * sig])
    residual = y_hat - y
    return {
        "a": a,
        "b": b,
        "exp": exp,
        "tanh": tanh,
        "sigmoid": sig,
        "y_hat": y_hat,
        "loss": residual**2,
        "dy_pr": 2 * residual,
    }


def backward_propagation(x, w, forward_dict):
    x, w = np.asarray(x), np.asarray(w)
    sig, delta = forward_dict["sigmoid"], forward_dict["dy_pr"]
    a, b = np.dot(w[:2], x[:2]), np.dot(w[3:5], x[3:])
    angle = w[2] * x[2]
    grad = np.zeros(9)
    grad[8] = delta * sig
    grad[7] = delta * w[8] * (sig - sig**2)
    grad[6] = delta * (1 - np.square(forward_dict["tanh"]))
    grad[5] = grad[6] * forward_dict["exp"]
    grad[3:5] = grad[7] * np.sin(angle) * x[3:]
    grad[2] = grad[7] * b * np.cos(angle) * x[2]
    grad[:2] = grad[5] * 2 * a * x[:2]
    return {f"dw{k + 1}": grad[k] for k in range(9)}


def gradient_checking(x, y, w, eps=1e-7):
    w = np.array(w, dtype=float)
    back = backward_propagation(x, w, forward_propagation(x, y, w))
    grad = np.array([back[f"dw{k + 1}"] for k in range(9)])
    plus = np.zeros(9)
    minus = np.zeros(9)
    for k, step in enumerate(np.eye(9) * eps):
        plus[k] = forward_propagation(x, y, w + step)["loss"]
        minus[k] = forward_propagation(x, y, w - step)["loss"]
    approx = (plus - minus) / (2 * eps)
    diff = grad - approx
    return np.linalg.norm(diff) / (np.linalg.norm(grad) + np.linalg.norm(approx))


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    W = np.array(w, dtype=float)
    history = np.zeros(epochs)
    for epoch in tqdm(range(epochs)):
        for x_i, y_i in zip(X, y):
            cache = forward_propagation(x_i, y_i, W)
            back = backward_propagation(x_i, W, cache)
            g = np.array([back[f"dw{k + 1}"] for k in range(9)])
            history[epoch] += cache["loss"]
            W -= lr * g
    history = history / len(X)
    return W, history


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    W = np.array(w, dtype=float)
    velocity = np.zeros_like(W)
    history = np.zeros(epochs)
    for epoch in tqdm(range(epochs)):
        for x_i, y_i in zip(X, y):
            cache = forward_propagation(x_i, y_i, W)
            back = backward_propagation(x_i, W, cache)
            g = np.array([back[f"dw{k + 1}"] for k in range(9)])
            history[epoch] += cache["loss"]
            velocity *= gamma
            velocity += g
            W -= lr * velocity
    history = history / len(X)
    return W, history


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    W = np.array(w, dtype=float)
    m = np.zeros_like(W)
    v = np.zeros_like(W)
    history = np.zeros(epochs)
    for epoch in tqdm(range(epochs)):
        for i, (x_i, y_i) in enumerate(zip(X, y)):
            cache = forward_propagation(x_i, y_i, W)
            back = backward_propagation(x_i, W, cache)
            g = np.array([back[f"dw{k + 1}"] for k in range(9)])
            history[epoch] += cache["loss"]
            t = epoch * len(X) + i + 1
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * np.square(g)
            correction1 = 1 - beta1**t
            correction2 = 1 - beta2**t
            W -= lr * (m / correction1) / (np.sqrt(v / correction2) + eps)
    history = history / len(X)
    return W, history
