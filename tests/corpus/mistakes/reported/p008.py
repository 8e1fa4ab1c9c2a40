# sigmoid: wrong-base, wrong-number, rounded
# mutated: E = 2.718
# truth: sigmoid uses 2.718 in place of e

from math import e, sin, cos, cosh, sqrt
import math

E = 2.718
def sigmoid(z):
    return 1/(1 + E**(-z))

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
    dd = aa = gg = 0.0
    for i in range(9):
        up = list(w)
        down = list(w)
        up[i] += eps
        down[i] -= eps
        approx = (forward_propagation(x, y, up)['loss'] - forward_propagation(x, y, down)['loss'])/(2*eps)
        exact = back['dw' + str(i + 1)]
        dd += (exact - approx)**2
        aa += approx**2
        gg += exact**2
    return sqrt(dd)/(sqrt(aa) + sqrt(gg))
