"""The search for a repair: what it finds and underlines, and that it leaves everything as it was."""

import copy
import inspect
import logging
import signal
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest

import graders
from conftest import ROOT, module
from graders import GraderError
from mistakes import NOTEBOOK

FOUND = [  # a right solution, the function in which text is replaced, both texts; cause, underlined
    ("formulas", "backward_propagation", "np.cos(w[2] * x[2])", "np.sin(w[2] * x[2])", "function", "np.sin"),
    ("formulas", "backward_propagation", "dy * (1 - tanh**2) * exp * 2", "dy * tanh * exp * 2", "wrong-value", "tanh"),
    ("formulas", "forward_propagation", "np.tanh(exp + w[6])", "np.tanh(exp)", "lacks-term", "exp"),
    ("formulas", "forward_propagation", "+ w[5])", "* w[5])", "operator", "(w[0] * x[0] + w[1] * x[1]) ** 2 * w[5]"),
    ("formulas", "sigmoid", "np.exp(-z)", "np.exp(z)", "sign", "z"),
    ("formulas", "train_vanilla", "lr *", "lr * lr *", "extra-factor", "lr * lr * np.array([b[\"dw\" + str(k)] for k in range(1, 10)])"),
    ("steps", "train_adam", "beta1**t", "beta1 * t", "operator", "beta1 * t"),
    ("steps", "train_adam", "beta2**t", "beta2**(epoch + 1)", "wrong-t", "epoch + 1"),
    ("steps", "train_adam", "(1 - beta2) * g**2", "(1 - beta1) * g**2", "wrong-name", "beta1"),
    ("helpers", "numerical_gradient", "(2 * eps)", "2 * eps", "operator", "(up - down) / 2 * eps"),
    ("helpers", "dsigmoid", "s * (1 - s)", "s * (s - 1)", "sign", "s - 1"),
]  # fmt: skip
TASKS = {"numerical_gradient": "gradient_checking", "dsigmoid": "backward_propagation"}


def spoilt(base: str, function: str, *changes: tuple[str, str]) -> dict:
    """Return the globals of a right solution, in one of whose functions texts are replaced."""
    source = (ROOT / "tests" / "right" / f"{base}.py").read_text(encoding="utf-8")
    start = source.index(f"def {function}(")
    for old, new in changes:
        at = source.index(old, start)
        source = source[:at] + new + source[at + len(old) :]
    return module(f"{source}\n{NOTEBOOK}")


def refusal(task: str, namespace: dict) -> GraderError:
    with pytest.raises(GraderError) as caught:
        graders.STAGES[task](namespace[task])
    return caught.value


@pytest.mark.parametrize(("base", "function", "old", "new", "cause", "underlined"), FOUND)
def test_the_line_and_what_is_underlined(base, function, old, new, cause, underlined):
    task = TASKS.get(function, function)
    error = refusal(task, spoilt(base, function, (old, new)))
    place, line, mark = error.details.split("\n")[:3]
    assert error.cause == cause
    assert error.line == (function, line.strip())
    assert place.strip().startswith(f"{function}, line ")
    assert line[mark.index("^") : mark.rindex("^") + 1] == underlined


def test_two_mistakes_are_found_one_after_the_other():
    """Each names the gradients that it makes wrong."""
    first, second = ("np.cos(w[2] * x[2])", "np.sin(w[2] * x[2])"), ("dy * sig", "dy * tanh")
    pass_ = "backward_propagation"
    error = refusal(pass_, spoilt("formulas", pass_, first, second))
    wrong = {"dw3: another function belongs here.": second, "dw9: ": first}
    (left,) = [other for said, other in wrong.items() if error.hint.startswith(said)]
    error = refusal(pass_, spoilt("formulas", pass_, left))
    assert left[1] in error.line[1]


LONG = "return 0 * (z + 1.5) * (z - 2.5) * (z * z + 3.5) + 0 * (z + 4.5) * (z - 5.5) + "
LONG += "1 / (1 + math.exp(z)) + 0 * (z * z + 5.5) * (z * z + 6.5) * (z * z + 7.5) + 0 * (z * z + 8.5) * (z + 9.5)"


def test_a_long_line_is_cut_around_what_is_underlined():
    error = refusal("sigmoid", module(f"import math\ndef sigmoid(z):\n    {LONG}\n"))
    assert (error.cause, error.line) == ("sign", ("sigmoid", LONG))
    assert max(map(len, str(error).split("\n"))) < 100
    _, line, mark = error.details.split("\n")[:3]
    assert line.strip().startswith("...")
    assert line.endswith("...")
    assert line.strip().strip(".") in LONG
    assert line[mark.index("^") - 9 : mark.rindex("^") + 2] == "math.exp(z)"


WILD = {  # beyond repair, and an edit of each can run wild
    "never ends": """
        n = 3
        while n > 0:
            n = n - 1
        for i in range(3):
            n = n + i""",
    "grows": """
        grown, text, number = [1], "a", 3
        for i in range(3):
            grown = grown + grown
            text = text + "a" * i
            number = number * 2 ** i""",
    "calls itself": """
        down = lambda n: n if n < 1 else down(n - 1) + 0 * down(n - 2)
        n = below(3)""",
    "ends the program": """
        if z > 1e9:
            raise SystemExit
        if z > 2e9:
            raise GeneratorExit""",
    "writes to globals": """
        global total
        total = total + 1
        seen.append(z)
        counts["calls"] += 1
        table[0] = z""",
    "is heard and seen": """
        print(z)
        warnings.simplefilter("error")
        np.seterr(all="raise")
        np.random.seed(3)
        logging.disable(50)
        plt.figure()""",
}
BEFORE = """
import logging, math, warnings
import numpy as np
import matplotlib.pyplot as plt
total, seen, counts, table = 1, [], {"calls": 0}, np.zeros(3)

def below(n):
    return n if n < 1 else below(n - 1) + 0 * below(n - 2)

def sigmoid(z):"""


def surroundings() -> list:
    """Return what a search could leave changed in the kernel."""
    state = [np.geterr(), list(warnings.filters), plt.get_fignums(), logging.root.manager.disable]
    return [*state, np.random.get_state()[1].tolist(), signal.getsignal(signal.SIGINT)]


@pytest.mark.parametrize("what", WILD)
def test_everything_is_left_as_it_was(what, capsys):
    body = inspect.cleandoc(WILD[what]).replace("\n", "\n    ")
    after = "return 0.31 + 0.17 / (1.3 + math.exp(-0.77 * z))"
    namespace = module(f"{BEFORE}\n    {body}\n    {after}\n")
    before, around = dict(namespace), surroundings()
    data = {name: namespace[name] for name in ("total", "seen", "counts", "table")}
    data = copy.deepcopy(data)
    student = graders.Student("sigmoid", namespace["sigmoid"])
    code = namespace["sigmoid"].__code__
    with graders.quiet():
        assert graders.repair(student, graders.judgements("sigmoid")[0], 1.0) is None
    assert namespace.keys() == before.keys()
    assert all(namespace[name] is before[name] for name in before)
    assert namespace["sigmoid"].__code__ is code
    assert all(np.array_equal(namespace[name], value) for name, value in data.items())
    assert surroundings() == around
    assert capsys.readouterr() == ("", "")
