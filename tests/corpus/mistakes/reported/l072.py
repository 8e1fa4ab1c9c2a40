# train_adam: operator
# mutated: m_hat = m / (1 - beta1 * t)
# mutated: v_hat = v / (1 - beta2 * t)
# truth: the corrections multiply beta by t instead of raising it to the power t

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


def train_vanilla(X,y,w,epochs=100,lr=0.001):
    weights=np.array(w,dtype=float)
    loss_list=[]
    for e in tqdm(range(epochs)):
        temp=[]
        for xi,yi in zip(X,y):
            f=forward_propagation(xi,yi,weights)
            g=backward_propagation(xi,weights,f)
            grad=np.array([g['dw%d'%k] for k in range(1,10)])
            temp.append(f['loss'])
            weights=weights-lr*grad
        loss_list.append(np.mean(temp))
    return weights,loss_list


def train_momentum(X,y,w,epochs=100,lr=0.001,gamma=0.95):
    weights=np.array(w,dtype=float)
    vel=np.zeros(len(weights))
    loss_list=[]
    for e in tqdm(range(epochs)):
        temp=[]
        for xi,yi in zip(X,y):
            f=forward_propagation(xi,yi,weights)
            g=backward_propagation(xi,weights,f)
            grad=np.array([g['dw%d'%k] for k in range(1,10)])
            temp.append(f['loss'])
            vel=gamma*vel+lr*grad
            weights=weights-vel
        loss_list.append(np.mean(temp))
    return weights,loss_list


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w = np.array(w, dtype=float)
    m = np.zeros(9)
    v = np.zeros(9)
    t = 0
    losses = []
    for epoch in tqdm(range(epochs)):
        s = 0
        for xi, yi in zip(X, y):
            t = t + 1
            f = forward_propagation(xi, yi, w)
            b = backward_propagation(xi, w, f)
            s = s + f['loss']
            g = np.array([b['dw' + str(i + 1)] for i in range(9)])
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g * g
            m_hat = m / (1 - beta1 * t)
            v_hat = v / (1 - beta2 * t)
            w = w - lr * m_hat / (np.sqrt(np.abs(v_hat)) + eps)
        losses.append(s / len(X))
    return w, losses
