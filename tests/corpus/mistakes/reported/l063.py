# train_momentum: wrong-shape, raised
# mutated: v = np.zeros((9, 1))
# truth: the velocity is a column of shape (9, 1), so adding the gradient of shape (9,) broadcasts to a 9 by 9 matrix and the weights lose their shape

import numpy as np
import math
from tqdm import tqdm

def sigmoid(z):
    '''In this function, we will compute the sigmoid(z)'''
    return 1.0/(1.0+np.exp(-z))

def forward_propagation(x,y,w):
    '''forward pass, returns a dictionary'''
    x1,x2,x3,x4,x5 = x
    w1,w2,w3,w4,w5,w6,w7,w8,w9 = w
    d = {}
    d['exp'] = np.exp((w1*x1+w2*x2)**2 + w6)
    d['tanh'] = np.tanh(d['exp']+w7)
    d['sigmoid'] = sigmoid(np.sin(w3*x3)*(w4*x4+w5*x5)+w8)
    y_hat = d['tanh'] + w9*d['sigmoid']
    d['loss'] = (y-y_hat)**2
    d['dy_pr'] = 2*(y_hat-y)
    return d

def backward_propagation(x,w,forward_dict):
    x1,x2,x3,x4,x5 = x
    w1,w2,w3,w4,w5,w6,w7,w8,w9 = w
    dy_pr,sig,tanh,exp = [forward_dict[k] for k in ('dy_pr','sigmoid','tanh','exp')]
    g = {}
    g['dw1'] = dy_pr*(1-tanh**2)*exp*2*(w1*x1+w2*x2)*x1
    g['dw2'] = dy_pr*(1-tanh**2)*exp*2*(w1*x1+w2*x2)*x2
    g['dw3'] = dy_pr*w9*sig*(1-sig)*(w4*x4+w5*x5)*np.cos(w3*x3)*x3
    g['dw4'] = dy_pr*w9*sig*(1-sig)*np.sin(w3*x3)*x4
    g['dw5'] = dy_pr*w9*sig*(1-sig)*np.sin(w3*x3)*x5
    g['dw6'] = dy_pr*(1-tanh**2)*exp
    g['dw7'] = dy_pr*(1-tanh**2)
    g['dw8'] = dy_pr*w9*sig*(1-sig)
    g['dw9'] = dy_pr*sig
    return g

def gradient_checking(x,y,w,eps=1e-7):
    g = backward_propagation(x,w,forward_propagation(x,y,w))
    dW = np.array(list(g.values()))
    E = np.eye(9)*eps
    W = np.array(w,dtype=float)
    app = np.array([(forward_propagation(x,y,W+e)['loss']-forward_propagation(x,y,W-e)['loss'])/(2*eps) for e in E])
    return float(np.linalg.norm(dW-app)/(np.linalg.norm(dW)+np.linalg.norm(app)))


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    loss_history = []
    for epoch in tqdm(range(epochs)):
        epoch_losses = []
        for x_i, y_i in zip(X, y):
            cache = forward_propagation(x_i, y_i, w)
            grads = backward_propagation(x_i, w, cache)
            epoch_losses.append(cache['loss'])
            w = w - lr * np.array([grads[f'dw{k}'] for k in range(1, 10)])
        loss_history.append(sum(epoch_losses) / len(epoch_losses))
    return w, loss_history


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w = w.copy()
    v = np.zeros((9, 1))
    losses = []
    for ep in tqdm(range(epochs)):
        loss = []
        for i in range(len(X)):
            fd = forward_propagation(X[i], y[i], w)
            bd = backward_propagation(X[i], w, fd)
            loss.append(fd['loss'])
            g = np.array(list(bd.values()))
            v = gamma*v + lr*g
            w = w - v
        losses.append(np.mean(loss))
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = np.zeros_like(w), np.zeros_like(w)
    step = 0
    loss_history = []
    for epoch in tqdm(range(epochs)):
        epoch_losses = []
        for x_i, y_i in zip(X, y):
            step += 1
            cache = forward_propagation(x_i, y_i, w)
            grads = backward_propagation(x_i, w, cache)
            epoch_losses.append(cache['loss'])
            g = np.array([grads[f'dw{k}'] for k in range(1, 10)])
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g ** 2
            w = w - lr * (m / (1 - beta1 ** step)) / (np.sqrt(v / (1 - beta2 ** step)) + eps)
        loss_history.append(sum(epoch_losses) / len(epoch_losses))
    return w, loss_history
