# backward_propagation: sign, operator
# mutated: s = x[3]*w[3] - x[4]*w[4]
# truth: w4x4 - w5x5 is recomputed with a minus where the graph has a plus, so dw3 is wrong

import math
import numpy as np

class Net:
    def __init__(self, w):
        self.w = [float(v) for v in w]

    def part1(self, x):
        return math.exp(self.s12(x)**2 + self.w[5])

    def s12(self, x):
        return self.w[0]*x[0] + self.w[1]*x[1]

    def s45(self, x):
        return self.w[3]*x[3] + self.w[4]*x[4]

    def angle(self, x):
        return self.w[2]*x[2]

    def part2(self, x):
        return math.tanh(self.part1(x) + self.w[6])

    def part3(self, x):
        return sigmoid(math.sin(self.angle(x))*self.s45(x) + self.w[7])

    def predict(self, x):
        return self.part2(x) + self.w[8]*self.part3(x)

    def gradient(self, x):
        t, s = self.part2(x), self.part3(x)
        g7 = 1 - t*t
        g6 = g7*self.part1(x)
        g8 = self.w[8]*s*(1 - s)
        return [g6*2*self.s12(x)*x[0], g6*2*self.s12(x)*x[1],
                g8*self.s45(x)*math.cos(self.angle(x))*x[2],
                g8*math.sin(self.angle(x))*x[3], g8*math.sin(self.angle(x))*x[4],
                g6, g7, g8, s]

def sigmoid(z):
    s = 1/(1 + math.exp(-abs(z)))
    return s if z >= 0 else s*math.exp(z)

def forward_propagation(x, y, w):
    net = Net(w)
    p = net.predict(x)
    return {'exp': net.part1(x), 'tanh': net.part2(x), 'sigmoid': net.part3(x),
            'loss': (y - p)**2, 'dy_pr': 2*(p - y)}

class BackwardPass:
    """walks back through the graph"""
    def __init__(self, x, w, cache):
        self.x = x
        self.w = w
        self.cache = cache

    def branch1(self):
        x, w = self.x, self.w
        g7 = self.cache['dy_pr']*(1 - self.cache['tanh']**2)
        g6 = g7*self.cache['exp']
        s = x[0]*w[0] + x[1]*w[1]
        return g6*2*s*x[0], g6*2*s*x[1], g6, g7

    def branch3(self):
        x, w = self.x, self.w
        g8 = self.cache['dy_pr']*w[8]*self.cache['sigmoid']*(1 - self.cache['sigmoid'])
        s = x[3]*w[3] - x[4]*w[4]
        a = x[2]*w[2]
        return g8*s*math.cos(a)*x[2], g8*math.sin(a)*x[3], g8*math.sin(a)*x[4], g8

def backward_propagation(x, w, forward_dict):
    bp = BackwardPass(x, w, forward_dict)
    dw1, dw2, dw6, dw7 = bp.branch1()
    dw3, dw4, dw5, dw8 = bp.branch3()
    dw9 = forward_dict['dy_pr']*forward_dict['sigmoid']
    return {'dw1': dw1, 'dw2': dw2, 'dw3': dw3, 'dw4': dw4, 'dw5': dw5, 'dw6': dw6, 'dw7': dw7, 'dw8': dw8, 'dw9': dw9}

class Checker:
    def __init__(self, x, y, w, eps):
        self.x, self.y, self.w, self.eps = x, y, np.array(w, dtype=float), eps

    def loss(self, w):
        return forward_propagation(self.x, self.y, w)['loss']

    def numeric(self, i):
        step = np.zeros_like(self.w)
        step[i] = self.eps
        return (self.loss(self.w + step) - self.loss(self.w - step))/(2*self.eps)

    def analytic(self):
        d = backward_propagation(self.x, self.w, forward_propagation(self.x, self.y, self.w))
        return np.array([d['dw%i' % i] for i in range(1, 10)])

def gradient_checking(x, y, w, eps=1e-7):
    c = Checker(x, y, w, eps)
    a, n = c.analytic(), np.array([c.numeric(i) for i in range(9)])
    return np.linalg.norm(a - n)/(np.linalg.norm(a) + np.linalg.norm(n))
