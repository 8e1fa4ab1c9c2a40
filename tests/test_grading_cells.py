"""Grading a class: what is saved of a cell that raises, ends its kernel or never ends.

Most of it is waiting: all kernels run first, three at a time; each test looks at one answer.
"""

import dataclasses
import functools
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import cells
import graders
import isolation
import judging
from helpers import solved_functions, write_notebook
from judging import Examined


def defines(sources: list[str], expression: str, raised: list[str], place) -> None:
    """Run cells, and evaluate an expression that must be True after them."""
    with closing(Examined(place)) as kernel:
        assert cells.run_cells(kernel, sources) == raised
        reply = kernel.run("pass", expression, "judging")
        assert reply["user_expressions"]["answer"].get("data") == {"text/plain": "True"}, reply


LOST = "1: NameError: name 'lost' is not defined"
AFTER_AN_ERROR = {
    "a constant": ("lost\nEPS = 1e-8", "EPS == 1e-8"),
    "a lambda": ("lost\nf = lambda z: 2 * z", "f(2) == 4"),
    "an alias": ("import numpy\nlost\nexp = numpy.exp", "exp is numpy.exp"),
    "under if": ("lost\nif True:\n    def f(): return 3", "f() == 3"),
    "under try": ("lost\ntry:\n    import numpy as n\nexcept ImportError:\n    n = 0", "n.e > 2"),
    "under with": ("lost\nwith open('data.pkl'):\n    def g(): return 5", "g() == 5"),
    "unpacked": ("lost\na, b = 1, 2", "(a, b) == (1, 2)"),
    "in the same line": ("lost; A = 3; B = 4", "B == 4"),
    "not a bare call": ("seen = []\nlost\nseen.append(1)", "seen == []"),
    "not a loop": ("seen = []\nlost\nfor _ in [1]: seen.append(1)", "seen == []"),
    "not again": ("n = [1]\nn.append(2)\nlost\nm = n", "m == [1, 2]"),
}


def all_saved_after_an_error(place) -> None:
    with closing(Examined(place)) as kernel:
        for source, expression in AFTER_AN_ERROR.values():
            assert cells.run_cells(kernel, [source])[0].startswith("1: NameError"), source
            reply = kernel.run("pass", expression, "judging")
            assert reply["user_expressions"]["answer"].get("data") == {"text/plain": "True"}, source


DIES = "import os\nEPS = 2\nos._exit(0)\ndef f(): return EPS"
ENDING = {
    "two cells": (
        [DIES, "os.kill(os.getpid(), 9)", "A = 3"],
        "f() + A == 5",
        ["1: kernel-died", "2: kernel-died"],
    ),
    "a restart in the cell of the imports": (
        ["import math\nget_ipython().kernel.do_shutdown(True)\nimport os\nos.kill(os.getpid(), 9)"],
        "math.pi > 3",
        ["1: kernel-died"],
    ),
    "dies in an assignment": (
        ["import os\nx = os._exit(0)\ndef f(): return 1"],
        "f() == 1",
        ["1: kernel-died"],
    ),
    "dies in a definition": (
        ["A = 3", "import os\ndef f(x=os._exit(0)): return 1", "B = 4"],
        "A + B == 7",
        ["2: kernel-died"],
    ),
}


DEAF = """
import math, signal, time
def f(): return math.pi
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True: time.sleep(1)
"""


def out_of_time(place) -> None:
    with closing(Examined(place)) as kernel:
        kernel.left["cells"] = 0.5
        sources = ["while True: pass", "A = 3\ndef f(): return 1", "import math"]
        assert cells.run_cells(kernel, sources) == ["1: timeout", "2: timeout", "3: timeout"]
        reply = kernel.run("pass", "f() == 1 and math.pi > 3 and 'A' not in globals()", "judging")
        assert reply["user_expressions"]["answer"]["data"] == {"text/plain": "True"}


NO_TEXT = """
class Endless(Exception):
    def __str__(self):
        while True: pass
raise Endless()
"""
LONG_TEXT = "raise type('Long', (BaseException,), {})('x' * 10_000_000)"


def defined_at_last(place) -> None:
    with closing(Examined(place)) as kernel:
        kernel.left["cells"] = 5
        sources = [NO_TEXT, LONG_TEXT, "import os\nos._exit(0)", "def f(): return 1"]
        raised = cells.run_cells(kernel, sources)
        assert [line.split(": ")[0] for line in raised] == ["1", "2", "3", "4"]
        reply = kernel.run("pass", "f() == 1", "judging")
        assert reply["user_expressions"]["answer"]["data"] == {"text/plain": "True"}
        assert kernel.left["cells"] <= 0 < kernel.left["definitions"]


SLOW = """
import time
fast = gradient_checking
def gradient_checking(*arguments):
    time.sleep(0.12)
    return fast(*arguments)
"""


def slow_function_is_correct(place) -> None:
    """The limit of time is for one call, not for all calls of a stage."""
    with closing(Examined(place)) as kernel:
        assert cells.run_cells(kernel, [solved_functions(), SLOW]) == []
        assert kernel.load_graders()
        assert len(graders.judgements("gradient_checking")[0]) * 0.12 > 1.5 * place.timeout
        assert judging.find_fault(kernel, "gradient_checking", []) is None
        kernel.left["judging"], kernel.kept = 1.5, 1
        assert judging.find_fault(kernel, "gradient_checking", []).cause == "timeout"
        assert kernel.left["judging"] > 0.5  # for the other stages


BROKEN = """
import json, sys, warnings
import matplotlib.pyplot as plt
np.ndarray = np.float64 = np.asarray = warnings.catch_warnings = None
plt.close = plt.show = plt.get_fignums = None
sys.path = "/content"
"""
NEEDS_A_CONSTANT = """
half = 0.5
logistic = sigmoid
def sigmoid(z):
    return 2 * half * logistic(z)
"""


def loses_nothing(place) -> None:
    """Grade a correct notebook that replaces what graders rely on, without random points."""
    sources = [solved_functions(), NEEDS_A_CONSTANT, BROKEN]
    path = write_notebook(Path(place.parent) / "a.ipynb", *sources)
    try:
        row = judging.grade(path, judging.Measure("", None, {}), place)
    finally:
        path.unlink()
    assert row["total"] == 100, row["causes"]


ODD = """
class Odd:
    def __call__(self, *arguments):
        raise KeyboardInterrupt
    def __getattr__(self, name):
        raise SystemExit
"""


def gives_no_answer(place) -> None:
    """No answer to anything is no verdict."""
    given = f"{' = '.join(graders.TASKS)} = Odd()"
    path = write_notebook(Path(place.parent) / "b.ipynb", ODD, given)
    try:
        with pytest.raises(ValueError, match="no function of the notebook gave an answer"):
            judging.grade(path, judging.Measure("", None, {}), place)
    finally:
        path.unlink()


def stopped_at_random_points(place) -> None:
    """A call that is interrupted is not taken for one with hard-coded numbers."""
    with closing(Examined(place)) as kernel:
        slow = "def sigmoid(z, calls=[]):\n    calls.append(z)\n    while len(calls) > 30: pass\n"
        value = "    return 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))"
        assert cells.run_cells(kernel, [f"import math\n{slow}{value}"]) == []
        assert kernel.load_graders()
        ((first, *_),) = graders.judgements("sigmoid")
        fresh = [[first] * 40]
        refusal = judging.find_fault(kernel, "sigmoid", fresh)
        assert refusal.cause == "timeout", refusal


CHECKS = {  # what is checked in a kernel, and the seconds for a cell or a call
    **{name: (functools.partial(defines, *ending), 20) for name, ending in ENDING.items()},
    "ignores interrupts": (functools.partial(defines, [DEAF], "f() > 3", ["1: kernel-died"]), 2),
    "what follows a line that raises": (all_saved_after_an_error, 20),
    "definitions without time for cells": (out_of_time, 20),
    "cells that use up all time": (defined_at_last, 3),
    "stopped at random points": (stopped_at_random_points, 3),
    "a slow function": (slow_function_is_correct, 4),
    "what graders rely on is replaced": (loses_nothing, 20),
    "nothing answers": (gives_no_answer, 20),
}


def within(check: Callable, timeout: float, place: isolation.Sandbox) -> None:
    """Check something in a kernel, with a timeout of its own."""
    check(dataclasses.replace(place, timeout=timeout))


@pytest.fixture(scope="module")
def answers(in_kernels) -> dict:
    """The results of all checks, by name."""
    calls = {name: functools.partial(within, *check) for name, check in CHECKS.items()}
    return in_kernels(calls)


@pytest.mark.parametrize("name", CHECKS)
def test_what_is_saved(answers, name):
    assert answers[name] == {"result": None}


def test_there_are_fewer_stored_points_than_calls_before_the_stop():
    assert len(graders.judgements("sigmoid")[0]) < 30


def test_statements_are_as_they_are_written():
    source = "import os; A = 3\n@property\n# why\ndef f(self):\n    return 1  # this\nprint()\n"
    found = cells.statements(source, cells.WITHOUT_LOOPS)
    assert found == ["import os", "A = 3", "@property\n# why\ndef f(self):\n    return 1  # this"]
    assert cells.definitions(source) == [found[0], found[2]]
    assert cells.statements(source, cells.NOTHING) == []
    assert cells.definitions("%%time\n%matplotlib inline\nimport os\n!ls") == ["import os"]
    assert cells.definitions("def f(:") == cells.definitions("(" * 10**4) == []
    assert Path(cells.__file__).parent.name == "grading"
