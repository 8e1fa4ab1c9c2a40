"""A correct solution in many helper functions."""

import numpy as np
from tqdm import tqdm


def sigmoid(z):
    if z < 0:
        return np.exp(z) / (1 + np.exp(z))
    return 1 / (1 + np.exp(-z))


def part1(x, w):
    inner = inner_sum(x, w)
    return np.exp(inner * inner + w[5])


def part2(e, w):
    return np.tanh(e + w[6])


def part3(x, w):
    return sigmoid(np.sin(angle(x, w)) * linear(x, w) + w[7])


def inner_sum(x, w):
    return w[0] * x[0] + w[1] * x[1]


def linear(x, w):
    return w[3] * x[3] + w[4] * x[4]


def angle(x, w):
    return w[2] * x[2]


def forward_propagation(x, y, w):
    e = part1(x, w)
    t = part2(e, w)
    s = part3(x, w)
    y_pred = t + w[8] * s
    return {
        "exp": e,
        "tanh": t,
        "sigmoid": s,
        "loss": np.square(y - y_pred),
        "dy_pr": 2 * (y_pred - y),
    }


def dsigmoid(s):
    return s * (1 - s)


def dtanh(t):
    return 1 - t * t


def backward_propagation(x, w, forward_dict):
    dy = forward_dict["dy_pr"]
    into_tanh = dy * dtanh(forward_dict["tanh"])
    into_exp = into_tanh * forward_dict["exp"]
    into_sum = into_exp * 2 * inner_sum(x, w)
    into_sigmoid = dy * w[8] * dsigmoid(forward_dict["sigmoid"])
    into_linear = into_sigmoid * np.sin(angle(x, w))
    into_sin = into_sigmoid * linear(x, w)
    return {
        "dw1": into_sum * x[0],
        "dw2": into_sum * x[1],
        "dw3": into_sin * np.cos(angle(x, w)) * x[2],
        "dw4": into_linear * x[3],
        "dw5": into_linear * x[4],
        "dw6": into_exp,
        "dw7": into_tanh,
        "dw8": into_sigmoid,
        "dw9": dy * forward_dict["sigmoid"],
    }


def loss_at(x, y, w):
    return forward_propagation(x, y, w)["loss"]


def moved(w, k, by):
    new = np.array(w, dtype=float)
    new[k] += by
    return new


def numerical_gradient(x, y, w, k, eps):
    up = loss_at(x, y, moved(w, k, eps))
    down = loss_at(x, y, moved(w, k, -eps))
    return (up - down) / (2 * eps)


def to_array(gradients):
    return np.array([gradients[f"dw{k}"] for k in range(1, 10)])


def norm(vector):
    return np.sqrt(np.sum(vector**2))


def gradient_checking(x, y, w, eps=1e-7):
    analytic = to_array(backward_propagation(x, w, forward_propagation(x, y, w)))
    numeric = np.array([numerical_gradient(x, y, w, k, eps) for k in range(9)])
    return norm(analytic - numeric) / (norm(analytic) + norm(numeric))


def loss_and_gradients(x, y, w):
    forward_dict = forward_propagation(x, y, w)
    gradients = backward_propagation(x, w, forward_dict)
    return forward_dict["loss"], to_array(gradients)


def momentum_step(w, v, g, lr, gamma):
    v = gamma * v + lr * g
    return w - v, v


def adam_step(w, m, v, g, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w, m, v


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    losses = []
    for epoch in tqdm(range(epochs)):
        losses_of_points = np.zeros(len(X))
        for i in range(len(X)):
            losses_of_points[i], g = loss_and_gradients(X[i], y[i], w)
            w = w - lr * g
        losses.append(losses_of_points.mean())
    return w, losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    v = np.zeros(9)
    losses = []
    for epoch in tqdm(range(epochs)):
        losses_of_points = np.zeros(len(X))
        for i in range(len(X)):
            losses_of_points[i], g = loss_and_gradients(X[i], y[i], w)
            w, v = momentum_step(w, v, g, lr, gamma)
        losses.append(losses_of_points.mean())
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = np.zeros(9), np.zeros(9)
    losses = []
    t = 1
    for epoch in tqdm(range(epochs)):
        losses_of_points = np.zeros(len(X))
        for i in range(len(X)):
            losses_of_points[i], g = loss_and_gradients(X[i], y[i], w)
            w, m, v = adam_step(w, m, v, g, t, lr, beta1, beta2, eps)
            t += 1
        losses.append(losses_of_points.mean())
    return w, losses
