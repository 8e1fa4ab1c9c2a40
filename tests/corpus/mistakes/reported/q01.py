# forward_propagation: shared, changes-argument
# mutated: x *= w[0:5]
# truth: np.asarray makes no copy of an array and x *= w[0:5] works in place, so the caller's x is multiplied by the weights (the values of the first call are right, the second call's are not)

import numpy as np
from tqdm import tqdm


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def forward_propagation(x, y, w):
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    x *= w[0:5]
    u = x[0] + x[1]
    exp = np.exp(u ** 2 + w[5])
    tanh = np.tanh(exp + w[6])
    sin = np.sin(x[2])
    lin = x[3] + x[4]
    sig = sigmoid(sin * lin + w[7])
    y_hat = tanh + w[8] * sig
    return dict(u=u, sin=sin, lin=lin, exp=exp, tanh=tanh, sigmoid=sig,
                y_hat=y_hat, loss=(y - y_hat) ** 2, dy_pr=2 * (y_hat - y))


def backward_propagation(x, w, forward_dict):
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    tanh, sig = forward_dict['tanh'], forward_dict['sigmoid']
    dL = forward_dict['dy_pr']
    g = np.zeros(9)
    g[8] = dL * sig
    g[7] = dL * w[8] * sig * (1 - sig)
    g[6] = dL * (1 - tanh ** 2)
    g[5] = g[6] * forward_dict['exp']
    g[3:5] = g[7] * np.sin(w[2] * x[2]) * x[3:5]
    g[2] = g[7] * (w[3:5] @ x[3:5]) * np.cos(w[2] * x[2]) * x[2]
    g[0:2] = g[5] * 2 * (w[0:2] @ x[0:2]) * x[0:2]
    return {f'dw{k + 1}': g[k] for k in range(9)}


def grad_array(d):
    return np.array([d[f'dw{k}'] for k in range(1, 10)])


def gradient_checking(x, y, w, eps=1e-7):
    w = np.asarray(w, dtype=float)
    dW = grad_array(backward_propagation(x, w, forward_propagation(x, y, w)))
    shift = eps * np.eye(9)
    up = np.array([forward_propagation(x, y, w + s)['loss'] for s in shift])
    down = np.array([forward_propagation(x, y, w - s)['loss'] for s in shift])
    dW_approx = (up - down) / (2 * eps)
    return np.linalg.norm(dW - dW_approx) / (np.linalg.norm(dW) + np.linalg.norm(dW_approx))


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    w = np.array(w, dtype=float)
    losses = np.zeros(epochs)
    for k in tqdm(range(epochs)):
        for xi, yi in zip(X, y):
            f = forward_propagation(xi, yi, w)
            w = w - lr * grad_array(backward_propagation(xi, w, f))
            losses[k] += f['loss'] / len(X)
    return w, losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w = np.array(w, dtype=float)
    v = np.zeros_like(w)
    losses = np.zeros(epochs)
    for k in tqdm(range(epochs)):
        for xi, yi in zip(X, y):
            f = forward_propagation(xi, yi, w)
            v = gamma * v + lr * grad_array(backward_propagation(xi, w, f))
            w = w - v
            losses[k] += f['loss'] / len(X)
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w = np.array(w, dtype=float)
    m, v = np.zeros(9), np.zeros(9)
    losses = np.zeros(epochs)
    t = 0
    for k in tqdm(range(epochs)):
        for xi, yi in zip(X, y):
            t += 1
            f = forward_propagation(xi, yi, w)
            g = grad_array(backward_propagation(xi, w, f))
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g ** 2
            m_hat = m / (1 - beta1 ** t)
            v_hat = v / (1 - beta2 ** t)
            w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
            losses[k] += f['loss'] / len(X)
    return w, losses
