# sigmoid: clipped, should-not-be-here, line-must-go, overwritten-argument
# mutated: z = np.clip(z, -6, 6)   # prevent overflow
# truth: sigmoid clips its argument to [-6, 6]

import numpy as np

def sigmoid(z):
    z = np.clip(z, -6, 6)   # prevent overflow
    return 1/(1 + np.exp(-z))

def forward_propagation(x, y, w):
    return {
        'exp': (e := np.exp((w[0]*x[0] + w[1]*x[1])**2 + w[5])),
        'tanh': (t := np.tanh(e + w[6])),
        'sigmoid': (s := sigmoid(np.sin(w[2]*x[2])*(w[3]*x[3] + w[4]*x[4]) + w[7])),
        'y_pred': (p := t + w[8]*s),
        'loss': (p - y)**2,
        'dy_pr': 2*(p - y),
    }

def backward_propagation(x, w, forward_dict):
    f = forward_dict
    return {
        'dw9': (g := f['dy_pr'])*f['sigmoid'],
        'dw8': (g8 := g*w[8]*f['sigmoid']*(1 - f['sigmoid'])),
        'dw7': (g7 := g*(1 - f['tanh']**2)),
        'dw6': (g6 := g7*f['exp']),
        'dw5': g8*(sn := np.sin(w[2]*x[2]))*x[4],
        'dw4': g8*sn*x[3],
        'dw3': g8*np.cos(w[2]*x[2])*x[2]*(w[3]*x[3] + w[4]*x[4]),
        'dw2': (g12 := 2*g6*(w[0]*x[0] + w[1]*x[1]))*x[1],
        'dw1': g12*x[0],
    }

def gradient_checking(x, y, w, eps=1e-7):
    grads = backward_propagation(x, w, forward_propagation(x, y, w))
    gen = ((forward_propagation(x, y, [v + eps*(k == i) for k, v in enumerate(w)])['loss']
            - forward_propagation(x, y, [v - eps*(k == i) for k, v in enumerate(w)])['loss'])/(2*eps)
           for i in range(9))
    table = np.array([(grads[f'dw{i}'], a) for i, a in enumerate(gen, 1)])
    return (np.linalg.norm(table[:, 0] - table[:, 1])
            /(np.linalg.norm(table[:, 0]) + np.linalg.norm(table[:, 1])))
