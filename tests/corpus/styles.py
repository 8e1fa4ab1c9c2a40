"""Correct solutions in many styles, composed at random from independent choices.

`compose(seed)` returns the source of a module with all seven functions. Each choice below is
one that students make; any combination is correct work.
"""

import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np

HEADER = """\
import copy
import math
import numpy as np
from tqdm import tqdm, trange
"""

SIGMOIDS = [
    "return 1 / (1 + {m}.exp(-z))",
    "return 0.5 * (1 + {m}.tanh(z / 2))",
    "return 1 - 1 / (1 + {m}.exp(z))",
    "s = {m}.exp(-z)\nreturn 1.0 / (1.0 + s)",
    "return 1 / (1 + {m}.exp(-z)) if z >= 0 else {m}.exp(z) / (1 + {m}.exp(z))",
    "return {m}.exp(z) / ({m}.exp(z) + 1)",
    "return {m}.power(1 + {m}.exp(-z), -1)",
]

NAMES = [
    ("x", "y", "w", "forward_dict"),
    ("X", "Y", "W", "dict"),
    ("point", "target", "ws", "cache"),
]

# The nodes of the graph, written with whole vectors or one by one
UNPACK = [
    "{x1}, {x2}, {x3}, {x4}, {x5} = {X}\n{w} = {W}",
    (
        "{x1} = {X}[0]; {x2} = {X}[1]; {x3} = {X}[2]; {x4} = {X}[3]; {x5} = {X}[4]\n"
        "w1 = {W}[0]; w2 = {W}[1]; w3 = {W}[2]; w4 = {W}[3]; w5 = {W}[4]\n"
        "w6 = {W}[5]; w7 = {W}[6]; w8 = {W}[7]; w9 = {W}[8]"
    ),
    "({x1}, {x2}, {x3}, {x4}, {x5}), ({w}) = list({X}), list({W})",
]
SQUARES = ["s ** 2", "s * s", "{power}(s, 2)", "np.square(s)"]
TANH_SLOPES = [
    "(1 - tanh ** 2)",
    "(1 - tanh * tanh)",
    "((1 - tanh) * (1 + tanh))",
    "(1 / {m}.cosh(exp + w7) ** 2)",
]
LOSSES = [
    "(y_true - y_hat) ** 2",
    "(y_hat - y_true) * (y_hat - y_true)",
    "{power}(y_true - y_hat, 2)",
]
SLOPES = ["2 * (y_hat - y_true)", "-2 * (y_true - y_hat)", "(y_hat - y_true) + (y_hat - y_true)"]
FORMS = {
    "float": "float({})",
    "as it is": "{}",
    "numpy": "np.float64({})",
    "array": "np.array([{}])",
}

CHECKS = {
    "arrays": """
        f = forward_propagation({X}, {Y}, {W})
        b = backward_propagation({X}, {W}, f)
        g = np.array([b['dw%d' % (i + 1)] for i in range(9)], dtype=float).ravel()
        a = []
        for i in range(len({W})):
            up, down = np.array({W}, dtype=float), np.array({W}, dtype=float)
            up[i] += eps
            down[i] -= eps
            plus = forward_propagation({X}, {Y}, up)['loss']
            minus = forward_propagation({X}, {Y}, down)['loss']
            a.append((plus - minus) / (2 * eps))
        a = np.array(a, dtype=float).ravel()
        return np.linalg.norm(g - a) / (np.linalg.norm(g) + np.linalg.norm(a))""",
    "lists": """
        b = backward_propagation({X}, {W}, forward_propagation({X}, {Y}, {W}))
        g = [{number}(b[f'dw{{k}}']) for k in range(1, 10)]
        def loss_at(weights):
            return {number}(forward_propagation({X}, {Y}, weights)['loss'])
        a = []
        for i in range(9):
            up = list({W}); up[i] = up[i] + eps
            down = list({W}); down[i] = down[i] - eps
            a.append((loss_at(up) - loss_at(down)) / eps / 2)
        length = lambda v: math.sqrt(sum(t * t for t in v))
        return length([p - q for p, q in zip(g, a)]) / (length(g) + length(a))""",
    "in place": """
        f = forward_propagation({X}, {Y}, {W})
        g = backward_propagation({X}, {W}, f)
        difference = total_g = total_a = 0.0
        for i in range(9):
            {W}[i] += eps
            plus = forward_propagation({X}, {Y}, {W})['loss']
            {W}[i] -= 2 * eps
            minus = forward_propagation({X}, {Y}, {W})['loss']
            {W}[i] += eps
            a = (plus - minus) / (2 * eps)
            d = g[f'dw{{i + 1}}']
            difference += (d - a) ** 2; total_g += d * d; total_a += a * a
        return np.sqrt(difference) / (np.sqrt(total_g) + np.sqrt(total_a))""",
    "identity matrix": """
        def loss(step):
            return {number}(forward_propagation({X}, {Y}, np.asarray({W}) + step)['loss'])
        steps = eps * np.eye(9)
        a = np.array([(loss(s) - loss(-s)) / (2 * eps) for s in steps])
        b = backward_propagation({X}, {W}, forward_propagation({X}, {Y}, {W}))
        g = np.array([{number}(b['dw' + str(k)]) for k in range(1, 10)])
        return {check_result}(
            ((g - a) ** 2).sum() ** 0.5 / ((g ** 2).sum() ** 0.5 + (a ** 2).sum() ** 0.5)
        )""",
}

ROWS = [
    "for {px}, {py} in zip(X, y):",
    "for {px}, {py} in zip(X.tolist(), y.tolist()):",
    "for j in range(len(X)):\n    {px}, {py} = X[j], y[j]",
    "for j in range(X.shape[0]):\n    {px} = X[j, :]; {py} = y[j]",
    "for j, {px} in enumerate(X):\n    {py} = y[j]",
]
EPOCHS = [
    "for epoch in tqdm(range(epochs)):",
    "for epoch in trange(epochs, desc='epochs'):",
    "bar = tqdm(total=epochs)\nfor epoch in range(epochs):\n    bar.update(1)",
    "for epoch in tqdm(range(1, epochs + 1)):",
]
GRADIENTS = [
    "g = [b['dw' + str(k)] for k in range(1, 10)]",
    "g = np.array([b[f'dw{k}'] for k in range(1, 10)]).ravel()",
    "g = [b[key] for key in sorted(b) if key.startswith('dw')]",
    "g = list({values})",
    "g = np.array(list({values}), dtype=float).reshape(9)",
]
RECORDS = [  # before the rows, at each row, after the rows
    ("total = 0.0", "total += {loss}", "losses.append(total / len(X))"),
    ("seen = []", "seen.append({loss})", "losses.append(np.mean(seen))"),
    (
        "seen = np.zeros(len(y))\nn = 0",
        "seen[n] = np.squeeze({loss}); n += 1",
        "losses += [seen.mean()]",
    ),
]
WEIGHTS = [
    "w = list(w)",
    "w = np.array(w, dtype=float)",
    "w = copy.deepcopy(w)",
    "w = w.copy()",
    "w = w + 0.0",
]
RETURNS = [
    "return w, losses",
    "return (w, np.array(losses))",
    "return [np.array(w), losses]",
    "return list(w), losses",
]

VANILLA = [
    "for k in range(9):\n    w[k] = w[k] - lr * g[k]",
    "w = [a - lr * b for a, b in zip(w, g)]",
]
MOMENTUM = [  # the start of the velocity, the update
    (
        "v = [0] * 9",
        "for k in range(9):\n    v[k] = gamma * v[k] + lr * g[k]\n    w[k] = w[k] - v[k]",
    ),
    (
        "v = [0.0] * 9",
        "v = [gamma * p - lr * q for p, q in zip(v, g)]\nw = [p + q for p, q in zip(w, v)]",
    ),
    (
        "v = [0] * 9",
        "for k in range(9):\n    v[k] = gamma * v[k] + g[k]\n    w[k] = w[k] - lr * v[k]",
    ),
    ("v = {}", "for k in range(9):\n    v[k] = gamma * v.get(k, 0) + lr * g[k]\n    w[k] -= v[k]"),
]
ADAM_STEPS = {
    "outside": "w[k] = w[k] - lr * (m[k] / c1) / (np.sqrt(v[k] / c2) + eps)",
    "inside": "w[k] = w[k] - lr / np.sqrt(v[k] / c2 + eps) * (m[k] / c1)",
    "folded": "w[k] = w[k] - lr * np.sqrt(c2) / c1 * m[k] / (v[k] ** 0.5 + eps)",
}
ADAM_COUNTS = [
    ("t = 0", "t += 1"),
    ("t = 0", "t = t + 1"),
    ("from itertools import count\ncounter = count(1)", "t = next(counter)"),
]


def indent(text: str, by: int) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n"), "    " * by)


def compose(seed: int) -> str:
    """Return the source of a correct module with all seven functions, in styles drawn by `seed`."""
    style = Style(np.random.default_rng(seed))
    sigmoid_body, forward = style.forward_and_sigmoid()
    backward, check, loops = style.backward(), style.check(), style.loops()
    return "\n".join([HEADER, sigmoid_body, forward, backward, check, *loops])


class Style:
    """One combination of choices. The functions are composed in the order of `compose`."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self.x, self.y, self.w, self.f = self.pick(NAMES)
        self.form = self.pick(FORMS)
        # math does not take arrays
        self.math = "np" if self.form == "array" else self.pick(["np", "math"])
        self.slope_key = self.pick(["dy_pr", "dy_pr", "dy_pred"])
        self.has_extra_keys = bool(rng.integers(2))
        self.names = self.draw_names()

    def pick(self, choices: Iterable) -> Any:
        """Return one of the choices."""
        choices = list(choices)
        return choices[self.rng.integers(len(choices))]

    def draw_names(self) -> dict[str, str]:
        """Return what replaces the names in braces in the choices above."""
        names = {"X": self.x, "Y": self.y, "W": self.w, "F": self.f, "m": self.math}
        names["w"] = ", ".join(f"w{k}" for k in range(1, 10))
        names |= {f"x{k}": self.pick([f"x{k}", f"f{k}"]) for k in range(1, 6)}
        names["power"] = "np.power" if self.math == "np" else "math.pow"
        names["number"] = "np.squeeze" if self.form == "array" else "float"
        names["check_result"] = self.pick(["float", "np.float64", "np.atleast_1d"])
        return names

    def line(self, choices: Iterable[str]) -> str:
        """Return one of the choices with all names filled in."""
        return self.pick(choices).format(**self.names)

    def returned(self, values: dict[str, str]) -> str:
        """Return the entries of a dictionary, each value in the form of this style."""
        form = FORMS[self.form]
        return ", ".join(f"{key!r}: {form.format(value)}" for key, value in values.items())

    def forward_and_sigmoid(self) -> tuple[str, str]:
        """Return the sigmoid and the forward pass."""
        keys = {"exp": "exp", "tanh": "tanh", "sigmoid": "sig", "loss": "loss"}
        keys[self.slope_key] = "dy"
        if self.has_extra_keys:
            keys |= {"inner": "s", "slope": "lin", "wave": "angle", "y_hat": "y_hat"}
        order = self.rng.permutation(list(keys)).tolist()
        items = self.returned({key: keys[key] for key in order})
        m, (x1, x2, x3, x4, x5) = self.math, (self.names[f"x{k}"] for k in range(1, 6))
        self.unpack = indent(self.line(UNPACK), 1)
        body = self.pick([s for s in SIGMOIDS if m == "np" or "power" not in s])
        sigmoid = f"\ndef sigmoid(z):\n{indent(body.format(m=m), 1)}\n"
        forward = f"""
def forward_propagation({self.x}, {self.y}, {self.w}):
{self.unpack}
    y_true = {self.y}
    s = w1 * {x1} + w2 * {x2}
    exp = {m}.exp({self.line(SQUARES)} + w6)
    tanh = {m}.tanh(exp + w7)
    lin, angle = w4 * {x4} + w5 * {x5}, w3 * {x3}
    sig = sigmoid({m}.sin(angle) * lin + w8)
    y_hat = tanh + sig * w9
    loss = {self.line(LOSSES)}
    dy = {self.line(SLOPES)}
    return {{{items}}}
"""
        return sigmoid, forward

    def nodes(self) -> str:
        """Return the lines by which the backward pass gets the values of the graph's nodes."""
        F, m, (x1, x2, x3, x4, x5) = self.f, self.math, (self.names[f"x{k}"] for k in range(1, 6))
        if self.has_extra_keys and self.rng.integers(2):  # it relies on the extra keys
            return (
                f"exp, tanh, sig, dy = "
                f"{F}['exp'], {F}['tanh'], {F}['sigmoid'], {F}['{self.slope_key}']\n"
                f"s, lin, angle = {F}['inner'], {F}['slope'], {F}['wave']"
            )
        again = [
            f"exp, tanh, sig = {F}['exp'], {F}['tanh'], {F}['sigmoid']",
            (
                f"exp = {m}.exp((w1 * {x1} + w2 * {x2}) ** 2 + w6); tanh = {m}.tanh(exp + w7)\n"
                f"sig = sigmoid({m}.sin(w3 * {x3}) * (w4 * {x4} + w5 * {x5}) + w8)"
            ),
            f"exp, tanh, sig = [{F}[key] for key in ('exp', 'tanh', 'sigmoid')]",
        ]
        return (
            f"dy = {F}['{self.slope_key}']\n{self.pick(again)}\n"
            f"s, lin, angle = w1 * {x1} + w2 * {x2}, w4 * {x4} + w5 * {x5}, w3 * {x3}"
        )

    def backward(self) -> str:
        """Return the backward pass."""
        nodes, m = self.nodes(), self.math
        x1, x2, x3, x4, x5 = (self.names[f"x{k}"] for k in range(1, 6))
        sech2 = self.line(TANH_SLOPES)
        bell = self.pick(["sig * (1 - sig)", "(sig - sig ** 2)"])
        self.gradient_order = self.pick([range(1, 10), range(9, 0, -1)])
        items = self.returned({f"dw{k}": f"dw{k}" for k in self.gradient_order})
        return f"""
def backward_propagation({self.x}, {self.w}, {self.f}):
{self.unpack}
{indent(nodes, 1)}
    dw9 = dy * sig
    dw8 = dy * w9 * {bell}
    dw7 = dy * {sech2}
    dw6 = dw7 * exp
    dw2 = dw6 * 2 * s * {x2}
    dw1 = dy * {sech2} * exp * 2 * s * {x1}
    dw3 = dw8 * lin * {m}.cos(angle) * {x3}
    dw4 = dw8 * {m}.sin(angle) * {x4}
    dw5 = dw8 * {m}.sin(angle) * {x5}
    return {{{items}}}
"""

    def check(self) -> str:
        """Return the gradient check."""
        return f"""
def gradient_checking({self.x}, {self.y}, {self.w}, eps=1e-7):
{indent(self.line(CHECKS.values()), 1)}
"""

    def loops(self) -> list[str]:
        """Return the three loops."""
        self.calls = (
            ("f = forward_propagation(row, aim, w)", "b = backward_propagation(row, w, f)"),
            (
                f"f = forward_propagation({self.x}=row, {self.y}=aim, {self.w}=w)",
                f"b = backward_propagation({self.x}=row, {self.w}=w, {self.f}=f)",
            ),
        )[self.rng.integers(2)]
        update = self.pick(VANILLA)
        vanilla = self.loop("train_vanilla", "", "", update)
        start, update = self.pick(MOMENTUM)
        momentum = self.loop("train_momentum", ", gamma=0.95", start, update)
        return [vanilla, momentum, self.adam()]

    def adam(self) -> str:
        """Return the loop of Adam."""
        count_start, count = self.pick(ADAM_COUNTS)
        step = ADAM_STEPS[self.pick(ADAM_STEPS)]
        averages = self.pick(["g[k] ** 2", "g[k] * g[k]", "np.square(g[k])"])
        update = f"{count}\nc1, c2 = 1 - beta1 ** t, 1 - beta2 ** t\nfor k in range(9):\n"
        update += "    m[k] = beta1 * m[k] + (1 - beta1) * g[k]\n"
        update += f"    v[k] = beta2 * v[k] + (1 - beta2) * {averages}\n    {step}"
        zeros = self.pick(
            ["m, v = [0] * 9, [0] * 9", "m = [0.0 for _ in range(9)]\nv = [0.0 for _ in range(9)]"]
        )
        settings = ", beta1=0.9, beta2=0.999, eps=1e-8"
        return self.loop("train_adam", settings, f"{zeros}\n{count_start}", update)

    def loop(self, name: str, settings: str, start: str, update: str) -> str:
        """Return a loop, with what comes before its epochs and what each update does."""
        rebuilds = name != "train_adam" and "zip" in update
        weights = self.pick(WEIGHTS)
        before, at, after = self.pick(RECORDS)
        values = "b.values()" if self.gradient_order[0] == 1 else "reversed(list(b.values()))"
        gradient = self.pick(GRADIENTS).replace("{values}", values)
        if self.form == "array":
            gradient = GRADIENTS[1]  # arrays in lists would be nested deeper at each update
            if weights != "w = list(w)" and not rebuilds:
                weights = "w = np.array(w, dtype=float)"
        rows = self.pick(ROWS).format(px="row", py="aim").split("\n")
        loss = self.line(["f['loss']", "{number}(f['loss'])"])
        if self.form == "array":
            loss = "np.squeeze(f['loss'])"
        forward, backward = self.calls
        twice = self.pick(["", "", forward + "\n"])  # some compute the forward pass twice
        first = [*map(textwrap.dedent, rows[1:]), twice + forward, backward, gradient]
        body = "\n".join([*first, at.format(loss=loss), update])
        return f"""
def {name}(X, y, w, epochs=100, lr=0.001{settings}):
{indent(weights, 1)}
{indent(start, 1)}
    losses = []
{indent(self.pick(EPOCHS), 1)}
{indent(before, 2)}
        {rows[0]}
{indent(body, 3)}
{indent(after, 2)}
    {self.pick(RETURNS)}
"""
