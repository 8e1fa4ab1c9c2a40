# train_adam: wrong-name
# mutated: v[k] = beta2*v[k] + (1-beta2)*m[k]**2
# truth: v averages the square of m instead of the square of the gradient

import math
import numpy as np
from tqdm import tqdm


def sigmoid(z):
    if z >= 0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


def forward_propagation(x, y, w):
    # part 1
    val_1 = (w[0]*x[0] + w[1]*x[1])
    val_1 = val_1*val_1 + w[5]
    exp = np.exp(val_1)
    # part 2
    tanh = np.tanh(exp + w[6])
    # part 3
    val_3 = np.sin(w[2]*x[2])*(w[3]*x[3] + w[4]*x[4]) + w[7]
    sig = sigmoid(val_3)
    # output
    y_pred = tanh + sig*w[8]
    loss = (y_pred - y)**2
    forward_dict = {}
    forward_dict['exp'] = exp
    forward_dict['sigmoid'] = sig
    forward_dict['tanh'] = tanh
    forward_dict['loss'] = loss
    forward_dict['dy_pr'] = 2*(y_pred - y)
    return forward_dict


def backward_propagation(x, w, forward_dict):
    up = forward_dict['dy_pr']
    d_tanh = up*(1 - np.square(forward_dict['tanh']))
    d_sig = up*w[8]*forward_dict['sigmoid']*(1 - forward_dict['sigmoid'])
    d_exp = d_tanh*forward_dict['exp']
    inner = 2*(w[0]*x[0] + w[1]*x[1])
    back = dict(
        dw1=d_exp*inner*x[0],
        dw2=d_exp*inner*x[1],
        dw3=d_sig*(w[3]*x[3] + w[4]*x[4])*np.cos(x[2]*w[2])*x[2],
        dw4=d_sig*np.sin(x[2]*w[2])*x[3],
        dw5=d_sig*np.sin(x[2]*w[2])*x[4],
        dw6=d_exp,
        dw7=d_tanh,
        dw8=d_sig,
        dw9=up*forward_dict['sigmoid'],
    )
    return back


def gradient_checking(x, y, w, eps=1e-7):
    forward_dict = forward_propagation(x, y, w)
    backward_dict = backward_propagation(x, w, forward_dict)
    original = list(backward_dict.values())
    approx = []
    for i in range(9):
        weight = list(w)
        weight[i] = w[i] + eps
        first = forward_propagation(x, y, weight)['loss']
        weight[i] = w[i] - eps
        second = forward_propagation(x, y, weight)['loss']
        approx.append((first - second)/(2*eps))
    original = np.array(original)
    approx = np.array(approx)
    return np.linalg.norm(original - approx)/(np.linalg.norm(original) + np.linalg.norm(approx))


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
        total = 0
        for i in range(len(X)):
            fd = forward_propagation(X[i], y[i], w)
            bd = backward_propagation(X[i], w, fd)
            total += fd['loss']
            for j in range(9):
                v[j] = gamma * v[j] + lr * bd['dw' + str(j + 1)]
                w[j] = w[j] - v[j]
        losses.append(total / len(X))
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w = w.copy()
    m = np.zeros(9)
    v = np.zeros(9)
    t = 0
    losses = []
    for epoch in tqdm(range(epochs)):
        s = 0
        for i in range(len(X)):
            t += 1
            fd = forward_propagation(X[i], y[i], w)
            bd = backward_propagation(X[i], w, fd)
            s += fd['loss']
            for k in range(9):
                m[k] = beta1*m[k] + (1-beta1)*bd['dw'+str(k+1)]
                v[k] = beta2*v[k] + (1-beta2)*m[k]**2
                w[k] = w[k] - lr*(m[k]/(1-beta1**t))/(np.sqrt(v[k]/(1-beta2**t))+eps)
        losses.append(s/len(X))
    return w, losses
