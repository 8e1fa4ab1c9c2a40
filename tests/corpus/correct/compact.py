"""A correct solution on lists, with zip and comprehensions."""

from math import cos, exp, hypot, sin, sqrt, tanh

from tqdm import trange


def sigmoid(z):
    return 1 / (1 + exp(-z)) if z > 0 else 1 - 1 / (1 + exp(z))


def forward_propagation(x, y, w):
    x1, x2, x3, x4, x5 = x
    w1, w2, w3, w4, w5, w6, w7, w8, w9 = w
    e = exp((w1 * x1 + w2 * x2) ** 2 + w6)
    t = tanh(e + w7)
    s = sigmoid(sin(w3 * x3) * (w4 * x4 + w5 * x5) + w8)
    d = t + w9 * s - y
    return {"exp": e, "tanh": t, "sigmoid": s, "loss": d * d, "dy_pr": 2 * d}


def backward_propagation(x, w, forward_dict):
    x1, x2, x3, x4, x5 = x
    w1, w2, w3, w4, w5, _, _, _, w9 = w
    e, t, s = [forward_dict[key] for key in ("exp", "tanh", "sigmoid")]
    d9 = forward_dict["dy_pr"] * s
    d8 = d9 * w9 * (1 - s)
    d7 = forward_dict["dy_pr"] * (1 - t) * (1 + t)
    d6 = d7 * e
    d5, d4 = [d8 * sin(w3 * x3) * x_i for x_i in (x5, x4)]
    d3 = d8 * (w4 * x4 + w5 * x5) * cos(w3 * x3) * x3
    d2, d1 = [2 * d6 * (w1 * x1 + w2 * x2) * x_i for x_i in (x2, x1)]
    return {f"dw{k}": d for k, d in enumerate([d1, d2, d3, d4, d5, d6, d7, d8, d9], start=1)}


def gradient_checking(x, y, w, eps=1e-7):
    def loss(weights):
        return forward_propagation(x, y, weights)["loss"]

    gradients = backward_propagation(x, w, forward_propagation(x, y, w))
    exact = [gradients[f"dw{k}"] for k in range(1, 10)]
    ups = [[w_i + eps * (i == k) for i, w_i in enumerate(w)] for k in range(9)]
    downs = [[w_i - eps * (i == k) for i, w_i in enumerate(w)] for k in range(9)]
    approximate = [(loss(up) - loss(down)) / eps / 2 for up, down in zip(ups, downs)]
    differences = [a - b for a, b in zip(exact, approximate)]
    return hypot(*differences) / (hypot(*exact) + hypot(*approximate))


def train_vanilla(X, y, w, epochs=100, lr=0.001):
    w, losses = list(w), []
    for _ in trange(epochs, desc="vanilla"):
        seen = []
        for x_i, y_i in zip(X.tolist(), y.tolist()):
            forward_dict = forward_propagation(x_i, y_i, w)
            g = backward_propagation(x_i, w, forward_dict).values()
            seen += [forward_dict["loss"]]
            w = [w_k - lr * g_k for w_k, g_k in zip(w, g)]
        losses += [sum(seen) / len(seen)]
    return w, losses


def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):
    w, losses, v = list(w), [], [0.0] * 9
    for _ in trange(epochs, desc="momentum"):
        seen = []
        for x_i, y_i in zip(X.tolist(), y.tolist()):
            forward_dict = forward_propagation(x_i, y_i, w)
            g = backward_propagation(x_i, w, forward_dict).values()
            seen += [forward_dict["loss"]]
            v = [gamma * v_k + g_k for v_k, g_k in zip(v, g)]
            w = [w_k - lr * v_k for w_k, v_k in zip(w, v)]
        losses += [sum(seen) / len(seen)]
    return w, losses


def train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    w, losses, m, v, t = list(w), [], [0.0] * 9, [0.0] * 9, 0
    for _ in trange(epochs, desc="adam"):
        seen = []
        for x_i, y_i in zip(X.tolist(), y.tolist()):
            forward_dict = forward_propagation(x_i, y_i, w)
            g = backward_propagation(x_i, w, forward_dict).values()
            seen += [forward_dict["loss"]]
            t += 1
            m = [beta1 * m_k + (1 - beta1) * g_k for m_k, g_k in zip(m, g)]
            v = [beta2 * v_k + (1 - beta2) * g_k**2 for v_k, g_k in zip(v, g)]
            c1, c2 = 1 - beta1**t, 1 - beta2**t
            w = [a - lr * (b / c1) / (sqrt(c / c2) + eps) for a, b, c in zip(w, m, v)]
        losses += [sum(seen) / len(seen)]
    return w, losses
