"""A correct solution in capitals: X, Y, W and dict, the weights changed in place."""

import math

from tqdm import tqdm


def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))


def forward_propagation(X, Y, W):
    part1 = math.exp(math.pow(W[0] * X[0] + W[1] * X[1], 2) + W[5])
    part2 = math.tanh(part1 + W[6])
    part3 = sigmoid(math.sin(W[2] * X[2]) * (W[3] * X[3] + W[4] * X[4]) + W[7])
    Y_pred = part2 + part3 * W[8]
    Loss = math.pow(Y - Y_pred, 2)
    dict = {}
    dict["exp"] = part1
    dict["tanh"] = part2
    dict["sigmoid"] = part3
    dict["loss"] = Loss
    dict["dy_pr"] = -2 * (Y - Y_pred)
    return dict


def backward_propagation(X, W, dict):
    A = W[0] * X[0] + W[1] * X[1]
    B = W[3] * X[3] + W[4] * X[4]
    C = W[2] * X[2]
    dY = dict["dy_pr"]
    dT = dY * (1 - math.pow(dict["tanh"], 2))
    dE = dT * dict["exp"]
    dS = dY * W[8] * dict["sigmoid"] * (1 - dict["sigmoid"])
    dict = {}
    dict["dw1"] = dE * 2 * A * X[0]
    dict["dw2"] = dE * 2 * A * X[1]
    dict["dw3"] = dS * B * math.cos(C) * X[2]
    dict["dw4"] = dS * math.sin(C) * X[3]
    dict["dw5"] = dS * math.sin(C) * X[4]
    dict["dw6"] = dE
    dict["dw7"] = dT
    dict["dw8"] = dS
    dict["dw9"] = dY * part_3(X, W)
    return dict


def part_3(X, W):
    return sigmoid(math.sin(W[2] * X[2]) * (W[3] * X[3] + W[4] * X[4]) + W[7])


def gradient_checking(X, Y, W, eps=1e-7):
    W = list(W)
    dW = list(backward_propagation(X, W, forward_propagation(X, Y, W)).values())
    dW_approx = []
    for i in range(9):
        W[i] = W[i] + eps
        L1 = forward_propagation(X, Y, W)["loss"]
        W[i] = W[i] - 2 * eps
        L2 = forward_propagation(X, Y, W)["loss"]
        W[i] = W[i] + eps
        dW_approx.append((L1 - L2) / (2 * eps))
    D = math.sqrt(sum([(dW[i] - dW_approx[i]) ** 2 for i in range(9)]))
    N1 = math.sqrt(sum([dW[i] ** 2 for i in range(9)]))
    N2 = math.sqrt(sum([dW_approx[i] ** 2 for i in range(9)]))
    return D / (N1 + N2)


def train_vanilla(X, Y, W, epochs=100, lr=0.001):
    W = W.copy()
    losses = []
    for epoch in tqdm(range(epochs)):
        L = []
        for j in range(X.shape[0]):
            dict = forward_propagation(X[j], Y[j], W)
            L.append(dict["loss"])
            G = backward_propagation(X[j], W, dict)
            for i in range(9):
                W[i] = W[i] - lr * G["dw" + str(i + 1)]
        losses.append(sum(L) / len(L))
    return W, losses


def train_momentum(X, Y, W, epochs=100, lr=0.001, gamma=0.95):
    W = W.copy()
    V = [0, 0, 0, 0, 0, 0, 0, 0, 0]
    losses = []
    for epoch in tqdm(range(epochs)):
        L = []
        for j in range(X.shape[0]):
            dict = forward_propagation(X[j], Y[j], W)
            L.append(dict["loss"])
            G = backward_propagation(X[j], W, dict)
            for i in range(9):
                V[i] = gamma * V[i] + lr * G["dw" + str(i + 1)]
            for i in range(9):
                W[i] = W[i] - V[i]
        losses.append(sum(L) / len(L))
    return W, losses


def train_adam(X, Y, W, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    W = W.copy()
    M = [0, 0, 0, 0, 0, 0, 0, 0, 0]
    V = [0, 0, 0, 0, 0, 0, 0, 0, 0]
    T = 0
    losses = []
    for epoch in tqdm(range(epochs)):
        L = []
        for j in range(X.shape[0]):
            T = T + 1
            dict = forward_propagation(X[j], Y[j], W)
            L.append(dict["loss"])
            G = list(backward_propagation(X[j], W, dict).values())
            for i in range(9):
                M[i] = beta1 * M[i] + (1 - beta1) * G[i]
                V[i] = beta2 * V[i] + (1 - beta2) * math.pow(G[i], 2)
                M_hat = M[i] / (1 - math.pow(beta1, T))
                V_hat = V[i] / (1 - math.pow(beta2, T))
                W[i] = W[i] - lr * M_hat / (math.sqrt(V_hat) + eps)
        losses.append(sum(L) / len(L))
    return W, losses
