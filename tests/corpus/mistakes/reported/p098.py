# gradient_checking: ratio-per-weight
# mutated: ratios.append(abs(real - approx)/(abs(real) + abs(approx)))
# mutated: return np.mean(ratios)
# truth: a ratio is formed for each weight and their mean returned, in place of one ratio of the norms of the vectors

import numpy as np

# every step: name, function of the values, derivative of it w.r.t. each input name
def program(x, w):
    return [
        ('s12',  ('w1', 'w2'),          lambda v: v['w1']*x[0] + v['w2']*x[1],       lambda v: (x[0], x[1])),
        ('sq',   ('s12',),              lambda v: v['s12']**2,                       lambda v: (2*v['s12'],)),
        ('s6',   ('sq', 'w6'),          lambda v: v['sq'] + v['w6'],                 lambda v: (1, 1)),
        ('exp',  ('s6',),               lambda v: np.exp(v['s6']),                   lambda v: (v['exp'],)),
        ('s7',   ('exp', 'w7'),         lambda v: v['exp'] + v['w7'],                lambda v: (1, 1)),
        ('tanh', ('s7',),               lambda v: np.tanh(v['s7']),                  lambda v: (1 - v['tanh']**2,)),
        ('sin',  ('w3',),               lambda v: np.sin(v['w3']*x[2]),              lambda v: (np.cos(v['w3']*x[2])*x[2],)),
        ('s45',  ('w4', 'w5'),          lambda v: v['w4']*x[3] + v['w5']*x[4],       lambda v: (x[3], x[4])),
        ('prod', ('sin', 's45'),        lambda v: v['sin']*v['s45'],                 lambda v: (v['s45'], v['sin'])),
        ('s8',   ('prod', 'w8'),        lambda v: v['prod'] + v['w8'],               lambda v: (1, 1)),
        ('sigmoid', ('s8',),            lambda v: sigmoid(v['s8']),                  lambda v: (v['sigmoid']*(1 - v['sigmoid']),)),
        ('y_pred', ('tanh', 'w9', 'sigmoid'), lambda v: v['tanh'] + v['w9']*v['sigmoid'], lambda v: (1, v['sigmoid'], v['w9'])),
    ]

def run_program(x, w):
    v = {f'w{i + 1}': w[i] for i in range(9)}
    for name, _, f, _ in program(x, w):
        v[name] = f(v)
    return v

def sigmoid(z):
    return 1./(1. + np.exp(-z))

def forward_propagation(x, y, w):
    v = run_program(x, w)
    v['loss'] = (y - v['y_pred'])**2
    v['dy_pr'] = 2*(v['y_pred'] - y)
    return v

def backward_propagation(x, w, forward_dict):
    v = run_program(x, w)
    grad = dict.fromkeys(v, 0.0)
    grad['y_pred'] = forward_dict['dy_pr']
    for name, inputs, _, local in reversed(program(x, w)):
        for inp, d in zip(inputs, local(v)):
            grad[inp] += grad[name]*d
    return {'d' + name: grad[name] for name in grad}

def gradient_checking(x, y, w, eps=1e-7):
    back = backward_propagation(x, w, forward_propagation(x, y, w))
    ratios = []
    for pos in range(9):
        up, down = list(w), list(w)
        up[pos] += eps
        down[pos] -= eps
        approx = (forward_propagation(x, y, up)['loss'] - forward_propagation(x, y, down)['loss'])/(2*eps)
        real = back['dw%d' % (pos + 1)]
        ratios.append(abs(real - approx)/(abs(real) + abs(approx)))
    return np.mean(ratios)
