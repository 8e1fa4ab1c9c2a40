# gradient_checking: difference-of-norms, never-detects
# mutated: return abs(norm_dW - norm_approx)/(norm_dW + norm_approx)
# truth: the numerator is the difference of the two lengths and not the length of the difference

import numpy as np

def sigmoid(z):
    """logistic function"""
    denominator = 1.0 + np.exp(-z)
    return 1.0 / denominator

def forward_propagation(x, y, w):
    # unpack everything first
    x1, x2, x3, x4, x5 = x
    w1, w2, w3, w4, w5, w6, w7, w8, w9 = w
    # part 1
    times1 = w1 * x1
    times2 = w2 * x2
    sum12 = times1 + times2
    square = sum12 ** 2
    sum6 = square + w6
    exp = np.exp(sum6)
    # part 2
    sum7 = exp + w7
    tanh = np.tanh(sum7)
    # part 3
    times3 = w3 * x3
    sin = np.sin(times3)
    sum45 = w4 * x4 + w5 * x5
    product = sin * sum45
    sum8 = product + w8
    sig = sigmoid(sum8)
    # output
    times9 = w9 * sig
    y_pred = tanh + times9
    loss = (y - y_pred) ** 2
    dy_pr = 2 * (y_pred - y)
    forward_dict = {}
    forward_dict['exp'] = exp
    forward_dict['tanh'] = tanh
    forward_dict['sigmoid'] = sig
    forward_dict['loss'] = loss
    forward_dict['dy_pr'] = dy_pr
    return forward_dict

def backward_propagation(x, w, forward_dict):
    x1, x2, x3, x4, x5 = x
    w1, w2, w3, w4, w5, w6, w7, w8, w9 = w
    exp, tanh, sig = forward_dict['exp'], forward_dict['tanh'], forward_dict['sigmoid']
    dy_pr = forward_dict['dy_pr']
    # output node
    dw9 = dy_pr * sig
    dtanh = dy_pr
    dsig = dy_pr * w9
    # part 3, backwards
    dsum8 = dsig * sig * (1 - sig)
    dw8 = dsum8
    dsum45 = dsum8 * np.sin(w3 * x3)
    dsin = dsum8 * (w4 * x4 + w5 * x5)
    dw4 = dsum45 * x4
    dw5 = dsum45 * x5
    dw3 = dsin * np.cos(w3 * x3) * x3
    # part 2
    dsum7 = dtanh * (1 - tanh ** 2)
    dw7 = dsum7
    # part 1
    dsum6 = dsum7 * exp
    dw6 = dsum6
    dsum12 = dsum6 * 2 * (w1 * x1 + w2 * x2)
    dw1 = dsum12 * x1
    dw2 = dsum12 * x2
    return {'dw1': dw1, 'dw2': dw2, 'dw3': dw3, 'dw4': dw4, 'dw5': dw5,
            'dw6': dw6, 'dw7': dw7, 'dw8': dw8, 'dw9': dw9}

def gradient_checking(x, y, w, eps=1e-7):
    grads = backward_propagation(x, w, forward_propagation(x, y, w))
    dW = np.array([grads['dw%d' % k] for k in range(1, 10)])
    dW_approx = []
    for step in np.eye(9)*eps:
        plus = forward_propagation(x, y, np.asarray(w) + step)['loss']
        minus = forward_propagation(x, y, np.asarray(w) - step)['loss']
        dW_approx.append((plus - minus)/(2*eps))
    norm_dW = np.linalg.norm(dW)
    norm_approx = np.linalg.norm(dW_approx)
    return abs(norm_dW - norm_approx)/(norm_dW + norm_approx)
