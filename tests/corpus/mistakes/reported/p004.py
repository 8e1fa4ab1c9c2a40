# sigmoid: tuple, wrong-type
# mutated: sig = 1/(1 + ez),
# truth: a trailing comma makes sigmoid return a tuple

import numpy as np

def dTanh(t):
    # t is the OUTPUT of tanh
    return 1 - t*t

def dSig(s):
    # s is the OUTPUT of sigmoid
    return s*(1 - s)

def sigmoid(z):
    ez = np.exp(-z)
    sig = 1/(1 + ez),
    return sig

def forward_propagation(x, y, w):
    lin12 = sum(x[i]*w[i] for i in (0, 1))
    lin45 = sum(x[i]*w[i] for i in (3, 4))
    expOut = np.exp(pow(lin12, 2) + w[5])
    tanhOut = np.tanh(expOut + w[6])
    sigOut = sigmoid(np.sin(x[2]*w[2])*lin45 + w[7])
    yHat = tanhOut + sigOut*w[8]
    return {'exp': expOut, 'tanh': tanhOut, 'sigmoid': sigOut,
            'loss': pow(yHat - y, 2), 'dy_pr': 2*(yHat - y)}

def backward_propagation(x, w, fwd):
    dyPr = fwd['dy_pr']
    deltaT = dyPr*dTanh(fwd['tanh'])
    deltaE = deltaT*fwd['exp']
    deltaS = dyPr*w[8]*dSig(fwd['sigmoid'])
    lin12 = sum(x[i]*w[i] for i in (0, 1))
    lin45 = sum(x[i]*w[i] for i in (3, 4))
    gradList = [deltaE*2*lin12*x[0],
                deltaE*2*lin12*x[1],
                deltaS*lin45*np.cos(x[2]*w[2])*x[2],
                deltaS*np.sin(x[2]*w[2])*x[3],
                deltaS*np.sin(x[2]*w[2])*x[4],
                deltaE,
                deltaT,
                deltaS,
                dyPr*fwd['sigmoid']]
    return {'dw' + str(k): v for k, v in enumerate(gradList, start=1)}

def gradient_checking(x, y, w, eps=1e-7):
    def lossAt(weights):
        return forward_propagation(x, y, weights)['loss']

    def shifted(k, h):
        return [wk + h if j == k else wk for j, wk in enumerate(w)]

    backDict = backward_propagation(x, w, forward_propagation(x, y, w))
    exact = [backDict['dw' + str(k + 1)] for k in range(9)]
    approx = [(lossAt(shifted(k, eps)) - lossAt(shifted(k, -eps)))/(2*eps) for k in range(9)]
    length = lambda v: sum(a*a for a in v)**0.5
    return length([a - b for a, b in zip(exact, approx)])/(length(exact) + length(approx))
