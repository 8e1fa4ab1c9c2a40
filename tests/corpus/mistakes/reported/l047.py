# train_momentum: used-up, inside-loop, not-reset, missing-function, point-left-out, epoch-count
# mutated: points = zip(X, y)
# truth: zip(X, y) is made once before the epochs and is used up after the first, so the later epochs see no data

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


class Optimizer:
    def __init__(self, lr):
        self.lr = lr

    def step(self, grad):
        """the change of the weights"""
        return -self.lr * grad

    def fit(self, X, y, w, epochs):
        w = np.array(w, dtype=float)
        history = []
        for _ in tqdm(range(epochs)):
            losses = []
            for xi, yi in zip(X, y):
                cache = forward_propagation(xi, yi, w)
                losses.append(cache['loss'])
                d = backward_propagation(xi, w, cache)
                w = w + self.step(np.array([d[k] for k in sorted(d)]))
            history.append(np.mean(losses))
        return w, history


class Momentum(Optimizer):
    def __init__(self, lr, gamma):
        super().__init__(lr)
        self.gamma = gamma
        self.velocity = 0

    def step(self, grad):
        self.velocity = self.gamma * self.velocity - self.lr * grad
        return self.velocity


class Adam(Optimizer):
    def __init__(self, lr, b1, b2, eps):
        super().__init__(lr)
        self.b1, self.b2, self.eps = b1, b2, eps
        self.m = self.v = 0
        self.t = 0

    def step(self, grad):
        self.t += 1
        self.m = self.b1 * self.m + (1 - self.b1) * grad
        self.v = self.b2 * self.v + (1 - self.b2) * grad * grad
        m_hat = self.m / (1 - self.b1 ** self.t)
        v_hat = self.v / (1 - self.b2 ** self.t)
        return -self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    return Optimizer(lr).fit(X, y, w, epochs)


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w = np.array(w, dtype=float)
    v = np.zeros(9)
    losses = []
    points = zip(X, y)
    for epoch in tqdm(range(epochs)):
        total = 0
        for x_i, y_i in points:
            f = forward_propagation(x_i, y_i, w)
            total += f['loss']
            b = backward_propagation(x_i, w, f)
            v = gamma * v + lr * np.array([b['dw' + str(i)] for i in range(1, 10)])
            w = w - v
        losses.append(total / len(X))
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return Adam(lr, beta1, beta2, eps).fit(X, y, w, epochs)
