"""Grading a class: what is saved of a cell that raises, ends its kernel or never ends."""

import functools
from contextlib import closing
from pathlib import Path

import pytest

import cells
import graders
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


def test_what_follows_a_line_that_raises_is_tried(in_a_kernel):
    in_a_kernel(all_saved_after_an_error)


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


@pytest.mark.parametrize("name", ENDING)
def test_a_cell_that_ends_the_kernel_gives_its_definitions(name, in_a_kernel):
    in_a_kernel(functools.partial(defines, *ENDING[name]))


def test_an_endless_loop_that_ignores_interrupts_costs_nothing_else(in_a_kernel):
    deaf = "signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    source = f"import math, signal, time\ndef f(): return math.pi\n{deaf}"
    check = functools.partial(defines, [source], "f() > 3", ["1: kernel-died"])
    in_a_kernel(check, timeout=1)


def out_of_time(place) -> None:
    with closing(Examined(place)) as kernel:
        kernel.left["cells"] = 0.5
        sources = ["while True: pass", "A = 3\ndef f(): return 1", "import math"]
        assert cells.run_cells(kernel, sources) == ["1: timeout", "2: timeout", "3: timeout"]
        reply = kernel.run("pass", "f() == 1 and math.pi > 3 and 'A' not in globals()", "judging")
        assert reply["user_expressions"]["answer"]["data"] == {"text/plain": "True"}


def test_without_time_for_cells_their_definitions_are_run(in_a_kernel):
    in_a_kernel(out_of_time)


NO_TEXT = """
class Endless(Exception):
    def __str__(self):
        while True: pass
raise Endless()
"""
LONG_TEXT = "raise type('Long', (BaseException,), {})('x' * 10_000_000)"


def defined_at_last(place) -> None:
    with closing(Examined(place)) as kernel:
        kernel.left["cells"] = 2
        sources = [NO_TEXT, LONG_TEXT, "import os\nos._exit(0)", "def f(): return 1"]
        raised = cells.run_cells(kernel, sources)
        assert [line.split(": ")[0] for line in raised] == ["1", "2", "3", "4"]
        reply = kernel.run("pass", "f() == 1", "judging")
        assert reply["user_expressions"]["answer"]["data"] == {"text/plain": "True"}
        assert kernel.left["cells"] <= 0 < kernel.left["definitions"]


def test_cells_that_use_up_all_time_leave_their_definitions(in_a_kernel):
    in_a_kernel(defined_at_last, timeout=1)


def test_statements_are_as_they_are_written():
    source = "import os; A = 3\n@property\n# why\ndef f(self):\n    return 1  # this\nprint()\n"
    found = cells.statements(source, cells.WITHOUT_LOOPS)
    assert found == ["import os", "A = 3", "@property\n# why\ndef f(self):\n    return 1  # this"]
    assert cells.definitions(source) == [found[0], found[2]]
    assert cells.statements(source, cells.NOTHING) == []
    assert cells.definitions("%%time\n%matplotlib inline\nimport os\n!ls") == ["import os"]
    assert cells.definitions("def f(:") == cells.definitions("(" * 10**4) == []
    assert Path(cells.__file__).parent.name == "grading"


# ------------------------------------------------------------- what keeps graders out, or ends them


def loses_only_that(path: Path, total: int, place) -> None:
    """Grade a notebook without random points."""
    row = judging.grade(path, judging.Measure("", None, {}), place)
    assert row["total"] == total, row["causes"]
    assert set(row["causes"].values()) <= {"kernel-died"}


DIES_WHEN_CALLED = """
EPOCHS = 0
def train_vanilla(*arguments):
    import os
    os._exit(EPOCHS)
"""
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
HINDERED = {
    "modules and paths replaced": ([solved_functions(), NEEDS_A_CONSTANT, BROKEN], 100),
    "a function that ends the kernel": ([solved_functions(), DIES_WHEN_CALLED], 90),
    "no module can be imported": ([solved_functions(), "import sys\nsys.meta_path.clear()"], 100),
}


@pytest.mark.parametrize("name", HINDERED)
def test_what_hinders_graders_costs_nothing_else(name, in_a_kernel, tmp_path):
    sources, total = HINDERED[name]
    path = write_notebook(tmp_path / "a.ipynb", *sources)
    in_a_kernel(functools.partial(loses_only_that, path, total))


ODD = """
class Odd:
    def __call__(self, *arguments):
        raise KeyboardInterrupt
    def __getattr__(self, name):
        raise SystemExit
"""


def gives_no_answer(path: Path, place) -> None:
    with pytest.raises(ValueError, match="no function of the notebook gave an answer"):
        judging.grade(path, judging.Measure("", None, {}), place)


def test_no_answer_to_anything_is_no_verdict(in_a_kernel, tmp_path):
    path = write_notebook(tmp_path / "a.ipynb", ODD, f"{' = '.join(graders.TASKS)} = Odd()")
    in_a_kernel(functools.partial(gives_no_answer, path))


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


def test_what_is_stopped_at_random_points_has_its_own_cause(in_a_kernel):
    assert len(graders.judgements("sigmoid")[0]) < 30
    in_a_kernel(stopped_at_random_points, timeout=2)


SLOW = """
import time
fast = gradient_checking
def gradient_checking(*arguments):
    time.sleep(0.04)
    return fast(*arguments)
"""


def slow_function_is_correct(place) -> None:
    with closing(Examined(place)) as kernel:
        assert cells.run_cells(kernel, [solved_functions(), SLOW]) == []
        assert kernel.load_graders()
        assert len(graders.judgements("gradient_checking")[0]) * 0.04 > 2 * place.timeout
        assert judging.find_fault(kernel, "gradient_checking", []) is None
        kernel.left["judging"], kernel.kept = 1.5, 1
        assert judging.find_fault(kernel, "gradient_checking", []).cause == "timeout"
        assert kernel.left["judging"] > 0.5  # for the other stages


def test_the_limit_of_time_is_for_one_call(in_a_kernel):
    in_a_kernel(slow_function_is_correct, timeout=1)
