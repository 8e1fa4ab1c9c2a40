# backward_propagation: twice, should-not-be-here
# mutated: return sigmoid(z)*(1 - sigmoid(z))
# mutated: dw8 = dy_pr*w[8]*d_sigmoid(s)
# truth: the derivative of sigmoid is taken at the sigmoid's value and not at its argument: sigmoid(sig)*(1-sigmoid(sig))

import math
import numpy as np

FIVE, NINE = 5, 9

def sigmoid(z):
    try:
        return 1/(1 + math.exp(-z))
    except OverflowError:
        return 0.0

def forward_propagation(x, y, w):
    assert len(x) == FIVE, 'five features please'
    assert len(w) == NINE, 'nine weights please'
    try:
        exp = math.exp((x[0]*w[0] + x[1]*w[1])**2 + w[5])
    except OverflowError:
        exp = float('inf')
    tanh = math.tanh(exp + w[6])
    sig = sigmoid(math.sin(x[2]*w[2])*(x[3]*w[3] + x[4]*w[4]) + w[7])
    y_hat = math.fsum([tanh, w[8]*sig])
    return {'exp': exp, 'tanh': tanh, 'sigmoid': sig, 'loss': (y - y_hat)**2, 'dy_pr': 2*(y_hat - y)}

def backward_propagation(x, w, forward_dict):
    def d_sigmoid(z):
        return sigmoid(z)*(1 - sigmoid(z))
    dy_pr = forward_dict['dy_pr']
    t, s, e = forward_dict['tanh'], forward_dict['sigmoid'], forward_dict['exp']
    sine, cosine = math.sin(w[2]*x[2]), math.cos(w[2]*x[2])
    dw9 = dy_pr*s
    dw8 = dy_pr*w[8]*d_sigmoid(s)
    dw3 = dw8*(w[3]*x[3] + w[4]*x[4])*cosine*x[2]
    dw4 = dw8*sine*x[3]
    dw5 = dw8*sine*x[4]
    dw7 = dy_pr*(1 - t**2)
    dw6 = dw7*e
    dw1 = dw6*2*(w[0]*x[0] + w[1]*x[1])*x[0]
    dw2 = dw6*2*(w[0]*x[0] + w[1]*x[1])*x[1]
    return {'dw1': dw1, 'dw2': dw2, 'dw3': dw3, 'dw4': dw4, 'dw5': dw5, 'dw6': dw6, 'dw7': dw7, 'dw8': dw8, 'dw9': dw9}

def gradient_checking(x, y, w, eps=1e-7):
    if eps <= 0:
        raise ValueError('eps must be positive')
    analytic = backward_propagation(x, w, forward_propagation(x, y, w))
    analytic = [analytic[f'dw{k}'] for k in range(1, NINE + 1)]
    numeric = []
    for k in range(NINE):
        left, right = list(w), list(w)
        left[k], right[k] = w[k] - eps, w[k] + eps
        rise = forward_propagation(x, y, right)['loss'] - forward_propagation(x, y, left)['loss']
        numeric.append(rise/(2*eps))
    distance = math.sqrt(sum((a - n)**2 for a, n in zip(analytic, numeric)))
    lengths = math.sqrt(sum(a**2 for a in analytic)) + math.sqrt(sum(n**2 for n in numeric))
    return distance/lengths if lengths else 0.0
