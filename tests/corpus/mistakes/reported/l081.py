# train_adam: twice, should-not-be-here
# mutated: v_hat = np.sqrt(v/(1-beta2**t))
# mutated: w = w - lr*m_hat/(np.sqrt(v_hat)+eps)
# truth: the root is taken twice: v_hat is defined as a root already and np.sqrt is applied to it again

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
    for _ in tqdm(range(epochs)):
        tot = []
        for a, b in zip(X, y):
            t += 1
            f = forward_propagation(a, b, w)
            tot.append(f['loss'])
            g = np.array(list(backward_propagation(a, w, f).values()))
            m = beta1*m + (1-beta1)*g
            v = beta2*v + (1-beta2)*g**2
            m_hat = m/(1-beta1**t)
            v_hat = np.sqrt(v/(1-beta2**t))
            w = w - lr*m_hat/(np.sqrt(v_hat)+eps)
        losses.append(np.mean(tot))
    return w, losses
