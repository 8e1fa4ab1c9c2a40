# gradient_checking: should-not-be-here
# mutated: approx.append(abs(a - b)/(2*eps))
# truth: the approximate gradient is an absolute value, so its sign is lost

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

@nine
def backward_propagation(x, w, fd):
    common7 = fd['dy_pr']*(1 - fd['tanh']**2)
    common8 = fd['dy_pr']*w[8]*fd['sigmoid']*(1 - fd['sigmoid'])
    for k in range(2):
        yield 2*common7*fd['exp']*(x[0]*w[0] + x[1]*w[1])*x[k]
    yield common8*(x[3]*w[3] + x[4]*w[4])*np.cos(x[2]*w[2])*x[2]
    for k in (3, 4):
        yield common8*np.sin(x[2]*w[2])*x[k]
    yield common7*fd['exp']
    yield common7
    yield common8
    yield fd['dy_pr']*fd['sigmoid']

def gradient_checking(x, y, w, eps=1e-7):
    real = backward_propagation(x, w, forward_propagation(x, y, w))
    approx = []
    for i in range(9):
        w2 = np.array(w, dtype=float)
        w2[i] += eps
        a = forward_propagation(x, y, w2)['loss']
        w2[i] -= 2*eps
        b = forward_propagation(x, y, w2)['loss']
        approx.append(abs(a - b)/(2*eps))
    real, approx = np.array(list(real.values())), np.array(approx)
    return np.linalg.norm(real - approx)/(np.linalg.norm(real) + np.linalg.norm(approx))
