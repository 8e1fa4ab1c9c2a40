# backward_propagation: missing-key, raised
# mutated: dl = 2*(forward_dict['y_pred'] - forward_dict['y'])
# truth: backward_propagation asks for forward_dict['y_pred'] and ['y'], which forward_propagation does not return

import numpy as np
from functools import lru_cache, wraps

def nine(fn):
    @wraps(fn)
    def inner(x, w, fd):
        vals = fn(tuple(map(float, x)), tuple(map(float, w)), fd)
        return {'dw' + str(i): v for i, v in enumerate(vals, 1)}
    return inner

@lru_cache(maxsize=None)
def sigmoid(z):
    return float(1/(1 + np.exp(-z)))

def forward_propagation(x, y, w):
    def nodes():
        e = np.exp((x[0]*w[0] + x[1]*w[1])**2 + w[5])
        yield 'exp', e
        t = np.tanh(e + w[6])
        yield 'tanh', t
        s = sigmoid(np.sin(x[2]*w[2])*(x[3]*w[3] + x[4]*w[4]) + w[7])
        yield 'sigmoid', s
        p = t + w[8]*s
        yield 'loss', (y - p)**2
        yield 'dy_pr', 2*(p - y)
    return dict(nodes())

def backward_propagation(x, w, forward_dict):
    exp = forward_dict['exp']
    tanh = forward_dict['tanh']
    sig = forward_dict['sigmoid']
    dl = 2*(forward_dict['y_pred'] - forward_dict['y'])
    dw9 = dl*sig
    dw8 = dl*w[8]*sig*(1-sig)
    dw7 = dl*(1-tanh**2)
    dw6 = dw7*exp
    dw5 = dw8*np.sin(x[2]*w[2])*x[4]
    dw4 = dw8*np.sin(x[2]*w[2])*x[3]
    dw3 = dw8*(x[3]*w[3]+x[4]*w[4])*np.cos(x[2]*w[2])*x[2]
    dw2 = dw6*2*(x[0]*w[0]+x[1]*w[1])*x[1]
    dw1 = dw6*2*(x[0]*w[0]+x[1]*w[1])*x[0]
    return {'dw1':dw1,'dw2':dw2,'dw3':dw3,'dw4':dw4,'dw5':dw5,'dw6':dw6,'dw7':dw7,'dw8':dw8,'dw9':dw9}

def gradient_checking(x, y, w, eps=1e-7):
    saved = list(w)
    approx = []
    for i in range(9):
        w2 = np.array(saved, dtype=float)
        w2[i] += eps
        a = forward_propagation(x, y, w2)['loss']
        w2[i] -= 2*eps
        b = forward_propagation(x, y, w2)['loss']
        approx.append((a - b)/2/eps)
    real = list(backward_propagation(x, w, forward_propagation(x, y, w)).values())[:9]
    real, approx = np.array(real), np.array(approx)
    return np.linalg.norm(real - approx)/(np.linalg.norm(real) + np.linalg.norm(approx))
