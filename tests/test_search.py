"""The search for a repair: what it finds and underlines, and that it changes nothing."""

import copy
import inspect
import logging
import re
import signal
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest

from corpus.loader import Mistake, read
from graders import GraderError
from helpers import module, refusal, replaced, search_repair
from tools import quality

# Entries as in tests/corpus/mistakes; before each, the function that is shown: what is underlined
FOUND = """
backward_propagation: np.sin
# backward_propagation in formulas: function
- dw3 = dy * w[8] * sig * (1 - sig) * (w[3] * x[3] + w[4] * x[4]) * np.cos(w[2] * x[2]) * x[2]
+ dw3 = dy * w[8] * sig * (1 - sig) * (w[3] * x[3] + w[4] * x[4]) * np.sin(w[2] * x[2]) * x[2]

backward_propagation: tanh
# backward_propagation in formulas: wrong-value
- dw1 = dy * (1 - tanh**2) * exp * 2 * (w[0] * x[0] + w[1] * x[1]) * x[0]
+ dw1 = dy * tanh * exp * 2 * (w[0] * x[0] + w[1] * x[1]) * x[0]

forward_propagation: exp
# forward_propagation in formulas: lacks-term
- tanh = np.tanh(exp + w[6])
+ tanh = np.tanh(exp)

forward_propagation: (w[0] * x[0] + w[1] * x[1]) ** 2 * w[5]
# forward_propagation in formulas: operator
- exp = np.exp((w[0] * x[0] + w[1] * x[1]) ** 2 + w[5])
+ exp = np.exp((w[0] * x[0] + w[1] * x[1]) ** 2 * w[5])

sigmoid: z
# sigmoid in formulas: sign
- return 1 / (1 + np.exp(-z))
+ return 1 / (1 + np.exp(z))

train_vanilla: lr * lr * np.array([b["dw" + str(k)] for k in range(1, 10)])
# train_vanilla in formulas: extra-factor
- w = w - lr * np.array([b["dw" + str(k)] for k in range(1, 10)])
+ w = w - lr * lr * np.array([b["dw" + str(k)] for k in range(1, 10)])

train_adam: beta1 * t
# train_adam in steps: operator
- m_hat = m[k] / (1 - beta1**t)
+ m_hat = m[k] / (1 - beta1 * t)

train_adam: epoch + 1
# train_adam in steps: wrong-t
- v_hat = v[k] / (1 - beta2**t)
+ v_hat = v[k] / (1 - beta2**(epoch + 1))

train_adam: beta1
# train_adam in steps: constant-correction
- m_hat = m[k] / (1 - beta1**t)
> m_hat = m[k] / (1 - beta1)
- v_hat = v[k] / (1 - beta2**t)
+ v_hat = v[k] / (1 - beta2)

train_adam: beta1
# train_adam in steps: wrong-name
- v[k] = beta2 * v[k] + (1 - beta2) * g**2
+ v[k] = beta2 * v[k] + (1 - beta1) * g**2

train_adam: g
# train_adam in steps: function
- v[k] = beta2 * v[k] + (1 - beta2) * g**2
+ v[k] = beta2 * v[k] + (1 - beta2) * g

forward_propagation: w
# forward_propagation in formulas: exchanged
- def forward_propagation(x, y, w):
+ def forward_propagation(x, w, y):

forward_propagation: (w[0] * x[0] + w[1] * x[1] + w[5]) ** 2
# forward_propagation in formulas: brackets
- exp = np.exp((w[0] * x[0] + w[1] * x[1]) ** 2 + w[5])
+ exp = np.exp((w[0] * x[0] + w[1] * x[1] + w[5]) ** 2)

backward_propagation: k
# backward_propagation in formulas: missing-key
- return {"dw" + str(k + 1): dw[k] for k in range(9)}
+ return {"dw" + str(k): dw[k] for k in range(9)}

train_vanilla: i
# train_vanilla in capitals: off-by-one
- W[i] = W[i] - lr * G["dw" + str(i + 1)]
+ W[i] = W[i] - lr * G["dw" + str(i)]

train_vanilla: Y
# train_vanilla in capitals: lacks-index
- dict = forward_propagation(X[j], Y[j], W)
+ dict = forward_propagation(X[j], Y, W)

numerical_gradient: (up - down) / 2 * eps
# gradient_checking in helpers: operator
- return (up - down) / (2 * eps)
+ return (up - down) / 2 * eps

dsigmoid: s - 1
# backward_propagation in helpers: sign
- return s * (1 - s)
+ return s * (s - 1)
"""
ANOTHER = """...
- dw9 = dy * sig
+ dw9 = dy * sig * sig * 3"""
TWO = """
# backward_propagation in formulas: function
- dw3 = dy * w[8] * sig * (1 - sig) * (w[3] * x[3] + w[4] * x[4]) * np.cos(w[2] * x[2]) * x[2]
+ dw3 = dy * w[8] * sig * (1 - sig) * (w[3] * x[3] + w[4] * x[4]) * np.sin(w[2] * x[2]) * x[2]
...
- dw9 = dy * sig
+ dw9 = dy * tanh
"""


pytestmark = pytest.mark.usefixtures("patient_search")
EXPLAINED: dict[str, GraderError | None] = {}


def explained(mistake: Mistake) -> GraderError:
    """Return the error that explains a mistake; search once for each."""
    if mistake.source not in EXPLAINED:
        EXPLAINED[mistake.source] = quality.explain(mistake).error
    error = EXPLAINED[mistake.source]
    assert error is not None
    return error


def case_of(part: str) -> str:
    """Return the entry of FOUND that contains a text."""
    (case,) = [case for case in FOUND.split("\n\n") if part in case]
    return case.strip().split("\n", 1)[1]


@pytest.mark.parametrize("case", FOUND.strip().split("\n\n"))
def test_the_line_and_what_is_underlined(case):
    shown, entry = case.split("\n", 1)
    function, underlined = shown.split(": ", 1)
    mistake = read(entry)
    error = explained(mistake)
    place, line, mark = error.details.split("\n")[:3]
    assert error.cause == mistake.cause
    assert error.line == (function, line.strip())
    assert mistake.lines == [line.strip()]
    assert place.strip().startswith(f"{function}, line ")
    assert line[mark.index("^") : mark.rindex("^") + 1] == underlined


def test_all_lines_that_have_to_change_are_shown():
    """Not one line alone: a student who fixes only that line gets no closer."""
    error = explained(read(case_of(": constant-correction")))
    place, line, _ = error.details.split("\n")[:3]
    numbers = re.fullmatch(r"  train_adam, line (\d+) \(also (\d+)\)", place).groups()
    first, second = map(int, numbers)
    assert (line.strip(), second) == ("m_hat = m[k] / (1 - beta1)", first + 1)


def test_no_correct_line_is_shown():
    """w[6] is in two lines, and correct in one of them."""
    head = "# forward_propagation in formulas: wrong-name\n"
    correct = "exp = np.exp((w[0] * x[0] + w[1] * x[1]) ** 2 + w[5])"
    mistake = read(f"{head}- {correct}\n+ {replaced(correct, 'w[0]', 'w[6]')}")
    error = explained(mistake)
    assert error.line[1] in mistake.lines
    assert "(also" not in error.details
    assert "w[6]" in error.hint


def test_a_surface_error_is_reported_with_its_reason():
    hints = {}
    for part in ("train_adam: g\n", ": missing-key"):
        mistake = read(case_of(part))
        hints[mistake.task] = explained(mistake).hint
    assert hints["train_adam"].endswith(
        "w1 is nan; it must be a finite number. The reason: a function is missing here."
    )
    assert "returned a dict without 'dw9'" in hints["backward_propagation"]
    assert hints["backward_propagation"].endswith("The reason: this is off by one.")


def test_a_surface_error_is_not_explained_by_a_part_of_it():
    """An edit that makes only some of the values correct repairs no missing key."""
    error = explained(read(f"{case_of(': missing-key')}\n{ANOTHER}"))
    assert error.cause == "missing-key"
    assert error.line is None


def test_two_mistakes_are_found_one_after_the_other():
    """Each names the gradients that it makes wrong."""
    head, *lines = replaced(TWO.strip(), "\n...", "").split("\n")
    dw3, dw9 = "\n".join([head, *lines[:2]]), "\n".join([head, *lines[2:]])
    left = {"dw3: another function belongs here.": dw9, "dw9: ": dw3}
    error = explained(read(TWO.strip()))
    (entry,) = [other for start, other in left.items() if error.hint.startswith(start)]
    mistake = read(entry)
    assert explained(mistake).line[1] in mistake.lines


LONG = "return 0 * (z + 1.5) * (z - 2.5) * (z * z + 3.5) + 0 * (z + 4.5) * (z - 5.5) + "
LONG += "1 / (1 + math.exp(z)) + 0 * (z * z + 5.5) * (z * z + 6.5) * (z * z + 7.5) + "
LONG += "0 * (z * z + 8.5) * (z + 9.5)"


def test_a_long_line_is_cut_around_what_is_underlined():
    error = explained(read(f"# sigmoid in steps: sign\n+ def sigmoid(z):\n+     {LONG}"))
    assert (error.cause, error.line) == ("sign", ("sigmoid", LONG))
    assert max(map(len, str(error).split("\n"))) < 100
    _, line, mark = error.details.split("\n")[:3]
    assert line.strip().startswith("...")
    assert line.endswith("...")
    assert line.strip().strip(".") in LONG
    assert line[mark.index("^") - 9 : mark.rindex("^") + 2] == "math.exp(z)"


WILD = {  # no edit repairs these, and some edits of each run without end
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
    "prints and draws": """
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
    """Return the settings of the kernel that a search could change."""
    state = [np.geterr(), list(warnings.filters), plt.get_fignums(), logging.root.manager.disable]
    if hasattr(signal, "setitimer"):  # the search sets an alarm
        state += [signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)]
    return [*state, np.random.get_state()[1].tolist(), signal.getsignal(signal.SIGINT)]


@pytest.mark.parametrize("what", WILD)
def test_a_search_changes_nothing(what, capsys):
    body = inspect.cleandoc(WILD[what]).replace("\n", "\n    ")
    after = "return 0.31 + 0.17 / (1.3 + math.exp(-0.77 * z))"
    namespace = module(f"{BEFORE}\n    {body}\n    {after}\n")
    before, around = dict(namespace), surroundings()
    data = {name: namespace[name] for name in ("total", "seen", "counts", "table")}
    data = copy.deepcopy(data)
    code = namespace["sigmoid"].__code__
    assert search_repair("sigmoid", namespace["sigmoid"]) is None
    assert namespace.keys() == before.keys()
    assert all(namespace[name] is before[name] for name in before)
    assert namespace["sigmoid"].__code__ is code
    assert all(np.array_equal(namespace[name], value) for name, value in data.items())
    assert surroundings() == around
    assert capsys.readouterr() == ("", "")


def test_a_line_that_does_more_than_define_a_function_is_not_run_again():
    """A lambda's source is the whole line, which may be a call, and even that of the grader."""
    source = (
        "kept = []\ndef keep(f):\n    kept.append(f)\n    return f\n\nwork = keep(lambda z: 0.3)\n"
    )
    namespace = module(source)
    assert search_repair("sigmoid", namespace["work"]) is None
    assert namespace["kept"] == [namespace["work"]]
    named = module("import math\nsigmoid = lambda z: 1 / (1 + math.exp(z))\n")
    assert refusal("sigmoid", named["sigmoid"]).line == (
        "sigmoid",
        "sigmoid = lambda z: 1 / (1 + math.exp(z))",
    )
