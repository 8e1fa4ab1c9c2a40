# train_momentum: stale-weights, inside-loop, not-reset, wrong-name, should-not-be-here, one-update-per-epoch
# mutated: w_start = w.copy()
# mutated: fd = forward_propagation(X[i], y[i], w_start)
# mutated: bd = backward_propagation(X[i], w_start, fd)
# truth: the gradients of a whole epoch are computed at the weights with which the epoch began (w_start), while v and w move at every point

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
    w = w.copy()
    losses = []
    for epoch in tqdm(range(epochs)):
        total = 0
        for i in range(len(X)):
            fd = forward_propagation(X[i], y[i], w)
            bd = backward_propagation(X[i], w, fd)
            total += fd['loss']
            for j in range(9):
                w[j] = w[j] - lr * bd['dw' + str(j + 1)]
        losses.append(total / len(X))
    return w, losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w = w.copy()
    v = np.zeros(9)
    losses = []
    for epoch in tqdm(range(epochs)):
        w_start = w.copy()
        loss = 0
        for i in range(len(X)):
            loss += forward_propagation(X[i], y[i], w)['loss']
            fd = forward_propagation(X[i], y[i], w_start)
            bd = backward_propagation(X[i], w_start, fd)
            for j in range(9):
                v[j] = gamma * v[j] + lr * bd['dw' + str(j + 1)]
                w[j] = w[j] - v[j]
        losses.append(loss / len(X))
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w = w.copy()
    m = np.zeros(9)
    v = np.zeros(9)
    t = 0
    losses = []
    for epoch in tqdm(range(epochs)):
        total = 0
        for i in range(len(X)):
            t += 1
            fd = forward_propagation(X[i], y[i], w)
            bd = backward_propagation(X[i], w, fd)
            total += fd['loss']
            for j in range(9):
                g = bd['dw' + str(j + 1)]
                m[j] = beta1 * m[j] + (1 - beta1) * g
                v[j] = beta2 * v[j] + (1 - beta2) * g ** 2
                m_hat = m[j] / (1 - beta1 ** t)
                v_hat = v[j] / (1 - beta2 ** t)
                w[j] = w[j] - lr * m_hat / (np.sqrt(v_hat) + eps)
        losses.append(total / len(X))
    return w, losses
