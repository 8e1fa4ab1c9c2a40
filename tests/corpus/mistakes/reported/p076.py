# backward_propagation: wrong-derivative, wrong-function
# mutated: dw7 = d*deriv(th)
# truth: the derivative of tanh is taken to be tanh*(1-tanh), which is the form of the sigmoid's

import numpy as np

def sigmoid(z):
    e2 = np.exp(-abs(z))
    small = e2/(1 + e2)
    return 1 - small if z > 0 else small

def forward_propagation(x, y, w):
    z1 = (w[0]*x[0] + w[1]*x[1])**2 + w[5]
    ex = np.e**z1
    z2 = ex + w[6]
    th = (np.exp(z2) - np.exp(-z2))/(np.exp(z2) + np.exp(-z2))
    z3 = np.sin(w[2]*x[2])*w[3]*x[3] + np.sin(w[2]*x[2])*w[4]*x[4] + w[7]
    sg = sigmoid(z3)
    yp = th + sg*w[8]
    L = y**2 - 2*y*yp + yp**2 if False else (y - yp)*(y - yp)
    dict_ = {}
    for name, val in [('exp', ex), ('tanh', th), ('sigmoid', sg), ('loss', L), ('dy_pr', 2*yp - 2*y)]:
        dict_[name] = val
    return dict_

def backward_propagation(x, w, forward_dict):
    ex, th, sg = forward_dict['exp'], forward_dict['tanh'], forward_dict['sigmoid']
    d = forward_dict['dy_pr']
    deriv = lambda a: a*(1 - a)
    dw9 = d*sg
    dw8 = d*w[8]*deriv(sg)
    dw7 = d*deriv(th)
    dw6 = dw7*ex
    dw1 = dw6*2*(w[0]*x[0] + w[1]*x[1])*x[0]
    dw2 = dw6*2*(w[0]*x[0] + w[1]*x[1])*x[1]
    dw3 = dw8*np.cos(w[2]*x[2])*x[2]*(w[3]*x[3] + w[4]*x[4])
    dw4 = dw8*np.sin(w[2]*x[2])*x[3]
    dw5 = dw8*np.sin(w[2]*x[2])*x[4]
    return {'dw1': dw1, 'dw2': dw2, 'dw3': dw3, 'dw4': dw4, 'dw5': dw5, 'dw6': dw6, 'dw7': dw7, 'dw8': dw8, 'dw9': dw9}

def gradient_checking(x, y, w, eps=1e-7):
    g = backward_propagation(x, w, forward_propagation(x, y, w))
    upper = np.zeros(9)
    lower = np.zeros(9)
    for i in range(9):
        v = np.array(w, dtype=float)
        v[i] += eps
        upper[i] = forward_propagation(x, y, v)['loss']
    for i in range(9):
        v = np.array(w, dtype=float)
        v[i] -= eps
        lower[i] = forward_propagation(x, y, v)['loss']
    ga = (upper - lower)/(2*eps)
    gb = np.array([g['dw' + c] for c in '123456789'])
    return np.linalg.norm(gb - ga)/(np.linalg.norm(gb) + np.linalg.norm(ga))
