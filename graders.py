"""Graders of the backpropagation assignment: one for each function a student writes.

    grader_sigmoid(sigmoid)                     grader_grad_check(gradient_checking)
    grader_forwardprop(forward_propagation)     grader_vanilla(train_vanilla)
    grader_backprop(backward_propagation)       grader_momentum(train_momentum)
    submission_report(globals())                grader_adam(train_adam)
    draw_graph(...)                             the computational graph, as a picture

How a refusal comes about: `judgements` lists *experiments* (call this function with these
arguments), `perform` runs one of them in the student's notebook and returns its *outcome*, and
`judge` compares outcomes with stored numbers. Only then `explain` looks for words: what is plain to
see; a mistake that has a name; or a *repair*, one small edit of the student's own code, made in
memory, with which the same judge finds the work right. Explaining never changes a verdict.

In this order: graders and report; judging; performing; explaining (plain, named, by repair);
pictures; numbers. No task is solved here: the file holds the right numbers, not how to get them.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import copy
import functools
import inspect
import io
import itertools
import linecache
import logging
import math
import re
import signal
import sys
import textwrap
import threading
import time
import traceback
import types
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

# ---------------------------------------------------------------------------------------
# Graders and report
# ---------------------------------------------------------------------------------------


class GraderError(AssertionError):
    """Work that is not right yet. The message is all that Jupyter and Colab show of it."""

    stage = ""  # the grader's name, such as "grader_backprop"
    cause: str | None  # a short stable code of the mistake, None when it is not recognised
    line: tuple[str, str] | None = None  # the student's function, and its line that has to change
    experiment: Experiment | None = None  # what was tried when it was found,
    outcome: Outcome | None = None  # and what came of it

    def __init__(self, sentence: str, cause: str | None = None, details: str = ""):
        super().__init__(sentence, cause, details)
        self.sentence, self.cause, self.details = sentence, cause, details

    @property
    def hint(self) -> str:
        """The sentence that names the mistake; empty when it is not recognised."""
        return self.sentence if self.cause else ""

    def __str__(self) -> str:
        """The message, in lines of less than 100 characters that end between words."""
        lines = f"{self.stage}: {self.sentence}\n{self.details}".splitlines()
        wrap = functools.partial(textwrap.wrap, subsequent_indent="  ", break_on_hyphens=False)
        return "\n".join(part for line in lines for part in wrap(line, 99))

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to show the message in place of a traceback of the grader."""
        return str(self).splitlines()


Verdict = tuple["GraderError | None", str]  # what is wrong; or None, and a line of praise

# Every grader takes the student's function (a few also what it returned, as in the original calls),
# prints one line and returns True when it is right, and raises GraderError when it is not.


def grader_sigmoid(work: Callable[[float], float] | float) -> bool:
    """Grade `sigmoid(z) -> float`; given the number 2, the notebook's `sigmoid` at z = 2."""
    return _grade("sigmoid", work)


def grader_forwardprop(work: Callable[..., dict] | dict) -> bool:
    """Grade `forward_propagation(x, y, w) -> dict`; or what it returned for X[0], y[0], w = 0.1."""
    return _grade("forward_propagation", work)


def grader_backprop(work: Callable[..., dict] | dict) -> bool:
    """Grade `backward_propagation(x, w, forward_dict) -> dict`; or what it returned there."""
    return _grade("backward_propagation", work)


def grader_grad_check(work: Callable[..., float] | float | np.ndarray) -> bool:
    """Grade `gradient_checking(x, y, w, eps=1e-7) -> float`; or results, all from 0 to 1e-3."""
    return _grade("gradient_checking", work)


def grader_vanilla(work: Callable[..., tuple]) -> bool:
    """Grade `train_vanilla(X, y, w, epochs=100, lr=0.001) -> (w, losses)`."""
    return _grade("train_vanilla", work)


def grader_momentum(work: Callable[..., tuple]) -> bool:
    """Grade `train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95) -> (w, losses)`."""
    return _grade("train_momentum", work)


def grader_adam(work: Callable[..., tuple]) -> bool:
    """Grade `train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8)`.

    Right are algorithm 1 of D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization",
    ICLR 2015; the same with epsilon inside the root; and the folded form at the end of section 2.
    """
    return _grade("train_adam", work)


LOOPS = ("train_vanilla", "train_momentum", "train_adam")
STAGES = {
    "sigmoid": grader_sigmoid,
    "forward_propagation": grader_forwardprop,
    "backward_propagation": grader_backprop,
    "gradient_checking": grader_grad_check,
    **dict(zip(LOOPS, (grader_vanilla, grader_momentum, grader_adam))),
}


def submission_report(namespace: dict[str, Any] | None = None) -> bool:
    """Print a table of all stages; never raise.

    Args:
        namespace: the notebook's globals; those of the calling code if None.

    Returns:
        True when every grader agrees.
    """
    namespace, passed = namespace if isinstance(namespace, dict) else _notebook(), 0
    for task in STAGES:
        try:  # without the search for a mistake, which takes its time
            with quiet():
                fault, line = _judged(task, namespace.get(task), namespace, in_report=True)
        except Exception as error:  # noqa: BLE001 - a report must not fail
            fault = GraderError(f"it could not be judged: {type(error).__name__}: {error}")
        passed += not fault
        no = "not attempted" if fault and fault.cause == "not-attempted" else "not right yet"
        print(f"{task:22}{_one_line(f'{no}: {fault.sentence}' if fault else line, 180)}")
    print(f"\n{passed} of {len(STAGES)} stages pass", end="")
    if passed < len(STAGES):
        print(". Run the grader of one that does not: it says more, and often shows the line.")
    else:
        print(": all code is right. Written answers are not checked here: yours is still to be")
        print("read by a person, and an empty one has no points.")
    return passed == len(STAGES)


def _grade(task: str, work: Any) -> bool:
    """Judge a student's work; print a line and return True, or raise GraderError."""
    namespace = _notebook()
    with quiet():
        fault, line = _judged(task, work, namespace)
    if fault:
        fault.stage = STAGES[task].__name__
        raise fault.with_traceback(None) from None
    print(f"{STAGES[task].__name__}: {line}")
    return True


def _judged(task: str, work: Any, namespace: dict, in_report: bool = False) -> Verdict:
    """Return what is wrong with a student's work, in words; or None, and a line of praise."""
    judged, fault, older = judgements(task), None, _older_definition(task, namespace)
    if task == "sigmoid" and not (in_report or callable(work)) and _same(_plain(work), 2.0):
        work, judged = namespace.get(task), [judged[0][:1]]  # the original's call
    if not callable(work):
        return _verdict_of_result(task, _plain(work), in_report)
    try:
        student = Student(task, work)
        fault, line = _verdict(student, judged)
        if fault and not in_report:
            fault = explain(student, fault)
    except KeyboardInterrupt as interrupt:
        place = _place(student, interrupt)
        key = "interrupted" if place["line"] else f"interrupted {'words' if fault else 'early'}"
        fault, line = _error(key, sentence=fault and fault.sentence, **place), ""
        fault.line = (place["function"], place["code"]) if place["line"] else None
    if fault and older:
        fault.details += f"\n{older}"
    return fault, f"{line} {older}".strip()


def _notebook() -> dict[str, Any]:
    """Return the globals of the code that called this module: the notebook's."""
    frame = sys._getframe()
    while frame.f_globals is globals():
        frame = frame.f_back
    return frame.f_globals


def _older_definition(task: str, namespace: dict) -> str:
    """Say so if the last cell with this function's definition is no Python: it did not run."""
    cells = namespace.get("In")  # IPython's list of the cells that were run
    cells = [c for c in cells if isinstance(c, str)] if isinstance(cells, list) else []
    cell = next((c for c in reversed(cells) if re.search(rf"(?m)^\s*def {task}\b", c)), "")
    try:
        ast.parse(cell)
    except (SyntaxError, ValueError) as error:
        where = f"has a syntax error in line {getattr(error, 'lineno', 1)} and did not run"
        return f"But the last cell with `def {task}` {where}: this was an older one."
    return ""


# ---------------------------------------------------------------------------------------
# Judging: experiments, outcomes, and what is right
# ---------------------------------------------------------------------------------------


@dataclass
class Experiment:
    """One call of a student's function. All of it can be written as JSON."""

    task: str  # the function
    arguments: list  # by position, lists in place of arrays; for backward_propagation x, y, w and
    # the five right values of the forward pass, of which its dictionary is made
    where: str = ""  # words that say where this is, for a message
    right: list[list[float]] = field(
        default_factory=list
    )  # numbers, for each right form of the rule
    bounds: tuple[float, float] = (-math.inf, math.inf)  # of a single number, where none is known
    stand_ins: bool = False  # whether known functions take the place of the student's two passes
    spoil: list[int] = field(default_factory=list)  # which of the nine gradients are made wrong,
    how: str = ""  # and how: a key of WRONG_GRADIENTS
    again: bool = False  # whether the same call was made before, and was right
    rtol: float = 1e-9  # the relative tolerance of the comparison with `right`


@dataclass
class Outcome:
    """What came of an experiment, as plain data that can be written as JSON."""

    result: Any = None  # what came back: None, a float, lists and dictionaries of these, or words
    raised: dict[str, Any] | None = None  # what was raised, and where: see `_what_was_raised`
    changed: list[str] = field(default_factory=list)  # arguments that are not what they were before
    forward: list = field(default_factory=list)  # the (x, y, w) of each call of a known function,
    backward: list = field(default_factory=list)  # and the (x, w)
    heard: bool = False  # whether a spoilt backward_propagation was called


ARGUMENTS = {  # by position
    "sigmoid": ("z",),
    "forward_propagation": ("x", "y", "w"),
    "backward_propagation": ("x", "w", "forward_dict"),
    "gradient_checking": ("x", "y", "w", "eps"),
    "train_vanilla": ("X", "y", "w", "epochs", "lr"),
    "train_momentum": ("X", "y", "w", "epochs", "lr", "gamma"),
    "train_adam": ("X", "y", "w", "epochs", "lr", "beta1", "beta2", "eps"),
}
FORWARD_KEYS = ("exp", "tanh", "sigmoid", "loss", "dy_pr")
BACKWARD_KEYS = tuple(f"dw{i}" for i in range(1, 10))
WEIGHTS = tuple(f"w{i}" for i in range(1, 10))
DY_PR = ("dy_pr", "dy_pred", "dl", "dL")  # what copies of the assignment call it

# Tolerances: far above rounding on any platform, far below single precision; the runs are stored to
# ten digits, those that explain to six
RTOL, ATOL, RTOL_LOOPS, RTOL_DIAGNOSIS, RTOL_CHECK = 1e-9, 1e-12, 5e-9, 1e-5, 0.01
CHECK_EPS, SMALL_EPS = 1.3e-3, (9e-5, 1.1e-5, 1.3e-7)  # nobody types these in
CHECK_SMALL, CHECK_LARGE = 1e-7, 1e-3
WRONG_GRADIENTS = {
    "is off by 1": lambda gradient: gradient + 1.0,
    "has the wrong sign": lambda gradient: -gradient,
    "is 0": lambda gradient: 0.0 * gradient,
}
KNOWN = "with known functions in place of your two passes, "
EPOCHS = 3  # of a run; in the second the loss rises

# What a refusal says. The first word is its cause; "?" is for a mistake that is not recognised.
SENTENCES = """
not-attempted: {task} returned None: it is not written yet, or did you forget `return`?
not-attempted none: {task} is not there: is it defined, did its cell run?
not-attempted raises: {function} is not written yet{calling}: line {line} is still `raise
    NotImplementedError()`. Delete it when your code is there.
not-attempted below: {function} stops at line {line}{calling}, which raises NotImplementedError, and
    what stands below it never runs: delete that line.
wrong-signature: {task} cannot be called as {call}: {what}
raised: {function} raised an error{calling}: {what}
raised unknown: {function} uses the name {name}, which this kernel does not know{calling}. Is it spelt
    right? After a restart of the kernel, run all cells above.
raised hidden: {function} has a variable named {name}, which hides the function of that name: choose
    another name for the variable.
raised module: {function} calls {name}, but `import {name}` has made that name a module: run `from
    {name} import {name}` again.
raised replaced: {function} calls {name}, but a variable of that name has taken the function's place:
    rename the variable, and run the cell that defines {name} again.
raised builtin: {function} calls {name}, but a variable of that name hides Python's own: rename the
    variable, and run `del {name}`.
interrupted: interrupted while {function} was in line {line}, `{code}`: is there a loop that does not
    end?
interrupted words: not right yet, and interrupted while it looked for the mistake. {sentence}
interrupted early: interrupted before it came to a verdict: run it again.
changes-argument: {task} changes its argument {name}; work on a copy and leave {name} alone.
wrong-type function: {grader} takes the function itself, {grader}({task}), and this is {kind}. Has a
    variable named {task} taken its place?
wrong-type: {what} is {kind}; it must be {wanted}.
not-finite: {what} is {kind}; it must be {wanted}.
not-a-pair: {what} is {kind}; it must be the pair (w, losses), and w must have nine numbers.
missing-key: {task} returned a dict without {missing}: it is {kind}.
outlives-the-call: {task} is right when called once, but not when called again: is something kept in a
    global variable, or in a default argument?
losses-count: losses must have one number for each epoch ({due} here, not {count}).
? losses: the weights are right, but the losses are not.
? weights: {task} does not reach the right weights.
? one: {names} is not right yet.
? many: {names} are not right yet.
? small: gradient_checking gives {got:.3g} for right gradients and eps = {eps}; it must be between 0
    and {bounds[1]}.
? number: the result is {got:.6g}; it must lie between 0 and {most}.
backward-not-called: gradient_checking does not call backward_propagation by its name.
denominator: {where} the ratio is {got:.3g}; it must be {right:.3g}.
never-rings: gradient_checking does not notice a wrong dw{number}: where it {how}, the ratio is
    {got:.3g}; it must be above {bounds[0]}.
"""
_SENTENCES = dict(line.split(": ", 1) for line in re.sub(r"\n +", " ", SENTENCES).splitlines()[1:])


def _error(key: str, details: str = "", /, **words: Any) -> GraderError:
    cause = key.split()[0]
    return GraderError(_SENTENCES[key].format(**words), None if cause == "?" else cause, details)


@functools.cache
def judgements(task: str) -> list[list[Experiment]]:
    """Return the judgements of a stage, each a list of experiments: one of them has to find it right.

    A gradient check and a loop have two: with the student's own two passes, and with known
    functions in their place, so that a mistake costs its own stage only.
    """
    if task in LOOPS or task == "gradient_checking":
        return [(_runs if task in LOOPS else _checks)(task, known) for known in (False, True)]
    points, places = [list(point) for point in POINTS], PLACES
    if task == "backward_propagation":
        points = [[*point, values] for point, values in zip(points, FORWARD_VALUES)]
    if task == "sigmoid":
        points, places = [[z] for z in SIGMOID_Z], (f"at z = {z}" for z in SIGMOID_Z)
    rights = REFERENCE[task].reshape(len(points), 1, -1).tolist()
    return [[Experiment(task, *each) for each in zip(points, places, rights)]]


def _checks(task: str, known: bool) -> list[Experiment]:
    """Return experiments on the gradient check: its value; for wrong gradients it must be large."""
    make = functools.partial(Experiment, task, stand_ins=known, rtol=RTOL_CHECK)
    rights = REFERENCE[f"check on {'stand-ins' if known else 'graph'}"].tolist()
    value, small, large, (x, y, w) = [], [], [], POINTS[1]
    for place, point, right in zip(PLACES, POINTS, rights):
        where = f"{KNOWN * known}{place}, eps = "
        value.append(make([*point, CHECK_EPS], f"{where}{CHECK_EPS}", [[right]]))
        for eps in SMALL_EPS:
            small.append(make([*point, eps], f"{where}{eps}", bounds=(0, CHECK_SMALL)))
    for k, how in itertools.product(range(9), WRONG_GRADIENTS):
        moved = [(1 + (len(large) + 1) / 300) * v for v in w]  # always a new point: it may remember
        bounds = CHECK_LARGE, math.inf
        large.append(make([x, y, moved, 1e-7], bounds=bounds, spoil=[k], how=how))
    how, where = "has the wrong sign", "where all nine gradients have the wrong sign"
    moved = [0.9 * v for v in w]
    opposite = make([x, y, moved, 1e-7], where, [[1.0]], spoil=[*range(9)], how=how)
    return [*value, *small, *large, opposite]


def _runs(task: str, known: bool) -> list[Experiment]:
    """Return experiments on a loop: a run; with known functions one for diagnosis, too."""

    def run(model: str, data: tuple, rights: list, rtol: float) -> Experiment:
        settings = SETTINGS[model][task]
        listed = ", ".join(f"{n} = {v}" for n, v in zip(ARGUMENTS[task][3:], settings))
        where = f"{KNOWN * known}on {len(ROWS)} data points, with {listed}"
        return Experiment(task, [*data, *settings], where, rights, stand_ins=known, rtol=rtol)

    model = "stand-ins" if known else "graph"
    rights = [v.tolist() for title, v in REFERENCE.items() if title.startswith(f"{model}, {task}")]
    first = run(model, (ROWS, TARGETS[model], START), rights, RTOL_LOOPS)
    last = [REFERENCE[f"diagnosis, {task}"].tolist()[-9:]]
    further = [run("diagnosis", DIAGNOSIS, last, RTOL_DIAGNOSIS)] if known else []
    return [first, *further, replace(first, again=True)]


def _outputs(task: str, numbers: int = 99) -> tuple[str, ...]:
    """Return the names of the numbers that a function returns."""
    if task in LOOPS:
        return (WEIGHTS + tuple(f"losses[{i}]" for i in range(numbers - 9)))[:numbers]
    several = {"forward_propagation": FORWARD_KEYS, "backward_propagation": BACKWARD_KEYS}
    return several.get(task, ("sigmoid" if task == "sigmoid" else "ratio",))


def _values(task: str, result: Any) -> dict[str, Any]:
    """Return the numbers in plain data by their names, as far as they are there."""
    if task in LOOPS:
        pair = result if isinstance(result, list) and len(result) == 2 else ([], [])
        w, losses = (item if isinstance(item, list) else [] for item in pair)
        values = dict(zip(WEIGHTS, w)) if len(w) == 9 else {}
        return values | {f"losses[{i}]": loss for i, loss in enumerate(losses)}
    if task in ("sigmoid", "gradient_checking"):
        return {_outputs(task)[0]: result}
    found = result if isinstance(result, dict) else {}
    return {n: found[key] for n in _outputs(task) if (key := _key_of(n, found)) in found}


def _key_of(name: str, found: Mapping) -> str:
    """Return the key under which a dictionary has a value: dy_pr has other names, too."""
    return next((k for k in DY_PR if k in found), name) if name == "dy_pr" else name


def judge(experiments: Iterable[Experiment], outcomes: Iterable[Outcome]) -> GraderError | None:
    """Return what is wrong with the first outcome that is not right; None if all are."""
    for experiment, outcome in zip(experiments, outcomes):
        if fault := _fault(experiment, outcome):
            fault.experiment, fault.outcome = experiment, outcome
            return fault
    return None


def _fault(experiment: Experiment, outcome: Outcome) -> GraderError | None:
    if outcome.raised:
        return _raised(experiment, outcome.raised)
    if outcome.result is None:
        return _error("not-attempted", task=experiment.task)
    if outcome.changed:
        return _error("changes-argument", task=experiment.task, name=outcome.changed[0])
    return _misshapen(experiment, outcome.result) or _different(experiment, outcome)


def _raised(experiment: Experiment, raised: dict[str, Any]) -> GraderError:
    """Say what a student's function raised, in which function of theirs and in which line."""
    task = experiment.task
    words = {"call": f"{task}({', '.join(ARGUMENTS[task])})", "task": task, **raised}
    words["what"] = f"{raised['type']}: {raised['text']}".removesuffix(": ")
    words["calling"] = f" ({task} calls it)" if raised["called"] else ""
    error = _error(raised["key"], **words)
    if error.cause == "raised" and raised["line"]:
        error.line = raised["function"], raised["code"]
        code = f"  {raised['function']}, line {raised['line']}\n    {_one_line(raised['code'], 90)}"
        error.details = f"{code}\n{experiment.where}"
    return error


def _misshapen(experiment: Experiment, result: Any) -> GraderError | None:
    """Say what is wrong with the form of a result."""
    task = experiment.task
    values, names = _values(task, result), _outputs(task)
    words = {"task": task, "kind": _kind(result), "what": f"{task}'s result"}
    if task in LOOPS and not ("w1" in values and isinstance(result[1], list)):
        return _error("not-a-pair", **words)
    if task not in LOOPS and len(names) > 1 and not isinstance(result, dict):
        return _error("wrong-type", wanted=f"a dict with the keys {', '.join(names)}", **words)
    if task not in LOOPS and (missing := [repr(name) for name in names if name not in values]):
        return _error("missing-key", missing=", ".join(missing), **words)
    whats = {name: f"{task}'s {name if len(names) > 1 else 'result'}" for name in values}
    faults = (_no_number(whats[name], value, experiment.where) for name, value in values.items())
    return next(filter(None, faults), None)


def _no_number(what: str, value: Any, where: str = "") -> GraderError | None:
    if not isinstance(value, float):
        return _error("wrong-type", what=what, kind=_kind(value), wanted="one number")
    words = {"what": what, "kind": value, "wanted": "a finite number"}
    return None if math.isfinite(value) else _error("not-finite", where, **words)


def _close(got: Any, right: float, rtol: float = RTOL) -> bool:
    """Tell whether a piece of plain data is this number."""
    return isinstance(got, float) and math.isclose(got, right, rel_tol=rtol, abs_tol=ATOL)


def _differences(experiment: Experiment, result: Any) -> list[tuple[str, Any, float | None]]:
    """Return (name, got, right) of what is wrong, missing (got None) or too much (right None).

    Of several right forms, the nearest counts.
    """
    task, values, (low, high) = experiment.task, _values(experiment.task, result), experiment.bounds
    if not experiment.right:
        value = values.get(name := _outputs(task)[0])
        within = isinstance(value, float) and low <= value <= high
        return [] if within else [(name, value, None)]
    forms = []
    for rights in experiment.right:
        named = dict(zip(_outputs(task, len(rights)), rights))
        rows = [(n, values.get(n), right) for n, right in named.items()]
        more = [name for name in values if name not in named and len(rights) > 9]  # losses
        rows = [row for row in rows if not _close(*row[1:], experiment.rtol)]
        forms.append(rows + [(name, values[name], None) for name in more])
    return min(forms, key=len)


def _wrong(experiment: Experiment, outcome: Outcome) -> set[str]:
    """Return the names of the numbers that are wrong or missing; "arguments" if these changed."""
    result = None if outcome.raised else outcome.result
    wrong = {name for name, _, _ in _differences(experiment, result)}
    return wrong | {"arguments"} if outcome.changed else wrong


def _different(experiment: Experiment, outcome: Outcome) -> GraderError | None:
    """Say which numbers are wrong, with a table of them."""
    task, rows = experiment.task, _differences(experiment, outcome.result)
    if not rows:
        return None
    name, got, right = rows[0]
    words = vars(experiment) | {"got": got, "right": right}
    if experiment.spoil and not outcome.heard:
        return _error("backward-not-called")
    if experiment.spoil and not experiment.right:
        return _error("never-rings", number=experiment.spoil[0] + 1, **words)
    if not experiment.right:
        return _error("? small", experiment.where, eps=experiment.arguments[-1], **words)
    if experiment.spoil:
        return _error("denominator", **words)
    if experiment.again:
        return _error("outlives-the-call", task=task)
    whole = [row for row in rows if None not in row]
    if task in LOOPS and name not in WEIGHTS and len(whole) < len(rows):
        count, due = len(outcome.result[1]), len(experiment.right[0]) - 9
        return _error("losses-count", experiment.where, due=due, count=count)
    key = "? many" if len(rows) > 1 else "? one"
    if task in LOOPS:
        key = "? weights" if name in WEIGHTS else "? losses"
    names = task if name == "ratio" else ", ".join(name for name, _, _ in rows)
    return _error(key, f"{experiment.where}:\n{_table(whole)}", task=task, names=names)


def _table(rows: list[tuple[str, float, float]], most: int = 3) -> str:
    """Return a table of (name, got, expected), cut after `most` rows."""
    lines = [f"  {'':10}{'got':>18}{'expected':>18}"]
    lines += [f"  {name:10}{got:>18.10g}{right:>18.10g}" for name, got, right in rows[:most]]
    return "\n".join(lines) + (f"   ... and {len(rows) - most} more" if len(rows) > most else "")


def _verdict(student: Student, judged: list[list[Experiment]]) -> Verdict:
    """Return what is wrong; or None, and the line that praises it."""
    task, (own, *others) = student.task, judged
    fault = judge(own, (perform(e, student) for e in own))
    if not fault:
        first = own[0].where if len(own) == 1 else f"at {len(own)} points"
        return None, f"{task} is right{'' if others else ' ' + first}."
    for known in others:
        found = judge(known, (perform(e, student) for e in known))
        if not found:
            return None, f"{task} is right. {_with_your_own(student, fault)}"
        fault = found if found.outcome.forward or found.outcome.backward else fault
    return fault, ""


def _with_your_own(student: Student, fault: GraderError) -> str:
    """Say what a check or a loop that is right gives with the student's own two passes."""
    said = "goes another way" if student.task in LOOPS else "rings, as it should"
    blamed = []
    for task in ("forward_propagation", "backward_propagation") if not fault.cause else ():
        own = Student(task, student.namespace.get(task))
        wrong = set().union(*(_wrong(e, perform(e, own)) for e in judgements(task)[0]))
        names = [name for name in _outputs(task) if name in wrong]
        some = f"{', '.join(names)} of " if len(names) < len(_outputs(task)) else ""
        blamed += [some + task] if names else []
    rest = f" it {said}: see {' and '.join(blamed)}." if blamed else f": {fault.sentence}"
    return f"It was judged with known functions in place of your two passes; with yours{rest}"


def _verdict_of_result(task: str, plain: Any, in_report: bool) -> Verdict:
    """Judge what a function returned at the original's reference point."""
    if plain is None:
        return _error("not-attempted none", task=task), ""
    if task in LOOPS or task == "sigmoid" or in_report:
        words = {"task": task, "grader": STAGES[task].__name__, "kind": _kind(plain)}
        return _error("wrong-type function", **words), ""
    if task == "gradient_checking":
        for value in (plain or ["an empty list"]) if isinstance(plain, list) else [plain]:
            fault = _no_number("the result", value)
            if fault or not 0 <= value <= CHECK_LARGE:
                return fault or _error("? number", got=value, most=CHECK_LARGE), ""
        return None, f"the result lies between 0 and {CHECK_LARGE}."
    first = judgements(task)[0][0]
    return judge([first], [Outcome(plain)]), f"{task} is right {first.where}."


# ---------------------------------------------------------------------------------------
# Performing: the only place that runs a student's code, and that catches what it raises
# ---------------------------------------------------------------------------------------

INTERRUPTED: dict[int, Callable] = {}  # functions that had to be interrupted, by their id


class Student:
    """A student's function, and the notebook in which it finds the other functions."""

    def __init__(self, task: str, function: Callable):
        self.task, self.function = task, function  # one of the seven; any callable
        self.namespace = _globals_of(function)  # what it reads
        self.shapes: dict[tuple, Any] = {}  # results of their own passes: the form of known ones

    def own_result(self, name: str, *arguments: Any) -> Any:
        """Return what the student's own pass returns, as it is; None if it raises or never ends."""
        function, key = self.namespace.get(name), (name, *map(str, arguments))
        if key not in self.shapes and id(function) not in INTERRUPTED:
            self.shapes[key] = None
            try:
                self.shapes[key] = function(*map(_given, arguments))
            except KeyboardInterrupt:
                INTERRUPTED[id(function)] = function
                del self.shapes[key]
                raise
            except BaseException:  # noqa: BLE001, S110 - its form is wanted, and it has none
                pass
        return self.shapes.get(key)

    @functools.cached_property
    def stand_ins(self) -> _StandIns:
        """The known functions, dressed like the student's own."""
        return _StandIns(self)


def perform(experiment: Experiment, student: Student) -> Outcome:
    """Call a student's function; return what came of it."""
    outcome, backward, result = Outcome(), student.namespace.get("backward_propagation"), None
    arguments = _arguments(experiment, student)
    before = [copy.copy(a) if isinstance(a, (dict, np.ndarray)) else a for a in arguments]
    with contextlib.ExitStack() as stack:
        if experiment.stand_ins:
            known, backward = student.stand_ins, student.stand_ins.backward
            known.listen(outcome)
            passes = {"forward_propagation": known.forward, "backward_propagation": backward}
            stack.enter_context(_in_place(student.namespace, passes))
        if experiment.spoil:
            spoilt = _spoilt(backward, experiment, outcome)
            stack.enter_context(_in_place(student.namespace, {"backward_propagation": spoilt}))
        try:
            result = student.function(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - sys.exit() too must not end the grader
            outcome.raised = _what_was_raised(student, error)
    outcome.result = _plain(result)
    names = zip(ARGUMENTS[experiment.task], before, arguments)
    outcome.changed = [name for name, old, new in names if not _same(_plain(old), _plain(new))]
    return outcome


def _arguments(experiment: Experiment, student: Student) -> list:
    """Return the arguments as a student's function gets them."""
    if experiment.task != "backward_propagation":
        return [_given(argument) for argument in experiment.arguments]
    x, y, w, values = experiment.arguments
    own = student.own_result("forward_propagation", x, y, w)
    return [_given(x), _given(w), _dressed_as(own, dict(zip(FORWARD_KEYS, values)))]


def _given(argument: Any) -> Any:
    return np.array(argument, dtype=float) if isinstance(argument, (list, tuple)) else argument


def _globals_of(function: Callable) -> dict[str, Any]:
    """Return the globals in which a student's function looks up the other functions."""
    with contextlib.suppress(Exception):  # an object may pose as a function
        function = _inner(function)
    found = vars(type(function)).get("__globals__") and function.__globals__
    return found or _notebook()


def _inner(function: Callable) -> Callable:
    """Return the function inside partials and wrappers."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.unwrap(function)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what a student's code prints, warns, displays, plots; undo what it sets in NumPy."""
    sink, pyplot = io.StringIO(), sys.modules.get("matplotlib.pyplot")
    with contextlib.ExitStack() as stack:
        stack.callback(_close_figures_but, pyplot.get_fignums() if pyplot else ())
        stack.callback(np.random.set_state, np.random.get_state())
        stack.callback(setattr, logging.root, "handlers", logging.root.handlers[:])
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable()
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(sink))
        if "IPython" in sys.modules:
            from IPython.utils.capture import capture_output

            stack.enter_context(capture_output(stdout=False, stderr=False, display=True))
        yield


def _close_figures_but(kept: Iterable[int]) -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    for number in {*pyplot.get_fignums()} - {*kept} if pyplot else ():
        pyplot.close(number)


def _plain(value: Any, depth: int = 4) -> Any:
    """Return plain data, without surprises: None, floats, lists, dictionaries, or a description."""
    if value is None or type(value) is float:  # the first three are the usual ones, and fast
        return value
    if type(value) is np.ndarray and value.dtype == np.float64 and value.size > 1:
        return value.ravel().tolist()
    if type(value) is np.float64:
        return float(value)
    try:
        if depth and isinstance(value, Mapping):
            return {str(key): _plain(value[key], depth - 1) for key in value}
        if depth and isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
            return [_plain(item, depth - 1) for item in value]
        if depth and hasattr(type(value), "__array__"):
            items = [_plain(item, depth - 1) for item in np.asarray(value).ravel().tolist()]
            return items[0] if len(items) == 1 else items
        if hasattr(type(value), "__float__") and not isinstance(value, (bool, np.complexfloating)):
            return float(value)
        return f"{_one_line(repr(value), 40)} of type {type(value).__name__}"
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - a stranger's object may raise anything
        return "an object that cannot be read"


def _kind(plain: Any) -> str:
    """Say what plain data is, for a sentence."""
    if isinstance(plain, list):
        return f"a list or array of {len(plain)}"
    if isinstance(plain, dict):
        return f"a dict with the keys {_one_line(', '.join(map(repr, plain))) or '(none)'}"
    return str(plain)


def _one_line(text: str, limit: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _same(a: Any, b: Any) -> bool:
    """Tell whether two pieces of plain data agree (floats to 1e-9: a restored weight may be off)."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=RTOL) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return type(a) is type(b)  # None, or a description of what cannot be compared


def _place(student: Student, error: BaseException) -> dict[str, Any]:
    """Return in which of the student's functions, and in which line, something was raised.

    As plain data: the function, its line and that line's text; `called` if another function of
    theirs called it; line 0 if it was raised in none of theirs.
    """
    walk = traceback.walk_tb(error.__traceback__)
    frames = [pair for pair in walk if pair[0].f_globals is student.namespace]
    names = [frame.f_code.co_name for frame, _ in frames if frame.f_code.co_name[0] != "<"]
    place = {"function": names[-1] if names else student.task, "called": len(names) > 1}
    file, line = (frames[-1][0].f_code.co_filename, frames[-1][1]) if frames else ("", 0)
    return place | {"line": line, "code": linecache.getline(file, line).strip()}


def _what_was_raised(student: Student, error: BaseException) -> dict[str, Any]:
    """Return what was raised and where, as plain data; `key` and `name` say how to explain it."""
    raised = {"type": type(error).__name__, "text": "", "name": "", "key": "raised"}
    raised |= _place(student, error)
    with contextlib.suppress(Exception):
        raised["text"] = _one_line(str(error))
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    if frame.f_globals is student.namespace:  # not in a library that they call
        raised["key"], raised["name"] = _known_error(error, frame, raised)
    elif not raised["line"] and isinstance(error, TypeError):
        raised["key"] = "wrong-signature"
    return raised


def _known_error(error: BaseException, frame: types.FrameType, raised: dict) -> tuple[str, str]:
    """Return the key of the sentence that explains an error, and the name that it is about."""

    def known(name: str) -> Any:
        return frame.f_globals.get(name, getattr(builtins, name, None))

    (quoted, *_) = re.findall(r"'(\w+)'", raised["text"]) or [""]
    if isinstance(error, NotImplementedError):
        with contextlib.suppress(OSError, TypeError):
            lines, first = inspect.getsourcelines(frame.f_code)
            below = [line.strip() for line in lines[raised["line"] - first + 1 :]]
            if any(line and line[0] != "#" for line in below):
                return "not-attempted below", ""
        return "not-attempted raises", ""
    if isinstance(error, UnboundLocalError) and callable(known(quoted)):
        return "raised hidden", quoted
    if type(error) is NameError and quoted:
        return "raised unknown", quoted
    calls = raised["code"] if raised["text"].endswith("is not callable") else ""
    for name in re.findall(r"(?<![.\w])(\w+)\(", calls):  # one of them is no function any more
        if inspect.ismodule(known(name)):
            return "raised module", name
        if not callable(known(name)) and (name in STAGES or hasattr(builtins, name)):
            return "raised replaced" if name in STAGES else "raised builtin", name
    return "raised", ""


# Known functions with which a check or a loop is judged, and tricks with the notebook's globals


@contextlib.contextmanager
def _in_place(namespace: dict[str, Any], functions: dict[str, Callable]) -> Iterator[None]:
    """Put functions in place of a student's globals, and the student's back afterwards."""
    new = functions | {  # under whatever other names the student gave them, too
        alias: functions[name]
        for alias, value in namespace.items()
        for name in functions
        if callable(value) and value is namespace.get(name)
    }
    own = {name: namespace[name] for name in new if name in namespace}
    namespace.update(new)
    try:
        yield
    finally:
        for name in new:
            namespace.pop(name, None)
        namespace.update(own)


class _LeftThePath(BaseException):
    """A run that is only tried out has left the path on which it would be right."""


class _StandIns:
    """A forward and a backward pass with known values, which record the weights they are given.

    They belong to a smaller model, which is not symmetric in its weights: y_hat = sum of
    k_i (w_i + w_i^2 / 2), where k_i depends on x. Their results are dressed like the student's own.
    """

    def __init__(self, student: Student):
        x, y, w = POINTS[1]
        values = dict(zip(FORWARD_KEYS, FORWARD_VALUES[1]))
        self._own_forward = student.own_result("forward_propagation", x, y, w)
        given = defaultdict(float, _dressed_as(self._own_forward, values))  # any key
        self._own_backward = student.own_result("backward_propagation", x, w, given)
        plain, output = _plain(self._own_forward), y + values["dy_pr"] / 2
        further = plain.keys() - {*FORWARD_KEYS, *DY_PR} if isinstance(plain, dict) else ()
        self._outputs = [key for key in further if _same(plain[key], output)]  # such as 'y_pred'
        self.on_update: Callable[[int, list[float]], None] = lambda number, w: None

    def listen(self, outcome: Outcome) -> None:
        """From now on, write the calls into an outcome."""
        self._outcome, self._updates = outcome, 0

    def forward(self, *args: Any, **kwargs: Any) -> dict:
        x, y, w = _sorted_out("forward_propagation", (5, float, 9), args, kwargs)
        self._record(self._outcome.forward, x, y, w)
        y_hat = _stand_in_output(x, w)
        values = (y_hat, y_hat - 0.5 * w[8], 0.5, (y - y_hat) * (y - y_hat), 2 * (y_hat - y))
        outputs = dict.fromkeys(self._outputs, y_hat)
        return _dressed_as(self._own_forward, dict(zip(FORWARD_KEYS, values)) | outputs)

    def backward(self, *args: Any, **kwargs: Any) -> dict:
        x, w, forward_dict = _sorted_out("backward_propagation", (5, 9, dict), args, kwargs)
        if self._record(self._outcome.backward, x, w):
            self._updates += 1
            self.on_update(self._updates, w)
        stale = _stand_in_output(x, w) - forward_dict["exp"]  # not 0 if it is of other weights
        slope = forward_dict[_key_of("dy_pr", forward_dict)] + stale
        values = [slope * k * (1 + v) for k, v in zip(_stand_in_factors(x), w)]
        return _dressed_as(self._own_backward, dict(zip(BACKWARD_KEYS, values)))

    def _record(self, calls: list, *call: Any) -> bool:
        """Write down a call, the first 2000 of them; return whether it differs from the last one."""
        new = not calls or calls[-1] != [*call]
        calls += [[*call]] if len(calls) < 2000 else []
        return new


def _sorted_out(task: str, kinds: tuple, args: tuple, kwargs: dict[str, Any]) -> list:
    """Return the arguments in order; those given by any name are told apart by what they are."""

    def kind(argument: Any) -> Any:
        return len(argument) if isinstance(argument, list) else type(argument)

    given, named = [*map(_plain, args)], {kind(a): a for a in map(_plain, kwargs.values())}
    given += [named.get(wanted) for wanted in kinds[len(given) :]]
    if tuple(map(kind, given)) != kinds:
        names = ", ".join(ARGUMENTS[task])
        raise TypeError(f"{task} is called with other arguments than ({names})")
    return given


def _stand_in_factors(x: list[float]) -> list[float]:
    return [0.5 * x[i % 5] * (1 - i / 10) for i in range(9)]


def _stand_in_output(x: list[float], w: list[float]) -> float:
    return sum(k * (v + 0.5 * v * v) for k, v in zip(_stand_in_factors(x), w))


def _spoilt(backward: Any, experiment: Experiment, outcome: Outcome) -> Callable:
    """Return backward_propagation with some of its gradients made wrong, in whatever form they are."""

    def wrong(*args: Any, **kwargs: Any) -> Any:
        outcome.heard, make = True, WRONG_GRADIENTS[experiment.how]
        gradients = backward(*args, **kwargs)
        if not isinstance(gradients, Mapping):
            return [make(g) if i in experiment.spoil else g for i, g in enumerate(gradients)]
        names = [BACKWARD_KEYS[k] for k in experiment.spoil]
        keys = [n if n in gradients else [*gradients][int(n[2]) - 1] for n in names]
        return {**gradients, **{key: make(gradients[key]) for key in keys}}

    wrong.__name__ = wrong.__qualname__ = "backward_propagation"
    return wrong


def _dressed_as(own: Any, values: dict[str, float]) -> dict:
    """Return `values` in the key order, with the further keys and in the number form of `own`.

    `own` is what a student's function returned. Where it is of no use, the numbers are NumPy's,
    which do all that floats do, and 'dy_pr' has all its names.
    """
    plain = {key: np.float64(value) for key, value in values.items()}
    plain |= dict.fromkeys(DY_PR, plain["dy_pr"]) if "dy_pr" in plain else {}
    try:
        names = {key: _key_of(key, own) for key in values}
        found = [name for name in names.values() if name in own]
        result = copy.copy(own) if len(found) == len(values) else {**plain, **own}
        for key, name in names.items():
            form = own[name] if name in own else own[found[0]] if found else 0.5
            array = isinstance(form, np.ndarray) and form.size == 1
            number = float(values[key]) if type(form) is float else plain[key]
            result[name] = np.full(form.shape, number) if array else number
        return result
    except Exception:  # noqa: BLE001 - own may be any object
        return plain


# ---------------------------------------------------------------------------------------
# Explaining: what is plain to see, a mistake that has a name, a repair
# ---------------------------------------------------------------------------------------


def explain(student: Student, fault: GraderError) -> GraderError:
    """Return a fault with the words that were found for it. It stays a fault, whatever happens.

    Args:
        student: whose function it is.
        fault: what `judge` returned.

    Returns:
        The same fault, or one with `cause`, `hint`, `line` and the line of the student's code.
    """
    try:
        fault = _explained(student, fault)
    except Exception as error:  # noqa: BLE001 - it must not hide the verdict
        fault.details += f"\n(The explanation failed: {type(error).__name__}: {error})"
    if fault.cause not in ("not-attempted", "wrong-signature"):
        fault.details += "\n(If you have changed the function since, run its cell again.)"
    return fault


def _explained(student: Student, fault: GraderError) -> GraderError:
    if fault.cause in ("raised", "not-attempted", "wrong-signature", "outlives-the-call"):
        return fault
    task, experiment = student.task, fault.experiment
    seen = _look(student, fault)
    cause, sentence = next(_recognised(NAMED[task], seen), (fault.cause, ""))
    found = None if cause in SELF_EVIDENT else repair(student, judgements(task)[experiment.stand_ins])
    if not cause:
        cause, sentence = (found[1].kind, _sentence(*found)) if found else (None, "")
        cause, sentence = NAMED_BY_REPAIR.get((task, cause, found and found[1].word), (cause, sentence))
    if not cause:
        cause, sentence = next(_recognised(LAST_WORDS, seen), (None, ""))
    new = GraderError(sentence or fault.sentence, cause, fault.details)
    if found:
        new.line, shown = _shown(*found)
        new.details = f"{shown}\n{fault.details}"
    return new


def _recognised(table: tuple, seen: Seen) -> Iterator[tuple[str, str]]:
    """Yield (cause, sentence) of the rows of a table that the evidence shows."""
    for cause, evidence, sentence in table:
        found = evidence(seen)
        if found:
            yield cause, sentence.format(found=found, task=seen.task)


def _sentence(trial: _Trial, edit: Edit) -> str:
    task = trial.student.task
    names = ", ".join(name for name in _outputs(task) if name in edit.fixed)
    about = f"{names}: " if len(_outputs(task)) in (5, 9) and names else ""
    return about + KINDS[edit.kind].format(word=edit.word)


def _shown(trial: _Trial, edit: Edit) -> tuple[tuple[str, str], str]:
    """Return (function, line) of what an edit changes, and the line with a part of it underlined."""
    node, text = edit.node, trial.texts[edit.function, edit.node.lineno]
    indent = len(text) - len(text.lstrip())
    ends = (node.col_offset, node.end_col_offset if node.end_lineno == node.lineno else None)
    start, end = (len(text.encode()[:column].decode()) - indent for column in ends)
    line = text.strip()
    left = max(0, min(start - 20, len(line) - 90))
    mark = " " * (start - left) + "^" * max(1, min(end, len(line), left + 90) - start)
    head = f"  {edit.function}, line {node.lineno}"
    return (edit.function, line), f"{head}\n    {line[left : left + 90]}\n    {mark}"


@dataclass
class Seen:
    """What can be observed of a function, for the evidence of a mistake that has a name.

    Attributes:
        task: the function; student: whose it is.
        student: see task.
        got: the numbers that came back: for a pass a row for each point, for a check its value at each
            point, for a loop the weights and losses of the run that was refused.
        right: the right ones.
        wrong: the names of the numbers that are wrong somewhere.
        calls: of each experiment that was looked at, the (x, y, w) that the forward stand-in was asked.
        path: of a loop, where all gradients are positive: the weights at each gradient, and the last.
        gradients: of a loop: what the backward stand-in answered on this path.
        rows: of a loop: the x at each gradient; due: how many gradients are due.
        due: see rows.
    """

    task: str
    student: Student
    got: np.ndarray
    right: np.ndarray
    wrong: set[str]
    calls: list[list] = field(default_factory=list)
    path: np.ndarray = field(default_factory=lambda: np.empty((0, 9)))
    rows: list = field(default_factory=list)
    due: int = 0
    losses: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def moves(self) -> list[bool]:
        """Of a loop: whether each update changed the weights."""
        return [not np.allclose(a, b, RTOL_LOOPS, 0) for a, b in zip(self.path[1:], self.path)]

    @functools.cached_property
    def steps(self) -> np.ndarray:
        """Of a check: by how much the weights differ from the given ones, a row for each call."""
        away = [np.reshape([w for *_, w in asked], (-1, 9)) - point[2] for asked, point in zip(self.calls, POINTS)]
        away = np.vstack([np.empty((0, 9)), *away])
        return np.where(np.abs(away) > 1e-13, away, 0)  # more than rounding


def _look(student: Student, fault: GraderError) -> Seen:
    """Perform what shows most of a stage, and return what there is to see."""
    task, experiments = student.task, judgements(student.task)[fault.experiment.stand_ins]
    if task in LOOPS:
        experiments = experiments[:2]
    elif task == "gradient_checking":
        experiments = experiments[: len(POINTS)]
    outcomes = [perform(e, student) for e in experiments]
    width = max(len(e.right[0]) for e in experiments)
    names = _outputs(task, width)
    values = [{} if o.raised else _values(task, o.result) for o in outcomes]
    got = [[v if isinstance(v := value.get(name), float) else math.nan for name in names] for value in values]
    right = [[*e.right[0], *[math.nan] * (width - len(e.right[0]))] for e in experiments]
    wrong = set().union(*(_wrong(e, o) for e, o in zip(experiments, outcomes)))
    seen = Seen(task, student, np.array(got), np.array(right), wrong, [o.forward for o in outcomes])
    if task in LOOPS:
        _look_at_path(seen, experiments[-1], outcomes[-1], values)
    return seen


def _look_at_path(seen: Seen, experiment: Experiment, outcome: Outcome, values: list[dict]) -> None:
    asked = [now for now, last in zip(outcome.backward, [None, *outcome.backward]) if now != last]
    last = [v for name, v in values[-1].items() if name in WEIGHTS and isinstance(v, float)]
    seen.path = np.array([w for _, w in asked] + ([last] if len(last) == 9 else []), dtype=float).reshape(-1, 9)
    seen.rows, seen.due = [x for x, _ in asked], experiment.arguments[3] * len(ROWS)
    seen.losses = np.array([v for name, v in values[0].items() if name not in WEIGHTS and isinstance(v, float)])


def _near(a: Any, b: Any, rtol: float = RTOL_LOOPS) -> bool:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return a.shape == b.shape and a.size > 0 and bool(np.allclose(a, b, rtol, 0))


def _wrong_sigmoid(seen: Seen) -> bool:
    """Tell whether the notebook's sigmoid is refused, and all that is wrong comes after it."""
    own, after = seen.student.namespace.get("sigmoid"), {"sigmoid", "loss", "dy_pr", "dw3", "dw4", "dw5", "dw8"}
    if not callable(own) or not seen.wrong <= after:
        return False
    sigmoid = Student("sigmoid", own)
    return judge(judgements("sigmoid")[0], (perform(e, sigmoid) for e in judgements("sigmoid")[0])) is not None


def _reads_wrong_forward(seen: Seen) -> str:
    """Return further keys of the student's own forward pass, which is refused, that backward reads."""
    own, task = seen.student.namespace.get("forward_propagation"), "forward_propagation"
    code = getattr(_inner(seen.student.function), "__code__", None)
    plain = _plain(seen.student.own_result(task, *POINTS[1])) if callable(own) else None
    if not code or not isinstance(plain, dict):
        return ""
    keys = set(plain) - {*FORWARD_KEYS, *DY_PR} & set(plain)
    read = sorted(keys & {c for c in code.co_consts if isinstance(c, str)})
    forward = Student(task, own)
    refused = judge(judgements(task)[0], (perform(e, forward) for e in judgements(task)[0]))
    return ", ".join(map(repr, read)) if refused and read else ""


def _first_epoch_only(seen: Seen) -> bool:
    return len(seen.rows) == len(ROWS) < seen.due and len(seen.losses) == EPOCHS


def _once_per_epoch(seen: Seen) -> bool:
    return len(seen.rows) == seen.due and seen.moves == ([False] * (len(ROWS) - 1) + [True]) * 2


def _plain_steps(seen: Seen) -> bool:
    """Tell whether every step is lr times the gradient at its weights, and nothing more."""
    if len(seen.path) != seen.due + 1:
        return False
    lr, targets = SETTINGS["diagnosis"][seen.task][1], list(DIAGNOSIS[1]) * 2
    known = [
        np.multiply(2 * (_stand_in_output(x, w) - y), np.multiply(_stand_in_factors(x), 1 + np.array(w)))
        for x, y, w in zip(seen.rows, targets, seen.path.tolist())
    ]
    return _near(seen.path[:-1] - seen.path[1:], lr * np.array(known), 1e-6)


def _idle(seen: Seen) -> str:
    still = (seen.path == seen.path[0]).all(axis=0) if len(seen.path) > 1 else np.array([True] * 9)
    return ", ".join(f"w{i + 1}" for i in np.flatnonzero(still)) if not still.all() else ""


def _other_data(seen: Seen) -> bool:
    given = [[*x, y] for x, y in zip(DIAGNOSIS[0], DIAGNOSIS[1])]
    return not all(any(_same([*x, y], row) for row in given) for x, y, _ in seen.calls[-1])


def _losses_seen(seen: Seen) -> np.ndarray:
    """Return a row for each epoch of the refused run: the losses of its forward passes."""
    each = [(y - _stand_in_output(x, w)) ** 2 for x, y, w in seen.calls[0]]
    whole = len(each) == EPOCHS * len(ROWS)
    return np.reshape(each, (EPOCHS, len(ROWS))) if whole else np.full((EPOCHS, len(ROWS)), math.nan)


# Rows are (cause, evidence, sentence): evidence is a function of what was seen, and what it returns,
# unless it is false, is {found} in the sentence. Each row is in tests/mistakes.

ROUNDED = (
    "rounded",
    lambda s: s.got.shape == s.right.shape and np.allclose(s.got, s.right, 1e-4, 0, equal_nan=True),
    "right to a few digits only: do not round, and keep to double precision.",
)
WRONG_SIGMOID = (
    "wrong-sigmoid", _wrong_sigmoid,
    "the function sigmoid, which {task} needs, is not right yet: see what grader_sigmoid says.",
)  # fmt: skip
PASS_MISTAKES = (
    WRONG_SIGMOID,
    ("wrong-forward", lambda s: s.task == "backward_propagation" and _reads_wrong_forward(s),
     "it reads {found} of your forward_propagation, which is not right yet: look there first."),
    ROUNDED,
    ("never-filled", lambda s: not s.got.any(), "all nine gradients are 0: are they ever filled?"),
)  # fmt: skip
CHECK_MISTAKES = (
    ("never-rings", lambda s: not s.got.any(),
     "gradient_checking gives 0 at every point: does it compare something with itself?"),
    ("ignores-argument", lambda s: np.allclose(s.got, s.got[0], 1e-12, 0),
     "gradient_checking gives the same number at every point, whatever it is given."),
    ("other-point",
     lambda s: any(not _same([*x, y], [*p[0], p[1]]) for asked, p in zip(s.calls, POINTS) for x, y, _ in asked),
     "gradient_checking looks at another data point than it is given."),
    ("several-at-once", lambda s: ((s.steps != 0).sum(axis=1) > 1).any(),
     "gradient_checking tries weights that differ from the given w in several places at once."),
    ("nothing-moves", lambda s: len(s.steps) and not s.steps.any(),
     "every loss is taken at the same w: do two names share one array, or is a copy moved in vain?"),
    ("weights-left-out",
     lambda s: len(s.steps) and ", ".join(f"w{i + 1}" for i in np.flatnonzero(~s.steps.any(axis=0))),
     "gradient_checking does not move {found}: does the loop cover it, or does it end too early?"),
    ("one-sided", lambda s: len(s.steps) and ((s.steps >= 0).all() or (s.steps <= 0).all()),
     "gradient_checking moves each weight to one side only; the formula needs both sides."),
    ("eps-ignored", lambda s: s.steps.any() and not _near(np.abs(s.steps[s.steps != 0]) / CHECK_EPS,
                                                         np.ones((s.steps != 0).sum()), 1e-6),
     "gradient_checking moves weights by other amounts than the eps it is given."),
    ("denominator", lambda s: np.allclose(s.got, 2 * s.right, RTOL_CHECK, 0),
     "the result is twice what it must be: the denominator is the sum of both norms."),
)  # fmt: skip
LOSS_MISTAKES = (
    ("losses-per-point", lambda s: _near(s.losses, _losses_seen(s).ravel()),
     "the weights are right, but losses has one number for each update; it must have one for each epoch."),
    ("losses-last", lambda s: _near(s.losses, _losses_seen(s)[:, -1]),
     "the weights are right, but losses holds the loss of the last data point, not the mean over all."),
    ("losses-sum", lambda s: _near(s.losses, _losses_seen(s).sum(axis=1)),
     "the weights are right, but losses holds the sum over the data points; it must be their mean."),
    ("losses-carried-over", lambda s: any(_near(s.losses, np.cumsum(_losses_seen(s).sum(axis=1)) / n)
                                          for n in (1, len(ROWS), len(ROWS) * np.arange(1, EPOCHS + 1))),
     "the weights are right, but losses goes on adding; each epoch has a mean of its own."),
)  # fmt: skip
LOOP_MISTAKES = (
    ROUNDED,
    ("ends-early", lambda s: 0 < len(s.rows) < s.due and len(s.losses) < EPOCHS and f"{len(s.rows)} of {s.due}",
     "the loop ends after {found} data points: does `return` or `break` come too early?"),
    ("empty-epoch", _first_epoch_only,
     "the second epoch sees no data points: is an iterator or an index used up in the first?"),
    ("other-data", _other_data, "the loop pairs or reads other data than the X and y it is given."),
    ("other-order", lambda s: len(s.rows) == s.due and not _same(s.rows, DIAGNOSIS[0] * 2),
     "the data points do not come in their order."),
    ("never-moves", lambda s: len(s.path) > 1 and not any(s.moves),
     "the weights that come back are the ones that went in: no update reaches them."),
    ("first-weights", lambda s: len(s.moves) > 1 and not any(s.moves[:-1]),
     "every gradient is taken at the first weights: the updated ones are never looked at."),
    ("starts-over", lambda s: len(s.path) > len(ROWS) + 1 and any(s.moves) and _near(s.path[len(ROWS)], DIAGNOSIS[2]),
     "each epoch starts again from the first weights."),
    ("one-update-per-epoch", _once_per_epoch,
     "the weights change once per epoch; they must change after every data point."),
    ("weights-left-out", _idle, "no update changes {found}."),
    ("no-velocity", lambda s: s.task == "train_momentum" and _plain_steps(s),
     "each step is a plain one: no velocity builds up from step to step."),
)  # fmt: skip
NAMED = {
    "sigmoid": (ROUNDED,),
    "forward_propagation": PASS_MISTAKES[:3],
    "backward_propagation": PASS_MISTAKES,
    "gradient_checking": CHECK_MISTAKES,
    **dict.fromkeys(LOOPS, LOOP_MISTAKES),
}
SELF_EVIDENT = ("wrong-sigmoid", "wrong-forward")  # no line of this function is to blame
T_WORD = "t, the number of the update"
NAMED_BY_REPAIR = {  # (task, kind of the edit, its word): (cause, sentence)
    ("train_momentum", "extra-factor", "1 - gamma"): (
        "averaged", "the velocity is an average here; the gradient must enter it whole, times lr."),
    ("train_adam", "lacks-factor", "bias correction"): (
        "no-bias-correction", "the bias correction is missing."),
    **{("train_adam", "extra-factor", f"1 - {beta}^t"): (
        "no-bias-correction", "one of the two bias corrections is missing.") for beta in ("beta1", "beta2")},
    ("train_adam", "lacks-power", T_WORD): (
        "constant-correction", "the bias correction is the same at every step; it depends on t."),
    ("train_adam", "wrong-value", T_WORD): (
        "wrong-t", "this is not t: it must count the updates of the whole run, from 1."),
}  # fmt: skip
LAST_WORDS = (  # what was seen and claims no more, where no line was found
    ("reference-point-only", lambda s: len(s.got) == len(POINTS) and _near(s.got[0], s.right[0]),
     "right at w = 0.1 everywhere only: are two weights mixed up, or numbers typed in?"),
)  # fmt: skip


# ---------------------------------------------------------------------------------------
# Explaining by repair: one edit of the student's own code with which the judge finds it right
# ---------------------------------------------------------------------------------------

SECONDS = 2.0  # that a search may take
MOST_PASSES, MOST_ITEMS = 5000, 20000  # of all loops of a call; in a list that is tried out
KINDS = {
    "sign": "the sign is wrong here.",
    "operator": "another operator belongs here.",
    "brackets": "the brackets take in too much or too little here.",
    "wrong-name": "`{word}` is not what belongs here.",
    "typed-in": "`{word}` is typed in here, where a parameter belongs.",
    "reads-global": "`{word}` is read from the notebook here; a function must use what it is given.",
    "exchanged": "`{word}` are mixed up here.",
    "function": "{word} here.",
    "lacks-factor": "the factor {word} is missing here.",
    "extra-factor": "the factor {word} stands here once too often.",
    "lacks-power": "the power of {word} is missing here.",
    "too-much": "`{word}` is one too many here.",
    "wrong-value": "this is not the value of {word}.",
    "place": "this line {word}.",
    "shared": "two names share one list or array here, so that both change.",
}


Change = tuple[str, str, ast.expr, ast.AST]  # kind, word, new node, what is underlined


@dataclass
class Site:
    """A place in a student's code that holds an expression.

    Attributes:
        owner: the node that holds it, in its field `name` (at `index`, if that is a list).
        name: see owner.
        index: see owner.
        up: the site around it, None where it is the whole of a right-hand side or the like.
        line: the statement in which it stands.
        function: the name of the student's function in which it stands.
    """

    owner: ast.AST
    name: str
    index: int | None
    up: Site | None
    line: ast.stmt
    function: str

    @property
    def node(self) -> ast.expr:
        held = getattr(self.owner, self.name)
        return held if self.index is None else held[self.index]

    @property
    def root(self) -> Site:
        """The widest site around this one that holds a number, not several."""
        several = (ast.Tuple, ast.List, ast.Dict, ast.ListComp, ast.GeneratorExp)
        return self if not self.up or isinstance(self.up.node, several) else self.up.root

    def is_term(self) -> bool:
        """Tell whether it is a whole term, not a part of a product."""
        inside = self.up and isinstance(self.up.node, (ast.BinOp, ast.UnaryOp))
        return not inside or isinstance(getattr(self.up.node, "op", None), (ast.Add, ast.Sub))


@dataclass
class Edit:
    """One change of a student's code, and what a sentence says of it.

    Attributes:
        kind: a key of KINDS, which becomes the cause.
        word: what the sentence speaks of.
        node: what is underlined.
        function: the student's function in which it stands.
        changes: (owner, field, new value) of each change of the tree.
        fixed: the names of the numbers that it makes right.
    """

    kind: str
    word: str
    node: ast.AST
    function: str
    changes: list[tuple[ast.AST, str, Any]]
    fixed: set[str] = field(default_factory=set)


class _Endless(BaseException):
    """A function that is tried out loops too often, or lets something grow too long."""


class _TimeUp(KeyboardInterrupt):
    """The time of a search is over: like an interrupt, it ends whatever runs."""


class _Guards(ast.NodeTransformer):
    """Let every loop of a function count its passes."""

    def visit_For(self, node: ast.For) -> ast.For:
        self.generic_visit(node)
        node.iter = ast.Call(ast.Name("‹passes›", ast.Load()), [node.iter], [])
        return node

    visit_comprehension = visit_For

    def visit_While(self, node: ast.While) -> ast.While:
        self.generic_visit(node)
        node.test = ast.BoolOp(ast.And(), [ast.Call(ast.Name("‹pass›", ast.Load()), [], []), node.test])
        return node


class _Trial:
    """A student's function and its helpers, in a copy of the notebook, where edits are tried out.

    Attributes:
        student: a twin of the student, with globals of its own.
        name: of the function that is judged.
        trees: the function and the helpers that it calls, by name.
        texts: the lines of their source, by function and number.
        codes: the trees, compiled as they are.
        globals: the names of the notebook's data that they read.
        experiments: those of the judgement that found the fault, the first wrong one first.
        before: the names of the numbers that are wrong in each of them.
        passes_left: how many passes of loops the running call may still make.
    """

    def __init__(self, student: Student, experiments: list[Experiment]):
        self.student = copy.copy(student)
        self.student.namespace = dict(student.namespace)
        self.trees, self.texts, self.codes = {}, {}, {}
        function = _inner(student.function)
        self.name = getattr(function, "__name__", "")
        self._read_source(self.name, function)
        names = {n.id for t in self.trees.values() for n in ast.walk(t) if isinstance(n, ast.Name)}
        data = {n: v for n, v in student.namespace.items() if n in names and not callable(v)}
        self.data = {n: v for n, v in data.items() if not inspect.ismodule(v)}
        copy.deepcopy(self.data)  # where that raises, nothing is tried out
        self.student.namespace |= {"‹passes›": self._passes, "‹pass›": self._pass, **_functions(student)}
        self.student.namespace |= {"‹pick›": lambda *choices: choices[self.choice]()}
        for name, tree in self.trees.items():
            ast.fix_missing_locations(_Guards().visit(tree))
            self.codes[name] = self._define(tree)
        wrong = [(experiment, self._wrong(experiment)) for experiment in experiments]
        wrong.sort(key=lambda pair: (not pair[1], not _has_path(pair[0])))
        self.experiments, self.before = zip(*wrong)
        self.wrong = set().union(*self.before)

    def _read_source(self, name: str, function: Any) -> None:
        """Parse a function, and the helpers of the student's that it calls."""
        if name in self.trees or not inspect.isfunction(function) or function.__code__.co_freevars:
            return
        try:
            lines, first = inspect.getsourcelines(function)
            lines = textwrap.dedent("".join(lines).expandtabs(4)).splitlines()
            (tree,) = ast.parse("\n".join(lines)).body
        except (OSError, TypeError, SyntaxError, ValueError):
            return
        ast.increment_lineno(tree, first - 1)
        self.trees[name] = tree
        self.texts |= {(name, first + i): line for i, line in enumerate(lines)}
        for called in {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - {name, *STAGES}:
            helper = self.student.namespace.get(called)
            if getattr(helper, "__globals__", None) is function.__globals__:
                self._read_source(called, helper)

    def _define(self, tree: ast.stmt) -> types.CodeType:
        code = compile(ast.Module([tree], []), "<tried out>", "exec")
        exec(code, self.student.namespace)  # noqa: S102 - the student's own code, in their notebook
        return code

    def _passes(self, items: Iterable) -> Iterator:
        for item in items:
            self._pass(sys._getframe(1))
            yield item

    def _pass(self, frame: types.FrameType | None = None) -> bool:
        """Count a pass of a loop; end what loops too often or lets something grow too long."""
        self.passes_left -= 1
        looks = () if self.passes_left % 8 else (frame or sys._getframe(1)).f_locals.values()
        for value in looks:
            kind = type(value)
            long = kind in (list, str, dict, tuple) and len(value) > MOST_ITEMS
            if long or (kind is int and value.bit_length() > MOST_PASSES):
                raise _Endless
        if self.passes_left < 0:
            raise _Endless
        return True

    def _outcome(self, experiment: Experiment) -> Outcome:
        namespace = self.student.namespace
        self.student.function = namespace[self.name]
        namespace.update(copy.deepcopy(self.data) if self.data else ())
        namespace.update({f"‹{word}›": value for word, value in _words(experiment).items()})
        self.passes_left = MOST_PASSES
        if experiment.stand_ins:
            self.student.stand_ins.on_update = _follow(experiment, namespace)
        return perform(experiment, self.student)

    def _wrong(self, experiment: Experiment) -> set[str]:
        """Return the names of the numbers that are wrong now; of a loop, whether weights or losses."""
        wrong = _wrong(experiment, self._outcome(experiment))
        if experiment.task in LOOPS:
            return {"losses" if name.startswith("losses") else "weights" for name in wrong}
        return wrong

    @contextlib.contextmanager
    def _edited(self, edit: Edit) -> Iterator[bool]:
        """Make an edit for a while; yield whether it is Python."""
        old = [(owner, name, getattr(owner, name)) for owner, name, _ in edit.changes]
        for owner, name, new in edit.changes:
            setattr(owner, name, new)
        try:
            self._define(self.trees[edit.function])
            valid = True
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - no Python, or a default argument raises
            valid = False
        try:
            yield valid
        finally:
            for owner, name, value in reversed(old):
                setattr(owner, name, value)
            exec(self.codes[edit.function], self.student.namespace)  # noqa: S102

    def fixed_by(self, edit: Edit) -> set[str]:
        """Return the names of the numbers that an edit makes right; none if it spoils another."""
        with self._edited(edit) as valid:
            return self._fixed() if valid else set()

    def try_each(self, site: Site, changes: list[Change]) -> Iterator[Edit]:
        """Yield, for new nodes at a site, edits with what they make right. They are compiled together."""
        choices = [ast.Lambda(_NO_ARGUMENTS, new) for _, _, new, _ in changes]
        edits = [Edit(kind, word, shown, site.function, [_put(site, new)]) for kind, word, new, shown in changes]
        pick = ast.Call(ast.Name("‹pick›", ast.Load()), choices, [])
        with self._edited(Edit("", "", site.node, site.function, [_put(site, pick)])) as valid:
            for self.choice, edit in enumerate(edits) if valid else ():
                edit.fixed = self._fixed()
                yield edit
        for edit in () if valid else edits:
            edit.fixed = self.fixed_by(edit)
            yield edit

    def _fixed(self) -> set[str]:
        left = set(self.wrong)
        for experiment, before in zip(self.experiments, self.before):
            after = self._wrong(experiment)
            left -= after
            if not left or after - before or "weights" in after:
                return set()
        return left

    def influence(self, root: Site) -> set[str]:
        """Return the names of the numbers that change with the value at a site."""
        other = ast.BinOp(ast.BinOp(root.node, ast.Mult(), ast.Constant(1.0371)), ast.Add(), ast.Constant(0.0113))
        experiment = self.experiments[0]
        names = _outputs(experiment.task)
        unchanged = _values(experiment.task, self._outcome(experiment).result)
        with self._edited(Edit("", "", root.node, root.function, [_put(root, other)])) as valid:
            outcome = self._outcome(experiment) if valid else Outcome(raised={})
        values = {} if outcome.raised or not valid else _values(experiment.task, outcome.result)
        return {name for name in names if not _same(values.get(name), unchanged.get(name))}


_NO_ARGUMENTS = ast.arguments([], [], None, [], [], None, [])


def _put(site: Site, new: ast.expr) -> tuple[ast.AST, str, Any]:
    """Return the change that puts a new node in place of the one at a site."""
    ast.fix_missing_locations(ast.copy_location(new, site.node)) if not hasattr(new, "lineno") else None
    if site.index is None:
        return site.owner, site.name, new
    held = getattr(site.owner, site.name)
    return site.owner, site.name, [*held[: site.index], new, *held[site.index + 1 :]]


def _sites(node: ast.AST, line: ast.stmt, function: str, up: Site | None = None) -> Iterator[Site]:
    """Yield the sites below a node, the outer before the inner."""
    for name, value in ast.iter_fields(node):
        if name in ("decorator_list", "returns", "annotation", "args") and isinstance(node, ast.FunctionDef):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.stmt):
                yield from _sites(child, child, function)
            elif isinstance(child, ast.expr):
                site = Site(node, name, index, up, line, function)
                if not _is_guard(child):
                    yield site
                yield from _sites(child, line, function, None if _is_guard(child) else site)
            elif isinstance(child, (ast.comprehension, ast.keyword)):
                yield from _sites(child, line, function, up)


def _is_guard(node: ast.AST) -> bool:
    guards = ("‹passes›", "‹pass›")
    if isinstance(node, ast.BoolOp):
        return _is_guard(node.values[0])
    name = node.func if isinstance(node, ast.Call) else node
    return isinstance(name, ast.Name) and name.id in guards


# What is put in, as values at each point and under names that no student can have given

_FUNCTIONS = ("exp", "tanh", "sin", "cos", "sqrt", "square", "abs", "sum", "mean", "log", "tan")


def _functions(student: Student) -> dict[str, Callable]:
    known = {f"‹{name}›": getattr(np, name) for name in _FUNCTIONS}
    known |= {"‹norm›": np.linalg.norm, "‹copy›": copy.deepcopy, "‹power›": _power}
    if student.task != "sigmoid" and callable(student.namespace.get("sigmoid")):
        known["‹sigmoid›"] = student.namespace["sigmoid"]
    for name, value in student.namespace.items():  # bars cost more than what they show
        if str(getattr(value, "__module__", "")).split(".")[0] == "tqdm" and callable(value):
            known[name] = functools.partial(value, disable=True)
    return known


def _power(base: float, exponent: float) -> float:
    """Return a power, of fractions alone: one of whole numbers may be too large to compute."""
    if isinstance(base, int):
        raise TypeError
    return base**exponent


def _words(experiment: Experiment) -> dict[str, float]:
    """Return the factors and values that may be missing in an experiment, by the names they have."""
    task, given = experiment.task, experiment.arguments
    if task in LOOPS:
        names = ARGUMENTS[task][4:]
        settings = dict(zip(names, given[4:]))
        words = settings | {f"1 - {n}": 1 - v for n, v in settings.items() if n[:2] in ("ga", "be")}
        return words | {"number of data points": float(len(given[0])), "number of epochs": given[3], "2": 2.0}
    if task == "gradient_checking":
        eps = given[3]
        return {"2": 2.0, "eps": eps, "2·eps": 2 * eps, "eps²": eps * eps}
    if task == "sigmoid":
        return {"z": given[0], "2": 2.0}
    x, y, w = (given[0], given[1], given[2])
    index = next(i for i, point in enumerate(POINTS) if list(point) == [x, y, w])
    exp, tanh, sigmoid, loss, slope = FORWARD_VALUES[index]
    s, angle, lin = w[0] * x[0] + w[1] * x[1], w[2] * x[2], w[3] * x[3] + w[4] * x[4]
    return {
        **{f"x{k + 1}": x[k] for k in range(5)},
        **{f"w{k + 1}": w[k] for k in range(9)},
        "2": 2.0, "dL/dŷ": slope, "exp": exp, "tanh": tanh, "sigmoid": sigmoid,
        "1 - tanh²": 1 - tanh**2, "1 - sigmoid": 1 - sigmoid, "σ·(1 - σ)": sigmoid * (1 - sigmoid),
        "sin(w3·x3)": math.sin(angle), "cos(w3·x3)": math.cos(angle),
        "w1·x1 + w2·x2": s, "w4·x4 + w5·x5": lin,
        "ŷ": y + slope / 2, "L": loss,
    }  # fmt: skip


def _has_path(experiment: Experiment) -> bool:
    return experiment.task in LOOPS and experiment.arguments[0] == DIAGNOSIS[0]


def _follow(experiment: Experiment, namespace: dict) -> Callable[[int, list[float]], None]:
    """Return what is done at each update of a loop that is tried out: its number becomes a word."""
    path = REFERENCE[f"diagnosis, {experiment.task}"].reshape(-1, 9).tolist() if _has_path(experiment) else []
    settings = dict(zip(ARGUMENTS[experiment.task], experiment.arguments))

    def on_update(number: int, w: list[float]) -> None:
        if 1 < number < len(path) + 2 and not all(map(_close_run, w, path[number - 2])):
            raise _LeftThePath
        namespace["‹number of the update›"] = number
        shares = [1 - settings[b] ** number for b in ("beta1", "beta2") if b in settings]
        if shares:
            namespace["‹1 - beta1^t›"], namespace["‹1 - beta2^t›"] = shares
            namespace["‹bias correction›"] = math.sqrt(shares[1]) / shares[0]

    return on_update


def _close_run(got: float, right: float) -> bool:
    return _close(got, right, RTOL_DIAGNOSIS)


# The edits: each generator yields (kind, word, new node, what is underlined) for a site

_OTHER_OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult, ast.Div), ast.Sub: (ast.Add, ast.Mult, ast.Div),
    ast.Mult: (ast.Div, ast.Add, ast.Pow, ast.Sub), ast.Div: (ast.Mult, ast.Sub), ast.Pow: (ast.Mult, ast.Div),
}  # fmt: skip
_FLIPPED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}


def _call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(f"‹{function}›", ast.Load()), list(arguments), [])


def _operators(site: Site, names: list[str]) -> Iterator[Change]:
    node = site.node
    if isinstance(node, ast.BinOp):
        for other in _OTHER_OPERATORS.get(type(node.op), ()):
            sign = {other, type(node.op)} == {ast.Add, ast.Sub}
            yield "sign" if sign else "operator", "", ast.BinOp(node.left, other(), node.right), node
        if isinstance(node.op, (ast.Sub, ast.Div, ast.Pow)):
            kind = "sign" if isinstance(node.op, ast.Sub) else "operator"
            yield kind, "", ast.BinOp(node.right, node.op, node.left), node
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _FLIPPED and len(node.ops) == 1:
        yield "operator", "", ast.Compare(node.left, [_FLIPPED[type(node.ops[0])]()], node.comparators), node
    if isinstance(node, ast.UnaryOp):
        yield "sign", "", node.operand, node
    elif site.is_term() and not isinstance(node, (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Slice)):
        yield "sign", "", ast.UnaryOp(ast.USub(), node), node


def _close_names(site: Site, names: list[str]) -> Iterator[Change]:
    """Yield those other names and numbers that are likeliest."""
    yield from itertools.islice(_other_names(site, names), 5)


def _other_names(site: Site, names: list[str]) -> Iterator[Change]:
    node = site.node
    shown = site.up.node if site.up and site.name == "slice" else node
    word = ast.unparse(shown)
    if isinstance(node, ast.Name) and site.name != "func":
        for name in sorted(set(names) - {node.id}, key=lambda name: _unlike(name, node.id)):
            yield "wrong-name", word, ast.Name(name, node.ctx), shown
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        value = node.value
        others = range(9) if site.name == "slice" else (value - 1, value + 1, 0, 1, 2, 0.5, -value)
        for other in others:
            if other != value:
                yield "wrong-name", word, ast.Constant(other), shown
        for name in names:
            kind = "wrong-name" if site.name == "slice" else "typed-in"
            yield kind, word, ast.Name(name, ast.Load()), shown
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        for key in (*FORWARD_KEYS, *BACKWARD_KEYS):
            if key != node.value:
                yield "wrong-name", word, ast.Constant(key), shown
        for name in names if site.name == "slice" else ():
            yield "wrong-name", word, ast.Name(name, ast.Load()), shown


@functools.cache
def _unlike(one: str, other: str) -> tuple:
    """Return how unlike two names are: first those of the same length that differ in one place."""
    differ = sum(a != b for a, b in itertools.zip_longest(one, other))
    return len(one) != len(other), differ, one


def _function_name(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", ""))


def _other_functions(site: Site, names: list[str]) -> Iterator[Change]:
    node = site.node
    if not isinstance(node, ast.Call) or not node.args or _function_name(node) in ("range", "len", "zip"):
        return
    alike = {"fabs": "abs", "pow": "square"}.get(_function_name(node), _function_name(node))
    if alike in (*_FUNCTIONS, "sigmoid", "norm"):
        for name in (*_FUNCTIONS, "sigmoid", "norm"):
            if name != alike:
                yield "function", "another function belongs", _call(name, *node.args), node.func
                inner = node.args[0]
                if isinstance(inner, ast.Call) and inner.args:
                    yield "function", "another function belongs", _call(name, *inner.args), node.func
    if len(node.args) == 1:
        yield "function", "a function is applied once too often", node.args[0], node.func


def _missing_functions(site: Site, names: list[str]) -> Iterator[Change]:
    if not isinstance(site.node, (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Slice)):
        for name in (*_FUNCTIONS, "sigmoid"):
            yield "function", "a function is missing", _call(name, site.node), site.node


def _wrapped(node: ast.AST) -> tuple[ast.expr, Callable[[ast.expr], ast.expr]] | None:
    """Return what a power, a function or a sign is applied to, and how to apply it to something else."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return node.left, lambda inner: ast.BinOp(inner, ast.Pow(), node.right)
    if isinstance(node, ast.Call) and node.args and not isinstance(node.args[0], ast.Starred):
        return node.args[0], lambda inner: ast.Call(node.func, [inner, *node.args[1:]], node.keywords)
    if isinstance(node, ast.UnaryOp):
        return node.operand, lambda inner: ast.UnaryOp(node.op, inner)
    return None


def _with(node: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr:
    """Return a formula with one of its parts replaced."""
    if node is old:
        return new
    if isinstance(node, ast.BinOp):
        return ast.BinOp(_with(node.left, old, new), node.op, _with(node.right, old, new))
    return node


def _parts(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        for part in (node.left, node.right):
            yield part
            yield from _parts(part)


def _brackets(site: Site, names: list[str]) -> Iterator[Change]:
    node = site.node
    if isinstance(node, ast.BinOp):
        left, right = node.left, node.right
        if isinstance(left, ast.BinOp):
            new = ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right))
            yield "brackets", "", new, node
        if isinstance(right, ast.BinOp):
            new = ast.BinOp(ast.BinOp(left, node.op, right.left), right.op, right.right)
            yield "brackets", "", new, node
        powers = [isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow) for n in (left, right)]
        if all(powers) and ast.dump(left.right) == ast.dump(right.right):
            new = ast.BinOp(ast.BinOp(left.left, node.op, right.left), ast.Pow(), left.right)
            yield "brackets", "", new, node
    for part in _parts(node):  # f(a) ∘ b -> f(a ∘ b)
        if wrapped := _wrapped(part):
            yield "brackets", "", wrapped[1](_with(node, part, wrapped[0])), node
    if wrapped := _wrapped(node):  # f(a ∘ b) -> f(a) ∘ b
        inner, apply = wrapped
        for part in _parts(inner):
            yield "brackets", "", _with(inner, part, apply(part)), node


def _too_much(site: Site, names: list[str]) -> Iterator[Change]:
    node = site.node
    if isinstance(node, ast.BinOp):
        yield "too-much", ast.unparse(node.right), node.left, node.right
        yield "too-much", ast.unparse(node.left), node.right, node.left
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        yield "too-much", f"[{ast.unparse(node.slice)}]", node.value, node
    elif isinstance(node, ast.IfExp):
        for part in (node.body, node.orelse):
            yield "too-much", ast.unparse(node.test), part, node


def _factors(site: Site, names: list[str]) -> Iterator[Change]:
    node = site.node
    if site.is_term() and not isinstance(node, (ast.Tuple, ast.List, ast.Dict, ast.Slice)):
        for word in names:
            value = ast.Name(f"‹{word}›", ast.Load())
            yield "lacks-factor", word, ast.BinOp(node, ast.Mult(), value), node
            yield "extra-factor", word, ast.BinOp(node, ast.Div(), value), node


def _counts(site: Site, names: list[str]) -> Iterator[Change]:
    """In a loop: the number of the update, for what counts something else, and as a missing power."""
    update = ast.Name("‹number of the update›", ast.Load())
    if isinstance(site.node, (ast.Name, ast.BinOp, ast.Constant, ast.Call)) and site.name != "func":
        yield "wrong-value", T_WORD, update, site.node
        yield "lacks-power", T_WORD, _call("power", site.node, update), site.node


def _corrections(site: Site, names: list[str]) -> Iterator[Change]:
    yield from _factors(site, ["bias correction", "1 - beta1^t", "1 - beta2^t"])


def _values_of_nodes(site: Site, names: list[str]) -> Iterator[Change]:
    if not isinstance(site.node, (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Slice)):
        for word in names:
            yield "wrong-value", word, ast.Name(f"‹{word}›", ast.Load()), site.node


def _copies(site: Site, names: list[str]) -> Iterator[Change]:
    if isinstance(site.node, (ast.Name, ast.Call, ast.Subscript)) and not isinstance(
        getattr(site.node, "ctx", None), ast.Store
    ):
        yield "shared", "", _call("copy", site.node), site.node


# Edits of several places at once, and of whole lines: they yield Edits


def _exchanges(sites: list[Site], within: Callable[[Site], Any]) -> Iterator[Edit]:
    """Exchange two parts of one expression, or of one line."""
    groups = defaultdict(list)
    for site in sites:
        if key := within(site):
            groups[key].append(site)
    for group in groups.values():
        for one, other in itertools.combinations(group, 2):
            a, b = one.node, other.node
            nested = any(n is b for n in ast.walk(a)) or any(n is a for n in ast.walk(b))
            if not nested and ast.dump(a) != ast.dump(b):
                word = f"{_one_line(ast.unparse(a), 30)}` and `{_one_line(ast.unparse(b), 30)}"
                yield Edit("exchanged", word, a, one.function, _both(one, b, other, a))


def _both(one: Site, new: ast.expr, other: Site, new_other: ast.expr) -> list:
    """Return the changes at two sites, which may be in one list."""
    if one.owner is other.owner and one.name == other.name:
        held = list(getattr(one.owner, one.name))
        held[one.index], held[other.index] = new, new_other
        return [(one.owner, one.name, held)]
    return [_put(one, new), _put(other, new_other)]


def _siblings(site: Site) -> Any:
    if isinstance(site.owner, (ast.Tuple, ast.List, ast.Dict, ast.Call)) and site.index is not None:
        return id(site.owner), site.name
    return None


def _leaves(site: Site) -> Any:
    whole = not site.up or not isinstance(site.up.node, ast.Subscript)
    leaf = isinstance(site.node, (ast.Name, ast.Subscript)) and site.name != "func"
    return id(site.line) if leaf and whole else None


def _moves(trees: dict[str, ast.stmt]) -> Iterator[Edit]:
    """Move a line before or after its neighbour, out of its loop or into it, or drop it."""
    for function, tree in trees.items():
        for owner in ast.walk(tree):
            body = getattr(owner, "body", None)
            if not isinstance(owner, ast.stmt) or not isinstance(body, list):
                continue
            for i, line in enumerate(body):
                rest = [*body[:i], *body[i + 1 :]]
                alone = rest or [ast.copy_location(ast.Pass(), line)]
                word = "stands in the wrong place"
                for k in (i + 1, i - 1):
                    if 0 <= k < len(body) and k > i - 1:
                        new = [*rest[:k], line, *rest[k:]]
                        yield Edit("place", f"{word}: look at its neighbours", line, function, [(owner, "body", new)])
                for inner in (line,):
                    if isinstance(inner, (ast.For, ast.While, ast.If)):
                        yield from _out_of(owner, i, inner, function)
                        yield from _into(owner, i, inner, function)
                if not isinstance(line, (ast.FunctionDef, ast.Return)):
                    yield Edit("too-much", "this line", line, function, [(owner, "body", alone)])


def _out_of(owner: ast.stmt, i: int, loop: ast.stmt, function: str) -> Iterator[Edit]:
    for k, line in enumerate(loop.body):
        inner = [*loop.body[:k], *loop.body[k + 1 :]] or [ast.copy_location(ast.Pass(), line)]
        for before in (0, 1):
            outer = [*owner.body[: i + 1 - before], line, *owner.body[i + 1 - before :]]
            changes = [(loop, "body", inner), (owner, "body", outer)]
            yield Edit("place", "stands inside, and belongs outside", line, function, changes)
        for deeper in (loop.body[k],) if isinstance(line, (ast.For, ast.If)) else ():
            for j, deep in enumerate(deeper.body):  # out of two loops at once
                left = [*deeper.body[:j], *deeper.body[j + 1 :]] or [ast.copy_location(ast.Pass(), deep)]
                for before in (0, 1):
                    outer = [*owner.body[: i + 1 - before], deep, *owner.body[i + 1 - before :]]
                    changes = [(deeper, "body", left), (owner, "body", outer)]
                    yield Edit("place", "stands inside, and belongs outside", deep, function, changes)


def _into(owner: ast.stmt, i: int, loop: ast.stmt, function: str) -> Iterator[Edit]:
    for k in range(len(owner.body)):
        line = owner.body[k]
        if k == i or isinstance(line, (ast.For, ast.While, ast.FunctionDef)):
            continue
        outer = [*owner.body[:k], *owner.body[k + 1 :]]
        for inner in ([line, *loop.body], [*loop.body, line]):
            changes = [(loop, "body", inner), (owner, "body", outer)]
            yield Edit("place", "stands outside, and belongs inside", line, function, changes)
        deeper = loop.body[-1]
        for deep in (d for d in loop.body if isinstance(d, (ast.For, ast.If))):
            for inner in ([line, *deep.body], [*deep.body, line]):
                changes = [(deep, "body", inner), (owner, "body", outer)]
                yield Edit("place", "stands outside, and belongs inside", line, function, changes)


def _assignments(trees: dict[str, ast.stmt]) -> Iterator[Edit]:
    """Exchange =, += and -=; give each name of a chain `a = b = []` a value of its own."""
    for function, tree in trees.items():
        for owner in ast.walk(tree):
            for name in ("body", "orelse"):
                body = getattr(owner, name, None)
                for i, line in enumerate(body if isinstance(body, list) else ()):
                    for kind, new in _other_assignments(line):
                        lines = [*body[:i], *new, *body[i + 1 :]]
                        yield Edit(kind, "", line, function, [(owner, name, lines)])


def _other_assignments(line: ast.stmt) -> Iterator[tuple[str, list[ast.stmt]]]:
    def make(new: ast.stmt) -> ast.stmt:
        return ast.fix_missing_locations(ast.copy_location(new, line))

    if isinstance(line, ast.AugAssign):
        load = copy.copy(line.target)
        load.ctx = ast.Load()
        for op in (ast.Add(), ast.Sub(), ast.Mult(), ast.Div()):
            if type(op) is not type(line.op):
                sign = {type(op), type(line.op)} == {ast.Add, ast.Sub}
                yield "sign" if sign else "operator", [make(ast.AugAssign(line.target, op, line.value))]
        yield "operator", [make(ast.Assign([line.target], line.value))]
    elif isinstance(line, ast.Assign) and len(line.targets) == 1:
        if isinstance(line.targets[0], (ast.Name, ast.Subscript)):
            for op in (ast.Add(), ast.Sub()):
                yield "operator", [make(ast.AugAssign(line.targets[0], op, line.value))]
    elif isinstance(line, ast.Assign):
        yield "shared", [make(ast.Assign([target], _call("copy", line.value))) for target in line.targets]


# The search


class _Search:
    """A search for the edit that shows a student where the mistake is."""

    def __init__(self, trial: _Trial):
        self.trial, self.task = trial, trial.student.task
        self.sites = [s for name, tree in trial.trees.items() for s in _sites(tree, tree, name)]
        self.passes = self.task in ("forward_propagation", "backward_propagation")
        if self.passes:
            self._rank()
        first = trial.experiments[0]
        self.words = [w for w in _words(first) if not (w == "z")]
        self.names = {name: _names_in(tree) for name, tree in trial.trees.items()}

    def _rank(self) -> None:
        """Leave out sites that right numbers depend on, and put those first that only wrong ones do."""
        ranks: dict[int, int] = {}
        for site in self.sites:
            root = site.root
            if id(root) not in ranks:
                influence = self.trial.influence(root)
                wrong = self.trial.wrong
                ranks[id(root)] = 0 if influence == wrong else 1 if influence <= wrong else 2
                if influence - wrong and influence & wrong and len(influence) < len(_outputs(self.task)):
                    ranks[id(root)] = 9
                if not influence:
                    ranks[id(root)] = 9
        self.sites = [s for s in self.sites if ranks[id(s.root)] < 9]
        self.sites.sort(key=lambda s: ranks[id(s.root)])

    def _at_sites(self, *generators: tuple[Callable, Any]) -> Iterator[Edit]:
        for site in self.sites:
            changes = [change for generator, names in generators
                       for change in generator(site, names or self.names[site.function])]  # fmt: skip
            if changes:
                yield from self.trial.try_each(site, changes)

    def _tried(self, *edits: Iterator[Edit]) -> Iterator[Edit]:
        for edit in itertools.chain(*edits):
            edit.fixed = self.trial.fixed_by(edit)
            yield edit

    def _everywhere(self, generator: Callable) -> Iterator[Edit]:
        """Make the same edit at all places of the same text at once."""
        groups = defaultdict(list)
        for site in self.sites:
            groups[site.function, ast.dump(site.node)].append(site)
        for (function, _), group in groups.items():
            if len(group) > 1:
                for kind, word, new, shown in generator(group[0], self.names[function]):
                    changes: dict[tuple[int, str], tuple] = {}
                    for site in group:
                        key = id(site.owner), site.name
                        if key in changes and site.index is not None:
                            changes[key][2][site.index] = new
                        else:
                            changes[key] = _put(site, new)
                    yield Edit(kind, word, shown, function, list(changes.values()))

    def _globals(self) -> Iterator[Edit]:
        """Put a parameter in place of a variable of the notebook, wherever that is read."""
        for function, tree in self.trial.trees.items():
            parameters = [a.arg for a in tree.args.args] if isinstance(tree, ast.FunctionDef) else []
            for name in sorted(set(self.trial.data) - set(self.names[function])):
                places = [s for s in self.sites if isinstance(s.node, ast.Name) and s.node.id == name]
                places = [s for s in places if s.function == function]
                for parameter in parameters if places else ():
                    new = ast.Name(parameter, ast.Load())
                    yield Edit("reads-global", name, places[0].node, function, [_put(s, new) for s in places])

    def tiers(self) -> Iterator[Iterator[Edit]]:
        """Yield edits that were tried, those that students' mistakes ask for most often first."""
        at, tried, loop = self._at_sites, self._tried, self.task in LOOPS
        yield tried(self._globals())
        yield at((_operators, None), (_other_functions, None), (_brackets, None), (_close_names, None))
        yield at((_too_much, None), (_factors, self.words), *[(_counts, None)] * loop)
        yield tried(_exchanges(self.sites, _siblings), _assignments(self.trial.trees), _moves(self.trial.trees))
        yield at((_other_names, None), (_copies, None), *[(_corrections, None)] * (self.task == "train_adam"))
        yield tried(self._everywhere(_operators), self._everywhere(_other_functions))
        yield at((_missing_functions, None))
        yield tried(_exchanges(self.sites, _leaves), self._everywhere(_close_names))
        yield tried(self._everywhere(_brackets), self._everywhere(_too_much))
        if self.passes:
            yield at((_values_of_nodes, self.words))

    def run(self) -> Edit | None:
        """Return the first edit that makes everything right, or of its tier the one that makes most."""
        best = None
        for tier in self.tiers():
            for edit in tier:
                if edit.fixed == self.trial.wrong:
                    return edit
                if len(edit.fixed) > len(best.fixed if best else ()):
                    best = edit
            if best:
                return best
        return None


def _names_in(tree: ast.stmt) -> list[str]:
    """Return the parameters and variables of a function."""
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return sorted(names | {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)})


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise _TimeUp after some seconds, whatever runs, where the system can do so."""
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable:
        yield
        return

    def ring(*_: Any) -> None:
        raise _TimeUp

    old = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def repair(student: Student, experiments: list[Experiment]) -> tuple[_Trial, Edit] | None:
    """Search for one edit of the student's code with which the judge finds it right."""
    try:
        with _time_limit(SECONDS):
            trial = _Trial(student, experiments)
            if not trial.trees or not trial.wrong:
                return None
            edit = _Search(trial).run()
            return (trial, edit) if edit else None
    except _TimeUp:
        return None
    finally:
        if "stand_ins" in vars(student):
            student.stand_ins.on_update = lambda number, w: None


# ---------------------------------------------------------------------------------------
# Numbers. tests/oracle.py computes each of them again, to 50 digits.
# ---------------------------------------------------------------------------------------

# Points: x1 ... x5, y, w1 ... w9. The first is the original's: row 0 of the data, all weights 0.1; in
# the others all numbers differ, so that no mixed-up index goes unseen, and everything that has two
# signs shows both. Forward: exp, tanh, sigmoid, loss and dy_pr at each point. Gradients: dL/dw1 ...
# dL/dw9. Checks: what gradient_checking gives at each point for eps = CHECK_EPS. Runs: the last
# weights, then the mean loss of each epoch; Adam's epsilon may stand outside the root, inside it, or
# as in the paper's folded form. Diagnosis: the weights after each update, where all gradients are
# positive and epsilon is 0, so that no root fails and Adam's three right forms are one.
NUMBERS = """
points: -1.287909498957745 -.12001341619804987 -1.4590003802772022 -.6666082090210984
-.14421743255530314 1.858849127371369 .1 .1 .1 .1 .1 .1 .1 .1 .1 1.17 1.35 -1.8 1.33 1.42 -.3 1.45
-1.58 -1.04 1.63 .23 -.79 1.02 -1.25 .37 -1.17 1.32 -.67 -.36 .74 -1.71 1.09 .59 -.93 .24 -1.91
-1.28 -1.55 .6 1.16 -.79 .93 1.53 -1.42 -.74 -.3 -1.55 -.98 -1.57 .27 -1.06 -1.3 -1.83 1.54 1.26
-1.9 -1 -1.1 .24 -1.55 1.8 .52 -1.66 1.08 -.75 -.85 -1.38 1.42 1.72 -.84 1.73 -.19 1.16 -1.03 -.33
-.24 -.21 .65 -1.87 1.83 -.68 -1.28 -1.76 -1.26 -.98
sigmoid: .8807970779779 9.357622968839e-14 .01098694263059 .3318122278318 .5 .73105857863
.9999038975845 .9999999999999
forward_propagation: 1.127296704097 .8417934192562 .527917938742 .9298048963073 -1.928527828482
.5491038188376 .9168830942489 .7562442723688 2.240091358184 2.993386950051 .3557639784079
-.8318880091059 .4316269345721 1.90108733043 2.757598469995 .3006019273522 -.9103215313762
.7807018016003 .1393997346049 .7467254772803 .395179178689 .9483555552862 .6603440822707
1.97777383959 -2.812666947642 .352386829268 -.8869862047415 .5279619798964 1.355801615331
-2.32877789008
backward_propagation: -.229733234987 -.02140761471775 -.005625405580266 -.004657941222712
-.001007722849857 -.6334751873437 -.561941842854 -.04806288407317 -1.018104436019 -.2674868428484
-.3086386648251 .2719637488534 .2593148988845 .276862523621 .2618799922151 .4769225476696
.2041651032904 2.263731735959 .3510150391133 -.3960169672047 .6403751203291 -.1648601267817
.3388791494957 .3021277481802 .8492364784436 .7847494962057 1.190253774385 -.01902337366965
.02239460444655 -.07301644058793 .154150183065 .0803317855409 .0384545190594 .1279250582261
.1610837604991 .5829699254136 .2855992482926 .1503153938382 -.2476624791102 -.1179750559515
.7619222363537 -.1118418108915 -.2830154444436 .5299160476061 -1.857327974274 .2947641011577
-.0323729359653 .617147664027 .4840331080079 .1550785685851 -.1750039785349 -.4966246295256
.568766192238 -1.229506185586
check on graph: 3.778e-7 1.3657e-7 8.565e-7 1.7628e-7 9.3964e-8 9.0911e-7
check on stand-ins: 1.1317e-7 5.6458e-8 2.0996e-7 4.5891e-7 8.9264e-8 1.5655e-7
graph, train_vanilla: -.1130936174 .02391330868 .8991321342 1.6532586 1.195149843 -1.219843598
-.5899449742 .5936108669 1.854494151 1.70103242 2.176603042 1.154191614
graph, train_momentum: -1.483347741 1.021158846 2.64941344 1.533124803 2.32910051 -1.090596231
.6017338832 -.8300067638 -1.333375738 1.638250966 1.901658766 .6089720999
graph, train_adam outside: -.462332829 .7597298449 1.793465928 2.129525969 2.094053615 -.96881428
-.2360796729 -.658530255 .1638950866 1.523324703 2.034517574 .7150942026
graph, train_adam inside: .5478126179 .5076970529 1.830811652 2.118689746 2.069855294 -1.419933305
-.4542251144 -.6080403413 .3083598125 1.523934329 1.665757162 1.094091633
graph, train_adam folded: .5272186644 .4423450555 1.752428156 2.088393498 2.010365642 -1.300923154
-.377651864 -.5454063509 .3078378856 1.541979436 1.655840853 .9949132882
stand-ins, train_vanilla: -1.581365159 -1.512894254 -1.003509584 -.6248602445 .7691294403
.3561074146 -.2189454938 -.2976685841 1.497117238 1.756869173 3.246900968 1.854754047
stand-ins, train_momentum: 1.019972876 -1.574115338 -1.867761231 -.5855474298 -.2682050392
1.433183523 -.07322490023 -.4393540274 1.451787919 1.156860809 2.36081665 2.099678549
stand-ins, train_adam outside: .6005048269 -.3570779107 .3028578711 .5673175965 .3268435855
.4371061762 .3939014266 .7023111034 .8067934668 1.131773893 2.47761662 .4373560662
stand-ins, train_adam inside: .5991033939 -.3571853553 .3021795236 .5637948491 .32039217 .4338063217
.3927110961 .7014220464 .7966790573 1.148076345 2.526064783 .4479193091
stand-ins, train_adam folded: .614789462 -.3686137109 .2843512894 .5843780366 .3479294112
.4384243608 .3797638751 .6980084582 .8081184848 1.067933327 2.284326066 .4069786172
diagnosis, train_vanilla: .785534 .678362 .873298 1.10573 1.03086 .717669 .809555 1.28372 1.41099
.708706 .605035 .836372 1.08621 .9977 .680716 .774418 1.26684 1.40461 .656331 .55291 .74916 1.00575
.963285 .654957 .748806 1.22646 1.37811 .566668 .465613 .632621 .919353 .885892 .610163 .705113
1.17084 1.34884 .511575 .41328 .606319 .904815 .860725 .581851 .678053 1.15772 1.34376 .474292
.376348 .544933 .8457 .834931 .562343 .658564 1.1268 1.32298
diagnosis, train_momentum: .862372 .753584 .974271 1.17674 1.09323 .753287 .844095 1.32731 1.43328
.785195 .678874 .90337 1.13018 1.04477 .717248 .809501 1.29651 1.41862 .706177 .601673 .812452
1.06007 .994765 .679999 .773355 1.25628 1.39618 .609017 .506836 .694095 .970783 .924132 .633323
.727978 1.20257 1.36711 .515613 .416306 .598998 .901584 .863166 .587761 .683909 1.159 1.34446
.434211 .337075 .506245 .827856 .809421 .547477 .644679 1.11525 1.3197
diagnosis, train_adam: .87 .76 1 1.18 1.09 .73 .82 1.31 1.4 .821972 .712134 .959639 1.14163 1.04709
.681986 .772128 1.26962 1.36162 .776372 .66649 .91658 1.0984 1.00585 .636419 .726469 1.22651 1.31837
.728968 .61906 .870531 1.05242 .960742 .589052 .679023 1.18041 1.27236 .682505 .572707 .829485
1.01257 .918837 .542648 .632646 1.13929 1.23247 .638384 .528583 .787757 .970639 .87883 .498609
.588485 1.09744 1.19047
"""


def _read(numbers: str) -> dict[str, np.ndarray]:
    """Return the numbers under each title, which begins a line and ends with a colon."""
    blocks = re.split(r"^([a-z][^:]*):", numbers, flags=re.MULTILINE)[1:]
    texts = zip(blocks[::2], blocks[1::2])
    return {title: np.array(text.split(), dtype=float) for title, text in texts}


REFERENCE = _read(NUMBERS)
POINTS = [(p[:5], p[5], p[6:]) for p in REFERENCE["points"].reshape(-1, 15).tolist()]
PLACES = ["at x = X[0], y = y[0] and all nine weights 0.1"]
PLACES += [f"at x, y, w = graders.POINTS[{i}]" for i in range(1, len(POINTS))]
FORWARD_VALUES = REFERENCE["forward_propagation"].reshape(-1, 5).tolist()
SIGMOID_Z = (2, -30.0, -4.5, -0.7, 0.0, 1, 9.25, 30.0)  # the first is the original's

# The loops are judged on three data points from START, with settings that are nobody's defaults
ROWS = [x for x, _, _ in POINTS[1:4]]
TARGETS = {"graph": [-0.71, 1.29, -0.12], "stand-ins": [1.77, -0.97, -1.38]}
START = [0.42, -0.31, 0.55, 0.73, 0.64, 0.28, 0.37, 0.86, 0.95]
DIAGNOSIS = ([[abs(v) / 4 for v in row] for row in ROWS], [-0.23, -0.31, -0.16])
DIAGNOSIS += ([abs(v) + 0.5 for v in START],)
SETTINGS = {  # from epochs on, as in ARGUMENTS
    "graph": dict(zip(LOOPS, ((3, 0.6), (3, 0.35, 0.7), (3, 0.4, 0.8, 0.93, 0.02)))),
    "stand-ins": dict(zip(LOOPS, ((3, 0.5), (3, 0.2, 0.7), (3, 0.4, 0.8, 0.93, 0.02)))),
    "diagnosis": dict(zip(LOOPS, ((2, 0.14), (2, 0.06, 0.7), (2, 0.05, 0.8, 0.93, 0.0)))),
}
