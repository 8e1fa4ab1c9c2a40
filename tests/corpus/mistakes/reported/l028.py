# train_vanilla: hard-coded, ignores-argument, epoch-count, losses-count, wrong-number
# mutated: for _ in tqdm(range(100)):
# truth: the number of epochs is hard-coded: range(100) is used and the argument epochs is ignored

import math
import numpy as np
from tqdm import tqdm

KEYS = ['dw1', 'dw2', 'dw3', 'dw4', 'dw5', 'dw6', 'dw7', 'dw8', 'dw9']

def sigmoid(z): return 1 / (1 + math.exp(-z))

def forward_propagation(x, y, w):
    sum12 = w[0] * x[0] + w[1] * x[1]
    sum45 = w[3] * x[3] + w[4] * x[4]
    exp = math.exp(sum12 ** 2 + w[5]); tanh = math.tanh(exp + w[6])
    sig = sigmoid(math.sin(w[2] * x[2]) * sum45 + w[7])
    y_pred = tanh + w[8] * sig
    return dict(exp=exp, tanh=tanh, sigmoid=sig, y_pred=y_pred, loss=(y - y_pred) ** 2, dy_pr=2 * (y_pred - y), sum12=sum12, sum45=sum45)

def backward_propagation(x, w, forward_dict):
    f = forward_dict
    sum12 = w[0] * x[0] + w[1] * x[1]
    sum45 = w[3] * x[3] + w[4] * x[4]
    dsum7 = f['dy_pr'] * (1 - f['tanh'] ** 2)
    dsum6 = dsum7 * f['exp']
    dsum12 = dsum6 * 2 * sum12
    dsum8 = f['dy_pr'] * w[8] * f['sigmoid'] * (1 - f['sigmoid'])
    return dict(dw1=dsum12 * x[0], dw2=dsum12 * x[1],
                dw3=dsum8 * sum45 * math.cos(w[2] * x[2]) * x[2],
                dw4=dsum8 * math.sin(w[2] * x[2]) * x[3], dw5=dsum8 * math.sin(w[2] * x[2]) * x[4],
                dw6=dsum6, dw7=dsum7, dw8=dsum8, dw9=f['dy_pr'] * f['sigmoid'],
                dsum12=dsum12, dsum8=dsum8)

def gradient_checking(x, y, w, eps=1e-7):
    b = backward_propagation(x, w, forward_propagation(x, y, w))
    dW = np.array([b[k] for k in KEYS])
    ap = np.zeros(9)
    for i in range(9):
        w[i], keep = w[i] + eps, w[i]
        hi = forward_propagation(x, y, w)['loss']
        w[i] = keep - eps
        lo = forward_propagation(x, y, w)['loss']
        w[i] = keep
        ap[i] = (hi - lo) / (2 * eps)
    return np.linalg.norm(dW - ap) / (np.linalg.norm(dW) + np.linalg.norm(ap))


def losses_and_gradients(X, y, box):
    """box is a list that holds the current weights, so the caller can exchange them"""
    for x, t in zip(X, y):
        f = forward_propagation(x, t, box[0])
        b = backward_propagation(x, box[0], f)
        yield f['loss'], np.array(list(map(b.get, KEYS)))


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    w = np.array(w, dtype=float)
    losses = []
    for _ in tqdm(range(100)):
        s = 0
        for x, t in zip(X, y):
            f = forward_propagation(x, t, w)
            b = backward_propagation(x, w, f)
            s += f['loss']
            for k, name in enumerate(KEYS):
                w[k] -= lr * b[name]
        losses.append(s / len(X))
    return w, losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    box, losses, v = [np.array(w, dtype=float)], [], np.zeros(9)
    for _ in tqdm(range(epochs)):
        s = []
        for l, g in losses_and_gradients(X, y, box):
            s.append(l)
            v, box[0] = gamma * v + lr * g, box[0] - (gamma * v + lr * g)
        losses.append(sum(s) / len(s))
    return box[0], losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    box, losses, mv, t = [np.array(w, dtype=float)], [], (0, 0), 0
    for _ in tqdm(range(epochs)):
        s = []
        for l, g in losses_and_gradients(X, y, box):
            t += 1
            s.append(l)
            mv = beta1 * mv[0] + (1 - beta1) * g, beta2 * mv[1] + (1 - beta2) * g ** 2
            m, v = mv[0] / (1 - beta1 ** t), mv[1] / (1 - beta2 ** t)
            box[0] = box[0] - lr * m / np.sqrt(v + eps)
        losses.append(sum(s) / len(s))
    return box[0], losses
