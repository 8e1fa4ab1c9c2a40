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
import processes
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
    "stopped at random points": (stopped_at_random_points, 3),
}


def within(check: Callable, timeout: float, place: isolation.Sandbox) -> None:
    """Check something in a kernel, with a timeout of its own."""
    check(dataclasses.replace(place, timeout=timeout))


@pytest.fixture(scope="module")
def answers() -> dict:
    """The results of all checks, by name; they leave no file."""
    calls = {name: functools.partial(within, *check) for name, check in CHECKS.items()}
    with isolation.places(3, 20, as_root=True) as (sandboxes, _):
        found = dict(processes.in_processes(calls, sandboxes))
        assert list(Path(sandboxes[0].parent).iterdir()) == []
    return found


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
