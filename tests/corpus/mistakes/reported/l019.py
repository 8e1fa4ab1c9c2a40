# train_vanilla: wrong-name
# mutated: return best_w, losses
# truth: it returns best_w, the weights from the start of the epoch with the lowest mean loss, instead of the final weights

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
    w = np.array(w, dtype=float)
    best_loss, best_w = float('inf'), w.copy()
    losses = []
    for epoch in tqdm(range(epochs)):
        start_w = w.copy()
        total = 0
        for i in range(len(X)):
            fd = forward_propagation(X[i], y[i], w)
            bd = backward_propagation(X[i], w, fd)
            total += fd['loss']
            w -= lr * np.array([bd['dw%d' % j] for j in range(1, 10)])
        losses.append(total / len(X))
        if losses[-1] < best_loss:
            best_loss, best_w = losses[-1], start_w
    return best_w, losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w1, w2, w3, w4, w5, w6, w7, w8, w9 = w
    v1 = v2 = v3 = v4 = v5 = v6 = v7 = v8 = v9 = 0.0
    losses = []
    for epoch in tqdm(range(epochs)):
        seen = []
        for x, target in zip(X, y):
            W = [w1, w2, w3, w4, w5, w6, w7, w8, w9]
            f = forward_propagation(x, target, W)
            d = backward_propagation(x, W, f)
            seen.append(f['loss'])
            v1 = gamma * v1 + lr * d['dw1']
            v2 = gamma * v2 + lr * d['dw2']
            v3 = gamma * v3 + lr * d['dw3']
            v4 = gamma * v4 + lr * d['dw4']
            v5 = gamma * v5 + lr * d['dw5']
            v6 = gamma * v6 + lr * d['dw6']
            v7 = gamma * v7 + lr * d['dw7']
            v8 = gamma * v8 + lr * d['dw8']
            v9 = gamma * v9 + lr * d['dw9']
            w1 -= v1; w2 -= v2; w3 -= v3; w4 -= v4; w5 -= v5
            w6 -= v6; w7 -= v7; w8 -= v8; w9 -= v9
        losses.append(math.fsum(seen) / len(seen))
    return np.array([w1, w2, w3, w4, w5, w6, w7, w8, w9]), losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    W = [float(a) for a in w]
    m1 = m2 = m3 = m4 = m5 = m6 = m7 = m8 = m9 = 0.0
    V = {k: 0.0 for k in range(1, 10)}
    losses, t = [], 0
    for epoch in tqdm(range(epochs)):
        seen = []
        for x, target in zip(X, y):
            t += 1
            f = forward_propagation(x, target, W)
            d = backward_propagation(x, W, f)
            seen.append(f['loss'])
            m1 = beta1 * m1 + (1 - beta1) * d['dw1']
            m2 = beta1 * m2 + (1 - beta1) * d['dw2']
            m3 = beta1 * m3 + (1 - beta1) * d['dw3']
            m4 = beta1 * m4 + (1 - beta1) * d['dw4']
            m5 = beta1 * m5 + (1 - beta1) * d['dw5']
            m6 = beta1 * m6 + (1 - beta1) * d['dw6']
            m7 = beta1 * m7 + (1 - beta1) * d['dw7']
            m8 = beta1 * m8 + (1 - beta1) * d['dw8']
            m9 = beta1 * m9 + (1 - beta1) * d['dw9']
            for k, m in enumerate((m1, m2, m3, m4, m5, m6, m7, m8, m9), start=1):
                V[k] = beta2 * V[k] + (1 - beta2) * d['dw' + str(k)] ** 2
                W[k - 1] -= lr * (m / (1 - beta1 ** t)) / (math.sqrt(V[k] / (1 - beta2 ** t)) + eps)
        losses.append(math.fsum(seen) / len(seen))
    return np.array(W), losses
