# train_momentum: nested-loops
# mutated: v = [gamma * a + lr * b for a in v[:9] for b in grads]
# truth: the list comprehension nests two loops instead of zipping: every velocity is paired with every gradient, and the first nine of the many results are used

import math
import numpy as np
from tqdm import tqdm


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def forward_propagation(x, y, w):
    times1 = w[0] * x[0]
    times2 = w[1] * x[1]
    sum12 = times1 + times2
    square = sum12 ** 2
    sum6 = square + w[5]
    exp = math.exp(sum6)
    sum7 = exp + w[6]
    tanh = math.tanh(sum7)
    sin = math.sin(w[2] * x[2])
    sum45 = w[3] * x[3] + w[4] * x[4]
    sum8 = sin * sum45 + w[7]
    sig = sigmoid(sum8)
    y_pred = tanh + w[8] * sig
    loss = (y - y_pred) ** 2
    dy_pr = -2 * (y - y_pred)
    return {'exp': exp, 'tanh': tanh, 'sigmoid': sig, 'loss': loss, 'dy_pr': dy_pr, 'y_pred': y_pred}


def backward_propagation(x, w, forward_dict):
    dy = forward_dict['dy_pr']
    s = forward_dict['sigmoid']
    dw9 = dy * s
    dw8 = dy * w[8] * s * (1 - s)
    dw3 = dw8 * (w[3] * x[3] + w[4] * x[4]) * math.cos(w[2] * x[2]) * x[2]
    dw4 = dw8 * math.sin(w[2] * x[2]) * x[3]
    dw5 = dw8 * math.sin(w[2] * x[2]) * x[4]
    dw7 = dy * (1 - forward_dict['tanh'] ** 2)
    dw6 = dw7 * forward_dict['exp']
    dw1 = dw6 * 2 * (w[0] * x[0] + w[1] * x[1]) * x[0]
    dw2 = dw6 * 2 * (w[0] * x[0] + w[1] * x[1]) * x[1]
    return {'dw1': dw1, 'dw2': dw2, 'dw3': dw3, 'dw4': dw4, 'dw5': dw5,
            'dw6': dw6, 'dw7': dw7, 'dw8': dw8, 'dw9': dw9}


def gradient_checking(x, y, w, eps=1e-7):
    grads = backward_propagation(x, w, forward_propagation(x, y, w))
    dW = np.array([grads['dw' + str(i)] for i in range(1, 10)])
    approx = []
    for i in range(len(w)):
        up = np.array(w, dtype=float)
        up[i] += eps
        down = np.array(w, dtype=float)
        down[i] -= eps
        approx.append((forward_propagation(x, y, up)['loss'] - forward_propagation(x, y, down)['loss']) / (2 * eps))
    approx = np.array(approx)
    return np.linalg.norm(dW - approx) / (np.linalg.norm(dW) + np.linalg.norm(approx))


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    def descend(w, i, acc):
        if i == len(X):
            return w, acc / len(X)
        fd = forward_propagation(X[i], y[i], w)
        bd = backward_propagation(X[i], w, fd)
        return descend([a - lr * b for a, b in zip(w, bd.values())], i + 1, acc + fd['loss'])
    losses = []
    for _ in tqdm(range(epochs)):
        if len(X) < 200:
            w, mean = descend(w, 0, 0.0)
        else:                       # too deep for python
            w, mean = list(w), 0.0
            for x_i, y_i in zip(X, y):
                fd = forward_propagation(x_i, y_i, w)
                bd = backward_propagation(x_i, w, fd)
                mean += fd['loss'] / len(X)
                w = [a - lr * b for a, b in zip(w, bd.values())]
        losses.append(mean)
    return np.array(w), losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w = list(w)
    v = [0.0] * 9
    losses = []
    for epoch in tqdm(range(epochs)):
        total = 0.0
        for x_i, y_i in zip(X, y):
            f = forward_propagation(x_i, y_i, w)
            grads = list(backward_propagation(x_i, w, f).values())
            total += f['loss']
            v = [gamma * a + lr * b for a in v[:9] for b in grads]
            w = [c - d for c, d in zip(w, v)]
        losses.append(total / len(X))
    return np.array(w), losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w = np.array(w, dtype=float)
    # sums without the factor (1 - beta), divided by the sum of their shares
    s1, s2, n1, n2 = np.zeros(9), np.zeros(9), 0.0, 0.0
    losses = []
    for _ in tqdm(range(epochs)):
        mean = 0.0
        for x_i, y_i in zip(X, y):
            fd = forward_propagation(x_i, y_i, w)
            mean += fd['loss'] / len(X)
            g = np.array(list(backward_propagation(x_i, w, fd).values()))
            s1, n1 = beta1 * s1 + g, beta1 * n1 + 1
            s2, n2 = beta2 * s2 + g * g, beta2 * n2 + 1
            w = w - lr * (s1 / n1) / (np.sqrt(s2 / n2) + eps)
        losses.append(mean)
    return w, losses
