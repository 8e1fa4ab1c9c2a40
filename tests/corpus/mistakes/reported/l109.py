# train_adam: losses-divisor, wrong-name
# mutated: losses.append(epoch_loss / epochs)
# truth: the record is divided by the number of epochs instead of by the number of data points

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
    W = [a for a in w]
    vanilla_losses = []
    for i in tqdm(range(epochs)):
        avg_loss = 0.0
        for j in range(len(X)):
            d1 = forward_propagation(X[j], y[j], W)
            d2 = list(backward_propagation(X[j], W, d1).values())
            avg_loss = avg_loss + d1['loss']/len(X)
            for k in range(len(W)):
                W[k] = W[k] - lr*d2[k]
        vanilla_losses.append(avg_loss)
    return np.array(W), vanilla_losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    W = [a for a in w]
    V = [0.0]*9
    momentum_losses = []
    for i in tqdm(range(epochs)):
        avg_loss = 0.0
        for j in range(len(X)):
            d1 = forward_propagation(X[j], y[j], W)
            d2 = list(backward_propagation(X[j], W, d1).values())
            avg_loss = avg_loss + d1['loss']/len(X)
            for k in range(len(W)):
                V[k] = gamma*V[k] + lr*d2[k]
            for k in range(len(W)):
                W[k] = W[k] - V[k]
        momentum_losses.append(avg_loss)
    return np.array(W), momentum_losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w = list(w)
    m = [0.0 for _ in w]
    v = [0.0 for _ in w]
    t = 0
    losses = []
    for epoch in tqdm(range(epochs)):
        epoch_loss = 0.0
        for x_i, y_i in zip(X, y):
            t += 1
            fd = forward_propagation(x_i, y_i, w)
            bd = backward_propagation(x_i, w, fd)
            epoch_loss += fd['loss']
            grads = [bd['dw' + str(k)] for k in range(1, 10)]
            m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, grads)]
            v = [beta2 * a + (1 - beta2) * g ** 2 for a, g in zip(v, grads)]
            w = [c - lr * (a / (1 - beta1 ** t)) / (math.sqrt(b / (1 - beta2 ** t)) + eps) for a, b, c in zip(m, v, w)]
        losses.append(epoch_loss / epochs)
    return np.array(w), losses
