# train_momentum: after-line, before-line
# mutated: w = w - velocity
# mutated: velocity = gamma * velocity + lr * g
# truth: the weights move by the old velocity: the update of w stands before that of v

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


from itertools import product

def as_vector(d):
    return np.array([d['dw{}'.format(i)] for i in range(1, 10)])


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    w = np.array(w, dtype=float)
    record = np.zeros((epochs, len(X)))
    with tqdm(total=epochs) as bar:
        for e, i in product(range(epochs), range(len(X))):
            fd = forward_propagation(X[i], y[i], w)
            record[e, i] = fd['loss']
            w -= lr * as_vector(backward_propagation(X[i], w, fd))
            if i == len(X) - 1:
                bar.update()
    return w, list(record.mean(1))


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w = np.copy(w)
    velocity = np.zeros(9)
    losses = []
    for epoch in tqdm(range(epochs)):
        epoch_losses = []
        for i in range(len(X)):
            cache = forward_propagation(X[i], y[i], w)
            grads = backward_propagation(X[i], w, cache)
            epoch_losses.append(cache['loss'])
            g = as_vector(grads)
            w = w - velocity
            velocity = gamma * velocity + lr * g
        losses.append(np.mean(epoch_losses))
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w = np.array(w, dtype=float)
    m = np.zeros(w.shape)
    v = np.zeros(w.shape)
    record = np.zeros((epochs, len(X)))
    with tqdm(total=epochs) as bar:
        for t, (e, i) in enumerate(product(range(epochs), range(len(X))), start=1):
            fd = forward_propagation(X[i], y[i], w)
            record[e, i] = fd['loss']
            g = as_vector(backward_propagation(X[i], w, fd))
            m = m * beta1 + g * (1 - beta1)
            v = v * beta2 + g ** 2 * (1 - beta2)
            w -= lr * np.sqrt(1 - beta2 ** t) / (1 - beta1 ** t) * m / (np.sqrt(v) + eps)
            if i == len(X) - 1:
                bar.update()
    return w, list(record.mean(1))
