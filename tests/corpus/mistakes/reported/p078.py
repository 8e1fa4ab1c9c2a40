# backward_propagation: adds-up, missing-term
# mutated: p.grad = v.grad*local
# truth: the little autograd overwrites a node's gradient and does not add to it, so the square (used twice) loses its factor 2 in dw1 and dw2

import math
import numpy as np

class Value:
    """a number that remembers how it was made (like micrograd)"""
    def __init__(self, data, parents=()):
        self.data = data
        self.parents = parents      # pairs (Value, local derivative)
        self.grad = 0.0

    def __add__(self, other):
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        return Value(self.data*other.data, ((self, other.data), (other, self.data)))

    def apply(self, f, df):
        return Value(f(self.data), ((self, df(self.data)),))

    def backward(self, seed):
        order, seen = [], set()
        def visit(v):
            if id(v) not in seen:
                seen.add(id(v))
                for p, _ in v.parents:
                    visit(p)
                order.append(v)
        visit(self)
        self.grad = seed
        for v in reversed(order):
            for p, local in v.parents:
                p.grad = v.grad*local

def sigmoid(z):
    return 1.0/(1.0 + math.exp(-z)) if z > -700 else 0.0

def _graph(x, w):
    x = [Value(float(a)) for a in x]
    w = [Value(float(a)) for a in w]
    s12 = w[0]*x[0] + w[1]*x[1]
    e = (s12*s12 + w[5]).apply(math.exp, math.exp)
    t = (e + w[6]).apply(math.tanh, lambda a: 1 - math.tanh(a)**2)
    sn = (w[2]*x[2]).apply(math.sin, math.cos)
    s = (sn*(w[3]*x[3] + w[4]*x[4]) + w[7]).apply(sigmoid, lambda a: sigmoid(a)*(1 - sigmoid(a)))
    return w, e, t, s, t + w[8]*s

def forward_propagation(x, y, w):
    _, e, t, s, out = _graph(x, w)
    return {'exp': e.data, 'tanh': t.data, 'sigmoid': s.data,
            'loss': (y - out.data)**2, 'dy_pr': 2*(out.data - y)}

def backward_propagation(x, w, forward_dict):
    leaves, _, _, _, out = _graph(x, w)
    out.backward(forward_dict['dy_pr'])
    return {f'dw{i}': leaf.grad for i, leaf in enumerate(leaves, 1)}

def gradient_checking(x, y, w, eps=1e-7):
    g = backward_propagation(x, w, forward_propagation(x, y, w))
    diff, exact, approx = [], [], []
    for i in range(9):
        e = np.zeros(9)
        e[i] = eps
        a = (forward_propagation(x, y, w + e)['loss'] - forward_propagation(x, y, w - e)['loss'])/2/eps
        approx.append(a)
        exact.append(g['dw%s' % (i + 1)])
        diff.append(exact[-1] - a)
    n = np.linalg.norm
    return n(diff)/(n(exact) + n(approx))
