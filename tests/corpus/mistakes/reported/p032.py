# forward_propagation: twice, should-not-be-here, line-must-go
# mutated: part3 = sigmoid(part3)
# truth: sigmoid is applied twice, once to the sum and again to its result

import numpy as np

def sigmoid(z):
    a = np.exp(z/2)
    b = np.exp(-z/2)
    return a/(a + b)

def forward_propagation(x, y, w):
    part1 = np.exp((w[0]*x[0] + w[1]*x[1])**2 + w[5])
    part2 = np.tanh(part1 + w[6])
    part3 = sigmoid(np.sin(w[2]*x[2])*(w[3]*x[3] + w[4]*x[4]) + w[7])
    part3 = sigmoid(part3)
    output = part2 + w[8]*part3
    loss = np.square(y - output)
    return {'exp': part1, 'tanh': part2, 'sigmoid': part3, 'loss': loss, 'dy_pr': 2*(output - y)}

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
