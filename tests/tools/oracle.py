"""The reference values of graders.py, computed independently: mpmath at 50 digits.

    python tests/tools/oracle.py

prints the text NUMBERS of graders.py. Nothing here shares code with the notebook's solution:
derivatives are numerical (`mpmath.diff`), and the optimizers are written from
their papers, one weight at a time.
"""

import re
import sys
import textwrap
from pathlib import Path

import mpmath as mp

sys.path.insert(0, str(Path(__file__).parents[2]))
import graders

mp.mp.dps = 50


def exact(numbers) -> list:
    """Return the binary floats `numbers` as mpmath numbers, digit for digit."""
    return [mp.mpf(float(number)) for number in numbers]


def parts(x, y, w) -> dict:
    """Return the named values of the assignment's graph at features x, target y, weights w."""
    exp = mp.e ** ((w[0] * x[0] + w[1] * x[1]) ** 2 + w[5])
    tanh = mp.tanh(exp + w[6])
    sigmoid = logistic(mp.sin(w[2] * x[2]) * (w[3] * x[3] + w[4] * x[4]) + w[7])
    y_hat = tanh + w[8] * sigmoid
    return {
        "exp": exp,
        "tanh": tanh,
        "sigmoid": sigmoid,
        "loss": (y - y_hat) ** 2,
        "dy_pr": 2 * (y_hat - y),
    }


def logistic(z):
    return 1 / (1 + mp.e ** (-z))


def graph_loss(x, y, w):
    return parts(x, y, w)["loss"]


def stand_in_loss(x, y, w):
    """Return the loss of the small model that the grader's own passes compute."""
    y_hat = mp.mpf(0)
    for i in range(9):
        y_hat += x[i % 5] * (1 - mp.mpf(i) / 10) / 2 * (w[i] + w[i] ** 2 / 2)
    return (y - y_hat) ** 2


LOSSES = {"graph": graph_loss, "stand-ins": stand_in_loss}


def moved(w, i, step):
    return [value + step if k == i else value for k, value in enumerate(w)]


def gradient(loss, x, y, w) -> list:
    """Return dL/dw1 ... dL/dw9."""
    return [mp.diff(lambda v, i=i: loss(x, y, moved(w, i, v - w[i])), w[i]) for i in range(9)]


def norm(vector):
    return mp.sqrt(mp.fsum(value**2 for value in vector))


def gradient_check(loss, x, y, w, eps):
    """Return the relative distance of the true gradient and its two-sided approximation."""
    true = gradient(loss, x, y, w)
    approximate = [
        (loss(x, y, moved(w, i, eps)) - loss(x, y, moved(w, i, -eps))) / (2 * eps) for i in range(9)
    ]
    return norm([a - b for a, b in zip(true, approximate)]) / (norm(true) + norm(approximate))


def descend(loss, rule, rows, targets, start, epochs) -> tuple[list, list]:
    """Return the weights before the first and after each update, and each epoch's mean loss.

    `rule(state, g, t)` maps one weight's state, a dict that lasts for the run, its gradient and the
    number of the update (from 1) to the amount subtracted from the weight.
    """
    w, path, losses, t = list(start), [list(start)], [], 0
    states = [{} for _ in w]
    for _ in range(epochs):
        seen = []
        for x, y in zip(rows, targets):
            t += 1
            seen.append(loss(x, y, w))
            g = gradient(loss, x, y, w)
            w = [w[i] - rule(states[i], g[i], t) for i in range(9)]
            path.append(w)
        losses.append(mp.fsum(seen) / len(seen))
    return path, losses


def vanilla(lr):
    return lambda state, g, t: lr * g


def momentum(lr, gamma):
    def rule(state, g, t):
        state["v"] = gamma * state.get("v", 0) + lr * g
        return state["v"]

    return rule


def adam(form, lr, beta1, beta2, eps):
    """Return Adam's rule (Kingma and Ba 2015, algorithm 1) with epsilon in one of three places."""

    def rule(state, g, t):
        m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
        v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        if form == "outside":
            return lr * m_hat / (mp.sqrt(v_hat) + eps)
        if form == "inside":
            return lr * m_hat / mp.sqrt(v_hat + eps)
        return lr * mp.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (mp.sqrt(v) + eps)

    return rule


UPDATE_RULES = {
    "train_vanilla": {"": vanilla},
    "train_momentum": {"": momentum},
    "train_adam": {
        form: (lambda *settings, form=form: adam(form, *settings))
        for form in ("outside", "inside", "folded")
    },
}


def points() -> list[tuple]:
    return [(exact(x), mp.mpf(y), exact(w)) for x, y, w in graders.POINTS]


def loop_references(loss, data, settings) -> dict[str, list[tuple[list, list]]]:
    """Return for each loop the expected (path, losses), one for each correct form of its rule."""
    rows, targets, start = data
    rows, targets, start = [exact(x) for x in rows], exact(targets), exact(start)
    references = {}
    for name, forms in UPDATE_RULES.items():
        epochs, *values = settings[name]
        references[name] = [
            descend(loss, rule(*exact(values)), rows, targets, start, epochs)
            for rule in forms.values()
        ]
    return references


def judged_runs(model: str) -> dict[str, list[tuple[list, list]]]:
    data = graders.ROWS, graders.TARGETS[model], graders.START
    return loop_references(LOSSES[model], data, graders.SETTINGS[model])


def diagnosis_runs() -> dict[str, list[tuple[list, list]]]:
    return loop_references(stand_in_loss, graders.DIAGNOSIS, graders.SETTINGS["diagnosis"])


def checks(loss) -> list:
    eps = mp.mpf(graders.CHECK_EPS)
    return [gradient_check(loss, x, y, w, eps) for x, y, w in points()]


def tables() -> str:
    """Return the text NUMBERS of graders.py."""
    lines = []

    def show(title, numbers, digits):
        exactly = not digits  # as Python writes a float
        texts = [repr(n) if exactly else mp.nstr(n, digits, min_fixed=-7) for n in numbers]
        text = re.sub(r"\b0(?=\.\d*[1-9])|\.0\b", "", " ".join(texts))
        lines.extend(textwrap.wrap(f"{title}: {text}", 100, break_on_hyphens=False))

    show("points", [number for x, y, w in graders.POINTS for number in (*x, y, *w)], 0)
    show("sigmoid", [logistic(mp.mpf(z)) for z in graders.SIGMOID_Z], 13)
    show("forward_propagation", [v for point in points() for v in parts(*point).values()], 13)
    gradients = [g for point in points() for g in gradient(graph_loss, *point)]
    show("backward_propagation", gradients, 13)
    for model, loss in LOSSES.items():
        show(f"check on {model}", checks(loss), 5)
    for model in LOSSES:
        for name, references in judged_runs(model).items():
            for form, (path, losses) in zip(UPDATE_RULES[name], references):
                show(f"{model}, {name} {form}".strip(), [*path[-1], *losses], 10)
    for name, references in diagnosis_runs().items():
        path, _ = references[0]
        show(f"diagnosis, {name}", [value for w in (*path[1:3], path[-1]) for value in w], 6)
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables())
