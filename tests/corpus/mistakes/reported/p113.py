# gradient_checking: cut-off, should-not-be-here, wrong-norm
# mutated: approx.append(round(diff/(2*eps), 4))
# mutated: length = lambda v: np.sum(np.abs(v))
# truth: l1 lengths (sums of absolute values) are used in place of Euclidean norms, and the approximations are rounded to 4 decimals

import numpy as np

def sigmoid(z):
    return np.reciprocal(1 + np.exp(-float(z)))

A = np.array([[1, 1, 0, 0, 0],
              [0, 0, 1, 0, 0],
              [0, 0, 0, 1, 1]])

def forward_propagation(x, y, w):
    s12, t3, s45 = A @ (np.asarray(x)*np.asarray(w)[:5])
    exp = np.exp(s12*s12 + w[5])
    tanh = np.tanh(exp + w[6])
    sig = sigmoid(np.sin(t3)*s45 + w[7])
    r = y - (tanh + w[8]*sig)
    return {'exp': exp, 'tanh': tanh, 'sigmoid': sig, 'loss': r*r, 'dy_pr': -2*r}

B = np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]])

def backward_propagation(x, w, forward_dict):
    x, w = np.array(x, float), np.array(w, float)
    e, t, s = forward_dict['exp'], forward_dict['tanh'], forward_dict['sigmoid']
    s12, t3, s45 = B @ (x*w[:5])
    # jacobian of (s12, t3, s45) -> y_pred, as a row vector
    slope_t = 1 - t*t
    slope_s = w[8]*s*(1 - s)
    row = np.array([slope_t*e*2*s12, slope_s*s45*np.cos(t3), slope_s*np.sin(t3)])
    first_five = (row @ B)*x
    rest = np.array([slope_t*e, slope_t, slope_s, s])
    grad = forward_dict['dy_pr']*np.concatenate([first_five, rest])
    return {'dw' + str(i): g for i, g in zip(range(1, 10), grad)}

def gradient_checking(x, y, w, eps=1e-7):
    grads = backward_propagation(x, w, forward_propagation(x, y, w))
    exact, approx = [], []
    for i in range(9):
        shift = np.zeros(9)
        shift[i] = eps
        diff = forward_propagation(x, y, w + shift)['loss'] - forward_propagation(x, y, w - shift)['loss']
        approx.append(round(diff/(2*eps), 4))
        exact.append(grads['dw%d' % (i + 1)])
    exact, approx = np.array(exact), np.array(approx)
    length = lambda v: np.sum(np.abs(v))
    return length(exact - approx)/(length(exact) + length(approx))
