"""Search: what the log and the watch find, and that watching leaves everything as it was."""

import math
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import graders
from corpus.loader import HERE, correct_solution, load
from corpus.styles import compose
from helpers import module, replaced
from tools import quality, watched

BASES = sorted(path.stem for path in (HERE / "correct").glob("*.py"))
pytestmark = pytest.mark.usefixtures("patient_search")
LOGGED = ("gradient_checking", *graders.LOOP_TASKS)
MISTAKES = list(load())


def watch(source: str, task: str) -> graders.Watched:
    """Watch a function of a module; nothing that it prints is shown."""
    namespace = module(source)
    with graders.quiet():
        return graders.watch(graders.Student(task, namespace[task]))


def deviation(source: str, task: str) -> graders.Deviation | None:
    """Return what the log of the judged run with the grader's passes shows."""
    student = graders.Student(task, module(source)[task])
    call, _ = graders.judgements(task)[1][0]
    with graders.quiet():
        return graders.deviation(task, call, graders.perform(call, student))


def replaced_in(base: str, old: str, new: str) -> str:
    source = "\n".join(correct_solution(base)[0])
    assert source.count(old), old
    return source.replace(old, new)


@pytest.mark.parametrize("task", graders.TASKS)
@pytest.mark.parametrize("base", BASES)
def test_correct_work_shows_no_wrong_statement(base, task):
    found = watch("\n".join(correct_solution(base)[0]), task)
    assert found.first is None
    assert not found.candidates
    assert found.right


@pytest.mark.parametrize("seed", range(8))
def test_correct_work_in_other_styles_shows_no_wrong_statement(seed):
    for task in graders.TASKS:
        found = watch(compose(seed), task)
        assert found.first is None
        assert not found.candidates


@pytest.mark.parametrize("task", LOGGED)
@pytest.mark.parametrize("base", BASES)
def test_correct_calls_do_not_deviate(base, task):
    assert deviation("\n".join(correct_solution(base)[0]), task) is None


def test_a_statement_that_is_shown_is_the_mutated_one():
    """Of a part of the corpus, those with a mutated line."""
    shown = 0
    for mistake in [m for m in MISTAKES if m.lines][::12]:
        first = watch(mistake.source, mistake.task).first
        if first is not None:
            shown += 1
            statement = mistake.source.split("\n")[first.line - 1]
            assert first.text == statement.strip()
            assert first.text in statements(mistake), (mistake.lines, first.text)
    assert shown > 20


def statements(mistake) -> set[str]:
    """Return the mutated lines, and the first lines of the statements that they belong to."""
    return quality.same_statements(mistake)


WATCHED = [  # (task, base, old, new, line)
    ("sigmoid", "steps", "bottom = 1 + e", "bottom = 1 - e", "bottom = 1 - e"),
    ("backward_propagation", "steps", "dsine = math.cos(angle)", "dsine = -math.cos(angle)",
     "dsine = -math.cos(angle)"),
    ("backward_propagation", "dicts", "* math.cos(w[2] * x[2]) * x[2]", "* math.cos(w[2] * x[2])",
     'd["dw3"] = d["dsin"] * math.cos(w[2] * x[2])'),
    ("backward_propagation", "helpers", "return s * (1 - s)", "return s * (s - 1)",
     "return s * (s - 1)"),
    ("train_adam", "steps", "m_hat = m[k] / (1 - beta1**t)", "m_hat = m[k]", "m_hat = m[k]"),
    ("train_vanilla", "arrays", "W -= lr", "W += lr", None),
]  # fmt: skip


@pytest.mark.parametrize("task, base, old, new, line", WATCHED)
def test_the_first_wrong_statement_is_found(task, base, old, new, line):
    found = watch(replaced_in(base, old, new), task)
    if line is None:
        assert not found.right
    else:
        assert found.first is not None
        assert found.first.text == line


DEVIATIONS = [  # (task, base, old, new, cause)
    ("train_vanilla", "helpers", "for i in range(len(X)):", "for i in range(len(X))[::-1]:",
     "point-order"),
    ("train_vanilla", "helpers", "for i in range(len(X)):", "for i in range(1, len(X)):",
     "point-left-out"),
    ("train_adam", "steps", "range(epochs)", "range(epochs - 1)", "epoch-count"),
    ("train_momentum", "capitals", "backward_propagation(X[j], W, dict)",
     "backward_propagation(X[0], W, dict)", "other-dictionary"),
    ("gradient_checking", "steps", "w_minus[k] - eps", "w_minus[k] + eps", "one-sided"),
    ("gradient_checking", "steps", "w_plus[k] + eps", "w_plus[k] + 3 * eps", "other-step"),
    ("gradient_checking", "steps", "range(9)", "range(8)", "weights-left-out"),
]  # fmt: skip


@pytest.mark.parametrize("task, base, old, new, cause", DEVIATIONS)
def test_the_log_proves_a_deviation(task, base, old, new, cause):
    found = deviation(replaced_in(base, old, new), task)
    assert found is not None
    assert found.cause == cause


HARMLESS = [  # further calls that change nothing
    ("losses.append(total / len(X))",
     "losses.append(total / len(X))\n        forward_propagation(X[0], y[0], w)"),
    ("total += forward", "forward_propagation(x_i, y_i, w)\n            total += forward"),
    ("    return w, losses", "    forward_propagation(X[0], y[0], w)\n    return w, losses"),
]  # fmt: skip


@pytest.mark.parametrize("old, new", HARMLESS)
def test_harmless_calls_are_not_told(old, new):
    for task in graders.LOOP_TASKS:
        assert deviation(replaced_in("steps", old, new), task) is None


def test_losses_from_another_forward_pass_prove_nothing():
    source = replaced_in("steps", "forward_propagation(x, y, w_plus)", "own(x, y, w_plus)")
    source = replaced(source, "forward_propagation(x, y, w_minus)", "own(x, y, w_minus)")
    source = replaced(source, "range(9):\n        dW.append", "range(8):\n        dW.append")
    own = "\nimport types\nown = types.FunctionType(forward_propagation.__code__, globals())\n"
    assert deviation(source + own, "gradient_checking") is None


INNOCENT = [  # (task, base, replacements, a statement that is not to blame)
    ("sigmoid", "steps",
     [("e = math.exp(-z)", "p = math.exp(z / 2)\n    e = math.exp(-z / 2)"),
      ("bottom = 1 + e", "bottom = p + e"), ("1 / bottom", "p / p + e")],
     "e = math.exp(-z / 2)"),
    ("gradient_checking", "steps", [("return numerator / denominator", "return numerator")],
     "numerator = np.linalg.norm(dW - dW_approx)"),
    ("backward_propagation", "steps",
     [("dw8 = dL * w[8] * dsig", "dup = dL * dsig\n    dw8 = 2 * dup"),
      ("dangle = dw8 * linear * dsine", "dangle = dup * linear * dsine")],
     "dangle = dup * linear * dsine"),
]  # fmt: skip


@pytest.mark.parametrize("task, base, changes, innocent", INNOCENT)
def test_a_statement_is_not_blamed_for_another(task, base, changes, innocent):
    source = "\n".join(correct_solution(base)[0])
    for old, new in changes:
        source = replaced(source, old, new)
    first = watch(source, task).first
    assert first is None or first.is_shared or first.text != innocent


HOSTILE = {
    "raises": "raise ValueError('no')",
    "exits": "import sys; sys.exit()",
    "recursion": "return sigmoid(z)",
    "generator": "g = (v for v in [z]); return 1 / (1 + math.exp(next(g)))",
    "thread": (
        "import threading; t = threading.Thread(target=math.exp, args=(z,)); t.start(); t.join();"
        " return z"
    ),
    "huge array": "a = np.zeros((3000, 300)); a[0, 0] = z; return 1 / (1 + np.exp(a[0, 0]))",
    "answers everything": "a = Anything(); b = [a, z]; return 1 / (1 + math.exp(z))",
    "cannot be compared": "a = Odd(); b = {'a': a}; return 1 / (1 + math.exp(z))",
    "no source": "return eval('lambda v: 1 / (1 + math.exp(v))', globals())(z)",
    "ends tracing": "import sys; sys.settrace(None); return 1 / (1 + math.exp(z))",
    "endless list": "a = []; a.append(a); return 1 / (1 + math.exp(z))",
    "own module names": "globals()['graders'] = z; return 1 / (1 + math.exp(z))",
}
CLASSES = """
import math
import numpy as np

class Anything:
    def __getattr__(self, name):
        return self
    def __call__(self, *args, **kwargs):
        return self

class Odd:
    def __eq__(self, other):
        raise RuntimeError('no')
    __hash__ = None
    def __deepcopy__(self, memo):
        raise RuntimeError('no')
    def __getattribute__(self, name):
        raise RuntimeError('no')
"""


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_watching_never_raises(body):
    before = sys.gettrace(), threading.gettrace()
    found = watch(f"{CLASSES}\ndef sigmoid(z):\n    {body}\n", "sigmoid")
    assert isinstance(found, graders.Watched)
    assert (sys.gettrace(), threading.gettrace()) == before


def test_a_debugger_is_left_alone():
    def tracer(frame, what, argument):
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        found = watch("def sigmoid(z):\n    return z\n", "sigmoid")
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
    assert found.incomplete == "debugger"


def test_a_run_is_the_same_when_it_is_watched():
    """The result of a loop is not changed by the recorder, to the last digit."""
    for base in BASES:
        namespace = module("\n".join(correct_solution(base)[0]))
        student = graders.Student("train_adam", namespace["train_adam"])
        call = graders._watched_call(student, None)
        with graders.quiet():
            alone = graders.perform(call, student)
            _, seen = graders._record(student, call)
        assert repr(seen.result) == repr(alone.result)


def test_watching_is_fast_enough():
    times = []
    for mistake in MISTAKES[::20]:
        namespace = module(mistake.source)
        with graders.quiet():
            student = graders.Student(mistake.task, namespace[mistake.task])
            begun = time.thread_time()
            graders.watch(student)
            times.append(time.thread_time() - begun)
    assert np.median(times) < 0.3
    assert max(times) < 3
    assert not any(map(math.isnan, times))


def test_the_stored_numbers_are_those_of_the_generator():
    text = Path(graders.__file__).read_text(encoding="utf-8")
    assert watched.tables().strip() in text
