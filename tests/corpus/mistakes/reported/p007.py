# sigmoid: too-large, missing-factor, missing-some-factor
# mutated: return (np.tanh(z) + 1)/2
# truth: sigmoid by way of tanh forgets to halve the argument of tanh

import cmath
import numpy as np
from functools import reduce
from operator import mul

def sigmoid(z):
    # sigma is a shifted and squeezed tanh
    return (np.tanh(z) + 1)/2

def forward_propagation(x, y, w):
    rot = cmath.exp(1j*w[2]*x[2])                 # cos + i sin
    base = (w[0]*x[0] + w[1]*x[1])**2
    exp = np.exp(base)*np.exp(w[5])
    tanh = np.tanh(exp + w[6])
    sig = sigmoid(rot.imag*(w[3]*x[3] + w[4]*x[4]) + w[7])
    delta = tanh + w[8]*sig - y
    return {'dy_pr': 2*delta, 'loss': delta*delta, 'sigmoid': sig, 'tanh': tanh, 'exp': exp}

def backward_propagation(x, w, forward_dict):
    prod = lambda *factors: reduce(mul, factors)
    d, ex, th, sg = (forward_dict[k] for k in ('dy_pr', 'exp', 'tanh', 'sigmoid'))
    rot = cmath.exp(1j*w[2]*x[2])
    s12 = w[0]*x[0] + w[1]*x[1]
    s45 = w[3]*x[3] + w[4]*x[4]
    back = {}
    back['dw1'] = prod(d, 1 - th**2, ex, 2, s12, x[0])
    back['dw2'] = prod(d, 1 - th**2, ex, 2, s12, x[1])
    back['dw3'] = prod(d, w[8], sg, 1 - sg, s45, rot.real, x[2])
    back['dw4'] = prod(d, w[8], sg, 1 - sg, rot.imag, x[3])
    back['dw5'] = prod(d, w[8], sg, 1 - sg, rot.imag, x[4])
    back['dw6'] = prod(d, 1 - th**2, ex)
    back['dw7'] = prod(d, 1 - th**2)
    back['dw8'] = prod(d, w[8], sg, 1 - sg)
    back['dw9'] = prod(d, sg)
    return back

def gradient_checking(x, y, w, eps=1e-7):
    def L(h, i):
        v = np.array(w, dtype=float)
        v[i] += h
        return forward_propagation(x, y, v)['loss']
    slopes = np.fromiter(((L(eps, i) - L(-eps, i))/(2*eps) for i in range(9)), dtype=float)
    b = backward_propagation(x, w, forward_propagation(x, y, w))
    theory = np.fromiter((b[f'dw{i}'] for i in range(1, 10)), dtype=float)
    return np.linalg.norm(theory - slopes)/sum(map(np.linalg.norm, (theory, slopes)))
