# train_vanilla: stale-weights, wrong-name
# mutated: forward_dict = forward_propagation(X[i], y[i], w)
# mutated: backward_dict = backward_propagation(X[i], w, forward_dict)
# truth: the two passes use w, the weights at the start, instead of the updated weights, so the gradients and the losses never follow the updates

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


def _run(X, y, w, epochs, rule, n_state):
    weights = np.array(w, dtype=np.float64)
    state = [np.zeros(len(weights)) for _ in range(n_state)]
    losses, t = [], 0
    for _ in tqdm(range(epochs), desc=rule.__name__):
        epoch_loss = []
        for xi, yi in zip(X, y):
            t += 1
            fd = forward_propagation(xi, yi, weights)
            bd = backward_propagation(xi, weights, fd)
            g = np.array([bd['dw1'], bd['dw2'], bd['dw3'], bd['dw4'], bd['dw5'], bd['dw6'], bd['dw7'], bd['dw8'], bd['dw9']])
            rule(weights, g, t, *state)
            epoch_loss.append(fd['loss'])
        losses.append(sum(epoch_loss) / len(epoch_loss))
    return weights, losses


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    weights = w.copy()
    losses = []
    for epoch in tqdm(range(epochs)):
        epoch_loss = 0
        for i in range(len(X)):
            forward_dict = forward_propagation(X[i], y[i], w)
            backward_dict = backward_propagation(X[i], w, forward_dict)
            epoch_loss += forward_dict['loss']
            for k in range(9):
                weights[k] = weights[k] - lr * backward_dict['dw' + str(k + 1)]
        losses.append(epoch_loss / len(X))
    return weights, losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    def momentum(weights, g, t, v):
        v[:] = gamma * v + lr * g
        weights -= v
    return _run(X, y, w, epochs, momentum, 1)


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    def adam(weights, g, t, m, v):
        m[:] = beta1 * m + (1 - beta1) * g
        v[:] = beta2 * v + (1 - beta2) * np.square(g)
        weights -= lr * (m / (1 - beta1 ** t)) / (np.sqrt(v / (1 - beta2 ** t)) + eps)
    return _run(X, y, w, epochs, adam, 2)
