# train_adam: t-per-epoch, wrong-t
# mutated: mcapt=mt/(1-beta1**(i+1))
# mutated: vcapt=vt/(1-beta2**(i+1))
# truth: the exponent of the bias correction is the number of the epoch (from 1) instead of the number of the update

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


def train_adam(X,y,w,epochs=100,lr=0.001,beta1=0.9,beta2=0.999,eps=1e-8):
    w=np.array(w,dtype=float)
    mt=np.zeros(9)
    vt=np.zeros(9)
    adam_losses=[]
    for i in tqdm(range(epochs)):
        s=0
        for j in range(len(X)):
            d1=forward_propagation(X[j],y[j],w)
            dw=np.array(list(backward_propagation(X[j],w,d1).values()))
            s+=d1['loss']
            mt=beta1*mt+(1-beta1)*dw
            vt=beta2*vt+(1-beta2)*dw**2
            mcapt=mt/(1-beta1**(i+1))
            vcapt=vt/(1-beta2**(i+1))
            w=w-lr*mcapt/(np.sqrt(vcapt)+eps)
        adam_losses.append(s/len(X))
    return w,adam_losses
