# train_momentum: must-go
# mutated: w[n] -= gamma * vel[k]
# truth: the step is gamma times the new velocity instead of the velocity itself

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


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w = np.array(w, dtype=float)
    vel = {k: 0.0 for k in KEYS}
    losses = []
    for _ in tqdm(range(epochs)):
        mean = 0
        for row, target in zip(X, y):
            f = forward_propagation(row, target, w)
            g = backward_propagation(row, w, f)
            mean += f['loss'] / len(X)
            for n, k in enumerate(KEYS):
                vel[k] = gamma * vel[k] + lr * g[k]
                w[n] -= gamma * vel[k]
        losses.append(mean)
    return w, losses


def train_adam(X,y,w,epochs=100,lr=0.001,beta1=0.9,beta2=0.999,eps=1e-8):
    weights=np.array(w,dtype=float)
    mt=np.zeros(len(weights))
    vt=np.zeros(len(weights))
    loss_list=[]
    t=0
    for e in tqdm(range(epochs)):
        temp=[]
        for xi,yi in zip(X,y):
            f=forward_propagation(xi,yi,weights)
            g=backward_propagation(xi,weights,f)
            grad=np.array([g['dw%d'%k] for k in range(1,10)])
            temp.append(f['loss'])
            t=t+1
            mt=beta1*mt+(1-beta1)*grad
            vt=beta2*vt+(1-beta2)*grad**2
            mcap=mt/(1-beta1**t)
            vcap=vt/(1-beta2**t)
            weights=weights-lr*mcap/(np.sqrt(vcap)+eps)
        loss_list.append(np.mean(temp))
    return weights,loss_list
