"""Wrong implementations: what students write, each with the cause that the graders must find.

    python tests/mistakes.py

prints the table MISTAKEN of graders.py: the numbers that some of these mistakes give.

A mistake is made in the source of a right solution that tests/styles.py composes: (task, cause, and
pairs of what is replaced by what in the task's function, as regular expressions). Not every pair
finds its place in every style; `spoil` returns None where it does not.
"""

import copy
import itertools
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
import graders
from conftest import module
from styles import compose

STYLES = 500
# What a notebook has among its globals
NOTEBOOK = """
w = np.full(9, 0.1)
data = np.linspace(-1.0, 2.0, 18).reshape(3, 6)
X, y = data[:, :5], data[:, 5]
"""

FORWARD, BACKWARD = "forward_propagation", "backward_propagation"
CHECK = "gradient_checking"
VANILLA, MOMENTUM, ADAM = "train_vanilla", "train_momentum", "train_adam"

DEF = r"(def \w+\((\w+), (\w+), (\w+).*\n)"  # and the names of the first three parameters
OTHER_DEF = r"(def \w+\((point|X), (target|Y|ws|W), (ws|W|cache|dict).*\n)"  # none is x, y or w
END = r"\Z"
WRONG_SIGMOID = "\n\ndef sigmoid(z):\n    return 1 / (1 + np.exp(z))\n"

SQUARE = r"exp = (\w+)\.exp\(.* \+ w6\)"
INNER = r"sigmoid\((\w+)\.sin\(angle\) \* lin \+ w8\)"
RETURN = r"( +)return \{"
FORWARD_MISTAKES = [
    ("inside-square", SQUARE, r"exp = \1.exp((s + w6) ** 2)"),
    ("outside", r"exp = (\w+)\.exp\((.*) \+ w6\)", r"exp = \1.exp(\2) + w6"),
    ("outside", r"tanh = (\w+)\.tanh\(exp \+ w7\)", r"tanh = \1.tanh(exp) + w7"),
    ("outside", r"sig = sigmoid\((.*) \+ w8\)", r"sig = sigmoid(\1) + w8"),
    ("doubled", SQUARE, r"exp = \1.exp(s * 2 + w6)"),
    ("sine-of-all", r"sigmoid\((\w+)\.sin\(angle\) \* lin \+ w8\)", r"sigmoid(\1.sin(angle * lin) + w8)"),
    ("missing-brackets", r"\(angle\) \* lin", r"(angle) * (lin - lin5) + lin5", r"lin, angle = (.*) \+ (.*), (.*)", r"lin, lin5, angle = \1 + \2, \2, \3"),
    ("no-tanh", r"tanh = \w+\.tanh\((.*)\)", r"tanh = \1"),
    ("wrong-output", r"tanh \+ sig \* w9", "(tanh + sig) * w9"),
    ("wrong-output", r"tanh \+ sig \* w9", "tanh * w9 + sig"),
    ("rounded", r" tanh = (.*)", r" tanh = np.round(\1, 6)"),
    ("foreign-weight", r"\bsig = (sigmoid\(.*)", r"sig = \1 + w9 / 10"),
    ("no-square", SQUARE, r"exp = \1.exp(s + w6)"),
    ("cube", SQUARE, r"exp = \1.exp(s * s * s + w6)"),
    ("squares-apart", r"( +)exp = (\w+)\.exp.*", r"\1exp = \2.exp(s ** 2 + w6 - 2 * (s - w2) * w2)"),
    ("no-exp", r"exp = \w+\.exp\((.* \+ w6)\)", r"exp = \1"),
    ("left-out", r" \+ w6\)", ")"),
    ("multiplied", r" \+ w6\)", " * w6)"),
    ("left-out", r"exp \+ w7", "exp"),
    ("multiplied", r"exp \+ w7", "exp * w7"),
    ("left-out", r"lin \+ w8", "lin"),
    ("multiplied", r"lin \+ w8", "lin * w8"),
    ("left-out", r"sig \* w9", "sig"),
    ("added", r"sig \* w9", "sig + w9"),
    ("left-out", r"s = w1 \* (\w+) \+ w2 \* \w+", r"s = w1 * \1"),
    ("left-out", r"w4 \* (\w+) \+ w5 \* (\w+)", r"w4 * \1 + \2"),
    ("swapped-weights", r"s = w1 \* (\w+) \+ w2 \*", r"s = w2 * \1 + w1 *"),
    ("swapped-weights", r"w4 \* (\w+) \+ w5 \*", r"w5 * \1 + w4 *"),
    ("swapped-weights", r"exp \+ w7", "exp + w8", r"lin \+ w8", "lin + w7"),
    ("swapped-weights", r" \+ w6\)", " + w9)", r"sig \* w9", "sig * w6"),
    ("swapped-weights", r"lin \+ w8", "lin + w7"),
    ("sigmoid-for-tanh", r"tanh = \w+\.tanh\(", "tanh = sigmoid("),
    ("cos-for-sin", r"\.sin\(", ".cos("),
    ("no-sin", r"\w+\.sin\(angle\)", "angle"),
    ("sum-for-product", r"\(angle\) \* lin", "(angle) + lin"),
    ("no-sigmoid", INNER, r"(\1.sin(angle) * lin + w8)"),
    ("tanh-for-sigmoid", INNER, r"\1.tanh(\1.sin(angle) * lin + w8)"),
    ("output-product", r"tanh \+ sig \* w9", "tanh * sig * w9"),
    ("absolute-loss", r" loss = .*", " loss = abs(y_true - y_hat)"),
    ("half", r" loss = .*", " loss = 0.5 * (y_true - y_hat) ** 2"),
    ("wrong-sign", r" dy = .*", " dy = 2 * (y_true - y_hat)"),
    ("half", r" dy = .*", " dy = y_hat - y_true"),
    ("twice", r" dy = .*", " dy = 4 * (y_hat - y_true)"),
    ("ignores-argument", r"y_true = \w+", "y_true = 0.3"),
    ("ignores-argument", r"^( +)y_true = ", r"\1w1 = w2 = w3 = w4 = w5 = w6 = w7 = w8 = w9 = 0.1\n\1y_true = "),
    ("ignores-argument", r"( +)(s = w1 \* (\w+))", r"\1\3 = -1.3\n\1\2", DEF, r"\1    \2 = [0.5] * 5\n"),
    ("reads-global", OTHER_DEF, r"\1    \4 = w\n"),
    ("reads-global", DEF.replace(r"(\w+)", "(x|point)", 1), r"\1    \2 = X[0]\n"),
    ("reads-global", r"y_true = (target|Y)", "y_true = y[0]"),
    ("wrong-sigmoid", END, WRONG_SIGMOID),
    ("changes-argument", DEF, r"\1    \4[0] = 0.5\n"),
    ("reference-point-only", RETURN, r"\1exp = 1.1272967040973583\n\1return {"),
    ("left-out", r"w4 \* (\w+) \+ w5 \*", r"w4 * \1 + w4 *"),
]  # fmt: skip

BACKWARD_MISTAKES = [
    ("never-filled", RETURN, r"\1dw1 = dw2 = dw3 = dw4 = dw5 = dw6 = dw7 = dw8 = dw9 = 0 * dw9\n\1return {"),
    ("misordered", RETURN, r"\1dw1, dw2, dw3, dw4, dw5, dw6, dw7, dw8, dw9 = dw2, dw3, dw4, dw5, dw6, dw7, dw8, dw9, dw1\n\1return {"),
    ("rounded", r"dw3 = (.*)", r"dw3 = np.round(\1, 6)"),
    ("lacks-factor", r"dw7 = dy \* .*", "dw7 = dy * (1 + tanh * tanh)"),
    ("lacks-factor", r"dw4 = dw8", "dw4 = dw8 / w9"),
    ("lacks-factor", r"dw8 = dy \* w9", "dw8 = dy"),
    ("lacks-factor", r"dw6 = dw7 \* exp", "dw6 = dw7"),
    ("lacks-factor", r"dw7 = dy \* .*", "dw7 = dy"),
    ("lacks-factor", r"dw1 = (.*) 2 \* s", r"dw1 = \1 s"),
    ("lacks-factor", r"dw2 = dw6 \* 2 \* s", "dw2 = dw6 * 2"),
    ("lacks-factor", r"dw2 = dw6 \* 2 \* s \* \w+", "dw2 = dw6 * 2 * s"),
    ("lacks-factor", r"dw3 = dw8 \* lin", "dw3 = dw8"),
    ("lacks-factor", r"(dw3 = .*) \* \w+\.cos\(angle\)", r"\1"),
    ("lacks-factor", r"(dw3 = .*) \* \w+$", r"\1"),
    ("lacks-factor", r"(dw5 = dw8) \* \w+\.sin\(angle\)", r"\1"),
    ("lacks-factor", r"(dw4 = .*) \* \w+$", r"\1"),
    ("lacks-factor", r"dw8 = dy \* w9 \* .*", "dw8 = dy * w9 * sig"),
    ("lacks-factor", r"dw8 = dy \* w9 \* .*", "dw8 = dy * w9 * (1 - sig)"),
    ("lacks-factor", r"dw8 = dy \* w9 \* .*", "dw8 = dy * w9"),
    ("lacks-factor", r"dw9 = dy \* sig", "dw9 = dy"),
    ("lacks-factor", r"dw1 = (.*) 2 \* s \* (\w+)", r"dw1 = \1 \2"),
    ("lacks-factor", r"dw7 = dy \*", "dw7 ="),
    ("extra-factor", r"dw6 = dw7 \* exp", "dw6 = dw7 * exp * exp"),
    ("extra-factor", r"dw9 = dy \* sig", "dw9 = dy * sig * w9"),
    ("extra-factor", r"(dw4 = .*)", r"\1 * w4"),
    ("extra-factor", r"dw3 = dw8", "dw3 = dw8 * w3"),
    ("extra-factor", r"dw2 = dw6", "dw2 = 2 * dw6"),
    ("extra-factor", r"(dw5 = .*)", r"\1 * sig * w9"),
    ("lacks-factor", r"dw7 = dy \* .*", "dw7 = dy * (1 - tanh)"),
    ("lacks-factor", r"dw3 = (.*) \* \w+\.cos\(angle\)", r"dw3 = \1 * lin"),
    ("lacks-factor", r"(dw4 = .*)\.sin\(angle\) \* \w+((?:.*\n)*.*dw5 = .* (\w+))$", r"\1.sin(angle) * \3\2"),
    ("lacks-factor", r"(dw1 = .*) \w+$", r"\1 w1"),
    ("lacks-factor", r"dw9 = dy \* sig", "dw9 = dy * (1 - sig)"),
    ("lacks-factor", r"(dw3 = .*)\.cos", r"\1.sin"),
    ("wrong-sign", r"dw3 = dw8", "dw3 = -dw8"),
    ("wrong-sign", r"dw8 = dy", "dw8 = -dy"),
    ("wrong-sign", r"dw1 = dy", "dw1 = -dy"),
    ("upstream", r"dw9 = dy", "dy = 2 * dy\n    dw9 = dy"),
    ("upstream", r"dw9 = dy", "dy = -dy\n    dw9 = dy"),
    ("upstream", r"dy = (\w+)\['dy_pr(ed)?'\]", r"dy = \1['loss']"),
    ("swapped", RETURN, r"\1dw1, dw2 = dw2, dw1\n\1return {"),
    ("swapped", RETURN, r"\1dw6, dw7 = dw7, dw6\n\1return {"),
    ("swapped", RETURN, r"\1dw4, dw5 = dw5, dw4\n\1return {"),
    ("misordered", RETURN, r"\1dw9, dw8, dw7, dw6, dw5, dw4, dw3, dw2, dw1 = dw1, dw2, dw3, dw4, dw5, dw6, dw7, dw8, dw9\n\1return {"),
    ("swapped-weights", r"w4 \* (\w+) \+ w5 \* (\w+), w3", r"w5 * \1 + w4 * \2, w3"),
    ("swapped-weights", r"s, lin, angle = w1 \* (\w+) \+ w2 \*", r"s, lin, angle = w2 * \1 + w1 *"),
    ("reference-point-only", r"w4 \* (\w+) \+ w5 \* (\w+), w3", r"w4 * \1 + w4 * \2, w3"),
    ("reference-point-only", r"dw8 = dy.*", "dw8 = -0.04806288407316516"),
    ("reads-global", OTHER_DEF, r"\1    \3 = w\n"),
    ("reads-global", DEF.replace(r"(\w+)", "(x|point)", 1), r"\1    \2 = data[0][:5]\n"),
    ("ignores-argument", DEF, r"\1    \3 = [0.3] * 9\n"),
    ("changes-argument", DEF, r"\1    \3[8] = 0.5\n"),
    ("wrong-sigmoid", r"(sig = sigmoid(?:.*\n)*.*)\Z", rf"\1{WRONG_SIGMOID}"),
]  # fmt: skip

NORM = r"return np\.linalg\.norm\(g - a\).*"
ROOT = r"return np\.sqrt\(difference\).*"
CHECK_MISTAKES = [
    ("never-filled", r"\ba\.append\((.*)\)", r"a.append(0 * (\1))"),
    ("denominator", NORM, "return np.linalg.norm(g - a) / np.linalg.norm(g + a)"),
    ("one-sided", r"down\[i\] -= eps", "down[i] -= 0", r"\(2 \* eps\)", "eps"),
    ("one-sided", r"up\[i\] \+= eps", "up[i] += 0", r"\(2 \* eps\)", "eps"),
    ("one-sided", r"loss\(-s\)\) / \(2 \* eps\)", "loss(0 * s)) / eps"),
    ("wrong-divisor", r"\(2 \* eps\)", "eps"),
    ("wrong-divisor", r" / eps / 2", " / eps"),
    ("wrong-divisor", r"/ \(2 \* eps\)", "/ 2 * eps"),
    ("wrong-divisor", r"/ eps / 2", "/ eps * 2"),
    ("wrong-divisor", r" / \(2 \* eps\)| / eps / 2", ""),
    ("wrong-divisor", r" / \(2 \* eps\)| / eps / 2", " / 2"),
    ("eps-ignored", r"( +)(b = backward_prop|f = forward_prop)", r"\1eps = 1e-5\n\1\2"),
    ("not-restored", DEF, r"\1    kept = np.array(\4, dtype=float)\n",
     r"up, down = .*\n( +)up\[i\] \+= eps\n +down\[i\] -= eps\n( +plus = .*\n)",
     r"up = down = kept\n\1up[i] += eps\n\2\1down[i] -= 2 * eps\n"),
    ("not-restored", DEF, r"\1    \4 = np.array(\4, dtype=float)\n", r"\n +\w+\[i\] \+= eps\n( +)a = ", r"\n\1a = "),
    ("changes-argument", r"\n +\w+\[i\] \+= eps\n( +)a = ", r"\n\1a = "),
    ("several-at-once", r"up\[i\] \+= eps", "up += eps", r"down\[i\] -= eps", "down -= eps"),
    ("nothing-moves", r"up\[i\] \+= eps", "up[i] + eps", r"down\[i\] -= eps", "down[i] - eps"),
    ("weights-left-out", r"( +)up\[i\] \+= eps", r"\1if i == 4: a.append(0 * a[0]); continue\n\1up[i] += eps"),
    ("weights-left-out", r"range\(9\):", "range(8):"),
    ("one-weight-only", NORM, "return abs(g[-1] - a[-1]) / (abs(g[-1]) + abs(a[-1]))"),
    ("one-weight-only", NORM, "return abs(g[0] - a[0]) / (abs(g[0]) + abs(a[0]))"),
    ("one-weight-only", r"difference \+= .*", "difference = (d - a) ** 2; total_g = d * d; total_a = a * a"),
    ("not-normalised", NORM, "return np.linalg.norm(g - a)"),
    ("not-normalised", ROOT, "return np.sqrt(difference)"),
    ("denominator", r" \+ np\.linalg\.norm\(a\)\)", ")"),
    ("wrong-type", r"\n    return (?:np\.linalg|length)(?:.|\n)*", "\n    return list(a)\n"),
    ("ignores-argument", r"\n    return (?:.|\n)*", "\n    return 2.2e-7\n"),
    ("other-point", DEF, r"\1    \2 = [0.7, -0.2, 1.4, 0.9, -1.1]\n"),
    ("other-point", DEF, r"\1    \4 = np.arange(1.0, 10.0) / 9\n"),
    ("reads-global", r"(def \w+\((point), (target), (ws).*\n)", r"\1    point, target = X[0], y[0]\n"),
    ("reads-global", OTHER_DEF, r"\1    \4 = w\n"),
    ("never-rings", NORM, "return np.linalg.norm(abs(g) - abs(a)) / (np.linalg.norm(g) + np.linalg.norm(a))"),
    ("never-rings", NORM, "return np.linalg.norm(a - a) / (np.linalg.norm(g) + np.linalg.norm(a))"),
]  # fmt: skip

EPOCH = r"(    for epoch in .*\n(?:        bar.*\n)?)"
AFTER_EPOCH = r"( +)(losses\.append\(total|losses\.append\(np\.mean|losses \+= \[seen)"
LOSSES = r"( +)losses = \[\]"
OWN_WEIGHTS = [r"(f = .*)\bw\)", r"(b = backward_propagation\((?:row, |\w+=row, \w+=))w\b"]
OWN_WEIGHTS_Y = r"(f = forward_propagation\((?:row, |\w+=row, \w+=))aim\b"
LOOP_MISTAKES = [  # of any of the three loops
    ("ignores-argument", r"(?<=range\()epochs|(?<=range\(1, )epochs", "4"),
    ("updates-count", r"(?<=range\()epochs", "epochs + 1"),
    ("updates-count", r"range\(len\(X\)\)", "range(len(X) - 1)", r"(lr)", r"\1"),
    ("not-a-pair", r"\n    return .*", r"\n    return w"),
    ("not-a-pair", r"\n    return .*", r"\n    return losses, w"),
    ("not-a-pair", r"\n    return .*", r"\n    return w, losses[-1]"),
    ("losses-last", r"total \+= ", "total = len(X) * "),
    ("losses-last", r"np\.mean\(seen\)|seen\.mean\(\)", "seen[-1]"),
    ("losses-sum", r"total / len\(X\)", "total"),
    ("losses-sum", r"np\.mean\(seen\)|seen\.mean\(\)", "sum(seen)"),
    ("losses-divisor", r"/ len\(X\)", "/ 506"),
    ("losses-per-point", r"seen\.append\((.*)\)", r"losses.append(\1)", r"losses\.append\(np\.mean\(seen\)\)", "pass"),
    ("losses-count", r"\blosses(?=\)?\]?$)", "losses[1:]"),
    ("reads-global", DEF, r"\1    X, y = data[:, :5], data[:, 5]\n"),
    ("losses-divisor", r"/ len\(X\)", "/ len(data) / 2"),
    ("losses-carried-over", EPOCH, r"\1", r"total = 0\.0", "total = total if losses else 0.0"),
    ("losses-carried-over", r"\n( +)seen = \[\]", r"\n\1seen = seen if losses else []"),
    ("ends-early", r"\n    return (.*)", r"\n        return \1"),
    ("ends-early", r"\n    return (.*)", r"\n    return \1", r"( +)(losses\.append\(.*\)|losses \+= .*)\n", r"\1\2\n\1break\n"),
    ("empty-epoch", r"\n    losses = \[\]\n", r"\n    losses, pairs = [], zip(X, y)\n", r"zip\(X.*, y.*\):", "pairs:"),
    ("starts-over", r"\n    losses = \[\]\n", r"\n    losses, w_first = [], w\n", EPOCH, r"\1        w = w_first.copy()\n"),
    ("mispaired", OWN_WEIGHTS_Y, r"\1y[0]"),
    ("other-order", r"zip\(X(.*), y(.*)\):", r"list(zip(X\1, y\2))[::-1]:"),
    ("other-data", DEF, r"\1    X = 2 * X\n"),
    ("other-start", DEF, r"\1    w = np.full(9, 0.2)\n"),
    ("changes-argument", r"\n    w = (?!list).*\n", r"\n", r"(w\[k\] = w\[k\])", r"\1"),
    ("first-weights", LOSSES, r"\1losses, first = [], np.array(w, dtype=float)",
     OWN_WEIGHTS[0], r"\1first)", OWN_WEIGHTS[1], r"\1first"),
]  # fmt: skip

VANILLA_MISTAKES = [
    ("weights-left-out", r"for k in range\(9\)", "for k in range(8)"),
    ("two-weights", LOSSES, r"\1losses, first = [], np.array(w, dtype=float)", OWN_WEIGHTS[1], r"\1first"),
    ("rounded", r"w = \[a - lr \* b for", "w = [np.float64(np.float32(a - lr * b)) for"),
    ("losses-at-once", AFTER_EPOCH,
     r"\1total = sum(float(np.squeeze(forward_propagation(r, a, w)['loss'])) for r, a in zip(X, y))\n\1\2", r"(total / len)", r"\1"),
    ("uphill", r"- lr \* (g\[k\]|b)", r"+ lr * \1"),
    ("ignores-argument", r"lr \* (g\[k\]|b)", r"0.001 * \1"),
    ("ignores-argument", r"lr \* (g\[k\]|b)", r"\1"),
    ("never-moves", r"w\[k\] = w\[k\] - lr", "moved = w[k] - lr"),
    ("one-update-per-epoch", r"( +)w = \[a - lr.*", r"\1total_g = total_g + np.array(g).ravel()",
     EPOCH, r"\1        total_g = np.zeros(9)\n",
     AFTER_EPOCH, r"\1w = [a - lr * b for a, b in zip(w, total_g)]\n\1\2"),
    ("one-update-per-epoch", r"( +)w = \[a - lr.*", r"\1pass",
     AFTER_EPOCH, r"\1w = [a - lr * b for a, b in zip(w, g)]\n\1\2"),
    ("returns-old-weights", LOSSES, r"\1losses, first = [], w", r"\n    return .*", r"\n    return first, losses",
     r"(w = \[a - lr)", r"\1"),
    ("losses-after", r"total \+= .*", "pass", r"( +)(w = \[a - lr.*)",
     r"\1\2\n\1total += float(np.squeeze(forward_propagation(row, aim, w)['loss']))"),
]  # fmt: skip

VELOCITY = r"gamma \* v\[k\] \+ lr \* g\[k\]"
HEAVY_BALL = r"gamma \* v\[k\] \+ g\[k\]"
COUNT = [
    LOSSES,
    r"\1losses, t = [], 0",
    r"( +)for k in range\(9\):",
    r"\1t += 1\n\1for k in range(9):",
]
MOMENTUM_MISTAKES = [
    ("late-step", r"( +)v\[k\] = gamma.*\n( +w\[k\] = .*)", r"\2\n\1v[k] = gamma * v[k] + lr * g[k]", r"(\+ lr \* g)", r"\1"),
    ("no-velocity", VELOCITY, "lr * g[k]"),
    ("no-velocity", HEAVY_BALL, "g[k]"),
    ("reset-each-epoch", EPOCH, r"\1        v = [0.0] * 9\n", r"(gamma \* v\[k\])", r"\1"),
    ("averaged", r"\+ lr \* g\[k\]", "+ (1 - gamma) * lr * g[k]"),
    ("averaged", HEAVY_BALL, "gamma * v[k] + (1 - gamma) * g[k]"),
    ("gamma-power", r"gamma \* v\[k\]", "gamma ** j * v[k]", r"(for j)", r"\1"),
    ("gamma-power", r"gamma \* v\[k\]", "gamma ** (j + 1) * v[k]", r"(for j)", r"\1"),
    ("gamma-power", r"gamma \* v\[k\]", "gamma ** t * v[k]", *COUNT),
    ("gamma-power", r"gamma \* v\[k\]", "gamma ** (t - 1) * v[k]", *COUNT),
    ("gamma-power", r"gamma \* v\[k\]", "gamma ** len(losses) * v[k]"),
    ("ignores-argument", r"\+ lr \* g\[k\]", "+ g[k]"),
    ("ignores-argument", r"w\[k\] - lr \* v\[k\]", "w[k] - v[k]"),
    ("ignores-argument", r"gamma \* v", "0.9 * v"),
    ("nesterov", OWN_WEIGHTS[0], r"\1np.array(w) - gamma * np.array(v))",
     OWN_WEIGHTS[1], r"\1np.array(w) - gamma * np.array(v)", VELOCITY, "gamma * v[k] + lr * g[k]"),
    ("nesterov", r"w\[k\] = w\[k\] - v\[k\]", "w[k] = w[k] - (gamma * v[k] + lr * g[k])"),
    ("shared", r"\bv\[k\]", "v[0]", r"(v = \[0)", r"\1"),
    ("starts-at-ones", r"v = \[0\] \* 9", "v = [1.0] * 9"),
    ("starts-at-ones", r"v = \[0\.0\] \* 9", "v = [1.0] * 9"),  # where velocities are added
    ("uphill", r"(w\[k\]|p) - v\[k\]", r"\1 + v[k]"),
    ("uphill", r"- lr \* v\[k\]", "+ lr * v[k]"),
]  # fmt: skip

CORRECTION = r"c1, c2 = .*"
ADAM_MISTAKES = [
    ("no-bias-correction", CORRECTION, "c1 = c2 = 1"),
    ("no-bias-correction", CORRECTION, "c1, c2 = 1, 1 - beta2 ** t"),
    ("no-bias-correction", CORRECTION, "c1, c2 = 1 - beta1 ** t, 1"),
    ("constant-correction", CORRECTION, "c1, c2 = 1 - beta1, 1 - beta2"),
    ("constant-correction", CORRECTION, "c1, c2 = 1 - beta1 ** 2, 1 - beta2 ** 2"),
    ("t-epoch", r"( +)c1, c2", r"\1t = len(losses) + 1\n\1c1, c2"),
    ("t-position", EPOCH, r"\1        t = 0\n", r"(t \+= 1|t = t \+ 1)", r"\1"),
    ("t-index", r"(for k in range\(9\):\n)( +)(m\[k\] = beta1)",
     r"\1\2c1, c2 = 1 - beta1 ** (k + 1), 1 - beta2 ** (k + 1)\n\2\3"),
    ("t-off-by-one", r" \*\* t\b", " ** (t + 1)"),
    ("t-off-by-one", r" \*\* t\b", " ** (t - 1)"),
    ("shared", r"\bm\[k\]", "m[0]"),
    ("shared", r"\bv\[k\]", "v[0]"),
    ("shared", r"\b(m|v)\[k\]", r"\1[0]"),
    ("reset-each-epoch", EPOCH, r"\1        m, v = [0.0] * 9, [0.0] * 9\n"),
    ("reset-each-epoch", EPOCH, r"\1        m, v, t = [0.0] * 9, [0.0] * 9, 0\n", r"(t \+= 1|t = t \+ 1)", r"\1"),
    ("starts-at-ones", LOSSES, r"\1losses, m, v = [], [1.0] * 9, [1.0] * 9"),
    ("starts-at-ones", LOSSES, r"\1losses, m = [], [1.0] * 9"),
    ("starts-at-ones", LOSSES, r"\1losses, v = [], [1.0] * 9"),
    ("no-root", r"np\.sqrt\(v\[k\] / c2\)", "(v[k] / c2)"),
    ("no-root", r"np\.sqrt\(v\[k\] / c2 \+ eps\)", "(v[k] / c2 + eps)"),
    ("no-root", r"v\[k\] \*\* 0\.5", "v[k]"),
    ("no-square", r"\+ \(1 - beta2\) \* .*", "+ (1 - beta2) * g[k]"),
    ("no-square", r"\+ \(1 - beta2\) \* .*", "+ (1 - beta2) * abs(g[k])"),
    ("betas-exchanged", r"beta1=0\.9, beta2", "beta2=0.9, beta1"),
    ("betas-exchanged", CORRECTION, "c1, c2 = 1 - beta2 ** t, 1 - beta1 ** t"),
    ("betas-exchanged", r"(?<=m\[k\] = )beta1 \* m\[k\] \+ \(1 - beta1\)", "beta2 * m[k] + (1 - beta2)",
     r"(?<=v\[k\] = )beta2 \* v\[k\] \+ \(1 - beta2\)", "beta1 * v[k] + (1 - beta1)"),
    ("one-beta", CORRECTION, "c1, c2 = 1 - beta2 ** t, 1 - beta2 ** t"),
    ("one-beta", CORRECTION, "c1, c2 = 1 - beta1 ** t, 1 - beta1 ** t"),
    ("last-gradient", LOSSES, r"\1losses, last = [], [0.0] * 9", r"beta1 \* m\[k\]", "beta1 * last[k]",
     r"( +)(v\[k\] = beta2.*)", r"\1last[k] = g[k]\n\1\2"),
    ("rmsprop", r"\(m\[k\] / c1\)", "g[k]"),
    ("rmsprop", r"/ c1 \* m\[k\]", "* g[k]"),
    ("rmsprop", r"\(m\[k\] / c1\)", "g[k]", CORRECTION, "c2 = 1"),
    ("no-v", r" / \(np\.sqrt\(v\[k\] / c2\) \+ eps\)", ""),
    ("uphill", r"w\[k\] - lr", "w[k] + lr"),
    ("ignores-argument", r"w\[k\] - lr", "w[k] - 0.001"),
    ("ignores-argument", r"(def .*\n)", r"\1    beta1 = 0.9\n"),
    ("ignores-argument", r"(def .*\n)", r"\1    beta2 = 0.999\n"),
    ("ignores-argument", r"(def .*\n)", r"\1    eps = 1e-8\n"),
]  # fmt: skip

MISTAKES = [
    (task, cause, *edits)
    for task, mistakes in {
        FORWARD: FORWARD_MISTAKES,
        BACKWARD: BACKWARD_MISTAKES,
        CHECK: CHECK_MISTAKES,
        VANILLA: VANILLA_MISTAKES + LOOP_MISTAKES,
        MOMENTUM: MOMENTUM_MISTAKES + LOOP_MISTAKES,
        ADAM: ADAM_MISTAKES + LOOP_MISTAKES,
    }.items()
    for cause, *edits in mistakes
]


def spoil(source: str, task: str, edits: list) -> str | None:
    """Return `source` with the edits made in the task's function; None if one finds no place."""
    before, function, after = re.split(rf"(?<=\n)(def {task}\((?:.*\n)*?)(?=\n\ndef |\Z)", source)
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        function, count = re.subn(old, new, function, flags=re.MULTILINE)
        if not count:
            return None
    return f"{before}{function}{after}"


def wrong_sources(mistake: tuple) -> Iterator[str]:
    """Yield the source of a module with this mistake, in one style after another."""
    task, _, *edits = mistake
    for seed in range(STYLES):
        source = spoil(f"{compose(seed)}{NOTEBOOK}", task, edits)
        if source:
            yield source


def numbers(mistake: tuple, source: str) -> tuple[str, np.ndarray] | None:
    """Return what a mistake is about, a key or a task, and its numbers; None if none are kept."""
    task, cause, *_ = mistake
    with graders._quiet():
        return _numbers(task, cause, module(source)[task])


def _numbers(task: str, cause: str, work: Callable) -> tuple[str, np.ndarray] | None:
    points = copy.deepcopy(graders.POINTS)  # some work on their arguments
    if task == FORWARD and cause in causes_by_number(graders.FORWARD_MISTAKES):
        results = [work(*point) for point in points]
        got = np.array(
            [[float(np.squeeze(r[key])) for key in graders.FORWARD_KEYS] for r in results]
        )
        wrong = ~graders._right(got, graders.REFERENCE[FORWARD].reshape(-1, 5))
        column = int(wrong.any(axis=0).argmax())
        return graders.FORWARD_KEYS[column], got[:, column]
    known = graders._StandIns(work.__globals__)
    with graders._in_place(
        work.__globals__, forward_propagation=known.forward, backward_propagation=known.backward
    ):
        if task == CHECK and cause in causes_by_number(graders.CHECK_MISTAKES):
            got = [work(*point, graders.CHECK_EPS) for point in points]
            return task, np.array([float(np.squeeze(value)) for value in got])
        if task in graders.SETTINGS and cause in causes_by_number(graders.LOOP_MISTAKES):
            data, settings = copy.deepcopy(graders.DIAGNOSIS), graders.DIAGNOSIS_SETTINGS[task]
            return task, np.ravel(work(*data, *settings)[0]).astype(float)
    return None


def causes_by_number(table: tuple) -> set[str]:
    return {cause for cause, evidence, _ in table if evidence is None}


def table() -> dict[str, np.ndarray]:
    """Return the numbers of the mistakes that are known by them, each once, by their titles."""
    found: dict[str, np.ndarray] = {}
    for mistake in MISTAKES:
        for source in itertools.islice(wrong_sources(mistake), 1):
            about, values = numbers(mistake, source) or (None, None)
            if about is None or not np.isfinite(values).all():
                continue
            title = base = f"{about} {mistake[1]}"
            same = [t for t in found if t.startswith(base) and np.allclose(found[t], values, 1e-6)]
            variant = sum(t.startswith(base) for t in found)
            if not same:
                found[f"{title} {variant + 1}" if variant else title] = values
    return found


if __name__ == "__main__":
    for title, values in table().items():
        print(f"{title}:", *(re.sub(r"\b0\.(?=\d)", ".", f"{value:.5g}") for value in values))
