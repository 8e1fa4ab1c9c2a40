# forward_propagation: must-go, missing-factor, missing-some-factor, wrong-number
# mutated: self.loss = 0.5*(self.y - self.y_pred)**2
# truth: the loss is multiplied by one half

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

class ForwardPass:
    def __init__(self, x, y, w):
        self.x, self.y, self.w = x, y, w

    def run(self):
        x, w = self.x, self.w
        self.exp = math.exp((x[0]*w[0] + x[1]*w[1])**2 + w[5])
        self.tanh = math.tanh(self.exp + w[6])
        self.sigmoid = sigmoid(math.sin(x[2]*w[2])*(x[3]*w[3] + x[4]*w[4]) + w[7])
        self.y_pred = self.tanh + w[8]*self.sigmoid
        self.loss = 0.5*(self.y - self.y_pred)**2
        self.dy_pr = 2*(self.y_pred - self.y)
        return {k: getattr(self, k) for k in ('exp', 'tanh', 'sigmoid', 'loss', 'dy_pr')}

def forward_propagation(x, y, w):
    return ForwardPass(x, y, w).run()

def backward_propagation(x, w, forward_dict):
    net = Net(w)
    return {'dw%i' % (i + 1): forward_dict['dy_pr']*g for i, g in enumerate(net.gradient(x))}

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
