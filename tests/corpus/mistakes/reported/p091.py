# gradient_checking: missing-square, must-go
# mutated: diff += exact - approx
# mutated: return sqrt(diff**2)/(sqrt(aa) + sqrt(gg))
# truth: the signed differences are summed before the square, so errors of different sign cancel: the sum is squared and not the terms

from math import e, sin, cos, cosh, sqrt
import math

def sigmoid(z):
    if z < 0:
        t = math.exp(z)
        return t / (1 + t)
    return 1 / (1 + math.exp(-z))

def forward_propagation(x, y, w):
    a = x[0]*w[0] + x[1]*w[1]
    E = math.exp(a*a + w[5])
    T = math.tanh(E + w[6])
    S = sigmoid(sin(w[2]*x[2])*(w[3]*x[3] + w[4]*x[4]) + w[7])
    pred = T + w[8]*S
    err = pred - y
    return dict(exp=E, tanh=T, sigmoid=S, loss=err*err, dy_pr=err + err)

def backward_propagation(x, w, fd):
    g = fd['dy_pr']
    out = {}
    out['dw9'] = g*fd['sigmoid']
    out['dw8'] = g*w[8]*(fd['sigmoid'] - fd['sigmoid']**2)
    out['dw7'] = g/cosh(fd['exp'] + w[6])**2
    out['dw6'] = out['dw7']*fd['exp']
    out['dw5'] = out['dw8']*sin(w[2]*x[2])*x[4]
    out['dw4'] = out['dw8']*sin(w[2]*x[2])*x[3]
    out['dw3'] = out['dw8']*cos(w[2]*x[2])*x[2]*(w[3]*x[3] + w[4]*x[4])
    out['dw2'] = out['dw6']*2*(x[0]*w[0] + x[1]*w[1])*x[1]
    out['dw1'] = out['dw6']*2*(x[0]*w[0] + x[1]*w[1])*x[0]
    return out

def gradient_checking(x, y, w, eps=1e-7):
    back = backward_propagation(x, w, forward_propagation(x, y, w))
    diff = aa = gg = 0.0
    for i in range(9):
        up, down = list(w), list(w)
        up[i] += eps
        down[i] -= eps
        approx = (forward_propagation(x, y, up)['loss'] - forward_propagation(x, y, down)['loss'])/(2*eps)
        exact = back['dw' + str(i + 1)]
        diff += exact - approx
        aa += approx**2
        gg += exact**2
    return sqrt(diff**2)/(sqrt(aa) + sqrt(gg))
