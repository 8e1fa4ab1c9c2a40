# train_momentum: epoch-count, operator, off-by-one, losses-count, wrong-number
# mutated: while epoch <= epochs:
# truth: while epoch <= epochs does one epoch too many

import math
import numpy as np
from tqdm import tqdm


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward_propagation(x, y, w):
    e = np.exp((w[0] * x[0] + w[1] * x[1]) ** 2 + w[5])
    t = np.tanh(e + w[6])
    s = sigmoid(np.sin(w[2] * x[2]) * (w[3] * x[3] + w[4] * x[4]) + w[7])
    yp = t + w[8] * s
    return {'exp': e, 'tanh': t, 'sigmoid': s, 'y_pred': yp, 'loss': (y - yp) ** 2, 'dy_pr': 2 * (yp - y)}


def backward_propagation(x, w, forward_dict):
    # walk back from the loss, so dw9 comes first
    grads = {}
    dL = forward_dict['dy_pr']
    sg = forward_dict['sigmoid']
    grads['dw9'] = dL * sg
    grads['dw8'] = dL * w[8] * sg * (1 - sg)
    grads['dw7'] = dL * (1 - forward_dict['tanh'] ** 2)
    grads['dw6'] = grads['dw7'] * forward_dict['exp']
    grads['dw5'] = grads['dw8'] * np.sin(w[2] * x[2]) * x[4]
    grads['dw4'] = grads['dw8'] * np.sin(w[2] * x[2]) * x[3]
    grads['dw3'] = grads['dw8'] * (w[3] * x[3] + w[4] * x[4]) * np.cos(w[2] * x[2]) * x[2]
    grads['dw2'] = grads['dw6'] * 2 * (w[0] * x[0] + w[1] * x[1]) * x[1]
    grads['dw1'] = grads['dw6'] * 2 * (w[0] * x[0] + w[1] * x[1]) * x[0]
    return grads


def gradient_checking(x, y, w, eps=1e-7):
    b = backward_propagation(x, w, forward_propagation(x, y, w))
    exact = np.array([b['dw%d' % k] for k in range(1, 10)])
    approx = np.zeros(9)
    for k in range(9):
        step = np.zeros(9)
        step[k] = eps
        approx[k] = (forward_propagation(x, y, w + step)['loss'] - forward_propagation(x, y, w - step)['loss']) / (2 * eps)
    return np.linalg.norm(exact - approx) / (np.linalg.norm(exact) + np.linalg.norm(approx))


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
    w = np.array(w, dtype=float)
    v = np.zeros(9)
    losses = []
    epoch = 0
    pbar = tqdm(total=epochs)
    while epoch <= epochs:
        n, total = 0, 0.0
        while n < len(X):
            fd = forward_propagation(X[n], y[n], w)
            bd = backward_propagation(X[n], w, fd)
            total += fd['loss']
            for k in range(9):
                v[k] = gamma * v[k] + lr * bd[f'dw{k + 1}']
                w[k] -= v[k]
            n += 1
        losses.append(total / n)
        epoch += 1
        pbar.update(1)
    pbar.close()
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
