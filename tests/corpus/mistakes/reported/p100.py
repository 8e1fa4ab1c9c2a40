# gradient_checking: integer-array, wrong-function, wrong-name
# mutated: approx = np.arange(9)
# truth: the approximation is collected in an integer array, which cuts off its decimals

import math
import numpy as np
from collections import namedtuple
from dataclasses import dataclass

Weights = namedtuple('Weights', 'w1 w2 w3 w4 w5 w6 w7 w8 w9')
Features = namedtuple('Features', 'x1 x2 x3 x4 x5')

@dataclass
class Pass:
    exp: float
    tanh: float
    sigmoid: float
    loss: float
    dy_pr: float

def sigmoid(z):
    return 1/(1 + math.exp(-z))

def forward_propagation(x, y, w):
    f, w = Features(*x), Weights(*w)
    exp = math.exp((w.w1*f.x1 + w.w2*f.x2)**2 + w.w6)
    tanh = math.tanh(exp + w.w7)
    sig = sigmoid(math.sin(w.w3*f.x3)*(w.w4*f.x4 + w.w5*f.x5) + w.w8)
    y_hat = tanh + w.w9*sig
    return Pass(exp, tanh, sig, (y - y_hat)**2, 2*(y_hat - y)).__dict__

def backward_propagation(x, w, forward_dict):
    f, w = Features(*x), Weights(*w)
    p = Pass(*(forward_dict[k] for k in ('exp', 'tanh', 'sigmoid', 'loss', 'dy_pr')))
    dw7 = p.dy_pr*(1 - p.tanh**2)
    dw6 = dw7*p.exp
    dw8 = p.dy_pr*w.w9*p.sigmoid*(1 - p.sigmoid)
    common12 = dw6*2*(w.w1*f.x1 + w.w2*f.x2)
    common45 = dw8*math.sin(w.w3*f.x3)
    return dict(
        dw1=common12*f.x1,
        dw2=common12*f.x2,
        dw3=dw8*(w.w4*f.x4 + w.w5*f.x5)*math.cos(w.w3*f.x3)*f.x3,
        dw4=common45*f.x4,
        dw5=common45*f.x5,
        dw6=dw6, dw7=dw7, dw8=dw8,
        dw9=p.dy_pr*p.sigmoid,
    )

def gradient_checking(x, y, w, eps=1e-7):
    exact = backward_propagation(x, w, forward_propagation(x, y, w))
    exact = np.array([exact['dw%d' % i] for i in range(1, 10)])
    approx = np.arange(9)
    for i in range(9):
        up, down = np.array(w, float), np.array(w, float)
        up[i] += eps
        down[i] -= eps
        approx[i] = (forward_propagation(x, y, up)['loss'] - forward_propagation(x, y, down)['loss'])/(2*eps)
    return np.linalg.norm(exact - approx)/(np.linalg.norm(exact) + np.linalg.norm(approx))
