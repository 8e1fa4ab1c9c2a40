# forward_propagation: integer-array, wrong-name
# mutated: products = np.zeros(5, dtype=int)
# truth: the intermediate values are stored in an integer array, which cuts off their decimals

import numpy as np
import math as m

def sigmoid(z):
    "sigmoid of a single number, by its symmetry sigma(-z) = 1 - sigma(z)"
    flip = z < 0
    value = 1/(1 + m.exp(-abs(z)))
    return m.exp(-abs(z))*value if flip else value

def forward_propagation(x, y, w):
    products = np.zeros(5, dtype=int)
    for k in range(5):
        products[k] = w[k]*x[k]
    exp = m.exp((products[0] + products[1])**2 + w[5])
    tanh = m.tanh(exp + w[6])
    sig = sigmoid(m.sin(products[2])*(products[3] + products[4]) + w[7])
    y_pred = tanh + w[8]*sig
    loss = (y - y_pred)**2
    dy_pr = 2*(y_pred - y)
    return {'exp': exp, 'tanh': tanh, 'sigmoid': sig, 'loss': loss, 'dy_pr': dy_pr}

def backward_propagation(x, w, forward_dict):
    def dpred_dpart1():
        return 1 - forward_dict['tanh']**2
    def dpred_dpart3():
        return w[8]*forward_dict['sigmoid']*(1 - forward_dict['sigmoid'])
    def dpart1(k):
        return forward_dict['exp']*(2*(w[0]*x[0] + w[1]*x[1])*x[k] if k < 2 else 1)
    def dpart3(k):
        if k == 2:
            return x[2]*m.cos(w[2]*x[2])*(w[3]*x[3] + w[4]*x[4])
        if k in (3, 4):
            return x[k]*m.sin(w[2]*x[2])
        return 1
    backward = {}
    for k in range(9):
        if k in (0, 1, 5):
            g = dpred_dpart1()*dpart1(k)
        elif k == 6:
            g = dpred_dpart1()
        elif k == 8:
            g = forward_dict['sigmoid']
        else:
            g = dpred_dpart3()*dpart3(k)
        backward['dw' + str(k + 1)] = forward_dict['dy_pr']*g
    return backward

def gradient_checking(x, y, w, eps=1e-7):
    from copy import deepcopy
    back = backward_propagation(x, w, forward_propagation(x, y, w))
    total = np.zeros(3)
    for i in range(9):
        plus = deepcopy(w)
        plus[i] += eps
        minus = deepcopy(w)
        minus[i] -= eps
        num = (forward_propagation(x, y, plus)['loss'] - forward_propagation(x, y, minus)['loss'])/(2*eps)
        ana = back['dw' + str(i + 1)]
        total += np.array([(ana - num)**2, ana**2, num**2])
    root = np.sqrt(total)
    return root[0]/(root[1] + root[2])
