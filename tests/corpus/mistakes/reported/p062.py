# backward_propagation: outlives-the-call
# mutated: def backward_propagation(x, w, forward_dict, grads=[]):
# truth: the list of gradients is a mutable default argument: from the second call on, the gradients of the first call come back

import numpy as np

def sigmoid(z):
    a = np.exp(z/2)
    b = np.exp(-z/2)
    return a/(a + b)

def forward_propagation(x, y, w):
    return {
        'exp': (e := np.exp((w[0]*x[0] + w[1]*x[1])**2 + w[5])),
        'tanh': (t := np.tanh(e + w[6])),
        'sigmoid': (s := sigmoid(np.sin(w[2]*x[2])*(w[3]*x[3] + w[4]*x[4]) + w[7])),
        'y_pred': (p := t + w[8]*s),
        'loss': (p - y)**2,
        'dy_pr': 2*(p - y),
    }

def backward_propagation(x, w, forward_dict, grads=[]):
    e, t, s, d = (forward_dict[k] for k in ('exp', 'tanh', 'sigmoid', 'dy_pr'))
    a = d*(1 - t**2)
    b = d*w[8]*s*(1 - s)
    for k in (0, 1):
        grads.append(a*e*2*(w[0]*x[0] + w[1]*x[1])*x[k])
    grads.append(b*(w[3]*x[3] + w[4]*x[4])*np.cos(w[2]*x[2])*x[2])
    for k in (3, 4):
        grads.append(b*np.sin(w[2]*x[2])*x[k])
    grads.extend([a*e, a, b, d*s])
    return {f'dw{i + 1}': grads[i] for i in range(9)}

def gradient_checking(x, y, w, eps=1e-7):
    grads = backward_propagation(x, w, forward_propagation(x, y, w))
    gen = ((forward_propagation(x, y, [v + eps*(k == i) for k, v in enumerate(w)])['loss']
            - forward_propagation(x, y, [v - eps*(k == i) for k, v in enumerate(w)])['loss'])/(2*eps)
           for i in range(9))
    table = np.array([(grads[f'dw{i}'], a) for i, a in enumerate(gen, 1)])
    return (np.linalg.norm(table[:, 0] - table[:, 1])
            /(np.linalg.norm(table[:, 0]) + np.linalg.norm(table[:, 1])))
