"""Graders of the backpropagation assignment: one for each function a student writes.

    grader_sigmoid(sigmoid)                     grader_grad_check(gradient_checking)
    grader_forwardprop(forward_propagation)     grader_vanilla(train_vanilla)
    grader_backprop(backward_propagation)       grader_momentum(train_momentum)
    submission_report(globals())                grader_adam(train_adam)
    draw_graph(...)                             the computational graph, as a picture

How a verdict comes about: a `Task` lists its judgements, each a list of tests. A test is a `Call`
of the student's function and what is to be expected of it, an `Expect`. `perform` makes the call
and returns its `Outcome`; `check` compares the two and returns a `Fault` or None.

The rooms, in this order: tasks, calls, verdicts, messages, graders, pictures, numbers. Below the
seam, at the end of the file: evidence, repair, explanation. They find the place and the kind of a
mistake, and never change a verdict: the file works without them.

No task is solved here. The file holds expected numbers, not how to compute them.
"""

from __future__ import annotations

import ast
import bisect
import builtins
import contextlib
import copy
import functools
import inspect
import io
import itertools
import linecache
import math
import re
import sys
import textwrap
import time
import traceback
import types
import warnings
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from site import getsitepackages, getusersitepackages
from typing import Any

import numpy as np

# ---------------------------------------------------------------------------------------
# 1. Tasks: what is called, how a result is read, what is expected
# ---------------------------------------------------------------------------------------

FORWARD_KEYS = ("exp", "tanh", "sigmoid", "loss", "dy_pr")
BACKWARD_KEYS = tuple(f"dw{i}" for i in range(1, 10))
WEIGHTS = tuple(f"w{i}" for i in range(1, 10))
DY_PR = ("dy_pr", "dy_pred", "dl", "dL")  # what other copies of the assignment call dy_pr

# With whose functions a task is tested: the student's own; the grader's in their place, in the
# format of the student's own results; the grader's in a plain format, where the own pass is broken
OWN = "own"
GRADERS = "grader's"
PLAIN = "grader's, plain"

# Relative tolerances, far above rounding on any platform, far below single precision. Runs are
# stored to ten digits. A value of the gradient check has an error of its own.
RTOL = 1e-9
RTOL_RUN = 5e-9
RTOL_CHECK = 0.01
ATOL = 1e-12  # for numbers that are 0, or nearly

CHECK_EPS = 1.3e-3  # for the value of a gradient check: nobody hard-codes this one
SMALL_EPS = (9e-5, 1.1e-5, 1.3e-7)  # for these the value must lie below CHECK_SMALL
CHECK_SMALL, CHECK_LARGE = 1e-7, 1e-3

CORRUPTIONS: dict[str, Callable[[Any], Any]] = {
    "is off by 1": lambda gradient: gradient + 1.0,
    "has the wrong sign": lambda gradient: -gradient,
    "is 0": lambda gradient: 0.0 * gradient,
    "is 3 times too large": lambda gradient: 3.0 * gradient,
    "is 5 times too small": lambda gradient: 0.2 * gradient,
}
ONE_CORRUPT = ("is off by 1", "has the wrong sign", "is 0")  # tried on one gradient at a time
# The value of a gradient check when all nine gradients are corrupted alike:
# |c - 1| / (|c| + 1), where the corruption multiplies by c
ALL_CORRUPT = {
    "has the wrong sign": 1.0,
    "is 3 times too large": 0.5,
    "is 5 times too small": 2 / 3,
}


@dataclass(frozen=True)
class Call:
    """One call of a student's function. It can cross to another process: nothing in it is secret.

    Attributes:
        task: the name of the function.
        arguments: by position, as plain data: lists in place of arrays. For backward_propagation
            x, y, w and the known numbers of the forward pass, of which its dictionary is made.
        passes: OWN, GRADERS or PLAIN; with these two, functions of the grader's take the place of
            those in `Task.replaced` while the call lasts.
        corrupt: which of the nine gradients (0 to 8) backward_propagation returns wrong meanwhile.
        how: in which way, a key of CORRUPTIONS.
    """

    task: str
    arguments: tuple
    passes: str = OWN
    corrupt: tuple[int, ...] = ()
    how: str = ""


@dataclass(frozen=True)
class Expect:
    """What is expected of a call. It never leaves the process that judges.

    Attributes:
        any_of: the expected numbers by name, one dictionary for each correct form.
        within: in place of these, the bounds of a single number.
        rtol: the relative tolerance of the comparison with `any_of`.
        where: the key of a line in WHERE that says how the call was made.
        at: what that line speaks of.
        cause: the cause of the fault, where it is known beforehand.
    """

    any_of: tuple[dict[str, float], ...] = ()
    within: tuple[float, float] = (-math.inf, math.inf)
    rtol: float = RTOL
    where: str = ""
    at: dict[str, Any] = field(default_factory=dict)
    cause: str = ""


Test = tuple[Call, Expect]


@dataclass(frozen=True)
class Task:
    """One function that students write, with its grader.

    Attributes:
        name: of the function.
        grader: the name of its grader.
        arguments: the names of its parameters, by position.
        pasted: a line of code that makes a call with the student's own functions; see WHERE.
        outputs: the names of the numbers that it returns, as far as their number is fixed.
        replaced: the functions that the grader's own ones can take the place of.
    """

    name: str
    grader: str
    arguments: tuple[str, ...]
    pasted: str
    outputs: tuple[str, ...]
    replaced: tuple[str, ...] = ()

    reads_a_dictionary = False  # of forward_propagation, which may lack a key

    @property
    def signature(self) -> str:
        """The call of the function, such as `sigmoid(z)`."""
        return f"{self.name}({', '.join(self.arguments)})"

    def given(self, call: Call, student: Student) -> list:
        """Return the arguments of a call as the student's function gets them.

        Lists become arrays; y, where it is one number, becomes what an element of an array is.
        """
        given = [np.array(a, dtype=float) if isinstance(a, list) else a for a in call.arguments]
        if "y" in self.arguments:
            place = self.arguments.index("y")
            if isinstance(given[place], float):
                given[place] = np.float64(given[place])
        return given

    def plain(self, result: Any) -> Any:
        """Return what the function returned as plain data; see `plain`."""
        return plain(result)

    def read(self, result: Any) -> dict[str, Any]:
        """Return the numbers in a plain result by their names, as far as they are there."""
        return {self.outputs[0]: result}

    def form_fault(self, result: Any) -> tuple[str, dict[str, Any]] | None:
        """Return what is wrong with the form of a plain result: a cause, and what it speaks of."""
        return None

    def numbers_cause(self, wrong: Sequence[Difference]) -> tuple[str, dict[str, Any]]:
        """Return the key of the sentence that says which numbers are wrong, and its words."""
        return "numbers", {"names": ", ".join(d.name for d in wrong)}

    def part_of(self, name: str) -> str:
        """Return the part of the result that a number belongs to."""
        return name

    def prefers_graders(self, own: Fault, other: Fault) -> bool:
        """Tell which of two faults is told: the one that was found with the grader's functions.

        It is if these were called, since no other mistake of the student's has a part in it.
        """
        return bool(other.outcome and other.outcome.called)

    def work(self, given: Any, notebook: Mapping[str, Any]) -> Any:
        """Return what is graded when the grader is called with `given`."""
        return given

    def result_praise(self) -> str:
        """Return the key of the praise for a correct result in place of the function."""
        return "at the original's point"

    def result_fault(self, outcome: Outcome) -> Fault | None:
        """Return what is wrong with a result that the grader got in place of the function."""
        call, _ = judgements(self.name)[0][0]
        return Fault("wrong-type: not a function", {}, call, None, outcome)

    def judgements(self) -> list[list[Test]]:
        """Return the judgements: lists of tests, one of which has to be passed as a whole.

        The last test of each repeats the first.
        """
        raise NotImplementedError


class Sigmoid(Task):
    """sigmoid(z) -> float."""

    def work(self, given: Any, notebook: Mapping[str, Any]) -> Any:
        """Take the notebook's function for 2: the original's call is grader_sigmoid(2)."""
        original = type(given) in (int, float) and given == 2
        return notebook.get(self.name) if original else given

    def judgements(self) -> list[list[Test]]:
        """Return one judgement: values on both sides of where solutions branch."""
        tests = [
            (Call(self.name, (z,)), Expect(({"sigmoid": value},), where="at z", at={"z": z}))
            for z, value in zip(SIGMOID_Z, SIGMOID_VALUES)
        ]
        return [[*tests, repeated(tests[0])]]


class Pass(Task):
    """A pass through the graph: a dictionary of numbers, tested at the six points."""

    def read(self, result: Any) -> dict[str, Any]:
        """Return the numbers of the outputs, as far as the dictionary has them."""
        found = result if isinstance(result, dict) else {}
        keys = {name: key_of(name, found) for name in self.outputs}
        return {name: found[key] for name, key in keys.items() if key in found}

    def form_fault(self, result: Any) -> tuple[str, dict[str, Any]] | None:
        """Say that it is no dictionary, or which keys are missing."""
        if not isinstance(result, dict):
            wanted = f"a dict with the keys {', '.join(self.outputs)}"
            return "wrong-type", {"what": f"{self.name}'s result", "wanted": wanted}
        found = self.read(result)
        missing = [repr(name) for name in self.outputs if name not in found]
        return ("missing-key", {"missing": ", ".join(missing)}) if missing else None

    def result_fault(self, outcome: Outcome) -> Fault | None:
        """Compare a dictionary with the numbers at the original's point."""
        call, expect = judgements(self.name)[0][0]
        return check(call, replace(expect, where=""), outcome)

    def prefers_graders(self, own: Fault, other: Fault) -> bool:
        """Tell whether the student's sigmoid adds to what is wrong: then it is left out."""
        names, others = ({d.name for d in fault.differences} for fault in (own, other))
        return super().prefers_graders(own, other) and (not names or others < names)

    def judgements(self) -> list[list[Test]]:
        """Return two judgements: with the student's own sigmoid, and with the grader's."""
        return [self._tests(whose) for whose in (OWN, GRADERS)]

    def _tests(self, whose: str) -> list[Test]:
        tests = []
        for number, (point, forward, backward) in enumerate(
            zip(POINTS, FORWARD_VALUES[whose], GRADIENTS[whose])
        ):
            arguments, expected = self._at(point, forward, backward)
            place = Expect((expected,), where="at a point", at={"number": number})
            tests.append((Call(self.name, arguments, whose), place))
        return [*tests, repeated(tests[0])]

    def _at(self, point: tuple, forward: dict, backward: list) -> tuple[tuple, dict[str, float]]:
        """Return the arguments at a point, and the expected numbers."""
        return point, {name: forward[name] for name in self.outputs}


class BackwardPass(Pass):
    """The pass that gets a correct dictionary of the forward pass."""

    reads_a_dictionary = True

    def given(self, call: Call, student: Student) -> list:
        """Return x, w and the dictionary of the forward pass, made of known numbers."""
        x, _, w, numbers = super().given(call, student)
        return [x, w, forward_dict_of(call, student, numbers)]

    def _at(self, point: tuple, forward: dict, backward: list) -> tuple[tuple, dict[str, float]]:
        """Return the arguments at a point, and the expected numbers."""
        return (*point, forward), dict(zip(self.outputs, backward))


class GradientCheck(Task):
    """gradient_checking(x, y, w, eps) -> float, tested with correct and with corrupt gradients."""

    def numbers_cause(self, wrong: Sequence[Difference]) -> tuple[str, dict[str, Any]]:
        """Return the sentence on the only number that it returns."""
        return "numbers", {"names": f"the result of {self.name}"}

    def result_praise(self) -> str:
        """Return the key of the praise for a number in place of the function."""
        return "small"

    def result_fault(self, outcome: Outcome) -> Fault | None:
        """Say whether a number, or one of several, is not small; as the original does."""
        call, _ = judgements(self.name)[0][0]
        small = Expect(within=(0.0, CHECK_LARGE), cause="number")
        results = outcome.result if isinstance(outcome.result, list) else [outcome.result]
        faults = (check(call, small, replace(outcome, result=each)) for each in results or [None])
        return next((fault for fault in faults if fault), None)

    def judgements(self) -> list[list[Test]]:
        """Return three judgements: with the student's own two passes, and with the grader's."""
        return [
            self._values(whose) + self._small(whose) + self._corrupt(whose) + self._again(whose)
            for whose in (OWN, GRADERS, PLAIN)
        ]

    def _values(self, whose: str) -> list[Test]:
        """Return tests of the value at an eps for which it is far above rounding."""
        tests = []
        for number, (point, ratio) in enumerate(zip(POINTS, RATIOS[model_of(whose)])):
            expected = {"ratio": ratio}
            where = {"where": "at a point", "at": {"number": number, "eps": CHECK_EPS}}
            call = Call(self.name, (*point, CHECK_EPS), whose)
            tests.append((call, Expect((expected,), rtol=RTOL_CHECK, **where)))
        return tests

    def _again(self, whose: str) -> list[Test]:
        return [repeated(self._values(whose)[0])]

    def _small(self, whose: str) -> list[Test]:
        """Return tests that the value is small for correct gradients and a small eps."""
        tests = []
        for (number, point), eps in itertools.product(enumerate(POINTS), SMALL_EPS):
            where = {"where": "at a point", "at": {"number": number, "eps": eps}}
            expect = Expect(within=(0.0, CHECK_SMALL), cause="not-small", **where)
            tests.append((Call(self.name, (*point, eps), whose), expect))
        return tests

    def _corrupt(self, whose: str) -> list[Test]:
        """Return tests with wrong gradients, each at weights of its own: results may be cached."""
        large = {"within": (CHECK_LARGE, math.inf), "cause": "never-detects"}
        kinds = [((k,), how, large) for k, how in itertools.product(range(9), ONE_CORRUPT)]
        for how, ratio in ALL_CORRUPT.items():
            value = {"any_of": ({"ratio": ratio},), "cause": "denominator", "rtol": RTOL_CHECK}
            kinds.append((tuple(range(9)), how, value))
        x, y, w = POINTS[1]
        tests = []
        for number, (corrupt, how, expected) in enumerate(kinds, 301):
            moved = [number / 300 * v for v in w]
            which = f"dw{corrupt[0] + 1}" if len(corrupt) == 1 else "each gradient"
            expect = Expect(
                where="with wrong gradients", at={"wrong": f"{which} {how}"}, **expected
            )
            tests.append((Call(self.name, (x, y, moved, 1e-7), whose, corrupt, how), expect))
        return tests


class Loop(Task):
    """An optimizer loop: (w, losses), tested by a run on seven data points for a few epochs."""

    def plain(self, result: Any) -> Any:
        """Return the pair of the weights and the losses, each a list where it is a sequence."""
        if isinstance(result, np.ndarray) or not isinstance(result, Sequence) or len(result) != 2:
            return plain(result)
        return [plain(part, sequence=True) for part in result]

    def read(self, result: Any) -> dict[str, Any]:
        """Return the nine weights and the losses, as far as they are there."""
        is_pair = isinstance(result, list) and len(result) == 2
        w, losses = (
            part if isinstance(part, list) else [] for part in (result if is_pair else ((), ()))
        )
        numbers = dict(zip(WEIGHTS, w)) if len(w) == 9 else {}
        return numbers | {f"losses[{i}]": loss for i, loss in enumerate(losses[:MOST_LOSSES])}

    def form_fault(self, result: Any) -> tuple[str, dict[str, Any]] | None:
        """Say that it is not the pair of nine weights and a sequence of losses."""
        if "w1" in self.read(result) and isinstance(result[1], list):
            return None
        return "not-a-pair", {"what": f"{self.name}'s result"}

    def numbers_cause(self, wrong: Sequence[Difference]) -> tuple[str, dict[str, Any]]:
        """Say whether the weights are wrong, the number of the losses or only their values."""
        if any(d.name in WEIGHTS for d in wrong):
            return "weights", {}
        if any(d.got is None or d.expected is None for d in wrong):
            return "losses-count", {}
        return "losses", {}

    def part_of(self, name: str) -> str:
        """Return "weights" or "losses"."""
        return "weights" if name in WEIGHTS else "losses"

    def judgements(self) -> list[list[Test]]:
        """Return three judgements: with the student's own two passes, and with the grader's.

        In a second run the loss hardly changes: a loop that stops then has too few losses.
        """
        judgements = []
        for whose in (OWN, GRADERS, PLAIN):
            tests = []
            for number, forms in enumerate(RUNS[model_of(whose)][self.name]):
                call = Call(self.name, run_data(self.name, model_of(whose), number), whose)
                expected = tuple(self._named(run) for run in forms)
                place = {"where": "in a run", "at": {"number": number}}
                tests.append((call, Expect(expected, rtol=RTOL_RUN, **place)))
            judgements.append([*tests, repeated(tests[0])])
        return judgements

    def _named(self, run: list[float]) -> dict[str, float]:
        names = [*WEIGHTS, *(f"losses[{i}]" for i in range(len(run) - 9))]
        return dict(zip(names, run))


MOST_LOSSES = 1000  # of one result that are looked at


def repeated(test: Test) -> Test:
    """Return a test as it is made again, after all others."""
    call, expect = test
    return call, replace(expect, where="when called again", at={})


def key_of(name: str, found: Mapping) -> str:
    """Return the key under which a dictionary has a number: dy_pr has other names, too."""
    if name != "dy_pr":
        return name
    return next((key for key in DY_PR if key in found), name)


BOTH_PASSES = ("forward_propagation", "backward_propagation")
_ALL_TASKS = (
    Sigmoid(
        name="sigmoid",
        grader="grader_sigmoid",
        arguments=("z",),
        pasted="sigmoid({z})",
        outputs=("sigmoid",),
    ),
    Pass(
        name="forward_propagation",
        grader="grader_forwardprop",
        arguments=("x", "y", "w"),
        pasted="x, y, w = graders.point({number}); forward_propagation(x, y, w)",
        outputs=FORWARD_KEYS,
        replaced=("sigmoid",),
    ),
    BackwardPass(
        name="backward_propagation",
        grader="grader_backprop",
        arguments=("x", "w", "forward_dict"),
        pasted="x, y, w = graders.point({number}); "
        "backward_propagation(x, w, forward_propagation(x, y, w))",
        outputs=BACKWARD_KEYS,
        replaced=("sigmoid",),
    ),
    GradientCheck(
        name="gradient_checking",
        grader="grader_grad_check",
        arguments=("x", "y", "w", "eps"),
        pasted="x, y, w = graders.point({number}); gradient_checking(x, y, w, {eps})",
        outputs=("ratio",),
        replaced=BOTH_PASSES,
    ),
    Loop(
        name="train_vanilla",
        grader="grader_vanilla",
        arguments=("X", "y", "w", "epochs", "lr"),
        pasted='train_vanilla(*graders.run_arguments("train_vanilla", {number}))',
        outputs=WEIGHTS,
        replaced=BOTH_PASSES,
    ),
    Loop(
        name="train_momentum",
        grader="grader_momentum",
        arguments=("X", "y", "w", "epochs", "lr", "gamma"),
        pasted='train_momentum(*graders.run_arguments("train_momentum", {number}))',
        outputs=WEIGHTS,
        replaced=BOTH_PASSES,
    ),
    # Correct are algorithm 1 of D. P. Kingma and J. Ba, "Adam: a method for stochastic
    # optimization", ICLR 2015; the same with epsilon inside the root; and the folded form at the
    # end of their section 2
    Loop(
        name="train_adam",
        grader="grader_adam",
        arguments=("X", "y", "w", "epochs", "lr", "beta1", "beta2", "eps"),
        pasted='train_adam(*graders.run_arguments("train_adam", {number}))',
        outputs=WEIGHTS,
        replaced=BOTH_PASSES,
    ),
)
TASKS: dict[str, Task] = {task.name: task for task in _ALL_TASKS}


@functools.cache
def judgements(task: str) -> list[list[Test]]:
    """Return the judgements of a task; see `Task.judgements`."""
    return TASKS[task].judgements()


def point(number: int) -> tuple[np.ndarray, float, np.ndarray]:
    """Return x (5), y and w (9) of one of the points at which the passes are tested."""
    x, y, w = POINTS[number]
    return np.array(x), np.float64(y), np.array(w)


def run_arguments(task: str, number: int = 0) -> tuple:
    """Return the arguments with which an optimizer loop is tested, in one of its two runs."""
    return tuple(np.array(a) if isinstance(a, list) else a for a in run_data(task, OWN, number))


def run_data(task: str, model: str, number: int) -> tuple:
    """Return the arguments of a run as plain data."""
    if number == 0:
        return ROWS, TARGETS[model], START, *SETTINGS[model][task]
    rows = ROWS[:PLATEAU_ROWS]
    targets = TARGETS[model][:PLATEAU_ROWS]
    return rows, targets, START, PLATEAU_EPOCHS, PLATEAU_LR, *SETTINGS[model][task][2:]


def model_of(whose: str) -> str:
    """Return whose numbers count: the grader's own passes have one model in both formats."""
    return OWN if whose == OWN else GRADERS


# ---------------------------------------------------------------------------------------
# 2. Calls: the only place that runs a student's code, and that catches what it raises
# ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Raised:
    """An exception that a student's code raised, as plain data.

    Attributes:
        kind: the key of the sentence on it, such as "raised" or "raised: unknown name".
        error: the name of its type.
        text: its type and its message, in one line.
        function: the student's function in which it was raised, the graded one if in none.
        line: its line number; 0 if it was raised in none of the student's lines.
        code: that line, stripped.
        called: whether another function of the student's called this one.
        name: the name that the sentence speaks of.
        supplier: what keeps forward_propagation from supplying a missing key; "" for nothing.
    """

    kind: str
    error: str
    text: str
    function: str
    line: int = 0
    code: str = ""
    called: bool = False
    name: str = ""
    supplier: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a call gave, as plain data that can be written as JSON.

    Attributes:
        result: what was returned: None, numbers, lists and dictionaries of these, descriptions.
        raised: what was raised, or None.
        changed: the names of the arguments that are not what they were before.
        forward: [x, y, w] of each call of the grader's forward pass, up to MOST_CALLS.
        backward: [x, w, number] of each call of its backward pass, with the number of the call of
            the forward pass whose dictionary was given, or None.
        called: whether a function that the grader put in place was called.
    """

    result: Any = None
    raised: Raised | None = None
    changed: tuple[str, ...] = ()
    forward: tuple[list, ...] = ()
    backward: tuple[list, ...] = ()
    called: bool = False


MOST_CALLS = 2000  # of a pass that are recorded


class Student:
    """A student's function, and where it finds the student's other functions.

    Attributes:
        task: the name of one of the seven functions.
        function: the student's: any callable.
        namespace: the globals of the module in which the function was defined.
        notebook: the globals of the notebook that calls the grader.
        avoid: the names of the student's functions that must not be called, since they never end.
        only_format: only the format of a result is of interest: a key that is missing is 0.
        is_tried: of an error, only that it is raised is of interest.
    """

    only_format = False
    is_tried = False

    def __init__(
        self,
        task: str,
        function: Callable,
        notebook: dict[str, Any] | None = None,
        avoid: Iterable[str] = (),
    ):
        self.task = task
        self.function = function
        self.notebook = calling_namespace() if notebook is None else notebook
        self.avoid = frozenset(avoid)
        self.namespace = self.notebook
        with contextlib.suppress(Exception):  # an object may pose as a function
            function = unwrapped(function)
            if vars(type(function)).get("__globals__"):
                self.namespace = function.__globals__
        self._own_results: dict[tuple, tuple[Any, Outcome | None]] = {}
        self._formats: dict[int, tuple] = {}

    def find(self, name: str) -> Any:
        """Return the student's function of that name; None where there is none."""
        return self.namespace.get(name, self.notebook.get(name))

    def other(self, task: str) -> Student:
        """Return the student with another of the seven functions."""
        return Student(task, self.find(task), self.notebook, self.avoid)

    def namespaces(self, *names: str) -> list[dict[str, Any]]:
        """Return the globals of all modules in which the student's functions may be looked up."""
        found = [self.namespace, self.notebook]
        for name in names:
            function = self.find(name)
            if inspect.isfunction(function):
                found.append(function.__globals__)
        return list({id(each): each for each in found}.values())

    def format_for(self, call: Call, make: Callable[[], Any]) -> Any:
        """Return what `make` returns: the format of the student's own passes for a call, made once."""
        if id(call) not in self._formats:
            self._formats[id(call)] = call, make()  # with the call, no other has its id
        return self._formats[id(call)][1]

    def own_result(self, call: Call) -> tuple[Any, Outcome | None]:
        """Return what a pass of the student's own returned, as it is, and its outcome.

        The outcome is None where there is no such function, or it must not be called.
        """
        key = (call.task, repr(call.arguments), call.passes)
        if key not in self._own_results:
            own = self.other(call.task)
            if call.task in self.avoid or not callable(own.function):
                self._own_results[key] = None, None
            else:
                own._own_results = self._own_results
                own.only_format = True
                self._own_results[key] = _perform(call, own, CallLog())
        return self._own_results[key]


def perform(call: Call, student: Student, log: CallLog | None = None) -> Outcome:
    """Call a student's function.

    Args:
        call: what to call, and how.
        student: whose function it is.
        log: records the calls of the grader's own functions; a new one if None.

    Returns:
        What it gave. Whatever it raises is part of that, except for KeyboardInterrupt.
    """
    return _perform(call, student, log or CallLog())[1]


def _perform(call: Call, student: Student, log: CallLog) -> tuple[Any, Outcome]:
    """Return what a call returned, as it is, and its outcome."""
    task = TASKS[call.task]
    with contextlib.ExitStack() as stack:
        if call.passes != OWN:
            stack.enter_context(graders_functions(student, call, log))
        if call.corrupt:
            stack.enter_context(corrupt_gradients(student, call, log))
        given = task.given(call, student)
        before = snapshot(given)
        returned, error = run(student.function, given)
        if error:
            raised = what_was_raised(student, error, call)
            return None, Outcome(raised=raised, **log.as_fields())
        result, error = run(task.plain, [returned])
        if error:
            raised = replace(what_was_raised(student, error, call), kind="unreadable")
            return None, Outcome(raised=raised, **log.as_fields())
        after = snapshot(given)
    changed = [n for n, *pair in zip(task.arguments, before, after) if not same(*pair)]
    return returned, Outcome(result, changed=tuple(changed), **log.as_fields())


def snapshot(arguments: list) -> list:
    """Return arguments as plain data; None for one that cannot be read."""
    return [run(plain, [argument])[0] for argument in arguments]


def run(function: Callable, arguments: Sequence) -> tuple[Any, BaseException | None]:
    """Call a function of a stranger; return what it returned, and what it raised."""
    try:
        return function(*arguments), None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - sys.exit() too must not end the grader
        return None, error


def unwrapped(function: Callable) -> Callable:
    """Return the function inside partials and wrappers."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.unwrap(function)


def calling_namespace() -> dict[str, Any]:
    """Return the globals of the code that called this module: the notebook's."""
    frame = sys._getframe()
    while frame.f_back and frame.f_globals is globals():
        frame = frame.f_back
    return frame.f_globals


# The arguments of a call


class ForwardDict(dict):
    """A correct dictionary of the forward pass, for backward_propagation.

    It has the keys of the student's own, or the five of the assignment. Numbers of the graph that
    are looked up under another of their names, such as "sum12" or "dy_pred", are known, too.
    """

    known: Mapping[str, Any] = types.MappingProxyType({})
    has_all = False  # whether any other key has the number 0

    def __missing__(self, key: Any) -> Any:
        name = "dy_pr" if key in DY_PR else key
        if name in self:
            return self[name]
        if name in self.known:
            return self.known[name]
        if self.has_all:
            return np.float64(0.0)
        raise KeyError(key)


def forward_dict_of(call: Call, student: Student, numbers: dict[str, float]) -> dict:
    """Return a correct dictionary of the forward pass, in the student's own format.

    The five numbers are `numbers`. Any other key holds what the student's own forward_propagation
    gives, or, where that is refused, the number of the graph of that name.
    """
    five = {name: numbers[name] for name in FORWARD_KEYS}

    def own_format() -> tuple[Any, bool]:
        forward = Call("forward_propagation", call.arguments[:3], call.passes)
        own, outcome = student.own_result(forward)
        trusted = outcome is not None and not check(forward, Expect((five,)), outcome)
        if isinstance(own, dict) and not trusted:  # neither its numbers nor their kinds
            own = {key: None if key in numbers or key in DY_PR else own[key] for key in own}
        return own, trusted or not isinstance(own, dict) or not own

    own, is_usable = student.format_for(call, own_format)
    result = in_format_of(own, five if is_usable else numbers, five)
    if type(result) is dict:
        result = ForwardDict(result)
        result.known = {name: np.float64(value) for name, value in numbers.items()}
        result.has_all = student.only_format
    return result


def in_format_of(own: Any, numbers: dict[str, float], due: Iterable[str] = ()) -> dict:
    """Return numbers in a dictionary like `own`, a student's own result.

    It has the order, the extra keys and the kind of number of that one. A number goes under its
    name if that is among the keys, or among those that are due.
    """
    result: dict = {}
    if isinstance(own, dict):
        with contextlib.suppress(Exception):  # a class of their own, that may not be copied
            result = copy.copy(own)
    for name, number in numbers.items():
        key = key_of(name, result)
        if key in result or name in due or not due:
            result[key] = like(result.get(key), number)
    return result


def like(own: Any, number: float) -> Any:
    """Return a number of the same kind as `own`: an array of one element, a float, or NumPy's."""
    if isinstance(own, np.ndarray) and own.size == 1:
        return np.full(own.shape, number)
    return float(number) if type(own) is float else np.float64(number)


# The grader's own functions: another, smaller model than the assignment's


class CallLog:
    """The calls of functions that the grader has put in place, while one call lasts."""

    def __init__(self) -> None:
        self.forward: list[list] = []
        self.backward: list[list] = []
        self.returned: list[tuple] = []  # what identifies the dictionary of each forward call
        self.called = False

    def add_forward(self, call: list, returned: tuple) -> None:
        """Record a call of the grader's forward pass, as in `Outcome.forward`."""
        if len(self.forward) < MOST_CALLS:
            self.forward.append(call)
            self.returned.append(returned)

    def number_of(self, given: tuple) -> int | None:
        """Return the number of the last forward call with such a dictionary, if there is one."""
        backwards = range(len(self.returned) - 1, -1, -1)
        return next((number for number in backwards if self.returned[number] == given), None)

    def add_backward(self, call: list) -> None:
        """Record a call of the grader's backward pass, as in `Outcome.backward`."""
        if len(self.backward) < MOST_CALLS:
            self.backward.append(call)

    def as_fields(self) -> dict[str, Any]:
        """Return what it holds as fields of an Outcome."""
        calls = {"forward": tuple(self.forward), "backward": tuple(self.backward)}
        return {**calls, "called": self.called}


@contextlib.contextmanager
def graders_functions(student: Student, call: Call, log: CallLog) -> Iterator[None]:
    """Put the grader's own functions in place of the student's that a task relies on."""
    replaced = TASKS[call.task].replaced
    passes = GradersPasses(student, call, log) if replaced == BOTH_PASSES else None

    def sigmoid(z: Any) -> Any:
        log.called = True
        return softsign(z)

    functions = [getattr(passes, name, sigmoid) for name in replaced]
    with in_place(student, dict(zip(replaced, functions))):
        yield


def softsign(z: Any) -> Any:
    """Return the grader's own sigmoid: a curve from 0 to 1 that is not the logistic one."""
    return 0.5 + 0.5 * z / (1 + abs(z))


class GradersPasses:
    """A forward and a backward pass of a small model, which record the calls.

    The model has as many features and weights as the assignment's graph, and no symmetry: see
    `small_model`. Results are in the format of the student's own. With PLAIN, a plain format takes
    the place of that of a pass that is not correct. Among the extra keys of the student's own are
    those such as 'y_pred', of which a loop may make the loss itself.
    """

    def __init__(self, student: Student, call: Call, log: CallLog):
        self.log = log
        self._own = {name: student.find(name) for name in BOTH_PASSES}
        formats = student.format_for(call, lambda: self._formats(student, call.passes == PLAIN))
        self._forward, self._backward, self._outputs = formats

    def _formats(self, student: Student, only_correct: bool) -> tuple[Any, Any, list[str]]:
        """Return what the student's own passes return at a point, or only those that are correct.

        With them come the keys of the forward pass under which the output stands.
        """
        x, y, w = POINTS[1]
        numbers = FORWARD_VALUES[OWN][1]
        forward = Call("forward_propagation", (x, y, w))
        backward = Call("backward_propagation", (x, y, w, numbers))
        own_forward = self._format(student, forward, numbers, only_correct)
        gradients = dict(zip(BACKWARD_KEYS, GRADIENTS[OWN][1]))
        own_backward = self._format(student, backward, gradients, only_correct)
        own, _ = run(plain, [own_forward])
        extra = own.keys() - {*FORWARD_KEYS, *DY_PR} if isinstance(own, dict) else ()
        outputs = [key for key in extra if same(own[key], numbers["y_pred"])]
        return own_forward, own_backward, outputs

    def _format(
        self, student: Student, call: Call, numbers: dict[str, float], only_correct: bool
    ) -> Any:
        """Return what a pass of the student's own returns; None if it must be correct and is not."""
        own, outcome = student.own_result(call)
        expected = {name: numbers[name] for name in TASKS[call.task].outputs}
        if only_correct and (not outcome or check(call, Expect((expected,)), outcome)):
            return None
        return own

    def forward_propagation(self, *args: Any, **kwargs: Any) -> dict:
        """Return the values of the small model under the five names of the assignment."""
        x, y, w = self._arguments("forward_propagation", args, kwargs)
        x, y, w = vector(x, 5, "x"), single(y, "y"), vector(w, 9, "w")
        y_hat, _ = small_model(x, w)
        values = (y_hat, y_hat - 0.5 * w[8], 0.5, (y - y_hat) * (y - y_hat), 2 * (y_hat - y))
        self.log.add_forward([x, y, w], (values[0], values[-1]))
        numbers = dict.fromkeys(self._outputs, y_hat) | dict(zip(FORWARD_KEYS, values))
        result = in_format_of(self._forward, numbers)
        if type(result) is dict:
            result = ForwardDict(result)
        return result

    def backward_propagation(self, *args: Any, **kwargs: Any) -> dict:
        """Return the nine gradients of the small model, for a dictionary that it has returned.

        With the dictionary of another call they come out wrong, as those of the graph would.
        """
        x, w, found = self._arguments("backward_propagation", args, kwargs)
        x, w = vector(x, 5, "x"), vector(w, 9, "w")
        if not isinstance(found, Mapping):
            raise TypeError(f"forward_dict must be a dict, and is {one_line(repr(found), 40)}")
        y_hat, slopes = small_model(x, w)
        exp, dy_pr = (
            single(found[key], f"forward_dict['{key}']") for key in ("exp", key_of("dy_pr", found))
        )
        self.log.add_backward([x, w, self.log.number_of((exp, dy_pr))])
        upstream = dy_pr + (y_hat - exp)  # exp is y_hat at the weights of the forward pass
        gradients = {key: upstream * slope for key, slope in zip(BACKWARD_KEYS, slopes)}
        return in_format_of(self._backward, gradients)

    def _arguments(self, task: str, args: tuple, kwargs: dict) -> tuple:
        """Return the three arguments of a call, which may be given by the student's own names."""
        self.log.called = True
        if kwargs:
            args = inspect.signature(self._own[task]).bind(*args, **kwargs).args
        if len(args) != 3:
            signature = TASKS[task].signature
            raise TypeError(f"{signature} takes 3 arguments, and {len(args)} were given")
        return args


def vector(value: Any, length: int, name: str) -> list[float]:
    """Return the numbers of a vector; raise TypeError for another form, as a pass would."""
    numbers = plain(value, sequence=True)
    if not isinstance(numbers, list) or len(numbers) != length or np.shape(value)[0] != length:
        raise TypeError(f"{name} must have {length} numbers, and has the shape {np.shape(value)}")
    if set(map(type, numbers)) == {float}:
        return numbers
    return [single(number, name) for number in numbers]


def single(value: Any, name: str) -> float:
    """Return a number; raise TypeError for anything else."""
    number = plain(value)
    if not isinstance(number, float):
        raise TypeError(f"{name} must be one number, and is {kind_of(number)}")
    return number


def small_model(x: list[float], w: list[float]) -> tuple[float, list[float]]:
    """Return the output, a sum of k (w + w²/2), and its nine slopes; each k depends on x."""
    factors = [0.5 * x[i % 5] * (1 - i / 10) for i in range(9)]
    output = sum(k * (v + 0.5 * v * v) for k, v in zip(factors, w))
    return output, [k * (1 + v) for k, v in zip(factors, w)]


@contextlib.contextmanager
def corrupt_gradients(student: Student, call: Call, log: CallLog) -> Iterator[None]:
    """Make some gradients of backward_propagation wrong, in their own format."""
    backward = student.find("backward_propagation")
    make = CORRUPTIONS[call.how]

    def backward_propagation(*args: Any, **kwargs: Any) -> Any:
        log.called = True
        gradients = backward(*args, **kwargs)
        if not isinstance(gradients, Mapping):
            return [make(g) if i in call.corrupt else g for i, g in enumerate(gradients)]
        names = [BACKWARD_KEYS[k] for k in call.corrupt]
        keys = [n if n in gradients else [*gradients][int(n[2]) - 1] for n in names]
        return {**gradients, **{key: make(gradients[key]) for key in keys}}

    with in_place(student, {"backward_propagation": backward_propagation}):
        yield


@contextlib.contextmanager
def in_place(student: Student, functions: dict[str, Callable]) -> Iterator[None]:
    """Put functions in place of the student's, under every name that they have, for a while."""
    old: list[tuple[dict, str, Any]] = []
    owns = {name: student.find(name) for name in functions}
    absent = object()
    for namespace in student.namespaces(*functions):
        for name, new in functions.items():
            own = owns[name]
            others = [n for n, value in namespace.items() if value is own and callable(own)]
            if name in namespace or namespace is student.namespace:
                others.append(name)
            old += [(namespace, n, namespace.get(n, absent), new) for n in dict.fromkeys(others)]
    for namespace, name, _, new in old:
        namespace[name] = new
    try:
        yield
    finally:
        for namespace, name, value, _ in reversed(old):
            if value is absent:
                namespace.pop(name, None)
            else:
                namespace[name] = value


# Silence


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what a student's code prints, warns, displays, plots; undo what it sets in NumPy."""
    import logging

    from IPython.utils.capture import capture_output

    pyplot = sys.modules.get("matplotlib.pyplot")
    figures = {*pyplot.get_fignums()} if pyplot else set()
    with contextlib.ExitStack() as stack:
        stack.callback(np.random.set_state, np.random.get_state())
        stack.callback(setattr, logging.root, "handlers", logging.root.handlers[:])
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable()
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(capture_output())
        try:
            yield
        finally:
            pyplot = sys.modules.get("matplotlib.pyplot")
            for number in {*pyplot.get_fignums()} - figures if pyplot else ():
                pyplot.close(number)


# Plain data


def plain(value: Any, depth: int = 4, sequence: bool = False) -> Any:
    """Return plain data: None, floats, lists and dictionaries of these, or a description.

    An array of one element is a number, except where a sequence is due.
    """
    if value is None or type(value) is float:  # the first few are the usual ones, and fast
        return value
    if type(value) is np.float64:
        return float(value)
    if type(value) is list and set(map(type, value)) == {float}:
        return value[:]
    if type(value) is np.ndarray and value.dtype == np.float64 and value.size > 1:
        return value.ravel().tolist()
    if depth and isinstance(value, Mapping):
        return {str(key): plain(value[key], depth - 1) for key in value}
    if depth and isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return [plain(item, depth - 1) for item in value]
    if depth and hasattr(type(value), "__array__"):
        array = np.asarray(value)
        items = [plain(item, depth - 1) for item in array.ravel().tolist()]
        return items[0] if len(items) == 1 and not (sequence and array.ndim) else items
    if hasattr(type(value), "__float__") and not isinstance(value, (bool, np.complexfloating)):
        return float(value)
    if isinstance(value, (types.FunctionType, types.MethodType, types.BuiltinFunctionType)):
        return f"the function {one_line(value.__name__, 40)} itself, which is not called"
    return f"{one_line(repr(value), 40)} of type {type(value).__name__}"


def kind_of(data: Any) -> str:
    """Say what plain data is, for a sentence."""
    if isinstance(data, list):
        return f"a list or array of {len(data)}"
    if isinstance(data, dict):
        return f"a dict with the keys {one_line(', '.join(map(repr, data))) or '(none)'}"
    return str(data)


def one_line(text: str, limit: int = 160) -> str:
    """Return a text in one line, cut at a limit."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def same(a: Any, b: Any) -> bool:
    """Tell whether plain data agree (floats to RTOL: a restored weight may be off)."""
    if a is b or (type(a) is type(b) is list and a == b):  # the usual case, and fast
        return True
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=RTOL) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b)  # None, or a description of what cannot be compared


# What was raised, and where


@dataclass(frozen=True)
class Position:
    """Where in a student's code an exception or an interrupt happened."""

    function: str
    line: int
    code: str


def positions_of(student: Student, error: BaseException) -> list[Position]:
    """Return the lines of the student's functions through which an exception passed."""
    own = {id(namespace) for namespace in student.namespaces(*BOTH_PASSES, "sigmoid")}
    positions = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        if id(frame.f_globals) in own:
            code = linecache.getline(frame.f_code.co_filename, line).strip()
            name = frame.f_code.co_name
            if name.startswith("<") and positions:  # a comprehension or lambda inside a function
                name = positions[-1].function
            positions.append(Position(name, line, code))
    return positions


def what_was_raised(student: Student, error: BaseException, call: Call) -> Raised:
    """Describe an exception as plain data."""
    if student.is_tried:
        return Raised("raised", type(error).__name__, "", student.task)
    positions = positions_of(student, error)
    text = type(error).__name__
    with contextlib.suppress(Exception):
        text = f"{text}: {one_line(str(error))}".removesuffix(": ")
    raised = Raised("raised", type(error).__name__, text, student.task)
    if positions:
        functions = [
            position.function for position in positions if not position.function.startswith("<")
        ]
        last = positions[-1]
        raised = replace(
            raised,
            function=functions[-1] if functions else student.task,
            line=last.line,
            code=last.code,
            called=len(dict.fromkeys(functions)) > 1,
        )
    if isinstance(error, KeyError) and TASKS[call.task].reads_a_dictionary and error.args:
        return replace(raised, **_missing_supplier(student, error.args[0], call))
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    if id(frame.f_globals) in map(id, student.namespaces()):  # not in a library that they call
        kind, name = _familiar_error(error, frame, raised)
        return replace(raised, kind=kind, name=name)
    if not positions and isinstance(error, TypeError):
        return replace(raised, kind="wrong-signature")
    return raised


def _missing_supplier(student: Student, key: Any, call: Call) -> dict[str, str]:
    """Say why the dictionary of the forward pass has no such key."""
    forward = Call("forward_propagation", call.arguments[:3], call.passes)
    own, outcome = student.own_result(forward)
    if not isinstance(key, str) or (isinstance(own, dict) and key in own):
        return {}
    if outcome is None:
        why = "is not defined" if student.find(forward.task) is None else "does not end"
    elif outcome.raised:
        why = f"raises {outcome.raised.text}"
    else:
        why = f"does not return {key!r}" if isinstance(own, dict) else "returns no dict"
    return {"kind": "raised: no such key", "name": key, "supplier": why}


def _familiar_error(
    error: BaseException, frame: types.FrameType, raised: Raised
) -> tuple[str, str]:
    """Return the key of the sentence that explains an error, and the name that it is about."""

    def known(name: str) -> Any:
        return frame.f_globals.get(name, getattr(builtins, name, None))

    (quoted, *_) = re.findall(r"'(\w+)'", raised.text) or [""]
    if isinstance(error, NotImplementedError):
        below = _code_below(frame, raised.line)
        return ("not-attempted: left in" if below else "not-attempted: raises"), ""
    if isinstance(error, UnboundLocalError) and callable(known(quoted)):
        return "raised: hides a function", quoted
    if isinstance(error, UnboundLocalError) and quoted:
        return "raised: own variable", quoted
    if type(error) is NameError and quoted:
        return "raised: unknown name", quoted
    calls = raised.code if "object is not callable" in raised.text else ""
    for name in re.findall(r"(?<![.\w])(\w+)\(", calls):  # one of them is no function any more
        if inspect.ismodule(known(name)):
            return "raised: module", name
        if not callable(known(name)) and name in TASKS:
            return "raised: replaced", name
        if not callable(known(name)) and hasattr(builtins, name):
            return "raised: hides a builtin", name
    return "raised", ""


def _code_below(frame: types.FrameType, line: int) -> bool:
    """Tell whether code follows a line of a function."""
    with contextlib.suppress(OSError, TypeError):
        lines, first = inspect.getsourcelines(frame.f_code)
        below = [text.strip() for text in lines[line - first + 1 :]]
        return any(text and not text.startswith("#") for text in below)
    return False


# ---------------------------------------------------------------------------------------
# 3. Verdicts: what is wrong with an outcome. Pure: no student's code runs, no words are known
# ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A number that is not what it has to be.

    Attributes:
        name: of the number.
        got: what it is; None if it is missing.
        expected: what it has to be; None if it should not be there, or only bounds are known.
    """

    name: str
    got: Any
    expected: float | None


@dataclass(frozen=True)
class Fault:
    """What is wrong with a student's work.

    Attributes:
        cause: the key of its sentence in MESSAGES.
        fields: what the sentence speaks of.
        call, expect, outcome: what was tried and what it gave; None where nothing was called.
        differences: the numbers that are wrong.
    """

    cause: str
    fields: dict[str, Any] = field(default_factory=dict)
    call: Call | None = None
    expect: Expect | None = None
    outcome: Outcome | None = None
    differences: tuple[Difference, ...] = ()


def check(call: Call, expect: Expect, outcome: Outcome) -> Fault | None:
    """Compare the outcome of a call with what is expected of it.

    Args:
        call: what was called.
        expect: what is expected.
        outcome: what it gave.

    Returns:
        What is wrong, or None.
    """
    task = TASKS[call.task]
    differences = ()
    found = _surface_error(task, outcome)
    if not found:
        differences = differences_of(task, expect, outcome.result)
        found = _numbers_fault(task, call, expect, outcome, differences) if differences else None
    if not found:
        return None
    cause, fields = found
    return Fault(cause, fields, call, expect, outcome, tuple(differences))


def _surface_error(task: Task, outcome: Outcome) -> tuple[str, dict[str, Any]] | None:
    """Return an error that shows without comparing numbers: its cause, and what it speaks of."""
    result = outcome.result
    if outcome.raised:
        return outcome.raised.kind, {}
    if result is None:
        return "not-attempted", {}
    if found := task.form_fault(result):
        return found
    for name, value in task.read(result).items():
        what = f"{task.name}'s {name if len(task.outputs) > 1 else 'result'}"
        if not isinstance(value, float):
            return "wrong-type", {"what": what, "kind": kind_of(value), "wanted": "one number"}
        if not math.isfinite(value):
            return "not-finite", {"what": what, "kind": str(value)}
    if outcome.changed:
        return "changes-argument", {"name": outcome.changed[0]}
    return None


def differences_of(task: Task, expect: Expect, result: Any) -> list[Difference]:
    """Return the numbers that are wrong, missing or too many; of several forms, of the nearest."""
    found = task.read(result)
    if not expect.any_of:
        low, high = expect.within
        within = [n for n, v in found.items() if isinstance(v, float) and low <= v <= high]
        return [Difference(n, v, None) for n, v in found.items() if n not in within]
    forms = []
    for expected in expect.any_of:
        complete = any(name not in task.outputs for name in expected)  # then nothing may be added
        names = expected | found if complete else expected
        rows = [Difference(n, found.get(n), expected.get(n)) for n in names]
        forms.append([row for row in rows if not _agrees(row, expect.rtol)])
    return min(forms, key=len)


def _agrees(row: Difference, rtol: float) -> bool:
    if row.expected is None or not isinstance(row.got, float):
        return False
    return math.isclose(row.got, row.expected, rel_tol=rtol, abs_tol=ATOL)


def _numbers_fault(
    task: Task, call: Call, expect: Expect, outcome: Outcome, differences: list[Difference]
) -> tuple[str, dict[str, Any]]:
    """Return the cause for numbers that are wrong, and what its sentence speaks of."""
    if call.corrupt and not outcome.called:
        return "backward-not-called", {}
    if not expect.cause:
        return task.numbers_cause(differences)
    first = differences[0]
    return expect.cause, {"got": first.got, "expected": first.expected, "within": expect.within}


def judge(tests: Sequence[Test], outcomes: Sequence[Outcome]) -> Fault | None:
    """Return the first fault among outcomes.

    Args:
        tests: of one judgement; the last repeats the first.
        outcomes: of their calls, in this order; may end early, after one that raised.

    Returns:
        The fault. If the first call gave other numbers when it was repeated, that is the fault.
    """
    for (call, expect), outcome in zip(tests, outcomes):
        if fault := check(call, expect, outcome):
            return _kept_state(tests, outcomes) or fault
    return None


def _kept_state(tests: Sequence[Test], outcomes: Sequence[Outcome]) -> Fault | None:
    """Return the fault of a function that gives another result when it is called again."""
    call, expect = tests[0]
    first, again = outcomes[0], outcomes[-1]
    complete = len(outcomes) == len(tests) and tests[-1][0] == call
    if not complete or first.raised or again.raised or same(first.result, again.result):
        return None
    task = TASKS[call.task]
    if task.form_fault(first.result) or task.form_fault(again.result):
        return None
    before, after = task.read(first.result), task.read(again.result)
    rows = [
        Difference(n, after.get(n), before[n]) for n in before if not same(before[n], after.get(n))
    ]
    return Fault("outlives-the-call", {}, call, expect, again, tuple(rows))


def outcomes_of(tests: Sequence[Test], student: Student) -> list[Outcome]:
    """Make the calls of a judgement; end after one that raised."""
    outcomes: list[Outcome] = []
    for call, _ in tests:
        outcomes.append(perform(call, student))
        if outcomes[-1].raised:
            break
    return outcomes


def fault_of(student: Student, tests: Sequence[Test]) -> Fault | None:
    """Return what is wrong with a student's function in one judgement, or None."""
    return judge(tests, outcomes_of(tests, student))


@dataclass(frozen=True)
class Verdict:
    """The verdict on a student's function.

    Attributes:
        fault: what is wrong; None if the work is correct.
        excused: of correct work, what is wrong where it uses the student's own functions.
    """

    fault: Fault | None = None
    excused: Fault | None = None


def verdict_of(task: str, faults: Sequence[Fault | None]) -> Verdict:
    """Return the verdict, from what each judgement of a task found.

    One judgement without a fault is enough.
    """
    own, *others = faults
    if not own:
        return Verdict()
    if not all(others):
        return Verdict(excused=own)
    told = [fault for fault in others if fault and TASKS[task].prefers_graders(own, fault)]
    return Verdict(told[0] if told else own)


def verdict_on(student: Student) -> Verdict:
    """Return the verdict on a student's function, which is called for it."""
    faults: list[Fault | None] = []
    for tests in judgements(student.task):
        faults.append(fault_of(student, tests))
        if not faults[-1]:
            break
    return verdict_of(student.task, faults)


# ---------------------------------------------------------------------------------------
# 4. Messages: all that is said, in one place
# ---------------------------------------------------------------------------------------

# What a fault says, by its cause. What follows a colon tells sentences of one cause apart.
MESSAGES: dict[str, str] = {
    "not-attempted": "{task} returned None. Is it not written yet, is `return` missing, or is what "
    "it returns None?",
    "not-attempted: none": "there is no {task}. Is it defined, and did its cell run?",
    "not-attempted: raises": "{function} is not written yet{calling}: line {line} is still `raise "
    "NotImplementedError()`. Delete that line when your code is there.",
    "not-attempted: left in": "{function} stops at line {line}{calling}, which raises "
    "NotImplementedError. The code below it never runs: delete that line.",
    "wrong-signature": "{task} cannot be called as {signature}: {text}",
    "raised": "{function} raised an error{calling}: {text}",
    "raised: unknown name": "{function} uses the name {name}, which is not defined{calling}. Is it "
    "spelt correctly? After a restart of the kernel, run all cells above.",
    "raised: hides a function": "{function} has a variable named {name}, which hides the function "
    "of that name. Choose another name for the variable.",
    "raised: own variable": "{function} reads `{name}` before it has a value{calling}. {function} "
    "assigns `{name}` somewhere, so Python takes it for a variable of {function} alone.",
    "raised: module": "{function} calls {name}, but `import {name}` has made that name a module. "
    "Run `from {name} import {name}` again.",
    "raised: replaced": "{function} calls {name}, but a variable of that name has replaced the "
    "function. Rename the variable, and run the cell that defines {name} again.",
    "raised: hides a builtin": "{function} calls {name}, but a variable of that name hides Python's "
    "own function. Rename the variable, and run `del {name}`.",
    "raised: no such key": "{function} reads the key {name!r}, and your forward_propagation "
    "{supplier}.",
    "unreadable": "what {task} returned cannot be read: {text}",
    "interrupted": "interrupted while {function} was in line {line}, `{code}`{inside}. Is there a "
    "loop that does not end?",
    "interrupted: early": "interrupted before there was a verdict: run it again.",
    "interrupted: explaining": "{sentence} (Interrupted while looking for the mistake.)",
    "changes-argument": "{task} changes its argument {name}. Work on a copy, and leave {name} as "
    "it is.",
    "wrong-type": "{what} is {kind}; it must be {wanted}.",
    "wrong-type: not a function": "call {grader}({task}), with the function itself: this is {kind}. "
    "Has a variable named {task} replaced the function?",
    "not-finite": "{what} is {kind}; it must be a finite number.",
    "not-a-pair": "{what} is {kind}; it must be the pair (w, losses), and w must have nine numbers.",
    "missing-key": "{task} returned a dict without {missing}: it is {kind}.",
    "outlives-the-call": "{task} gives another result when it is called again with the same "
    "arguments. Is something kept from the first call, in a global variable, a class or a default "
    "argument, or is something random?",
    "losses-count": "losses must have one number for each epoch: {due} here, not {count}.",
    "backward-not-called": "gradient_checking does not call backward_propagation by its name.",
    "denominator": "where {wrong}, the result is {got:.3g}; it must be {expected:.3g}.",
    "never-detects": "gradient_checking does not notice a wrong gradient: where {wrong}, the "
    "result is {got:.3g}; it must be above {within[0]}.",
    # Numbers are wrong, and nothing is known about the mistake yet
    "numbers": "{names} {is_or_are} not correct.",
    "weights": "{task} does not return the correct weights.",
    "losses": "the weights are correct, but the losses are not.",
    "not-small": "gradient_checking gives {got:.3g} for correct gradients and eps = {eps}; it must "
    "be between 0 and {within[1]}.",
    "number": "the result is {got:.6g}; it must be between 0 and {within[1]}.",
}
UNRECOGNISED = ("numbers", "weights", "losses", "not-small", "number")

# How a call was made: a line under the sentence. What can be pasted into a cell is given so.
WHERE: dict[str, str] = {
    "": "",
    "at z": "{pasted}",
    "at a point": "{pasted}",
    "in a run": "{pasted}",
    "with wrong gradients": "where {wrong}",
    "at random": "at a random point",
    "when called again": "when it is called again with the same arguments",
}
WHERE_GRADERS = "tested with the grader's own {replaced}"
REPLACED = {
    ("sigmoid",): "sigmoid",
    BOTH_PASSES: "forward and backward passes",
}
PRAISE: dict[str, str] = {
    "correct": "{task} is correct.",
    "at the original's point": "{task} is correct at the original's point.",
    "small": "the result is between 0 and {most}.",
    "excused": "{task} is correct. It was tested with the grader's own {replaced}, because with "
    "yours it is not: {sentence}",
    "excused by": "{task} is correct. It was tested with the grader's own {replaced}, because "
    "with yours it is not: see {blamed}.",
}
REPORT: dict[str, str] = {
    "not attempted": "not attempted: {sentence}",
    "not correct": "not correct yet: {sentence}",
    "failed": "it could not be graded: {error}",
    "some": "{passed} of {all} tasks are correct. Run the grader of one that is not: it says more, "
    "and often shows the line.",
    "all": "{passed} of {all} tasks are correct: all code is correct. Written answers are not "
    "checked here: a person reads yours, and an empty one has no points.",
}
OLDER = (
    "The last cell that defines {task} has a syntax error in line {line} and did not run: this is "
    "an older {task}."
)
WIDTH = 99  # of a line of a message; a quoted line of code has CODE_WIDTH
CODE_WIDTH = 94
MOST_LINES = 10  # of a message
MOST_ROWS = 3  # of its table


@dataclass(frozen=True)
class Place:
    """A part of a student's code.

    Attributes:
        function: the name of the function.
        line: the number of the line.
        text: the line, stripped.
        start, end: the columns of the part in `text`; the same for the whole line.
        also: other lines that have to change along with it.
    """

    function: str
    line: int
    text: str
    start: int = 0
    end: int = 0
    also: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reason:
    """What an explanation has found.

    Attributes:
        cause: a short code of the mistake; "" where only its place is known.
        sentence: what is said of it.
        place: the part of the student's code; None where there is none.
        outputs: the names of the numbers that it explains, where it does not explain all.
        moment: a phrase that says when numbers are wrong, and
        rows: those numbers.
    """

    cause: str
    sentence: str
    place: Place | None = None
    outputs: tuple[str, ...] = ()
    moment: str = ""
    rows: tuple[Difference, ...] = ()


def sentence_of(fault: Fault) -> str:
    """Return the sentence on a fault."""
    return MESSAGES[fault.cause].format(**words_of(fault))


def words_of(fault: Fault) -> dict[str, Any]:
    """Return all that a sentence on a fault may speak of."""
    words: dict[str, Any] = {"calling": "", "kind": ""}
    if fault.call:
        task = TASKS[fault.call.task]
        words |= {"task": task.name, "grader": task.grader, "signature": task.signature}
    if fault.expect:
        words |= fault.expect.at
    if fault.outcome:
        raised = fault.outcome.raised
        words |= {"kind": kind_of(fault.outcome.result)} | (vars(raised) if raised else {})
        is_other = raised and raised.called and raised.function != task.name
        words["calling"] = f" ({task.name} calls it)" if is_other else ""
    if fault.cause == "losses-count":
        expected = len(fault.expect.any_of[0]) - len(WEIGHTS)
        words |= {"due": expected, "count": len(fault.outcome.result[1])}
    words["is_or_are"] = "are" if len(fault.differences) > 1 else "is"
    return words | fault.fields


def render(fault: Fault, reason: Reason | None = None) -> tuple[str, str]:
    """Return the sentence and the details of a message.

    Args:
        fault: what is wrong.
        reason: what its explanation has found, if anything.
    """
    sentence = sentence_of(fault)
    details = []
    raised = fault.outcome.raised if fault.outcome else None
    if reason:
        sentence = _with_reason(sentence, fault, reason)
    if reason and reason.place:
        details += shown(reason.place)
    elif raised and raised.line and raised.kind.startswith("raised"):
        code = one_line(raised.code, CODE_WIDTH)
        details += [f"  {raised.function}, line {raised.line}", f"    {code}"]
    details += _numbers_shown(fault, reason)
    room = MOST_LINES - len(wrapped(f"{max(map(len, TASKS)) * 'x'}: {sentence}"))
    return sentence, "\n".join(details[:room])


def _with_reason(sentence: str, fault: Fault, reason: Reason) -> str:
    about = reason.sentence
    raised = fault.outcome and fault.outcome.raised
    if reason.outputs and not raised:
        about = f"{', '.join(reason.outputs)}: {about}"
    if fault.cause in UNRECOGNISED:
        return about
    end = "" if sentence[-1:] in ".?!)" else "."
    return f"{sentence}{end} The reason: {about}" if about else sentence


def shown(place: Place) -> list[str]:
    """Return a line of the student's, with a part of it underlined."""
    also = f" (also {', '.join(map(str, place.also))})" if place.also else ""
    head = f"  {place.function}, line {place.line}{also}"
    start, end = place.start, place.end
    if start == end:
        return [head, f"    {one_line(place.text, CODE_WIDTH)}"]
    left = max(0, min(start - 20, len(place.text) - CODE_WIDTH))
    right = left + CODE_WIDTH
    code = place.text[left:right]
    if left:
        code = f"...{code[3:]}"
    if right < len(place.text):
        code = f"{code[:-3]}..."
    mark = " " * (start - left) + "^" * max(1, min(end, right) - start)
    return [head, f"    {code}", f"    {mark}"]


def _numbers_shown(fault: Fault, reason: Reason | None) -> list[str]:
    """Return how the call was made, and a table of the first numbers that are wrong."""
    rows = fault.differences
    where = where_line(fault)
    if reason and reason.moment:
        rows = reason.rows
        where = reason.moment
    both = [row for row in rows if isinstance(row.got, float) and row.expected is not None]
    if fault.cause not in (*UNRECOGNISED, "outlives-the-call") and not (reason and reason.moment):
        both = []
    lines = [f"  {where}"] if where else []
    if both:
        heads = ("first", "again") if fault.cause == "outlives-the-call" else ("got", "expected")
        lines.append(f"  {'':10}{heads[0]:>18}{heads[1]:>18}")
    for row in both[:MOST_ROWS]:
        got, expected = row.got, row.expected
        if fault.cause == "outlives-the-call":
            got, expected = expected, got
        lines.append(f"  {row.name:10}{got:>18.10g}{expected:>18.10g}")
    if len(both) > MOST_ROWS:
        lines[-1] += f"   ... and {len(both) - MOST_ROWS} more"
    return lines


def where_line(fault: Fault) -> str:
    """Return the line that says how a call was made."""
    if not fault.call or not fault.expect:
        return ""
    task = TASKS[fault.call.task]
    if fault.call.passes != OWN and fault.expect.where != "with wrong gradients":
        return WHERE_GRADERS.format(replaced=REPLACED[task.replaced])
    pasted = task.pasted.format(**{"number": "", "eps": "", "z": "", **fault.expect.at})
    return WHERE[fault.expect.where].format(pasted=pasted, **fault.expect.at)


def wrapped(text: str) -> list[str]:
    """Return a text in lines that end between words."""
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


# ---------------------------------------------------------------------------------------
# 5. Graders and report: the only place that raises GraderError
# ---------------------------------------------------------------------------------------


class GraderError(AssertionError):
    """Work that is not correct yet. The message is all that Jupyter and Colab show of it.

    Attributes:
        stage: the name of the grader, such as "grader_backprop".
        cause: a short stable code of the mistake; None when it is not recognised.
        hint: the sentence that names the mistake; "" when it is not recognised.
        line: the name of the student's function and the text of its line that is to blame, as a
            pair; None where no line is known.
    """

    def __init__(self, stage: str, fault: Fault, reason: Reason | None = None, note: str = ""):
        self.stage = stage
        self.sentence, self.details = render(fault, reason)
        self.note = note
        self.cause = cause_of(fault, reason)
        self.hint = self.sentence if self.cause else ""
        self.line = line_of(fault, reason)
        super().__init__(str(self))

    def __str__(self) -> str:
        """Return the message, in lines of less than 100 characters that end between words."""
        lines = wrapped(f"{self.stage}: {self.sentence}") + self.details.splitlines()
        return "\n".join(lines + (wrapped(self.note) if self.note else []))

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to show the message in place of a traceback of the grader."""
        return str(self).splitlines()


SURFACE_WITH_REASON = ("raised", "not-finite")  # whose reason says more than their own cause


def cause_of(fault: Fault, reason: Reason | None) -> str | None:
    """Return the code of a mistake; None where it is not recognised."""
    own = None if fault.cause in UNRECOGNISED else fault.cause.split(":")[0]
    if reason and reason.cause and own in (None, *SURFACE_WITH_REASON):
        return reason.cause
    return own


def line_of(fault: Fault, reason: Reason | None) -> tuple[str, str] | None:
    """Return the student's function and its line that is to blame."""
    if reason and reason.place:
        return reason.place.function, reason.place.text
    if fault.cause == "interrupted":
        return fault.fields["function"], fault.fields["code"]
    raised = fault.outcome.raised if fault.outcome else None
    if raised and raised.line and fault.cause.startswith("raised"):
        return raised.function, raised.code
    return None


def _grader(task: Task) -> Callable[[Any], bool]:
    """Return the grader of a task."""

    def grader(work: Any) -> bool:
        notebook = calling_namespace()
        with quiet():
            error, praise = _graded(task, work, notebook)
        if error:
            raise error.with_traceback(None) from None
        print("\n".join(wrapped(f"{task.grader}: {praise}")))
        return True

    grader.__name__ = grader.__qualname__ = task.grader
    grader.__doc__ = f"""Grade `{task.signature}`; print one sentence when it is correct.

    Args:
        work: the function; the first four graders also take what it returned at the original's
            reference point, as the original's calls do.

    Returns:
        True.

    Raises:
        GraderError: the work is not correct yet.
    """
    return grader


STAGES: dict[str, Callable[[Any], bool]] = {name: _grader(task) for name, task in TASKS.items()}
grader_sigmoid = STAGES["sigmoid"]
grader_forwardprop = STAGES["forward_propagation"]
grader_backprop = STAGES["backward_propagation"]
grader_grad_check = STAGES["gradient_checking"]
grader_vanilla = STAGES["train_vanilla"]
grader_momentum = STAGES["train_momentum"]
grader_adam = STAGES["train_adam"]


def refusal_of(
    task: str, work: Any, notebook: dict[str, Any], avoid: Iterable[str] = ()
) -> GraderError | None:
    """Return the error that a grader raises for a student's work; None when it is correct.

    Args:
        task: the name of the function.
        work: the function.
        notebook: the globals of the notebook.
        avoid: the names of the student's functions that must not be called.
    """
    with quiet():
        return _graded(TASKS[task], work, notebook, avoid=avoid)[0]


def submission_report(namespace: dict[str, Any] | None = None) -> bool:
    """Print a table of all tasks; never raise.

    Args:
        namespace: the notebook's globals; those of the calling code if None.

    Returns:
        True when every grader agrees.
    """
    notebook = namespace if isinstance(namespace, dict) else calling_namespace()
    passed = 0
    for task in TASKS.values():
        error = None
        line = ""
        try:
            with quiet():
                error, line = _graded(task, notebook.get(task.name), notebook, explaining=False)
        except Exception as failure:  # noqa: BLE001 - a report must not fail
            text = REPORT["failed"].format(error=f"{type(failure).__name__}: {failure}")
            error = failure
            line = one_line(text)
        if isinstance(error, GraderError):
            key = "not attempted" if error.cause == "not-attempted" else "not correct"
            line = REPORT[key].format(sentence=error.sentence)
        passed += error is None
        print("\n".join(_row(task.name, line)))
    end = REPORT["all" if passed == len(TASKS) else "some"]
    print("\n".join(["", *wrapped(end.format(passed=passed, all=len(TASKS)))]))
    return passed == len(TASKS)


def _row(name: str, text: str) -> list[str]:
    """Return a row of the report, which may take two lines."""
    lines = textwrap.wrap(one_line(text, 2 * 75), WIDTH - 23, break_on_hyphens=False)
    return [f"{head:23}{line}" for head, line in zip([name, ""], lines)]


def _graded(
    task: Task,
    work: Any,
    notebook: dict[str, Any],
    explaining: bool = True,
    avoid: Iterable[str] = (),
) -> tuple[GraderError | None, str]:
    """Return the error for a student's work; or None, and a sentence of praise."""
    work = task.work(work, notebook) if explaining else work
    if not callable(work):
        return _graded_result(task, work, explaining)
    student = Student(task.name, work, notebook, avoid)
    older = older_definition(student)
    fault: Fault | None = None
    try:
        verdict = verdict_on(student)
        fault = verdict.fault
        if not fault:
            return None, f"{praise_of(student, verdict)} {older}".strip()
        reason = explanation(student, fault) if explaining else None
    except KeyboardInterrupt as interrupt:
        return GraderError(task.grader, _interrupted(student, interrupt, fault), note=older), ""
    return GraderError(task.grader, fault, reason, older), ""


def _graded_result(task: Task, work: Any, explaining: bool) -> tuple[GraderError | None, str]:
    """Grade what a function returned at the original's reference point."""
    outcome = perform(judgements(task.name)[0][0][0], Student(task.name, lambda *_: work, {}))
    if work is None:
        fault: Fault | None = Fault("not-attempted: none", {"task": task.name})
    else:
        fault = task.result_fault(outcome) if explaining else Task.result_fault(task, outcome)
    praise = PRAISE[task.result_praise()].format(task=task.name, most=CHECK_LARGE)
    return (GraderError(task.grader, fault) if fault else None), praise


def praise_of(student: Student, verdict: Verdict) -> str:
    """Return the sentence on correct work."""
    task = TASKS[student.task]
    words = {"task": task.name, "replaced": REPLACED.get(task.replaced, "")}
    if not verdict.excused:
        return PRAISE["correct"].format(**words)
    blamed = [] if cause_of(verdict.excused, None) else [*map(_what_is_wrong, _others(student))]
    if any(blamed):
        return PRAISE["excused by"].format(**words, blamed=" and ".join(filter(None, blamed)))
    return PRAISE["excused"].format(**words, sentence=sentence_of(verdict.excused))


def _others(student: Student) -> list[Student]:
    """Return the student with each of the functions that the task relies on."""
    return [student.other(name) for name in TASKS[student.task].replaced]


def _what_is_wrong(student: Student) -> str:
    """Say of a function that another one relies on what is wrong with it; "" if nothing is."""
    task = TASKS[student.task]
    wrong = set()
    if not callable(student.function):
        return student.task
    fault = verdict_on(student).fault
    if not fault:
        return ""
    for tests in judgements(task.name)[:1]:
        for (call, expect), outcome in zip(tests, outcomes_of(tests, student)):
            found = check(call, expect, outcome)
            wrong |= {d.name for d in found.differences} if found else set()
    names = [name for name in task.outputs if name in wrong]
    some = f"{', '.join(names)} of " if 0 < len(names) < len(task.outputs) else ""
    return some + task.name


def explanation(student: Student, fault: Fault) -> Reason | None:
    """Return what `explain`, below the seam, finds; None where the file ends at the seam."""
    explain = globals().get("explain")
    return explain(student, fault) if explain else None


def _interrupted(student: Student, interrupt: BaseException, fault: Fault | None) -> Fault:
    """Return the fault for an interrupt: the line of the graded function that was running."""
    if fault:
        return Fault("interrupted: explaining", {"sentence": sentence_of(fault)})
    positions = [
        position
        for position in positions_of(student, interrupt)
        if not position.function.startswith("<")
    ]
    if not positions:
        return Fault("interrupted: early")
    first, last = positions[0], positions[-1]
    inside = f" (in {last.function}, which it calls)" if last.function != first.function else ""
    return Fault("interrupted", {**vars(first), "inside": inside})


def older_definition(student: Student) -> str:
    """Say so if the graded function is older than a cell that defines it, but did not run.

    Only what is certain is said: the source of the function is in an earlier cell, that cell is
    not valid Python, and no later one mentions a definition.
    """
    cells = student.notebook.get("In")  # IPython's list of the cells that were run
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        return ""
    defines = re.compile(rf"^\s*(?:def\s+{student.task}\b|{student.task}\s*=)", re.MULTILINE)
    numbers = [number for number, cell in enumerate(cells) if defines.search(cell)]
    source = ""
    with contextlib.suppress(Exception):
        source = inspect.getsource(unwrapped(student.function)).strip()
    if len(numbers) < 2 or not source or source in cells[numbers[-1]]:
        return ""
    line = syntax_error_line(cells[numbers[-1]])
    is_older = any(source in cells[number] for number in numbers[:-1])
    return OLDER.format(task=student.task, line=line) if line and is_older else ""


def syntax_error_line(cell: str) -> int:
    """Return the line of a cell in which Python finds a syntax error; 0 if it finds none."""
    from IPython.core.inputtransformer2 import TransformerManager

    if cell.lstrip().startswith("%%"):
        return 0
    try:
        code = TransformerManager().transform_cell(cell)
        compile(code, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError) as error:
        return getattr(error, "lineno", 0) or 1
    return 0


# ---------------------------------------------------------------------------------------
# 6. Pictures
# ---------------------------------------------------------------------------------------


# Each node: label, column, row, part, what enters it from above, the node that its edge leads to.
_NODES = {
    "x1": ("x₁", 0, 5.95, 1, "", "times1"), "x2": ("x₂", 0, 4.55, 1, "", "times2"),
    "times1": ("×", 1.3, 5.95, 1, "w1", "sum12"), "times2": ("×", 1.3, 4.55, 1, "w2", "sum12"),
    "sum12": ("+", 2.6, 5.25, 1, "", "square"), "square": ("( )²", 3.9, 5.25, 1, "", "sum6"),
    "sum6": ("+", 5.2, 5.25, 1, "w6", "exp"), "exp": ("exp", 6.5, 5.25, 1, "", "sum7"),
    "sum7": ("+", 7.8, 5.25, 2, "w7", "tanh"), "tanh": ("tanh", 9.0, 5.25, 2, "", "y_pred"),
    "x3": ("x₃", 0, 2.95, 3, "", "times3"), "x4": ("x₄", 0, 1.6, 3, "", "times4"),
    "x5": ("x₅", 0, 0.1, 3, "", "times5"), "times3": ("×", 1.3, 2.95, 3, "w3", "sin"),
    "sin": ("sin", 2.6, 2.95, 3, "", "product"), "times4": ("×", 1.3, 1.6, 3, "w4", "sum45"),
    "times5": ("×", 1.3, 0.1, 3, "w5", "sum45"), "sum45": ("+", 2.6, 0.85, 3, "", "product"),
    "product": ("×", 3.9, 1.95, 3, "", "sum8"), "sum8": ("+", 5.2, 1.95, 3, "w8", "sigmoid"),
    "sigmoid": ("σ", 6.5, 1.95, 3, "", "times9"), "times9": ("×", 8.2, 1.95, 4, "w9", "y_pred"),
    "y_pred": ("+", 9.9, 2.95, 4, "", "loss"), "loss": ("L", 11.4, 2.95, 4, "y", ""),
}  # fmt: skip
_PARTS = {  # title, colour, tint, shape of a node, left, bottom, width and height of its area
    1: ("part 1", "#004488", "#e3ebf4", "o", -0.5, 4.0, 7.5, 3.05),
    2: ("part 2", "#BB5566", "#f8e9ec", "s", 7.1, 4.0, 4.8, 3.05),
    3: ("part 3", "#BF9000", "#f9f1d8", "8", -0.5, -0.55, 7.5, 4.45),
    4: ("output", "#333333", "#efefef", "D", 7.1, -0.55, 4.8, 4.45),
}
_SAME = {  # where the same number stands too: dL/dy_pred is dy_pr, and a sum passes on
    "dy_pred": ("dy_pr", "dl", "dL"), "dsum6": ("dw6",), "dsquare": ("dw6", "dsum6"),
    "dsum7": ("dw7",), "dexp": ("dw7", "dsum7"), "dsum8": ("dw8",), "dproduct": ("dw8", "dsum8"),
}  # fmt: skip


def draw_graph(
    title="The computational graph", x=(), y=None, w=(), forward_dict=None, backward_dict=None
) -> None:
    """Draw the graph with the numbers it is given: x (5), y, w (9), values and gradients by name.

    A value stands under the name of its node ('times1', ..., 'loss'), a gradient under 'd' and
    that name. Anything else that a dictionary holds is left out of the picture.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    known = _known(x, y, w, forward_dict, backward_dict)
    figure, ax = plt.subplots(figsize=(9.6, 6.6))
    ax.set_position([0, 0, 1, 1])
    _draw_nodes(ax, names=forward_dict is None)
    _draw_edges(ax, known)
    below = "under each operation: its name, which is also the key of its value"
    if forward_dict is not None:
        below = "above an edge: its value; below, italic: its gradient; thick: |gradient| is large"
    names = [name for name in _NODES if name[0] != "x"]
    for given, keys in ((forward_dict, names), (backward_dict, [f"d{n}" for n in names[:-1]])):
        if given is not None and (missing := [key for key in keys if key not in known]):
            below += f"\nalso drawn, if your dictionary holds it: {', '.join(missing)}"
    ax.text(5.7, -0.68, below, ha="center", va="top", fontsize=8)
    ax.text(5.7, 7.25, title, ha="center", fontsize=12)
    ax.set(xlim=(-0.5, 11.9), ylim=(-1.25, 7.6), aspect="equal")
    ax.axis("off")
    file = io.BytesIO()
    figure.savefig(file, dpi=100, facecolor="white")
    plt.close(figure)
    keys = [key for name in (*_NODES, "y", *WEIGHTS) for key in (name, f"d{name}") if key in known]
    words = ", ".join(f"{key} {_short(known, key)}" for key in keys) or "No numbers yet."
    picture = {"image/png": file.getvalue(), "text/plain": f"{title}. {words}"}
    display(picture, raw=True, metadata={"image/png": {"alt": f"{title}. {words}"}})


def _known(x: Any, y: Any, w: Any, forward_dict: Any, backward_dict: Any) -> dict[str, float]:
    """Return every number among what is given, by the name it is drawn under."""
    given = {"y": y, **dict(zip(("x1", "x2", "x3", "x4", "x5"), x)), **dict(zip(WEIGHTS, w))}
    for numbers in (forward_dict, backward_dict):
        given |= numbers if isinstance(numbers, Mapping) else {}
    known = {}
    for key, found in ((key, given[key]) for key in given if isinstance(key, str)):
        with contextlib.suppress(Exception):  # whatever the students' own objects do
            known[key] = float(np.squeeze(found))
    for key, others in _SAME.items():
        same = [known[other] for other in others if other in known]
        known |= {key: same[0]} if key not in known and same else {}
    return known


def _short(known: dict[str, float], key: str) -> str:
    """Return a number in few digits, nothing where it is not known."""
    return f"{known[key]:.3g}".replace("-", "−") if key in known else ""


def _draw_nodes(ax: Any, names: bool) -> None:
    """Draw the parts and the nodes, which have a shape for each part, perhaps with their names."""
    for part, (title, colour, tint, shape, left, bottom, width, height) in _PARTS.items():
        ax.fill_between([left, left + width], bottom, bottom + height, color=tint, lw=0, zorder=0)
        ax.text(left + 0.1, bottom + height - 0.1, title, va="top", color=colour, weight="bold")
        spots = [node[1:3] for node in _NODES.values() if node[3] == part]
        style = {"marker": shape, "s": 560, "facecolors": "white", "edgecolors": colour}
        ax.scatter(*zip(*spots), linewidths=1.6, zorder=2, **style)
    for name, (label, column, row, part, *_) in _NODES.items():
        ax.text(column, row, label, ha="center", va="center", fontsize=9 if len(label) < 4 else 8)
        if names and name[0] != "x":
            style = {"ha": "center", "va": "top", "fontsize": 8, "family": "monospace"}
            box = {"color": _PARTS[part][2], "pad": 0.5}
            ax.text(column, row - 0.35, name, bbox=box, **style)


def _draw_edges(ax: Any, known: dict[str, float]) -> None:
    """Draw all edges, the thicker the larger their gradient is, and the numbers beside them."""
    from matplotlib.collections import LineCollection, PolyCollection

    sizes = {key[1:]: abs(known[key]) for key in known if key.startswith("d")}
    largest = max([size for size in sizes.values() if math.isfinite(size)], default=0) or 1
    lines = []
    heads = []
    widths = []
    for name, (_, column, row, part, above, following) in _NODES.items():
        edges = [(above, column, row + 0.68, column, row, part)] if above else []
        if following:
            edges.append((name, column, row, *_NODES[following][1:4]))
        for key, x0, y0, x1, y1, part_of_end in edges:
            start, end = np.array([x0, y0]), np.array([x1, y1])
            _write_numbers(ax, known, key, start, end)
            along = (end - start) / math.hypot(*(end - start))
            share = min(sizes.get(key, 0) / largest, 1) if math.isfinite(sizes.get(key, 0)) else 0
            tip = end - along * (0.36 if part_of_end == 4 else 0.28)  # outside the node
            neck = tip - along * (0.12 + 0.06 * share)
            half = (0.05 + 0.05 * share) * np.array([-along[1], along[0]])
            lines.append((start + along * (0.28 if x0 != x1 else 0.1), neck))
            heads.append((tip, neck + half, neck - half))
            widths.append(0.8 + 4 * share)
    ax.add_collection(LineCollection(lines, linewidths=widths, colors="#555555", zorder=1))
    ax.add_collection(PolyCollection(heads, facecolors="#555555", linewidths=0, zorder=1))


def _write_numbers(ax: Any, known: dict[str, float], key: str, start: Any, end: Any) -> None:
    """Write a value above the edge from start to end, each (2,), and its gradient below."""
    value, gradient = _short(known, key), _short(known, f"d{key}")
    style = {"rotation_mode": "anchor", "fontsize": 8.5}
    dx, dy = end - start
    texts = []
    if dx == 0:  # a weight, or y, coming from above
        label = key[0] + key[1:].translate(str.maketrans("123456789", "₁₂₃₄₅₆₇₈₉"))
        texts.append((start, f"{label}  {value}".strip(), {"ha": "center", "va": "center"}))
        texts.append((start - [0.1, 0.26], gradient, {"ha": "right", "style": "italic"}))
    else:
        style |= {"ha": "center", "rotation": math.degrees(math.atan2(dy, dx))}
        across = 0.1 * np.array([-dy, dx]) / math.hypot(dx, dy)
        middle = (start + end) / 2 - [0.02, 0]
        texts.append((middle + across, value, {"va": "bottom"}))
        texts.append((middle - across, gradient, {"va": "top", "style": "italic"}))
    if key == "y_pred":  # the last edge; the loss has none of its own
        texts.append((end - [0, 0.45], _short(known, "loss"), {"va": "top", "rotation": 0}))
    for place, text, more in texts:
        if text:
            ax.text(*place, text, **style | more)


# ---------------------------------------------------------------------------------------
# 7. Numbers: inputs, chosen so that no mistake is invisible, and what is expected
# ---------------------------------------------------------------------------------------

NODES = (
    "times1", "times2", "sum12", "square", "sum6", "exp", "sum7", "tanh", "times3", "sin",
    "times4", "times5", "sum45", "product", "sum8", "sigmoid", "times9", "y_pred", "loss", "dy_pr",
)  # fmt: skip

# On both sides of where solutions branch; the first is the original's
SIGMOID_Z = (
    2, 0.0, 0.3, -0.3, 0.7, -0.7, 1, -1.0, 1.6, -1.6, 4.5, -4.5, 9.25, -9.25, 19.0, -19.0, 20.2,
    -20.2, -27.0, 30.0, -30.0,
)  # fmt: skip

# (x, y, w). The first is the original's: row 0 of the data, all weights 0.1. In the others all
# numbers differ, so that no index can be swapped unnoticed, and whatever has two signs shows both.
POINTS = [
    (
        [-1.287909498957745, -0.12001341619804987, -1.4590003802772022, -0.6666082090210984,
         -0.14421743255530314],
        1.858849127371369,
        [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
    ),
    ([1.17, 1.35, -1.8, 1.33, 1.42], -0.3,
     [1.45, -1.58, -1.04, 1.63, 0.23, -0.79, 1.02, -1.25, 0.37]),
    ([-1.17, 1.32, -0.67, -0.36, 0.74], -1.71,
     [1.09, 0.59, -0.93, 0.24, -1.91, -1.28, -1.55, 0.6, 1.16]),
    ([-0.79, 0.93, 1.53, -1.42, -0.74], -0.3,
     [-1.55, -0.98, -1.57, 0.27, -1.06, -1.3, -1.83, 1.54, 1.26]),
    ([-1.9, -1.0, -1.1, 0.24, -1.55], 1.8,
     [0.52, -1.66, 1.08, -0.75, -0.85, -1.38, 1.42, 1.72, -0.84]),
    ([1.73, -0.19, 1.16, -1.03, -0.33], -0.24,
     [-0.21, 0.65, -1.87, 1.83, -0.68, -1.28, -1.76, -1.26, -0.98]),
]  # fmt: skip

# The loops are tested on seven points for three or four epochs, with settings unlike any defaults.
# In the second epoch the loss rises, in the third it falls, and in the fourth it rises again: who
# stops early, or keeps the best weights, does not reach the last ones.
ROWS = [
    [0.21, -0.61, -1.05, -0.59, -1.38],
    [0.89, 0.65, -1.0, -0.74, 0.27],
    [-1.24, 0.36, 0.21, -0.43, 0.55],
    [0.57, -0.93, -0.24, -0.46, -0.35],
    [-0.29, -1.4, 1.41, -0.37, 0.42],
    [1.0, -0.67, 0.23, -1.36, -1.08],
    [-1.28, 0.69, -0.3, 1.18, -1.03],
]
TARGETS = {
    OWN: [1.67, 0.35, 0.53, 0.26, -0.18, -0.52, -0.8],
    GRADERS: [-1.07, -1.26, -0.5, -1.02, 1.5, -0.77, 1.0],
}
START = [0.42, -0.31, 0.55, 0.73, 0.64, 0.28, 0.37, 0.86, 0.95]
SETTINGS = {  # from epochs on, as in `Task.arguments`
    OWN: {
        "train_vanilla": (3, 0.3),
        "train_momentum": (3, 0.175, 0.7),
        "train_adam": (3, 0.2, 0.8, 0.93, 0.02),
    },
    GRADERS: {
        "train_vanilla": (4, 0.6),
        "train_momentum": (4, 0.2, 0.7),
        "train_adam": (4, 0.4, 0.8, 0.93, 0.02),
    },
}

# In the second run of each loop the loss hardly changes
PLATEAU_ROWS = 2
PLATEAU_EPOCHS = 5
PLATEAU_LR = 1e-10

# What follows is printed by tests/tools/oracle.py, which computes it with 50 digits: sigmoid at
# SIGMOID_Z; the nodes of the graph at each point (with the grader's own sigmoid: the last five);
# dL/dw1 ... dL/dw9; the result of gradient_checking for CHECK_EPS; of both runs of each loop the
# last weights and the mean loss of each epoch (of Adam for its three correct forms).
# fmt: off

SIGMOID_VALUES = [0.8807970779779, 0.5, 0.5744425168117, 0.4255574831883, 0.6681877721682, 0.3318122278318,
     0.73105857863, 0.26894142137, 0.8320183851339, 0.1679816148661, 0.9890130573694,
     0.01098694263059, 0.9999038975845, 9.610241549947e-05, 0.9999999943972, 5.602796406146e-09,
     0.9999999983125, 1.687529854661e-09, 1.879528816536e-12, 0.9999999999999, 9.357622968839e-14]
NODE_VALUES = {
OWN: [
    [-0.1287909498958, -0.0120013416198, -0.1407922915156, 0.01982246935021, 0.1198224693502,
     1.127296704097, 1.227296704097, 0.8417934192562, -0.1459000380277, -0.1453829640098,
     -0.06666082090211, -0.01442174325553, -0.08108256415764, 0.01178802350676, 0.1117880235068,
     0.527917938742, 0.0527917938742, 0.8945852131304, 0.9298048963073, -1.928527828482],
    [1.6965, -2.133, -0.4365, 0.19053225, -0.59946775, 0.5491038188376, 1.569103818838,
     0.9168830942489, 1.872, 0.9549800873976, 2.1679, 0.3266, 2.4945, 2.382197828013,
     1.132197828013, 0.7562442723688, 0.2798103807765, 1.196693475025, 2.240091358184,
     2.993386950051],
    [-1.2753, 0.7788, -0.4965, 0.24651225, -1.03348775, 0.3557639784079, -1.194236021592,
     -0.8318880091059, 0.6231, 0.5835553878402, -0.0864, -1.4134, -1.4998, -0.8752163706827,
     -0.2752163706827, 0.4316269345721, 0.5006872441036, -0.3312007650023, 1.90108733043,
     2.757598469995],
    [1.2245, -0.9114, 0.3131, 0.09803161, -1.20196839, 0.3006019273522, -1.529398072648,
     -0.9103215313762, -2.4021, -0.6739131654909, -0.3834, 0.7844, 0.401, -0.2702391793619,
     1.269760820638, 0.7807018016003, 0.9836842700164, 0.07336273864015, 0.1393997346049,
     0.7467254772803],
    [-0.988, 1.66, 0.672, 0.451584, -0.928416, 0.395179178689, 1.815179178689, 0.9483555552862,
     -1.188, -0.9276237912629, -0.18, 1.3175, 1.1375, -1.055172062562, 0.6648279374385,
     0.6603440822707, -0.5546890291074, 0.3936665261788, 1.97777383959, -2.812666947642],
    [-0.3633, -0.1235, -0.4868, 0.23697424, -1.04302576, 0.352386829268, -1.407613170732,
     -0.8869862047415, -2.1692, -0.8262359168524, -1.8849, 0.2244, -1.6605, 1.371964739933,
     0.1119647399333, 0.5279619798964, -0.5174027402985, -1.40438894504, 1.355801615331,
     -2.32877789008],
],
GRADERS: [
    [0.5502739826042, 0.05502739826042, 0.8968208175166, 0.9254984689619, -1.924056619709],
    [0.7655001832237, 0.2832350677928, 1.200118162042, 2.250354500087, 3.000236324083],
    [0.3920903240383, 0.4548247758845, -0.3770632332214, 1.77672042423, 2.665873533557],
    [0.7797124721452, 0.982437714903, 0.07211618352675, 0.1384704540425, 0.7442323670535],
    [0.6996686631957, -0.5877216770844, 0.3606338782018, 2.07177483258, -2.878732243596],
    [0.5503454542722, -0.5393385451868, -1.426324749928, 1.407366412292, -2.372649499857],
],
}
GRADIENTS = {
OWN: [
    [-0.229733234987, -0.02140761471775, -0.005625405580266, -0.004657941222712,
     -0.001007722849857, -0.6334751873437, -0.561941842854, -0.04806288407317, -1.018104436019],
    [-0.2674868428484, -0.3086386648251, 0.2719637488534, 0.2593148988845, 0.276862523621,
     0.2618799922151, 0.4769225476696, 0.2041651032904, 2.263731735959],
    [0.3510150391133, -0.3960169672047, 0.6403751203291, -0.1648601267817, 0.3388791494957,
     0.3021277481802, 0.8492364784436, 0.7847494962057, 1.190253774385],
    [-0.01902337366965, 0.02239460444655, -0.07301644058793, 0.154150183065, 0.0803317855409,
     0.0384545190594, 0.1279250582261, 0.1610837604991, 0.5829699254136],
    [0.2855992482926, 0.1503153938382, -0.2476624791102, -0.1179750559515, 0.7619222363537,
     -0.1118418108915, -0.2830154444436, 0.5299160476061, -1.857327974274],
    [0.2947641011577, -0.0323729359653, 0.617147664027, 0.4840331080079, 0.1550785685851,
     -0.1750039785349, -0.4966246295256, 0.568766192238, -1.229506185586],
],
GRADERS: [
    [-0.2292006083687, -0.02135798208435, -0.00557299755432, -0.004614546395269,
     -0.000998334590734, -0.6320065023847, -0.5606390048756, -0.04761511531416, -1.058758298884],
    [-0.2680988978437, -0.3093448821273, 0.2654449710107, 0.2530993049891, 0.2702263256275,
     0.2624792177908, 0.4780138268687, 0.1992714108141, 2.2966814558],
    [0.3393393609818, -0.3828444072615, 0.6014868239076, -0.1548486049801, 0.3182999102368,
     0.2920781891891, 0.8209886523536, 0.7370937237433, 1.045263217618],
    [-0.01895985987658, 0.02231983504458, -0.07300832549798, 0.1541330507234, 0.08032285741923,
     0.03832613003606, 0.1274979517718, 0.1610658575557, 0.5802872587658],
    [0.2923075430228, 0.1538460752752, -0.2374798549056, -0.1131245203977, 0.7305958609021,
     -0.1144688060083, -0.2896630495262, 0.5081285891582, -2.014158740576],
    [0.3003171320746, -0.03298280641282, 0.6243517738882, 0.4896833403425, 0.1568888371971,
     -0.1783008606843, -0.5059804904021, 0.5754055337976, -1.305776866827],
],
}
RATIOS = {
OWN: [3.778e-07, 1.3657e-07, 8.565e-07, 1.7628e-07, 9.3964e-08, 9.0911e-07],
GRADERS: [1.1317e-07, 5.6458e-08, 2.0996e-07, 4.5891e-07, 8.9264e-08, 1.5655e-07],
}
RUNS = {
OWN: {
"train_vanilla": [
[
    [0.02184236339, 0.03809934197, -0.2968145914, 0.562202498, 0.4209040518, 0.1153900726,
     0.9188178192, 0.9240164622, -1.737562824, 0.6635065067, 1.422918898, 0.7348383045],
],
[
    [0.4199999999, -0.31, 0.5499999999, 0.7299999999, 0.64, 0.2799999998, 0.3699999998,
     0.8599999998, 0.949999999, 0.8386451267, 0.8386451264, 0.8386451262, 0.838645126,
     0.8386451257],
],
],
"train_momentum": [
[
    [-0.2361059941, 0.3592516202, -1.179798552, 0.7864846161, 0.3502201934, 0.804653276,
     2.475693229, 0.2713419178, -2.034475056, 0.6231403648, 1.88347646, 0.4250474586],
],
[
    [0.4199999998, -0.3100000001, 0.5499999998, 0.7299999998, 0.6400000001, 0.2799999995,
     0.3699999996, 0.8599999994, 0.9499999975, 0.8386451267, 0.8386451263, 0.8386451257,
     0.838645125, 0.8386451243],
],
],
"train_adam": [
[
    [0.2457573629, 0.1735033954, -0.8991555826, 0.6077038336, 1.075416247, -0.7768372343,
     -0.2325210554, -1.09095636, -0.1903229623, 0.6250796884, 1.054638806, 0.7965034143],
    [0.2568666361, 0.151078545, -0.4205896276, 0.4321004567, 0.5659015736, -0.7734624237,
     -0.2345508908, -0.8132186948, -0.2095842866, 0.8123267069, 0.9322398581, 0.7934048644],
    [0.2597453261, 0.1611229587, -0.7926848108, 0.6056668931, 0.768698698, -0.7530118304,
     -0.2366793219, -0.9154578512, -0.2757744576, 0.8313954542, 0.8924082194, 0.7828410938],
],
[
    [0.4199999995, -0.3100000004, 0.5499999993, 0.7299999994, 0.6400000003, 0.2799999993,
     0.3699999994, 0.8599999993, 0.9499999993, 0.8386451266, 0.8386451263, 0.8386451261,
     0.8386451258, 0.8386451255],
    [0.4199999997, -0.3100000002, 0.5499999996, 0.7299999996, 0.6400000001, 0.2799999994,
     0.3699999994, 0.8599999994, 0.9499999993, 0.8386451266, 0.8386451264, 0.8386451261,
     0.8386451259, 0.8386451256],
    [0.4199999995, -0.3100000004, 0.5499999994, 0.7299999995, 0.6400000003, 0.2799999994,
     0.3699999994, 0.8599999994, 0.9499999993, 0.8386451266, 0.8386451264, 0.8386451261,
     0.8386451259, 0.8386451256],
],
],
},
GRADERS: {
"train_vanilla": [
[
    [-0.9976216848, -1.010146985, 0.9907263241, 1.13588532, -0.5534947137, -0.3453569816,
     -0.4673429619, 1.493358259, 1.243897666, 0.4512968617, 0.4817403035, 0.3008465547,
     0.3056490033],
],
[
    [0.4199999995, -0.3100000002, 0.5500000005, 0.7300000004, 0.6399999999, 0.2799999998,
     0.3699999999, 0.8600000002, 0.9500000001, 0.3041195673, 0.3041195671, 0.304119567,
     0.3041195668, 0.3041195666],
],
],
"train_momentum": [
[
    [-0.5664577786, -0.9087349765, 0.4901100816, 0.8931342846, -0.7005255139, -0.1204245375,
     -0.174200603, 1.475664563, 1.114707401, 0.275770101, 0.6298718559, 0.2136764299,
     0.4001744527],
],
[
    [0.4199999988, -0.3100000004, 0.5500000012, 0.7300000009, 0.6399999998, 0.2799999995,
     0.3699999997, 0.8600000006, 0.9500000003, 0.3041195673, 0.304119567, 0.3041195666,
     0.3041195661, 0.3041195656],
],
],
"train_adam": [
[
    [-0.8054287782, -1.498987453, 0.7911431778, 0.7571611312, -1.309186691, -0.9124671232,
     -1.261116633, 1.058139262, 0.7552477052, 0.497388856, 1.143793149, 0.2886315707, 0.342277642],
    [-1.259970073, -1.159679044, 0.7888071248, 0.8356510734, -1.475798518, -1.361513451,
     -0.8367211394, 1.032052265, 0.730701622, 0.3659670596, 0.9062328157, 0.3251244673,
     0.3270194107],
    [-1.161329298, -1.337003441, 0.8112584219, 0.743722783, -1.400988303, -1.289781704,
     -1.305155255, 1.06461258, 0.773817591, 0.3572182613, 0.9327039699, 0.3757000533,
     0.3478484729],
],
[
    [0.4199999993, -0.3100000005, 0.5500000007, 0.7300000007, 0.6399999997, 0.2799999994,
     0.3699999995, 0.8600000007, 0.9500000006, 0.3041195672, 0.3041195669, 0.3041195666,
     0.3041195663, 0.304119566],
    [0.4199999994, -0.3100000005, 0.5500000007, 0.7300000006, 0.6399999997, 0.2799999994,
     0.3699999995, 0.8600000006, 0.9500000005, 0.3041195673, 0.304119567, 0.3041195667,
     0.3041195664, 0.3041195661],
    [0.4199999994, -0.3100000005, 0.5500000007, 0.7300000006, 0.6399999997, 0.2799999994,
     0.3699999995, 0.8600000006, 0.9500000005, 0.3041195672, 0.304119567, 0.3041195667,
     0.3041195664, 0.3041195661],
],
],
},
}
# fmt: on

# The numbers of the forward pass by name; with the grader's own sigmoid the last five differ
FORWARD_VALUES = {OWN: [dict(zip(NODES, row)) for row in NODE_VALUES[OWN]]}
FORWARD_VALUES[GRADERS] = [
    values | dict(zip(NODES[-5:], row))
    for values, row in zip(FORWARD_VALUES[OWN], NODE_VALUES[GRADERS])
]


# ---------------------------------------------------------------------------------------
# ------------------------------------ the seam -----------------------------------------
# ---------------------------------------------------------------------------------------

# ---------------------------------------------------------------------------------------
# 8. Evidence: what a run shows without a search
# ---------------------------------------------------------------------------------------


# Making functions for equality and for texts would take a fifth of the time of an import
record = functools.partial(dataclass, eq=False, repr=False)


# Log: the first call of a pass that is not the one that is due


@record(frozen=True)
class Deviation:
    """A call that is not the one that is due. The log proves it."""

    cause: str  # a short code
    fields: dict[str, Any] = field(default_factory=dict)  # of its sentence
    at: tuple[str, int] | None = None  # the pass and the number of its call, where one is to blame


def deviation(task: str, call: Call, outcome: Outcome) -> Deviation | None:
    """Return the first deviation of the logged calls from those that are due.

    Nothing is said of what is harmless: a further forward pass, a pass that is computed twice.

    Args:
        task: the function that was called, a loop or the gradient check.
        call: how it was called; the grader's own passes took the place of the student's.
        outcome: what came back, with the log of the calls.

    Returns:
        What deviates, or None: nothing, or nothing that the log proves.
    """
    too_many = max(len(outcome.forward), len(outcome.backward)) >= MOST_CALLS
    if call.corrupt or too_many:
        return None
    try:
        if task in LOOP_TASKS:
            return _LoopLog(call, outcome).deviation()
        if task == "gradient_checking":
            return _CheckLog(call, outcome).deviation()
    except (ArithmeticError, LookupError, TypeError, ValueError):
        pass  # a call with something else than numbers
    return None


def _alike(a: Any, b: Any) -> bool:
    """Tell whether numbers, or lists of them, agree to rounding."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_alike, a, b))
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-13)


def _listed(items: Any) -> str:
    return ", ".join(map(str, items))


@record(frozen=True)
class _Visit:
    """One data point that a loop comes to, with all backward calls that it makes there."""

    point: int
    weights: list[list[float]]  # at which the backward pass was called, each once


class _LoopLog:
    """The calls of a loop, against the data that it was given."""

    def __init__(self, call: Call, outcome: Outcome):
        self.rows, self.targets, self.start, self.epochs = call.arguments[:4]
        self.outcome = outcome
        self.finished = not outcome.raised

    def deviation(self) -> Deviation | None:
        """Return the first of these that the log proves."""
        if not self.outcome.backward:
            called = {"name": "backward_propagation"}
            return Deviation("pass-not-called", called) if self.finished else None
        found = self._other_data() or self._other_dictionary()
        if found:
            return found
        visits = self._visits()
        return (
            self._several_updates(visits)
            or self._other_order(visits)
            or self._other_weights(visits)
            or self._other_number(visits)
        )

    def _point(self, x: list[float]) -> int | None:
        return next((i for i, row in enumerate(self.rows) if _alike(row, x)), None)

    def _other_data(self) -> Deviation | None:
        forward, backward = BOTH_PASSES
        for number, (x, y, _) in enumerate(self.outcome.forward):
            point, at = self._point(x), (forward, number)
            if point is None:
                return Deviation("other-data", {"name": forward}, at)
            if not _alike(y, self.targets[point]):
                known = [k for k, target in enumerate(self.targets) if _alike(y, target)]
                if not known:
                    return Deviation("other-data", {"name": forward}, at)
                return Deviation("other-data: pair", {"point": point, "target": known[0]}, at)
        for number, (x, _, _) in enumerate(self.outcome.backward):
            if self._point(x) is None:
                return Deviation("other-data", {"name": backward}, (backward, number))
        return None

    def _other_dictionary(self) -> Deviation | None:
        """Say so if a backward pass gets the dictionary of another point, or of other weights."""
        for number, (x, w, forward) in enumerate(self.outcome.backward):
            if forward is None:
                continue
            x_then, _, w_then = self.outcome.forward[forward]
            if not _alike(x, x_then):
                points = {"point": self._point(x), "other": self._point(x_then)}
                return Deviation("other-dictionary", points, (BOTH_PASSES[1], number))
            if not _alike(w, w_then):
                return self._two_weights(w_then, w, number, forward)
        return None

    def _two_weights(
        self, then: list[float], now: list[float], number: int, forward: int
    ) -> Deviation:
        """Say which pass got other weights than the newest, as far as that is clear."""
        before = [self.start, *(w for _, w, _ in self.outcome.backward[:number])]
        past_then, past_now = (any(_alike(w, b) for b in before) for w in (then, now))
        if past_then == past_now:
            return Deviation("other-dictionary: weights", {})
        first_is_wrong = past_then if number else not past_then
        name = BOTH_PASSES[0 if first_is_wrong else 1]
        cause = "stale-weights: pass" if number else "look-ahead"
        return Deviation(cause, {"name": name}, (name, forward if first_is_wrong else number))

    def _visits(self) -> list[_Visit]:
        visits: list[_Visit] = []
        for x, w, _ in self.outcome.backward:
            point = self._point(x)
            if not visits or visits[-1].point != point:
                visits.append(_Visit(point, [w]))
            elif not _alike(visits[-1].weights[-1], w):
                visits[-1].weights.append(w)
        return visits

    def _several_updates(self, visits: list[_Visit]) -> Deviation | None:
        """Say so if there are several updates at each data point."""
        counts = {len(visit.weights) for visit in visits[:-1]}
        if len(self.rows) < 2 or len(counts) != 1 or counts == {1}:
            return None
        (count,) = counts
        if count == self.epochs and [visit.point for visit in visits] == [*range(len(self.rows))]:
            return Deviation("points-before-epochs", {"count": count})
        return Deviation("update-count", {"count": count, "due": 1})

    def _other_order(self, visits: list[_Visit]) -> Deviation | None:
        """Say so if the points are not taken in order, or not all of them."""
        size = len(self.rows)
        points = [visit.point for visit in visits]
        due = [k % size for k in range(len(points))]
        if points == due:
            return None
        first = next(k for k, (a, b) in enumerate(zip(points, due)) if a != b)
        epoch = first // size
        of_epoch = points[epoch * size : (epoch + 1) * size]
        if sorted(of_epoch) == list(range(size)):
            return Deviation("point-order", {"order": _listed(of_epoch), "epoch": epoch + 1})
        missing = sorted(set(range(size)) - set(points))
        if missing:
            return Deviation("point-left-out", {"points": _listed(missing)})
        return None

    def _other_weights(self, visits: list[_Visit]) -> Deviation | None:
        """Say so if passes are not called at the newest weights."""
        path = [visit.weights[0] for visit in visits]
        size = len(self.rows)
        if not _alike(path[0], self.start):
            return Deviation("other-start", {})
        same = [_alike(a, b) for a, b in itertools.pairwise(path)]
        if len(path) > size and all(same):
            ended = self._final_weights()
            moved = ended is not None and not _alike(ended, self.start)
            return Deviation("stale-weights" if moved else "no-update", {})
        kept = [
            name
            for name, values in zip(WEIGHTS, zip(*path))
            if _alike([*values], [values[0]] * len(values))
        ]
        if len(path) > 1 and kept and len(kept) < len(WEIGHTS):
            return Deviation("weights-left-out: loop", {"weights": _listed(kept)})
        in_epochs = all(s == bool((k + 1) % size) for k, s in enumerate(same))
        if len(path) > size > 1 and in_epochs:
            return Deviation("one-update-per-epoch", {})
        for epoch in range(1, len(path) // size + bool(len(path) % size)):
            if _alike(path[epoch * size], self.start) and not same[epoch * size - 1]:
                return Deviation("starts-over", {"epoch": epoch + 1})
        return None

    def _final_weights(self) -> list[float] | None:
        values = TASKS["train_vanilla"].read(self.outcome.result)
        return [values[name] for name in WEIGHTS] if "w1" in values else None

    def _other_number(self, visits: list[_Visit]) -> Deviation | None:
        """Say so if there are more or fewer epochs than are due."""
        size = len(self.rows)
        due = len(self.rows) * self.epochs
        if not self.finished or len(visits) == due:
            return None
        done, left = divmod(len(visits), size)
        if not left:
            return Deviation("epoch-count", {"count": done, "due": self.epochs})
        if len(visits) < due:
            return Deviation("ends-early", {"epoch": done + 1, "point": left - 1})
        return None


class _CheckLog:
    """The calls of a gradient check, against the point that it was given."""

    def __init__(self, call: Call, outcome: Outcome):
        self.x, self.y, self.w, self.eps = call.arguments
        self.outcome = outcome
        self.finished = not outcome.raised
        rows = [np.subtract(w, self.w) for _, _, w in outcome.forward if len(w) == 9]
        steps = np.array(rows, dtype=float).reshape(-1, 9)
        self.steps = np.where(np.abs(steps) < 1e-12, 0.0, steps)  # no more than rounding

    def deviation(self) -> Deviation | None:
        """Return the first of these that the log proves."""
        if not self.finished:
            return None
        for name in BOTH_PASSES:
            task = "forward" if name == "forward_propagation" else "backward"
            if not getattr(self.outcome, task):
                return Deviation("pass-not-called", {"name": name})
        if len(self.steps) < 2:  # it takes the losses from a forward pass of another name
            return self._other_data() or self._gradient_elsewhere()
        return (
            self._other_data()
            or self._at_other_weights()
            or self._several_at_once()
            or self._nothing_moves()
            or self._left_out()
            or self._other_amount()
            or self._one_sided()
            or self._gradient_elsewhere()
        )

    def _other_data(self) -> Deviation | None:
        forward, backward = BOTH_PASSES
        for number, (x, y, _) in enumerate(self.outcome.forward):
            if not _alike(x, self.x) or not _alike(y, self.y):
                return Deviation("other-data", {"name": forward}, (forward, number))
        for number, (x, _, _) in enumerate(self.outcome.backward):
            if not _alike(x, self.x):
                return Deviation("other-data", {"name": backward}, (backward, number))
        return None

    def _at_other_weights(self) -> Deviation | None:
        """Say so if all passes are called at weights that have nothing to do with those given."""
        far = [w for _, w, _ in self.outcome.backward if np.not_equal(w, self.w).sum() > 1]
        apart = (self.steps != 0).sum(axis=1)
        return self._gradient_elsewhere() if far and apart.min(initial=9) > 1 else None

    def _several_at_once(self) -> Deviation | None:
        counts = (self.steps != 0).sum(axis=1)
        if counts.max(initial=0) < 2:
            return None
        grows = counts[counts > 0][0] == 1 and (np.diff(counts) <= 2).all()
        cause = "not-restored" if grows else "several-at-once"
        return Deviation(cause, {"count": int(counts.max())})

    def _nothing_moves(self) -> Deviation | None:
        still = len(self.steps) > 1 and not self.steps.any()
        return Deviation("nothing-moves", {"count": len(self.steps)}) if still else None

    def _left_out(self) -> Deviation | None:
        moved = self.steps.any(axis=0)
        names = [name for name, some in zip(WEIGHTS, moved) if not some]
        return Deviation("weights-left-out", {"weights": _listed(names)}) if names else None

    def _other_amount(self) -> Deviation | None:
        sizes = np.abs(self.steps[self.steps != 0]) / self.eps
        if not len(sizes) or np.allclose(sizes, 1, rtol=1e-5):
            return None
        alike = np.allclose(sizes, sizes[0], rtol=1e-5)
        return Deviation("other-step", {"factor": float(sizes[0]) if alike else None})

    def _one_sided(self) -> Deviation | None:
        up, down = (self.steps > 0).any(axis=0), (self.steps < 0).any(axis=0)
        if (up & down).all():
            return None
        if not down.any() or not up.any():
            return Deviation("one-sided", {"side": "up" if up.any() else "down", "weights": ""})
        names = [name for name, both in zip(WEIGHTS, up & down) if not both]
        return Deviation("one-sided", {"side": "", "weights": _listed(names)})

    def _gradient_elsewhere(self) -> Deviation | None:
        for number, (_, w, _) in enumerate(self.outcome.backward):
            if not _alike(w, self.w):
                return Deviation("other-weights", {}, (BOTH_PASSES[1], number))
        return None


# ---------------------------------------------------------------------------------------
# Watch, 1: the statements of a student's source
# ---------------------------------------------------------------------------------------

COMPOUND = (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.FunctionDef, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
ANONYMOUS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<module>")
Path = tuple  # how to get to an entry of a container: keys, indices, names of attributes


class _Source:
    """The statements of one file, by the lines on which they are written."""

    def __init__(self, filename: str):
        self.lines = linecache.getlines(filename)
        self.statements: dict[int, list[ast.stmt]] = {}
        self.lambdas: dict[int, list[ast.Lambda]] = {}
        try:
            tree = ast.parse("".join(self.lines))
        except (SyntaxError, ValueError, RecursionError):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.Lambda):
                self.lambdas.setdefault(node.lineno, []).append(node)
            elif isinstance(node, ast.stmt):
                for line in range(node.lineno, _last_line(node) + 1):
                    self.statements.setdefault(line, []).append(node)
        for nodes in self.statements.values():
            nodes.sort(key=lambda node: (node.lineno, node.col_offset))

    def text(self, line: int) -> str:
        return self.lines[line - 1].rstrip("\n") if 0 < line <= len(self.lines) else ""


def _last_line(node: ast.stmt) -> int:
    """Return the last line of a statement, or of the head of one that has a body."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        return max(node.lineno, body[0].lineno - 1)
    return node.end_lineno or node.lineno


def _has_loop(statement: ast.stmt) -> bool:
    """Tell whether there is a comprehension in a simple statement."""
    if isinstance(statement, COMPOUND):
        return False
    return any(isinstance(node, COMPREHENSIONS) for node in ast.walk(statement))


def _heads(statement: ast.stmt) -> list[ast.AST]:
    """Return the expressions that are evaluated on the lines of a statement itself."""
    if isinstance(statement, ast.For):
        return [statement.iter]
    if isinstance(statement, (ast.If, ast.While)):
        return [statement.test]
    if isinstance(statement, COMPOUND):
        return []
    return [statement]


def _target_pairs(target: ast.expr, value: ast.expr | None, path: Path) -> Iterator[tuple]:
    """Yield (single target, expression, path into the value of that expression)."""
    if not isinstance(target, (ast.Tuple, ast.List)):
        yield target, value, path
        return
    starred = any(isinstance(part, ast.Starred) for part in target.elts)
    alike = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts)
    for i, part in enumerate(target.elts):
        if starred:
            yield getattr(part, "value", part), None, ()
        elif alike:
            yield from _target_pairs(part, value.elts[i], ())
        else:
            yield from _target_pairs(part, value, (*path, i))


def _targets(statement: ast.stmt) -> list[tuple]:
    """Return (target, expression or None, path) for all that a statement assigns."""
    found: list[tuple] = []
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            found += _target_pairs(target, statement.value, ())
    elif isinstance(statement, ast.AugAssign):
        found.append((statement.target, _as_operation(statement), ()))
    elif isinstance(statement, ast.AnnAssign) and statement.value:
        found.append((statement.target, statement.value, ()))
    elif isinstance(statement, ast.For):
        found += [(target, None, ()) for target, _, _ in _target_pairs(statement.target, None, ())]
    for head in _heads(statement):
        for node in ast.walk(head):
            if isinstance(node, ast.NamedExpr):
                found.append((node.target, node.value, ()))
    return found


def _target_names(statements: list[ast.stmt]) -> set[str]:
    """Return the names of what statements assign, or of the objects in which they do so."""
    found = set()
    for statement in statements:
        for target, _, _ in _targets(statement):
            while isinstance(target, (ast.Subscript, ast.Attribute)):
                target = target.value
            if isinstance(target, ast.Name):
                found.add(target.id)
    return found


def _as_operation(statement: ast.AugAssign) -> ast.BinOp:
    """Return `a + b` for `a += b`; the same object each time."""
    if not hasattr(statement, "whole"):
        left = copy.copy(statement.target)
        left.ctx = ast.Load()
        whole = ast.BinOp(left, statement.op, statement.value)
        statement.whole = ast.copy_location(whole, statement)
    return statement.whole


def _entry(expression: ast.expr | None, path: Path) -> tuple[ast.expr | None, Path]:
    """Follow a path into displays: return the expression of that entry, and the rest of the path."""
    while path and expression is not None:
        first = path[0]
        inner = None
        if isinstance(expression, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else None for key in expression.keys]
            if first in keys:
                inner = expression.values[len(keys) - 1 - keys[::-1].index(first)]
        elif isinstance(expression, (ast.Tuple, ast.List)) and isinstance(first, int):
            if not any(isinstance(e, ast.Starred) for e in expression.elts):
                inner = expression.elts[first] if first < len(expression.elts) else None
        elif isinstance(expression, ast.Call) and getattr(expression.func, "id", "") == "dict":
            inner = next((k.value for k in expression.keywords if k.arg == first), None)
        elif isinstance(expression, ast.NamedExpr):
            inner, path = expression.value, (first, *path)
        if inner is None:
            break
        expression, path = inner, path[1:]
    while isinstance(expression, ast.NamedExpr):
        expression = expression.value
    return expression, path


# ---------------------------------------------------------------------------------------
# Watch, 2: numbers in a student's objects
# ---------------------------------------------------------------------------------------

LARGEST = 300  # a container with more entries than this is not looked into
LOOKED_INTO = (float, int, np.number, np.ndarray, dict, list, tuple)
PLAIN_TYPES = (bool, str, bytes, type(None), slice, range)


class _Frozen:
    """A copy of an object as it is now, and where its numbers are.

    `entries` are (path, location, number); a location is the same for all names of an object, and
    for all views of an array.
    """

    def __init__(self, thing: Any, location: Any, keep: dict[int, Any]):
        self.entries: list[tuple[Path, Any, float]] = []
        self.integers: set[Path] = set()  # paths of the entries that are of type int
        self.kind = type(thing)
        self._keep = keep
        self.copy = self._look(thing, (), location, 4)

    def _look(self, thing: Any, path: Path, location: Any, depth: int) -> Any:
        kind = type(thing)
        if kind in (float, int, np.float64) or isinstance(thing, np.number):
            return self._number(thing, path, location)
        if kind in PLAIN_TYPES or not depth or len(self.entries) > LARGEST:
            return thing
        if isinstance(thing, np.ndarray):
            return self._array(thing, path)
        if isinstance(thing, dict):
            items = dict.items(thing)
            return self._container(thing, items, dict, path, depth)
        if isinstance(thing, (list, tuple)):
            rows = (tuple if isinstance(thing, tuple) else list).__iter__(thing)
            make = tuple if isinstance(thing, tuple) else list
            found = self._container(thing, enumerate(rows), dict, path, depth)
            return make(found.values()) if isinstance(found, dict) else found
        attributes = _attributes(thing)
        if attributes is None:
            return thing
        found = self._container(attributes, dict.items(attributes), dict, path, depth)
        if not isinstance(found, dict):
            return thing
        new = types.SimpleNamespace()
        new.__dict__.update(found)
        return new

    def _number(self, thing: Any, path: Path, location: Any) -> Any:
        with contextlib.suppress(Exception):
            self.entries.append((path, location, float(thing)))
            if isinstance(thing, (int, np.integer)):
                self.integers.add(path)
        return thing

    def _array(self, array: np.ndarray, path: Path) -> Any:
        if array.dtype.kind not in "fiu" or array.size > LARGEST:
            return array
        self._keep[id(array)] = array
        address, strides = array.__array_interface__["data"][0], array.strides
        flat = array.ravel().tolist()
        for index, number in zip(np.ndindex(array.shape), flat):
            at = address + sum(i * step for i, step in zip(index, strides))
            self.entries.append(((*path, *index), ("array", at), float(number)))
        return np.array(array)

    def _container(self, thing: Any, items: Any, make: Any, path: Path, depth: int) -> Any:
        if len(thing) > LARGEST:
            return thing
        self._keep[id(thing)] = thing
        found = make()
        for key, value in list(items):
            if type(key) in (str, int):
                at = ("entry", id(thing), key)
                found[key] = self._look(value, (*path, key), at, depth - 1)
        return found


def _attributes(thing: Any) -> dict | None:
    """Return the attributes of an object of a student's class, or None."""
    if isinstance(thing, (types.ModuleType, type, types.FunctionType, types.MethodType)):
        return None
    is_own = hasattr(type(thing), "__module__") and not _is_library(type(thing))
    if not is_own and type(thing) is not types.SimpleNamespace:
        return None
    with contextlib.suppress(Exception):
        found = object.__getattribute__(thing, "__dict__")
        return found if type(found) is dict else None
    return None


def _is_library(kind: type) -> bool:
    module = sys.modules.get(type.__getattribute__(kind, "__module__"))
    file = getattr(module, "__file__", None) if isinstance(module, types.ModuleType) else None
    return (file is None and module is builtins) or (bool(file) and not _own_file(str(file)))


@functools.cache
def _libraries() -> tuple[str, ...]:
    """Return the folders of installed packages, and of Python's own."""
    import sysconfig

    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {sysconfig.get_path(name) for name in names}
    return tuple(folders | {*getsitepackages(), getusersitepackages()})


_HERE = {(lambda: 0).__code__.co_filename}  # of this module


def _own_file(filename: str) -> bool:
    """Tell whether code of this file is a student's own."""
    frozen = filename.startswith(("<frozen", "<__array_function__", "<string>"))
    return not frozen and filename not in _HERE and not filename.startswith(_libraries())


# ---------------------------------------------------------------------------------------
# Watch, 3: the recorder
# ---------------------------------------------------------------------------------------


UNENDED = 10**9  # a time that is later than all others


@record()
class Node:
    """One number that a statement made."""

    event: _Event
    statement: ast.stmt
    expression: ast.expr | None  # of which it is the value, None if that is not known
    path: Path  # in the value of that expression
    value: float
    moment: int  # how many updates had begun when it was made
    argument_of: _Call | None = None  # the call whose parameter it is
    sources: list[Node] | None = None  # what it was made of, see `_Slice`


@record()
class _Call:
    """One call of a function of the student's."""

    code: types.CodeType
    name: str
    parent: _Event | None  # the statement that makes the call
    number: int
    event: _Event | None = None  # the statement that it is at
    returned: dict[Path, Node | None] = field(default_factory=dict)
    result: _Frozen | None = None


@record()
class _Event:
    """One execution of the statements on a line (or of one statement on several lines)."""

    call: _Call
    statements: list[ast.stmt]
    source: _Source
    line: int
    begun: int  # on a clock that counts events
    names: dict[str, _Frozen]  # the values of all names in it, before
    functions: dict[str, Any] = field(default_factory=dict)  # and what its other names mean
    after: dict[str, _Frozen] = field(default_factory=dict)
    calls: list[_Call] = field(default_factory=list)
    places: dict[int, ast.Call | None] = field(default_factory=dict)  # of these calls, when ended
    ended: int = UNENDED
    reads: dict[Any, Node | None] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    from_notebook: set[str] = field(default_factory=set)  # names that are global
    shared: set[str] = field(default_factory=set)  # names of an object that has another name, too
    number: int = 0


@record()
class _PassCall:
    """One call of the grader's forward or backward pass."""

    is_forward: bool
    clock: int
    weights: _Frozen
    point: list[float]  # x, and of a forward pass y
    event: _Event | None  # the statement that makes the call


class _Recorder:
    """Records the statements of a student's functions while they run."""

    MOST_EVENTS = 6000

    def __init__(self, seconds: float, passed: int = 99):
        self.passed = passed  # the number of arguments of the watched call
        self.calls: list[_Call] = []
        self.events: list[_Event] = []
        self.passes: list[_PassCall] = []
        self.moment = 0
        self.incomplete = ""  # why the record is not complete
        self.result: _Frozen | None = None
        self._sources: dict[str, _Source] = {}
        self._own: dict[types.CodeType, bool] = {}
        self._active: dict[int, _Call] = {}
        self._frames: list[Any] = []  # kept, so that no two have the same id
        self._keep: dict[int, Any] = {}
        self._memory: dict[Any, tuple[float, Node | None]] = {}
        self.arguments: dict[str, _Frozen] = {}
        self.given: set = set()  # locations of the arguments of the watched call
        self._history: dict[Any, tuple[list[int], list[Node | None]]] = {}
        self._clock = 0
        self._deadline = time.thread_time() + seconds
        self._names_of: dict[int, list[str]] = {}
        passes = GradersPasses
        self._pass_codes = {
            passes.forward_propagation.__code__: True,
            passes.backward_propagation.__code__: False,
        }

    # What sys.settrace calls

    def trace(self, frame: Any, what: str, argument: Any) -> Any:
        """Begin to record a call, if it is one of a student's function."""
        if what != "call" or self.incomplete:
            return None
        try:
            code = frame.f_code
            if code in self._pass_codes:
                self._pass_called(frame, self._pass_codes[code])
                return None
            if not self._is_own(code):
                return None
            self._begin_call(frame)
            return self._local
        except Exception as error:  # noqa: BLE001 - the student's run must not notice
            self._stop(f"{type(error).__name__}: {error}")
            return None

    def _local(self, frame: Any, what: str, argument: Any) -> Any:
        if self.incomplete:
            return None
        try:
            call = self._active.get(id(frame))
            if call is None:
                return None
            if what == "line":
                self._line(frame, call)
            elif what == "return":
                self._return(frame, call, argument)
        except Exception as error:  # noqa: BLE001
            self._stop(f"{type(error).__name__}: {error}")
        return None if self.incomplete else self._local

    def _stop(self, why: str) -> None:
        self.incomplete = self.incomplete or why

    def _is_own(self, code: types.CodeType) -> bool:
        if code not in self._own:
            generator = code.co_flags & 0x2A0  # of generators and coroutines
            own = not generator and code.co_name not in ANONYMOUS and _own_file(code.co_filename)
            self._own[code] = bool(own and self._source(code).statements)
        return self._own[code]

    def _source(self, code: types.CodeType) -> _Source:
        if code.co_filename not in self._sources:
            self._sources[code.co_filename] = _Source(code.co_filename)
        return self._sources[code.co_filename]

    def _pass_called(self, frame: Any, is_forward: bool) -> None:
        given = (*frame.f_locals.get("args", ()), *frame.f_locals.get("kwargs", {}).values())
        weights = given[2 if is_forward else 1] if len(given) == 3 else None
        if not is_forward:
            self.moment += 1
        frozen = self._freeze(weights, None)
        for _, location, number in frozen.entries:
            self._notice(location, number)
        self._clock += 1
        data = given[: 1 + is_forward] if len(given) == 3 else ()
        point = [n for thing in data for _, _, n in self._freeze(thing, None).entries]
        back = frame.f_back
        while back is not None and id(back) not in self._active:
            back = back.f_back
        event = self._active[id(back)].event if back is not None else None
        self.passes.append(_PassCall(is_forward, self._clock, frozen, point, event))

    # Calls

    def _begin_call(self, frame: Any) -> None:
        parent = None
        back = frame.f_back
        known_frame = None
        while back is not None and parent is None:
            known = self._active.get(id(back))
            parent, known_frame, back = known.event if known else None, back, back.f_back
        code = frame.f_code
        call = _Call(code, code.co_name, parent, len(self.calls))
        self.calls.append(call)
        self._frames.append(frame)
        self._active[id(frame)] = call
        if parent is None:
            for name in code.co_varnames[: min(code.co_argcount, self.passed + self._bound(frame))]:
                frozen = self._freeze(frame.f_locals.get(name), ("name", call.number, name))
                self.given.update(location for _, location, _ in frozen.entries)
                self.arguments[name] = frozen
            return
        call.name = _name_in_caller(parent, known_frame, code) or call.name
        parent.calls.append(call)
        self._clock += 1
        expressions = _argument_expressions(parent, call)
        for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
            frozen = self._freeze(frame.f_locals.get(name), ("name", call.number, name))
            expression = expressions.get(name)
            for path, location, number in frozen.entries:
                if location not in self._memory:
                    inner, rest = _entry(expression, path)
                    node = Node(
                        parent, parent.statements[0], inner, rest, number, self.moment, call
                    )
                    self._write(location, number, node)

    @staticmethod
    def _bound(frame: Any) -> int:
        """Return 1 if the first parameter of a function is its object."""
        return int(frame.f_code.co_varnames[:1] in (("self",), ("cls",)))

    def _return(self, frame: Any, call: _Call, result: Any) -> None:
        event = call.event
        self._finish(frame, call)
        self._active.pop(id(frame), None)
        call.result = self._freeze(result, ("result", call.number))
        statement = event.statements[-1] if event else None
        if not isinstance(statement, ast.Return):
            return
        for path, location, number in call.result.entries:
            expression, rest = _entry(statement.value, path)
            if location in self._memory:
                self._notice(location, number)
                call.returned[path] = self._memory[location][1]
                continue
            node = Node(event, statement, expression, rest, number, self.moment)
            self._write(location, number, node)
            call.returned[path] = node

    # Statements

    def _line(self, frame: Any, call: _Call) -> None:
        line = frame.f_lineno
        event = call.event
        source = self._source(frame.f_code)
        statements = self._statements(frame, source, line)
        if event and event.ended == UNENDED and event.statements == statements:
            first = statements[0] if statements else None
            if first is not None and (first.lineno != _last_line(first) or _has_loop(first)):
                return  # goes on in another line of the same statement, or in its comprehension
        self._finish(frame, call)
        if len(self.events) >= self.MOST_EVENTS or time.thread_time() > self._deadline:
            return self._stop("too long")
        self._clock += 1
        event = _Event(call, statements, source, line, self._clock, {})
        event.number = len(self.events)
        self.events.append(event)
        call.event = event
        names = self._names(frame, statements)
        event.shared = _shared(frame, names)
        for name in names:
            thing, found = _look_up(frame, name)
            if found:
                frozen = self._freeze(thing, ("name", call.number, name))
                event.names[name] = frozen
                if name not in frame.f_locals:
                    event.from_notebook.add(name)
                for _, location, number in frozen.entries:
                    self._notice(location, number)
                    event.reads[location] = self._memory[location][1]
            elif thing is not None:
                event.functions[name] = thing

    def _statements(self, frame: Any, source: _Source, line: int) -> list[ast.stmt]:
        code = frame.f_code
        if code.co_name == "<lambda>":
            for node in source.lambdas.get(code.co_firstlineno, ()):
                names = [a.arg for a in node.args.posonlyargs + node.args.args]
                if names == list(code.co_varnames[: code.co_argcount]):
                    if not hasattr(node, "whole"):
                        node.whole = ast.copy_location(ast.Return(node.body), node.body)
                    return [node.whole]
        return source.statements.get(line, [])

    def _names(self, frame: Any, statements: list[ast.stmt]) -> list[str]:
        key = id(statements[0]) if statements else 0
        if key not in self._names_of:
            nodes = [n for s in statements for head in _heads(s) for n in ast.walk(head)]
            loops = [n.target for n in nodes if isinstance(n, ast.comprehension)]
            own = {n.id for target in loops for n in ast.walk(target) if isinstance(n, ast.Name)}
            names = [n.id for n in nodes if isinstance(n, ast.Name) and n.id not in own]
            self._names_of[key] = list(dict.fromkeys(names))
        return self._names_of[key]

    def _finish(self, frame: Any, call: _Call) -> None:
        """Note what the statements of the current event have written."""
        event = call.event
        if event is None or event.ended < UNENDED:
            return
        self._clock += 1
        event.ended = self._clock
        written: set = set()
        for statement in event.statements:
            for target, expression, path in _targets(statement):
                frozen, name = self._target(frame, call, target)
                if frozen is not None:
                    self._assign(event, statement, frozen, expression, path, written)
                    if name:
                        event.after[name] = frozen
        if any(isinstance(s, (ast.Expr, ast.AugAssign, ast.For)) for s in event.statements):
            self._find_changes(frame, event, written)
        if any(isinstance(t, ast.Subscript) for s in event.statements for t, _, _ in _targets(s)):
            event.aliases = _aliases(frame, event)

    def _assign(
        self,
        event: _Event,
        statement: ast.stmt,
        frozen: _Frozen,
        expression: ast.expr | None,
        path: Path,
        written: set,
    ) -> None:
        for rest, location, number in frozen.entries:
            part, at = _added(expression, rest, frozen.copy)
            old = self._memory.get(location)
            if location in written:
                continue
            if rest and old is not None and _same_number(old[0], number) and not frozen.entry:
                continue  # an object that was there already has a new name
            inner, rest = _entry(part, at) if part else _entry(expression, (*path, *rest))
            node = Node(event, statement, inner, rest, number, self.moment)
            self._write(location, number, node)
            written.add(location)

    def _target(self, frame: Any, call: _Call, target: ast.expr) -> tuple[_Frozen | None, str]:
        """Return what a target holds now, and its name if it is one."""
        if isinstance(target, ast.Name):
            thing, found = _look_up(frame, target.id)
            frozen = self._freeze(thing, ("name", call.number, target.id)) if found else None
            if frozen is not None:
                frozen.entry = False
            return frozen, target.id
        holder, key, found = _place_of(frame, target)
        if not found:
            return None, ""
        if isinstance(holder, np.ndarray):
            view = holder[key] if not isinstance(key, int) else holder[key : key + 1 or None]
            frozen = self._freeze(view, None)
            if isinstance(key, int) and holder.ndim == 1:
                frozen.entries = [((), at, number) for _, at, number in frozen.entries]
        elif isinstance(key, (int, str)):
            if isinstance(key, int) and isinstance(holder, list) and key < 0:
                key += len(holder)
            kind = dict if isinstance(holder, dict) else type(holder)
            frozen = self._freeze(kind.__getitem__(holder, key), ("entry", id(holder), key))
        else:
            return None, ""
        frozen.entry = True
        return frozen, ""

    def _find_changes(self, frame: Any, event: _Event, written: set) -> None:
        """Note the numbers that changed though no target of a statement holds them."""
        statement = event.statements[0]
        for name in event.names:
            thing, found = _look_up(frame, name)
            frozen = self._freeze(thing, ("name", event.call.number, name)) if found else None
            for path, location, number in frozen.entries if frozen else ():
                old = self._memory.get(location)
                if location in written or (old is not None and _same_number(old[0], number)):
                    continue
                expression, rest = _appended(statement, name, path)
                node = Node(event, statement, expression, rest, number, self.moment)
                self._write(location, number, node)

    # Memory

    def _freeze(self, thing: Any, location: Any) -> _Frozen:
        frozen = _Frozen(thing, location, self._keep)
        frozen.entry = False
        return frozen

    def _notice(self, location: Any, number: float) -> None:
        """Take in a number that is there, perhaps written by code that is not recorded."""
        old = self._memory.get(location)
        if old is None or not _same_number(old[0], number):
            self._write(location, number, None)

    def _write(self, location: Any, number: float, node: Node | None) -> None:
        self._clock += 1
        self._memory[location] = number, node
        clocks, nodes = self._history.setdefault(location, ([], []))
        clocks.append(self._clock)
        nodes.append(node)

    def writer(self, location: Any, clock: int) -> Node | None:
        """Return the node that wrote a location last before a time; None if it was given."""
        clocks, nodes = self._history.get(location, ([], []))
        index = bisect.bisect_left(clocks, clock)
        return nodes[index - 1] if index else None


def _same_number(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


NO_NUMBERS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, types.ModuleType)
NO_NUMBERS += (type, np.ufunc, functools.partial)


def _look_up(frame: Any, name: str) -> tuple[Any, bool]:
    """Return what a name means in a frame, and whether it means anything that holds numbers."""
    for names in (frame.f_locals, frame.f_globals):
        if name in names:
            thing = names[name]
            return thing, not isinstance(thing, NO_NUMBERS)
    return None, False


def _shared(frame: Any, names: list[str]) -> set[str]:
    """Return those names whose list, dictionary or array has another name in the same function."""
    owners: dict[int, str] = {}
    found: set[str] = set()
    for name, thing in frame.f_locals.items():
        if isinstance(thing, (list, dict, np.ndarray)):
            other = owners.setdefault(id(thing), name)
            if other is not name:
                found |= {name, other}
    return found.intersection(names)


def _simple(frame: Any, node: ast.expr) -> Any:
    """Return the value of a simple expression without running a student's code."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        for names in (frame.f_locals, frame.f_globals):
            if node.id in names:
                return names[node.id]
        raise LookupError(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_key_number(_simple(frame, node.operand))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)):
        a, b = _simple(frame, node.left), _simple(frame, node.right)
        if type(a) is type(b) is str and isinstance(node.op, ast.Add):
            return a + b
        a, b = _key_number(a), _key_number(b)
        if isinstance(node.op, ast.Add):
            return a + b
        return a - b if isinstance(node.op, ast.Sub) else a * b
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "str":
        return str(_key_number(_simple(frame, node.args[0])))
    if isinstance(node, ast.JoinedStr):
        return "".join(_part_of_text(frame, part) for part in node.values)
    if isinstance(node, ast.Slice):
        parts = (node.lower, node.upper, node.step)
        return slice(*(None if p is None else _key_number(_simple(frame, p)) for p in parts))
    if isinstance(node, (ast.Subscript, ast.Attribute)):
        holder, key, found = _place_of(frame, node)
        if found and type(holder) in (dict, list, tuple) and not isinstance(key, slice):
            return holder[key]
        if found and type(holder) is np.ndarray:
            return holder[key]
    raise LookupError


def _part_of_text(frame: Any, part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return part.value
    if part.format_spec is not None or part.conversion not in (-1, 115):
        raise LookupError
    value = _simple(frame, part.value)
    return value if type(value) is str else str(_key_number(value))


def _key_number(value: Any) -> int:
    if type(value) is int or isinstance(value, np.integer):
        return int(value)
    raise LookupError


def _place_of(frame: Any, node: ast.expr) -> tuple[Any, Any, bool]:
    """Return the container and the key that a target or an access means, and if it is known."""
    try:
        holder = _simple(frame, node.value)
        if isinstance(node, ast.Attribute):
            attributes = _attributes(holder)
            known = attributes is not None and node.attr in attributes
            return attributes, node.attr, known
        key = _simple(frame, node.slice)
    except (LookupError, AttributeError, TypeError, ValueError, IndexError):
        return None, None, False
    if isinstance(key, np.integer):
        key = int(key)
    plain = isinstance(holder, (list, tuple, dict, np.ndarray))
    return holder, key, plain and isinstance(key, (int, str, slice))


def _aliases(frame: Any, event: _Event) -> tuple[str, ...]:
    """Return the names of one array or list that a statement changes an entry of, if several."""
    for statement in event.statements:
        for target, _, _ in _targets(statement):
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                thing = frame.f_locals.get(target.value.id)
                if isinstance(thing, (list, dict, np.ndarray)):
                    names = [n for n, other in frame.f_locals.items() if other is thing]
                    if len(names) > 1:
                        return tuple(names)
    return ()


def _added(expression: ast.expr | None, path: Path, thing: Any) -> tuple[ast.expr | None, Path]:
    """Return the expression of an entry that `a += [b]` has made."""
    adds = isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Add)
    if not adds or not isinstance(expression.right, ast.List) or not isinstance(thing, list):
        return None, path
    index = path[0] - len(thing) + len(expression.right.elts) if path else -1
    return (expression.right.elts[index], path[1:]) if index >= 0 else (None, path)


def _appended(statement: ast.stmt, name: str, path: Path) -> tuple[ast.expr | None, Path]:
    """Return the expression of an entry that `name.append(...)` has made."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        is_name = isinstance(call.func.value, ast.Name) and call.func.value.id == name
        if is_name and call.func.attr == "append" and len(call.args) == 1:
            return _entry(call.args[0], path[1:])
    return None, path


def _argument_expressions(event: _Event, call: _Call) -> dict[str, ast.expr]:
    """Return the expression of each parameter of a call that a statement makes."""
    node = _call_node(event, call)
    if node is None:
        return {}
    names = list(call.code.co_varnames[: call.code.co_argcount])
    if names and isinstance(node.func, ast.Attribute) and len(node.args) < len(names):
        names = names[1:] if names[0] in ("self", "cls") else names
    if any(isinstance(a, ast.Starred) for a in node.args):
        return {}
    found = dict(zip(names, node.args))
    return found | {k.arg: k.value for k in node.keywords if k.arg}


def _name_in_caller(event: _Event, frame: Any, code: types.CodeType) -> str:
    """Return the name by which a statement calls a function of this code."""
    for node in _own_calls(event):
        name = _called_name(node)
        if isinstance(node.func, ast.Attribute):
            if name == code.co_name:
                return name
            continue
        for names in (frame.f_locals, frame.f_globals):
            if name in names:
                if _code_of(names[name]) is code:
                    return name
                break
    return ""


def _code_of(function: Any) -> Any:
    """Return the code that a call of an object runs."""
    if isinstance(function, (types.FunctionType, types.MethodType)):
        return function.__code__
    kind = function if isinstance(function, type) else type(function)
    method = "__init__" if isinstance(function, type) else "__call__"
    found = next((vars(k)[method] for k in type.mro(kind) if method in vars(k)), None)
    return found.__code__ if isinstance(found, types.FunctionType) else None


def _call_node(event: _Event, call: _Call) -> ast.Call | None:
    """Return the place in a statement at which a call is made; None if it is not clear."""
    if id(call) in event.places:
        return event.places[id(call)]
    place = _find_call_node(event, call)
    if event.ended < UNENDED:
        event.places[id(call)] = place
    return place


def _find_call_node(event: _Event, call: _Call) -> ast.Call | None:
    nodes = _own_calls(event)
    of_name = [c for c in event.calls if c.name == call.name]
    places = [node for node in nodes if _called_name(node) == call.name]
    index = of_name.index(call)
    return places[index] if index < len(places) else None


def _own_calls(event: _Event) -> list[ast.Call]:
    """Return the calls in a statement in the order in which they are made."""
    found: list[ast.Call] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, (*COMPREHENSIONS, ast.Lambda)):
            return
        for child in ast.iter_child_nodes(node):
            visit(child)
        if isinstance(node, ast.Call):
            found.append(node)

    for statement in event.statements:
        for head in _heads(statement):
            visit(head)
    return found


def _called_name(node: ast.Call) -> str:
    function = node.func
    return getattr(function, "id", "") or getattr(function, "attr", "")


# ---------------------------------------------------------------------------------------
# Watch, 4: what a number was made of, and what would have been with another number in its place
# ---------------------------------------------------------------------------------------

REDUCTIONS = {"sum", "dot", "norm", "mean", "fsum", "matmul", "inner", "hypot", "prod", "average"}
REDUCTIONS |= {"einsum", "dist", "vdot", "cumsum", "max", "min", "tensordot", "outer", "roll"}
SAFE_MODULES = ("math", "numpy", "builtins", "operator", "functools", "copy", "statistics", "cmath")
UNSAFE = {"next", "open", "input", "print", "exec", "eval", "setattr", "delattr", "iter", "exit"}
UNSAFE |= {"quit", "breakpoint", "help", "compile", "globals", "locals", "vars", "__import__"}


class _Unclear(Exception):
    """What a statement would compute cannot be told."""


class _Slice:
    """The numbers that some outputs were made of, and how."""

    def __init__(self, recorder: _Recorder, through_passes: bool = False):
        self.recorder = recorder
        self.through_passes = through_passes  # whether to look at what a pass was given
        self.nodes: dict[int, Node] = {}
        self.evaluations = 0
        self._reads: dict[tuple, list] = {}
        self._compiled: dict[int, Any] = {}
        self._users: dict[int, set[int]] = {}

    def add(self, node: Node, oldest: int = 0) -> None:
        """Take in a node and all that it was made of since an update."""
        waiting = [node]
        while waiting:
            node = waiting.pop()
            if id(node) in self.nodes:
                continue
            self.nodes[id(node)] = node
            is_old = node.moment < oldest
            reads = () if is_old else self.reads(node)
            node.sources = [source for _, source in reads if source is not None]
            waiting += node.sources

    def find_users(self) -> None:
        """Note for each node which others were made of it."""
        for node in self.nodes.values():
            for source in node.sources or ():
                self._users.setdefault(id(source), set()).add(id(node))

    def affected(self, group: list[Node]) -> set[int]:
        """Return the nodes that would be others if some nodes were."""
        found = {id(node) for node in group}
        waiting = list(found)
        while waiting:
            for user in self._users.get(waiting.pop(), ()):
                if user not in found:
                    found.add(user)
                    waiting.append(user)
        return found

    def reads(self, node: Node) -> list[tuple[float, Node | None]]:
        """Return the numbers that a node was made of, each with the node that wrote it."""
        return [(read[2], read[3]) for read in self._all_reads(node)]

    def _all_reads(self, node: Node) -> list[tuple]:
        """Return (name or call, path, number, source) of all that a node was made of."""
        key = (id(node.event), id(node.expression), node.path, id(node.statement))
        if key not in self._reads:
            self._reads[key] = self._find_reads(node)
        return self._reads[key]

    def reads_unseen(self, node: Node) -> bool:
        """Tell whether an expression reads a part of an object that was not looked into."""
        for name, prefix in _accesses(node.expression, node.event, set()):
            frozen = node.event.names.get(name)
            if frozen is None or callable(frozen.copy) or frozen.kind in PLAIN_TYPES:
                continue
            is_plain = issubclass(frozen.kind, (*LOOKED_INTO, types.ModuleType))
            if not is_plain and not self._entries(node, name, prefix):
                return True
        return False

    def _find_reads(self, node: Node) -> list[tuple]:
        event = node.event
        expression = node.expression
        if expression is None:
            parts = _heads(node.statement)
            known_calls = False
        else:
            parts = [expression]
            known_calls = True
        found: list[tuple] = []
        calls = _own_calls(event)
        places = [_call_node(event, c) for c in event.calls if c is not node.argument_of]
        stops = {id(place) for place in places if place is not None}
        if not self.through_passes:
            stops |= _pass_calls(parts, event)
        for part in parts:
            for name, prefix in _accesses(part, event, stops):
                found += self._entries(node, name, prefix)
        inside = {id(n) for part in parts for n in ast.walk(part)}
        for call in event.calls:
            place = _call_node(event, call)
            if place is None or id(place) not in inside or node.argument_of is call:
                if place is not None or known_calls and not self._may_contain(parts, calls):
                    continue
                if call is node.argument_of:
                    continue
            for path, source in call.returned.items():
                if self._fits(node, path, call.result):
                    number = next((n for p, _, n in call.result.entries if p == path), math.nan)
                    found.append((call, path, number, source, True))
        return found

    @staticmethod
    def _may_contain(parts: list, calls: list) -> bool:
        return any(isinstance(n, COMPREHENSIONS) for part in parts for n in ast.walk(part))

    def _entries(self, node: Node, name: str, prefix: Path) -> list[tuple]:
        event = node.event
        frozen, clock = event.names.get(name), event.begun
        earlier = self._assigned_before(node, name)
        if earlier:
            frozen, clock = event.after[name], event.ended + UNENDED
        if frozen is None:
            return []
        found = []
        for path, location, number in frozen.entries:
            if path[: len(prefix)] == prefix and self._fits(node, path, frozen, prefix):
                source = (
                    self._last_writer(location, event)
                    if earlier
                    else event.reads.get(location, self.recorder.writer(location, clock))
                )
                given = location in self.recorder.given
                found.append((name, path, number, source, given))
        return found

    def _last_writer(self, location: Any, event: _Event) -> Node | None:
        _, nodes = self.recorder._history.get(location, ([], []))
        own = [n for n in nodes if n is not None and n.event is event]
        return own[-1] if own else None

    @staticmethod
    def _assigned_before(node: Node, name: str) -> bool:
        """Tell whether an earlier statement of the same line assigns a name."""
        event = node.event
        if name not in event.after or len(event.statements) < 2:
            return False
        for statement in event.statements:
            if statement is node.statement:
                return False
            for target, _, _ in _targets(statement):
                if isinstance(target, ast.Name) and target.id == name:
                    return not isinstance(statement, ast.For)
        return False

    @staticmethod
    def _fits(node: Node, path: Path, frozen: _Frozen | None, prefix: Path = ()) -> bool:
        """Tell whether an entry plays a part: of arrays that are added up it is the same one."""
        if len(path) == len(prefix) or not node.path or node.expression is None:
            return True
        if isinstance(node.path[-1], int) and isinstance(path[-1], int) and len(node.path) == 1:
            size = sum(p[:-1] == path[:-1] for p, _, _ in frozen.entries) if frozen else 0
            reduces = any(
                _called_name(n) in REDUCTIONS
                for n in ast.walk(node.expression)
                if isinstance(n, ast.Call)
            ) or any(isinstance(n, ast.MatMult) for n in ast.walk(node.expression))
            if size == 9 and not reduces:
                return path[-1] == node.path[-1]
        return True

    # Evaluation

    def value(
        self, node: Node, changed: dict[int, float], memo: dict[int, float], affected: set[int]
    ) -> float:
        """Return a node's number if another node had the number in `changed`."""
        if id(node) not in affected:
            return node.value
        if id(node) in changed:
            return changed[id(node)]
        if id(node) not in memo:
            memo[id(node)] = self._evaluate(node, changed, memo, affected)
        return memo[id(node)]

    def _evaluate(
        self, node: Node, changed: dict[int, float], memo: dict[int, float], affected: set[int]
    ) -> float:
        if node.expression is None:
            raise _Unclear
        self.evaluations += 1
        code, names, calls = self._code(node)
        scope = {name: self._thing(node, name) for name in names if name not in calls}
        scope |= {name: call.result.copy for name, call in calls.items()}
        name_of = {id(call): name for name, call in calls.items()}
        for holder, path, number, source, _ in self._all_reads(node):
            new = self.value(source, changed, memo, affected) if source else number
            if not _same_number(new, number):
                name = holder if isinstance(holder, str) else name_of.get(id(holder))
                if name is None:
                    raise _Unclear
                scope[name] = _patched(scope[name], path, new)
        return _number_at(code, scope, node.path)

    def with_name(self, node: Node, name: str, thing: Any) -> float | None:
        """Return a node's number if a name meant another object; None if that is unclear."""
        try:
            code, names, calls = self._code(node)
            scope = {n: self._thing(node, n) for n in names if n not in calls}
            scope |= {n: call.result.copy for n, call in calls.items()}
            return _number_at(code, scope | {name: thing}, node.path)
        except _Unclear:
            return None

    def _thing(self, node: Node, name: str) -> Any:
        event = node.event
        if self._assigned_before(node, name):
            return event.after[name].copy
        if name in event.names:
            return event.names[name].copy
        return event.functions.get(name, getattr(builtins, name, None))

    def _code(self, node: Node) -> tuple[Any, list[str], dict[str, _Call]]:
        """Return compiled code of an expression, its names, and what its own calls are called."""
        calls: dict[int, tuple[str, _Call]] = {}
        for call in node.event.calls:
            place = _call_node(node.event, call)
            if place is not None and call is not node.argument_of:
                calls[id(place)] = f"_call_{len(calls)}", call
        key = id(node.expression)
        if key not in self._compiled:
            tree = _without_calls(node.expression, {at: n for at, (n, _) in calls.items()})
            _check_harmless(tree, node.event)
            code = compile(ast.fix_missing_locations(ast.Expression(tree)), "<watched>", "eval")
            self._compiled[key] = code, {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        code, used = self._compiled[key]
        return code, sorted(used), {name: c for name, c in calls.values() if name in used}


def _number_at(code: types.CodeType, scope: dict[str, Any], path: Path) -> float:
    """Evaluate an expression that only computes; return one number of its value."""
    try:
        with np.errstate(all="ignore"):
            result = eval(code, scope)  # noqa: S307 - harmless code of the student's
        for key in path:
            attribute = isinstance(result, types.SimpleNamespace)
            result = getattr(result, key) if attribute else result[key]
        return float(result)
    except Exception as error:
        raise _Unclear from error


def _without_calls(node: Any, names: dict[int, str]) -> Any:
    """Return a copy of an expression with names in place of some calls."""
    if isinstance(node, list):
        return [_without_calls(part, names) for part in node]
    if not isinstance(node, ast.AST):
        return node
    if id(node) in names:
        return ast.copy_location(ast.Name(names[id(node)], ast.Load()), node)
    fields = {key: _without_calls(value, names) for key, value in ast.iter_fields(node)}
    return ast.copy_location(type(node)(**fields), node)


def _check_harmless(tree: ast.AST, event: _Event) -> None:
    """Raise _Unclear if an expression calls anything but functions that only compute."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
            raise _Unclear
        if not isinstance(node, ast.Call):
            continue
        root = node.func
        names = []
        while isinstance(root, ast.Attribute):
            names.append(root.attr)
            root = root.value
        if not isinstance(root, ast.Name):
            if names and names[0] in METHODS:
                continue
            raise _Unclear
        thing = event.functions.get(root.id, getattr(builtins, root.id, None))
        if root.id in event.names or thing is None:
            if names and names[0] in METHODS:
                continue
            raise _Unclear
        if _is_pass(thing):
            continue
        module = getattr(thing, "__name__" if names else "__module__", None) or "numpy"
        safe = module.split(".")[0] in SAFE_MODULES and "random" not in names
        if not safe or root.id in UNSAFE:
            raise _Unclear


METHODS = {"copy", "sum", "mean", "values", "items", "keys", "get", "tolist", "ravel", "reshape"}
METHODS |= {"flatten", "item", "astype", "dot", "squeeze", "transpose", "format", "startswith"}


def _patched(thing: Any, path: Path, number: float) -> Any:
    """Return a copy of an object with another number in one place."""
    if not path:
        return number
    if isinstance(thing, np.ndarray):
        new = thing.astype(float)
        new[path] = number
        return new
    if isinstance(thing, types.SimpleNamespace):
        new = copy.copy(thing)
        setattr(new, path[0], _patched(getattr(thing, path[0]), path[1:], number))
        return new
    new = dict(thing) if isinstance(thing, dict) else list(thing)
    new[path[0]] = _patched(thing[path[0]], path[1:], number)
    return tuple(new) if isinstance(thing, tuple) else new


def _pass_calls(parts: list, event: _Event) -> set[int]:
    """Return the places at which expressions call one of the grader's own passes."""
    calls = [n for part in parts for n in ast.walk(part) if isinstance(n, ast.Call)]
    named = [n for n in calls if isinstance(n.func, ast.Name)]
    return {id(n) for n in named if _is_pass(event.functions.get(n.func.id))}


def _is_pass(function: Any) -> bool:
    owner = getattr(function, "__self__", None) if type(function) is types.MethodType else None
    return isinstance(owner, GradersPasses)


def _accesses(expression: ast.AST, event: _Event, stops: set[int]) -> list[tuple[str, Path]]:
    """Return (name, path) for all that an expression reads, as far as the path is clear.

    The arguments of a student's own function are what its parameters were made of.
    """
    found: list[tuple[str, Path]] = []

    def visit(node: ast.AST) -> None:
        if id(node) in stops:
            return
        if isinstance(node, (ast.Subscript, ast.Attribute)):
            access = _chain(node, event)
            if access:
                found.append(access)
                return
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and node.id in event.names:
                found.append((node.id, ()))
            return
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(expression)
    return list(dict.fromkeys(found))


def _chain(node: ast.expr, event: _Event) -> tuple[str, Path] | None:
    """Return the name and path of `a.b[c]["d"]`; None if it is not as simple as that."""
    path: list[Any] = []
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        if isinstance(node, ast.Attribute):
            path.append(node.attr)
        else:
            keys = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            try:
                values = [_simple(_Names(event), key) for key in keys]
            except (LookupError, TypeError, AttributeError):
                return None
            if not all(type(v) in (int, str) for v in values):
                return None
            path += values[::-1]
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in event.names:
        return None
    path.reverse()
    frozen = event.names[node.id]
    thing = frozen.copy
    clear = []
    for key in path:
        if isinstance(key, int) and key < 0 and hasattr(thing, "__len__"):
            key += len(thing)
        try:
            if isinstance(thing, types.SimpleNamespace):
                thing = getattr(thing, key)
            elif isinstance(thing, (list, tuple, dict, np.ndarray)):
                thing = thing[key]
            else:
                return None
        except (LookupError, AttributeError, TypeError):
            return None
        clear.append(key)
    return node.id, tuple(clear)


class _Names:
    """The names of an event in the form of a frame."""

    def __init__(self, event: _Event):
        self.f_locals = {name: frozen.copy for name, frozen in event.names.items()}
        self.f_globals: dict[str, Any] = {}


# ---------------------------------------------------------------------------------------
# Watch, 5: known numbers
# ---------------------------------------------------------------------------------------

NEAR = 3e-8  # stored numbers have ten digits


class Known:
    """The numbers that may be right at one moment, of one weight."""

    def __init__(self, numbers: Any, exactly: Any = ()):
        """Take in numbers that may have either sign, and such as may not."""
        found = [n for n in numbers if math.isfinite(n)]
        both = [*found, *(-n for n in found), *exactly]
        self.numbers = np.unique(np.array(both, dtype=float))

    def nearest(self, number: float) -> float | None:
        """Return the known number that this one is, if any."""
        if not math.isfinite(number) or not len(self.numbers):
            return None
        index = int(np.searchsorted(self.numbers, number))
        for known in self.numbers[max(0, index - 1) : index + 2].tolist():
            if math.isclose(known, number, rel_tol=NEAR, abs_tol=1e-13):
                return known
        return None


def _products(factors: list[float]) -> list[float]:
    """Return the products of all selections of factors."""
    found = [1.0]
    for factor in factors:
        found += [factor * product for product in found]
    return found


def _numbers_in(thing: Any) -> list[float]:
    if isinstance(thing, (list, tuple)):
        return [n for part in thing for n in _numbers_in(part)]
    return [float(thing)] if isinstance(thing, (int, float)) else []


# The calls that are watched: by position, the data of a loop is short, and epsilon is so small that
# all correct forms of Adam are one.
WATCHED_ROWS = ROWS[:4]
WATCHED_CALLS: dict[str, tuple] = {
    "train_vanilla": (WATCHED_ROWS, TARGETS[GRADERS][:4], START, 2, 0.4937),
    "train_momentum": (WATCHED_ROWS, TARGETS[GRADERS][:4], START, 2, 0.2063, 0.7193),
    "train_adam": (WATCHED_ROWS, TARGETS[GRADERS][:4], START, 2, 0.4127, 0.8171, 0.9337, 1e-20),
    "gradient_checking": (*POINTS[1], 0.0713),
}


@record()
class _Output:
    """One number that comes out of a call, and the correct one."""

    name: str
    node: Node | None
    correct: float
    weight: int = 0  # to which it belongs, in a loop; -1 for a loss
    update: int = 0
    rtol: float = NEAR

    def is_met_by(self, number: float) -> bool:
        return math.isclose(number, self.correct, rel_tol=self.rtol, abs_tol=1e-12)

    @property
    def is_right(self) -> bool:
        return self.node is not None and self.is_met_by(self.node.value)


def _is_near(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=NEAR, abs_tol=1e-12)


@record(frozen=True)
class Step:
    """A statement of the student's, executed once."""

    function: str
    line: int
    text: str  # the line, stripped
    start: int  # columns in `text` of the statement, or of the entry of a dictionary
    end: int
    moment: int = 0  # the number of the update, of a loop
    outputs: tuple[str, ...] = ()  # which are wrong because of it
    aliases: tuple[str, ...] = ()  # names of one object of which it changes an entry
    last: int = 0  # the number of its last line
    is_known: bool = False  # whether its result is a number that the task names, too
    adds_up: bool = False  # whether it changes what it assigns, as in a *= b
    is_named: bool = False  # whether the task names what it assigns: "dw3", or a name with it
    is_shared: bool = False  # whether another mistake may come in with what it uses


@record(frozen=True)
class Watched:
    """What watching a call has found."""

    first: Step | None = None  # the first statement whose inputs are correct and result is not
    candidates: tuple[Step, ...] = ()  # if several statements may be it
    order: tuple[tuple[str, int], ...] = ()  # executed lines, the most suspicious first
    right: bool = False  # whether the call has the correct outcome
    changing: Step | None = None  # the first statement that changes an argument
    deviating: Step | None = None  # the statement with the call of a pass that the log blames
    incomplete: str = ""  # why nothing is known


def watch(student: Student, call: Call | None = None) -> Watched:
    """Run one call of a student's function under a tracer, and say where it goes wrong.

    Never raises; an active trace function is restored, and a debugger is left alone.
    """
    try:
        if _debugged():
            return Watched(incomplete="debugger")
        call = _watched_call(student, call)
        recorder, outcome = _record(student, call)
        found = _Analysis(student.task, call, recorder, outcome).watched()
        changing = _changing(recorder) if outcome.changed else None
        return replace(found, changing=changing, deviating=_deviating(call, recorder, outcome))
    except Exception as error:  # noqa: BLE001 - an explanation must never break a verdict
        return Watched(incomplete=f"{type(error).__name__}: {error}")


def _debugged() -> bool:
    """Tell whether a debugger, a profiler of lines or a coverage tool is at work."""
    if sys.gettrace() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)
    return bool(monitoring) and any(monitoring.get_tool(number) for number in range(6))


def _watched_call(student: Student, call: Call | None) -> Call:
    """Return the call to watch: one that fails, at a point at which all numbers differ."""
    task = student.task
    if task in WATCHED_CALLS:
        return Call(task, WATCHED_CALLS[task], GRADERS)
    tests = judgements(task)[0][:-1]
    if task == "sigmoid":  # where e^z and 1 + e^z can be told apart
        tests = sorted(tests, key=lambda test: not 0.5 < abs(test[0].arguments[0]) < 5)
        return next(_failing(tests, student), tests[0][0])
    if call is not None and call.arguments != tests[0][0].arguments:
        return call
    return next(_failing(tests[1:], student), tests[0][0])


def _failing(tests: Sequence[Test], student: Student) -> Iterator[Call]:
    """Yield the calls of tests that the student's function fails."""
    for call, expect in tests:
        if check(call, expect, perform(call, student)):
            yield call


def _record(student: Student, call: Call) -> tuple[_Recorder, Outcome]:
    recorder, observed = (
        _Recorder(WATCH_SECONDS, len(TASKS[student.task].arguments)),
        copy.copy(student),
    )

    def traced(*arguments: Any) -> Any:
        before = sys.gettrace()
        sys.settrace(recorder.trace)
        try:
            return student.function(*arguments)
        finally:
            sys.settrace(before)

    observed.function = traced
    outcome = perform(call, observed)
    return recorder, outcome


def _changing(recorder: _Recorder) -> Step | None:
    """Return the first statement that changes a number of an argument."""
    nodes = [
        node
        for frozen in recorder.arguments.values()
        for _, location, _ in frozen.entries
        for node in recorder._history.get(location, ((), ()))[1]
        if node is not None
    ]
    first = min(nodes, key=lambda node: node.event.number, default=None)
    return _step_at(first.event, first.statement) if first else None


def _deviating(call: Call, recorder: _Recorder, outcome: Outcome) -> Step | None:
    """Return the statement with the call of a pass that is not the one that is due."""
    found = deviation(call.task, call, outcome)
    if found is None or found.at is None:
        return None
    name, number = found.at
    calls = [one for one in recorder.passes if one.is_forward == (name == BOTH_PASSES[0])]
    event = calls[number].event if number < len(calls) else None
    while event and event.call.parent and _only_hands_on(event, name):
        event = event.call.parent
    return _step_at(event, event.statements[0]) if event else None


def _only_hands_on(event: _Event, name: str) -> bool:
    """Tell whether a helper calls a pass with variables only: its caller is to blame then."""
    calls = [n for s in event.statements for n in ast.walk(s) if _called_name(n) == name]
    return all(isinstance(argument, ast.Name) for call in calls for argument in call.args)


def _step_at(event: _Event, statement: ast.stmt) -> Step:
    """Return a statement, or the head of one with a block, as a place."""
    line = statement.lineno
    last = _last_line(statement)
    text = event.source.text(line)
    end = len(text.strip())
    return Step(event.call.code.co_name, line, text.strip(), 0, end, last=last)


@record()
class _Fix:
    """A group of nodes, and known numbers that make the outputs correct in their place."""

    group: list[Node]
    numbers: list[float]
    affected: set[int]


WATCH_SECONDS = 0.3  # of processor time that an analysis may take, and a recording


class _Analysis:
    """Looks for the statement that is to blame in the record of a call."""

    MOST_EVALUATIONS = 12000

    def __init__(self, task: str, call: Call, recorder: _Recorder, outcome: Outcome):
        self.task = task
        self.call = call
        self.recorder = recorder
        self.outcome = outcome
        self.slice = _Slice(recorder, through_passes=task == "gradient_checking")
        self._known: dict[tuple, Known] = {}
        self._all_outputs: list[_Output] = []
        self._blockers: list[_Fix] = []  # pass results, if other ones would have been correct
        self.deadline = time.thread_time() + WATCH_SECONDS

    # Outputs

    def outputs(self) -> list[_Output]:
        """Return the numbers that came out, in the order in which they are looked at."""
        if self.task in LOOP_TASKS:
            return self._outputs_of_loop()
        root = next((c for c in self.recorder.calls if c.parent is None), None)
        if root is None or root.result is None:
            return []
        if self.task == "sigmoid":
            right = SIGMOID_NUMBERS[self.call.arguments[0]][-1]
            return [_Output("sigmoid", root.returned.get(()), right)]
        if self.task == "gradient_checking":
            single = [n for p, n in root.returned.items() if p in ((), (0,))]
            found = single[0] if len(single) == len(root.returned) == 1 else None
            return [_Output("ratio", found, CHECK_NUMBERS["one"]["ratio"], rtol=1e-4)]
        expected = TASKS[self.task].outputs
        point = self._point()
        right = point_outputs(self.task, point)
        found = root.result.copy if isinstance(root.result.copy, dict) else {}
        outputs = []
        for name, number in zip(expected, right):
            key = key_of(name, found)
            at = next((p for p in root.returned if p and p[0] == key), None)
            outputs.append(_Output(name, root.returned.get(at), number))
        return outputs

    def _point(self) -> int:
        given = [self.call.arguments[i] for i in (0, 1, 2)]
        return next(i for i, p in enumerate(POINTS) if list(p) == given)

    def _outputs_of_loop(self) -> list[_Output]:
        """Return the weights after each update, as far as the calls are those that are due."""
        table = LOOP_NUMBERS[self.task]
        outputs = []
        update = 0
        rows = WATCHED_ROWS * self.call.arguments[3]
        last = None
        for one in self.recorder.passes:
            if one.is_forward:
                last = one
                continue
            weights = [number for _, _, number in one.weights.entries]
            stale = last is None or weights != [n for _, _, n in last.weights.entries]
            if stale or update >= len(rows) or one.point != rows[update]:
                return outputs
            if update:
                outputs += self._weights_at(one.weights, one.clock, update)
            update += 1
        root = next((c for c in self.recorder.calls if c.parent is None), None)
        if root is None or root.result is None or update < len(rows):
            return outputs
        for i, right in enumerate(table["w"][-1]):
            node = root.returned.get((0, i))
            outputs.append(_Output(f"w{i + 1} after update {update}", node, right, i, update))
        for k, mean in enumerate(table["mean"]):
            node = root.returned.get((1, k))
            at = (k + 1) * len(WATCHED_ROWS)
            outputs.append(_Output(f"losses[{k}]", node, mean, -1, at))
        return outputs

    def _weights_at(self, weights: _Frozen, clock: int, update: int) -> Iterator[_Output]:
        numbers = LOOP_NUMBERS[self.task]["w"][update - 1]
        for i in range(9):
            for path, location, _ in weights.entries:
                if path in ((i,), (i, 0)):
                    node = self.recorder.writer(location, clock)
                    yield _Output(f"w{i + 1} after update {update}", node, numbers[i], i, update)

    # Known numbers

    def known(self, output: _Output) -> Known:
        """Return the numbers that may be correct on the way to an output."""
        key = output.update, output.weight
        if key not in self._known:
            numbers = self._numbers(*key)
            if self.task == "train_momentum":
                numbers += self._by_rate(*key)
            self._known[key] = Known(numbers, self._given())
        return self._known[key]

    def known_of_any(self, output: _Output) -> Known:
        """Return the same for all weights, and what the function was given."""
        key = output.update, "any"
        if key not in self._known:
            weights = range(-1, 9) if self.task in LOOP_TASKS else (0,)
            numbers = [n for weight in weights for n in self._numbers(output.update, weight)]
            given = self._given() + _numbers_in(self.call.arguments)
            self._known[key] = Known(numbers, given)
        return self._known[key]

    def _given(self) -> list[float]:
        if self.task in LOOP_TASKS:
            settings = [float(a) for a in self.call.arguments[4:]]
            return [0.0, *settings, *(1 - s for s in settings if s > 1e-6), -settings[0]]
        return _numbers_in(self.call.arguments)

    def _numbers(self, moment: int, weight: int) -> list[float]:
        if self.task == "sigmoid":
            return [*SIGMOID_NUMBERS[self.call.arguments[0]], float(self.call.arguments[0])]
        if self.task == "gradient_checking":
            lists = [n for row in CHECK_NUMBERS["each"].values() for n in row]
            return lists + [*CHECK_NUMBERS["one"].values()]
        if self.task in LOOP_TASKS:
            return self._numbers_of_loop(moment, weight)
        numbers = PASS_NUMBERS[self._point()]
        products = [n for path in numbers["paths"] for n in _products(path)]
        if self.task == "forward_propagation":
            return numbers["values"]
        return numbers["values"] + products + numbers["dw"]

    def _numbers_of_loop(self, update: int, weight: int) -> list[float]:
        """Return what may be correct in one update: stored numbers, and these times a setting."""
        table = LOOP_NUMBERS[self.task]
        found = []
        settings = [float(a) for a in self.call.arguments[4:]]
        for role, rows in table.items():
            of_weight = isinstance(rows[0], list)
            if role in ("mean", "t") or not 0 < update <= len(rows) or (of_weight and weight < 0):
                continue
            found.append(rows[update - 1][weight] if of_weight else rows[update - 1])
            if role in ("w", "m", "v", "velocity"):
                start = START if role == "w" else [0.0] * 9
                found.append((rows[update - 2] if update > 1 else start)[weight])
        shares = [f for s in settings if s > 1e-6 for f in (s, 1 - s)]
        roots = [f(n) for n in found for f in (lambda n: n * n, lambda n: abs(n) ** 0.5)]
        scaled = [n * share for n in found + roots for share in shares]
        return found + roots + scaled + self._sums(update)

    def _by_rate(self, update: int, weight: int) -> list[float]:
        """Return the velocity and its parts in the form that lr multiplies in the step."""
        table = LOOP_NUMBERS[self.task].get("velocity")
        if table is None or weight < 0 or not 0 < update <= len(table):
            return []
        _, _, _, _, lr, gamma = self.call.arguments
        old = table[update - 2][weight] / lr if update > 1 else 0.0
        return [old, gamma * old, table[update - 1][weight] / lr]

    def _sums(self, update: int) -> list[float]:
        """Return the sums and means of the losses of an epoch up to now."""
        losses = LOOP_NUMBERS[self.task]["loss"]
        size = len(WATCHED_ROWS)
        begun = (update - 1) // size * size
        found = []
        for end in range(begun + 1, update + 1):
            seen = losses[begun:end]
            found += [sum(seen), sum(seen) / size, seen[-1], seen[-1] / size]
        return found

    # The search

    def watched(self) -> Watched:
        """Return what the record shows."""
        outputs = self.outputs()
        if self.recorder.incomplete or not outputs:
            return Watched(order=self._order([], []), incomplete=self.recorder.incomplete or "none")
        self._all_outputs = outputs
        wrong = [o for o in outputs if not o.is_right]
        if not wrong:
            return Watched(right=True, order=self._order([], []))
        if self.task in LOOP_TASKS:
            wrong, outputs = self._first_wrong(outputs)
        wrong = [o for o in wrong if o.node is not None]
        if not wrong:
            return Watched(order=self._order([], []))
        for output in outputs:
            if output.node is not None:
                self.slice.add(output.node, wrong[0].update - self._reach(wrong[0]))
        self.slice.find_users()
        fixing = self._fixing(wrong, outputs)
        if not fixing and len(wrong) > 1:
            names = {o.name for o in wrong}
            wrong = wrong[:1]  # perhaps two mistakes
            outputs = [o for o in outputs if o.is_right or o is wrong[0]]
            fixing = self._fixing(wrong, outputs)
            shared = any(group & names - {wrong[0].name} for group in _apart(wrong[0].name))
            found = self._decide(fixing, wrong)
            if self.task == "backward_propagation" and shared and found.first:
                others = [o for o in self._all_outputs if o.name in names - {wrong[0].name}]
                unsure = self._shares_sources(found.first, others)
                unsure = unsure or not self._reads_whole_gradients(found.first)
                return replace(found, first=replace(found.first, is_shared=unsure))
            return found
        return self._decide(fixing, wrong)

    def _nodes_of(self, step: Step) -> list[Node]:
        return [n for n in self.slice.nodes.values() if n.statement.lineno == step.line]

    def _shares_sources(self, step: Step, others: list[_Output]) -> bool:
        """Tell whether what a step uses leads to another wrong number, but the step does not."""
        nodes = self._nodes_of(step)
        sources = {id(source) for node in nodes for source in node.sources or ()}
        moved = {id(node): 1.37 * node.value + 0.11 for node in nodes}
        for output in others:
            new = self._output(moved, output, {*self.slice.nodes})
            stays = new is not None and _is_near(new, output.node.value)
            if stays and sources & {id(node) for node in self._upstream([output])}:
                return True
        return False

    def _reads_whole_gradients(self, step: Step) -> bool:
        """Tell whether all that a step reads is a value, or the whole gradient, of a node."""
        numbers = PASS_NUMBERS[self._point()]
        known = Known(
            numbers["values"] + numbers["dw"] + _gradients_of_nodes(self.call), self._given()
        )
        nodes = self._nodes_of(step)
        return all(
            known.nearest(read[2]) is not None
            for node in nodes
            for read in self.slice._all_reads(node)
        )

    def _reach(self, output: _Output) -> int:
        """Return how many updates an output looks back: a loss to the start of its epoch."""
        return 1 if output.weight >= 0 else len(WATCHED_ROWS)

    def _first_wrong(self, outputs: list[_Output]) -> tuple[list[_Output], list[_Output]]:
        """Return the first wrong number of a loop, and all up to that update."""
        first = next(o for o in outputs if not o.is_right)
        if first.weight >= 0 and first.node is not None and first.node.moment != first.update:
            return [], []  # no statement has written it in this update
        return [first], [
            o for o in outputs if o.update <= first.update and (o.is_right or o is first)
        ]

    def _upstream(self, outputs: list[_Output]) -> list[Node]:
        found: dict[int, Node] = {}
        waiting = [o.node for o in outputs]
        while waiting:
            node = waiting.pop()
            if id(node) not in found:
                found[id(node)] = node
                waiting += node.sources
        return sorted(found.values(), key=lambda n: n.event.number)

    def _groups(self, wrong: list[_Output]) -> list[list[Node]]:
        """Return what may be to blame: nodes, or in a check the nine that a statement made."""
        nodes = self._upstream(wrong)
        if self.task != "gradient_checking":
            return [[node] for node in nodes]
        groups: dict[tuple, list[Node]] = {}
        for node in nodes:
            calls = []
            call = node.event.call
            while call.parent is not None:
                calls.append((id(call.parent.statements[0]), id(_call_node(call.parent, call))))
                call = call.parent.call
            key = id(node.statement), id(node.expression), tuple(calls), id(node.argument_of and 1)
            groups.setdefault(key, []).append(node)
        for group in groups.values():
            group.sort(key=lambda node: (node.event.number, node.path))
        return [group for group in groups.values() if len(group) in (1, 9)]

    def _fixing(self, wrong: list[_Output], outputs: list[_Output]) -> list[_Fix]:
        """Return the nodes for which known numbers in their place make the outputs correct."""
        found = []
        for group in self._groups(wrong):
            affected = self.slice.affected(group)
            if all(id(o.node) in affected for o in wrong):
                numbers = self._fix(group, wrong, outputs, affected)
                if numbers is not None:
                    found.append(_Fix(group, numbers, affected))
            if self.slice.evaluations > self.MOST_EVALUATIONS or time.thread_time() > self.deadline:
                return []
        return found

    def _fix(
        self, group: list[Node], wrong: list[_Output], outputs: list[_Output], affected: set[int]
    ) -> list[float] | None:
        """Return the known numbers that make the outputs correct in place of a group's, if any."""
        node = group[0]
        if wrong[0].node is node:
            changed = {id(node): wrong[0].correct}
            return [wrong[0].correct] if self._all_right(changed, outputs, affected) else None
        if len(group) == 9:
            tries: Any = CHECK_NUMBERS["each"].values()
        else:
            tries = ([n] for n in self._tries(node, wrong[0], affected))
        for numbers in tries:
            changed = {id(node): number for node, number in zip(group, numbers)}
            if self._all_right(changed, outputs, affected):
                return list(numbers)
        return None

    def _tries(self, node: Node, output: _Output, affected: set[int]) -> Iterator[float]:
        """Yield known numbers that may make an output correct, if they take a node's place."""
        if self.task == "gradient_checking":
            yield from self._tries_in_check(node, affected)
            return
        siblings = self._siblings(node)
        if siblings is not None:
            yield from siblings
            return
        known = self.known(output)
        root = self._root(node, output, affected)
        if root is not None:
            found = [n for n in (known.nearest(root), known.nearest(-root)) if n is not None]
            if self.task != "sigmoid":
                found.sort(key=lambda number: self._core(output).nearest(number) is None)
            yield from found
        elif self.task == "sigmoid":
            yield from known.numbers.tolist()
        elif self.task == "forward_propagation" and len(affected) < 7:
            yield from self._core(output).numbers.tolist()

    def _tries_in_check(self, node: Node, affected: set[int]) -> list[float]:
        """Return numbers of a check; few, if the passes would have to be called again with each."""
        given = _numbers_in(self.call.arguments)
        again = sum(self._calls_pass(n) for key, n in self.slice.nodes.items() if key in affected)
        if again > 2:
            return given[-1:]
        each = [n for row in CHECK_NUMBERS["each"].values() for n in row]
        return [*CHECK_NUMBERS["one"].values(), *each, *given]

    @staticmethod
    def _calls_pass(node: Node) -> bool:
        return node.expression is not None and bool(_pass_calls([node.expression], node.event))

    def _root(self, node: Node, output: _Output, affected: set[int]) -> float | None:
        """Return the number in place of a node's that makes an output correct (secant method)."""
        last = node.value if math.isfinite(node.value) else 0.5
        now = last + 0.37 * (abs(last) + 1)
        f_last = self._output({id(node): last}, output, affected)
        for _ in range(25):
            f_now = self._output({id(node): now}, output, affected)
            if f_now is None or f_last is None or f_now == f_last or not math.isfinite(f_now):
                return None
            if math.isclose(f_now, output.correct, rel_tol=output.rtol / 30, abs_tol=1e-13):
                return now
            step = (output.correct - f_now) * (now - last) / (f_now - f_last)
            last, f_last, now = now, f_now, now + step
        return None

    def _output(
        self, changed: dict[int, float], output: _Output, affected: set[int]
    ) -> float | None:
        try:
            return self.slice.value(output.node, changed, {}, affected)
        except (_Unclear, RecursionError):
            return None

    def _all_right(
        self, changed: dict[int, float], outputs: list[_Output], affected: set[int]
    ) -> bool:
        for output in outputs:
            if output.node is None or id(output.node) not in affected:
                continue
            new = self._output(changed, output, affected)
            if new is None or not output.is_met_by(new):
                return False
        return True

    def _siblings(self, node: Node) -> list[float] | None:
        """Return what a mere access to what was given could have got; None if it is none."""
        reads = self.slice._all_reads(node)
        unpacks = isinstance(node.expression, ast.Name) and node.path
        if not (unpacks or isinstance(node.expression, (ast.Subscript, ast.Attribute))):
            return None
        if not reads:
            return None
        if any(read[3] is not None and not self._of_pass(read[3]) for read in reads):
            return None
        frozen = node.event.names.get(reads[0][0]) if isinstance(reads[0][0], str) else None
        return [entry[2] for entry in frozen.entries] if frozen else []

    def _of_pass(self, node: Node) -> bool:
        parts = [node.expression] if node.expression is not None else []
        return bool(_pass_calls(parts, node.event))

    def _inputs_known(self, node: Node, output: _Output, fix: _Fix) -> bool:
        """Tell whether all that a node read is known to be correct."""
        reads = self.slice._all_reads(node)
        returned = [
            id(read[3].statement) for read in reads if not isinstance(read[0], str) and read[3]
        ]
        holders = {id(read[0]) for read in reads if not isinstance(read[0], str) and read[3]}
        if len(holders) > 1 and len(set(returned)) < len(holders):
            return False  # two calls of one function: it may be wrong for both
        return all(self._read_known(read, node, output, fix) for read in reads)

    def _read_known(self, read: tuple, node: Node, output: _Output, fix: _Fix) -> bool:
        holder, path, number, source, given = read
        if (source is None and given) or any(source is other for other in fix.group):
            return True
        if source is None and holder in node.event.from_notebook - self._written_globals:
            return True  # the statement itself is to blame that it reads it
        named = path[-1] if path else holder
        for due in self._all_outputs if self.task in BOTH_PASSES else ():
            if due.name == named:  # what has the name of an output must be that number
                return due.is_met_by(number)
        whole = isinstance(holder, str) and path in node.event.names[holder].integers
        if whole:
            return self._integer_known(holder, path, number, node, output)
        if self.task == "gradient_checking":
            index = fix.group.index(node) if len(fix.group) == 9 and node in fix.group else None
            return self._known_in_check(number, path, index, len(fix.group) == 1)
        if self.known_of_any(output).nearest(number) is not None:
            return True
        if self.task != "train_momentum" or output.weight < 0:
            return False
        by_rate = Known(n for i in range(9) for n in self._by_rate(output.update, i))
        last = output.node is node or by_rate.nearest(fix.numbers[0]) is not None
        return last and by_rate.nearest(number) is not None

    def _integer_known(
        self, name: str, path: Path, number: float, node: Node, output: _Output
    ) -> bool:
        """Tell whether an integer is no surprise: in an update it must be t, in an exponent, or 0."""
        if self.task == "gradient_checking":
            return not path
        if self.task not in LOOP_TASKS or output.weight < 0 or not number:
            return True
        for exponent in _exponents(node.expression) if node.expression is not None else ():
            if isinstance(exponent, ast.Name) and exponent.id == name:
                return number == output.update
            if any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(exponent)):
                return number == output.update - 1
        return self._counts(node, name)

    def _has_counted_index(self, node: Node) -> bool:
        """Tell whether an index comes from arithmetic, such as i += 1: it may be off."""
        indices = [n.slice for n in ast.walk(node.expression) if isinstance(n, ast.Subscript)]
        names = {name for index in indices for name in _names_in(index)}
        events = [e for e in self.recorder.events if e.call is node.event.call]
        counted = [s for e in events for s in e.statements if _counts_up(s)]
        return bool(names & _target_names(counted))

    @staticmethod
    def _counts(node: Node, name: str) -> bool:
        """Tell whether a statement makes one integer of others, such as the next t."""
        frozen = node.event.after.get(name)
        return node.value == int(node.value) if math.isfinite(node.value) else frozen is not None

    def _known_in_check(self, number: float, path: Path, index: int | None, is_one: bool) -> bool:
        """Tell whether a number of a check is known: that of its weight, or one that has none.

        One number, such as a norm, is not made of differences of losses: they were to be divided.
        """
        each = CHECK_NUMBERS["each"]
        one = CHECK_NUMBERS["one"]
        if is_one:
            each = {role: row for role, row in each.items() if not role.startswith("rise")}
        numbers = [*one.values(), *_numbers_in(self.call.arguments)]
        if path and isinstance(path[-1], int) and path[-1] < 9:
            index = path[-1]
        elif path and re.fullmatch(r"dw[1-9]", str(path[-1])):
            index = int(path[-1][2]) - 1
        if index is not None:
            numbers += [row[index] for row in each.values()]
        return any(_is_near(number, n) for n in numbers)

    def _decide(self, fixes: list[_Fix], wrong: list[_Output]) -> Watched:
        candidates = [fix for fix in fixes if self._is_candidate(fix, wrong)]
        self._blockers = [f for f in fixes if any(map(self._only_calls_pass, f.group))]
        candidates = [fix for fix in candidates if not self._is_far_fetched(fix, wrong)]
        certain = [fix for fix in candidates if not self._may_be_right(fix, wrong)]
        left = [
            fix
            for fix in candidates
            if not any(c is not fix and id(fix.group[0]) in c.affected for c in certain)
        ]
        copies = [fix for fix in left if _renames(fix.group[0])]
        left = [fix for fix in left if not any(fix.group[0] in c.group[0].sources for c in copies)]
        names = tuple(o.name for o in wrong)
        steps = [self._step(fix.group[0], names, wrong[0]) for fix in left]
        places = {(s.function, s.line) for s in steps}
        sure = len(places) == 1 and all(self._is_proved(fix, wrong) for fix in left)
        if self.task not in LOOP_TASKS:  # its number may be correct, and be used wrongly below
            named = [fix for fix in left if _names_output(fix.group[0], names)]
            sure = sure and any(fix in (*certain, *named) for fix in left)
        order = self._order([f.group[0] for f in left], wrong)
        return Watched(steps[0] if sure else None, tuple(steps), order)

    def _is_candidate(self, fix: _Fix, wrong: list[_Output]) -> bool:
        """Tell whether a group's inputs are known, and it is no mere copy."""
        if any(map(self._only_calls_pass, fix.group)) or all(map(_is_zero, fix.group)):
            return False
        if all(
            _only_moves(node) and not self._may_move_wrongly(node, wrong[0]) for node in fix.group
        ):
            return False
        if self.task in LOOP_TASKS and any(map(self._is_start, fix.group)):
            return False
        if any(self._is_state(node, wrong[0]) for node in fix.group) and not self._rescales(fix):
            return False
        return all(self._inputs_known(node, wrong[0], fix) for node in fix.group)

    @staticmethod
    def _is_start(node: Node) -> bool:
        """Tell whether a number is a weight with which the loop began; the log has checked these."""
        return node.moment == 0 and any(_is_near(node.value, weight) for weight in START)

    def _rescales(self, fix: _Fix) -> bool:
        """Tell whether a velocity would have to be one of the other form, or sign."""
        if self.task != "train_momentum":
            return False
        lr = self.call.arguments[4]
        value = fix.group[0].value
        number = fix.numbers[0]
        return any(_is_near(abs(value) * f, abs(number)) for f in (1, lr, 1 / lr))

    def _may_move_wrongly(self, node: Node, output: _Output) -> bool:
        """Tell whether a copy may be the mistake: it takes what is correct in another place."""
        name = node.expression.id if isinstance(node.expression, ast.Name) else ""
        digits = re.findall(r"\d+", output.name)[:1]
        if digits and re.findall(r"\d+", name)[-1:] == digits:
            return False
        if self.task in BOTH_PASSES:
            named = self._core(output).nearest(node.value) is not None
            return named or any(_is_near(node.value, o.correct) for o in self._all_outputs)
        return output.weight < 0 and self.known(output).nearest(node.value) is not None

    def _is_state(self, node: Node, output: _Output) -> bool:
        """Tell whether a number is what a loop has to carry over, and does carry over."""
        if self.task not in LOOP_TASKS or output.weight < 0:
            return False
        table = LOOP_NUMBERS[self.task]
        if not 0 < node.moment <= len(table["w"]):
            return False
        rows = [table[role][node.moment - 1] for role in ("m", "v", "velocity") if role in table]
        if not any(_is_near(row[output.weight], node.value) for row in rows):
            return False
        return any(self._same_place(read, node) for read in self.slice._all_reads(node))

    @staticmethod
    def _same_place(read: tuple, node: Node) -> bool:
        """Tell whether a statement read the variable that it assigns."""
        return read[0] in _target_names([node.statement])

    def _is_proved(self, fix: _Fix, wrong: list[_Output]) -> bool:
        """Tell whether a statement is to blame, and not what it was given."""
        node = fix.group[0]
        if node.expression is None or isinstance(node.statement, ast.For) or node.event.aliases:
            return False
        reads = self.slice._all_reads(node)
        if any(read[3] is not None and read[0] in node.event.shared for read in reads):
            return False
        if _only_moves(node) and self._may_move_wrongly(node, wrong[0]):
            return False
        if self.task == "sigmoid" and abs(self.call.arguments[0]) > 8 and node.sources:
            return False  # 1 + e^z is e^z there, or 1
        if self.task == "sigmoid" and not self._is_used_with_known(fix, wrong[0]):
            return False
        if self.task in LOOP_TASKS and self._reads_weights_as_another(node):
            return False
        adds_up = any(self._same_place(read, node) for read in reads)
        if self.task in LOOP_TASKS and wrong[0].weight >= 0:
            old = [read[2] for read in reads if self._same_place(read, node)]
            if not all(self._is_continued(number, wrong[0]) for number in old):
                return False
        if wrong[0].weight < 0 and adds_up and self.known(wrong[0]).nearest(node.value) is not None:
            return False  # such as a sum that is to be divided later
        if any(self._is_global_number(read, node, wrong[0]) for read in reads):
            return False
        if self.slice.reads_unseen(node):
            return False
        if self._is_confirmed(node, fix) or self._arguments_may_be_wrong(node, fix):
            return False
        if self._has_counted_index(node):
            return False
        if self.task in LOOP_TASKS and _only_packs(node.expression):
            return False  # what it took may be wrong, in a place where it was not followed
        if self.task == "gradient_checking":
            if not self._moves_as_due() or any(id(node) in f.affected for f in self._blockers):
                return False
            return all(self._all_known_above(node, fix, wrong[0]) for node in fix.group)
        if self.task in LOOP_TASKS:
            return not self._inputs_may_be_wrong(node, fix, wrong[0])
        return True

    def _is_continued(self, number: float, output: _Output) -> bool:
        """Tell whether an update may go on from a number: a weight, or an average and its share."""
        table = LOOP_NUMBERS[self.task]
        update = output.update
        weight = output.weight
        if not 0 < update <= len(table["w"]):
            return True
        weights = table["w"][update - 2] if update > 1 else START
        settings = [float(a) for a in self.call.arguments[4:]]
        averages = [role for role in ("m", "v", "velocity") if role in table]
        old = [table[role][update - 2][weight] if update > 1 else 0.0 for role in averages]
        others = [value for role in averages for value in table[role][update - 1]]
        old += others  # the new averages of weights that were updated before
        if self.task == "train_momentum":
            old += self._by_rate(update, weight)
        shares = [1.0, *settings, *(1 - s for s in settings)]
        going_on = [value * share for value in old for share in shares]
        return any(_is_near(number, value) for value in (weights[weight], *going_on))

    @functools.cached_property
    def _written_globals(self) -> set[str]:
        """The names of the notebook that the student's functions change: they outlive a call."""
        found = set()
        for event in self.recorder.events:
            code = event.call.code
            own = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
            found |= {name for name in _target_names(event.statements) if name not in own}
        return found

    def _is_global_number(self, read: tuple, node: Node, output: _Output) -> bool:
        """Tell whether a single number of the notebook is read that is not known."""
        holder, path, number, source, given = read
        if source is not None or given or path or holder not in node.event.from_notebook:
            return False
        return number != int(number) and self.known_of_any(output).nearest(number) is None

    def _reads_weights_as_another(self, node: Node) -> bool:
        """Tell whether the array of weights that was given is read under another name."""
        names = list(self.recorder.arguments)
        if len(names) < 3:
            return False
        own = {location for _, location, _ in self.recorder.arguments[names[2]].entries}
        reads = {read[0] for read in self.slice._all_reads(node) if isinstance(read[0], str)}
        return any(
            location in own
            for name in reads - {names[2]}
            for _, location, _ in node.event.names[name].entries
        )

    def _is_confirmed(self, node: Node, fix: _Fix) -> bool:
        """Tell whether the same statement of a helper has made another number that is correct."""
        if node.event.call.parent is None and self.task not in BOTH_PASSES:
            return False
        correct = [o.node for o in self._all_outputs if o.is_right]
        right = {id(n) for n in self._upstream([o for o in self._all_outputs if o.is_right])}
        return bool(correct) and any(
            (other.expression is node.expression or other.statement is node.statement)
            and other.event is not node.event
            and id(other) in right
            and id(other) not in fix.affected
            for other in self.slice.nodes.values()
        )

    def _arguments_may_be_wrong(self, node: Node, fix: _Fix) -> bool:
        """Tell whether another array as an argument of a helper would make its result correct."""
        call = node.event.call
        root = self.recorder.calls[0]
        if call.parent is None or len(fix.group) > 1:
            return False
        parameters = call.code.co_varnames[: call.code.co_argcount]
        arrays = [frozen.copy for frozen in self.recorder.arguments.values()]
        arrays = [thing for thing in arrays if isinstance(thing, (np.ndarray, list, dict))]
        for name in parameters:
            if name in node.event.names and node.event.names[name].entries:
                for thing in arrays:
                    number = self.slice.with_name(node, name, thing)
                    if number is not None and _is_near(number, fix.numbers[0]):
                        return True
        return root is None

    def _all_known_above(self, node: Node, fix: _Fix, output: _Output) -> bool:
        """Tell whether all that led to a node is known, statement by statement."""
        seen = {id(node)}
        waiting = list(node.sources or ())
        while waiting:
            source = waiting.pop()
            if id(source) in seen or self._is_of_weight(source):
                continue
            seen.add(id(source))
            if not self._inputs_known(source, output, fix):
                return False
            waiting += source.sources or ()
        return True

    def _is_of_weight(self, node: Node) -> bool:
        """Tell whether a number is that of one weight, or what a pass returned."""
        if self._only_calls_pass(node):
            return True
        return any(_is_near(node.value, n) for row in CHECK_NUMBERS["each"].values() for n in row)

    def _is_used_with_known(self, fix: _Fix, output: _Output) -> bool:
        """Tell whether all that is combined with a number, on its way to the output, is known."""
        below = [node for key, node in self.slice.nodes.items() if key in fix.affected]
        changed = {id(node) for node in (*below, *fix.group)}
        return all(
            id(read[3]) in changed or self._read_known(read, node, output, fix)
            for node in below
            if id(node) not in map(id, fix.group)
            for read in self.slice._all_reads(node)
        )

    def _moves_as_due(self) -> bool:
        """Tell whether a check calls the passes at w, and at w with one weight moved by eps."""
        _, _, w, eps = self.call.arguments
        seen: set[tuple[int, bool]] = set()
        for one in self.recorder.passes:
            steps = [n - v for (_, _, n), v in zip(one.weights.entries, w)]
            moved = [step for step in steps if abs(step) > 1e-12]
            if len(steps) != 9 or len(moved) > 1 or any(not _is_near(abs(m), eps) for m in moved):
                return False
            seen |= {(k, step > 0) for k, step in enumerate(steps) if step in moved}
        return len(seen) == 18

    def _inputs_may_be_wrong(self, node: Node, fix: _Fix, output: _Output) -> bool:
        """Tell whether other known numbers for one or two inputs make a result correct."""
        reads = self.slice._all_reads(node)
        inputs = [r for r in reads if r[3] is not None and not self._is_state(r[3], output)]
        inputs = [r for r in inputs if not self._of_pass(r[3]) and not self._from_pass(r[3])]
        inputs = [r for r in inputs if not self._makes_another(r[3], output)]
        sources = list({id(r[3]): r[3] for r in inputs}.values())[:5]
        numbers = self._roles(output)
        for one, other in itertools.combinations_with_replacement(sources, 2):
            pairs = (
                itertools.product(numbers, numbers) if one is not other else zip(numbers, numbers)
            )
            for a, b in pairs:
                changed = {id(one): a, id(other): b}
                affected = {id(node), id(one), id(other)}
                try:
                    new = self.slice.value(node, changed, {}, affected)
                except (_Unclear, RecursionError):
                    return True
                if _is_near(new, fix.numbers[0]):
                    return True
        return False

    def _makes_another(self, node: Node, output: _Output) -> bool:
        """Tell whether a number is the velocity of another weight, which is right after this update."""
        if self.task != "train_momentum" or node.moment != output.update:
            return False
        velocity = LOOP_NUMBERS[self.task]["velocity"][output.update - 1]
        of = [k for k, number in enumerate(velocity) if _is_near(number, node.value)]
        others = [o for o in self._all_outputs if o.update == output.update and o.weight in of]
        return bool(others) and all(
            o.is_right and o.node is not None and node in self._upstream([o]) for o in others
        )

    def _from_pass(self, node: Node) -> bool:
        """Tell whether a number is a copy of what a pass returned."""
        sources = node.sources or [r[3] for r in self.slice._all_reads(node) if r[3]]
        equal = [s for s in sources if _same_number(s.value, node.value)]
        return not (node.expression is None or _computes(node.expression)) and any(
            self._of_pass(s) or self._from_pass(s) for s in equal
        )

    def _roles(self, output: _Output) -> list[float]:
        """Return the stored numbers of one weight and update, and those of the state before."""
        table = LOOP_NUMBERS[self.task]
        update = output.update
        found = [0.0]
        for role, rows in table.items():
            if role in ("mean", "loss", "t") or output.weight < 0 or not 0 < update <= len(rows):
                continue
            of_weight = isinstance(rows[0], list)
            found.append(rows[update - 1][output.weight] if of_weight else rows[update - 1])
            if of_weight and update > 1:
                found.append(rows[update - 2][output.weight])
        if self.task == "train_momentum":
            found += self._by_rate(update, output.weight)
        return found + [-n for n in found if self.task == "train_momentum"]

    def _only_calls_pass(self, node: Node) -> bool:
        """Tell whether a node is what one of the grader's passes returned."""
        expression, calls = (
            node.expression,
            _pass_calls([node.expression], node.event) if (node.expression is not None) else set(),
        )
        while isinstance(expression, (ast.Subscript, ast.Attribute)):
            expression = expression.value
        return id(expression) in calls

    def _may_be_right(self, fix: _Fix, wrong: list[_Output]) -> bool:
        """Tell whether the numbers of a group may be correct as something else."""
        if len(fix.group) == 9:
            got = [node.value for node in fix.group]
            return any(all(map(_is_near, got, row)) for row in CHECK_NUMBERS["each"].values())
        node = fix.group[0]
        if self._has_names(wrong[0]):
            core = self._core(wrong[0])
            if core.nearest(fix.numbers[0]) is not None:
                return core.nearest(node.value) is not None and not self._renames_own(node)
        return self.known(wrong[0]).nearest(node.value) is not None

    def _has_names(self, output: _Output) -> bool:
        """Tell whether the task itself names the numbers that lead to an output."""
        if self.task in LOOP_TASKS:
            return output.weight >= 0
        return self.task != "gradient_checking"

    def _renames_own(self, node: Node) -> bool:
        """Tell whether a statement only gives a number that was computed before another name."""
        if node.argument_of is not None:
            return False
        simple = isinstance(node.expression, (ast.Name, ast.Subscript)) and not node.path
        own = [s for s in node.sources or () if not self._of_pass(s) and s.expression is not None]
        return (
            simple
            and isinstance(node.statement, ast.Assign)
            and len(own) == 1
            and (_same_number(own[0].value, node.value))
        )

    def _core(self, output: _Output) -> Known:
        """Return the numbers that the task itself names: values, gradients, averages."""
        key = "core", output.update, output.weight
        if key not in self._known:
            if self.task == "sigmoid":
                z = float(self.call.arguments[0])
                found = [*SIGMOID_NUMBERS[self.call.arguments[0]], z, -z]
            elif self.task in LOOP_TASKS:
                found = self._roles(output) + self._given()
                found += [self.call.arguments[4] * n for n in found]
            else:
                numbers = PASS_NUMBERS[self._point()]
                found = numbers["values"] + numbers["core"] + numbers["dw"]
                found = found + _numbers_in(self.call.arguments)
            self._known[key] = Known((), found)
        return self._known[key]

    def _is_far_fetched(self, fix: _Fix, wrong: list[_Output]) -> bool:
        """Tell whether a number that the task names would have to be something that it does not."""
        node = fix.group[0]
        output = wrong[0]
        if not self._has_names(output) or any(o.node is node for o in wrong):
            return False
        core = self._core(output)
        is_core = core.nearest(node.value) is not None
        return is_core and core.nearest(fix.numbers[0]) is None

    def _step(self, node: Node, outputs: tuple[str, ...], wrong: _Output) -> Step:
        part = node.expression if node.expression is not None else node.statement
        statement = node.statement
        one_line = statement.lineno == _last_line(statement)
        shown = statement if one_line and not isinstance(statement, ast.Return) else part
        line = shown.lineno
        text = node.event.source.text(line)
        indent = len(text) - len(text.lstrip())
        start = len(text.encode()[: shown.col_offset].decode(errors="replace")) - indent
        end = len(text.strip())
        if shown.end_lineno == line:
            end = len(text.encode()[: shown.end_col_offset].decode(errors="replace")) - indent
        name = node.event.call.code.co_name
        last = shown.end_lineno or line
        aliases = node.event.aliases
        is_known = self._core(wrong).nearest(node.value) is not None
        return Step(
            name, line, text.strip(), start, end, node.moment, outputs, aliases, last, is_known,
            isinstance(statement, ast.AugAssign),
            _names_output(node, outputs),
        )  # fmt: skip

    def _order(self, candidates: list[Node], wrong: list[_Output]) -> tuple[tuple[str, int], ...]:
        """Return all executed lines, those first that wrong numbers were made of."""
        lines = [(n.event.call.code.co_name, n.statement.lineno) for n in candidates]
        upstream = self._upstream([o for o in wrong if o.node is not None]) if wrong else []
        lines += [(n.event.call.code.co_name, n.statement.lineno) for n in reversed(upstream)]
        lines += [(e.call.code.co_name, e.line) for e in reversed(self.recorder.events)]
        return tuple(dict.fromkeys(lines))


def _renames(node: Node) -> bool:
    """Tell whether a statement only gives a number of the function's own another name."""
    return isinstance(node.statement, ast.Assign) and isinstance(node.expression, ast.Name)


def _is_zero(node: Node) -> bool:
    """Tell whether a node is a zero that was made of nothing: the start of a sum or an array."""
    return not node.value and not node.sources


def _counts_up(statement: ast.stmt) -> bool:
    """Tell whether a statement changes a variable by arithmetic, as in i += 1 and i = i + 1."""
    if isinstance(statement, ast.AugAssign):
        return True
    read = _names_in(statement.value) if isinstance(statement, ast.Assign) else []
    return bool({*read} & _target_names([statement]))


def _names_output(node: Node, outputs: tuple[str, ...]) -> bool:
    """Tell whether a statement gives its result the name of a wrong output, as in dw3 = ..."""
    given = [ast.unparse(target) for target, _, _ in _targets(node.statement)]
    words = {word for text in given for word in re.findall(r"[a-z]+_?[a-z]*\d*", text)}
    return bool(words & {*outputs})


def _exponents(expression: ast.AST) -> list[ast.expr]:
    """Return what powers in some code have as exponents."""
    found: list[ast.expr] = []
    for node in ast.walk(expression):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            found.append(node.right)
        elif isinstance(node, ast.Call) and _called_name(node) in ("pow", "power", "float_power"):
            found += node.args[1:2]
    return found


PACKING = {
    "array",
    "list",
    "tuple",
    "dict",
    "float",
    "float64",
    "asarray",
    "squeeze",
    "zip",
    "copy",
}
PACKING |= {"values", "tolist", "ravel", "reshape", "enumerate", "range", "str", "deepcopy", "item"}


def _only_moves(node: Node) -> bool:
    """Tell whether a node is a copy of one number, made by a `return` or by packing."""
    if node.argument_of is not None or node.expression is None or _computes(node.expression):
        return False
    packed = isinstance(node.expression, (*COMPREHENSIONS, ast.List, ast.Tuple, ast.Call))
    if not packed and not isinstance(node.statement, ast.Return) and not _into_entry(node):
        return False
    return any(_same_number(source.value, node.value) for source in node.sources or ())


def _only_packs(expression: ast.expr) -> bool:
    """Tell whether an expression only puts numbers together, as in np.array([w[k] for k in keys])."""
    calls = [_called_name(n) for n in ast.walk(expression) if isinstance(n, ast.Call)]
    packed = isinstance(expression, (ast.Call, ast.List, ast.Tuple, *COMPREHENSIONS))
    return packed and not _computes(expression) and {*calls} <= PACKING


def _computes(expression: ast.AST) -> bool:
    """Tell whether there is arithmetic in an expression, apart from that on keys and texts."""
    if isinstance(expression, ast.Subscript):
        return _computes(expression.value)
    if isinstance(expression, ast.JoinedStr):
        return False
    if isinstance(expression, ast.DictComp):
        return _computes(expression.value)
    if isinstance(expression, ast.Dict):
        return any(map(_computes, expression.values))
    if isinstance(expression, (ast.BinOp, ast.UnaryOp)):
        return True
    children = ast.iter_child_nodes(expression)
    return any(_computes(c) for c in children if isinstance(c, (ast.expr, ast.comprehension)))


def _into_entry(node: Node) -> bool:
    """Tell whether a bare name is put into a dictionary or an array."""
    entries = [t for t, _, _ in _targets(node.statement) if isinstance(t, ast.Subscript)]
    appended = isinstance(node.statement, ast.Expr)
    value = getattr(node.statement, "value", None)
    packed = isinstance(value, (ast.List, ast.Dict, ast.Call)) and value is not node.expression
    return (bool(entries) or appended or packed) and isinstance(node.expression, ast.Name)


def point_outputs(task: str, point: int) -> list[float]:
    """Return the correct numbers of a pass."""
    if task == "backward_propagation":
        return GRADIENTS[OWN][point]
    return [FORWARD_VALUES[OWN][point][key] for key in FORWARD_KEYS]


# Known misconceptions: what a run or a record of losses shows without any search

OBSERVATIONS = {  # cause: what is said of it
    "no-bias-correction": "the bias correction is missing.",
    "half-bias-correction": "one of the two bias corrections is missing.",
    "constant-correction": "the bias correction is the same at every step; it depends on t.",
    "t-restarts": "t starts again in each epoch; it must count the updates of the whole run.",
    "t-per-epoch": "t counts the epochs; it must count the updates of the whole run.",
    "t-per-weight": "t grows for each weight; it must grow once for each update of all nine.",
    "t-index": "t is the number of the weight; it must count the updates.",
    "betas-swapped": "beta1 and beta2 are swapped.",
    "rmsprop": "the step uses the gradient where the average m belongs: this is RMSProp.",
    "no-second-moment": "the average of the squares is not used in the step.",
    "overwrites": "a corrected average is kept for the next step; that needs the one without correction.",
    "one-memory": "the nine weights share one state; each weight needs its own.",
    "reset-each-epoch": "the state starts at 0 again in each epoch; it must last for the whole run.",
    "averaged": "the velocity is an average here; the gradient must enter it in full.",
    "no-velocity": "each step is a plain one: the steps before it have no part in it.",
    "nesterov": "this is Nesterov's momentum, which looks ahead; here the plain one is due.",
    "point-order": "it visits the data points in the order {order}; they have to be taken in order.",
    "point-left-out": "it leaves out data points: {points} (counted from 0).",
    "epoch-count": "the number of epochs with updates is {count}; it must be {due}.",
    "ends-early": "it ends early: in epoch {epoch}, after data point {point} (counted from 0).",
    "update-count": "it makes {count} updates at each data point; one is due.",
    "points-before-epochs": "it makes all {count} epochs at a data point before it comes to the "
    "next; the loop over the epochs belongs outside.",
    "one-update-per-epoch": "all gradients of an epoch are taken at the same weights; the weights "
    "must change after every data point.",
    "stale-weights": "every gradient is taken at the weights of the start; it must be taken at the "
    "newest.",
    "stale-weights: pass": "{name} is called at older weights than the newest.",
    "look-ahead": "{name} is called at other weights than those that the loop has reached.",
    "no-update": "the weights never change.",
    "starts-over": "the weights start again from w in epoch {epoch}; they must go on.",
    "other-start": "the run does not begin at the w it is given.",
    "other-dictionary": "backward_propagation is called with the x of data point {point} and the "
    "dictionary of data point {other} (counted from 0).",
    "other-dictionary: weights": "backward_propagation gets a dictionary that was made at other "
    "weights.",
    "other-data": "{name} is called with data that the function was not given.",
    "other-data: pair": "data point {point} is used with the target of data point {target} (counted "
    "from 0).",
    "pass-not-called": "{name} is never called.",
    "several-at-once": "it moves {count} weights at once; only one may move at a time.",
    "inverted": "for {z} it returns 1 divided by what it must return.",
    "mirrored": "for {z} it returns what it must return for {other}.",
    "not-restored": "when one weight moves, those before it are moved, too; in the end {count} are.",
    "nothing-moves": "all losses are taken at the same w: no weight is moved.",
    "weights-left-out": "it never moves {weights}.",
    "weights-left-out: loop": "it never changes {weights}; every update must change all nine weights.",
    "other-step": "it moves a weight by {factor} times eps; it must be eps.",
    "other-step: several": "it moves weights by other amounts than eps.",
    "one-sided": "it moves the weights {side} only; the formula needs both sides.",
    "one-sided: some": "it moves {weights} to one side only; the formula needs both sides.",
    "other-weights": "backward_propagation is called at other weights than the w it is given.",
    "losses-last": "the weights are correct, but losses holds the loss of the last data point; it "
    "must be the mean over all of them.",
    "losses-first": "the weights are correct, but losses holds the loss of the first data point; "
    "it must be the mean over all of them.",
    "losses-sum": "the weights are correct, but losses holds the sum over the data points; it must "
    "be their mean.",
    "losses-per-point": "the weights are correct, but losses has one number for each update; it "
    "must have one for each epoch.",
    "losses-carried-over": "the weights are correct, but each loss contains those of the epochs "
    "before it.",
    "losses-so-far": "the weights are correct, but each loss is the mean over all epochs so far, not "
    "over its own.",
    "losses-after": "the weights are correct, but each loss is computed after its update; it must "
    "be the one just before it.",
    "losses-after: at the end": "the weights are correct, but the losses are computed with the weights at the "
    "end of the epoch; each must be the one just before its update.",
    "losses-root": "the weights are correct, but losses holds the mean of the roots of the losses.",
    "losses-divisor": "the weights are correct, but each loss is {factor} times what it must be.",
}


def observed(cause: str, **fields: Any) -> Reason:
    """Return the reason for a known misconception."""
    return Reason(cause.split(":")[0], OBSERVATIONS[cause].format(**fields))


def misconception(student: Student, fault: Fault) -> Reason | None:
    """Return the known misconception that an outcome shows, if any."""
    if fault.cause in ("losses", "losses-count"):
        found = losses_reason(fault)
        if found:
            return found
    if fault.cause in ("weights", "not-finite") and student.task in MISCONCEPTIONS:
        found = run_reason(student)
        if found:
            return found
    return log_reason(student, fault)


def log_reason(student: Student, fault: Fault) -> Reason | None:
    """Say which call of the grader's own passes is the first that deviates from those due."""
    if fault.call.passes == OWN or fault.call.corrupt:
        return None
    found = deviation(student.task, fault.call, fault.outcome)
    if not found:
        return None
    cause, fields = found.cause, dict(found.fields)
    if cause == "other-step" and fields["factor"] is None:
        cause = "other-step: several"
    elif cause == "other-step":
        fields["factor"] = f"{fields['factor']:.4g}"
    elif cause == "one-sided" and fields["weights"]:
        cause = "one-sided: some"
    return observed(cause, **fields)


def losses_reason(fault: Fault) -> Reason | None:
    """Say what the losses of a loop are, if they are something else than due.

    The log has the losses of all forward passes; the weights are correct.
    """
    call = fault.call
    rows = len(call.arguments[0])
    epochs = call.arguments[3]
    path = [w for _, w, *_ in fault.outcome.backward]
    if call.passes == OWN or len(path) != rows * epochs:
        return None
    got = np.array(fault.outcome.result[1])
    points = list(zip(call.arguments[0], call.arguments[1]))
    seen = losses_along(path, points)
    for cause, losses in readings_of_losses(seen, [*path[1:], fault.outcome.result[0]], points):
        if alike(got, losses):
            return observed(cause)
    factors = got / seen.mean(axis=1) if got.shape == (epochs,) else np.zeros(1)
    if alike(factors, np.full(epochs, factors[0])):
        return observed("losses-divisor", factor=f"{factors[0]:.4g}")
    return None


def losses_along(path: list[list[float]], points: list[tuple]) -> np.ndarray:
    """Return the loss at each of the weights of a run, of the point of its turn: by epochs."""
    losses = [small_model_loss(x, y, w) for (x, y), w in zip(itertools.cycle(points), path)]
    return np.reshape(losses, (-1, len(points)))


def readings_of_losses(
    seen: np.ndarray, after: list[list[float]], points: list[tuple]
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what losses may hold instead of the means over their epochs, each with its cause.

    `seen` has the losses of the forward passes, by epochs; `after` the weights after each update.
    """
    epochs, rows = seen.shape
    at_end = [[small_model_loss(x, y, w) for x, y in points] for w in after[rows - 1 :: rows]]
    yield "losses-last", seen[:, -1]
    yield "losses-first", seen[:, 0]
    yield "losses-sum", seen.sum(axis=1)
    yield "losses-per-point", seen.ravel()
    yield "losses-carried-over", np.cumsum(seen.mean(axis=1))
    yield "losses-so-far", np.cumsum(seen.sum(axis=1)) / (rows * np.arange(1, epochs + 1))
    yield "losses-after", losses_along(after, points).mean(axis=1)
    yield "losses-after: at the end", np.mean(at_end, axis=1)
    yield "losses-root", np.sqrt(seen).mean(axis=1)


def small_model_loss(x: list[float], y: float, w: list[float]) -> float:
    """Return the loss of the grader's own forward pass."""
    return (y - small_model(x, w)[0]) ** 2


def alike(a: np.ndarray, b: np.ndarray, rtol: float = RTOL_RUN) -> bool:
    """Tell whether two arrays have the same shape and, nearly, the same numbers."""
    return a.shape == b.shape and bool(np.isfinite(b).all()) and np.allclose(a, b, rtol, 0)


def run_reason(student: Student) -> Reason | None:
    """Say which known misconception a loop has, if a short run ends where such loops end."""
    outcome = perform(misconception_run(student.task), student)
    numbers = TASKS[student.task].read(outcome.result)
    ends = numbers.get("w1"), numbers.get("w9")
    if not all(isinstance(end, float) for end in ends):
        return None
    for cause, known in MISCONCEPTIONS[student.task].items():
        if any(alike(np.array(ends), np.array(pair), RTOL_ENDS) for pair in known):
            return observed(cause)
    return None


def misconception_run(task: str) -> Call:
    """Return the run by which misconceptions are known: all gradients are positive.

    So no root fails, and as epsilon is 0 Adam's correct forms are one.
    """
    settings = POSITIVE_SETTINGS[task]
    return Call(task, (POSITIVE_ROWS, POSITIVE_TARGETS, POSITIVE_START, *settings), GRADERS)


# ---------------------------------------------------------------------------------------
# Sentences: the only place with words for a student
# ---------------------------------------------------------------------------------------


@record(frozen=True)
class Sentence:
    """What is said of an edit, and what the edit has to show before it may be said."""

    text: str
    evidence: str


SENTENCES = {
    "line": Sentence(
        "something in this line is not correct.",
        "edits of this statement repair everything, but edits of different kinds do",
    ),
    "parentheses-missing": Sentence(
        "parentheses are missing around `{part}`.",
        "a pair is added around this part",
    ),
    "parentheses-extra": Sentence(
        "the parentheses around `{part}` should not be here.",
        "this pair is removed",
    ),
    "parentheses-moved": Sentence(
        "the parentheses around `{part}` are in the wrong place.",
        "this pair is removed and another one added in the same expression",
    ),
    "belongs-inside": Sentence(
        "`{part}` belongs inside the parentheses of `{name}`.",
        "this part is moved into the call next to it",
    ),
    "belongs-outside": Sentence(
        "`{part}` does not belong inside the parentheses of `{name}`.",
        "this part is moved out of the call",
    ),
    "out-of-group": Sentence(
        "`{part}` does not belong inside these parentheses.",
        "this term is moved to behind what is applied to the parentheses",
    ),
    "into-group": Sentence(
        "`{part}` belongs inside these parentheses.",
        "this term is moved into parentheses to which something is applied",
    ),
    "of-each": Sentence(
        "`{name}` is applied to the whole here; it must be applied to each part.",
        "a function or power of a sum becomes the sum of those of its parts",
    ),
    "of-whole": Sentence(
        "`{name}` is applied to each part here; it must be applied to the whole.",
        "a sum of functions or powers becomes that of the sum",
    ),
    "no-decay": Sentence(
        "the old value of `{part}` is kept in full; the factor {word} is missing.",
        "the old value is multiplied by an argument before something is added to it",
    ),
    "sign": Sentence(
        "the sign is wrong here.",
        "a + becomes a -, a - becomes a +, or a minus is removed",
    ),
    "turned": Sentence(
        "this difference is the wrong way round.", "the two sides of a difference change places"
    ),
    "minus-missing": Sentence("a minus sign is missing here.", "a minus is added"),
    "operator": Sentence("`{operator}` is wrong here.", "this operator is replaced"),
    "integer-division": Sentence("`//` cuts off the decimals; `/` keeps them.", "// becomes /"),
    "not-a-power": Sentence("`^` is not a power in Python; `**` is.", "^ becomes **"),
    "not-an-assignment": Sentence(
        "`==` only compares; it does not assign.",
        "a comparison that is a statement becomes an assignment",
    ),
    "spaced-operator": Sentence(
        "`={operator}` assigns a value with a sign; `{operator}=` was meant.",
        "x =- a becomes x -= a, x =+ a becomes x += a",
    ),
    "adds-up": Sentence(
        "`=` replaces the old value; here it has to be kept and changed: `{operator}=`.",
        "= becomes +=, -= or *=",
    ),
    "adds-up-twice": Sentence(
        "`{operator}` adds to the old value; here the value is new: `=`.",
        "+= or -= becomes =",
    ),
    "must-go": Sentence("`{part}` must go.", "the operator and this operand are removed"),
    "should-not-be-here": Sentence("`{part}` should not be here.", "the call is removed"),
    "twice": Sentence(
        "{name} is applied twice.",
        "the call is removed, and the value it is applied to comes from a call of the same "
        "function, or is its value in the forward pass",
    ),
    "clipped": Sentence(
        "`{part}` should not be here: it changes some of the values.",
        "a call of clip, or of min and max with numbers, is removed",
    ),
    "cut-off": Sentence(
        "`{part}` should not be here: it cuts off decimals.",
        "a call of int, round, floor, ceil, float32 or astype is removed",
    ),
    "wrong-function": Sentence(
        "`{name}` is the wrong function here.", "another function takes its place"
    ),
    "missing-function": Sentence("a function is missing here.", "a function is applied"),
    "missing-square": Sentence("the square is missing here.", "a square is taken"),
    "missing-root": Sentence("the square root is missing here.", "a square root is taken"),
    "wrong-base": Sentence(
        "`{part}` is not precisely the number e; use `exp`.",
        "a power of this number becomes a call of exp",
    ),
    "wrong-name": Sentence("`{part}` is wrong here.", "another name, index or key is put here"),
    "wrong-names": Sentence(
        "`{one}` and `{other}` are wrong here.", "other names take the place of both"
    ),
    "wrong-number": Sentence(
        "the number `{part}` is wrong here.", "another number or a variable takes its place"
    ),
    "hard-coded": Sentence(
        "`{part}` is hard-coded: use the argument `{argument}`.",
        "an argument of the judged function (not X, y or w) takes the number's place",
    ),
    "hard-coded-share": Sentence(
        "`{part}` is hard-coded: it must be computed from the argument `{argument}`.",
        "1 minus an argument of the judged function takes the number's place",
    ),
    "overwritten-argument": Sentence(
        "`{name}` is an argument; do not set it again.",
        "an assignment to a parameter is removed",
    ),
    "reads-global": Sentence(
        "`{part}` is read from the notebook here; use what the function is given.",
        "a parameter takes the place of a variable of the notebook",
    ),
    "swapped": Sentence("`{one}` and `{other}` are swapped.", "these two change places"),
    "swapped-parameters": Sentence(
        "the parameters `{one}` and `{other}` are swapped.", "these two change places"
    ),
    "off-by-one": Sentence(
        "this is off by one: use `{new}` here.",
        "1 is added to or subtracted from an index, a key or a bound",
    ),
    "missing-index": Sentence("`{part}` needs an index here.", "an index is added"),
    "missing-factor": Sentence("the factor {word} is missing here.", "a number is multiplied"),
    "missing-some-factor": Sentence("a factor is missing here.", "a number is multiplied"),
    "too-large": Sentence(
        "this is too large by the factor {word}.", "a number is divided, and no factor removed"
    ),
    "missing-term": Sentence("the term {word} is missing here.", "a term is added"),
    "missing-some-term": Sentence(
        "a term is missing here.", "the same function of another variable is added"
    ),
    "wrong-t": Sentence(
        "`{part}` is not t: it must count the updates of the whole run, from 1.",
        "the number of the update takes its place",
    ),
    "constant-correction": Sentence(
        "the bias correction is the same at every step; it depends on t.",
        "1 - beta becomes 1 - beta**t",
    ),
    "no-bias-correction": Sentence(
        "the bias correction is missing.", "both corrections are multiplied in"
    ),
    "half-bias-correction": Sentence(
        "one of the two bias corrections is missing.", "one of them is divided by"
    ),
    "tuple": Sentence("the comma at the end makes a tuple of one value.", "the comma is removed"),
    "pair": Sentence("a second value is missing here.", "a second value is returned"),
    "integer-array": Sentence(
        "this array holds whole numbers only: it cuts off decimals.",
        "the array's type is integer when the line has run, and it is made one of floats",
    ),
    "precision": Sentence(
        "`{part}` loses precision; leave it out.", "a dtype other than a whole number is removed"
    ),
    "values-order": Sentence(
        "`{part}` has another order than dw1 ... dw9, or further values: take them by their keys.",
        "the values of dw1 ... dw9 in that order take its place",
    ),
    "used-up": Sentence(
        "`{name}` can be gone through only once; after that it is empty.",
        "a list of its items takes its place",
    ),
    "shared": Sentence(
        "two names stand for one object here, so that both change.", "a copy takes its place"
    ),
    "one-object": Sentence(
        "all items are one object here, so that all change together.",
        "each item of a repeated list, or value of dict.fromkeys, becomes a copy of its own",
    ),
    "overwrites": Sentence(
        "`{part}` is overwritten here, but the next step needs its old value.",
        "the new value gets a name of its own, and the lines below read that",
    ),
    "at-once": Sentence(
        "this still reads the old `{part}`: the right side is computed before any name is set.",
        "a tuple of assignments becomes one assignment after the other",
    ),
    "start": Sentence("`{name}` must start at 0.", "0 is assigned before the loop"),
    "counter": Sentence(
        "`{name}` must be set again before this loop.", "a number is assigned to it there"
    ),
    "set-again": Sentence(
        "the lines above have changed `{name}`; it must be set again before this line.",
        "the assignment to it is repeated there",
    ),
    "reset": Sentence(
        "`{name}` is set again in each pass of {loop}; set it once, before that loop.",
        "an assignment that reads nothing of the loop is moved to a place before it",
    ),
    "not-reset": Sentence(
        "`{name}` must be set again in each pass of {loop}, not before it.",
        "an assignment before the loop is moved into it, to its beginning",
    ),
    "before-line": Sentence("this line must come before line {number}.", "it is moved there"),
    "after-line": Sentence("this line must come after line {number}.", "it is moved there"),
    "after-block": Sentence(
        "this line must come after the block that begins in line {number}.", "it is moved there"
    ),
    "inside-loop": Sentence("this line belongs inside {loop}.", "it is moved into that loop"),
    "after-loop": Sentence(
        "this line is inside {loop}, but belongs after it.", "it is moved to below the loop"
    ),
    "before-loop": Sentence(
        "this line is inside {loop}, but belongs before it.", "it is moved to above the loop"
    ),
    "early-stop": Sentence(
        "the loop stops early here; it must go on to its end.",
        "a break, or the `if` that holds it, is removed",
    ),
    "line-must-go": Sentence("this line must go.", "it is removed"),
    "missing-key": Sentence(
        "{function} returns no {key}.", "the key that raised is none of the keys it returned"
    ),
}


# ---------------------------------------------------------------------------------------
# The result
# ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Repair:
    """An edit that was tried and makes numbers correct."""

    cause: str  # a key of SENTENCES
    fields: dict[str, Any]  # of its sentence
    place: Place
    names: tuple[str, ...]  # the outputs that it makes correct
    complete: bool  # whether these are all that were wrong
    times: int = 1  # how often the edit is made in the line of its place

    @property
    def text(self) -> str:
        """What is said of it."""
        text = SENTENCES[self.cause].text.format(**self.fields)
        often = "twice" if self.times == 2 else f"{self.times} times"
        return text if self.times == 1 else f"{text[:-1]} ({often} in this line)."

    @property
    def sentence(self) -> str:
        """The same; a partial repair speaks of the outputs that it repairs only."""
        text = self.text
        return text if self.complete else f"{', '.join(self.names)}: {text}"


# ---------------------------------------------------------------------------------------
# Reading the code of a function, and of the student's helpers and classes that it uses
# ---------------------------------------------------------------------------------------


@record(frozen=True)
class Definition:
    """A function or class of the notebook, as it is written there."""

    name: str
    tree: ast.stmt
    lines: list[str]  # of the whole file or cell


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> tuple[ast.Module, tuple[types.CodeType, ...]] | None:
    """Return the statements of a file or cell, and all code of the functions in it."""
    try:
        module = ast.parse(text)
        code = compile(module, "<definitions>", "exec", dont_inherit=True)
        return module, tuple(_codes(code))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _definition(function: types.FunctionType) -> Definition | None:
    """Find a function's definition; None if it is not in its file, or is not what runs."""
    code = function.__code__
    lines = linecache.getlines(code.co_filename)
    parsed = _parsed("".join(lines))
    if parsed is None or {*code.co_freevars} - {"__class__"}:  # a closure, but for super()
        return None
    for node in parsed[0].body:
        if _defines(node, code):
            alone = compile(ast.Module([node], []), "<definition>", "exec", dont_inherit=True)
            if any(_same_code(each, code) for each in (*parsed[1], *_codes(alone))):
                return Definition(_name_of(node), copy.deepcopy(node), lines)
    return None


def _name_of(node: ast.stmt) -> str:
    return node.targets[0].id if isinstance(node, ast.Assign) else node.name


def _defines(node: ast.stmt, code: types.CodeType) -> bool:
    """Tell whether a statement at the top level defines what has this code, and nothing else."""
    if isinstance(node, ast.Assign):
        alone = len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        if not (alone and isinstance(node.value, ast.Lambda)):
            return False
    elif not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return False
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    return first <= code.co_firstlineno <= node.end_lineno


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield all code inside a code object."""
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes(constant)


def _same_code(one: types.CodeType, other: types.CodeType) -> bool:
    """Tell whether two code objects do the same; a file may have been edited since it was run."""

    def data(code: types.CodeType) -> list:
        return [repr(c) for c in code.co_consts if not isinstance(c, types.CodeType)]

    inner = [[c for c in code.co_consts if isinstance(c, types.CodeType)] for code in (one, other)]
    return (
        (one.co_name, one.co_code, one.co_names) == (other.co_name, other.co_code, other.co_names)
        and data(one) == data(other)
        and len(inner[0]) == len(inner[1])
        and all(map(_same_code, *inner))
    )


def _definitions(function: Any, namespace: dict[str, Any]) -> list[Definition]:
    """Return the definition of a function, then those of all helpers and classes that it uses."""
    found: dict[str, Definition] = {}
    waiting = [function]
    while waiting:
        one = waiting.pop(0)
        definition = _definition(one) if inspect.isfunction(one) else None
        if definition is None and not found:
            return []
        if definition is None or definition.name in found:
            continue
        found[definition.name] = definition
        for name in _names_in(definition.tree):
            waiting += _own_functions(namespace.get(name), namespace) if name not in TASKS else []
    return list(found.values())


def _own_functions(value: Any, namespace: dict[str, Any]) -> list[types.FunctionType]:
    """Return a function of the notebook itself, or one method of a class of the notebook."""
    if inspect.isfunction(value):
        return [value] if value.__globals__ is namespace else []
    if not isinstance(value, type):
        value = type(value)
    methods = [m for m in vars(value).values() if inspect.isfunction(m)]
    return [m for m in methods if m.__globals__ is namespace][:1]


def _keys_in(tree: ast.AST) -> list[str]:
    """Return the texts that are keys in a function, in order."""
    keys = (n.slice for n in ast.walk(tree) if isinstance(n, ast.Subscript))
    return list(dict.fromkeys(key.value for key in keys if _is_text(key)))


def _names_in(tree: ast.AST) -> list[str]:
    names = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return list(dict.fromkeys(names))


def _unused(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the variables, and the entries under fixed keys, that are set and never read."""
    nodes = list(ast.walk(tree))
    subscripts = [node for node in nodes if isinstance(node, ast.Subscript)]
    entries = [node for node in subscripts if isinstance(node.slice, ast.Constant)]
    owners = {id(entry.value) for entry in entries}
    names = [n for n in nodes if isinstance(n, ast.Name) and id(n) not in owners]
    taken_whole = {ast.unparse(name) for name in names if _is_read(name)}
    read = {ast.unparse(entry) for entry in entries if _is_read(entry)} | taken_whole
    for target in [*names, *entries]:
        owner = ast.unparse(getattr(target, "value", target))
        if not _is_read(target) and ast.unparse(target) not in read and owner not in taken_whole:
            yield target


# ---------------------------------------------------------------------------------------
# A copy of the notebook, in which edits are tried
# ---------------------------------------------------------------------------------------

MOST_ITEMS = 10_000  # of data that is copied
SMALL = (bool, int, float, complex, str, bytes, type(None), np.generic)
MUTATORS = {"append", "extend", "insert", "pop", "remove", "clear", "update", "sort", "reverse"}
MUTATORS |= {"setdefault", "popitem", "add", "discard", "fill", "put", "resize", "itemset"}


class _Untouchable(Exception):
    """Something that the function changes is too large to be copied for each edit."""


@functools.cache
def _random_kinds() -> tuple[type, ...]:
    """Return the types of random generators; importing NumPy's takes a while."""
    import random

    return random.Random, np.random.Generator, np.random.RandomState


def _items(value: Any, namespace: dict[str, Any], left: int = MOST_ITEMS) -> int:
    """Return how many items the copying of a value has to copy; -1 if it is to be shared."""
    if isinstance(value, SMALL):
        return 1
    if isinstance(value, _random_kinds()):
        return 100
    if type(value) is np.ndarray:
        return value.size if value.dtype.kind in "biufcSU" else -1
    if type(value) in (list, tuple, set, frozenset, dict, defaultdict):
        parts: Iterable = value.items() if isinstance(value, dict) else value
    elif _is_own_object(value, namespace):
        parts = vars(value).values()
    else:
        return -1
    total = 1
    for part in parts:
        size = _items(part, namespace, left - total) if total <= left else 0
        if size < 0:
            return -1
        total += size
    return total


def _is_own_object(value: Any, namespace: dict[str, Any]) -> bool:
    """Tell whether a value is a plain object of a class that the notebook defines."""
    kind = type(value)
    own = kind.__module__ == namespace.get("__name__") and hasattr(kind, "__dict__")
    special = {"__deepcopy__", "__reduce__", "__reduce_ex__", "__getattr__", "__getattribute__"}
    inherited = set().union(*(vars(base) for base in kind.__mro__[:-1]))
    return own and not special & inherited and type(getattr(value, "__dict__", None)) is dict


def _changed_names(trees: Iterable[ast.AST]) -> set[str]:
    """Return the names whose objects the code may change in place or hands on."""
    changed = set()
    for node in itertools.chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            changed.add(_root(node))
        elif isinstance(node, ast.AugAssign):
            changed.add(_root(node.target))
        elif isinstance(node, ast.Global):
            changed.update(node.names)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                kept = node.func.attr in MUTATORS or isinstance(node.func.value, ast.Name)
                changed.add(_root(node.func) if kept else "")
            changed.update(a.id for a in node.args if isinstance(a, ast.Name))
        elif isinstance(node, (ast.Assign, ast.Return)) and isinstance(node.value, ast.Name):
            changed.add(node.value.id)
    return changed


def _root(node: ast.AST) -> str:
    """Return the name at the beginning of an expression such as a.b[c]; "" if there is none."""
    while isinstance(node, (ast.Subscript, ast.Attribute, ast.Starred)):
        node = node.value
    return getattr(node, "id", "")


class _Data:
    """The data of the notebook that the code reads, as it was before the first edit."""

    def __init__(self, trees: list[ast.AST], namespace: dict[str, Any]):
        names = {name for tree in trees for name in _names_in(tree)}
        names -= {name for tree in trees for name in _local_names(tree)}
        changed = _changed_names(trees)
        self.kept: dict[str, Any] = {}  # copied for each run
        for name in sorted(names & namespace.keys()):
            value = namespace[name]
            if isinstance(value, (types.ModuleType, type)) or inspect.isroutine(value):
                continue
            if name in changed:
                self._keep(name, value, namespace)
        self.missing = {n for t in trees for n in _globals_of(t)} - namespace.keys()

    def _keep(self, name: str, value: Any, namespace: dict[str, Any]) -> None:
        try:
            if isinstance(value, io.TextIOBase) and value.writable():
                self.kept[name] = _Nowhere()
                return
            size = _items(value, namespace)
            if size > MOST_ITEMS:
                raise _Untouchable(name)
            if size >= 0:
                self.kept[name] = copy.deepcopy(value)
        except _Untouchable:
            raise
        except Exception:  # noqa: BLE001, S110 - whatever their objects do: it is shared then
            pass

    def restore(self, namespace: dict[str, Any]) -> None:
        for name in self.missing:
            namespace.pop(name, None)
        for name, value in self.kept.items():
            namespace[name] = value if isinstance(value, SMALL) else copy.deepcopy(value)


class _Nowhere(io.StringIO):
    """Takes the place of an open file; what is written to it is dropped."""

    def write(self, text: Any) -> int:
        return len(text)

    def __deepcopy__(self, memo: dict) -> _Nowhere:
        return self


def _globals_of(tree: ast.AST) -> set[str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Global)]
    return {name for node in nodes for name in node.names}


def _local_names(tree: ast.AST) -> set[str]:
    """Return the parameters and variables of a function."""
    names = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names - _globals_of(tree)


# ---------------------------------------------------------------------------------------
# Places of the code: where an edit can be made, and what may be tried there
# ---------------------------------------------------------------------------------------

COPIED = (ast.Name, ast.Subscript, ast.Attribute)  # what only hands a number on
SEVERAL = (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.ListComp, ast.GeneratorExp, ast.Slice)
CONSTRUCTORS = {"zeros", "ones", "full", "empty", "zeros_like", "ones_like", "full_like", "eye"}
CONSTRUCTORS |= {"empty_like", "arange", "linspace", "identity", "rand", "randn", "normal"}
CONSTRUCTORS |= {"random", "uniform", "default_rng", "permutation", "RandomState", "seed"}
CHANCE = {"RandomState", "default_rng", "seed", "Random", "permutation", "shuffle", "sample"}
SHAPES = {"reshape", "astype", "resize", "dtype", "tile", "repeat", "int", "where", "isinstance"}
LOOPS_AND_LISTS = {"range", "len", "append", "zip", "enumerate", "tqdm", "trange", "list", "dict"}
LOOPS_AND_LISTS |= {"array", "asarray", "copy", "deepcopy", "tuple", "print", "items", "values"}
LOOPS_AND_LISTS |= {"keys", "get", "str", "float", "float64", "map", "iter", "next", "join", "fsum"}
Change = tuple[ast.AST, str, int | None, Any]  # node, field, index in it, and what is put there


@record(frozen=True)
class Site:
    """A place that holds an expression."""

    parent: ast.AST
    field: str
    index: int | None  # where the field is a list
    up: Site | None  # the expression around it; None at the top of a statement
    statement: ast.stmt
    function: str
    loops: tuple[ast.stmt, ...]  # around the statement, the outer first
    sealed: bool  # tests, sizes, types and the arguments of helpers: no arithmetic here

    @property
    def node(self) -> Any:
        held = getattr(self.parent, self.field)
        return held if self.index is None else held[self.index]

    def put(self, new: ast.AST) -> Change:
        return self.parent, self.field, self.index, new


def _sites(tree: ast.stmt, name: str, helpers: set[str]) -> Iterator[Site]:
    """Yield all places of a function that hold an expression, the outer before the inner."""
    for statement, loops in _statements(tree):
        for parent, part, index, child in _children(statement):
            if isinstance(child, ast.expr):
                sealed = part == "test"
                site = Site(parent, part, index, None, statement, name, loops, sealed)
                yield from _inner_sites(site, helpers)


def _statements(tree: ast.stmt, loops: tuple = ()) -> Iterator[tuple[ast.stmt, tuple]]:
    """Yield each statement of a function, and the loops around it."""
    yield tree, loops
    inside = (*loops, tree) if isinstance(tree, (ast.For, ast.While)) else loops
    for part in ("body", "orelse", "finalbody"):
        block = getattr(tree, part, None)
        for statement in block if isinstance(block, list) else ():
            yield from _statements(statement, inside if part == "body" else loops)
    for handler in getattr(tree, "handlers", ()):
        for statement in handler.body:
            yield from _statements(statement, loops)


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Yield (parent, field, index, child) of the expressions in a node that are the outermost."""
    skipped = ("decorator_list", "returns", "annotation", "body", "orelse", "finalbody", "handlers")
    for part, value in ast.iter_fields(node):
        if part in skipped and isinstance(node, ast.stmt) or isinstance(value, ast.arguments):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, (ast.comprehension, ast.keyword, ast.withitem)):
                yield from _children(child)
            elif isinstance(child, ast.expr):
                yield node, part, index, child


def _inner_sites(site: Site, helpers: set[str]) -> Iterator[Site]:
    yield site
    for parent, part, index, _ in _children(site.node):
        sealed = site.sealed or _seals(parent, part, helpers)
        inner = replace(site, parent=parent, field=part, index=index, up=site, sealed=sealed)
        yield from _inner_sites(inner, helpers)


def _seals(node: ast.AST, part: str, helpers: set[str]) -> bool:
    """Tell whether no arithmetic may be tried in a part of this node."""
    if isinstance(node, (ast.IfExp, ast.comprehension)):
        return part in ("test", "ifs")
    if isinstance(node, ast.keyword):
        return node.arg in ("dtype", "shape", "axis", "size")
    if isinstance(node, ast.Call):
        return _called(node) in CONSTRUCTORS | SHAPES | {"range", "len"} | helpers
    return False


def _called(node: ast.AST | None) -> str:
    """Return the name of the function that is called here, without what stands before its dot."""
    function = getattr(node, "func", None) if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", ""))


@record(frozen=True)
class Span:
    """What is underlined: columns (in bytes) of a line."""

    line: int
    start: int
    end: int | None  # None: to the end of the line


def _span(node: ast.AST, last: ast.AST | None = None) -> Span:
    """Return the span of a node, or from one node to another."""
    last = last or node
    end = last.end_col_offset if last.end_lineno == node.lineno else None
    return Span(node.lineno, node.col_offset, end)


def _span_between(left: ast.AST, right: ast.AST, symbol: str, lines: list[str]) -> Span:
    """Return the span of an operator between two expressions."""
    text = lines[left.end_lineno - 1].encode()
    stop = right.col_offset if right.lineno == left.end_lineno else len(text)
    column = text.find(symbol.encode(), left.end_col_offset, stop)
    if column < 0:
        return _span(left, right)
    return Span(left.end_lineno, column, column + len(symbol))


def _place(span: Span, definition: Definition, also: Iterable[int] = ()) -> Place:
    """Return the place of a span in the student's code."""
    raw = definition.lines[span.line - 1].rstrip("\n").expandtabs(1)
    text = raw.strip()
    indent = len(raw) - len(raw.lstrip())
    end = len(raw.encode()) if span.end is None else span.end
    start, end = (len(raw.encode()[:column].decode()) - indent for column in (span.start, end))
    start, end = _balanced(text, max(0, start), min(len(text), end))
    others = tuple(sorted({*also} - {span.line}))
    return Place(definition.name, span.line, text, start, max(end, start + 1), others)


def _balanced(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span by the parentheses that belong to what is in it."""
    for _ in range(9):
        part = text[start:end]
        if part.count("(") > part.count(")") and text[end : end + 1] == ")":
            end += 1
        elif part.count("(") < part.count(")") and text[start - 1 : start] == "(":
            start -= 1
    return start, end


# ---------------------------------------------------------------------------------------
# Edits of expressions. Each function yields what may take the place of an expression
# ---------------------------------------------------------------------------------------

SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
SYMBOLS |= {ast.FloorDiv: "//", ast.Mod: "%", ast.MatMult: "@", ast.BitXor: "^"}
COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=="}
COMPARISONS |= {ast.NotEq: "!="}
STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2, "@": 2, "**": 4, "^": 0}
MATHEMATICS = ("exp", "tanh", "sin", "cos", "sqrt", "square", "abs", "sum", "mean", "log", "tan")
MATHEMATICS += ("norm", "sigmoid")
OF_VECTORS = ("sqrt", "square", "abs", "sum", "mean", "norm")  # those that checks and loops need
ALIKE = {
    "median",
    "fabs",
    "pow",
    "power",
    "exp2",
    "expm1",
    "prod",
    "max",
    "min",
    "cosh",
    "sinh",
    "absolute",
}
CLIPPING = {"clip", "minimum", "maximum", "min", "max"}
CUTTING = {
    "int",
    "round",
    "around",
    "floor",
    "ceil",
    "trunc",
    "rint",
    "float32",
    "float16",
    "astype",
}
OF_NUMBERS = {*MATHEMATICS, *ALIKE, *CLIPPING, *CUTTING, "append", "dot", "norm", "sigmoid"}
OF_NUMBERS |= {"array", "asarray", "float", "float64", "fsum", "multiply", "add", "subtract"}
SECRET = {"1 - tanh²", "1 - sigmoid", "σ·(1 - σ)", "sin(w3·x3)", "cos(w3·x3)", "ŷ"}
SECRET |= {"w1·x1 + w2·x2", "w4·x4 + w5·x5"}  # words that no sentence may tell


@record(frozen=True)
class Draft:
    """What may take the place of an expression, and what is said of it if it repairs the code."""

    cause: str
    new: ast.expr
    shown: Span
    fields: dict[str, Any] = field(default_factory=dict)


@record(frozen=True)
class Scope:
    """What edits need to know about the function that they are made in."""

    task: str
    definition: Definition
    names: tuple[str, ...]  # parameters and variables of the function
    parameters: tuple[str, ...]
    settings: dict[str, str]  # the student's names of eps, epochs, lr, ...: what they are
    is_helper: bool  # and not the function that is judged
    helpers: dict[str, list[str]]  # the student's own functions that it may call: parameters
    globals: frozenset[str]  # names of the notebook's data that the code reads
    words: tuple[str, ...]  # factors and values that the task knows
    losses_only: bool  # whether a loop's weights are correct
    keys: tuple[str, ...]  # that are written in the function
    own_functions: frozenset[str]  # names that may be functions of the student's own
    unused: tuple[ast.expr, ...]  # variables and entries that are set and never read

    @property
    def lines(self) -> list[str]:
        return self.definition.lines


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _hidden(name: str) -> ast.Name:
    """Return the name of something that edits put in; no student can have given it."""
    return _name(f"‹{name}›")


def _apply(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(_hidden(f"{function}()"), list(arguments), [])


def _binary(left: ast.expr, symbol: str, right: ast.expr) -> ast.expr:
    """Return an operation; a power by a function that refuses huge whole numbers."""
    if symbol == "**":
        return _apply("power", left, right)
    operator = next(kind for kind, text in SYMBOLS.items() if text == symbol)
    return ast.BinOp(left, operator(), right)


def _text(node: ast.AST, limit: int = 44) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


# Parentheses: an expression as the tokens of its text, put together in another way


def _tokens(node: ast.expr) -> list[Any]:
    """Return the operands (expressions) and operators (texts) of an expression, in order.

    What is in parentheses is one operand.
    """
    if isinstance(node, ast.BinOp) and type(node.op) in SYMBOLS:
        symbol = SYMBOLS[type(node.op)]
        left = _tokens(node.left) if _is_bare(node.left, symbol, "left") else [node.left]
        right = _tokens(node.right) if _is_bare(node.right, symbol, "right") else [node.right]
        return [*left, symbol, *right]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        bare = not isinstance(node.operand, ast.BinOp) or isinstance(node.operand.op, ast.Pow)
        return ["-", *(_tokens(node.operand) if bare else [node.operand])]
    return [node]


def _is_bare(child: ast.expr, symbol: str, side: str) -> bool:
    """Tell whether an operand needs no parentheses beside an operator."""
    if isinstance(child, ast.UnaryOp):
        return side == "right" or symbol != "**"
    if not isinstance(child, ast.BinOp):
        return True
    inner, outer = STRENGTH.get(SYMBOLS.get(type(child.op), "^"), 0), STRENGTH[symbol]
    return inner > outer or (inner == outer and (side == "right") == (symbol == "**"))


def _rebuilt(tokens: list[Any]) -> tuple[ast.expr, Any] | None:
    """Return the expression that tokens make, and its value for arbitrary operands."""
    operands = [t for t in tokens if not isinstance(t, str)]
    names = iter(range(len(operands)))
    text = " ".join(t if isinstance(t, str) else f"_{next(names)}" for t in tokens)
    numbers = {f"_{k}": _arbitrary(operand) for k, operand in enumerate(operands)}
    try:
        parsed = ast.parse(text, mode="eval")
        value = eval(text, {"f": lambda v: 0.7 * v * v + 0.2, **numbers})  # noqa: S307 - harmless code of the student's
    except (SyntaxError, ArithmeticError, TypeError, ValueError):
        return None
    return _Filled(operands).visit(parsed.body), value


def _arbitrary(operand: ast.expr) -> Any:
    """Return a number for an operand: the same for the same text, that of its parts for a group."""
    if isinstance(operand, (ast.BinOp, ast.UnaryOp)) and len(tokens := _tokens(operand)) > 1:
        return _value_of(tokens) or 1.0
    return 1.1 + zlib.crc32(ast.unparse(operand).encode()) % 9973 / 9973


class _Filled(ast.NodeTransformer):
    """Puts operands in the place of the names _0, _1, ..."""

    def __init__(self, operands: list[ast.expr]):
        self.operands = operands

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.operands[int(node.id[1:])] if node.id[0] == "_" else node


def _value_of(tokens: list[Any]) -> Any:
    rebuilt = _rebuilt(tokens)
    return rebuilt[1] if rebuilt else None


def _groups(tokens: list[Any]) -> Iterator[tuple[int, int]]:
    """Yield where a pair of parentheses may begin and end: around two operands or more."""
    starts = [k for k, t in enumerate(tokens) if not isinstance(t, str) or _is_prefix(tokens, k)]
    ends = [k for k, t in enumerate(tokens) if not isinstance(t, str)]
    for length in range(2, len(tokens)):
        for start in starts:
            if start + length in ends:
                yield start, start + length


def _is_prefix(tokens: list[Any], k: int) -> bool:
    return tokens[k] == "-" and (k == 0 or isinstance(tokens[k - 1], str))


def _parentheses(site: Site, scope: Scope) -> Iterator[Draft]:
    """Add a pair of parentheses, remove one, or do both."""
    tokens = _tokens(site.node)
    if site.sealed or _is_part_of_a_chain(site) or not 3 <= len(tokens) <= 40:
        return
    seen = [_value_of(tokens)]
    for start, end in _groups(tokens):
        part = tokens[start : end + 1]
        new = [*tokens[:start], "(", *part, ")", *tokens[end + 1 :]]
        if (rebuilt := _rebuilt_as_new(new, seen)) is not None:
            first = next(t for t in part if not isinstance(t, str))
            shown = _span(first, part[-1])
            group = _text(_rebuilt(part)[0])
            yield Draft("parentheses-missing", rebuilt, shown, {"part": group})
    for k, operand in enumerate(tokens):
        inner = _tokens(operand) if isinstance(operand, (ast.BinOp, ast.UnaryOp)) else []
        if len(inner) < 2:
            continue
        flat = [*tokens[:k], *inner, *tokens[k + 1 :]]
        shown = _span(operand)
        fields = {"part": _text(operand)}
        if (rebuilt := _rebuilt_as_new(flat, seen)) is not None:
            yield Draft("parentheses-extra", rebuilt, shown, fields)
        for start, end in _groups(flat):
            moved = [*flat[:start], "(", *flat[start : end + 1], ")", *flat[end + 1 :]]
            if (rebuilt := _rebuilt_as_new(moved, seen)) is not None:
                yield Draft("parentheses-moved", rebuilt, shown, fields)


def _rebuilt_as_new(tokens: list[Any], seen: list[Any]) -> ast.expr | None:
    """Return the expression that tokens make, if its value is not one that was seen before."""
    rebuilt = _rebuilt(tokens)
    if rebuilt is None or any(_close(rebuilt[1], value) for value in seen):
        return None
    if any(map(_is_idle, ast.walk(rebuilt[0]))):
        return None
    seen.append(rebuilt[1])
    return rebuilt[0]


def _is_idle(node: ast.AST) -> bool:
    """Tell whether this is a power of 1, or a product with 1, which nobody means."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Pow, ast.Mult)):
        return False
    ones = [getattr(side, "value", None) == 1 for side in (node.left, node.right)]
    return ones[0] or (ones[1] and isinstance(node.op, ast.Mult))


def _close(a: Any, b: Any) -> bool:
    return b is not None and abs(a - b) <= 1e-11 * abs(a)


def _group_members(site: Site, scope: Scope) -> Iterator[Draft]:
    """Move a term out of a group that a number is applied to, as in (a + b)**2, or into it."""
    tokens = _tokens(site.node)
    if site.sealed or _is_part_of_a_chain(site) or not 3 <= len(tokens) <= 40:
        return
    seen = [_value_of(tokens)]
    for k, operand in enumerate(tokens[:-2]):
        inner = _tokens(operand) if isinstance(operand, ast.BinOp) else []
        if len(inner) < 3 or tokens[k + 1] not in ("**", "*", "/"):
            continue
        applied, rest = tokens[k + 1 : k + 3], tokens[k + 3 :]
        for cut in (c for c in range(1, len(inner) - 1) if inner[c] in ("+", "-")):
            term = inner[cut:]
            new = [*tokens[:k], "(", "(", *inner[:cut], ")", *applied, *term, ")", *rest]
            if (rebuilt := _rebuilt_as_new(new, seen)) is not None:
                fields = {"part": _text_of_tokens(term)}
                yield Draft("out-of-group", rebuilt, _span(operand), fields)
        ends = [e for e in range(1, len(rest)) if not isinstance(rest[e], str)]
        for end in ends if rest and rest[0] in ("+", "-") else ():
            term = rest[: end + 1]
            new = [*tokens[:k], "(", *inner, *term, ")", *applied, *rest[end + 1 :]]
            if (rebuilt := _rebuilt_as_new(new, seen)) is not None:
                fields = {"part": _text_of_tokens(term)}
                yield Draft("into-group", rebuilt, _span(operand), fields)


def _before_groups(site: Site, scope: Scope) -> Iterator[Draft]:
    """Move the first term of a group out of it that a factor stands before, as in a * (b + c)."""
    tokens = _tokens(site.node)
    if site.sealed or _is_part_of_a_chain(site) or not 3 <= len(tokens) <= 40:
        return
    seen = [_value_of(tokens)]
    for k in range(2, len(tokens)):
        operand = tokens[k]
        inner = _tokens(operand) if isinstance(operand, ast.BinOp) else []
        if tokens[k - 1] != "*" or len(inner) < 3:
            continue
        for cut in (c for c in range(1, len(inner) - 1) if inner[c] in ("+", "-")):
            first, rest = inner[: cut + 1], inner[cut + 1 :]
            product = [tokens[k - 2], "*", "(", *rest, ")"]
            new = [*tokens[: k - 2], "(", *first, *product, ")", *tokens[k + 1 :]]
            if (rebuilt := _rebuilt_as_new(new, seen)) is not None:
                fields = {"part": _text_of_tokens(first)}
                yield Draft("out-of-group", rebuilt, _span(operand), fields)


def _spread_functions(site: Site, scope: Scope) -> Iterator[Draft]:
    """Apply a function, or the square, to each part of a sum; or to the sum of such parts."""
    node = site.node
    if site.sealed or not isinstance(node, (ast.BinOp, ast.Call)):
        return
    inside, name = _applied(node, scope)
    if inside is not None and isinstance(inside, ast.BinOp):
        if isinstance(inside.op, (ast.Add, ast.Sub)):
            left, right = (_with_inside(node, part) for part in (inside.left, inside.right))
            new = ast.BinOp(left, inside.op, right)
            yield Draft("of-each", new, _span(node), {"name": name})
    yield from _squares_of_sums(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        left, name = _applied(node.left, scope)
        right, other = _applied(node.right, scope)
        if left is not None and right is not None and name == other:
            new = _with_inside(node.left, ast.BinOp(left, node.op, right))
            yield Draft("of-whole", new, _span(node), {"name": name})


def _squares_of_sums(node: ast.expr) -> Iterator[Draft]:
    """Square in a sum over a list what is squared behind it, or the other way round."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _called(node.left) == "sum":
        if len(node.left.args) == 1 and getattr(node.right, "value", None) == 2:
            inside = _apply("square", node.left.args[0])
            if isinstance(node.left.args[0], (ast.GeneratorExp, ast.ListComp)):
                inside = copy.copy(node.left.args[0])
                inside.elt = _apply("square", inside.elt)
            new = ast.Call(node.left.func, [inside], [])
            yield Draft("of-each", new, _span(node), {"name": "** 2"})
    if _called(node) == "sum" and len(node.args) == 1 and isinstance(node.args[0], COMPREHENSIONS):
        inside = node.args[0]
        power = getattr(inside, "elt", None)
        if isinstance(power, ast.BinOp) and isinstance(power.op, ast.Pow):
            plain = copy.copy(inside)
            plain.elt = power.left
            new = ast.BinOp(ast.Call(node.func, [plain], []), ast.Pow(), power.right)
            yield Draft("of-whole", new, _span(power), {"name": f"** {_text(power.right)}"})


def _applied(node: ast.expr, scope: Scope) -> tuple[ast.expr | None, str]:
    """Return what a function, or a power with a number, is applied to, and its text."""
    if isinstance(node, ast.Call) and _called(node) in ("pow", "power") and len(node.args) == 2:
        if isinstance(node.args[1], ast.Constant):
            return node.args[0], f"{_text(node.func)}(..., {_text(node.args[1])})"
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        if _called(node) in OF_NUMBERS or _called(node) in scope.helpers:
            return node.args[0], _text(node.func)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        if isinstance(node.right, ast.Constant):
            return node.left, f"** {_text(node.right)}"
    return None, ""


def _with_inside(node: ast.expr, inside: ast.expr) -> ast.expr:
    """Return the same function or power, applied to something else."""
    if isinstance(node, ast.Call):
        return ast.Call(node.func, [inside, *node.args[1:]], [])
    return ast.BinOp(inside, node.op, node.right)


def _is_part_of_a_chain(site: Site) -> bool:
    """Tell whether the parentheses of this expression are tried with those around it."""
    parent = site.parent
    if isinstance(parent, ast.UnaryOp):
        return not isinstance(site.node, ast.BinOp) or isinstance(site.node.op, ast.Pow)
    if not isinstance(parent, ast.BinOp) or type(parent.op) not in SYMBOLS:
        return False
    return _is_bare(site.node, SYMBOLS[type(parent.op)], site.field)


def _call_parentheses(site: Site, scope: Scope) -> Iterator[Draft]:
    """Move a part of an expression into the parentheses of a call beside it, or out of them."""
    if site.sealed or _is_part_of_a_chain(site):
        return
    tokens = _tokens(site.node)
    seen: list[Any] = []
    for k, operand in enumerate(tokens if len(tokens) <= 40 else ()):
        if not isinstance(operand, ast.Call) or not operand.args or operand.keywords:
            continue
        if len(operand.args) > 1 and _called(operand) not in ("pow", "power", "float_power"):
            continue
        if _called(operand) in LOOPS_AND_LISTS | CONSTRUCTORS | SHAPES:
            continue
        for cause, new, part in [*_moved_in(tokens, k), *_moved_out(tokens, k)]:
            if rebuilt := _with_call(new, operand, seen):
                name = _text(operand.func)
                fields = {"part": _text_of_tokens(part)}
                yield Draft(cause, rebuilt, _span(operand), {**fields, "name": name})


def _moved_in(tokens: list[Any], k: int) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """Yield tokens in which a call takes in what follows it, or what is before it."""
    inside = _tokens(tokens[k].args[0])
    for end in range(k + 2, len(tokens), 1):
        if not isinstance(tokens[end], str):
            part = tokens[k + 1 : end + 1]
            new = [*tokens[:k], "f", "(", *inside, *part, ")", *tokens[end + 1 :]]
            yield "belongs-inside", new, part
    for start in range(k - 2, -1, -1):
        if not isinstance(tokens[start], str):
            part = tokens[start:k]
            new = [*tokens[:start], "f", "(", *part, *inside, ")", *tokens[k + 1 :]]
            yield "belongs-inside", new, part


def _moved_out(tokens: list[Any], k: int) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """Yield tokens in which the end or the beginning of a call's argument is outside it."""
    inner = _tokens(tokens[k].args[0])
    for cut in range(1, len(inner) - 1):
        if not isinstance(inner[cut], str) or _is_prefix(inner, cut):
            continue
        left, operator, right = inner[:cut], inner[cut], inner[cut + 1 :]
        for call in (
            ["f", "(", *left, ")", operator, *right],
            [*left, operator, "f", "(", *right, ")"],
        ):
            part = [operator, *right] if call[0] == "f" else [*left, operator]
            yield "belongs-outside", [*tokens[:k], *call, *tokens[k + 1 :]], part
            grouped = [*tokens[:k], "(", *call, ")", *tokens[k + 1 :]]
            yield "belongs-outside", grouped, part


def _with_call(tokens: list[Any], call: ast.Call, seen: list[Any]) -> ast.expr | None:
    """Return the expression that tokens make, with the function of a call for each `f`."""
    rebuilt = _rebuilt_as_new(tokens, seen)
    for node in ast.walk(rebuilt) if rebuilt else ():
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "f":
            node.func = call.func
            node.args += call.args[1:]
    return rebuilt


# Operators, signs and operands


def _operators(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put another operator between two operands."""
    node = site.node
    if not isinstance(node, ast.BinOp) or type(node.op) not in SYMBOLS or site.sealed:
        return
    symbol = SYMBOLS[type(node.op)]
    if not _is_part_of_a_chain(site):
        yield from _operators_in_a_chain(site, scope)
    others = {"+": "*/", "-": "*/", "*": "/+-", "/": "*-+", "@": "*"}.get(symbol, "")
    if site.field in ("slice", "args") and getattr(node.right, "value", None) == 1:
        return  # such as k - 1: see `_off_by_one`
    if 1 in (getattr(node.left, "value", None), getattr(node.right, "value", None)):
        others = [other for other in others if other in "+-"]  # others only remove the 1
    others = (
        [*others, "**"] if symbol == "*" and others else ["*", "/"] if symbol == "**" else others
    )
    shown = _span_between(node.left, node.right, symbol, scope.lines)
    for other in others:
        new = _binary(node.left, other, node.right)
        yield Draft("operator", new, shown, {"operator": symbol})


def _operators_in_a_chain(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put another operator between two operands of several, with the order of operations it has."""
    tokens = _tokens(site.node)
    if not 5 <= len(tokens) <= 40:
        return
    seen = [_value_of(tokens)]
    for k in range(1, len(tokens) - 1):
        others = {"+": "*/", "-": "*/", "*": "+-", "/": "+-"}.get(_symbol_at(tokens, k), "")
        for other in others:
            new = [*tokens[:k], other, *tokens[k + 1 :]]
            if (rebuilt := _rebuilt_as_new(new, seen)) is not None:
                before = next(t for t in reversed(tokens[:k]) if not isinstance(t, str))
                after = next(t for t in tokens[k + 1 :] if not isinstance(t, str))
                shown = _span_between(before, after, tokens[k], scope.lines)
                yield Draft("operator", rebuilt, shown, {"operator": tokens[k]})


def _symbol_at(tokens: list[Any], k: int) -> str:
    """Return an operator between two operands; empty for an operand, or a sign."""
    return tokens[k] if isinstance(tokens[k], str) and not _is_prefix(tokens, k) else ""


def _comparisons(site: Site, scope: Scope, in_loops: bool = False) -> Iterator[Draft]:
    """Put another comparison into a test; into that of a `while`, or into all others."""
    node = site.node
    if not isinstance(node, ast.Compare) or len(node.ops) > 1 or site.field != "test":
        return
    if isinstance(site.parent, ast.While) != in_loops or scope.task in ("sigmoid", *BOTH_PASSES):
        return
    symbol = COMPARISONS.get(type(node.ops[0]))
    shown = _span_between(node.left, node.comparators[0], symbol or "", scope.lines)
    ordering = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    kinds = ordering if isinstance(node.ops[0], ordering) else (ast.Eq, ast.NotEq)
    for kind in kinds if symbol else ():
        if kind is not type(node.ops[0]):
            new = ast.Compare(node.left, [kind()], node.comparators)
            yield Draft("operator", new, shown, {"operator": symbol})


def _ends_of_loops(site: Site, scope: Scope) -> Iterator[Draft]:
    yield from _comparisons(site, scope, in_loops=True)


def _spelling(site: Site, scope: Scope) -> Iterator[Draft]:
    """Replace an operator that Python has, but that means something else: // and ^."""
    node = site.node
    for kind, cause, symbol in (
        (ast.FloorDiv, "integer-division", "/"),
        (ast.BitXor, "not-a-power", "**"),
    ):
        if isinstance(node, ast.BinOp) and isinstance(node.op, kind):
            shown = _span_between(node.left, node.right, SYMBOLS[kind], scope.lines)
            yield Draft(cause, _binary(node.left, symbol, node.right), shown)


def _signs(site: Site, scope: Scope) -> Iterator[Draft]:
    """Change a sign that is written."""
    node = site.node
    if site.sealed:
        return
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        shown = Span(node.lineno, node.col_offset, node.col_offset + 1)
        yield Draft("sign", node.operand, shown)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        symbol = SYMBOLS[type(node.op)]
        shown = _span_between(node.left, node.right, symbol, scope.lines)
        other = "-" if symbol == "+" else "+"
        # The difference of two vectors in a check is due: a sum would only undo another mistake
        is_difference = symbol == "-" and not _speaks_of_eps(node, scope)
        if scope.task != "gradient_checking" or not is_difference:
            yield Draft("sign", _binary(node.left, other, node.right), shown)


def _turned(site: Site, scope: Scope) -> Iterator[Draft]:
    """Let the two sides of a difference change places."""
    node = site.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub) or site.sealed:
        return
    if not isinstance(node.left, ast.Constant):  # 1 - a is as it has to be, nearly always
        yield Draft("turned", _binary(node.right, "-", node.left), _span(node))


def _missing_minus(site: Site, scope: Scope) -> Iterator[Draft]:
    if scope.task == "gradient_checking" and not _speaks_of_eps(site.node, scope):
        return  # the sign of a whole vector would only undo another mistake
    if _may_be_number(site) and _is_term(site):
        yield Draft("minus-missing", ast.UnaryOp(ast.USub(), site.node), _span(site.node))


def _operands(site: Site, scope: Scope) -> Iterator[Draft]:
    """Remove operands that stand side by side, and the operators between them."""
    if site.sealed or _is_part_of_a_chain(site):
        return
    tokens = _tokens(site.node)
    seen = [_value_of(tokens)]
    for start, end in _removable(tokens) if 3 <= len(tokens) <= 40 else ():
        rest = [*tokens[:start], *tokens[end + 1 :]]
        if (rebuilt := _rebuilt_as_new(rest, seen)) is not None:
            part = tokens[start : end + 1]
            shown = _span_of_tokens(tokens, start, end, scope.lines)
            yield Draft("must-go", rebuilt, shown, {"part": _text_of_tokens(part)})


def _removable(tokens: list[Any]) -> Iterator[tuple[int, int]]:
    """Yield from which token to which an operand, or several, can be removed: the last first."""
    starts = [k for k, t in enumerate(tokens) if isinstance(t, str) and not _is_prefix(tokens, k)]
    ends = [k for k, t in enumerate(tokens) if not isinstance(t, str)]
    pairs = [(start, end) for start in starts for end in ends if end > start]
    pairs += [(k, k + 1) for k in ends[1:-1] if tokens[k + 1] == "*"]
    pairs += [(0, start) for start in starts if tokens[start] in "+-*"]
    yield from sorted(pairs, key=lambda pair: (pair[1] - pair[0], -pair[0]))


def _span_of_tokens(tokens: list[Any], start: int, end: int, lines: list[str]) -> Span:
    """Return the span of some tokens, of which the first or the last is an operator."""
    operands = [t for t in tokens[start : end + 1] if not isinstance(t, str)]
    if not isinstance(tokens[start], str) or start == 0:
        return _span(operands[0], operands[-1])
    before = next(t for t in reversed(tokens[:start]) if not isinstance(t, str))
    operator = _span_between(before, operands[0], tokens[start], lines)
    last = operands[-1]
    stop = last.end_col_offset if last.end_lineno == operator.line else None
    return Span(operator.line, operator.start, stop)


def _text_of_tokens(tokens: list[Any]) -> str:
    parts = []
    for token in tokens:
        grouped = isinstance(token, (ast.BinOp, ast.IfExp))
        text = token if isinstance(token, str) else _text(token)
        parts.append(f"({text})" if grouped else text)
    return " ".join(parts)


def _may_be_number(site: Site) -> bool:
    """Tell whether arithmetic may be added here: not to constructors, tests, sizes or texts."""
    node = site.node
    if site.sealed or site.field in ("func", "slice", "target", "targets", "keys"):
        return False
    if isinstance(node, (ast.Constant, ast.Compare, ast.BoolOp, ast.JoinedStr, ast.Lambda)):
        return False
    if isinstance(node, (ast.Starred, *SEVERAL)) or not _is_read(node) or _is_unpacked(site):
        return False
    if site.field == "args" and _called(site.parent) not in OF_NUMBERS:
        return False
    return _called(node) not in CONSTRUCTORS | SHAPES | {"range", "len", "append", "zip", "tqdm"}


def _is_unpacked(site: Site) -> bool:
    """Tell whether a value of a dictionary is only given a name here, such as t = d["tanh"]."""
    item = isinstance(site.node, ast.Subscript) and _is_text(site.node.slice)
    around = site.up.field if site.up and site.field == "elts" else site.field
    is_named = isinstance(site.statement, ast.Assign) and not isinstance(
        site.statement.targets[0], ast.Subscript
    )
    return item and around == "value" and is_named


def _located(new: ast.AST, like: ast.AST) -> ast.AST:
    """Give new nodes the line of the node whose place they take; old ones inside have their own."""
    waiting = [new]
    while waiting:
        node = waiting.pop()
        if "lineno" not in node._attributes:
            waiting += ast.iter_child_nodes(node)
        elif not hasattr(node, "lineno"):
            ast.copy_location(node, like)
            waiting += ast.iter_child_nodes(node)
    return new


def _is_read(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _is_term(site: Site) -> bool:
    """Tell whether an expression is a whole term, not a factor of one; of several, the whole."""
    inside = isinstance(site.parent, (ast.BinOp, ast.UnaryOp))
    return not inside or isinstance(site.parent.op, (ast.Add, ast.Sub))


def _factors(site: Site, scope: Scope) -> Iterator[Draft]:
    """Multiply a term by a factor, or divide it by one."""
    if not _may_be_number(site) or not _is_term(site) or isinstance(site.statement, ast.For):
        return
    if scope.task == "gradient_checking" and not _speaks_of_eps(site.node, scope):
        return
    for word in scope.words:
        if (word in ("2", "len(X)")) != scope.losses_only and scope.task in LOOP_TASKS:
            continue
        over_data = site.loops and _loop_in_words(site.loops[-1], scope) == OVER_DATA
        if word == "len(X)" and over_data:
            continue  # a mean is made when all losses are there
        cause = "missing-some-factor" if word in SECRET else "missing-factor"
        new = _apply("times", site.node, _hidden(word))
        yield Draft(cause, new, _span(site.node), {"word": word})
        cause = "too-large" if word in ("2", "len(X)") else "line"  # no other is larger than 1
        new = _apply("over", site.node, _hidden(word))
        yield Draft(cause, new, _span(site.node), {"word": word})


def _speaks_of_eps(node: ast.AST, scope: Scope) -> bool:
    """Tell whether a part of a gradient check has to do with the step: with eps, or in a helper."""
    eps = {name for name, what in scope.settings.items() if what == "eps"}
    return not scope.settings or bool(eps & set(_names_in(node)))


def _terms(site: Site, scope: Scope) -> Iterator[Draft]:
    """Add a term."""
    if _may_be_number(site) and _is_term(site) and scope.task in (*BOTH_PASSES, "sigmoid"):
        for word in scope.words:
            cause = "line" if word in SECRET else "missing-term"
            new = _apply("plus", site.node, _hidden(word))
            yield Draft(cause, new, _span(site.node), {"word": word})


def _unused_factors(site: Site, scope: Scope) -> Iterator[Draft]:
    """Multiply a term by a value that was computed above and is used nowhere."""
    is_factor = _may_be_number(site) and _is_term(site) and scope.task == "backward_propagation"
    for target in scope.unused if is_factor else ():
        if target.lineno < site.node.lineno:
            factor = copy.deepcopy(target)
            factor.ctx = ast.Load()
            new = _apply("times", site.node, factor)
            yield Draft("missing-factor", new, _span(site.node), {"word": f"`{_text(target)}`"})


# Functions


def _superfluous_calls(site: Site, scope: Scope) -> Iterator[Draft]:
    """Remove a call: f(a) becomes a, and so do a.f() and clip(a, low, high)."""
    node, name = site.node, _called(site.node)
    if not name or name in LOOPS_AND_LISTS | CONSTRUCTORS | {"reshape", "where"}:
        return
    if site.sealed and not (scope.task in BOTH_PASSES and name in ("exp", "tanh", "sigmoid")):
        return
    if isinstance(site.statement, ast.Expr) and site.up is None:
        return  # what it does is not in its value
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value, scope):
        inside: list[ast.expr] = [node.func.value]
        part = f".{name}()"
    else:
        inside = _first_arguments(node, name)
        part = _text(node.func)
    cause = "should-not-be-here"
    if name in CLIPPING:
        cause = "clipped"
    elif name in CUTTING and not (name == "astype" and "float" in _text(node)[-7:]):
        cause = "cut-off"
    for argument in inside:
        yield Draft(cause, argument, _span(node.func, node.func), {"part": part, "name": name})
        if name in CLIPPING and _called(argument) in CLIPPING:
            for innermost in _first_arguments(argument, _called(argument)):
                fields = {"part": part, "name": name}
                yield Draft(cause, innermost, _span(node.func), fields)


def _is_module(node: ast.AST, scope: Scope) -> bool:
    return isinstance(node, ast.Name) and node.id not in scope.names


def _first_arguments(call: ast.Call, name: str) -> list[ast.expr]:
    """Return the arguments that a call may be replaced by."""
    numbers = [a for a in call.args if not isinstance(a, (ast.Constant, ast.UnaryOp, ast.Starred))]
    if name in CLIPPING | CUTTING:
        return numbers
    return call.args[:1] if len(call.args) == 1 and not call.keywords else []


def _other_functions(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put another function in the place of one."""
    node, name = site.node, _called(site.node)
    if name not in MATHEMATICS and name not in ALIKE or len(node.args) != 1 or site.sealed:
        return
    powered = site.up is not None and _applied(site.up.node, scope)[0] is site.node
    for other in _functions_of(scope.task):
        if other != name and not (powered and other == "norm"):
            fields = {"name": _text(node.func)}
            yield Draft("wrong-function", _apply(other, node.args[0]), _span(node.func), fields)


def _functions_of(task: str) -> tuple[str, ...]:
    return OF_VECTORS if task in LOOP_TASKS or task == "gradient_checking" else MATHEMATICS


def _sums_of_arguments(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put an operation on two arguments in the place of a function of them."""
    node, name = site.node, _called(site.node)
    if (
        isinstance(node, ast.Call)
        and len(node.args) == 2
        and name
        in CLIPPING | {"pow", "power", "dot", "hypot", "multiply", "add", "subtract", "divide"}
    ):
        for symbol in ("+", "*", "**", "-", "/"):
            fields = {"name": _text(node.func)}
            new = _binary(node.args[0], symbol, node.args[1])
            yield Draft("wrong-function", new, _span(node.func), fields)


def _sibling_terms(site: Site, scope: Scope) -> Iterator[Draft]:
    """Of a check, add the same function of another variable: the norm of the other vector."""
    node = site.node
    if scope.task != "gradient_checking" or _called(node) not in {*MATHEMATICS} | set(scope.names):
        return
    for name in scope.names if len(node.args) == 1 else ():
        new = ast.BinOp(node, ast.Add(), ast.Call(node.func, [_name(name)], node.keywords))
        yield Draft("missing-some-term", new, _span(node))


def _numbers_given(scope: Scope) -> set[str]:
    """Return the names of lr, gamma and the like: no formula has a function of them."""
    return {*scope.settings} | ({*scope.parameters} if scope.task in LOOP_TASKS else set())


def _is_setting(node: ast.expr, scope: Scope) -> bool:
    """Tell whether this is lr, eps or the like, or an attribute of such a name."""
    name = getattr(node, "id", "") or getattr(node, "attr", "")
    return name in _numbers_given(scope) or name in TASKS[scope.task].arguments[3:]


def _missing_squares(site: Site, scope: Scope) -> Iterator[Draft]:
    if _may_be_number(site) and not _is_setting(site.node, scope):
        yield Draft("missing-square", _apply("square", site.node), _span(site.node))
        yield Draft("missing-root", _apply("sqrt", site.node), _span(site.node))


def _missing_functions(site: Site, scope: Scope) -> Iterator[Draft]:
    if _is_setting(site.node, scope):
        return
    for function in _functions_of(scope.task) if _may_be_number(site) else ():
        if function not in ("square", "sqrt", _called(site.node)):
            cause = "line" if scope.task == "sigmoid" else "missing-function"
            yield Draft(cause, _apply(function, site.node), _span(site.node))


def _bases(site: Site, scope: Scope) -> Iterator[Draft]:
    """Use exp in the place of a power of a number that is nearly e, or of 10 or 2."""
    node = site.node
    name = _called(node)
    base, exponent = None, None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        base, exponent = node.left, node.right
    elif name in ("pow", "power") and len(node.args) == 2:
        base, exponent = node.args
    if isinstance(base, (ast.Constant, ast.Name)) and not site.sealed:
        number = _only_number(getattr(base, "id", ""), scope.definition.tree) or base
        fields = {"part": _text(number)}
        yield Draft("wrong-base", _apply("exp", exponent), _span(number), fields)


def _only_number(name: str, tree: ast.stmt) -> ast.Constant | None:
    """Return the number that a variable is set to, if a function sets it once, and to a number."""
    nodes = list(ast.walk(tree))
    names = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    if [each.id for each in names].count(name) != 1:
        return None
    values = [
        n.value
        for n in nodes
        if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == name
    ]
    return values[0] if values and isinstance(values[0], ast.Constant) else None


# Names and numbers


NEAREST = 12  # names that are tried early


def _other_names(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put another name in the place of one that is read."""
    if _is_read(site.node):
        yield from itertools.islice(_renamings(site, scope), NEAREST)


def _farther_names(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put a name of another spelling in the place of one that is read."""
    if _is_read(site.node):
        yield from itertools.islice(_renamings(site, scope), NEAREST, None)


def _other_targets(site: Site, scope: Scope) -> Iterator[Draft]:
    """Assign to another name."""
    for draft in _renamings(site, scope) if not _is_read(site.node) else ():
        yield replace(draft, cause="line")  # what was meant is not known


def _renamings(site: Site, scope: Scope) -> Iterator[Draft]:
    """Yield other names, those of like spelling first."""
    node = site.node
    if not isinstance(node, ast.Name) or site.field == "func":
        return
    if _is_length(site) or _is_in_test(site):
        return
    differ = {n: _difference(n, node.id) for n in _names_for(site, scope) if n != node.id}
    for name in sorted(differ, key=lambda n: (differ[n], n)):
        new = ast.Name(name, node.ctx)
        is_item = isinstance(site.parent, ast.Subscript) and site.field == "value"
        shown = site.parent if is_item else node  # of an item, the index may be wrong as well
        yield Draft("wrong-name", new, _span(shown), {"part": _text(shown)})


def _other_attributes(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put another attribute of the same object in the place of one that is read."""
    node = site.node
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return
    if node.value.id not in scope.names or site.field == "func" or not _is_read(node):
        return
    names = {
        each.attr
        for each in ast.walk(scope.definition.tree)
        if isinstance(each, ast.Attribute) and getattr(each.value, "id", "") == node.value.id
    }
    if node.attr[-1:].isdigit():  # of w8, also w1 ... w9
        names |= {f"{node.attr[:-1]}{k}" for k in range(1, 10)}
    for name in sorted(names - {node.attr}, key=lambda n: _difference(n, node.attr)):
        new = ast.Attribute(node.value, name, ast.Load())
        yield Draft("wrong-name", new, _span(node), {"part": _text(node)})


def _names_for_items(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put a variable in the place of an item or an attribute."""
    item = isinstance(site.node, (ast.Subscript, ast.Attribute)) and _is_read(site.node)
    sealed = site.sealed and scope.task in LOOP_TASKS
    if item and scope.task != "sigmoid" and site.field != "func" and not sealed:
        for name in _names_for(site, scope):
            yield Draft("wrong-name", _name(name), _span(site.node), {"part": _text(site.node)})


def _divisors(site: Site, scope: Scope) -> Iterator[Draft]:
    """Divide by the number of data points."""
    divides = isinstance(site.parent, ast.BinOp) and isinstance(site.parent.op, ast.Div)
    if scope.task in LOOP_TASKS and divides and site.field == "right" and not site.sealed:
        if isinstance(site.node, (ast.Name, ast.Call, ast.Attribute)):
            fields = {"part": _text(site.node)}
            yield Draft("wrong-name", _hidden("len(X)"), _span(site.node), fields)


def _reads_globals(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put a parameter in the place of a variable of the notebook."""
    node = site.node
    if isinstance(node, ast.Name) and node.id in scope.globals:
        for name in sorted(scope.parameters, key=lambda n: _difference(n, node.id)):
            new = ast.Name(name, node.ctx)
            yield Draft("reads-global", new, _span(node), {"part": node.id})


def _is_in_test(site: Site) -> bool:
    """Tell whether this is in a test that chooses a branch: an edit there may work by accident."""
    if site.field == "test" and isinstance(site.parent, (ast.If, ast.IfExp)):
        return True
    return site.up is not None and _is_in_test(site.up)


def _is_length(site: Site) -> bool:
    """Tell whether this is a size of an array, of which an edit might make too many."""
    around = site.parent
    if isinstance(around, ast.BinOp) and isinstance(around.op, ast.Mult):
        for operand in (around.left, around.right):
            if isinstance(operand, (ast.List, ast.Tuple, ast.JoinedStr)) or _is_text(operand):
                return True
    return bool(CONSTRUCTORS & {_called(here.parent) for here in _upwards(site) if here.up})


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


def _difference(one: str, other: str) -> tuple[bool, int]:
    return len(one) != len(other), sum(a != b for a, b in itertools.zip_longest(one, other))


def _grown(statement: ast.stmt) -> set[str]:
    """Return the names of what a statement puts something into, as in a.append(b) or a[k] = b.

    Nothing may be put into itself: an array made of such a list has no end.
    """
    call = getattr(statement, "value", None)
    targets = [t for t in _assigned(statement) if not isinstance(t, ast.Name)]
    targets += [statement.target] if isinstance(statement, ast.AugAssign) else []
    targets += [call.func] if isinstance(call, ast.Call) else []
    return {_root(target) for target in targets}


def _names_for(site: Site, scope: Scope) -> list[str]:
    """Return the names of a function that may be put at a place."""
    is_indexed = isinstance(site.parent, ast.Subscript) and site.field == "value"
    left_out = set() if is_indexed else _grown(site.statement)
    if site.up is None and isinstance(site.statement, ast.Assign):
        left_out |= {_root(target) for target in site.statement.targets}  # v = v does nothing
    return [name for name in scope.names if name not in left_out]


def _other_numbers(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put another number, a variable or an argument in the place of a number."""
    node = site.node
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        value = -node.operand.value if isinstance(node.op, ast.USub) else None
    if type(value) not in (int, float) or _is_length(site) or _is_in_test(site):
        return
    part = {"part": _text(node)}
    if site.field == "slice":
        held = _span(site.parent)
        part = {"part": _text(site.parent)}
        for other in sorted(range(-1, 9), key=lambda k: abs(k - value)):
            if other != value:
                yield Draft("wrong-name", ast.Constant(other), held, part)
        for name in _names_for(site, scope):
            yield Draft("wrong-name", _name(name), held, part)
        return
    for other in (value - 1, value + 1, 0, 1, 2, 0.5, -value):
        if abs(other - value) > 1e-9:
            yield Draft("wrong-number", ast.Constant(other), _span(node), part)
    if scope.task in LOOP_TASKS and not isinstance(site.statement, ast.For):
        yield Draft("wrong-number", _hidden("len(X)"), _span(node), part)
    for name in _names_for(site, scope):
        if name not in scope.settings:
            yield Draft("wrong-number", _name(name), _span(node), part)


def _hard_coded(site: Site, scope: Scope) -> Iterator[Draft]:
    """Use an argument in the place of a number."""
    node = site.node
    value = node.value if isinstance(node, ast.Constant) else None
    if type(value) not in (int, float) or site.field == "slice":
        return
    if _is_length(site) or _is_in_test(site):
        return
    for name, what in scope.settings.items():
        if what == "epochs" and not isinstance(site.statement, (ast.For, ast.While)):
            continue  # the number of epochs bounds a loop, and is no number to calculate with
        plain = value in (0, 1, 2)  # such a number may be correct as a number
        cause = "wrong-number" if plain else "hard-coded"
        fields = {"part": _text(node), "argument": name}
        yield Draft(cause, _name(name), _span(node), fields)
        if what in ("gamma", "beta1", "beta2") and not plain:
            new = ast.BinOp(ast.Constant(1), ast.Sub(), _name(name))
            yield Draft("hard-coded-share", new, _span(node), fields)


def _other_keys(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put another key of the two dictionaries in the place of one."""
    node = site.node
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        for key in dict.fromkeys((*FORWARD_KEYS, *BACKWARD_KEYS, *scope.keys)):
            if key != node.value and not isinstance(site.parent, ast.Expr):
                part = {"part": repr(node.value)}
                yield Draft("wrong-name", ast.Constant(key), _span(node), part)
        for name in scope.names if site.field == "slice" else ():
            part = {"part": repr(node.value)}
            yield Draft("wrong-name", _name(name), _span(node), part)


def _off_by_one(site: Site, scope: Scope) -> Iterator[Draft]:
    """Add 1 to an index, a key or a bound, or subtract it."""
    node = site.node
    text = isinstance(getattr(site.parent, "op", site.parent), (ast.Mod, ast.FormattedValue))
    place = site.field in ("slice", "right" if text else "slice", "value" if text else "slice")
    place = place or site.field in ("lower", "upper")
    place = place or (
        site.field == "args" and _called(site.parent) in ("range", "str", "enumerate")
    )
    if not place or isinstance(node, (ast.Tuple, ast.Slice)) or not _is_read(node):
        return
    if scope.task in LOOP_TASKS and site.field == "slice" and isinstance(node, ast.Name):
        return  # v[j - 1] is the state of another update as well, since v[-1] is the last one
    if isinstance(node, ast.Constant) and (type(node.value) is not int or site.field == "slice"):
        return
    if isinstance(node, ast.BinOp) and getattr(node.right, "value", None) == 1:
        news = [node.left]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        return
    elif isinstance(node, ast.Constant):
        news = [ast.Constant(node.value + 1), ast.Constant(node.value - 1)]
    else:
        news = [_binary(node, symbol, ast.Constant(1)) for symbol in "+-"]
    for new in news:
        words = f"({_text(new)})" if text and isinstance(new, ast.BinOp) else _text(new)
        yield Draft("off-by-one", new, _span(node), {"new": words})


def _missing_indices(site: Site, scope: Scope) -> Iterator[Draft]:
    """Add an index to a name, but that of a loop over the data points only to the data."""
    over_data = [loop for loop in site.loops if "line" not in _loop_in_words(loop, scope)]
    left_out = {name for loop in over_data for name in _target_names([loop])}
    if isinstance(site.node, ast.Name) and site.field in ("args", "left", "right", "value"):
        for name in sorted({*scope.names} - {*scope.parameters, site.node.id}):
            if name not in left_out or site.node.id in scope.parameters:
                new = ast.Subscript(site.node, _name(name), site.node.ctx)
                yield Draft("missing-index", new, _span(site.node), {"part": site.node.id})


def _indices_removed(site: Site, scope: Scope) -> Iterator[Draft]:
    """Remove an index, or the bounds of a slice."""
    node = site.node
    if isinstance(node, ast.Subscript) and _is_read(node):
        part = f"[{_text(node.slice)}]"
        yield Draft("should-not-be-here", node.value, _span(node), {"part": part})


def _shifted_slices(site: Site, scope: Scope) -> Iterator[Draft]:
    """Shift both bounds of a slice by one."""
    node = site.node
    if isinstance(node, ast.Slice) and node.lower and node.upper:
        for by in (-1, 1):
            bounds = [_shifted(bound, by) for bound in (node.lower, node.upper)]
            part = {"part": _text(site.parent)}
            yield Draft("wrong-name", ast.Slice(*bounds), _span(site.parent), part)


def _shifted(bound: ast.expr | None, by: int) -> ast.expr | None:
    if isinstance(bound, ast.Constant) and type(bound.value) is int:
        return ast.Constant(bound.value + by)
    return bound


def _parameters_of(tree: ast.stmt) -> list[str]:
    """Return the names of the parameters of a function, or of a class: those of __init__."""
    for method in tree.body if isinstance(tree, ast.ClassDef) else ():
        if getattr(method, "name", "") == "__init__":
            return _parameters_of(method)[1:]
    return [node.arg for node in tree.args.args] if isinstance(tree, ast.FunctionDef) else []


def _swapped_arguments(site: Site, scope: Scope) -> Iterator[Draft]:
    """Exchange two arguments of a helper, those first that then have its parameters' names."""
    names = scope.helpers.get(_called(site.node), [])
    if not names or not isinstance(site.node, ast.Call):
        return
    given = [getattr(node, "id", "") for node in getattr(site.node, "args", [])]
    pairs = []
    for draft in _exchanged_items(site, scope):
        new = [getattr(node, "id", "") for node in draft.new.args]
        better = sum(a == b for a, b in zip(new, names)) - sum(a == b for a, b in zip(given, names))
        pairs.append((-better, len(pairs), draft))
    for worse, _, draft in sorted(pairs, key=lambda pair: pair[:2]):
        if worse <= 0:
            yield draft


def _renamed_arguments(site: Site, scope: Scope) -> Iterator[Draft]:
    """Exchange two arguments of a helper that then have the names of its parameters."""
    names = scope.helpers.get(_called(site.node), [])
    for draft in _swapped_arguments(site, scope):
        new = [getattr(node, "id", "") for node in draft.new.args]
        if sum(a == b for a, b in zip(new, names)) == len(names):
            yield draft


def _swapped_items(site: Site, scope: Scope) -> Iterator[Draft]:
    """Exchange two arguments of a call, two items of a list, or two operands."""
    node = site.node
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Pow, ast.FloorDiv)):
        symbol = SYMBOLS[type(node.op)]
        fields = {"one": _text(node.left), "other": _text(node.right)}
        new = _binary(node.right, symbol, node.left)
        if not site.sealed:
            yield Draft("swapped", new, _span(node), fields)
        factor = node.left if isinstance(node.op, ast.Div) else None
        if isinstance(factor, ast.BinOp) and isinstance(factor.op, ast.Mult) and not site.sealed:
            new = _binary(_binary(factor.left, "*", node.right), "/", factor.right)
            fields = {"one": _text(factor.right), "other": _text(node.right)}
            yield Draft("swapped", new, _span(factor.right, node.right), fields)
    if not (isinstance(node, ast.Call) and _called(node) in scope.helpers):
        yield from _exchanged_items(site, scope)


def _exchanged_items(site: Site, scope: Scope) -> Iterator[Draft]:
    """Exchange two arguments of a call, or two items of a list."""
    node = site.node
    part = "args" if isinstance(node, ast.Call) else "elts"
    part = "values" if isinstance(node, ast.Dict) else part
    items = getattr(node, part, [])
    for (i, one), (k, other) in itertools.combinations(enumerate(items[:12]), 2):
        if ast.dump(one) == ast.dump(other) or isinstance(one, ast.Starred):
            continue
        if isinstance(getattr(node, "ctx", None), ast.Store) and not _are_read(one, other, scope):
            continue  # then one of them may as well be wrong where it is read
        changed = [*items[:i], other, *items[i + 1 : k], one, *items[k + 1 :]]
        new = copy.copy(node)
        setattr(new, part, changed)
        fields = {"one": _text(one, 30), "other": _text(other, 30)}
        cause = "line" if _called(site.parent) in CONSTRUCTORS else "swapped"
        yield Draft(cause, new, _span(one, other), fields)


def _are_read(one: ast.expr, other: ast.expr, scope: Scope) -> bool:
    """Tell whether two variables are both read in the function."""
    read = [
        node.id
        for node in ast.walk(scope.definition.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]
    return all(isinstance(n, ast.Name) and n.id in read for n in (one, other))


# Types: tuples, arrays of whole numbers, dictionaries in another order, iterators


def _types(site: Site, scope: Scope) -> Iterator[Draft]:
    """Undo what makes a value of the wrong type."""
    node, name = site.node, _called(site.node)
    if isinstance(node, ast.Tuple) and len(node.elts) == 1 and site.field == "value":
        (only,) = node.elts
        start = only.end_col_offset if only.end_lineno == only.lineno else only.col_offset
        yield Draft("tuple", only, Span(only.lineno, start, start + 1))
    if name in CONSTRUCTORS | {"array", "asarray"}:
        yield Draft("integer-array", _apply("floats", node), _span(node))
        rest = [k for k in node.keywords if k.arg != "dtype"]
        for keyword in node.keywords:
            if keyword.arg == "dtype" and "int" not in _text(keyword.value):
                new = ast.Call(node.func, node.args, rest)
                part = f"dtype={_text(keyword.value)}"
                short = re.search("16|32|half|single", part)
                cause = "precision" if short else "should-not-be-here"
                yield Draft(cause, new, _span(keyword), {"part": part})
    if name == "values" and isinstance(node.func, ast.Attribute):
        new = _apply("gradients", node.func.value)
        yield Draft("values-order", new, _span(node), {"part": ".values()"})
    if name in ("zip", "map", "filter", "enumerate", "reversed", "iter") and not site.sealed:
        yield Draft("used-up", _apply("list", node), _span(node), {"name": name})
    if isinstance(node, ast.GeneratorExp) and isinstance(site.statement, ast.Assign):
        yield Draft("used-up", _apply("list", node), _span(node), {"name": "a generator"})


def _copies(site: Site, scope: Scope) -> Iterator[Draft]:
    """Copy what two names may share: in `a = b`, and in what is returned."""
    assigned = isinstance(site.parent, (ast.Assign, ast.Return)) and site.field == "value"
    shareable = isinstance(site.node, (ast.Name, ast.Subscript, ast.Attribute))
    if assigned and shareable:
        yield Draft("shared", _apply("copy", site.node), _span(site.node))


def _repeated_items(site: Site, scope: Scope) -> Iterator[Draft]:
    """Make the items of `[item] * n`, and the values of dict.fromkeys, objects of their own."""
    node = site.node
    sides = (node.left, node.right) if isinstance(node, ast.BinOp) else ()
    lists = [side for side in sides if isinstance(side, ast.List) and side.elts]
    kinds = (ast.List, ast.Dict, ast.Call)
    items = any(isinstance(item, kinds) for each in lists for item in each.elts)
    if items and isinstance(node.op, ast.Mult) or _called(node) == "fromkeys":
        yield Draft("one-object", _apply("separate", node), _span(node))


def _copied_arguments(site: Site, scope: Scope) -> Iterator[Draft]:
    """Copy what is kept in a list, or given to a function."""
    shareable = isinstance(site.node, (ast.Name, ast.Subscript, ast.Attribute, ast.BinOp))
    if shareable and site.field in ("args", "elts") and _is_read(site.node):
        yield Draft("shared", _apply("copy", site.node), _span(site.node))


def _pairs(site: Site, scope: Scope) -> Iterator[Draft]:
    """Return a second value, too."""
    if isinstance(site.parent, ast.Return) and scope.task in LOOP_TASKS and scope.settings:
        for name in scope.names:
            yield Draft("pair", ast.Tuple([site.node, _name(name)], ast.Load()), _span(site.node))


# Adam's number of the update, and its bias correction


def _counts(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put the number of the update in the place of an exponent, or of a value."""
    node = site.node
    t = _hidden("t")
    if scope.task != "train_adam" or not _is_read(node) or isinstance(node, SEVERAL):
        return
    if _is_exponent(site, scope) and _is_set(node, scope) or _counts_up(site.statement):
        return  # rather, what sets it is wrong, or where it does so
    if _is_exponent(site, scope) or _is_handed_on(site, scope):
        fields = {"part": _text(node), "is_counted": False}
        yield Draft("wrong-t", t, _span(node), fields)
        if not _is_exponent(site, scope):  # perhaps before the backward pass of this update
            new = ast.BinOp(t, ast.Add(), ast.Constant(1))
            yield Draft("wrong-t", new, _span(node), fields)
    difference = isinstance(site.parent, ast.BinOp) and isinstance(site.parent.op, ast.Sub)
    if difference and site.field == "right" and not isinstance(node, ast.BinOp):
        yield Draft("constant-correction", _apply("power", node, t), _span(node))


def _used_counts(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put the number of the update in the place of an exponent that is set elsewhere."""
    if scope.task == "train_adam" and _is_read(site.node) and not isinstance(site.node, SEVERAL):
        if _is_exponent(site, scope) and _is_set(site.node, scope):
            fields = {"part": _text(site.node), "is_counted": True}
            yield Draft("wrong-t", _hidden("t"), _span(site.node), fields)


def _is_set(node: ast.expr, scope: Scope) -> bool:
    """Tell whether this is an attribute, an item or a variable that a statement sets."""
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return True
    loops = (ast.For, ast.comprehension)
    statements = [s for s, _ in _statements(scope.definition.tree) if not isinstance(s, loops)]
    return getattr(node, "id", "") in _target_names(statements)


def _is_exponent(site: Site, scope: Scope) -> bool:
    """Tell whether this is an exponent, of what is not a parameter of a helper."""
    if not scope.settings and getattr(site.node, "id", "") in scope.parameters:
        return False
    if isinstance(site.parent, ast.BinOp):
        return isinstance(site.parent.op, ast.Pow) and site.field == "right"
    return _called(site.parent) in ("pow", "power") and site.index == 1


def _is_handed_on(site: Site, scope: Scope) -> bool:
    """Tell whether a value in a loop is assigned, or given to a helper."""
    assigned = isinstance(site.parent, ast.Assign) and site.field == "value"
    given = _called(site.parent) in scope.helpers and site.field == "args"
    return bool(site.loops) and (assigned or given)


def _corrections(site: Site, scope: Scope) -> Iterator[Draft]:
    """Multiply by both bias corrections, or divide by one of them."""
    if scope.task == "train_adam" and _may_be_number(site) and _is_term(site) and site.loops:
        new = _apply("times", site.node, _hidden("bias correction"))
        yield Draft("no-bias-correction", new, _span(site.node))
        for word in ("1 - beta1^t", "1 - beta2^t"):
            new = _apply("over", site.node, _hidden(word))
            yield Draft("half-bias-correction", new, _span(site.node))


def _known_numbers(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put a value of the graph in the place of a number with decimals."""
    number = isinstance(site.node, ast.Constant) and type(site.node.value) is float
    if scope.task in BOTH_PASSES and number and not scope.is_helper:
        for word in scope.words:  # a helper may be called with wrong arguments
            fields = {"part": _text(site.node)}
            yield Draft("wrong-number", _hidden(word), _span(site.node), fields)


def _known_operands(site: Site, scope: Scope) -> Iterator[Draft]:
    """Put a weight, a feature or a value of the graph in the place of a name or an item.

    This proves something only in a statement of which all that it uses is known to be correct.
    """
    simple = isinstance(site.node, (ast.Name, ast.Subscript, ast.Attribute, ast.Call))
    if scope.task not in BOTH_PASSES or not simple:
        return
    if not _is_read(site.node) or _is_unpacked(site) or site.sealed or site.field == "func":
        return
    if site.field == "args" and getattr(site.parent.func, "id", "") in scope.own_functions:
        return  # that function may be wrong, too
    lacking = ("2", "L", "ŷ", "1 - tanh²", "1 - sigmoid", "σ·(1 - σ)")  # something is missing then
    nodes = [f"node {k}" for k in range(len(PASS_NUMBERS[0]["values"]))]
    for word in (*scope.words, *nodes):
        if word not in lacking:
            fields = {"part": _text(site.node)}
            new = _apply("instead", site.node, _hidden(word))
            yield Draft("wrong-name", new, _span(site.node), fields)


# ---------------------------------------------------------------------------------------
# Edits of statements
# ---------------------------------------------------------------------------------------


@record(frozen=True)
class Edit:
    """An edit of the code: its changes, and what may be said of it if it repairs the code."""

    cause: str
    function: str
    changes: tuple[Change, ...]
    shown: Span
    fields: dict[str, Any] = field(default_factory=dict)
    statement: ast.stmt | None = None  # that it changes
    also: tuple[int, ...] = ()  # other lines that change along with it
    times: int = 1  # how often the same change is made in this line
    unit: ast.AST | None = (
        None  # the item of a list or dictionary that it changes, or the statement
    )


@record(frozen=True)
class Row:
    """A statement and where it is."""

    statement: ast.stmt
    block: list[ast.stmt]
    owner: ast.AST  # of the block
    field: str
    loops: tuple[ast.stmt, ...]
    scope: Scope

    @property
    def function(self) -> str:
        return self.scope.definition.name

    @property
    def index(self) -> int:
        return next(k for k, each in enumerate(self.block) if each is self.statement)

    def edit(self, cause: str, block: list[ast.stmt], shown: Span | None = None, **fields) -> Edit:
        """Return an edit that replaces the block of this statement."""
        change = (self.owner, self.field, None, block)
        shown = shown or _head(self.statement)
        return Edit(cause, self.function, (change,), shown, fields, self.statement)

    def replaced(self, new: ast.stmt) -> list[ast.stmt]:
        new = _located(new, self.statement)
        return [new if each is self.statement else each for each in self.block]

    def without(self) -> list[ast.stmt]:
        rest = [each for each in self.block if each is not self.statement]
        own = [each for each in rest if not _is_guard(each)]
        return rest if own else [*rest, ast.copy_location(ast.Pass(), self.statement)]


def _rows(tree: ast.stmt, scope: Scope, loops: tuple = ()) -> Iterator[Row]:
    """Yield all statements inside a function."""
    for part in ("body", "orelse", "finalbody"):
        block = getattr(tree, part, None)
        inside = (*loops, tree) if isinstance(tree, (ast.For, ast.While)) else loops
        for statement in list(block) if isinstance(block, list) else ():
            if not _is_guard(statement):
                yield Row(statement, block, tree, part, inside, scope)
                yield from _rows(statement, scope, inside)


def _head(statement: ast.stmt) -> Span:
    """Return the span of a statement; of one with a block, that of its first line."""
    return (
        Span(statement.lineno, statement.col_offset, None)
        if _has_block(statement)
        else _span(statement)
    )


def _has_block(statement: ast.stmt) -> bool:
    return isinstance(getattr(statement, "body", None), list)


def _is_guard(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and getattr(statement.value, "func", None) is not None
        and (getattr(statement.value.func, "id", "") == "‹pass()›")
    )


def _assigned(statement: ast.stmt) -> list[ast.expr]:
    """Return the targets of an assignment."""
    if isinstance(statement, ast.Assign):
        return statement.targets
    return [statement.target] if isinstance(statement, (ast.AugAssign, ast.AnnAssign)) else []


def _signs_of_assignments(row: Row) -> Iterator[Edit]:
    """Exchange += and -=."""
    statement = row.statement
    other = {ast.Add: ast.Sub, ast.Sub: ast.Add}.get(type(getattr(statement, "op", None)))
    if isinstance(statement, ast.AugAssign) and other:
        new = ast.AugAssign(statement.target, other(), statement.value)
        yield row.edit("sign", row.replaced(new), _augmented(row))


def _augmented(row: Row) -> Span:
    """Return the span of an operator such as +=."""
    statement = row.statement
    symbol = f"{SYMBOLS.get(type(statement.op), '?')}="
    return _span_between(statement.target, statement.value, symbol, row.scope.lines)


def _is_equation(node: ast.AST) -> bool:
    """Tell whether this compares a variable or an item with something by ==."""
    if not isinstance(node, ast.Compare) or not isinstance(node.left, (ast.Name, ast.Subscript)):
        return False
    return isinstance(node.ops[0], ast.Eq)


def _slips_of_assignments(row: Row) -> Iterator[Edit]:
    """Assign where only a comparison is written, or where `=-` is written for `-=`."""
    statement = row.statement
    lines = row.scope.lines
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Expr) and _is_equation(value):
        target = copy.copy(value.left)
        target.ctx = ast.Store()
        new = ast.Assign([target], value.comparators[0])
        shown = _span_between(value.left, value.comparators[0], "==", lines)
        yield row.edit("not-an-assignment", row.replaced(new), shown)
    if isinstance(statement, ast.Assign):
        symbol = _first_sign(value)
        if symbol and re.search(r"=[-+]", lines[statement.lineno - 1]):
            operator = ast.Sub() if symbol == "-" else ast.Add()
            new = ast.AugAssign(statement.targets[0], operator, _without_first_sign(value))
            shown = _span_between(statement.targets[0], value, "=", lines)
            yield row.edit("spaced-operator", row.replaced(new), shown, operator=symbol)


def _first_sign(value: ast.expr) -> str:
    """Return the sign with which an expression begins; empty if there is none."""
    while isinstance(value, ast.BinOp):
        value = value.left
    sign = type(value.op) if isinstance(value, ast.UnaryOp) else None
    return {ast.USub: "-", ast.UAdd: "+"}.get(sign, "")


def _without_first_sign(value: ast.expr) -> ast.expr:
    """Return an expression without the sign with which it begins."""
    if isinstance(value, ast.UnaryOp):
        return value.operand
    shorter = copy.copy(value)
    shorter.left = _without_first_sign(value.left)
    return shorter


def _accumulations(row: Row) -> Iterator[Edit]:
    """Exchange = and += or -=."""
    statement = row.statement
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, (ast.Add, ast.Sub)):
        symbol = f"{SYMBOLS[type(statement.op)]}="
        new = ast.Assign([statement.target], statement.value)
        yield row.edit("adds-up-twice", row.replaced(new), _augmented(row), operator=symbol)
    if not isinstance(statement, ast.Assign) or len(statement.targets) > 1:
        return
    (target,) = statement.targets
    if ast.unparse(target) in map(ast.unparse, ast.walk(statement.value)):
        return  # the old value is kept, as in v = v + 1
    if isinstance(target, (ast.Subscript, ast.Attribute)) or _is_set_before(target, row):
        shown = _span_between(target, statement.value, "=", row.scope.lines)
        factors = (ast.Mult(),) if row.scope.task in BOTH_PASSES else ()
        for operator in (ast.Add(), ast.Sub(), *factors):
            new = ast.AugAssign(target, operator, statement.value)
            symbol = SYMBOLS[type(operator)]
            yield row.edit("adds-up", row.replaced(new), shown, operator=symbol)


def _at_once(row: Row) -> Iterator[Edit]:
    """Make one assignment after the other of `a, b = f(a), g(a)`."""
    statement = row.statement
    targets = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if not isinstance(targets, ast.Tuple) or not isinstance(statement.value, ast.Tuple):
        return
    pairs = list(zip(targets.elts, statement.value.elts))
    names = [_text(target) for target, _ in pairs]
    for k, (_, value) in enumerate(pairs[1:], 1):
        for read in map(_text, ast.walk(value)):
            if read in names[:k]:
                each = [_located(ast.Assign([one], its), statement) for one, its in pairs]
                before = row.block[: row.index]
                after = row.block[row.index + 1 :]
                shown = _span(value)
                yield row.edit("at-once", [*before, *each, *after], shown, part=read)
                return


def _decays(row: Row) -> Iterator[Edit]:
    """Multiply the old value of `v += ...` by one of the settings."""
    statement = row.statement
    scope = row.scope
    if scope.task not in LOOP_TASKS or not isinstance(statement, ast.AugAssign):
        return
    if not isinstance(statement.op, (ast.Add, ast.Sub)):
        return
    old = copy.copy(statement.target)
    old.ctx = ast.Load()
    for word in ("gamma", "beta1", "beta2"):
        if word in scope.words:
            kept = ast.BinOp(old, ast.Mult(), _hidden(word))
            new = ast.Assign([statement.target], ast.BinOp(kept, statement.op, statement.value))
            fields = {"part": _text(old), "word": word}
            yield row.edit("no-decay", row.replaced(new), _span(statement.target), **fields)


def _is_set_before(target: ast.expr, row: Row) -> bool:
    """Tell whether a variable may have an old value: set in a loop, or above in this block."""
    above = _target_names(row.block[: row.index])
    return bool(row.loops) or getattr(target, "id", "") in above


def _counters(row: Row) -> Iterator[Edit]:
    """Set the counter of a `while` before the loop."""
    statement = row.statement
    if not isinstance(statement, ast.While):
        return
    counted = _target_names([s for s in statement.body if _counts_up(s)])
    last_loop = max((k for k in range(row.index) if _has_block(row.block[k])), default=-1)
    set_since = _target_names(row.block[last_loop + 1 : row.index])  # then that value is wrong
    for name in sorted(counted & {*_names_in(statement.test)} - set_since):
        for start in range(9):
            new = _located(
                ast.Assign([ast.Name(name, ast.Store())], ast.Constant(start)), statement
            )
            at = row.index
            block = [*row.block[:at], new, *row.block[at:]]
            yield row.edit("counter", block, name=name)


def _set_again(row: Row) -> Iterator[Edit]:
    """Repeat an assignment below, where lines have changed what it sets, before what reads it."""
    statement = row.statement
    targets = _assigned(statement) if isinstance(statement, ast.Assign) else []
    if len(targets) != 1 or not isinstance(targets[0], ast.Name):
        return
    name = targets[0].id
    if name in _names_in(statement.value):
        return
    is_changed = False
    for at in range(row.index + 1, len(row.block)):
        below = row.block[at]
        inside = list(ast.walk(below))
        added_to = _target_names([n for n in inside if isinstance(n, ast.AugAssign)])
        loaded = {n.id for n in inside if isinstance(n, ast.Name) and _is_read(n)}
        reads = name in loaded | added_to
        changes = name in _target_names([n for n in inside if isinstance(n, ast.stmt)])
        if is_changed and reads:
            block = [*row.block[:at], statement, *row.block[at:]]
            edit = row.edit("set-again", block, _head(below), name=name)
            yield replace(edit, statement=below)
        is_changed = is_changed or changes


def _early_stops(row: Row) -> Iterator[Edit]:
    """Remove what ends a loop early, and what gives an argument another value."""
    statement = row.statement
    names = [t.id for t in _assigned(statement) if isinstance(t, ast.Name)]
    arguments = [n for n in names if n in row.scope.settings]
    if arguments and not set(names) & set(_names_in(getattr(statement, "value", statement))):
        yield row.edit("overwritten-argument", row.without(), name=arguments[0])
    stops = any(isinstance(n, (ast.Break, ast.Return)) for n in ast.walk(statement))
    if stops and row.loops and isinstance(statement, (ast.If, ast.Return, ast.Break)):
        yield row.edit("early-stop", row.without())


def _takes_note(statement: ast.stmt) -> bool:
    """Tell whether a statement notes what has been done, as seen.add(node) does."""
    return isinstance(statement, ast.Expr) and _called(statement.value) == "add"


def _superfluous_lines(row: Row) -> Iterator[Edit]:
    """Remove a statement; but not one that only keeps a loop from doing things twice."""
    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Return, ast.For, ast.While, ast.If)
    if not isinstance(row.statement, kept) and not _takes_note(row.statement):
        yield row.edit("line-must-go", row.without())


def _exchanges(row: Row) -> Iterator[Edit]:
    """Exchange two variables that are read in a statement."""
    places = [p for p in _read_variables(row.statement) if p[3].lineno == row.statement.lineno]
    fitting = _fitting_arguments(row)
    for (p, part, i, one), (q, other_part, k, other) in itertools.combinations(places[:12], 2):
        if id(one) in fitting and id(other) in fitting:
            continue
        if ast.dump(one) != ast.dump(other) and one.col_offset < other.col_offset:
            changes = ((p, part, i, other), (q, other_part, k, one))
            fields = {"one": _text(one), "other": _text(other)}
            shown = _span(one, other)
            yield Edit("swapped", row.function, changes, shown, fields, row.statement)


def _fitting_arguments(row: Row) -> set[int]:
    """Return the ids of arguments of helpers that have the name of their parameter."""
    return {
        id(given)
        for call in ast.walk(row.statement)
        if isinstance(call, ast.Call)
        for given, name in zip(call.args, row.scope.helpers.get(_called(call), ()))
        if getattr(given, "id", "") == name
    }


def _names_of_tuples(row: Row) -> Iterator[Edit]:
    """Put other names in the place of two at once, in a tuple that is returned or assigned."""
    value = getattr(row.statement, "value", None)
    if not isinstance(value, ast.Tuple) or not isinstance(row.statement, (ast.Return, ast.Assign)):
        return
    places = [k for k, item in enumerate(value.elts) if isinstance(item, ast.Name)]
    for i, k in itertools.combinations(places, 2):
        one, other = value.elts[i], value.elts[k]
        nearest = [sorted(row.scope.names, key=lambda n: _unlike(n, v.id)) for v in (one, other)]
        for new in itertools.product(nearest[0][:4], nearest[1][:4]):
            if new[0] != one.id and new[1] != other.id:
                names = [_located(_name(name), one) for name in new]
                changes = ((value, "elts", i, names[0]), (value, "elts", k, names[1]))
                fields = {"one": one.id, "other": other.id}
                shown = _span(one, other)
                yield Edit("wrong-names", row.function, changes, shown, fields, row.statement)


def _unlike(name: str, other: str) -> tuple[bool, int]:
    """Return by how much two names differ: the least if one is the beginning of the other."""
    return not (name.startswith(other) or other.startswith(name)), abs(len(name) - len(other))


def _read_variables(node: ast.AST) -> Iterator[Change]:
    """Yield the places of the names and items that are read in a statement without a block."""
    for parent, part, index, child in _children(node):
        if isinstance(child, (ast.Name, ast.Subscript)) and part != "func" and _is_read(child):
            yield parent, part, index, child
        else:
            yield from _read_variables(child)


def _starts(row: Row) -> Iterator[Edit]:
    """Let a state start at 0, or the weights at those that are given: before the loops only."""
    statement = row.statement
    if not isinstance(statement, ast.Assign) or row.loops:
        return
    given = [
        n for n in row.scope.parameters if [n] == [getattr(t, "id", "") for t in statement.targets]
    ]
    if given and given[0] not in _names_in(statement.value):
        new = _located(_apply("copy", _name(given[0])), statement.value)
        change = (statement, "value", None, new)
        shown = _span(statement)
        fields = {"name": given[0]}
        yield Edit("overwritten-argument", row.function, (change,), shown, fields, statement)
    pairs = [(target, statement.value, "value", None) for target in statement.targets]
    (first, *_) = statement.targets
    if isinstance(first, ast.Tuple) and isinstance(statement.value, ast.Tuple):
        parts = enumerate(zip(first.elts, statement.value.elts))
        pairs = [(target, value, "elts", k) for k, (target, value) in parts]
    parameters = {*row.scope.parameters} | {*row.scope.settings}
    for target, value, part, k in pairs:
        name = getattr(target, "id", "")
        if (
            name
            and name not in parameters
            and isinstance(value, (ast.Constant, ast.Call, *SEVERAL, ast.BinOp))
        ):
            holder = statement if part == "value" else statement.value
            new = _located(_apply("zeros", value), value)
            change = (holder, part, k, new)
            yield Edit("start", row.function, (change,), _span(value), {"name": name}, statement)


def _overwritten(row: Row) -> Iterator[Edit]:
    """Give the result of `v = f(v)` a name of its own, which the lines below in its block read."""
    statement = row.statement
    if not isinstance(statement, (ast.Assign, ast.AugAssign)) or not row.loops:
        return
    target = _assigned(statement)[0]
    if isinstance(target, (ast.Tuple, ast.List)) or len(_assigned(statement)) > 1:
        return
    text = ast.unparse(target)
    new_name = "‹new›"
    value = statement.value
    if isinstance(statement, ast.AugAssign):
        read = copy.copy(target)
        read.ctx = ast.Load()
        value = ast.BinOp(read, statement.op, value)
    elif text not in map(ast.unparse, ast.walk(value)):
        return
    new = ast.Assign([ast.Name(new_name, ast.Store())], value)
    new = _located(new, statement)
    below = copy.deepcopy(row.block[row.index + 1 :])
    if any(ast.unparse(t) == text for s in below for t in _assigned(s)):
        return
    renamed = [_Renamed(text, new_name).visit(each) for each in below]
    block = [*row.block[: row.index], new, *renamed]
    yield row.edit("overwrites", block, _span(target), part=text)


class _Renamed(ast.NodeTransformer):
    """Reads another name wherever an expression of this text is read."""

    def __init__(self, text: str, name: str):
        self.text = text
        self.name = name

    def visit(self, node: ast.AST) -> ast.AST:
        variable = isinstance(node, (ast.Name, ast.Subscript)) and isinstance(node.ctx, ast.Load)
        if variable and ast.unparse(node) == self.text:
            return ast.copy_location(ast.Name(self.name, ast.Load()), node)
        return self.generic_visit(node)


def _chains(row: Row) -> Iterator[Edit]:
    """Copy the value of a = b = value for each of its names."""
    statement = row.statement
    if isinstance(statement, ast.Assign) and len(statement.targets) > 1:
        targets = ast.Tuple(list(statement.targets), ast.Store())
        values = [_apply("copy", statement.value) for _ in statement.targets]
        new = ast.Assign([targets], ast.Tuple(values, ast.Load()))
        yield row.edit("shared", row.replaced(new))


def _moves(row: Row, rows: list[Row]) -> Iterator[Edit]:
    """Move a statement to another place in its function, the nearest places first.

    Two statements of the same form that follow each other are moved together, too.
    """
    if isinstance(row.statement, ast.Return):
        yield from _late_returns(row, rows)
    if not _is_movable(row):
        return
    below = row.block[row.index + 1 : row.index + 2]
    below = [each for each in below if _is_movable(replace(row, statement=each))]
    pair = [row.statement, *below] if [_form(s) for s in below] == [_form(row.statement)] else []
    for to in sorted(rows, key=lambda to: abs(to.statement.lineno - row.statement.lineno)):
        for statements in [[row.statement], pair] if pair else [[row.statement]]:
            inside = {id(node) for each in statements for node in ast.walk(each)}
            if to.function == row.function and id(to.statement) not in inside:
                for after in (False, True):
                    yield from _moved(row, statements, to, after)


def _is_movable(row: Row) -> bool:
    kept = (ast.Return, ast.FunctionDef, ast.Import)
    called = {*map(_called, ast.walk(row.statement))}
    if row.scope.task == "gradient_checking" and "backward_propagation" in called:
        return False  # gradients at moved weights would only hide another mistake
    if isinstance(row.statement, kept) or CHANCE & {*map(_called, ast.walk(row.statement))}:
        return False
    straight = row.scope.is_helper or row.scope.task in BOTH_PASSES
    return bool(row.loops) or straight or _loop_beside(row)


def _late_returns(row: Row, rows: list[Row]) -> Iterator[Edit]:
    """Return only after a loop."""
    for to in rows:
        if to.statement in row.loops:
            goal = list(to.block)
            goal.insert(to.index + 1, row.statement)
            changes = (
                (row.owner, row.field, None, row.without()),
                (to.owner, to.field, None, goal),
            )
            shown = _head(row.statement)
            yield Edit("early-stop", row.function, changes, shown, {}, row.statement)


def _loop_beside(row: Row) -> bool:
    return any(isinstance(each, (ast.For, ast.While)) for each in row.block)


def _moved(row: Row, statements: list[ast.stmt], to: Row, after: bool) -> Iterator[Edit]:
    """Move a statement, or several from there on, to before or after another one."""
    here = row.block is to.block
    rest = [s for s in row.block if not any(s is each for each in statements)]
    if not here and all(map(_is_guard, rest)):
        rest.append(ast.copy_location(ast.Pass(), row.statement))
    goal = rest if here else to.block
    place = next(k for k, each in enumerate(goal) if each is to.statement) + after
    if here and place == row.index:
        return
    if after and not here and to.statement is not goal[-1]:
        return  # the same as before the next statement
    new = [*goal[:place], *statements, *goal[place:]]
    changes = [(to.owner, to.field, None, new)]
    if not here:
        changes.insert(0, (row.owner, row.field, None, rest))
    cause, fields = _move_in_words(row, to, after)
    shown = _head(row.statement)
    also = tuple(each.lineno for each in statements[1:])
    yield Edit(cause, row.function, tuple(changes), shown, fields, row.statement, also)


def _move_in_words(row: Row, to: Row, after: bool) -> tuple[str, dict[str, Any]]:
    """Return the cause of a move and the fields of its sentence."""
    left = [loop for loop in row.loops if loop not in to.loops]
    entered = [loop for loop in to.loops if loop not in row.loops]
    before = to.statement.lineno < row.statement.lineno
    before = before and not (after and to.statement in row.loops)
    name = ", ".join(t.id for t in _assigned(row.statement) if isinstance(t, ast.Name))
    is_new = isinstance(row.statement, ast.Assign) and name
    if left and not entered:
        loop = {"loop": _loop_in_words(left[0], row.scope)}
        if before and is_new and _reads_nothing_new(row, left[0]):
            return "reset", {"name": name, **loop}
        return ("before-loop" if before else "after-loop"), loop
    if entered:
        loop = {"loop": _loop_in_words(entered[-1], row.scope)}
        first = next(s for s in to.block if not _is_guard(s)) is to.statement
        is_reset = is_new and not _counts_up(row.statement)
        if not before and is_reset and first and not after:
            return "not-reset", {"name": name, **loop}
        return "inside-loop", loop
    number = {"number": to.statement.lineno}
    if before:
        return "before-line", number
    return ("after-block" if _has_block(to.statement) else "after-line"), number


def _reads_nothing_new(row: Row, loop: ast.stmt) -> bool:
    """Tell whether a statement reads nothing that the loop sets, but what it sets itself."""
    stored = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and not _is_read(n)}
    return not stored & {n for n in _names_in(row.statement.value)}


OVER_DATA = "the loop over the data points"


def _loop_in_words(loop: ast.stmt, scope: Scope) -> str:
    head = loop.iter if isinstance(loop, ast.For) else loop.test
    names = {*_names_in(head)}
    if names & {n for n, what in scope.settings.items() if what == "epochs"}:
        return "the loop over the epochs"
    if scope.task in LOOP_TASKS and names & {*scope.parameters[:2]}:
        return OVER_DATA
    return f"the loop in line {loop.lineno}"


def _parameters(scope: Scope, tree: ast.stmt) -> Iterator[Edit]:
    """Exchange two parameters."""
    parameters = tree.args.args if isinstance(tree, ast.FunctionDef) else []
    due = [name.lower() for name in TASKS[scope.task].arguments] if scope.settings else []
    for (i, one), (k, other) in itertools.combinations(enumerate(parameters), 2):
        if [due[j : j + 1] for j in (i, k)] == [[one.arg.lower()], [other.arg.lower()]]:
            continue  # these are named as they should be
        changes = ((tree.args, "args", i, other), (tree.args, "args", k, one))
        fields = {"one": one.arg, "other": other.arg}
        shown = _span(one, other)
        name = scope.definition.name
        yield Edit("swapped-parameters", name, changes, shown, fields, tree)


# ---------------------------------------------------------------------------------------
# Trying an edit
# ---------------------------------------------------------------------------------------

MOST_PASSES = 4000  # of all loops and calls of one run
MOST_BITS, MOST_LENGTH = 2000, 20_000  # of a whole number, and of a list or text
BATCH = 40  # edits of one place that are compiled together


class Hopeless(BaseException):
    """Code that is tried out cannot be correct any more, or does not end."""


class _TimeUp(KeyboardInterrupt):
    """The time of the search is over: like an interrupt, it ends whatever runs."""


class _Clock:
    """The processor time and the number of runs that a search may take."""

    def __init__(self, seconds: float, runs: int):
        self.end = time.thread_time() + seconds
        self.runs_left = runs

    def check(self) -> None:
        if time.thread_time() > self.end:
            raise _TimeUp

    def count(self) -> None:
        self.runs_left -= 1
        if self.runs_left < 0:
            raise _TimeUp
        self.check()


class Trial:
    """The student's code in a copy of the notebook, where edits of it are tried."""

    def __init__(self, student: Student, judged: Sequence[Test], clock: _Clock):
        self.clock = clock
        self.passes_left = 0
        self.edits = 0  # that are made at the moment
        self.definitions = _definitions(unwrapped(student.function), student.namespace)
        self.trees = {d.name: d.tree for d in self.definitions}
        self.twin = copy.copy(student)
        self.twin.is_tried = True
        self.twin.namespace = {
            **student.namespace,
            **_known_values(student),
            "‹pass()›": self._pass,
            "‹locals()›": locals,  # unlike f_locals, a copy in every version of Python
            "‹power()›": self._power,
            "‹instead()›": self._instead,
        }
        if student.notebook is student.namespace:
            self.twin.notebook = self.twin.namespace
        if not self.trees:
            return
        self.data = _Data(list(self.trees.values()), student.namespace)
        for tree in self.trees.values():
            _guard(tree)
        self.is_careful = True
        self.whole_powers = 0
        self.codes = {name: self._define(tree) for name, tree in self.trees.items()}
        self.name = self.definitions[0].name
        self.words = {id(e): {f"‹{n}›": v for n, v in _all_words(e[0]).items()} for e in judged}
        wrong = [(e, wrong_parts(e, self.run(e))) for e in judged]
        # The most telling first: what is wrong, and of a loop the run that can be ended early
        wrong.sort(key=lambda pair: (not pair[1], pair[0][0].arguments[0] is not POSITIVE_ROWS))
        self.judged = wrong
        self.is_careful = self.whole_powers > 0  # else no edit can make a huge whole number
        self.wrong = frozenset().union(*(names for _, names in wrong))
        self.others = self._others()
        self.is_stable = self.twin.task == "sigmoid" and not self._overflows()

    def _overflows(self) -> bool:
        """Tell whether sigmoid raises an error far from 0, or has no result there."""
        calls = (Call("sigmoid", (z,)) for z in (-800.0, 800.0))
        outcomes = [perform(call, self.twin) for call in calls]
        return any(one.raised or not _is_finite(one.result) for one in outcomes)

    def _others(self) -> dict[str, list[Definition]]:
        """Return other functions that are right and use helpers that may be edited, and all they use."""
        found = {}
        for task in TASKS:
            function = unwrapped(self.twin.namespace.get(task))
            if task == self.twin.task or not inspect.isfunction(function):
                continue
            definitions = _definitions(function, function.__globals__)
            if {d.name for d in definitions[1:]} & {*self.trees} and self._is_right(
                task, definitions
            ):
                found[task] = definitions
        return found

    def _is_right(self, task: str, definitions: list[Definition]) -> bool:
        """Tell whether another function passes its first test, with the helpers as they are now."""
        namespace = self.twin.namespace
        kept = {d.name: namespace[d.name] for d in definitions if d.name in namespace}
        with_graders = task in LOOP_TASKS or task == "gradient_checking"
        call, expect = judgements(task)[with_graders][0]
        try:
            for definition in definitions:
                if definition.name not in self.trees:
                    self._define(definition.tree)
            self.passes_left = MOST_PASSES
            student = Student(task, namespace[task], namespace)
            return not check(call, expect, perform(call, student))
        except Hopeless:
            return False
        finally:
            namespace.update(kept)

    def _without_harm(self, function: str, names: frozenset[str]) -> frozenset[str]:
        """Return what an edit repairs: nothing, if it breaks a function that is right without it."""
        if names and function != self.name:
            for task, definitions in self.others.items():
                used = {d.name for d in definitions[1:]}
                if function in used and not self._is_right(task, definitions):
                    return frozenset()
        return names

    def _define(self, tree: ast.stmt) -> types.CodeType:
        if self.is_careful:
            tree = _SafePowers().visit(copy.deepcopy(tree))
        code = compile(ast.Module([tree], []), "<tried out>", "exec", dont_inherit=True)
        exec(code, self.twin.namespace)  # noqa: S102 - the student's own code, in their notebook
        return code

    def _pass(self, variables: dict[str, Any]) -> bool:
        """Count a pass of a loop or a call; end what goes on too long or grows too much."""
        self.passes_left -= 1
        if self.passes_left % 4:
            return True
        self.clock.check()
        values = list(variables.values())
        endless = any(v is item for v in values if type(v) is list for item in v[-9:])
        long = any(len(v) > MOST_LENGTH for v in values if type(v) in (list, str, dict, tuple))
        huge = any(v.bit_length() > MOST_BITS for v in values if type(v) is int)
        if self.passes_left < 0 or long or huge or endless:
            raise Hopeless
        return True

    def _power(self, base: Any, exponent: Any) -> Any:
        """Raise to a power, but never to a huge whole number: that would take long in one step."""
        if isinstance(base, int) and isinstance(exponent, int):
            self.whole_powers += 1
            if base.bit_length() * abs(exponent) > MOST_BITS:
                raise Hopeless
        return base**exponent

    def _instead(self, value: Any, known: float) -> float:
        """Return a known value in the place of another one: of one that is not known, it says nothing.

        Nor does one that is the other one with a known factor or term: rather, this is missing.
        """
        if not isinstance(value, (int, float)) or not _is_among(value, self.known.values()):
            raise Hopeless
        if _is_among(known - value, self.known.values()):
            raise Hopeless
        if value and _is_among(known / value, self.factors()):
            raise Hopeless
        return known

    def factors(self) -> list[float]:
        """Return the factors and values that may be missing in the test that was run last."""
        return [number for name, number in self.known.items() if not name.startswith("‹node")]

    def run(self, test: Test) -> Outcome:
        """Run the code as it is now."""
        self.clock.count()
        namespace = self.twin.namespace
        self.twin.function = namespace[self.name]
        self.data.restore(namespace)
        namespace.update(self.words[id(test)])
        self.known = self.words[id(test)]
        self.passes_left = MOST_PASSES
        call, _ = test
        log = FollowedLog(call, namespace) if call.passes != OWN else None
        return perform(call, self.twin, log)

    @contextlib.contextmanager
    def edited(self, function: str, changes: Iterable[Change]) -> Iterator[bool]:
        """Make changes for a while; yield whether the function can be defined with them."""
        self.clock.check()
        old = [(node, part, index, getattr(node, part)) for node, part, index, _ in changes]
        old = [(n, p, list(v) if isinstance(v, list) else v) for n, p, _, v in old]
        for node, part, index, new in changes:
            if index is None:
                setattr(node, part, new)
            else:
                getattr(node, part)[index] = new
        self.edits += 1
        try:
            yield self._redefined(function)
        finally:
            self.edits -= 1
            for node, part, value in reversed(old):
                held = getattr(node, part)
                if isinstance(value, list) and isinstance(held, list) and len(held) == len(value):
                    held[:] = value
                else:
                    setattr(node, part, value)
            if self.edits:  # another edit goes on
                self._redefined(function)
            else:
                exec(self.codes[function], self.twin.namespace)  # noqa: S102

    def values_at(self, edit: Edit, expression: ast.expr) -> list[Any]:
        """Return the values of an expression in the place of an edit, in the first test."""
        seen: list[Any] = []
        namespace = self.twin.namespace
        chosen, namespace["‹choice›"] = namespace["‹choice›"], -1  # of what is tried there, nothing
        namespace["‹seen()›"] = lambda value: seen.append(value) or value
        parent, part, index, _ = edit.changes[0]
        probe = _located(_apply("seen", expression), expression)
        with self.edited(edit.function, [(parent, part, index, probe)]) as valid:
            if valid:
                self.run(self.judged[0][0])
        namespace["‹choice›"] = chosen
        return seen

    def _redefined(self, function: str) -> bool:
        try:
            self._define(self.trees[function])
        except (Exception, Hopeless):  # noqa: BLE001 - no Python, or a default value fails
            return False
        return True

    def fixed(self) -> frozenset[str]:
        """Return the names of the numbers that are correct now; none if others are wrong now."""
        left = set(self.wrong)
        for test, before in self.judged:
            after = wrong_parts(test, self.run(test))
            left -= after
            if not left or after - before or "weights" in after:
                return frozenset()
        if self.is_stable and self._overflows():
            return frozenset()  # the code takes care of this; a repair must not lose it
        return frozenset(left)

    def try_edit(self, edit: Edit) -> frozenset[str]:
        with self.edited(edit.function, edit.changes) as valid:
            names = self.fixed() if valid else frozenset()
            return self._without_harm(edit.function, names)

    def try_drafts(self, site: Site, drafts: list[Draft]) -> Iterator[tuple[Draft, frozenset[str]]]:
        """Try what may be put at one place; compile it together, as a choice by a number."""
        for k in range(0, len(drafts), BATCH):
            yield from self._try_batch(site, drafts[k : k + BATCH])

    def _try_batch(self, site: Site, drafts: list[Draft]) -> Iterator[tuple[Draft, frozenset[str]]]:
        chosen = site.node
        for number, draft in enumerate(drafts):
            test = ast.Compare(_hidden("choice"), [ast.Eq()], [ast.Constant(number)])
            chosen = ast.IfExp(test, draft.new, chosen)
        choice = _located(chosen, site.node)
        is_load = _is_read(site.node) and not isinstance(site.node, (ast.Slice, ast.Starred))
        if is_load and not isinstance(site.parent, ast.FormattedValue):
            with self.edited(site.function, [site.put(choice)]) as valid:
                for number, draft in enumerate(drafts) if valid else ():
                    self.twin.namespace["‹choice›"] = number
                    yield draft, self._without_harm(site.function, self.fixed())
            if valid:
                return
        for draft in drafts:
            yield draft, self.try_edit(_edit_at(site, draft))


def _edit_at(site: Site, draft: Draft) -> Edit:
    change = site.put(_located(draft.new, site.node))
    fields = draft.fields
    return Edit(
        draft.cause, site.function, (change,), draft.shown, fields, site.statement,
        unit=next(_units(site)),
    )  # fmt: skip


class _SafePowers(ast.NodeTransformer):
    """Lets each power be taken by a function that refuses huge whole numbers."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        is_power = isinstance(node.op, ast.Pow)
        return _located(_apply("power", node.left, node.right), node) if is_power else node


def _guard(tree: ast.stmt) -> None:
    """Let each pass of a loop and each call be counted."""
    for node in list(ast.walk(tree)):
        if isinstance(node, (ast.For, ast.While, ast.FunctionDef)):
            node.body.insert(0, ast.Expr(_apply("pass", _apply("locals"))))
        elif isinstance(node, ast.comprehension):
            node.ifs.append(_apply("pass", _apply("locals")))
    ast.fix_missing_locations(tree)


class FollowedLog(CallLog):
    """A log that follows the updates of a loop: Adam's numbers of each become known.

    It ends a run whose weights are not the correct ones, where these are stored.
    """

    def __init__(self, call: Call, namespace: dict[str, Any]):
        super().__init__()
        self.namespace = namespace
        self.updates = 0
        namespace["‹t›"] = 0
        self.settings = dict(zip(TASKS[call.task].arguments, call.arguments))
        self.path: dict[int, list[float]] = {}
        if call.arguments[0] is POSITIVE_ROWS:  # the weights at the second and third update
            self.path = dict(zip((2, 3), POSITIVE_WEIGHTS[call.task]))

    def add_backward(self, call: list) -> None:
        """Record a call; the first one at new arguments belongs to the next update."""
        is_new = not self.backward or self.backward[-1][:2] != call[:2]
        super().add_backward(call)
        if is_new:
            self.updates += 1
            self._follow(call[1])

    def _follow(self, w: list[float]) -> None:
        number = self.updates
        known = self.path.get(self.updates, w)
        if not all(math.isclose(a, b, rel_tol=RTOL_ENDS) for a, b in zip(w, known)):
            raise Hopeless
        self.namespace["‹t›"] = number
        betas = [self.settings[b] for b in ("beta1", "beta2") if b in self.settings]
        if betas:
            shares = [1 - beta**number for beta in betas]
            self.namespace["‹1 - beta1^t›"], self.namespace["‹1 - beta2^t›"] = shares
            self.namespace["‹bias correction›"] = math.sqrt(shares[1]) / shares[0]


def _is_among(value: float, numbers: Iterable[float]) -> bool:
    return any(math.isclose(value, number, rel_tol=NEAR) for number in numbers)


def _is_finite(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def wrong_parts(test: Test, outcome: Outcome) -> frozenset[str]:
    """Return which parts of a result are wrong: of a loop "weights" or "losses"; "arguments"."""
    call, expect = test
    task = TASKS[call.task]
    result = None if outcome.raised else outcome.result
    wrong = {task.part_of(d.name) for d in differences_of(task, expect, result)}
    return frozenset(wrong | {"arguments"} if outcome.changed else wrong)


# What edits put in: functions and values under names that no student can have given


ENDLESS = ("count", "cycle", "repeat")  # iterators of itertools that need not end


def _bounded(make: Callable, *arguments: Any, **options: Any) -> Iterator[Any]:
    """Return an endless iterator that ends: an edit may put it where all of it is read."""
    return itertools.islice(make(*arguments, **options), MOST_PASSES)


def _known_values(student: Student) -> dict[str, Any]:
    """Return the functions that edits may call."""
    known = {name: getattr(np, name, np.linalg.norm) for name in MATHEMATICS}
    known["sigmoid"] = student.namespace.get("sigmoid") if student.task != "sigmoid" else None
    known |= {
        "copy": _copied,
        "separate": _separate,
        "list": list,
        "floats": _floats,
        "zeros": _zeros,
        "gradients": _gradients,
        "other": _other,
        "times": lambda value, factor: _number(value) * factor,
        "over": lambda value, factor: _number(value) / factor,
        "plus": lambda value, term: _number(value) + term,
    }
    known = {f"‹{name}()›": function for name, function in known.items()} | {"‹choice›": -1}
    bounded = {name: functools.partial(_bounded, getattr(itertools, name)) for name in ENDLESS}
    for name, value in student.namespace.items():
        if value is itertools:
            known[name] = types.SimpleNamespace(**vars(itertools) | bounded)
        elif any(value is getattr(itertools, endless) for endless in ENDLESS):
            known[name] = bounded[value.__name__]
    return known | {
        name: _without_bars(value)
        for name, value in student.namespace.items()
        if _is_of_tqdm(value)
    }


def _is_of_tqdm(value: Any) -> bool:
    """Tell whether a value is tqdm's: the module, or a class or function that makes a bar."""
    if isinstance(value, types.ModuleType):
        return value.__name__ == "tqdm"
    module = getattr(type(value), "__module__", "")
    own = vars(value).get("__module__", "") if isinstance(value, type) else module
    return str(own).split(".")[0] == "tqdm" and callable(value)


OF_BARS = {  # the options of tqdm
    "iterable", "desc", "total", "leave", "file", "ncols", "mininterval", "maxinterval",
    "miniters", "ascii", "disable", "unit", "unit_scale", "dynamic_ncols", "smoothing",
    "bar_format", "initial", "position", "postfix", "unit_divisor", "write_bytes", "lock_args",
    "nrows", "colour", "delay",
}  # fmt: skip


def _without_bars(value: Any) -> Any:
    """Return what takes tqdm's place: a bar costs more than the loop that it shows."""
    if isinstance(value, types.ModuleType):
        bars = {name: _without_bars(getattr(value, name)) for name in ("tqdm", "trange")}
        return types.SimpleNamespace(**vars(value) | bars)

    def silent(*arguments: Any, **options: Any) -> Any:
        quiet = {"disable": True} if options.keys() <= OF_BARS else {}  # else tqdm raises an error
        return value(*arguments, **{**quiet, **options})

    return silent


def _number(value: Any) -> Any:
    """Return a number or an array of floats; anything else is not to be multiplied."""
    is_array = type(value) is np.ndarray and value.dtype.kind == "f"
    if not is_array and (
        isinstance(value, bool) or not isinstance(value, (int, float, np.floating))
    ):
        raise Hopeless
    return value


def _other(value: Any) -> Any:
    """Return other numbers of the same form."""
    if isinstance(value, dict):
        return {key: _other(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_other, value))
    return 1.0371 * _number(value) + 0.0113


def _copied(value: Any) -> Any:
    if not isinstance(value, (list, dict, np.ndarray)):
        raise Hopeless
    return copy.deepcopy(value)


def _separate(value: Any) -> Any:
    """Return a list or dictionary with a copy of each item."""
    if isinstance(value, list):
        return [copy.deepcopy(item) for item in value]
    if isinstance(value, dict):
        return {key: copy.deepcopy(item) for key, item in value.items()}
    raise Hopeless


def _floats(value: Any) -> Any:
    """Return an array of whole numbers as one of floats; all else is no explanation."""
    if type(value) is not np.ndarray or value.dtype.kind not in "iub":
        raise Hopeless
    return value.astype(float)


def _zeros(value: Any) -> Any:
    """Return zeros of the same form; what is zeros already starts at 0."""
    zeros = _zeros_like(value)
    if np.array_equal(
        np.asarray(list(value.values()) if isinstance(value, dict) else value),
        np.asarray(list(zeros.values()) if isinstance(zeros, dict) else zeros),
    ):
        raise Hopeless
    return zeros


def _zeros_like(value: Any) -> Any:
    if type(value) is np.ndarray:
        return np.zeros(value.shape)
    if isinstance(value, list):
        return [_zeros_like(item) for item in value]
    if isinstance(value, dict):
        return {key: _zeros_like(item) for key, item in value.items()}
    return 0 * _number(value)


def _gradients(found: Any) -> list[Any]:
    return [found[key] for key in BACKWARD_KEYS]


def _words(call: Call) -> dict[str, float]:
    """Return the factors and values that may be missing in a call, by their names."""
    task = call.task
    given = call.arguments
    words = {"2": 2.0}
    if task in LOOP_TASKS:
        settings = dict(zip(TASKS[task].arguments[4:], given[4:]))
        shares = {f"1 - {n}": 1 - v for n, v in settings.items() if n not in ("lr", "eps")}
        words |= {**settings, **shares, "len(X)": float(len(given[0]))}
    elif task == "gradient_checking":
        words |= {"eps": given[-1], "2·eps": 2 * given[-1], "eps²": given[-1] ** 2}
    elif task == "sigmoid":
        words["1"] = 1.0
    elif task in BOTH_PASSES:
        words |= _words_of_graph(call)
    return words


def _point_of(call: Call) -> int:
    """Return the number of the point at which a pass is called."""
    return POINTS.index(tuple(call.arguments[:3]))


def _words_of_graph(call: Call) -> dict[str, float]:
    x, y, w = call.arguments[:3]
    values = FORWARD_VALUES[model_of(call.passes)][_point_of(call)]
    exp, tanh, sigmoid, loss, slope = (values[key] for key in FORWARD_KEYS)
    words = {f"x{k}": v for k, v in enumerate(x, 1)} | dict(zip(WEIGHTS, w))
    return words | {
        "dL/dŷ": slope,
        "exp": exp,
        "tanh": tanh,
        "sigmoid": sigmoid,
        "L": loss,
        "1 - tanh²": 1 - tanh**2,
        "1 - sigmoid": 1 - sigmoid,
        "σ·(1 - σ)": sigmoid * (1 - sigmoid),
        "ŷ": y + slope / 2,
        "sin(w3·x3)": math.sin(w[2] * x[2]),
        "cos(w3·x3)": math.cos(w[2] * x[2]),
        "w1·x1 + w2·x2": float(np.dot(w[:2], x[:2])),
        "w4·x4 + w5·x5": float(np.dot(w[3:5], x[3:5])),
    }


def _all_words(call: Call) -> dict[str, float]:
    """Return these words, and the values of all nodes of the graph as "node 0", "node 1", ..."""
    return _words(call) | {f"node {k}": value for k, value in enumerate(_nodes(call))}


def _gradients_of_nodes(call: Call) -> list[float]:
    """Return the gradients of all nodes of the graph that are no gradients of weights."""
    w = call.arguments[2]
    values = _words_of_graph(call)
    dw = dict(zip(BACKWARD_KEYS, point_outputs("backward_propagation", _point_of(call))))
    at_sum = dw["dw6"] * 2 * values["w1·x1 + w2·x2"]
    at_product = [dw["dw8"] * values[word] for word in ("sin(w3·x3)", "w4·x4 + w5·x5")]
    at_sine = at_product[1] * values["cos(w3·x3)"]
    return [values["dL/dŷ"], values["dL/dŷ"] * w[8], at_sum, *at_product, at_sine]


def _nodes(call: Call) -> list[float]:
    """Return the values of all nodes of the graph where a pass is called."""
    if call.task not in BOTH_PASSES:
        return []
    return PASS_NUMBERS[_point_of(call)]["values"]


# ---------------------------------------------------------------------------------------
# The order of the edits
# ---------------------------------------------------------------------------------------

MOST_RUNS = 9000  # of the code, in one search; usually the time ends later
# Edits of expressions, those that students' mistakes ask for most often and that prove most first
AT_SITES = (
    (_parentheses, _spelling, _superfluous_calls, _types, _counts, _copies, _repeated_items, _reads_globals),
    (_call_parentheses, _group_members, _before_groups, _spread_functions, _hard_coded, _swapped_arguments),
    (_turned, _signs, _operators, _off_by_one, _operands, _other_functions, _sums_of_arguments, _bases,
     _indices_removed, _ends_of_loops),
    (_missing_minus,),
    (_other_names, _other_attributes, _divisors, _other_numbers, _other_keys, _swapped_items, _shifted_slices),
    (_missing_squares, _sibling_terms, _missing_functions),
    (_factors, _unused_factors, _corrections, _terms, _farther_names, _used_counts,
     _names_for_items),
    (_missing_indices, _pairs, _other_targets, _copied_arguments, _comparisons),
    (_known_numbers,),
)  # fmt: skip
OF_SHARED_OBJECTS = (_copies, _repeated_items, _copied_arguments)
AT_FIRST = (*AT_SITES, (_known_operands,))  # of the first statement with a wrong result
# Edits of statements, before the edits of expressions of the same tier
OF_STATEMENTS = {
    0: (_slips_of_assignments, _early_stops, _chains),
    2: (_signs_of_assignments, _at_once),
    4: (_counters, _set_again, _exchanges, _names_of_tuples),
    5: (_accumulations, _decays, _starts, _overwritten, _superfluous_lines),
}
IN_LOOPS = (_starts, _overwritten, _chains)  # edits of what a loop keeps from pass to pass
# The tiers after which edits of these tiers are made at several places at once
REPEATED = {1: (0, 1), 4: (2, 3, 4), 5: (5,), 6: (6,)}
PARAMETERS = 4  # the tier after which parameters are exchanged
MOVES = 5  # the tier after which statements are moved
UNSURE = 3  # so many tiers are tried where watching has found several statements, or is not sure
LATE = 7  # the first tier whose edits are believed only if they repair everything
WEAK = {
    "line",
    "pair",
    "missing-function",
    "line-must-go",
    "before-line",
    "after-line",
    "after-block",
    "inside-loop",
    "after-loop",
    "before-loop",
    "reset",
    "not-reset",
    "set-again",
}  # causes that are believed only if all is repaired


# Edits of another kind that come to the same: a + a is 2a, and a term is missing where = replaced it
NO_RIVALS = {
    "of-each": ("belongs-inside", "belongs-outside"),
    "of-whole": ("belongs-inside", "belongs-outside"),
    "belongs-inside": ("of-each", "of-whole"),
    "belongs-outside": ("of-each", "of-whole"),
    "missing-factor": ("line", "missing-term", "wrong-name"),
    "missing-some-factor": ("wrong-name",),
    "adds-up": ("missing-some-term", "missing-term"),
}

# Outputs that depend on each other: what repairs some of them alone hides the mistake of the others
APART = tuple(
    map(
        frozenset,
        (
            ("exp", "tanh"),
            ("loss", "exp", "tanh", "sigmoid"),
            ("dy_pr", "exp", "tanh", "sigmoid"),
            ("dw1", "dw2", "dw6", "dw7"),
            ("dw3", "dw4", "dw5", "dw8"),
        ),
    )
)


def _apart(name: str) -> list[frozenset[str]]:
    """Return the groups of outputs that depend on each other to which one belongs."""
    return [group for group in APART if name in group]


COMPENSATING = {  # causes that undo mistakes of other lines: of a part, they prove nothing
    "missing-factor", "missing-some-factor", "missing-term", "missing-some-term", "minus-missing",
    "too-large",
    "wrong-number",
}  # fmt: skip

# What each of these is made of
MADE_OF = {
    "tanh": ("exp",),
    "loss": ("exp", "tanh", "sigmoid"),
    "dy_pr": ("exp", "tanh", "sigmoid"),
    "dw1": ("dw6", "dw7"),
    "dw2": ("dw6", "dw7"),
    "dw6": ("dw7",),
    "dw3": ("dw8",),
    "dw4": ("dw8",),
    "dw5": ("dw8",),
}


class Doubts:
    """What speaks against an edit that repairs the code: it may undo a mistake elsewhere."""

    def __init__(self, trial: Trial, scopes: dict[str, Scope], sites: list[Site], rows: list[Row]):
        self.trial = trial
        self.task = trial.twin.task
        self.scopes = scopes
        self.original = {  # the names that places have before they are edited
            (id(s.parent), s.field, s.index): getattr(s.node, "id", None) for s in sites
        }
        whole = [site for site in sites if site.up is None and _is_read(site.node)]
        copies = [site for site in whole if isinstance(site.node, COPIED)]
        self.copies = {id(s.statement) for s in copies if isinstance(s.statement, ast.Assign)}
        self.fitting = {id(s): _fitting_texts(s) for s in {row.statement for row in rows}}
        self.nodes: dict[int, bool] = {}  # of statements: whether their value is one of the graph

    def leaves_rule(self, edit: Edit) -> bool:
        """Tell whether an edit changes what is right as it is: it may undo a mistake elsewhere."""
        if self._leaves_momentum(edit) or self._leaves_node(edit) or _leaves_order(edit):
            return True
        return self.brings_factor(edit)

    def proves_nothing(self, edit: Edit) -> bool:
        """Tell whether an edit repairs the code only as its result happens to be new, or scaled."""
        return self._copies_by_chance(edit) or self._scales_given(edit)

    def name_at(self, edit: Edit) -> str | None:
        """Return the name in whose place an edit puts something, if there is one."""
        parent, part, index, _ = edit.changes[0]
        return self.original.get((id(parent), part, index))

    def _copies_by_chance(self, edit: Edit) -> bool:
        """Tell whether arithmetic keeps an argument from change only as its result is new."""
        is_arithmetic = edit.cause in COMPENSATING or edit.cause in ("sign", "operator")
        return "arguments" in self.trial.wrong and is_arithmetic

    def _scales_given(self, edit: Edit) -> bool:
        """Tell whether an edit scales an argument of a loop where it is only handed on.

        The argument is correct: what is scaled along with it lacks that factor, rather.
        """
        if self.task not in LOOP_TASKS or edit.cause not in COMPENSATING:
            return False
        is_given = self.name_at(edit) in self.scopes[edit.function].parameters
        return is_given and not isinstance(edit.changes[0][0], (ast.BinOp, ast.UnaryOp))

    def brings_factor(self, edit: Edit) -> bool:
        """Tell whether another name only brings a factor with it: this is missing, rather."""
        if self.task not in BOTH_PASSES or edit.cause != "wrong-name" or len(edit.changes) > 1:
            return False
        parent, part, index, new = edit.changes[0]
        if edit.statement is None or not isinstance(new, ast.expr):
            return False
        held = getattr(parent, part) if index is None else getattr(parent, part)[index]
        pairs = list(zip(*(self.trial.values_at(edit, each) for each in (held, new))))
        numbers = [pair for pair in pairs if all(isinstance(v, float) for v in pair) and pair[0]]
        factors = self.trial.factors()
        shares = [_is_among(new / old, factors) for old, new in numbers]
        return bool(shares) and len(shares) == len(pairs) and all(shares)

    def fits(self, edit: Edit) -> bool:
        """Tell whether both that an edit exchanges are where their numbers say."""
        texts = {str(edit.fields["one"]), str(edit.fields["other"])}
        return texts <= self.fitting.get(id(edit.statement), set())

    def _leaves_momentum(self, edit: Edit) -> bool:
        """Tell whether an edit of momentum changes a line that is as in the rule it implements.

        A wrong sign, or one lr too many, can be undone in either of two lines: that of the
        velocity, where the rule adds the gradient times lr, and that of the weights.
        """
        if self.task != "train_momentum" or edit.cause not in ("sign", "must-go", "too-large"):
            return False
        line = self.scopes[edit.function].lines[edit.shown.line - 1]
        sign = line.encode()[edit.shown.start : edit.shown.end].decode(errors="replace").strip("= ")
        factor = r"gamma|mu\b|momentum\s*\*|\*\s*(self\.)?momentum"
        is_velocity = re.search(factor, line, re.IGNORECASE) is not None
        if edit.cause == "sign":
            is_velocity = is_velocity or re.search(r"lr\b|rate", line, re.IGNORECASE) is not None
            return sign == ("+" if is_velocity else "-")
        return is_velocity and "lr" in str(edit.fields.get("part", edit.fields.get("word", "")))

    def _leaves_node(self, edit: Edit) -> bool:
        """Tell whether an edit of a pass scales or shifts a value that is a node of the graph."""
        statement = edit.statement
        scales = edit.cause in COMPENSATING or "word" in edit.fields
        if self.task not in BOTH_PASSES or not scales or id(statement) in self.copies:
            return False
        if not isinstance(statement, ast.Assign) or id(statement) in self.nodes:
            return self.nodes.get(id(statement), False)
        whole = replace(edit, changes=((statement, "value", None, statement.value),))
        seen = self.trial.values_at(whole, statement.value)
        nodes = _nodes(self.trial.judged[0][0][0])
        self.nodes[id(statement)] = bool(seen) and all(
            isinstance(value, float) and _is_among(value, nodes) for value in seen
        )
        return self.nodes[id(statement)]


class Search:
    """A search for the edit that repairs a student's code."""

    is_sure = False  # whether what is tried is the first statement with a wrong result
    spare: tuple[Edit, frozenset[str]] | None = None  # a repair, where a better one may exist

    def __init__(self, trial: Trial, watched: Watched, hint: str = ""):
        self.trial = trial
        self.task = trial.twin.task
        self.hint = hint
        self.watched = watched
        self.scopes = {d.name: self._scope(d) for d in trial.definitions}
        helpers = {d.name for d in trial.definitions[1:] if self._is_sealed(d)}
        self.sites = [
            site
            for name, tree in trial.trees.items()
            for site in _sites(tree, name, helpers)
            if not _is_guard(site.statement) and not _takes_note(site.statement)
        ]
        self.rows = [
            row for name, tree in trial.trees.items() for row in _rows(tree, self.scopes[name])
        ]
        places = map(self._outermost, watched.order)
        self.first = {place: k for k, place in enumerate(dict.fromkeys(places))}
        seen = [self._outermost((step.function, step.line)) for step in watched.candidates]
        self.focus = {id(s) for d in self.trial.trees for s in self._statements_at(d, seen)}
        self.tried: dict[int, int] = {}  # statement, by id: so many tiers have been tried there
        self.ranks: dict[int, int] = {}  # of statements and items: the larger, the less likely
        self.on: dict[int, frozenset[str]] = {}  # the outputs that depend on statements and items
        self.doubts = Doubts(trial, self.scopes, self.sites, self.rows)
        self.best: tuple[Edit, frozenset[str]] | None = None  # a partial repair

    def _is_sealed(self, definition: Definition) -> bool:
        """Tell whether an edit of what a helper is given might only undo a mistake in it."""
        return self.task not in BOTH_PASSES or not isinstance(definition.tree, ast.ClassDef)

    def _scope(self, definition: Definition) -> Scope:
        tree = definition.tree
        trial = self.trial
        parameters = [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)]
        settings = {}
        if definition.name == trial.name:
            skipped = 3
            settings = dict(zip(parameters[skipped:], TASKS[self.task].arguments[skipped:]))
        local = _local_names(tree) | {*parameters}
        data = {n for n in trial.twin.namespace if not callable(trial.twin.namespace[n])}
        read = {n for n in _names_in(tree) if n in data} - local
        inner = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        functions = {n for n, v in trial.twin.namespace.items() if inspect.isfunction(v)}
        return Scope(
            self.task,
            definition,
            tuple(sorted(n for n in local if n[0] != "‹")),
            tuple(parameters),
            settings,
            definition.name != trial.name,
            {d.name: _parameters_of(d.tree) for d in trial.definitions[1:]},
            frozenset(read),
            tuple(_words(trial.judged[0][0][0])),
            trial.wrong == {"losses"},
            tuple(_keys_in(tree)),
            frozenset(local | inner | functions),
            tuple(_unused(tree)),
        )

    def _outermost(self, place: tuple[str, int]) -> tuple[str, int]:
        """Return the place of a line by the name of the definition that holds its function."""
        name, line = place
        for outer, tree in self.trial.trees.items():
            inside = {getattr(node, "name", "<lambda>") for node in ast.walk(tree)}
            if name in inside and name not in self.trial.trees:
                if tree.lineno <= line <= tree.end_lineno:
                    return outer, line
        return place

    def _statements_at(self, name: str, places: list[tuple[str, int]]) -> Iterator[ast.stmt]:
        """Yield the statements of a definition that are at some places."""
        for statement, _ in _statements(self.trial.trees[name]):
            last = statement.lineno if _has_block(statement) else statement.end_lineno
            if any((name, line) in places for line in range(statement.lineno, last + 1)):
                yield statement

    def run(self) -> tuple[Edit, frozenset[str]] | None:
        """Return the first edit that repairs everything, or else the one that repairs most."""
        found = self._run()
        if self.spare and (found is None or self._is_weaker(*found)):
            return self.spare
        return self._nearer_repair(found[0]) or found if found else None

    def _is_weaker(self, edit: Edit, names: frozenset[str]) -> bool:
        """Tell whether a repair says less than one that was put aside."""
        if self.spare[0].cause == "swapped":
            return edit.cause != "swapped"
        compensates = self.task in LOOP_TASKS and edit.cause in COMPENSATING
        return compensates or names != self.trial.wrong

    def _nearer_repair(self, edit: Edit) -> tuple[Edit, frozenset[str]] | None:
        """Return a repair at a place that watching has found, if an edit elsewhere may undo it.

        What must go in one line may have come in wrongly in a line before.
        """
        if id(edit.statement) in self.focus:
            return None
        lines = [s.line for s in self.watched.candidates if s.function == edit.function]
        is_below = bool(lines) and max(lines) < edit.shown.line
        if not is_below and edit.cause not in (*COMPENSATING, "must-go"):
            return None
        sites = [site for site in self.sites if id(site.statement) in self.focus]
        with contextlib.suppress(_TimeUp):
            for pair in self._operands_at(sites):
                return pair
            for site in sites if is_below else ():
                if found := self._first_complete((_missing_squares,), site):
                    return found
        return None

    def _run(self) -> tuple[Edit, frozenset[str]] | None:
        with contextlib.suppress(_TimeUp):
            self._rank()
            for edit in self._complete(self._hinted(), LATE):
                return edit
            for edit in self._complete(self._at_sites((_renamed_arguments,), self.sites), 1):
                return edit
            for early in (self._unpackings(), self._mismatched_entries()):
                for edit in self._complete(early, LATE):
                    return edit
            if self.task == "gradient_checking":  # the sign of a step would do the same
                turned = self._at_sites((_turned,), self.sites)
                for tried in (self._subtracted(), turned):
                    for edit in self._complete(tried, LATE):
                        return edit
            is_backward = self.task == "backward_propagation"
            if is_backward and self.trial.wrong == {*BACKWARD_KEYS}:  # perhaps all by one factor
                ends = [s for s in self.sites if isinstance(s.statement, ast.Return)]
                for edit in self._complete(self._at_sites((_factors,), ends), LATE):
                    return edit
            for edit in self._at_focus():
                return edit
            if self.best and self.watched.first:
                for edit in self._complete(self._at_others_too(self.best[0]), LATE):
                    return edit
                return self.best
            for suspicious in (True, False) if self.first else (False,):
                sites, rows = self._chosen(suspicious)
                for edit in self._tiers(sites, rows):
                    return edit
            likely = [s for s in self.sites if self.ranks.get(id(next(_units(s)))) == 0]
            for edit in self._complete(self._operands_at(likely), LATE):
                return edit
        return self.best

    def _adds_vectors(self, site: Site) -> bool:
        """Tell whether a check adds what has nothing to do with its step, such as two gradients."""
        node = site.node
        up = site.up
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
            return False
        is_given = up is not None and isinstance(up.node, ast.Call) and site.field == "args"
        is_main = up is None and site.function == self.trial.name
        return (is_given or is_main) and not _speaks_of_eps(node, self.scopes[site.function])

    def _subtracted(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Subtract where a check adds two vectors."""
        for site in self.sites:
            if self._adds_vectors(site):
                node = site.node
                lines = self.scopes[site.function].lines
                shown = _span_between(node.left, node.right, "+", lines)
                edit = _edit_at(site, Draft("sign", _binary(node.left, "-", node.right), shown))
                yield edit, self.trial.try_edit(edit)

    def _counted_elsewhere(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Move what counts out of its loop, or into the next one."""
        counting = [row for row in self.rows if row.loops and _counts_up(row.statement)]
        for row in counting:
            around = [to for to in self.rows if to.statement is row.loops[-1]]
            inside = [to for to in self.rows if to.loops and to.loops[:-1] == row.loops]
            for to in (*around, *inside[:1]):
                for after in (False, True):
                    for edit in _moved(row, [row.statement], to, after):
                        yield edit, self.trial.try_edit(edit)

    def _set_in_loops(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Move an assignment to the beginning of a loop that follows it."""
        first_in = {id(row.owner): row for row in reversed(self.rows) if row.field == "body"}
        for row in self.rows:
            is_set = isinstance(row.statement, ast.Assign) and _is_movable(row)
            for loop in row.block[row.index + 1 :] if is_set else ():
                if isinstance(loop, (ast.For, ast.While)):
                    for edit in _moved(row, [row.statement], first_in[id(loop)], after=False):
                        yield edit, self.trial.try_edit(edit)

    def _set_before_loops(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Move an assignment out of its loops, to a place before one of them."""
        for row in self.rows:
            is_set = row.loops and isinstance(row.statement, ast.Assign)
            for to in self.rows if is_set else ():
                if to.statement in row.loops:
                    for edit in _moved(row, [row.statement], to, after=False):
                        yield edit, self.trial.try_edit(edit)

    def _with_old_values(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Let a step read what it has overwritten."""
        for row in self.rows:
            for edit in (*_overwritten(row), *_names_of_tuples(row)):
                yield edit, self.trial.try_edit(edit)

    def _with_corrections(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Correct the bias of m and v."""
        yield from self._at_sites((_corrections,), self.sites)

    FOR_HINTS = {
        "reset-each-epoch": _set_before_loops,
        "t-restarts": _set_before_loops,
        "starts-over": _set_before_loops,
        "t-per-epoch": _counted_elsewhere,
        "t-per-weight": _counted_elsewhere,
        "not-restored": _set_in_loops,
        "one-sided": _set_in_loops,
        "overwrites": _with_old_values,
        "half-bias-correction": _with_corrections,
        "no-bias-correction": _with_corrections,
    }

    def _hinted(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Try the edits that a known misconception asks for."""
        if self.hint in self.FOR_HINTS:
            yield from self.FOR_HINTS[self.hint](self)

    def _at_others_too(self, best: Edit) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Yield further edits for an edit that repairs a part, the likeliest first."""
        makers = [make for tier in AT_SITES[:LATE] for make in tier]
        yield from self._of_its_form(best, makers)
        yield from self._of_what_it_reads(best.statement)
        groups = [g for g in _groups_of_sites(self.sites) if self._holds(g, best.statement)]
        yield from self._in_groups(groups, makers, best.cause)
        yield from self._repeated_statements(self.rows)

    def _of_its_form(
        self, best: Edit, makers: list[Callable]
    ) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Make an edit of the same cause at all places."""
        for site in sorted(self.sites, key=self._site_order):
            drafts = [d for d in self._drafts(makers, site) if d.cause == best.cause]
            drafts = [d for d in drafts if d.fields.get("word") == best.fields.get("word", "")]
            with contextlib.closing(self.trial.try_drafts(site, drafts)) as tried:
                for draft, names in tried:
                    yield _edit_at(site, draft), names

    def _of_what_it_reads(self, reader: ast.stmt) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Edit the assignments to what a statement reads."""
        read = {*_names_in(reader)}
        makers = [make for tier in AT_SITES[:5] for make in tier]
        for site in sorted(self.sites, key=self._site_order):
            statement = site.statement
            is_source = isinstance(statement, ast.Assign) and statement is not reader
            if is_source and read & _target_names([statement]):
                yield from self._at_sites(makers, [site])

    @staticmethod
    def _holds(group: list[Site], statement: ast.stmt) -> bool:
        return any(site.statement is statement for site in group)

    def _at_focus(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Yield edits of the statements that watching has found; few kinds if it is not sure.

        What is wrong may be what such a statement is given. Then a sign or a factor in it would
        only undo another mistake.
        """
        sites = [s for s in self.sites if id(s.statement) in self.focus]
        rows = [r for r in self.rows if id(r.statement) in self.focus]
        self.is_sure = self.watched.first is not None
        yield from self._tiers(sites, rows, AT_FIRST if self.is_sure else AT_SITES[:UNSURE])
        if not self.is_sure:  # in a = b, something is missing, or b is another name
            yield from self._complete(self._at_sites((_swapped_items,), sites), PARAMETERS)
            yield from self._complete(self._exchanged_with(rows), PARAMETERS)
            copies = [site for site in sites if self._is_copy(site)]
            for whole in (True, False):
                places = [site for site in copies if (site.up is None) == whole]
                for number in (4, 6):
                    yield from self._complete(self._at_sites(AT_SITES[number], places), number)
        tiers = len(AT_SITES) if self.is_sure else UNSURE
        self.tried = {id(site.statement): tiers for site in sites}
        self.is_sure = False

    def _exchanged_with(self, rows: list[Row]) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Exchange the values of two assignments of one form, of which watching has found one."""
        for row in rows if self.task in BOTH_PASSES else ():
            form = _form(row.statement)
            alike = [r for r in self.rows if r.block is row.block and _form(r.statement) == form]
            for other in alike:
                if other.statement is not row.statement:
                    for edit in _exchanged_values(sorted([row, other], key=lambda r: r.index)):
                        yield edit, self.trial.try_edit(edit)

    def _is_copy(self, site: Site) -> bool:
        """Tell whether a place only hands a number on: in a = b, or as a suspicious entry."""
        if not isinstance(site.node, COPIED):
            return False
        if site.up is None:
            return _is_read(site.node) and isinstance(site.statement, ast.Assign)
        lines = {step.line for step in self.watched.candidates}
        return isinstance(site.up.node, ast.Dict) and site.node.lineno in lines

    def _chosen(self, suspicious: bool) -> tuple[list[Site], list[Row]]:
        """Return the places and statements that are suspicious, or all others."""
        sites = [s for s in self.sites if self._is_first(s.statement, s.function) == suspicious]
        rows = [r for r in self.rows if self._is_first(r.statement, r.function) == suspicious]
        return sites, rows

    def _is_first(self, statement: ast.stmt, function: str) -> bool:
        return self._order(statement, function) < len(self.first)

    def _order(self, statement: ast.stmt, function: str) -> int:
        """Return at which place of the suspicious lines a statement is."""
        last = statement.body[0].lineno - 1 if _has_block(statement) else statement.end_lineno
        lines = range(statement.lineno, max(last, statement.lineno) + 1)
        places = [self.first.get((function, line), len(self.first)) for line in lines]
        return min(places)

    def _rank(self) -> None:
        """Of a pass, find on which statements and items exactly that depends which is wrong."""
        if self.task not in BOTH_PASSES:
            return
        trial = self.trial
        test = self.trial.judged[0][0]
        everything = {*TASKS[self.task].outputs}

        def values() -> dict[str, Any]:
            return TASKS[self.task].read(trial.run(test).result)

        before = values()
        for site in self.sites:
            if not (site.up is None or _is_item(site)) or not _is_read(site.node):
                continue
            other = _located(_apply("other", site.node), site.node)
            with trial.edited(site.function, [site.put(other)]) as valid:
                after = values() if valid else {}
            on = {n for n in everything if n not in after or not same(before.get(n), after[n])}
            foreign = not on or (on - trial.wrong and on != everything)
            rank = 3 if foreign else 0 if on == trial.wrong else 1 if on < trial.wrong else 2
            for unit in _units(site):  # a whole is as likely as the likeliest of its items
                self.ranks[id(unit)] = min(rank, self.ranks.get(id(unit), 3))
            self.on[id(next(_units(site)))] = frozenset(on)

    def _is_foreign(self, site: Site) -> bool:
        """Tell whether what is wrong does not depend on a value, or what is right does."""
        unit = next(_units(site))
        of_focus = unit is site.statement and id(unit) in self.focus
        return self.ranks.get(id(unit), 0) == 3 and not of_focus and not _is_in_target(site)

    def _tiers(
        self, sites: list[Site], rows: list[Row], tiers: tuple = AT_SITES
    ) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Yield the edits that repair everything."""
        for number, makers in enumerate(tiers):
            fresh = [s for s in sites if self.tried.get(id(s.statement), 0) <= number]
            groups = [self._of_statements(number, rows), self._at_sites(makers, fresh)]
            if makers == (_known_operands,):
                groups.append(self._repeated(fresh, makers))
            if number in REPEATED:
                makers = [make for tier in REPEATED[number] for make in AT_SITES[tier]]
                groups.append(self._repeated(sites, makers))
            if number == PARAMETERS:
                names = (_other_names, _names_for_items)
                groups.append(self._in_groups(_repeated_reads(fresh), names))
                groups.append(self._in_groups(_repeated_bounds(fresh), (_off_by_one,)))
                groups.append(self._parameters_swapped())
                focus = [site for site in fresh if id(site.statement) in self.focus]
                groups.append(self._operands_at(focus))
            if number == (UNSURE if self.task in BOTH_PASSES else MOVES):
                groups.append(self._repeated_statements(rows))
            if number == MOVES:
                groups += [self._moved(rows), self._exchanged_neighbours(rows)]
            for tried in groups:
                yield from self._complete(tried, number)

    def _unpackings(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Unpack what a helper returns in the order of the names that it returns."""
        returned = {}
        for name, tree in self.trial.trees.items():
            ends = [n.value for n in ast.walk(tree) if isinstance(n, ast.Return)]
            if len(ends) == 1 and isinstance(ends[0], ast.Tuple):
                returned[name] = _numbered_names(ends[0])
        for site in self.sites:
            node = site.node
            statement = site.statement
            if isinstance(node, ast.Tuple) and not _is_read(node):
                value = getattr(statement, "value", None)
                due = returned.get(_called(value))
                for draft in _exchanged_items(site, self.scopes[site.function]):
                    names = _numbered_names(draft.new)
                    if (
                        due
                        and sum(map(bool, due)) > 1
                        and all(a in ("", b) for a, b in zip(due, names))
                    ):
                        edit = _edit_at(site, draft)
                        yield edit, self.trial.try_edit(edit)

    def _mismatched_entries(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Exchange two values of a dictionary whose names then have the numbers of their keys."""
        for site in self.sites:
            if isinstance(site.node, ast.Dict):
                before = _fitting_entries(site.node)
                for draft in _exchanged_items(site, self.scopes[site.function]):
                    if _fitting_entries(draft.new) == before + 2:
                        edit = _edit_at(site, draft)
                        yield edit, self.trial.try_edit(edit)

    def _operands_at(self, sites: list[Site]) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Put known values in the place of names where watching points to.

        Where a function or a factor that is missing would do as well, this is what is yielded.
        """
        for site in sites:
            found = self._first_complete((_known_operands,), site)
            if found:
                missing = (self._first_complete(AT_SITES[tier], site) for tier in (5, 6))
                yield next(filter(None, missing), found)

    def _first_complete(
        self, makers: Iterable[Callable], site: Site
    ) -> tuple[Edit, frozenset[str]] | None:
        with contextlib.closing(self._at_sites(makers, [site])) as tried:
            return next((pair for pair in tried if pair[1] == self.trial.wrong), None)

    def _complete(
        self, tried: Iterator[tuple[Edit, frozenset[str]]], number: int
    ) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Yield the first edit that repairs everything; remember the one that repairs most."""
        for edit, names in tried:
            if not names or self.doubts.proves_nothing(edit):
                continue
            if edit.cause in ("swapped", "wrong-names") and self.doubts.fits(edit):
                continue
            if names == self.trial.wrong and self.doubts.leaves_rule(edit):
                self.spare = self.spare or (edit, names)
                continue
            if names == self.trial.wrong:
                tried.close()  # its edit is undone before others are tried
                yield self._unrivalled(edit, number), names
                return
            believed = edit.cause not in WEAK and not edit.also and self._is_believable(edit, names)
            early = number < LATE or self.is_sure
            if early and believed and self._is_better(edit, names):
                if not self.doubts.brings_factor(edit):
                    self.best = edit, names

    def _is_better(self, edit: Edit, names: frozenset[str]) -> bool:
        """Tell whether a partial repair is better than the one that was found before."""
        if self.best is None or len(names) > len(self.best[1]):
            return True
        same = names == self.best[1]
        return same and self.doubts.leaves_rule(self.best[0]) and not self.doubts.leaves_rule(edit)

    def _is_believable(self, edit: Edit, names: frozenset[str]) -> bool:
        """Tell whether a partial repair proves something of the numbers that it repairs.

        At the first statement with a wrong result, it does so if these are not made of numbers
        that stay wrong; elsewhere, if what stays wrong has nothing to do with them at all.
        """
        if edit.cause in COMPENSATING and not self.is_sure:
            return len(names) == 1 and names == self.on.get(id(edit.unit)) and self._is_apart(names)
        if self.is_sure and names and "arguments" not in names:
            made_of = {part for name in names for part in MADE_OF.get(name, ())}
            return not made_of & self.trial.wrong - names
        return self._is_apart(names)

    def _is_apart(self, names: frozenset[str]) -> bool:
        """Tell whether what else is wrong has nothing to do with what a partial repair repairs."""
        touched = [part for part in APART if part & names]
        return (
            all(part & self.trial.wrong <= names for part in touched) and "arguments" not in names
        )

    def _unrivalled(self, edit: Edit, number: int) -> Edit:
        """Return an edit, without its claim if one of another kind repairs the statement, too."""
        if number >= LATE or len(edit.changes) > 1:
            return edit
        if given := self._given_to_helper(edit):
            return given
        if edit.cause.startswith("missing-") and (other := self._renamed_use(edit)):
            return other
        sites = [s for s in self.sites if s.statement is edit.statement]
        parent, part, index, _ = edit.changes[0]
        entries = {
            id(_entry_of(s).node)
            for s in sites
            if (s.parent is parent, s.field, s.index) == (True, part, index)
        }
        sites = [s for s in sites if not entries or id(_entry_of(s).node) in entries]
        for other, names in self._at_sites(AT_SITES[number], sites):
            alike = other.cause in (edit.cause, *NO_RIVALS.get(edit.cause, ()))
            alike = alike or _is_same_edit(edit, other)
            if names == self.trial.wrong and not alike:
                return replace(edit, cause="line", fields={}, shown=_around(edit, other))
        return edit

    def _given_to_helper(self, edit: Edit) -> Edit | None:
        """Return an edit of a helper's parameter as one of the only argument that it stands for.

        What a helper lacks where it reads its parameter is missing in what it is given, rather.
        """
        read = self.doubts.name_at(edit)
        names = _parameters_of(self.trial.trees[edit.function])
        lacking = edit.cause.startswith("missing-") or edit.cause == "minus-missing"
        if edit.function == self.trial.name or not lacking or read not in names:
            return None
        reads = [
            n for n in ast.walk(self.trial.trees[edit.function]) if getattr(n, "id", "") == read
        ]
        if len(reads) > 1:  # as it is elsewhere, it may be right
            return None
        calls = [
            (site, site.node.args[names.index(read)])
            for site in self.sites
            if _called(site.node) == edit.function and len(site.node.args) == len(names)
        ]
        if len(calls) != 1:
            return None
        site, argument = calls[0]
        return replace(
            edit, function=site.function, shown=_span(argument), statement=site.statement
        )

    def _renamed_use(self, edit: Edit) -> Edit | None:
        """Return an edit that reads another name where what a statement assigns is used, if any.

        Then nothing is missing in the statement: what it lacks stands under that other name.
        """
        names = _target_names([edit.statement]) if isinstance(edit.statement, ast.Assign) else ()
        for site in self.sites:
            if getattr(site.node, "id", "") in names and _is_read(site.node):
                found = self._first_complete((_other_names, _farther_names), site)
                if found and site.statement is not edit.statement:
                    return found[0]
        return None

    def _at_sites(
        self, makers: Iterable[Callable], sites: list[Site]
    ) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Try the edits of some kinds at places, the likeliest places first."""
        order = functools.partial(self._site_order, is_lacking=_factors in makers)
        for site in sorted(sites, key=order):
            if site.field == "func":
                continue
            chosen = makers
            if self._is_foreign(site):  # but a change of an object may change what others read
                chosen = [make for make in makers if make in OF_SHARED_OBJECTS]
            drafts = self._drafts(chosen, site)
            with contextlib.closing(self.trial.try_drafts(site, drafts)) as tried:
                for draft, names in tried:
                    yield _edit_at(site, draft), names

    def _drafts(self, makers: Iterable[Callable], site: Site) -> list[Draft]:
        scope = self.scopes[site.function]
        return [draft for make in makers for draft in make(site, scope)]

    def _site_order(self, site: Site, is_lacking: bool = False) -> tuple[int, int, int]:
        """Return how early a place is tried: the suspicious ones first, then by their lines."""
        first = self._order(site.statement, site.function)
        is_loop = self.task in LOOP_TASKS and not (is_lacking and self.trial.wrong != {"losses"})
        direction = -1 if is_loop or self.task == "backward_propagation" else 1
        rank = self.ranks.get(id(next(_units(site))), 0)
        if is_lacking and _is_item(site) and isinstance(site.node, COPIED):
            rank = max(rank, 2)  # what it hands on lacks the factor, rather
        return first, rank, direction * site.statement.lineno

    def _of_statements(self, number: int, rows: list[Row]) -> Iterator[tuple[Edit, frozenset[str]]]:
        for row in rows:
            for make in OF_STATEMENTS.get(number, ()):
                if make in IN_LOOPS and self.task not in (*LOOP_TASKS, "gradient_checking"):
                    continue
                for edit in make(row):
                    yield edit, self.trial.try_edit(edit)

    def _parameters_swapped(self) -> Iterator[tuple[Edit, frozenset[str]]]:
        for name, tree in self.trial.trees.items():
            for edit in _parameters(self.scopes[name], tree):
                yield edit, self.trial.try_edit(edit)

    def _moved(self, rows: list[Row]) -> Iterator[tuple[Edit, frozenset[str]]]:
        if self.task != "sigmoid":
            for row in rows:
                for edit in _moves(row, self.rows):
                    yield edit, self.trial.try_edit(edit)

    def _repeated(
        self, sites: list[Site], makers: Sequence[Callable]
    ) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Make the same edit at all places of the same form at once."""
        yield from self._in_groups(_groups_of_sites(sites), makers)

    def _in_groups(
        self, groups: Iterable[list[Site]], makers: Sequence[Callable], cause: str = ""
    ) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Make the same edit at all places of a group at once; edits of one cause, if it is given."""
        for group in groups:
            bounds = {site.field for site in group} <= {"lower", "upper"}
            bounds = bounds and len({id(site.statement) for site in group}) == 1
            if any(map(self._is_foreign, group)) and not bounds:
                continue  # with other bounds, a statement may set what it did not set before
            alike: list[tuple[Draft, ...]] = []
            for make in makers:
                drafts = [self._drafts((make,), site) for site in group]
                drafts = [[d for d in each if cause in ("", d.cause)] for each in drafts]
                if len({tuple(d.cause for d in each) for each in drafts}) == 1:
                    alike += zip(*drafts)
                if len(group) == 2 and make is _hard_coded:  # two numbers may be two arguments
                    numbers = ([d for d in each if d.cause == "hard-coded"] for each in drafts)
                    alike += itertools.product(*numbers)
            for chosen in alike:
                edit = _joined([_edit_at(site, draft) for site, draft in zip(group, chosen)])
                yield edit, self.trial.try_edit(edit)

    def _repeated_statements(self, rows: list[Row]) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Make the same edit of all statements of the same form; exchange the values of two."""
        groups = defaultdict(list)
        for row in rows:
            groups[row.function, _form(row.statement)].append(row)
        for group in groups.values():
            edits = [[*_starts(row)] for row in group] if 2 <= len(group) <= 18 else []
            joined = [_joined(list(alike)) for alike in zip(*edits)]
            for edit in [*joined, *_exchanged_values(group)]:
                yield edit, self.trial.try_edit(edit)

    def _exchanged_neighbours(self, rows: list[Row]) -> Iterator[tuple[Edit, frozenset[str]]]:
        """Exchange the values of two assignments that follow each other."""
        for row in rows if self.task in BOTH_PASSES else ():
            neighbours = [other for other in rows if other.statement in row.block]
            after = row.block[row.index + 1 : row.index + 2]
            pair = [row, *(other for other in neighbours if other.statement in after)]
            for edit in _exchanged_values(pair):
                yield edit, self.trial.try_edit(edit)


def _leaves_order(edit: Edit) -> bool:
    """Tell whether an exchange would put two of the same kind, such as w4 and w5, out of order."""
    if edit.cause != "swapped" or edit.also:
        return False
    texts = [str(edit.fields[field]) for field in ("one", "other")]
    one, other = map(_numbers_in_text, texts)
    alike = len({re.sub(r"\d+", "", text) for text in texts}) == 1
    return alike and one < other


def _numbers_in_text(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def _fitting_texts(statement: ast.stmt) -> set[str]:
    """Return the parts of a statement that have the numbers of what they are given to, and these.

    So it is in `b2, b5 = d["b2"], d["b5"]`, in dict(dw4=dw4, dw5=dw5) and in {"dw4": dw4, ...}.
    """
    given: list[tuple[ast.AST | str, ast.AST]] = []
    for node in ast.walk(statement):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            given += zip(node.targets[0].elts, getattr(node.value, "elts", []))
        elif isinstance(node, ast.Dict):
            given += [pair for pair in zip(node.keys, node.values) if pair[0]]
        elif isinstance(node, ast.keyword):
            given.append((ast.Name(node.arg or ""), node.value))
    pairs = [(_text(one, 30), _text(other, 30)) for one, other in given]
    return {text for pair in pairs for text in pair if _are_alike(*pair)}


def _are_alike(one: str, other: str) -> bool:
    """Tell whether two texts have the same numbers, or the same last name, as self.a and a."""
    numbers = _numbers_in_text(one)
    if numbers:
        return numbers == _numbers_in_text(other)
    names = [re.findall(r"[A-Za-z_]\w*", text)[-1:] for text in (one, other)]
    return names[0] == names[1] != []


def _numbered_names(names: ast.Tuple) -> list[str]:
    """Return the numbers in the names of a tuple, or a whole name where it has none."""
    texts = [getattr(item, "id", "") for item in names.elts]
    return ["".join(re.findall(r"\d", text)) or text for text in texts]


def _is_item(site: Site) -> bool:
    """Tell whether a place is an item of a tuple or list, or a value of a dictionary."""
    if isinstance(site.parent, ast.keyword):
        return site.up is not None and _called(site.up.node) == "dict"
    return site.field in ("values", "elts") and isinstance(
        site.parent, (ast.Dict, ast.List, ast.Tuple)
    )


def _upwards(site: Site) -> Iterator[Site]:
    """Yield a place and the places that hold it, the innermost first."""
    here: Site | None = site
    while here:
        yield here
        here = here.up


def _units(site: Site) -> Iterator[ast.AST]:
    """Yield the items that hold a place, the innermost first, and then its statement."""
    yield from (here.node for here in _upwards(site) if _is_item(here))
    yield site.statement


def _is_in_target(site: Site) -> bool:
    """Tell whether a place is a part of what a statement assigns to."""
    *_, top = _upwards(site)
    return top.field in ("target", "targets")


def _entry_of(site: Site) -> Site:
    """Return the entry of a dictionary, list or tuple that holds a place; else the whole."""
    holders = (ast.Dict, ast.List, ast.Tuple)
    return next(s for s in _upwards(site) if not s.up or isinstance(s.up.node, holders))


def _around(one: Edit, other: Edit) -> Span:
    """Return what holds the places of two edits: a part of a line, or the whole statement."""
    if one.shown.line != other.shown.line or None in (one.shown.end, other.shown.end):
        return _head(one.statement)
    start = min(one.shown.start, other.shown.start)
    return Span(one.shown.line, start, max(one.shown.end, other.shown.end))


def _fitting_entries(node: ast.Dict) -> int:
    """Return how many keys such as "dw4" have a variable with the same number as their value."""
    pairs = zip(node.keys, node.values)
    numbers = [
        re.findall(r"\d+", text)
        for key, value in pairs
        for text in (str(getattr(key, "value", "")), getattr(value, "id", ""))
    ]
    return sum(a == b != [] for a, b in zip(numbers[::2], numbers[1::2]))


def _joined(edits: list[Edit]) -> Edit:
    """Return one edit that makes the changes of several; the first speaks for all."""
    changes = tuple(change for edit in edits for change in edit.changes)
    also = tuple(edit.shown.line for edit in edits[1:])
    here = [edit for edit in edits if edit.shown.line == edits[0].shown.line]
    alike = [edit for edit in here if edit.fields == edits[0].fields]
    first = replace(edits[0], changes=changes, also=also, times=len(alike))
    if len(here) == 2 and len(alike) == 1 and first.cause == "wrong-name":
        fields = {"one": here[0].fields["part"], "other": here[1].fields["part"]}
        return replace(first, cause="wrong-names", fields=fields)
    return first if len(alike) == len(here) else replace(first, cause="line", fields={})


def _exchanged_values(rows: list[Row]) -> Iterator[Edit]:
    """Exchange the values of two assignments of the same form."""
    rows = [row for row in rows if isinstance(row.statement, ast.Assign)][:9]
    for one, other in itertools.combinations(rows, 2):
        a, b = one.statement, other.statement
        changes = ((a, "value", None, b.value), (b, "value", None, a.value))
        fields = {"one": _text(a.value, 30), "other": _text(b.value, 30)}
        also = (b.lineno,)
        yield Edit("swapped", one.function, changes, _span(a.value), fields, a, also)


def _groups_of_sites(sites: list[Site]) -> Iterator[list[Site]]:
    """Yield places whose expressions have the same form: copies with other names in them."""
    groups: dict[tuple, list[Site]] = defaultdict(list)
    for site in sites:
        if site.field != "func":
            around = _form(site.up.parent) if site.up else ""
            key = site.function, _form(site.node), _form(site.parent), around, site.field
            groups[key].append(site)
    by_text: dict[tuple, list[Site]] = defaultdict(list)
    for site in sites:
        if site.field != "func":
            by_text[site.function, ast.dump(site.node)].append(site)
    in_statement: dict[tuple, list[Site]] = defaultdict(list)
    for site in sites:
        if site.field != "func" and isinstance(site.node, (ast.BinOp, ast.Call)):
            in_statement[id(site.statement), _form(site.node)].append(site)
    for group in [*groups.values(), *by_text.values(), *in_statement.values()]:
        if 2 <= len(group) <= 18:
            yield group


def _repeated_reads(sites: list[Site]) -> Iterator[list[Site]]:
    """Yield places of one statement that read the same, as in m * m."""
    groups: dict[tuple, list[Site]] = defaultdict(list)
    for site in sites:
        if isinstance(site.node, COPIED) and site.field != "func" and _is_read(site.node):
            groups[id(site.statement), ast.dump(site.node)].append(site)
    yield from (group for group in groups.values() if 2 <= len(group) <= 3)


def _repeated_bounds(sites: list[Site]) -> Iterator[list[Site]]:
    """Yield places of one statement with the same bound of slices, as in g[3:4] = a * x[3:4]."""
    groups: dict[tuple, list[Site]] = defaultdict(list)
    for site in sites:
        if site.field in ("lower", "upper"):
            groups[id(site.statement), site.field, ast.dump(site.node)].append(site)
    yield from (group for group in groups.values() if len(group) > 1)


def _form(node: ast.AST) -> str:
    return re.sub(r"ctx=\w+|(id|value|attr)='[^']*'|value=[\d.]+", "", ast.dump(node))


def _is_same_edit(one: Edit, other: Edit) -> bool:
    """Tell whether two edits at one place put the same there."""
    ((a, part, i, new),), ((b, other_part, k, other_new),) = one.changes, other.changes
    return (a is b, part, i) == (True, other_part, k) and ast.dump(new) == ast.dump(other_new)


# ---------------------------------------------------------------------------------------
# Repair
# ---------------------------------------------------------------------------------------

SELF_EXPLAINED = (  # errors whose sentence says all; no second, guessed reason is added
    "not-attempted",
    "not-attempted: raises",
    "not-attempted: left in",
    "raised: unknown name",
    "raised: hides a function",
    "raised: module",
    "raised: replaced",
    "raised: hides a builtin",
    "raised: no such key",
)


def repair(
    student: Student,
    judged: Sequence[Test],
    watched: Watched | None = None,
    seconds: float = 1.5,
    hint: str = "",
) -> Repair | None:
    """Search for one edit of a student's code with which it is judged correct.

    Args:
        student: whose function it is; its notebook and its functions are left as they are.
        judged: the judgement that refused it.
        watched: what watching has found; edits are tried there first.
        seconds: of processor time that the search may take.
        hint: the cause of a known misconception, if one is recognised; its edits are tried first.

    Returns:
        What was found; None where nothing was found in time, or the code cannot be read or copied.
    """
    try:
        clock = _Clock(seconds, MOST_RUNS)
        return _repair(student, judged, watched or Watched(), clock, hint)
    except (_TimeUp, _Untouchable):
        return None
    except Exception:  # noqa: BLE001 - whatever a student's objects do, the verdict is kept
        return None


def _repair(
    student: Student, judged: Sequence[Test], watched: Watched, clock: _Clock, hint: str
) -> Repair | None:
    trial = Trial(student, judged, clock)
    if not trial.trees or not trial.wrong:
        return None
    search = Search(trial, watched, hint)
    best = search.run()
    if not best:
        return None
    edit, names = best
    with contextlib.suppress(_TimeUp):
        edit = _twice(edit, trial)
    definition = search.scopes[edit.function].definition
    place = _place(edit.shown, definition, edit.also)
    outputs = TASKS[student.task].outputs
    order = [name for name in (*outputs, "weights", "losses", "arguments") if name in names]
    complete = names == trial.wrong
    return Repair(edit.cause, edit.fields, place, tuple(order), complete, edit.times)


def _twice(edit: Edit, trial: Trial) -> Edit:
    """Say of a call that must go that it is the second one, if that is so."""
    name = edit.fields.get("name", "")
    if edit.cause != "should-not-be-here" or not name:
        return edit
    argument = edit.changes[0][3]
    tree = trial.trees[edit.function]
    if _called(argument) == name or _comes_from(argument, name, tree):
        return replace(edit, cause="twice")
    results = [t.id for t in _assigned(edit.statement) if isinstance(t, ast.Name)]
    for node in ast.walk(tree):
        if _called(node) == name and node.lineno > edit.statement.end_lineno:
            first = getattr(node.args[0], "id", "") if node.args else ""
            if first in results:
                return replace(edit, cause="twice", shown=_span(node.func))
    return replace(edit, cause="twice") if _is_its_value(edit, name, trial) else edit


def _is_its_value(edit: Edit, name: str, trial: Trial) -> bool:
    """Tell whether a function of the graph is applied to its own value in the forward pass."""
    if name not in ("exp", "tanh", "sigmoid") or trial.twin.task != "backward_propagation":
        return False
    seen = trial.values_at(edit, edit.changes[0][3])
    value = _words(trial.judged[0][0][0])[name]
    return bool(seen) and all(isinstance(v, float) and math.isclose(v, value) for v in seen)


def _comes_from(argument: ast.expr, name: str, tree: ast.stmt) -> bool:
    """Tell whether a variable is the result of a call of this function."""
    if not isinstance(argument, ast.Name):
        return False
    definitions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _called(node.value) == name
    ]
    return any(
        getattr(target, "id", "") == argument.id and argument not in ast.walk(node)
        for node in definitions
        for target in node.targets
    )


# ---------------------------------------------------------------------------------------
# 10. Explanation: the only name used from above the seam is `explain`
# ---------------------------------------------------------------------------------------

SECONDS = 1.5  # of processor time that an explanation may take


def explain(student: Student, fault: Fault) -> Reason | None:
    """Return what is found out about a fault, or None; never raise.

    Args:
        student: whose function it is.
        fault: what is wrong.
    """
    try:
        return explained(student, fault)
    except Exception:  # noqa: BLE001 - it must not hide the verdict
        return None


def explained(student: Student, fault: Fault) -> Reason | None:
    """Return the strongest statement that is proved about a fault, or None."""
    if fault.cause in SELF_EXPLAINED or fault.cause in NOT_SEARCHED:
        return None
    found = wrong_forward(student, fault) or rounded(fault) or misconception(student, fault)
    if found and found.cause in OF_ANOTHER:
        return found
    begun = time.thread_time()
    watched = watch(student, fault.call)
    if watched.first and _may_be_renamed(student, watched.first):
        watched = replace(watched, first=None)
    left = SECONDS - (time.thread_time() - begun)
    hint = found.cause if found else ""
    repaired = repair(student, repair_tests(fault), watched, left, hint)
    if repaired and not believable(fault, repaired, watched.first):
        repaired = None
    if found:
        told = with_repair(found, repaired, watched.first or watched.deviating)
        return told if told.place else replace(told, place=place_of_form(student, told.cause))
    if repaired and (repaired.cause != "line" or not watched.first):
        return reason_of(student, repaired)
    if fault.cause == "changes-argument":
        return Reason("", "", place_of_change(student, fault, watched))
    if seen := mirrored(fault):
        return with_repair(seen, None, watched.first)
    return reason_of_step(student, fault, watched.first) if watched.first else None


def mirrored(fault: Fault) -> Reason | None:
    """Say so if sigmoid returns what belongs to -z, or 1 divided by what is due."""
    got = fault.outcome.result if fault.outcome and fault.call.task == "sigmoid" else None
    if not isinstance(got, float) or not fault.differences:
        return None
    z = fault.call.arguments[0]
    row = fault.differences[0]
    if row.expected is None:
        return None
    if math.isclose(got * row.expected, 1, rel_tol=RTOL_SINGLE):
        return observed("inverted", z=z)
    if math.isclose(got, 1 - row.expected, rel_tol=RTOL_SINGLE):
        return observed("mirrored", z=z, other=-z)  # the curve is symmetric
    return None


def _may_be_renamed(student: Student, step: Step) -> bool:
    """Tell whether a result may be correct, and only be returned under a wrong name."""
    return step.is_known and not step.is_named and student.task not in LOOP_TASKS


def believable(fault: Fault, repaired: Repair, first: Step | None) -> bool:
    """Tell whether a repair explains a fault.

    A surface error is not explained by a part of it. Where watching has shown which statement is
    the first with a wrong result, an edit of one that runs later repairs it by accident.
    """
    if fault.cause not in UNRECOGNISED and not repaired.complete:
        if fault.cause != "not-finite" or "weights" not in repaired.names:
            return False
    if first is None or repaired.place is None or repaired.place.function != first.function:
        return True
    lines = (repaired.place.line, *repaired.place.also)
    return min(lines) <= first.last


def with_repair(found: Reason, repaired: Repair | None, first: Step | None) -> Reason:
    """Return a known misconception, or a deviation of the log, with what shows its place."""
    if not repaired or not (repaired.complete or "weights" in repaired.names):
        return replace(found, place=place_of_step(first) if first else None)
    if repaired.cause == "wrong-t" and repaired.fields["is_counted"]:
        return found  # it is shown where t is used, which may be correct
    of_t = ("t-per-epoch", "t-per-weight", "t-restarts", "t-index")
    same = repaired.cause == "wrong-t" and found.cause in of_t
    if same and str(repaired.fields["part"]).isidentifier():
        return found  # what is used is t; it is set elsewhere
    if same or repaired.cause in ("line", found.cause) or found.cause == "betas-swapped":
        return replace(found, place=repaired.place)
    index = found.cause == "one-memory" and repaired.cause in ("off-by-one", "wrong-name")
    if repaired.cause == "shared" or index:  # what follows from it need not be said
        return replace(found, cause=repaired.cause, sentence=repaired.text, place=repaired.place)
    text = repaired.text
    return replace(found, sentence=f"{found.sentence} The reason: {text}", place=repaired.place)


CHANGING = ("pop", "popitem", "clear", "update", "setdefault")  # methods of a dictionary


def place_of_change(student: Student, fault: Fault, watched: Watched) -> Place | None:
    """Return where an argument is changed, by what watching saw or by the only call that does so."""
    if watched.changing:
        return place_of_step(watched.changing)
    found = []
    for definition in _definitions(unwrapped(student.function), student.namespace)[:1]:
        given = dict(zip(TASKS[student.task].arguments, _parameters_of(definition.tree)))
        for statement, _ in _statements(definition.tree):
            for call in ast.walk(statement) if not _has_block(statement) else ():
                holder = getattr(getattr(call, "func", None), "value", None)
                is_given = getattr(holder, "id", None) == given.get(fault.fields["name"])
                if _called(call) in CHANGING and is_given:
                    found.append(_place(_span(call), definition))
    return found[0] if len(found) == 1 else None


def place_of_form(student: Student, cause: str) -> Place | None:
    """Return where the only statement is that has the form of a misconception, if there is one."""
    forms = {
        "overwrites": _keeps_correction,
        "no-velocity": _loses_velocity,
        "several-at-once": _fills_with_one_number,
        "one-sided": _takes_unmoved,
        "t-restarts": _counts_in_an_epoch,
        "t-per-epoch": _counts_exponent,
        "t-per-weight": _counts_exponent,
    }
    found = []
    for definition in _definitions(unwrapped(student.function), student.namespace):
        for statement, loops in _statements(definition.tree):
            if cause in forms and forms[cause](statement, loops, definition.tree):
                found.append(_place(_head(statement), definition))
    lines = tuple(place.line for place in found[1:])
    return replace(found[0], also=lines) if 0 < len(found) < 3 else None


def _keeps_correction(statement: ast.stmt, loops: tuple, tree: ast.stmt) -> bool:
    """Tell whether this is `m = m / (1 - beta**t)`, or m /= ..."""
    target, value = getattr(statement, "targets", [None])[0], getattr(statement, "value", None)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Div):
        divisor = value
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div) and target:
        divisor = value.right if _text(value.left) == _text(target) else None
    else:
        return False
    return divisor is not None and bool(_exponents(divisor))


COPYING = {"list", "copy", "deepcopy", "array", "asarray", "enumerate", "zip", "len", "range"}
FILLING = {"ones", "full", "ones_like", "full_like"}


def _fills_with_one_number(statement: ast.stmt, loops: tuple, tree: ast.stmt) -> bool:
    """Tell whether this makes an array with the same number everywhere."""
    is_set = isinstance(statement, (ast.Assign, ast.AugAssign))
    return is_set and any(_called(node) in FILLING for node in ast.walk(statement.value))


def _takes_unmoved(statement: ast.stmt, loops: tuple, tree: ast.stmt) -> bool:
    """Tell whether a difference, or a pass of a loop, takes a loss at the weights as given."""
    inner = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n is not tree]
    if _has_block(statement) or any(n is statement for f in inner for n in ast.walk(f)):
        return False
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    passes = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id not in COPYING]
    given = [argument for call in passes for argument in call.args]
    copied = [node.args[0] for node in given if _called(node) in COPYING and node.args]
    unmoved = {_text(each) for each in (*given, *copied)} & {*_parameters_of(tree)[2:3]}
    again = loops or any(isinstance(n, (*COMPREHENSIONS, ast.Sub)) for n in ast.walk(statement))
    return bool(unmoved and again) and "backward_propagation" not in map(_called, calls)


def _loses_velocity(statement: ast.stmt, loops: tuple, tree: ast.stmt) -> bool:
    """Tell whether this multiplies by gamma what its function never sets, and keeps it elsewhere."""
    value = statement.value if isinstance(statement, (ast.Assign, ast.AugAssign)) else ast.Pass()
    products = [n for n in ast.walk(value) if isinstance(getattr(n, "op", None), ast.Mult)]
    sides = [(_text(n.left), _text(n.right)) for n in products if isinstance(n, ast.BinOp)]
    gamma = re.compile(r"gamma|momentum|\bmu\b")
    old = [other for a, b in sides for one, other in ((a, b), (b, a)) if gamma.search(one)]
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    around = [f for f in functions if any(n is statement for n in ast.walk(f))]
    inner = _statements(around[-1]) if around else ()
    in_loops = [s for s, its_loops in inner if its_loops or not loops]
    is_set = {_text(target) for each in in_loops for target in _assigned(each)}
    return len(old) == 1 and old[0] not in is_set


def _counts_exponent(statement: ast.stmt, loops: tuple, tree: ast.stmt) -> bool:
    """Tell whether this counts up what is an exponent somewhere in the function."""
    exponents = {_text(exponent) for exponent in _exponents(tree)}
    return _counts_up(statement) and bool({_text(t) for t in _assigned(statement)} & exponents)


def _counts_in_an_epoch(statement: ast.stmt, loops: tuple, tree: ast.stmt) -> bool:
    """Tell whether this inner loop sets an exponent that nothing else in a loop sets."""
    exponents = {name for exponent in _exponents(tree) for name in _names_in(exponent)}
    if not isinstance(statement, ast.For) or not loops:
        return False
    counted = _target_names([statement]) & exponents
    others = (each for each, around in _statements(tree) if around and each is not statement)
    return bool(counted) and not counted & {n for each in others for n in _target_names([each])}


def place_of_step(step: Step) -> Place:
    """Return the place of a statement that was watched."""
    if step.last > step.line:  # the part in the first line is not to blame more than the others
        return Place(step.function, step.line, step.text)
    return Place(step.function, step.line, step.text, step.start, step.end)


def reason_of_step(student: Student, fault: Fault, step: Step) -> Reason | None:
    """Return what watching proves: up to a statement all is correct, and its result is not."""
    if fault.cause not in (*UNRECOGNISED, "not-finite"):
        return None  # the line that raised is shown already; a changed argument changes all others
    if step.is_shared:
        return None
    rows = WATCHED_CALLS[student.task][0] if student.task in LOOP_TASKS else ()
    moment = ""
    if rows and step.moment:
        epoch = (step.moment - 1) // len(rows) + 1
        moment = f" (from update {step.moment} on, in epoch {epoch})"
    what = "this line"
    if step.last > step.line:
        what = f"this statement (lines {step.line} to {step.last})"
    sentence = f"all that {what} uses is correct; its result is not{moment}."
    if step.adds_up:  # what it changes may have to be another number before
        sentence = f"{what} is the first whose result is not correct{moment}."
    if step.aliases:
        names = " and ".join(f"`{name}`" for name in step.aliases)
        sentence = f"this line changes {names} at once: they are names of the same object."
    outputs = step.outputs if student.task in BOTH_PASSES else ()
    return Reason("shared" if step.aliases else "", sentence, place_of_step(step), outputs)


NOT_SEARCHED = ("wrong-signature", "outlives-the-call", "unreadable", "backward-not-called")
OF_ANOTHER = ("wrong-forward",)  # no line of this function is to blame

# All causes that a grader can tell
CAUSES = frozenset(
    key.split(":")[0]
    for key in (*MESSAGES, *OBSERVATIONS, *SENTENCES, "wrong-forward", "rounded")
    if key not in (*UNRECOGNISED, "line")
)


def reason_of(student: Student, repaired: Repair) -> Reason:
    """Return a repair as a reason."""
    cause = "" if repaired.cause == "line" else repaired.cause
    text = repaired.text
    is_pass = len(TASKS[student.task].outputs) > 1 and student.task in BOTH_PASSES
    names = repaired.names if is_pass or not repaired.complete else ()
    outputs = tuple(name for name in names if name != "arguments")
    return Reason(cause, text, repaired.place, outputs)


def repair_tests(fault: Fault) -> list[Test]:
    """Return the tests that a repair has to pass, a short run of a loop first."""
    task = fault.call.task
    passes = fault.call.passes
    by_passes = {tests[0][0].passes: tests[:-1] for tests in judgements(task)}
    if task not in LOOP_TASKS:
        return by_passes[passes]
    ends = dict(zip(WEIGHTS, POSITIVE_WEIGHTS[task][-1]))
    short = (misconception_run(task), Expect((ends,), rtol=RTOL_ENDS))
    return [short, *by_passes[GRADERS]]


def wrong_forward(student: Student, fault: Fault) -> Reason | None:
    """Say so if a backward pass reads keys of the student's own that are not to be trusted."""
    code = getattr(unwrapped(student.function), "__code__", None)
    forward = student.other("forward_propagation")
    if fault.call.task != "backward_propagation" or not code or not callable(forward.function):
        return None
    own, _ = student.own_result(Call("forward_propagation", POINTS[1]))
    known = {*FORWARD_KEYS, *DY_PR, *NODES}
    read = {*map(str, own)} & {*map(str, code.co_consts)} - known if isinstance(own, dict) else ()
    if not read or not verdict_on(forward).fault:
        return None
    keys = ", ".join(map(repr, sorted(read)))
    sentence = (
        f"it reads {keys} of your forward_propagation, which is not correct: look there first."
    )
    return Reason("wrong-forward", sentence)


def rounded(fault: Fault) -> Reason | None:
    """Say so if all numbers are correct to single precision, and no further."""
    rows = [row for row in fault.differences if isinstance(row.got, float) and row.expected]
    near = [math.isclose(row.got, row.expected, rel_tol=RTOL_SINGLE) for row in rows]
    if not rows or not all(near) or len(rows) < len(fault.differences):
        return None
    sentence = "the numbers are correct to 6 digits only: rounded, or not of double precision."
    return Reason("rounded", sentence)


RTOL_SINGLE = 1e-6  # rounding errors of single precision add up to less

# What follows is about a short run of each loop in which all gradients are positive
LOOP_TASKS = ("train_vanilla", "train_momentum", "train_adam")
RTOL_ENDS = 1e-5  # of stored weights
POSITIVE_ROWS = [
    [0.2925, 0.3375, 0.45, 0.3325, 0.355],
    [0.2925, 0.33, 0.1675, 0.09, 0.185],
    [0.1975, 0.2325, 0.3825, 0.355, 0.185],
]
POSITIVE_TARGETS = [-0.23, -0.31, -0.16]
POSITIVE_START = [0.92, 0.81, 1.05, 1.23, 1.14, 0.78, 0.87, 1.36, 1.45]
POSITIVE_SETTINGS = {  # epochs, lr; gamma, or beta1, beta2 and eps
    "train_vanilla": (2, 0.14),
    "train_momentum": (2, 0.06, 0.7),
    "train_adam": (2, 0.05, 0.8, 0.93, 0.0),
}

# Printed by tests/tools/oracle.py: the weights after the first two updates and the last; w1 and w9
# at the end of runs with known misconceptions, those of the corpus
# fmt: off
POSITIVE_WEIGHTS = {
"train_vanilla": [
    [0.785534, 0.678362, 0.873298, 1.10573, 1.03086, 0.717669, 0.809555, 1.28372, 1.41099],
    [0.708706, 0.605035, 0.836372, 1.08621, 0.9977, 0.680716, 0.774418, 1.26684, 1.40461],
    [0.474292, 0.376348, 0.544933, 0.8457, 0.834931, 0.562343, 0.658564, 1.1268, 1.32298],
],
"train_momentum": [
    [0.862372, 0.753584, 0.974271, 1.17674, 1.09323, 0.753287, 0.844095, 1.32731, 1.43328],
    [0.785195, 0.678874, 0.90337, 1.13018, 1.04477, 0.717248, 0.809501, 1.29651, 1.41862],
    [0.434211, 0.337075, 0.506245, 0.827856, 0.809421, 0.547477, 0.644679, 1.11525, 1.3197],
],
"train_adam": [
    [0.87, 0.76, 1.0, 1.18, 1.09, 0.73, 0.82, 1.31, 1.4],
    [0.821972, 0.712134, 0.959639, 1.14163, 1.04709, 0.681986, 0.772128, 1.26962, 1.36162],
    [0.638384, 0.528583, 0.787757, 0.970639, 0.87883, 0.498609, 0.588485, 1.09744, 1.19047],
],
}
MISCONCEPTIONS = {
"train_adam": {
    "t-per-weight": [(0.626482, 1.19034)],
    "overwrites": [(-1.52801, -0.930861), (0.72318, 1.26341), (0.843098, 1.37853)],
    "half-bias-correction": [(0.284689, 0.856089), (0.775662, 1.31784)],
    "t-index": [(0.92, 1.0376), (0.520474, 1.22685)],
    "t-restarts": [(0.595974, 1.15049)],
    "t-per-epoch": [(0.572661, 1.13056)],
    "no-bias-correction": [(0.617226, 1.17164)],
    "constant-correction": [(0.740354, 1.28377), (0.523669, 1.08495), (0.611071, 1.16595)],
    "rmsprop": [(0.397149, 0.956093), (0.679297, 1.22271), (0.409262, 0.967163)],
    "one-memory": [(0.640271, 0.406594), (0.699046, 1.39595), (0.690308, 1.2368)],
    "reset-each-epoch": [(0.664657, 1.21657), (0.632777, 1.18673)],
    "betas-swapped": [(-0.0350235, 0.554954), (0.840441, 1.37741)],
    "no-second-moment": [(0.705399, 1.39377)],
},
"train_momentum": {
    "no-velocity": [(0.696664, 1.38884)],
    "reset-each-epoch": [(0.548692, 1.35279)],
    "averaged": [(0.755267, 1.40715), (0.494929, 1.33673)],
    "nesterov": [(0.456217, 1.32379), (0.402989, 1.30726)],
    "one-memory": [(0.540948, 1.14758)],
},
}
# fmt: off
PASS_NUMBERS = [
 {'values': [-0.1287909499, -0.01200134162, -0.145900038, -0.0666608209, -0.01442174326,
             -0.1407922915, 0.01982246935, 0.1198224694, 1.127296704, 1.227296704, 0.8417934193,
             -0.145382964, -0.08108256416, 0.01178802351, 0.1117880235, 0.894233794, 1.894233794,
             1.118275787, 2.118275787, 0.05589401175, 0.05583587748, 1.055835877, 0.5279179387,
             0.4720820613, 0.05279179387, 0.8945852131, -0.9642639142, 0.9298048963,
             -1.928527828],
  'core': [-0.281584583, 0.2913838393, 0.2492205887, 0.9893754564, 0.9642639142, 0.1783768465,
           -0.1928527828, 0.003897061881, 0.006987524545, 0.003855657378],
  'paths': [[-1.928527828, 0.2913838393, 1.127296704, 2.0, -0.1407922915, -1.287909499],
            [-1.928527828, 0.2913838393, 1.127296704, 2.0, -0.1407922915, -0.1200134162],
            [-1.928527828, 0.1, 0.5279179387, 0.4720820613, -0.08108256416, 0.9893754564,
             -1.45900038],
            [-1.928527828, 0.1, 0.5279179387, 0.4720820613, -0.145382964, -0.666608209],
            [-1.928527828, 0.1, 0.5279179387, 0.4720820613, -0.145382964, -0.1442174326],
            [-1.928527828, 0.1582065807, 1.841793419], [0.7086161607, 0.27869735, 0.2492205887]],
  'dw': [-0.229733235, -0.02140761472, -0.00562540558, -0.004657941223, -0.00100772285,
         -0.6334751873, -0.5619418429, -0.04806288407, -1.018104436]},
 {'values': [1.6965, -2.133, 1.872, 2.1679, 0.3266, -0.4365, 0.19053225, -0.59946775, 0.5491038188,
             1.569103819, 0.9168830942, 0.9549800874, 2.4945, 2.382197828, 1.132197828,
             0.3223240645, 1.322324065, 3.102467703, 4.102467703, 0.566098914, 0.5124885447,
             1.512488545, 0.7562442724, 0.2437557276, 0.2798103808, 1.196693475, 1.496693475,
             2.240091358, 2.99338695],
  'core': [-0.873, 0.1593253915, 0.1843388729, -0.2966699052, -1.496693475, -0.2286212332,
           1.107553172, 0.5092898502, 0.1949736082, -0.1510909716],
  'paths': [[2.99338695, 0.1593253915, 0.5491038188, 2.0, -0.4365, 1.17],
            [2.99338695, 0.1593253915, 0.5491038188, 2.0, -0.4365, 1.35],
            [2.99338695, 0.37, 0.7562442724, 0.2437557276, 2.4945, -0.2966699052, -1.8],
            [2.99338695, 0.37, 0.7562442724, 0.2437557276, 0.9549800874, 1.33],
            [2.99338695, 0.37, 0.7562442724, 0.2437557276, 0.9549800874, 1.42],
            [2.99338695, 0.08311690575, 1.916883094], [0.8406746085, 0.5719053995, 0.1843388729]],
  'dw': [-0.2674868428, -0.3086386648, 0.2719637489, 0.2593148989, 0.2768625236, 0.2618799922,
         0.4769225477, 0.2041651033, 2.263731736]},
 {'values': [-1.2753, 0.7788, 0.6231, -0.0864, -1.4134, -0.4965, 0.24651225, -1.03348775,
             0.3557639784, -1.194236022, -0.8318880091, 0.5835553878, -1.4998, -0.8752163707,
             -0.2752163707, 1.316815564, 2.316815564, 0.7594077919, 1.759407792, -0.1376081853,
             -0.1367461309, 0.8632538691, 0.4316269346, 0.5683730654, 0.5006872441, -0.331200765,
             1.378799235, 1.90108733, 2.75759847],
  'core': [-0.993, 0.3079623403, 0.2453251239, 0.8120733399, -1.378799235, -0.3000128539,
           3.198814225, -1.176967294, 0.4579447966, -0.9557837617],
  'paths': [[2.75759847, 0.3079623403, 0.3557639784, 2.0, -0.4965, -1.17],
            [2.75759847, 0.3079623403, 0.3557639784, 2.0, -0.4965, 1.32],
            [2.75759847, 1.16, 0.4316269346, 0.5683730654, -1.4998, 0.8120733399, -0.67],
            [2.75759847, 1.16, 0.4316269346, 0.5683730654, 0.5835553878, -0.36],
            [2.75759847, 1.16, 0.4316269346, 0.5683730654, 0.5835553878, 0.74],
            [2.75759847, 1.831888009, 0.1681119909], [0.6920376597, 0.1863018106, 0.2453251239]],
  'dw': [0.3510150391, -0.3960169672, 0.6403751203, -0.1648601268, 0.3388791495, 0.3021277482,
         0.8492364784, 0.7847494962, 1.190253774]},
 {'values': [1.2245, -0.9114, -2.4021, -0.3834, 0.7844, 0.3131, 0.09803161, -1.20196839,
             0.3006019274, -1.529398073, -0.9103215314, -0.6739131655, 0.401, -0.2702391794,
             1.269760821, 0.2808987989, 1.280898799, 3.560000982, 4.560000982, 0.6348804103,
             0.5614036032, 1.561403603, 0.7807018016, 0.2192981984, 0.98368427, 0.07336273864,
             0.3733627386, 0.1393997346, 0.7467254773],
  'core': [0.6262, 0.1713147095, 0.1712064986, -0.7388105612, -0.3733627386, 0.02408021983,
           0.9408741014, 0.06459458796, -0.1085564669, -0.04772316378],
  'paths': [[0.7467254773, 0.1713147095, 0.3006019274, 2.0, 0.3131, -0.79],
            [0.7467254773, 0.1713147095, 0.3006019274, 2.0, 0.3131, 0.93],
            [0.7467254773, 1.26, 0.7807018016, 0.2192981984, 0.401, -0.7388105612, 1.53],
            [0.7467254773, 1.26, 0.7807018016, 0.2192981984, -0.6739131655, -1.42],
            [0.7467254773, 1.26, 0.7807018016, 0.2192981984, -0.6739131655, -0.74],
            [0.7467254773, 1.910321531, 0.08967846862],
            [0.8286852905, 0.609495303, 0.1712064986]],
  'dw': [-0.01902337367, 0.02239460445, -0.07301644059, 0.1541501831, 0.08033178554, 0.03845451906,
         0.1279250582, 0.1610837605, 0.5829699254]},
 {'values': [-0.988, 1.66, -1.188, -0.18, 1.3175, 0.672, 0.451584, -0.928416, 0.3951791787,
             1.815179179, 0.9483555553, -0.9276237913, 1.1375, -1.055172063, 0.6648279374,
             0.5143620225, 1.514362023, 1.944155976, 2.944155976, 0.3324139687, 0.3206881645,
             1.320688165, 0.6603440823, 0.3396559177, -0.5546890291, 0.3936665262, -1.406333474,
             1.97777384, -2.812666948],
  'core': [1.344, 0.1006217408, 0.2242897753, 0.3735158656, 1.406333474, -0.1503153938,
           2.362640236, 0.6027795042, -0.4915627331, 0.2251477083],
  'paths': [[-2.812666948, 0.1006217408, 0.3951791787, 2.0, 0.672, -1.9],
            [-2.812666948, 0.1006217408, 0.3951791787, 2.0, 0.672, -1.0],
            [-2.812666948, -0.84, 0.6603440823, 0.3396559177, 1.1375, 0.3735158656, -1.1],
            [-2.812666948, -0.84, 0.6603440823, 0.3396559177, -0.9276237913, 0.24],
            [-2.812666948, -0.84, 0.6603440823, 0.3396559177, -0.9276237913, -1.55],
            [-2.812666948, 0.05164444471, 1.948355555],
            [0.8993782592, 0.436054307, 0.2242897753]],
  'dw': [0.2855992483, 0.1503153938, -0.2476624791, -0.117975056, 0.7619222364, -0.1118418109,
         -0.2830154444, 0.5299160476, -1.857327974]},
 {'values': [-0.3633, -0.1235, -2.1692, -1.8849, 0.2244, -0.4868, 0.23697424, -1.04302576,
             0.3523868293, -1.407613171, -0.8869862047, -0.8262359169, -1.6605, 1.37196474,
             0.1119647399, 0.8940757821, 1.894075782, 1.118473423, 2.118473423, 0.05598236997,
             0.05592395979, 1.05592396, 0.5279619799, 0.4720380201, -0.5174027403, -1.404388945,
             -1.164388945, 1.355801615, -2.32877789],
  'core': [-0.9736, 0.2132554726, 0.2492181277, -0.5633242492, 1.164388945, 0.1703838735,
           2.282202332, -0.9444362622, -0.4699350563, 0.5320238483],
  'paths': [[-2.32877789, 0.2132554726, 0.3523868293, 2.0, -0.4868, 1.73],
            [-2.32877789, 0.2132554726, 0.3523868293, 2.0, -0.4868, -0.19],
            [-2.32877789, -0.98, 0.5279619799, 0.4720380201, -1.6605, -0.5633242492, 1.16],
            [-2.32877789, -0.98, 0.5279619799, 0.4720380201, -0.8262359169, -1.03],
            [-2.32877789, -0.98, 0.5279619799, 0.4720380201, -0.8262359169, -0.33],
            [-2.32877789, 1.886986205, 0.1130137953], [0.7867445274, 0.2787438522, 0.2492181277]],
  'dw': [0.2947641012, -0.03237293597, 0.617147664, 0.484033108, 0.1550785686, -0.1750039785,
         -0.4966246295, 0.5687661922, -1.229506186]}
]
SIGMOID_NUMBERS = {
 2: [0.1353352832, 1.135335283, 7.389056099, 8.389056099, 1.0, 0.761594156, 1.761594156,
     0.119202922, 0.880797078],
 0.0: [1.0, 2.0, 1.0, 2.0, 0.0, 0.0, 1.0, 0.5, 0.5],
 0.3: [0.7408182207, 1.740818221, 1.349858808, 2.349858808, 0.15, 0.1488850336, 1.148885034,
       0.4255574832, 0.5744425168],
 -0.3: [1.349858808, 2.349858808, 0.7408182207, 1.740818221, -0.15, -0.1488850336, 0.8511149664,
        0.5744425168, 0.4255574832],
 0.7: [0.4965853038, 1.496585304, 2.013752707, 3.013752707, 0.35, 0.3363755443, 1.336375544,
       0.3318122278, 0.6681877722],
 -0.7: [2.013752707, 3.013752707, 0.4965853038, 1.496585304, -0.35, -0.3363755443, 0.6636244557,
        0.6681877722, 0.3318122278],
 1: [0.3678794412, 1.367879441, 2.718281828, 3.718281828, 0.5, 0.4621171573, 1.462117157,
     0.2689414214, 0.7310585786],
 -1.0: [2.718281828, 3.718281828, 0.3678794412, 1.367879441, -0.5, -0.4621171573, 0.5378828427,
        0.7310585786, 0.2689414214],
 1.6: [0.201896518, 1.201896518, 4.953032424, 5.953032424, 0.8, 0.6640367703, 1.66403677,
       0.1679816149, 0.8320183851],
 -1.6: [4.953032424, 5.953032424, 0.201896518, 1.201896518, -0.8, -0.6640367703, 0.3359632297,
        0.8320183851, 0.1679816149],
 4.5: [0.01110899654, 1.011108997, 90.0171313, 91.0171313, 2.25, 0.9780261147, 1.978026115,
       0.01098694263, 0.9890130574],
 -4.5: [90.0171313, 91.0171313, 0.01110899654, 1.011108997, -2.25, -0.9780261147, 0.02197388526,
        0.9890130574, 0.01098694263],
 9.25: [9.611165206e-05, 1.000096112, 10404.56572, 10405.56572, 4.625, 0.9998077952, 1.999807795,
        9.61024155e-05, 0.9999038976],
 -9.25: [10404.56572, 10405.56572, 9.611165206e-05, 1.000096112, -4.625, -0.9998077952,
         0.000192204831, 0.9999038976, 9.61024155e-05],
 19.0: [5.602796438e-09, 1.000000006, 178482301.0, 178482302.0, 9.5, 0.9999999888, 1.999999989,
        5.602796406e-09, 0.9999999944],
 -19.0: [178482301.0, 178482302.0, 5.602796438e-09, 1.000000006, -9.5, -0.9999999888,
         1.120559281e-08, 0.9999999944, 5.602796406e-09],
 20.2: [1.687529858e-09, 1.000000002, 592582107.8, 592582108.8, 10.1, 0.9999999966, 1.999999997,
        1.687529855e-09, 0.9999999983],
 -20.2: [592582107.8, 592582108.8, 1.687529858e-09, 1.000000002, -10.1, -0.9999999966,
         3.375059709e-09, 0.9999999983, 1.687529855e-09],
 -27.0: [532048240600.0, 532048240600.0, 1.879528817e-12, 1.0, -13.5, -1.0, 3.759057633e-12, 1.0,
         1.879528817e-12],
 30.0: [9.357622969e-14, 1.0, 10686474580000.0, 10686474580000.0, 15.0, 1.0, 2.0, 9.357622969e-14,
        1.0],
 -30.0: [10686474580000.0, 10686474580000.0, 9.357622969e-14, 1.0, -15.0, -1.0, 1.871524594e-13,
         1.0, 9.357622969e-14]
}
LOOP_NUMBERS = {
 'train_vanilla': {'w': [[0.41527022, -0.3039916567, 0.5706511521, 0.7413325973, 0.6615381048,
                          0.2778682682, 0.3753020485, 0.8692930184, 0.9536496391],
                         [-0.05708122001, -0.4566801046, 1.04185149, 1.079590038, 0.5605985956,
                          0.06462174179, 0.2412086782, 1.079590711, 1.062078343],
                         [0.2083715042, -0.4966462105, 0.9639717216, 1.221703572, 0.44367656,
                          0.2144791567, 0.2006299425, 1.049846008, 1.102340295],
                         [0.008632882389, -0.3744703185, 1.073322827, 1.429160863, 0.531594179,
                          0.1141050614, 0.3301505367, 1.092645681, 1.158429277],
                         [0.08575371001, -0.4995076022, 0.4392115457, 1.063881118, 0.06985863421,
                          0.1566977162, 0.2119798158, 0.8526377907, 1.065695255],
                         [-0.06902054705, -0.5464030568, 0.6236247528, 1.235115841, 0.04209867588,
                          0.07425405149, 0.1615083248, 0.9416581152, 1.114662466],
                         [0.05054707431, -0.5616248893, 0.5953729118, 1.304797478, 0.006480260666,
                          0.143238389, 0.1441847855, 0.9289884505, 1.13349858],
                         [-0.1399246207, -0.4449139889, 0.6928053376, 1.540860909, 0.07371049574,
                          0.03959974255, 0.2795724765, 0.9731660585, 1.195932451]],
                   'g': [[0.0095802714, -0.01217002887, -0.041829354, -0.02295442023,
                          -0.04362589584, 0.0043178688, -0.01073941356, -0.0188232093,
                          -0.0073924227],
                         [0.9567580312, 0.309273745, -0.9544264483, -0.6851477426, 0.2044551534,
                          0.4319354393, 0.2716090142, -0.4259625126, -0.2196246783],
                         [-0.5376802192, 0.08095220958, 0.15774715, -0.287854029, 0.2368281052,
                          -0.3035394265, 0.08219310445, 0.06024853721, -0.08155145257],
                         [0.4045748872, -0.2474699049, -0.2214930227, -0.4202092187, -0.1780790339,
                          0.2033098952, -0.2623467575, -0.08669166095, -0.1136094435],
                         [-0.1562099, 0.2532657155, 1.284406079, 0.7398820041, 0.9352553065,
                          -0.08627234113, 0.2393573442, 0.4861411594, 0.1878347614],
                         [0.3134985964, 0.094987755, -0.3735329292, -0.3468396263, 0.05622839443,
                          0.1669914213, 0.1022310938, -0.1803125875, -0.09918414172],
                         [-0.2421867964, 0.03083215003, 0.05722471344, -0.1411416575,
                          0.07214586838, -0.1397292638, 0.03508920269, 0.02566267907,
                          -0.0381529558],
                         [0.385804527, -0.2364004465, -0.1973514804, -0.4781515717, -0.1361762914,
                          0.2099223141, -0.2742306887, -0.08948269795, -0.1264611514]],
                   'loss': [0.001032144129, 0.5769597049, 0.2114736092, 0.3450223126, 0.5438915032,
                            0.1052515607, 0.04401263421, 0.4151011074],
                   'mean': [0.2836219427, 0.2770642014]},
 'train_momentum': {'w': [[0.41802359, -0.307489323, 0.5586293957, 0.7347354969, 0.6490000223,
                           0.2791092237, 0.372215541, 0.8638832281, 0.9515250568],
                          [0.2158546911, -0.3701238364, 0.7631759356, 0.8810769433, 0.6129812802,
                           0.1879277938, 0.3170583963, 0.9556203271, 0.9985642554],
                          [0.1560855156, -0.4267707224, 0.8934782204, 1.018506689, 0.556833687,
                           0.1641827926, 0.266609386, 1.014607537, 1.042163943],
                          [0.03108261551, -0.4078049462, 1.032449433, 1.198249563, 0.5571349204,
                           0.1058103429, 0.2889612255, 1.075089226, 1.096907398],
                          [-0.03289252895, -0.4331108475, 0.9278861924, 1.218777182, 0.4028957182,
                           0.07773274138, 0.2673617972, 1.040287677, 1.106642254],
                          [-0.04821673663, -0.4394875908, 0.7976757663, 1.192558197, 0.3000557805,
                           0.07463853792, 0.2635756611, 0.9934281841, 1.102526484],
                          [0.01588745362, -0.4556345975, 0.6847908506, 1.215708941, 0.1987736481,
                           0.1148249776, 0.2492698704, 0.9517279172, 1.111076019],
                          [-0.007407926796, -0.4126369533, 0.6423649635, 1.317876246, 0.1560952147,
                           0.105648611, 0.2946819723, 0.9385761444, 1.14050475]],
                    'g': [[0.0095802714, -0.01217002887, -0.041829354, -0.02295442023,
                           -0.04362589584, 0.0043178688, -0.01073941356, -0.0188232093,
                           -0.0073924227],
                          [0.973084184, 0.3123627885, -0.9614125814, -0.6928512047, 0.2059741064,
                           0.4388787901, 0.2750886253, -0.4311385994, -0.222696196],
                          [-0.4151765071, 0.05619913031, 0.08157072879, -0.15592023, 0.1465793117,
                           -0.2028201708, 0.052227223, 0.03392770655, -0.04733103244],
                          [0.3975323904, -0.2894419839, -0.2193154601, -0.3920972255,
                           -0.1972282947, 0.2001583629, -0.2842453353, -0.08750455393,
                           -0.113340764],
                          [-0.125736508, 0.1887929426, 0.9913971608, 0.5272003411, 0.7486954892,
                           -0.0674246316, 0.1826326055, 0.3795735701, 0.1436844913],
                          [-0.1487790292, -0.05732327419, 0.2665927628, 0.1986645721,
                           -0.03928415173, -0.08289876553, -0.05695750216, 0.1058009669,
                           0.05389264288],
                          [-0.3641633197, 0.056035944, 0.09318737885, -0.203635774, 0.132376952,
                           -0.2055845866, 0.05614359197, 0.0387505253, -0.05579257127],
                          [0.336430075, -0.2647221818, -0.187941022, -0.4145175684, -0.1462617759,
                           0.1845975405, -0.2700060937, -0.08164434903, -0.1128407748]],
                    'velocity': [[0.00197640999, -0.002510676956, -0.00862939573, -0.004735496893,
                                  -0.009000022312, 0.0008907763334, -0.002215541017,
                                  -0.003883228079, -0.001525056803],
                                 [0.2021688989, 0.06263451333, -0.2045465399, -0.1463414465,
                                  0.03601874211, 0.09118142982, 0.05515714474, -0.09173709901,
                                  -0.04703919859],
                                 [0.05976917553, 0.05664688602, -0.1303022848, -0.1374297459,
                                  0.0561475932, 0.02374500124, 0.05044901032, -0.05898720946,
                                  -0.04359968754],
                                 [0.1250029001, -0.01896577617, -0.1389712129, -0.1797428738,
                                  -0.0003012334012, 0.05837244967, -0.02235183956, -0.06048168924,
                                  -0.05474345486],
                                 [0.06397514445, 0.02530590126, 0.1045632408, -0.02052761876,
                                  0.1542392022, 0.02807760155, 0.02159942832, 0.03480154845,
                                  -0.009734856531],
                                 [0.01532420769, 0.006376743309, 0.1302104261, 0.02621898505,
                                  0.1028399377, 0.003094203464, 0.003786136092, 0.04685949328,
                                  0.004115769924],
                                 [-0.06410419026, 0.01614700671, 0.1128849158, -0.02315074424,
                                  0.1012821324, -0.04018643966, 0.01430579071, 0.04170026689,
                                  -0.008549534146],
                                 [0.02329538042, -0.04299764417, 0.04242588708, -0.1021673047,
                                  0.04267843344, 0.009176366569, -0.04541210187, 0.01315177277,
                                  -0.02942873176]],
                    'loss': [0.001032144129, 0.5945027978, 0.07583310208, 0.3639279483,
                             0.3372075353, 0.02987816705, 0.09520788137, 0.3375582447],
                    'mean': [0.2588239981, 0.1999629571]},
 'train_adam': {'w': [[0.0073, 0.1027, 0.9627, 1.1427, 1.0527, -0.1327, 0.7827, 1.2727, 1.3627],
                      [-0.3928883673, 0.03388382772, 1.370245791, 1.555884073, 1.263009175,
                       -0.5347154246, 0.7559162262, 1.678948379, 1.775653805],
                      [-0.12326662, -0.2466840393, 1.134203478, 1.846848351, 0.9941969003,
                       -0.2662982804, 0.4770329575, 1.444814973, 2.06693337],
                      [0.1305930496, -0.5597765243, 0.8873308204, 1.987797817, 0.7468875619,
                       -0.01000034726, 0.1576778493, 1.198750495, 2.208846041],
                      [0.4148368062, -0.9140550378, 0.6043618023, 1.816652476, 0.4417592059,
                       0.2829761234, -0.1978008997, 0.9167135377, 2.038947811],
                      [0.7332519905, -1.198016075, 0.3279116509, 1.617828437, 0.199322021,
                       0.6137650326, -0.453040934, 0.6400407725, 1.840995692],
                      [0.602230306, -1.467865807, 0.1271064901, 1.364206903, 0.05397764465,
                       0.4717568344, -0.6175400962, 0.4409216949, 1.587569921],
                      [0.4060564671, -1.796360652, -0.01067973131, 1.270698912, -0.03558230572,
                       0.2670268985, -0.6644848124, 0.3076139698, 1.4959755]],
                'g': [[0.0095802714, -0.01217002887, -0.041829354, -0.02295442023, -0.04362589584,
                       0.0043178688, -0.01073941356, -0.0188232093, -0.0073924227],
                      [0.01933633514, 0.0139135696, -0.0338664156, -0.02393957596, 0.007172421786,
                       0.008324433371, 0.009997166763, -0.01470580121, -0.007542157908],
                      [-0.7291340471, 0.3244396252, 0.3856735049, -0.7451175388, 0.7232982151,
                       -0.2794006961, 0.2448969763, 0.1634639667, -0.2311963043],
                      [-0.1234386249, 0.1557439929, 0.1012151982, 0.2264273494, 0.1034417858,
                       -0.05165032691, 0.1357193602, 0.04347976327, 0.06969487539],
                      [-0.2809683513, 0.286007446, 1.876113529, 1.460269635, 1.711697776,
                       -0.1230144526, 0.3342791946, 0.819630859, 0.4480873513],
                      [-0.3624195021, -0.01447076512, 0.3694090272, 0.4199312837, -0.06722378341,
                       -0.1643212722, -0.0600303288, 0.1654983501, 0.1294494355],
                      [2.086117379, 0.06227314591, -0.2165378455, 0.7648266722, -0.3841537668,
                       0.97115229, -0.07644915079, -0.1002883631, 0.2371506802],
                      [0.9412369584, 0.4035951505, -0.2230310625, -0.78458595, -0.2281129117,
                       0.4322948833, -0.1466317526, -0.1069232253, -0.2453460642]],
                'm': [[0.001752231639, -0.00222589828, -0.007650588847, -0.00419836346,
                       -0.007979176349, 0.0007897382035, -0.00196423874, -0.003442764981,
                       -0.001352074112],
                      [0.00496836417, 0.0007260103949, -0.01244546356, -0.007809031226,
                       -0.00520794905, 0.00216783395, 0.0002235023263, -0.005502774306,
                       -0.002484240438],
                      [-0.1292989669, 0.05993323053, 0.06037049576, -0.1426627573, 0.1280358284,
                       -0.0493310502, 0.04497428071, 0.02540124262, -0.04431567692],
                      [-0.1282271103, 0.07745701897, 0.06784099183, -0.07515617675, 0.123537578,
                       -0.04975524591, 0.06157155574, 0.02870780404, -0.0234631469],
                      [-0.1561634833, 0.1156008921, 0.3985740389, 0.2056732041, 0.4140120783,
                       -0.06315435481, 0.1114497829, 0.1733676308, 0.06278343921],
                      [-0.1938877091, 0.09181078598, 0.3932397582, 0.2448610069, 0.3259940392,
                       -0.081657784, 0.08008607046, 0.1719283394, 0.07497664992],
                      [0.2231252214, 0.08640835161, 0.2817114345, 0.3399627271, 0.1961080054,
                       0.1109011785, 0.0514557785, 0.1221399045, 0.1046382801],
                      [0.3544678581, 0.1444218171, 0.1893940318, 0.134282774, 0.1185179997,
                       0.1696840871, 0.01522556907, 0.08024425804, 0.0406261435]],
                'v': [[6.085120086e-06, 9.819666659e-06, 0.000116004769, 3.493382856e-05,
                       0.0001261834056, 1.236096602e-06, 7.64671074e-06, 2.349096571e-05,
                       3.623156657e-06],
                      [3.047083933e-05, 2.200346864e-05, 0.000184355384, 7.061446433e-05,
                       0.0001212281588, 5.748480857e-06, 1.376597748e-05, 3.627159174e-05,
                       7.154360244e-06],
                      [0.03527594783, 0.006999353604, 0.01003386329, 0.03687570244, 0.03479871915,
                       0.005181060214, 0.003989164565, 0.00180543384, 0.0035505298],
                      [0.03394737183, 0.008143481945, 0.01004782959, 0.03783000092, 0.03320098753,
                       0.005014428163, 0.00494591203, 0.001811073051, 0.00363717368],
                      [0.0369305962, 0.01302692628, 0.2427445293, 0.1766991569, 0.2252527472,
                       0.005685260008, 0.01202653111, 0.0462309905, 0.01670789385],
                      [0.04319046314, 0.01217712449, 0.2356980659, 0.1766754961, 0.2106181022,
                       0.007098525427, 0.01146809346, 0.0449818132, 0.01671115996],
                      [0.3288569585, 0.01162688887, 0.2231800008, 0.203744748, 0.2064382859,
                       0.06915786107, 0.0110952474, 0.04266634819, 0.01933195156],
                      [0.365790703, 0.02165556985, 0.2116811181, 0.2310491012, 0.1962013813,
                       0.0769627637, 0.01178514023, 0.0405955491, 0.0220411512]],
                'm_hat': [[0.0095802714, -0.01217002887, -0.041829354, -0.02295442023,
                           -0.04362589584, 0.0043178688, -0.01073941356, -0.0188232093,
                           -0.0073924227],
                          [0.01494930103, 0.002184491228, -0.03744713046, -0.02349657847,
                           -0.0156701875, 0.006522791243, 0.0006724957034, -0.01655728662,
                           -0.007474826094],
                          [-0.2845104541, 0.1318775474, 0.1328397092, -0.3139162426, 0.2817310343,
                           -0.1085484272, 0.09896175767, 0.05589309216, -0.09751256076],
                          [-0.2313565428, 0.1397535052, 0.1224035798, -0.1356021607, 0.2228953525,
                           -0.08977198076, 0.1110918139, 0.05179667763, -0.04233389131],
                          [-0.2456290059, 0.1818282456, 0.6269157351, 0.3235026755, 0.6511981742,
                           -0.09933526751, 0.1752989803, 0.2726893503, 0.09875185564],
                          [-0.2760409704, 0.130712455, 0.5598616072, 0.3486124534, 0.464122823,
                           -0.116257467, 0.1140197938, 0.2447770715, 0.1067454316],
                          [0.2948191029, 0.1141728064, 0.3722300504, 0.4491984617, 0.2591208017,
                           0.14653559, 0.06798938444, 0.1613855074, 0.1382603171],
                          [0.442366942, 0.1802347833, 0.2363589724, 0.1675815134, 0.1479074728,
                           0.2117614588, 0.01900112598, 0.1001428091, 0.05070040189]],
                'v_hat': [[9.17816001e-05, 0.0001481096027, 0.001749694856, 0.0005269054081,
                           0.001903218788, 1.864399097e-05, 0.0001153350036, 0.0003543132084,
                           5.464791338e-05],
                          [0.0002376740636, 0.0001716281507, 0.001437981172, 0.0005507963369,
                           0.0009455856733, 4.483843684e-05, 0.0001073753096, 0.0002829202212,
                           5.580436605e-05],
                          [0.1896511836, 0.03763005042, 0.05394423584, 0.198251813, 0.1870854982,
                           0.02785450887, 0.0214466181, 0.0097064058, 0.01908842201],
                          [0.1414637247, 0.033935095, 0.04187079359, 0.157643215, 0.1383534308,
                           0.02089586459, 0.02061034772, 0.007547009553, 0.01515664125],
                          [0.1271880681, 0.04486441478, 0.8360062088, 0.6085475649, 0.7757649397,
                           0.01957989611, 0.04141907835, 0.1592183981, 0.05754157689],
                          [0.1280054583, 0.03608987465, 0.6985486322, 0.5236208694, 0.6242180505,
                           0.02103820924, 0.03398848849, 0.1333145606, 0.04952759323],
                          [0.8623703593, 0.03048950028, 0.5852508592, 0.5342852782, 0.5413486144,
                           0.1813545007, 0.0290953627, 0.111885101, 0.05069469137],
                          [0.8660681857, 0.05127303657, 0.5011890143, 0.5470458223, 0.4645382534,
                           0.1822216928, 0.0279032106, 0.09611647663, 0.05218596229]],
                'quotient': [[1.0, -1.0, -1.0, -1.0, -1.0, 1.0, -1.0, -1.0, -1.0],
                             [0.9696834682, 0.1667462376, -0.9875110041, -1.001172943,
                              -0.5095933491, 0.9741105514, 0.06489889457, -0.9843672868,
                              -1.000614988],
                             [-0.6533117212, 0.6798349093, 0.5719464828, -0.7050261142,
                              0.6513503147, -0.6503928862, 0.6757530135, 0.5673210717,
                              -0.7057900762],
                             [-0.6151191413, 0.7586442573, 0.5981891386, -0.3415300866,
                              0.5992472459, -0.6210272187, 0.7738190168, 0.5962308645,
                              -0.3438639953],
                             [-0.688741838, 0.8584407888, 0.6856530608, 0.4146967315, 0.7393466343,
                              -0.7099017947, 0.8613490406, 0.6833946148, 0.411674897],
                             [-0.7715415177, 0.6880567895, 0.6698574059, 0.4817640881,
                              0.5874416887, -0.8015238896, 0.6184638582, 0.6703968141,
                              0.479651366],
                             [0.3174743992, 0.6538641448, 0.4865644795, 0.6145421232, 0.3521792497,
                              0.3440954646, 0.3985925907, 0.4824789862, 0.6140677746],
                             [0.4753424738, 0.7959652162, 0.3338653294, 0.2265761825, 0.2170098143,
                              0.4960744752, 0.113750221, 0.32301363, 0.2219394748]],
                't': [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
                'beta1^t': [0.8171, 0.66765241, 0.5455387842, 0.4457597406, 0.364230284,
                            0.2976125651, 0.2431792269, 0.1987017463],
                'beta2^t': [0.9337, 0.87179569, 0.8139956358, 0.7600277251, 0.7096378869,
                            0.662588895, 0.6186592513, 0.5776421429],
                'c1': [0.1829, 0.33234759, 0.4544612158, 0.5542402594, 0.635769716, 0.7023874349,
                       0.7568207731, 0.8012982537],
                'c2': [0.0663, 0.12820431, 0.1860043642, 0.2399722749, 0.2903621131, 0.337411105,
                       0.3813407487, 0.4223578571],
                'folded': [1.4078068, 1.07735487, 0.948996785, 0.8838579345, 0.8475593848,
                           0.8269951303, 0.8159500314, 0.8110471315],
                'loss': [0.001032144129, 0.0004652117211, 0.9380679053, 0.06101229416, 1.400437057,
                         0.08283815301, 0.9421297034, 1.062180558],
                'mean': [0.2501443888, 0.8718963679]}
}
CHECK_NUMBERS = {
 'each': {'gradient': [11.08883424, -2.726077618, 0.222821159, 9.471949523, 4.053952462,
                       0.4752357533, 4.219675699, 0.5222370915, 1.409730673],
          'w + eps': [1.5213, -1.5087, -0.9687, 1.7013, 0.3013, -0.7187, 1.0913, -1.1787, 0.4413],
          'w - eps': [1.3787, -1.6513, -1.1113, 1.5587, 0.1587, -0.8613, 0.9487, -1.3213, 0.2987],
          'loss at w + eps': [15.77758321, 14.78282935, 14.96642351, 15.65702772, 15.26359803,
                              15.00435855, 15.27243444, 14.99663848, 15.06800277],
          'loss at w - eps': [14.19570763, 15.17172319, 14.93466425, 14.30591458, 14.6853426,
                              14.93657691, 14.67060193, 14.92218069, 14.86695761],
          'rise': [1.581875585, -0.3888938423, 0.03175926504, 1.351113139, 0.5782554377,
                   0.06778164317, 0.6018325071, 0.07445779732, 0.201045162],
          'rise / eps': [22.18619334, -5.45433159, 0.4454314873, 18.94969339, 8.110174441,
                         0.9506541819, 8.440848627, 1.044288882, 2.819707742],
          'rise / 2': [0.7909377925, -0.1944469212, 0.01587963252, 0.6755565693, 0.2891277188,
                       0.03389082159, 0.3009162535, 0.03722889866, 0.100522581],
          'approximation': [11.09309667, -2.727165795, 0.2227157436, 9.474846695, 4.055087221,
                            0.475327091, 4.220424313, 0.5221444412, 1.409853871],
          'difference': [-0.004262426235, 0.001088177189, 0.0001054153958, -0.00289717133,
                         -0.001134758304, -9.133770504e-05, -0.000748614022, 9.265025025e-05,
                         -0.0001231977876],
          'gradient^2': [122.9622449, 7.431499177, 0.04964926892, 89.71782777, 16.43453057,
                         0.2258490212, 17.80566301, 0.2727315797, 1.987340571],
          'approximation^2': [123.0567937, 7.437433272, 0.04960230247, 89.77271989, 16.44373237,
                              0.2259358434, 17.81198138, 0.2726348175, 1.987687938],
          'difference^2': [1.816827741e-05, 1.184129595e-06, 1.111240568e-08, 8.393601715e-06,
                           1.287676407e-06, 8.342576362e-09, 5.60422954e-07, 8.584068871e-09,
                           1.517769487e-08],
          'sum of gradient^2': [122.9622449, 130.393744, 130.4433933, 220.1612211, 236.5957517,
                                236.8216007, 254.6272637, 254.8999953, 256.8873358],
          'sum of approximation^2': [123.0567937, 130.494227, 130.5438293, 220.3165492,
                                     236.7602815, 236.9862174, 254.7981988, 255.0708336,
                                     257.0585215],
          'sum of difference^2': [1.816827741e-05, 1.9352407e-05, 1.936351941e-05, 2.775712113e-05,
                                  2.904479753e-05, 2.905314011e-05, 2.961356306e-05,
                                  2.962214713e-05, 2.963732483e-05]},
 'one': {'2*eps': 0.1426,
         'loss': 14.96469573,
         'norm of the gradient': 16.02770526,
         'norm of the approximation': 16.03304467,
         'norm of the difference': 0.005444017343,
         'sum of the norms': 32.06074993,
         'gradient squared': 256.8873358,
         'approximation squared': 257.0585215,
         'difference squared': 2.963732483e-05,
         'ratio': 0.0001698031816}
}
# fmt: on
# fmt: on
