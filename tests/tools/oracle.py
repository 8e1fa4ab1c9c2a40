"""The stored numbers of graders.py, computed independently: mpmath with 50 digits.

    python tests/tools/oracle.py

prints the two parts of graders.py that are between "# fmt: off" and "# fmt: on". Nothing here
shares code with the notebook's solution: derivatives are numerical (`mpmath.diff`), and the
optimizers are written from their papers, one weight at a time.
"""

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import mpmath as mp
import numpy as np

sys.path[:0] = map(str, Path(__file__).parents[1:3])  # tests, and the root
import graders
from corpus.loader import load
from graders import GRADERS, OWN
from helpers import module

mp.mp.dps = 50


def exact(numbers) -> list:
    """Return the binary floats `numbers` as mpmath numbers, digit for digit."""
    return [mp.mpf(float(number)) for number in numbers]


# The graph, with the logistic function or with the grader's own sigmoid


def logistic(z):
    """Return the logistic function."""
    return 1 / (1 + mp.e ** (-z))


def softsign(z):
    """Return the grader's own sigmoid."""
    return (1 + z / (1 + abs(z))) / 2


SIGMOIDS = {OWN: logistic, GRADERS: softsign}


def nodes(x, y, w, sigmoid=logistic) -> dict:
    """Return the values of all nodes of the graph at features x, target y, weights w."""
    times = [a * b for a, b in zip(w, x)]
    value = {f"times{k}": product for k, product in enumerate(times, 1)}
    value["sum12"] = times[0] + times[1]
    value["square"] = value["sum12"] ** 2
    value["sum6"] = value["square"] + w[5]
    value["exp"] = mp.e ** value["sum6"]
    value["sum7"] = value["exp"] + w[6]
    value["tanh"] = mp.tanh(value["sum7"])
    value["sin"] = mp.sin(times[2])
    value["sum45"] = times[3] + times[4]
    value["product"] = value["sin"] * value["sum45"]
    value["sum8"] = value["product"] + w[7]
    value["sigmoid"] = sigmoid(value["sum8"])
    value["times9"] = w[8] * value["sigmoid"]
    value["y_pred"] = value["tanh"] + value["times9"]
    value["loss"] = (y - value["y_pred"]) ** 2
    value["dy_pr"] = 2 * (value["y_pred"] - y)
    return value


def graph_loss(x, y, w, sigmoid=logistic):
    """Return the loss of the graph."""
    return nodes(x, y, w, sigmoid)["loss"]


def small_model_loss(x, y, w):
    """Return the loss of the small model behind the grader's own two passes."""
    y_hat = mp.mpf(0)
    for i in range(9):
        y_hat += x[i % 5] * (1 - mp.mpf(i) / 10) / 2 * (w[i] + w[i] ** 2 / 2)
    return (y - y_hat) ** 2


LOSSES = {OWN: graph_loss, GRADERS: small_model_loss}


# Derivatives


def moved(w, i, step):
    """Return the weights, one of them moved."""
    return [value + step if k == i else value for k, value in enumerate(w)]


def gradient(loss, x, y, w) -> list:
    """Return dL/dw1 ... dL/dw9."""
    return [mp.diff(lambda v, i=i: loss(x, y, moved(w, i, v - w[i])), w[i]) for i in range(9)]


def formal_gradient(x, y, w) -> list:
    """Return the gradients that the formula σ' = σ (1 - σ) gives for the grader's own sigmoid.

    That formula is the logistic function's. So the slope of a line takes the place of σ.
    """
    at = nodes(x, y, w, softsign)
    z, value = at["sum8"], at["sigmoid"]

    def line(other):
        return value + value * (1 - value) * (other - z)

    return gradient(lambda *point: graph_loss(*point, line), x, y, w)


def norm(vector):
    """Return the Euclidean norm."""
    return mp.sqrt(mp.fsum(value**2 for value in vector))


def gradient_check(loss, x, y, w, eps):
    """Return the relative distance of the true gradient and its two-sided approximation."""
    true = gradient(loss, x, y, w)
    approximate = [
        (loss(x, y, moved(w, i, eps)) - loss(x, y, moved(w, i, -eps))) / (2 * eps) for i in range(9)
    ]
    return norm([a - b for a, b in zip(true, approximate)]) / (norm(true) + norm(approximate))


# Optimizers


def descend(loss, rule, rows, targets, start, epochs) -> tuple[list, list]:
    """Return the weights before the first and after each update, and each epoch's mean loss.

    `rule(state, g, t)` maps one weight's state, a dict that is kept for the run, its gradient and
    the number of the update (from 1) to the amount subtracted from the weight.
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
    """Return the rule of gradient descent."""
    return lambda state, g, t: lr * g


def momentum(lr, gamma):
    """Return the rule of momentum (Polyak 1964)."""

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


UPDATE_RULES: dict[str, dict[str, Callable]] = {
    "train_vanilla": {"": vanilla},
    "train_momentum": {"": momentum},
    "train_adam": {
        form: (lambda *settings, form=form: adam(form, *settings))
        for form in ("outside", "inside", "folded")
    },
}


# The tables of graders.py


def points() -> list[tuple]:
    """Return the points at which the passes are tested."""
    return [(exact(x), mp.mpf(y), exact(w)) for x, y, w in graders.POINTS]


def runs(whose: str) -> dict[str, list[list[tuple[list, list]]]]:
    """Return for both runs of each loop (path, losses), one for each correct form of its rule."""
    found = {}
    for task, forms in UPDATE_RULES.items():
        found[task] = []
        for number in range(2):
            rows, targets, start, epochs, *settings = graders.run_data(task, whose, number)
            data = [exact(x) for x in rows], exact(targets), exact(start), epochs
            found[task].append(
                [descend(LOSSES[whose], rule(*exact(settings)), *data) for rule in forms.values()]
            )
    return found


def checks(whose: str) -> list:
    """Return what gradient_checking gives at each point for CHECK_EPS."""
    return [gradient_check(LOSSES[whose], *point, mp.mpf(graders.CHECK_EPS)) for point in points()]


def row(numbers, digits: int) -> str:
    """Return numbers as a list in Python, in lines of less than 100 characters."""
    texts = [repr(float(mp.nstr(mp.mpf(number), digits))) for number in numbers]
    return "\n".join(textwrap.wrap(f"    [{', '.join(texts)}],", 99, subsequent_indent="     "))


def table(title: str, rows: list[str]) -> list[str]:
    """Return the lines that define a list of rows."""
    return [f"{title}: [", *rows, "],"]


def tables() -> str:
    """Return the stored numbers, as the source of graders.py has them."""
    values = row([logistic(mp.mpf(z)) for z in graders.SIGMOID_Z], 13)
    lines = ["SIGMOID_VALUES =" + values[3:-1]]
    lines.append("NODE_VALUES = {")
    for whose, names in {OWN: graders.NODES, GRADERS: graders.NODES[-5:]}.items():
        at = [nodes(*point, SIGMOIDS[whose]) for point in points()]
        lines += table(
            "OWN" if whose == OWN else "GRADERS", [row([v[n] for n in names], 13) for v in at]
        )
    lines += ["}", "GRADIENTS = {"]
    lines += table("OWN", [row(gradient(graph_loss, *point), 13) for point in points()])
    lines += table("GRADERS", [row(formal_gradient(*point), 13) for point in points()])
    lines += ["}", "RATIOS = {"]
    for name, whose in (("OWN", OWN), ("GRADERS", GRADERS)):
        lines.append(f"{name}: {row(checks(whose), 5).strip()}")
    lines += ["}", "RUNS = {"]
    for name, whose in (("OWN", OWN), ("GRADERS", GRADERS)):
        lines.append(f"{name}: {{")
        for task, found in runs(whose).items():
            lines.append(f'"{task}": [')
            for forms in found:
                lines += ["[", *(row([*path[-1], *losses], 10) for path, losses in forms), "],"]
            lines.append("],")
        lines.append("},")
    return "\n".join([*lines, "}"])


# The tables below the seam: a short run with positive gradients, correct and with misconceptions


def positive_weights() -> dict[str, list[list]]:
    """Return for each loop the weights after the first two updates and the last of a short run."""
    found = {}
    for task, forms in UPDATE_RULES.items():
        rows, targets, start, epochs, *settings = graders.misconception_run(task).arguments
        settings = [setting or 1e-30 for setting in settings]  # an epsilon of 0
        rule = [*forms.values()][0](*exact(settings))
        data = [exact(x) for x in rows], exact(targets), exact(start), epochs
        path, _ = descend(small_model_loss, rule, *data)
        found[task] = [*path[1:3], path[-1]]
    return found


REMEMBERED = (  # causes that a run is known by, where its log and the search say less
    "no-bias-correction",
    "half-bias-correction",
    "constant-correction",
    "t-restarts",
    "t-per-epoch",
    "t-per-weight",
    "t-index",
    "betas-swapped",
    "rmsprop",
    "no-second-moment",
    "one-memory",
    "reset-each-epoch",
    "averaged",
    "no-velocity",
    "nesterov",
    "overwrites",
)


def misconceptions() -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Return for each loop where the runs of known misconceptions of the corpus end: w1 and w9."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for mistake in load("mistakes/*.txt"):
        task, cause = mistake.task, mistake.causes[0]
        if task not in graders.POSITIVE_SETTINGS or cause not in REMEMBERED:
            continue
        student = graders.Student(task, module(mistake.source)[task], {})
        with graders.quiet():
            outcome = graders.perform(graders.misconception_run(task), student)
        ends = graders.TASKS[task].read(outcome.result)
        pair = tuple(float(f"{ends[name]:.6g}") for name in ("w1", "w9"))
        pairs = found.setdefault(task, {}).setdefault(cause, [])
        if np.isfinite(pair).all() and not any(np.allclose(pair, each, 1e-5) for each in pairs):
            pairs.append(pair)
    return found


def tables_below_the_seam() -> str:
    """Return the stored numbers below the seam, as the source of graders.py has them."""
    lines = ["POSITIVE_WEIGHTS = {"]
    for task, path in positive_weights().items():
        lines += table(f'"{task}"', [row(weights, 6) for weights in path])
    lines += ["}", "MISCONCEPTIONS = {"]
    for task, causes in misconceptions().items():
        lines.append(f'"{task}": {{')
        lines += [f'    "{cause}": {pairs},' for cause, pairs in causes.items() if pairs]
        lines.append("},")
    return "\n".join([*lines, "}"])


if __name__ == "__main__":
    print(tables(), tables_below_the_seam(), sep="\n\n")
