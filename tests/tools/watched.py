"""The numbers with which graders compare a watched run, computed independently.

    python tests/tools/watched.py

prints the literals PASS_NUMBERS, LOOP_NUMBERS and CHECK_NUMBERS of graders.py. Like oracle.py it
uses mpmath at 50 digits, numerical derivatives, and nothing of the notebook's solution.
"""

import pprint
import sys
from pathlib import Path

import mpmath as mp

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
import oracle

import graders

DIGITS = 10
GRADIENT_NODES = ("sum12", "square", "exp", "sum7", "tanh", "angle", "sin", "sum45", "sum8")


def nodes(x, y, w) -> dict:
    """Return every value of the graph, and what one may compute on the way to it."""
    found = {f"times{i}": w[i - 1] * x[i - 1] for i in range(1, 6)}
    found["sum12"] = found["times1"] + found["times2"]
    found["square"] = found["sum12"] ** 2
    found["sum6"] = found["square"] + w[5]
    found["exp"] = mp.e ** found["sum6"]
    found["sum7"] = found["exp"] + w[6]
    found["tanh"] = mp.tanh(found["sum7"])
    found["sin"] = mp.sin(found["times3"])
    found["sum45"] = found["times4"] + found["times5"]
    found["product"] = found["sin"] * found["sum45"]
    found["sum8"] = found["product"] + w[7]
    found["e^-sum8"] = mp.e ** -found["sum8"]
    found["1 + e^-sum8"] = 1 + found["e^-sum8"]
    found["e^sum8"] = mp.e ** found["sum8"]
    found["1 + e^sum8"] = 1 + found["e^sum8"]
    found["sum8/2"] = found["sum8"] / 2
    found["tanh(sum8/2)"] = mp.tanh(found["sum8/2"])
    found["1 + tanh(sum8/2)"] = 1 + found["tanh(sum8/2)"]
    found["sigmoid"] = 1 / found["1 + e^-sum8"]
    found["1 - sigmoid"] = 1 - found["sigmoid"]
    found["times9"] = found["sigmoid"] * w[8]
    found["y_pred"] = found["tanh"] + found["times9"]
    found["residual"] = found["y_pred"] - y
    found["loss"] = found["residual"] ** 2
    found["dy_pr"] = 2 * found["residual"]
    return found


def factors(x, y, w) -> dict[str, list]:
    """Return the local derivatives along each of the three parts, from the output backwards."""
    n = nodes(x, y, w)
    d_tanh = 1 - n["tanh"] ** 2
    d_sigmoid = n["sigmoid"] * (1 - n["sigmoid"])
    part1 = [n["dy_pr"], d_tanh, n["exp"], 2, n["sum12"], x[0]]
    other = [n["dy_pr"], d_tanh, n["exp"], 2, n["sum12"], x[1]]
    sine = [n["dy_pr"], w[8], n["sigmoid"], 1 - n["sigmoid"], n["sum45"]]
    sine += [mp.cos(n["times3"]), x[2]]
    linear = [n["dy_pr"], w[8], n["sigmoid"], 1 - n["sigmoid"], n["sin"]]
    sums = [1 - n["tanh"], 1 + n["tanh"]]
    return {
        "w1": part1,
        "w2": other,
        "w3": sine,
        "w4": [*linear, x[3]],
        "w5": [*linear, x[4]],
        "tanh": [n["dy_pr"], *sums],
        "further": [n["tanh"] ** 2, n["sigmoid"] ** 2, d_sigmoid],
    }


def derivatives(x, y, w, dw) -> list:
    """Return the local derivatives of the graph, and the gradients of its nodes."""
    n = nodes(x, y, w)
    cosine = mp.cos(n["times3"])
    slope, bell = 1 - n["tanh"] ** 2, n["sigmoid"] * (1 - n["sigmoid"])
    local = [2 * n["sum12"], slope, bell, cosine, -n["residual"]]
    of_nodes = [dw[5] * 2 * n["sum12"], n["dy_pr"] * w[8], dw[7] * n["sum45"], dw[7] * n["sin"]]
    return [*local, *of_nodes, dw[7] * n["sum45"] * cosine]


def logistic_steps(z) -> dict:
    """Return what one may compute on the way to the sigmoid of z."""
    low, high = mp.e**-z, mp.e**z
    half = mp.tanh(z / 2)
    return {
        "e^-z": low,
        "1 + e^-z": 1 + low,
        "e^z": high,
        "1 + e^z": 1 + high,
        "z/2": z / 2,
        "tanh(z/2)": half,
        "1 + tanh(z/2)": 1 + half,
        "1 - sigmoid": 1 / (1 + high),
        "sigmoid": 1 / (1 + low),
    }


def momentum_roles(gradients, lr, gamma) -> dict:
    """Return what momentum makes of the gradients of one weight up to now."""
    velocity = mp.mpf(0)
    for g in gradients:
        velocity = gamma * velocity + lr * g
    return {"velocity": velocity}


def adam_roles(gradients, lr, beta1, beta2, eps) -> dict:
    """Return what Adam makes of the gradients of one weight up to now."""
    m, v, t = mp.mpf(0), mp.mpf(0), len(gradients)
    for g in gradients:
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    quotient = m_hat / mp.sqrt(v_hat)
    return {"m": m, "v": v, "m_hat": m_hat, "v_hat": v_hat, "quotient": quotient}


ROLES = {
    "train_vanilla": lambda gradients, lr: {},
    "train_momentum": momentum_roles,
    "train_adam": adam_roles,
}


def adam_counts(t, lr, beta1, beta2, eps) -> dict:
    """Return what Adam computes of the number of an update alone."""
    c1, c2 = 1 - beta1**t, 1 - beta2**t
    folded = mp.sqrt(c2) / c1
    return {"t": t, "beta1^t": beta1**t, "beta2^t": beta2**t, "c1": c1, "c2": c2, "folded": folded}


def loop_numbers(task: str) -> dict[str, list]:
    """Return rows of numbers, one for each update; of each weight those in lists of nine."""
    rows, targets, start, epochs, *settings = graders.WATCHED_CALLS[task]
    settings, targets, start = map(oracle.exact, (settings, targets, start))
    rows = [oracle.exact(x) for x in rows]
    rule = next(iter(oracle.UPDATE_RULES[task].values()))(*settings)
    path, means = oracle.descend(oracle.small_model_loss, rule, rows, targets, start, epochs)
    points = list(zip(rows, targets)) * epochs
    slopes = [oracle.gradient(oracle.small_model_loss, *p, w) for p, w in zip(points, path)]
    table: dict[str, list] = {"w": path[1:], "g": slopes}
    for t in range(1, len(points) + 1):
        roles = [ROLES[task]([g[i] for g in slopes[:t]], *settings) for i in range(9)]
        for role in roles[0]:
            table.setdefault(role, []).append([of_weight[role] for of_weight in roles])
        for name, number in (adam_counts(t, *settings) if task == "train_adam" else {}).items():
            table.setdefault(name, []).append(number)
    table["loss"] = [oracle.small_model_loss(*p, w) for p, w in zip(points, path)]
    table["mean"] = means
    return table


def check_numbers() -> dict:
    """Return all numbers of a check, those of the nine weights as lists."""
    x, y, w, eps = graders.WATCHED_CALLS["gradient_checking"]
    x, y, w, eps = oracle.exact(x), mp.mpf(y), oracle.exact(w), mp.mpf(eps)
    loss = oracle.small_model_loss
    true = oracle.gradient(loss, x, y, w)
    plus = [loss(x, y, oracle.moved(w, i, eps)) for i in range(9)]
    minus = [loss(x, y, oracle.moved(w, i, -eps)) for i in range(9)]
    approximate = [(a - b) / (2 * eps) for a, b in zip(plus, minus)]
    off = [a - b for a, b in zip(true, approximate)]
    sizes = [oracle.norm(true), oracle.norm(approximate), oracle.norm(off)]
    return {
        "each": {
            "gradient": true,
            "w + eps": [v + eps for v in w],
            "w - eps": [v - eps for v in w],
            "loss at w + eps": plus,
            "loss at w - eps": minus,
            "rise": [a - b for a, b in zip(plus, minus)],
            "rise / eps": [(a - b) / eps for a, b in zip(plus, minus)],
            "rise / 2": [(a - b) / 2 for a, b in zip(plus, minus)],
            "approximation": approximate,
            "difference": off,
            "gradient^2": [v**2 for v in true],
            "approximation^2": [v**2 for v in approximate],
            "difference^2": [v**2 for v in off],
            "sum of gradient^2": sums(true),
            "sum of approximation^2": sums(approximate),
            "sum of difference^2": sums(off),
        },
        "one": {
            "2*eps": 2 * eps,
            "loss": loss(x, y, w),
            "norm of the gradient": sizes[0],
            "norm of the approximation": sizes[1],
            "norm of the difference": sizes[2],
            "sum of the norms": sizes[0] + sizes[1],
            "gradient squared": sizes[0] ** 2,
            "approximation squared": sizes[1] ** 2,
            "difference squared": sizes[2] ** 2,
            "ratio": sizes[2] / (sizes[0] + sizes[1]),
        },
    }


def sums(vector) -> list:
    """Return the sums of squares up to each number."""
    return [mp.fsum(v**2 for v in vector[: i + 1]) for i in range(len(vector))]


def pass_numbers() -> list[dict]:
    """Return the values, gradients and local derivatives at each point of graders.POINTS."""
    table = []
    for x, y, w in oracle.points():
        gradients = oracle.gradient(oracle.graph_loss, x, y, w)
        values = list(nodes(x, y, w).values())
        core = derivatives(x, y, w, gradients)
        table.append(
            {"values": values, "core": core, "paths": [*factors(x, y, w).values()], "dw": gradients}
        )
    return table


def sigmoid_numbers() -> dict:
    return {z: [*logistic_steps(mp.mpf(z)).values()] for z in graders.SIGMOID_Z}


def rounded(value):
    """Return numbers in containers as floats of so many digits."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return float(mp.nstr(mp.mpf(value), DIGITS))


def tables() -> str:
    """Return the Python text of all tables."""
    loops = {task: loop_numbers(task) for task in graders.LOOP_TASKS}
    rows = {
        "PASS_NUMBERS": pass_numbers(),
        "SIGMOID_NUMBERS": sigmoid_numbers(),
        "LOOP_NUMBERS": loops,
        "CHECK_NUMBERS": check_numbers(),
    }
    lines = ["# fmt: off"]
    for name, value in rows.items():
        text = pprint.pformat(rounded(value), width=99, compact=True, sort_dicts=False)
        opening, closing = text[0], text[-1]
        lines += [f"{name} = {opening}", f" {text[1:-1]}", closing]
    return "\n".join([*lines, "# fmt: on"])


if __name__ == "__main__":
    print(tables())
