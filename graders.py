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
    line: tuple[str, str] | None = None  # the student's function, and its line that has to change
    experiment: Experiment | None = None  # what was tried when it was found,
    outcome: Outcome | None = None  # and what came of it

    def __init__(self, sentence: str, cause: str | None = None, details: str = ""):
        super().__init__(sentence, cause, details)
        self.sentence, self.details = sentence, details
        self.cause = cause  # a short stable code of the mistake, None when it is not recognised
        self.hint = sentence if cause else ""  # the sentence that names it

    def __str__(self) -> str:
        """The message, in lines of less than 100 characters that end between words."""
        lines = f"{self.stage}: {self.sentence}\n{self.details}".splitlines()
        wrap = functools.partial(textwrap.wrap, subsequent_indent="  ", break_on_hyphens=False)
        return "\n".join(part for line in lines for part in wrap(line, 99))

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to show the message in place of a traceback of the grader."""
        return str(self).splitlines()


Verdict = tuple["GraderError | None", str]  # what is wrong; or None, and a line of praise

STAGES: dict[str, Callable[[Any], bool]] = {}  # the grader of each function
ARGUMENTS: dict[str, list[str]] = {}  # the names of its arguments, by position


def _grader(name: str, signature: str) -> Callable[[Any], bool]:
    """Return the grader of that name, of the function that has this signature.

    It takes the function (the first four also what it returned, as in the original's calls), prints
    one line and returns True when the work is right, and raises GraderError when it is not.
    """
    task, *arguments = re.findall(r"\w+", signature.split(")")[0])

    def grader(work: Any) -> bool:
        namespace = _notebook()
        with quiet():
            fault, line = _judged(task, work, namespace)
        if fault:
            fault.stage = name
            raise fault.with_traceback(None) from None
        print(f"{name}: {line}")
        return True

    STAGES[task], ARGUMENTS[task] = grader, arguments
    grader.__name__, grader.__doc__ = name, f"Grade `{signature}`."
    return grader


grader_sigmoid = _grader("grader_sigmoid", "sigmoid(z) -> float")
grader_forwardprop = _grader("grader_forwardprop", "forward_propagation(x, y, w) -> dict")
grader_backprop = _grader("grader_backprop", "backward_propagation(x, w, forward_dict) -> dict")
grader_grad_check = _grader("grader_grad_check", "gradient_checking(x, y, w, eps) -> float")
grader_vanilla = _grader("grader_vanilla", "train_vanilla(X, y, w, epochs, lr) -> w, losses")
grader_momentum = _grader(
    "grader_momentum", "train_momentum(X, y, w, epochs, lr, gamma) -> w, losses"
)
# Right are algorithm 1 of D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
# 2015; the same with epsilon inside the root; and the folded form at the end of their section 2
grader_adam = _grader(
    "grader_adam", "train_adam(X, y, w, epochs, lr, beta1, beta2, eps) -> w, losses"
)


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


def _judged(task: str, work: Any, namespace: dict, in_report: bool = False) -> Verdict:
    """Return what is wrong with a student's work, in words; or None, and a line of praise."""
    judged, fault, older = judgements(task), None, _older_definition(task, namespace)
    if task == "sigmoid" and not in_report and type(work) in (int, float) and work == 2:
        work, judged = namespace.get(task), [judged[0][:1]]  # the original's call
    if not callable(work):
        return _verdict_of_result(judged[0][0], work, in_report)
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
    right: list[dict[str, float]] = field(default_factory=list)  # numbers, for each right form
    bounds: tuple[float, float] = (-math.inf, math.inf)  # of a single number, where none is known
    stand_ins: bool = False  # whether known functions take the place of the student's two passes
    spoil: list[int] = field(default_factory=list)  # which of the nine gradients are made wrong,
    how: str = ""  # and how: a key of WRONG_GRADIENTS
    says: str = ""  # the key of what a refusal says, where it is known beforehand
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


PASSES, LOOPS = (*STAGES,)[1:3], (*STAGES,)[4:]
FORWARD_KEYS = ("exp", "tanh", "sigmoid", "loss", "dy_pr")
BACKWARD_KEYS = tuple(f"dw{i}" for i in range(1, 10))
WEIGHTS = tuple(f"w{i}" for i in range(1, 10))
LOSSES = tuple(f"losses[{i}]" for i in range(99))
OUTPUTS = {  # the names of the numbers that a function returns
    "sigmoid": ("sigmoid",),
    "forward_propagation": FORWARD_KEYS,
    "backward_propagation": BACKWARD_KEYS,
    "gradient_checking": ("ratio",),
    **dict.fromkeys(LOOPS, WEIGHTS + LOSSES),
}
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
raised unknown: {function} uses the name {name}, which this kernel does not know{calling}. Is it
    spelt right? After a restart of the kernel, run all cells above.
raised hidden: {function} has a variable named {name}, which hides the function of that name: choose
    another name for the variable.
raised module: {function} calls {name}, but `import {name}` has made that name a module: run `from
    {name} import {name}` again.
raised replaced: {function} calls {name}, but a variable of that name has taken the function's
    place: rename the variable, and run the cell that defines {name} again.
raised builtin: {function} calls {name}, but a variable of that name hides Python's own: rename the
    variable, and run `del {name}`.
interrupted: interrupted while {function} was in line {line}, `{code}`: is there a loop that does
    not end?
interrupted words: not right yet, and interrupted while it looked for the mistake. {sentence}
interrupted early: interrupted before it came to a verdict: run it again.
changes-argument: {task} changes its argument {name}; work on a copy and leave {name} alone.
wrong-type function: {grader} takes the function itself, {grader}({task}), and this is {kind}. Has a
    variable named {task} taken its place?
wrong-type unreadable: what {task} returned cannot be read: {what}
wrong-type: {what} is {kind}; it must be {wanted}.
not-finite: {what} is {kind}; it must be a finite number.
not-a-pair: {what} is {kind}; it must be the pair (w, losses), and w must have nine numbers.
missing-key: {task} returned a dict without {missing}: it is {kind}.
outlives-the-call: {task} is right when called once, but not when called again: is something kept
    in a global variable, or in a default argument?
losses-count: losses must have one number for each epoch ({due} here, not {count}).
? losses: the weights are right, but the losses are not.
? weights: {task} does not reach the right weights.
? one: {names} is not right yet.
? many: {names} are not right yet.
? small: gradient_checking gives {got:.3g} for right gradients and eps = {arguments[3]}; it must be
    between 0 and {bounds[1]}.
? number: the result is {got:.6g}; it must lie between 0 and {bounds[1]}.
backward-not-called: gradient_checking does not call backward_propagation by its name.
denominator: where {where}, the ratio is {got:.3g}; it must be {right:.3g}.
never-rings: gradient_checking does not notice a wrong gradient: where {where}, the ratio is
    {got:.3g}; it must be above {bounds[0]}.
"""
_SENTENCES = dict(line.split(": ", 1) for line in re.sub(r"\n +", " ", SENTENCES).splitlines()[1:])


def _error(key: str, details: str = "", /, **words: Any) -> GraderError:
    cause = key.split()[0]
    return GraderError(_SENTENCES[key].format(**words), None if cause == "?" else cause, details)


@functools.cache
def judgements(task: str) -> list[list[Experiment]]:
    """Return the judgements of a stage, each a list of experiments; one has to find it right.

    A gradient check and a loop have two: with the student's own two passes, and with known
    functions in their place, so that a mistake costs its own stage only.
    """
    if task in LOOPS or task == "gradient_checking":
        return [(_runs if task in LOOPS else _checks)(task, known) for known in (False, True)]
    points, places = [list(point) for point in POINTS], PLACES
    if task == "backward_propagation":
        points = [[*point, values] for point, values in zip(points, FORWARD_VALUES)]
    if task == "sigmoid":
        points, places = [[z] for z in SIGMOID_Z], [f"at z = {z}" for z in SIGMOID_Z]
    rights = REFERENCE[task].reshape(len(points), -1).tolist()
    rights = [[dict(zip(OUTPUTS[task], numbers))] for numbers in rights]
    return [[Experiment(task, *each) for each in zip(points, places, rights)]]


def _checks(task: str, known: bool) -> list[Experiment]:
    """Return experiments on the gradient check: its value; for wrong gradients it must be large."""
    make = functools.partial(Experiment, task, stand_ins=known, rtol=RTOL_CHECK)
    rights = REFERENCE[f"check on {'stand-ins' if known else 'graph'}"].tolist()
    value, small, large, (x, y, w) = [], [], [], POINTS[1]
    for place, point, right in zip(PLACES, POINTS, rights):
        where = f"{KNOWN * known}{place}, eps = "
        value.append(make([*point, CHECK_EPS], f"{where}{CHECK_EPS}", [{"ratio": right}]))
        bounds = {"bounds": (0, CHECK_SMALL), "says": "? small"}
        small += [make([*point, eps], f"{where}{eps}", **bounds) for eps in SMALL_EPS]
    rings = {"bounds": (CHECK_LARGE, math.inf), "says": "never-rings"}
    spoilt = [([k], how, rings) for k, how in itertools.product(range(9), WRONG_GRADIENTS)]
    opposite = {"right": [{"ratio": 1.0}], "says": "denominator"}
    spoilt += [([*range(9)], "has the wrong sign", opposite)]
    for n, (spoil, how, further) in enumerate(spoilt, 301):
        moved = [n / 300 * v for v in w]  # always a new point: it may remember
        where = f"{f'dw{spoil[0] + 1}' if len(spoil) == 1 else 'each gradient'} {how}"
        large.append(make([x, y, moved, 1e-7], where, spoil=spoil, how=how, **further))
    return [*value, *small, *large]


def _runs(task: str, known: bool) -> list[Experiment]:
    """Return experiments on a loop: a run; with known functions one for diagnosis, too."""

    def run(model: str, data: tuple, rights: list, rtol: float) -> Experiment:
        settings = SETTINGS[model][task]
        listed = ", ".join(f"{n} = {v}" for n, v in zip(ARGUMENTS[task][3:], settings))
        where = f"{KNOWN * known}on {len(ROWS)} data points, with {listed}"
        rights = [dict(zip(OUTPUTS[task], numbers.tolist())) for numbers in rights]
        return Experiment(task, [*data, *settings], where, rights, stand_ins=known, rtol=rtol)

    model = "stand-ins" if known else "graph"
    rights = [v for title, v in REFERENCE.items() if title.startswith(f"{model}, {task}")]
    first = run(model, (ROWS, TARGETS[model], START), rights, RTOL_LOOPS)
    further = REFERENCE[f"diagnosis, {task}"][-9:]
    further = [run("diagnosis", DIAGNOSIS, [further], RTOL_DIAGNOSIS)] if known else []
    return [first, *further, replace(first, says="outlives-the-call")]


def _values(task: str, result: Any) -> dict[str, Any]:
    """Return the numbers in plain data by their names, as far as they are there."""
    if task in LOOPS:
        pair = result if isinstance(result, list) and len(result) == 2 else ([], [])
        w, losses = (part if isinstance(part, list) else [] for part in pair)
        return dict(zip(WEIGHTS, w if len(w) == 9 else ())) | dict(zip(LOSSES, losses))
    if task not in PASSES:
        return {OUTPUTS[task][0]: result}
    found = result if isinstance(result, dict) else {}
    return {n: found[key] for n in OUTPUTS[task] if (key := _key_of(n, found)) in found}


def _key_of(name: str, found: Mapping) -> str:
    """Return the key under which a dictionary has a value: dy_pr has other names, too."""
    return next((k for k in DY_PR if k in found), name) if name == "dy_pr" else name


def judge(experiments: Iterable[Experiment], outcomes: Iterable[Outcome]) -> GraderError | None:
    """Return what is wrong with the first outcome that is not right; None if all are."""
    for experiment, outcome in zip(experiments, outcomes):
        task, result, raised, fault = experiment.task, outcome.result, outcome.raised, None
        if raised:
            fault = _error(raised["key"], **raised)
            if fault.cause == "raised" and raised["line"]:
                fault.line = function, code = raised["function"], raised["code"]
                shown = f"  {function}, line {raised['line']}\n    {_one_line(code, 90)}"
                fault.details = f"{shown}\n{experiment.where}"
        elif result is None:
            fault = _error("not-attempted", task=task)
        elif outcome.changed:
            fault = _error("changes-argument", task=task, name=outcome.changed[0])
        if fault := fault or _misshapen(experiment, result) or _different(experiment, outcome):
            fault.experiment, fault.outcome = experiment, outcome
            return fault
    return None


def _misshapen(experiment: Experiment, result: Any) -> GraderError | None:
    """Say what is wrong with the form of a result."""
    task = experiment.task
    values, names = _values(task, result), OUTPUTS[task]
    words = {"task": task, "kind": _kind(result), "what": f"{task}'s result"}
    if task in LOOPS and not ("w1" in values and isinstance(result[1], list)):
        return _error("not-a-pair", **words)
    if task in PASSES and not isinstance(result, dict):
        return _error("wrong-type", wanted=f"a dict with the keys {', '.join(names)}", **words)
    if task in PASSES and (missing := [repr(name) for name in names if name not in values]):
        return _error("missing-key", missing=", ".join(missing), **words)
    for name, value in values.items():
        what = f"{task}'s {name if len(names) > 1 else 'result'}"
        if not isinstance(value, float):
            return _error("wrong-type", what=what, kind=_kind(value), wanted="one number")
        if not math.isfinite(value):
            return _error("not-finite", experiment.where, what=what, kind=value)
    return None


def _differences(experiment: Experiment, result: Any) -> list[tuple[str, Any, float | None]]:
    """Return (name, got, right) of what is wrong, missing (got None) or too much (right None).

    Of several right forms, the nearest counts.
    """

    def close(got: Any, right: float | None) -> bool:
        numbers = isinstance(got, float) and right is not None
        return numbers and math.isclose(got, right, rel_tol=experiment.rtol, abs_tol=ATOL)

    values, forms = _values(experiment.task, result), []
    for right in experiment.right:
        names = right | (values if "losses[0]" in right else {})
        rows = [(name, values.get(name), right.get(name)) for name in names]
        forms.append([row for row in rows if not close(*row[1:])])
    if not forms:
        low, high = experiment.bounds
        within = [n for n, v in values.items() if isinstance(v, float) and low <= v <= high]
        forms = [[(n, v, None) for n, v in values.items() if n not in within]]
    return min(forms, key=len)


def _wrong(experiment: Experiment, outcome: Outcome) -> set[str]:
    """Return the names of wrong numbers; of a loop "weights" and "losses"; perhaps "arguments"."""
    result = None if outcome.raised else outcome.result
    wrong = {name for name, _, _ in _differences(experiment, result)}
    if experiment.task in LOOPS:
        wrong = {"losses" if name.startswith("losses") else "weights" for name in wrong}
    return wrong | {"arguments"} if outcome.changed else wrong


def _different(experiment: Experiment, outcome: Outcome) -> GraderError | None:
    """Say which numbers are wrong, with a table of the first of them."""
    task, where = experiment.task, experiment.where
    rows = _differences(experiment, outcome.result)
    if not rows:
        return None
    (name, got, right), whole = rows[0], [row for row in rows if None not in row]
    if experiment.spoil and not outcome.heard:
        return _error("backward-not-called")
    if experiment.says:
        words = vars(experiment) | {"got": got, "right": right}
        return _error(experiment.says, "" if experiment.spoil else where, **words)
    if task in LOOPS and name not in WEIGHTS and len(whole) < len(rows):
        count, due = len(outcome.result[1]), len(experiment.right[0]) - 9
        return _error("losses-count", where, due=due, count=count)
    key = "? many" if len(rows) > 1 else "? one"
    if task in LOOPS:
        key = "? weights" if name in WEIGHTS else "? losses"
    names = task if name == "ratio" else ", ".join(name for name, _, _ in rows)
    table = [f"{where}:", f"  {'':10}{'got':>18}{'expected':>18}"]
    table += [f"  {name:10}{got:>18.10g}{right:>18.10g}" for name, got, right in whole[:3]]
    more = f"   ... and {len(whole) - 3} more" if len(whole) > 3 else ""
    return _error(key, "\n".join(table) + more, task=task, names=names)


def _fault_of(student: Student, experiments: list[Experiment]) -> GraderError | None:
    """Perform experiments until one is not right; return what is wrong with it."""
    return judge(experiments, (perform(e, student) for e in experiments))


def _verdict(student: Student, judged: list[list[Experiment]]) -> Verdict:
    """Return what is wrong; or None, and the line that praises it."""
    task, (own, *others) = student.task, judged
    fault = _fault_of(student, own)
    if not fault:
        where = own[0].where if len(own) == 1 else f"at {len(own)} points"
        return None, f"{task} is right{'' if others else ' ' + where}."
    for known in others:
        if found := _fault_of(student, known):
            return found if found.outcome.forward or found.outcome.backward else fault, ""
        said, blamed = "goes another way" if task in LOOPS else "rings, as it should", []
        for name in PASSES if not fault.cause else ():
            of_pass = Student(name, student.namespace.get(name))
            wrong = set().union(*(_wrong(e, perform(e, of_pass)) for e in judgements(name)[0]))
            outputs = [output for output in OUTPUTS[name] if output in wrong]
            some = f"{', '.join(outputs)} of " if len(outputs) < len(OUTPUTS[name]) else ""
            blamed += [some + name] if outputs else []
        yours = f" it {said}: see {' and '.join(blamed)}." if blamed else f": {fault.sentence}"
        known_ones = "known functions in place of your two passes; with yours"
        return None, f"{task} is right. It was judged with {known_ones}{yours}"
    return fault, ""


def _verdict_of_result(first: Experiment, work: Any, in_report: bool) -> Verdict:
    """Judge what a function returned at the original's reference point."""
    task = first.task
    if work is None:
        return _error("not-attempted none", task=task), ""
    outcome = perform(first, Student(task, lambda *_: work))
    if task in LOOPS or task == "sigmoid" or in_report:
        words = {"task": task, "grader": STAGES[task].__name__, "kind": _kind(outcome.result)}
        return _error("wrong-type function", **words), ""
    if task in PASSES:
        return judge([first], [outcome]), f"{task} is right {first.where}."
    several = outcome.result if isinstance(outcome.result, list) and outcome.result else ()
    outcomes = [replace(outcome, result=number) for number in several] or [outcome]
    small = replace(first, right=[], bounds=(0, CHECK_LARGE), says="? number")
    praise = f"the result lies between 0 and {CHECK_LARGE}."
    return judge([small] * len(outcomes), outcomes), praise


# ---------------------------------------------------------------------------------------
# Performing: the only place that runs a student's code, and that catches what it raises
# ---------------------------------------------------------------------------------------

INTERRUPTED: dict[int, Callable] = {}  # functions that had to be interrupted, by their id


class Student:
    """A student's function, and the notebook in which it finds the other functions."""

    def __init__(self, task: str, function: Callable):
        self.task, self.function = task, function  # one of the seven; any callable
        with contextlib.suppress(Exception):  # an object may pose as a function
            function = _inner(function)
        own_globals = vars(type(function)).get("__globals__") and function.__globals__
        self.namespace = own_globals or _notebook()  # where it finds the other functions
        self.returned: Any = None  # what it returned last, as it is
        self.own: dict[tuple, Any] = {}  # what their own passes returned: the form of known ones

    def own_result(self, task: str, *arguments: Any) -> Any:
        """Return what the student's own pass returns, as it is; None if it raises or never ends."""
        function, key = self.namespace.get(task), (task, repr(arguments))
        if key not in self.own and id(function) not in INTERRUPTED:
            of_pass = Student(task, function)  # without a forward pass, any further key is 0
            of_pass.own = {k: defaultdict(float) if v is None else v for k, v in self.own.items()}
            try:
                outcome = perform(Experiment(task, [*arguments]), of_pass)
            except KeyboardInterrupt:
                INTERRUPTED[id(function)] = function
                raise
            self.own[key] = None if outcome.raised else of_pass.returned
        return self.own.get(key)

    @functools.cached_property
    def stand_ins(self) -> _StandIns:
        """The known functions, dressed like the student's own."""
        return _StandIns(self)


def perform(experiment: Experiment, student: Student) -> Outcome:
    """Call a student's function; return what came of it."""
    outcome, backward = Outcome(), student.namespace.get("backward_propagation")
    arguments, before, after, came_back = _arguments(experiment, student), [], [], False
    with contextlib.ExitStack() as stack:
        if experiment.stand_ins:
            known, backward = student.stand_ins, student.stand_ins.backward_propagation
            known.outcome, known.updates = outcome, 0
            stack.enter_context(_in_place(student.namespace, known.forward_propagation, backward))
        if experiment.spoil:
            spoilt = _spoilt(backward, experiment, outcome)
            stack.enter_context(_in_place(student.namespace, spoilt))
        try:
            before = [*map(_plain, arguments)]
            student.returned, came_back = student.function(*arguments), True
            outcome.result, after = _plain(student.returned), [*map(_plain, arguments)]
        except KeyboardInterrupt:
            raise
        except _Hopeless:
            outcome.raised = {"key": "raised", "what": "tried out in vain"}
        except BaseException as error:  # noqa: BLE001 - sys.exit() too must not end the grader
            outcome.raised = _what_was_raised(student, error)
            if came_back:
                outcome.raised["key"] = "wrong-type unreadable"
    for name, *pair in zip(ARGUMENTS[experiment.task], before, after):
        outcome.changed += [] if _same(*pair) else [name]
    return outcome


def _arguments(experiment: Experiment, student: Student) -> list:
    """Return the arguments as a student's function gets them."""
    plain = experiment.arguments
    given = [np.array(a, dtype=float) if isinstance(a, list) else a for a in plain]
    if experiment.task != "backward_propagation":
        return given
    own = student.own_result("forward_propagation", *plain[:3])
    return [given[0], given[2], _dress(own, dict(zip(FORWARD_KEYS, plain[3])))]


def _inner(function: Callable) -> Callable:
    """Return the function inside partials and wrappers."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.unwrap(function)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Swallow what a student's code prints, warns, displays, plots; undo what it sets in NumPy."""
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


def _plain(value: Any, depth: int = 4) -> Any:
    """Return plain data: None, floats, lists and dictionaries of these, or a description."""
    if value is None or type(value) is float:  # the first four are the usual ones, and fast
        return value
    if type(value) is list and set(map(type, value)) == {float}:
        return value[:]
    if type(value) is np.ndarray and value.dtype == np.float64 and value.size > 1:
        return value.ravel().tolist()
    if type(value) is np.float64:
        return float(value)
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
    """Tell whether plain data agree (floats to 1e-9: a restored weight may be off)."""
    if a is b or (type(a) is type(b) is list and a == b):  # the usual case, and fast
        return True
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=RTOL) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return type(a) is type(b)  # None, or a description of what cannot be compared


def _place(student: Student, error: BaseException) -> dict[str, Any]:
    """Return in which of the student's functions, and in which line, something was raised.

    As plain data: the function, its line and that line's text; `calling` if another function of
    theirs called it; line 0 if it was raised in none of theirs.
    """
    walk = traceback.walk_tb(error.__traceback__)
    frames = [pair for pair in walk if pair[0].f_globals is student.namespace]
    names = [frame.f_code.co_name for frame, _ in frames if frame.f_code.co_name[0] != "<"]
    file, line = (frames[-1][0].f_code.co_filename, frames[-1][1]) if frames else ("", 0)
    calling = f" ({student.task} calls it)" if len(names) > 1 else ""
    place = {"function": names[-1] if names else student.task, "calling": calling}
    return place | {"line": line, "code": linecache.getline(file, line).strip()}


def _what_was_raised(student: Student, error: BaseException) -> dict[str, Any]:
    """Return the words that say what was raised, and where; `key` is that of their sentence."""
    task, place, what = student.task, _place(student, error), type(error).__name__
    with contextlib.suppress(Exception):
        what = f"{what}: {_one_line(str(error))}".removesuffix(": ")
    call = f"{task}({', '.join(ARGUMENTS[task])})"
    words = {"task": task, "call": call, "what": what, "name": "", "key": "raised", **place}
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    if frame.f_globals is student.namespace:  # not in a library that they call
        words["key"], words["name"] = _known_error(error, frame, words)
    elif not place["line"] and isinstance(error, TypeError):
        words["key"] = "wrong-signature"
    return words


def _known_error(error: BaseException, frame: types.FrameType, words: dict) -> tuple[str, str]:
    """Return the key of the sentence that explains an error, and the name that it is about."""

    def known(name: str) -> Any:
        return frame.f_globals.get(name, getattr(builtins, name, None))

    (quoted, *_) = re.findall(r"'(\w+)'", words["what"]) or [""]
    if isinstance(error, NotImplementedError):
        with contextlib.suppress(OSError, TypeError):
            lines, first = inspect.getsourcelines(frame.f_code)
            below = [line.strip() for line in lines[words["line"] - first + 1 :]]
            if any(line and line[0] != "#" for line in below):
                return "not-attempted below", ""
        return "not-attempted raises", ""
    if isinstance(error, UnboundLocalError) and callable(known(quoted)):
        return "raised hidden", quoted
    if type(error) is NameError and quoted:
        return "raised unknown", quoted
    calls = words["code"] if words["what"].endswith("is not callable") else ""
    for name in re.findall(r"(?<![.\w])(\w+)\(", calls):  # one of them is no function any more
        if inspect.ismodule(known(name)):
            return "raised module", name
        if not callable(known(name)) and (name in STAGES or hasattr(builtins, name)):
            return "raised replaced" if name in STAGES else "raised builtin", name
    return "raised", ""


# Known functions with which a check or a loop is judged, and tricks with the notebook's globals


@contextlib.contextmanager
def _in_place(namespace: dict[str, Any], *functions: Callable) -> Iterator[None]:
    """Put functions in place of the student's, under every name they have; undo it afterwards."""
    new: dict[str, Callable] = {}
    for function in functions:
        own = namespace.get(function.__name__)
        names = [name for name, value in namespace.items() if value is own and callable(own)]
        new |= dict.fromkeys([function.__name__, *names], function)
    old = {name: namespace[name] for name in new if name in namespace}
    namespace.update(new)
    try:
        yield
    finally:
        for name in new:
            namespace.pop(name, None)
        namespace.update(old)


class _Hopeless(BaseException):
    """A function that is only tried out cannot be right any more, or does not end."""


class _StandIns:
    """A forward and a backward pass with known values, which record the weights they are given.

    They belong to a smaller model, which is not symmetric in its weights: see `_stand_in`. Their
    results are dressed like the student's own.
    """

    outcome, updates = Outcome(), 0  # where calls are written down; the number of the update

    def __init__(self, student: Student):
        (x, y, w), values = POINTS[1], FORWARD_VALUES[1]
        self._own = {name: student.namespace.get(name) for name in PASSES}
        self._forward = student.own_result("forward_propagation", x, y, w)
        self._backward = student.own_result("backward_propagation", x, y, w, values)
        plain, output = _plain(self._forward), y + values[4] / 2
        further = plain.keys() - {*FORWARD_KEYS, *DY_PR} if isinstance(plain, dict) else ()
        self._outputs = [key for key in further if _same(plain[key], output)]  # such as 'y_pred'
        self.on_update: Callable[[int, list[float]], None] = lambda number, w: None

    def forward_propagation(self, *args: Any, **kwargs: Any) -> dict:
        (x, y, w), _ = self._called("forward_propagation", [5, float, 9], args, kwargs)
        y_hat, _ = _stand_in(x, w)
        values = (y_hat, y_hat - 0.5 * w[8], 0.5, (y - y_hat) * (y - y_hat), 2 * (y_hat - y))
        numbers = dict.fromkeys(self._outputs, y_hat) | dict(zip(FORWARD_KEYS, values))
        return _dress(self._forward, numbers)

    def backward_propagation(self, *args: Any, **kwargs: Any) -> dict:
        (x, w, found), new = self._called("backward_propagation", [5, 9, dict], args, kwargs)
        if new:
            self.updates += 1
            self.on_update(self.updates, w)
        y_hat, slopes = _stand_in(x, w)
        stale = y_hat - found["exp"]  # not 0 if it is of other weights
        dy_pr = found[_key_of("dy_pr", found)] + stale
        return _dress(self._backward, dict(zip(BACKWARD_KEYS, (dy_pr * s for s in slopes))))

    def _called(self, task: str, kinds: list, args: tuple, kwargs: dict) -> tuple[list, bool]:
        """Write down a call, one of the first 2000; return its arguments, and if they are new."""
        if kwargs:
            args = inspect.signature(self._own[task]).bind(*args, **kwargs).args
        given = [*map(_plain, args)]
        calls = self.outcome.forward if task == "forward_propagation" else self.outcome.backward
        call = [argument for argument in given if not isinstance(argument, dict)]
        new = not calls or calls[-1] != call
        calls += [call] if len(calls) < 2000 else []
        if [len(a) if isinstance(a, list) else type(a) for a in given] != kinds:
            names = ", ".join(ARGUMENTS[task])
            raise TypeError(f"{task} is called with other arguments than ({names})")
        return given, new


def _stand_in(x: list[float], w: list[float]) -> tuple[float, list[float]]:
    """Return the output, a sum of k·(w + w²/2), and its nine slopes; each k depends on x."""
    factors = [0.5 * x[i % 5] * (1 - i / 10) for i in range(9)]
    output = sum(k * (v + 0.5 * v * v) for k, v in zip(factors, w))
    return output, [k * (1 + v) for k, v in zip(factors, w)]


def _spoilt(backward: Any, experiment: Experiment, outcome: Outcome) -> Callable:
    """Return backward_propagation with some of its gradients made wrong, in their own form."""

    def backward_propagation(*args: Any, **kwargs: Any) -> Any:
        outcome.heard, make = True, WRONG_GRADIENTS[experiment.how]
        gradients = backward(*args, **kwargs)
        if not isinstance(gradients, Mapping):
            return [make(g) if i in experiment.spoil else g for i, g in enumerate(gradients)]
        names = [BACKWARD_KEYS[k] for k in experiment.spoil]
        keys = [n if n in gradients else [*gradients][int(n[2]) - 1] for n in names]
        return {**gradients, **{key: make(gradients[key]) for key in keys}}

    return backward_propagation


def _dress(own: Any, numbers: dict[str, float]) -> dict:
    """Return numbers in a dictionary like `own`, a student's own result.

    It has the key order, the further keys and the kind of number of that one. Where that is of no
    use, the numbers are NumPy's, which do all that floats do, and 'dy_pr' has all its names.
    """
    result: dict = {}
    if isinstance(own, dict):
        with contextlib.suppress(Exception):  # a class of their own, that may not be copied
            result = copy.copy(own)
    for name, number in numbers.items():
        key = _key_of(name, result)
        like = result.get(key)
        if isinstance(like, np.ndarray) and like.size == 1:
            dressed = np.full(like.shape, number)
        else:
            dressed = float(number) if type(like) is float else np.float64(number)
        unnamed = key == "dy_pr" and key not in result
        result.update(dict.fromkeys(DY_PR if unnamed else (key,), dressed))
    return result


# ---------------------------------------------------------------------------------------
# Explaining: what is plain to see, a mistake that has a name, a repair
# ---------------------------------------------------------------------------------------


def explain(student: Student, fault: GraderError) -> GraderError:
    """Return a fault with the words that were found for it. It stays a fault, whatever happens.

    Args:
        student: whose function it is.
        fault: what `judge` returned.

    Returns:
        The same, or another GraderError that says more, with the line of the student's code.
    """
    try:
        fault = _explained(student, fault)
    except Exception as error:  # noqa: BLE001 - it must not hide the verdict
        fault.details += f"\n(The explanation failed: {type(error).__name__}: {error})"
    fault.stage = STAGES[student.task].__name__
    while len(str(fault).splitlines()) > 8 or fault.details.endswith("expected"):
        fault.details = fault.details.rpartition("\n")[0]  # the last row of the table
    if fault.cause not in ("not-attempted", "wrong-signature"):
        fault.details += "\n(If you have changed the function since, run its cell again.)"
    return fault


def _explained(student: Student, fault: GraderError) -> GraderError:
    task, raised = student.task, (fault.outcome.raised or {}).get("what", "").split(":")[0]
    plain = fault.cause in ("not-attempted", "wrong-signature", "outlives-the-call")
    if plain or (raised and raised not in SEARCHED):
        return fault
    experiments = judgements(task)[fault.experiment.stand_ins]
    cause, sentence = fault.cause, fault.sentence
    if cause in (None, "not-finite", "losses-count"):
        seen = Seen(student, experiments)
        for name, evidence, words in NAMED[task]:
            if found := evidence(seen):
                cause, sentence = name, words.format(found=found, task=task)
                break
    if cause in OF_ANOTHER:  # no line of this function is to blame
        return GraderError(sentence, cause, fault.details)
    found, unclear = repair(student, experiments, SECONDS), cause in (None, "raised", "not-finite")
    if found and not unclear and found[1].fixed != found[0].wrong:
        found = None  # what is plain is not explained by a part of it
    if found and cause == fault.cause:
        edit, wrong = found[1], [name for name in OUTPUTS[task] if name in found[1].fixed]
        about = KINDS[edit.kind].format(word=edit.word)
        sentence = f"{sentence.rstrip('.')}. The reason: {about}"
        if not cause:
            sentence = f"{', '.join(wrong)}: {about}" if task in PASSES else about
        cause = edit.kind.split()[0] if unclear else cause
    new = GraderError(sentence, cause, fault.details)
    new.line = fault.line
    if found:
        new.line, shown = _shown(*found)
        new.details = f"{shown}\n{fault.experiment.where if raised else fault.details}"
    return new


WIDTH = 94  # of a student's line, as far as it is shown


def _shown(trial: _Trial, edit: Edit) -> tuple[tuple[str, str], str]:
    """Return (function, line) of what an edit changes, and that line, underlined."""
    node, text = edit.node, trial.texts[edit.function, edit.node.lineno]
    indent, line = len(text) - len(text.lstrip()), text.strip()
    columns = node.col_offset, node.end_col_offset if node.end_lineno == node.lineno else None
    start, end = (len(text.encode()[:column].decode()) - indent for column in columns)
    left = max(0, min(start - 20, len(line) - WIDTH))
    mark = " " * (start - left) + "^" * max(1, min(end, len(line), left + WIDTH) - start)
    cut = "..." * (left > 0) + line[left + 3 * (left > 0) : left + WIDTH]
    cut = cut if left + WIDTH >= len(line) else cut[:-3] + "..."
    lines = {getattr(holder[key], "lineno", node.lineno) for holder, key, _ in edit.changes}
    others = ", ".join(map(str, sorted(lines - {node.lineno})))
    head = f"  {edit.function}, line {node.lineno}" + f" (also {others})" * bool(others)
    return (edit.function, line), f"{head}\n    {cut}\n    {mark}"


class Seen:
    """What is seen of a function that is wrong: the evidence of a mistake that has a name."""

    def __init__(self, student: Student, experiments: list[Experiment]):
        looked_at = experiments[: 2 if student.task in LOOPS else len(POINTS)]
        outcomes = [perform(e, student) for e in looked_at]
        self.student, self.runs = student, [*zip(looked_at, outcomes)]
        names = [*looked_at[0].right[0]]

        def numbers(of: dict[str, Any]) -> list[float]:
            return [v if isinstance(v := of.get(name), float) else math.nan for name in names]

        # The numbers that came back, a row for each run, and the right ones; NaN where none is known
        self.got = np.array([numbers(_values(student.task, o.result)) for o in outcomes])
        self.right = np.array([numbers(e.right[0]) for e in looked_at])
        self.wrong = set().union(*map(_wrong, looked_at, outcomes))  # the names of wrong numbers

    @functools.cached_property
    def steps(self) -> np.ndarray:
        """Of a check: what was added to the weights at each loss, (losses, 9)."""
        pairs = [(w, e.arguments[2]) for e, o in self.runs for *_, w in o.forward]
        steps = np.array([np.subtract(*pair) for pair in pairs]).reshape(-1, 9)
        return np.where(np.abs(steps) < 1e-13, 0, steps)  # no more than rounding

    @property
    def other_data(self) -> bool:
        """Whether a loss is taken at data that were not given."""
        for e, o in self.runs:
            given = np.column_stack([np.reshape(e.arguments[0], (-1, 5)), np.ravel(e.arguments[1])])
            calls = [[*x, y] for x, y, _ in o.forward]
            if not all(np.isclose(given, call, RTOL).all(axis=1).any() for call in calls):
                return True
        return False

    @property
    def one_update_per_epoch(self) -> bool:
        """Of a loop that is diagnosed: whether its weights change after the last data point only."""
        asked = self.runs[1][1].backward
        path = [now[1] for now, last in zip(asked, [None, *asked]) if now != last]
        path.append(self.got[1, :9].tolist())
        last = [False] * (len(ROWS) - 1) + [True]
        return [not _near(a, b) for a, b in zip(path[1:], path)] == last * 2

    def losses_are(self, of: Callable[[np.ndarray], np.ndarray]) -> bool:
        """Whether the weights are right, and the losses a function of the (epochs, points) seen."""
        first = self.runs[0][1]
        if "weights" in self.wrong or not first.result or len(first.forward) != EPOCHS * len(ROWS):
            return False
        off = np.array([y - _stand_in(x, w)[0] for x, y, w in first.forward]).reshape(EPOCHS, -1)
        return _near(first.result[1], of(off * off))

    def refused(self, task: str) -> bool:
        """Whether the notebook has a function for another task that is not right."""
        own = Student(task, self.student.namespace.get(task))
        return callable(own.function) and bool(_fault_of(own, judgements(task)[0]))

    def further_keys(self) -> str:
        """Of a backward pass: the further keys that it reads of a forward pass that is refused."""
        code = getattr(_inner(self.student.function), "__code__", None)
        own = self.student.own_result("forward_propagation", *POINTS[1])
        if not code or not isinstance(own, dict) or self.student.task != "backward_propagation":
            return ""
        read = {*map(str, own)} & {*map(str, code.co_consts)} - {*FORWARD_KEYS, *DY_PR}
        refused = read and self.refused("forward_propagation")
        return ", ".join(map(repr, sorted(read))) if refused else ""


def _near(a: Any, b: Any, rtol: float = RTOL_LOOPS) -> bool:
    alike = np.shape(a) == np.shape(b) and np.size(a) > 0 and np.isfinite(b).all()
    return bool(alike and np.allclose(a, b, rtol, 0))


# Mistakes with a name: (cause, evidence, sentence). Evidence is a function of what was seen, and
# what it returns, unless it is false, is {found} in the sentence. Each row is in tests/corpus.

ROUNDED = (
    ("rounded", lambda s: _near(*(of[np.isfinite(s.right)] for of in (s.got, s.right)), 1e-4),
     "right to a few digits only: do not round, and keep to double precision."),
)  # fmt: skip
AFTER_SIGMOID = {"sigmoid", "loss", "dy_pr", "dw3", "dw4", "dw5", "dw8"}
PASS_MISTAKES = (
    ("wrong-sigmoid", lambda s: s.wrong <= AFTER_SIGMOID and s.refused("sigmoid"),
     "the function sigmoid, which {task} needs, is not right yet: see what grader_sigmoid says."),
    ("wrong-forward", Seen.further_keys,
     "it reads {found} of your forward_propagation, which is not right yet: look there first."),
    *ROUNDED,
)  # fmt: skip
CHECK_MISTAKES = (
    ("never-rings", lambda s: not s.got.any(),
     "gradient_checking gives 0 at every point: does it compare something with itself?"),
    ("ignores-argument", lambda s: _near(s.got, np.full_like(s.got, s.got[0, 0]), 1e-15),
     "gradient_checking gives the same number at every point."),
    ("other-point", lambda s: s.other_data,
     "gradient_checking looks at another data point than it is given."),
    ("several-at-once", lambda s: ((s.steps != 0).sum(axis=1) > 1).any(),
     "gradient_checking tries weights that differ from the given w in several places at once."),
    ("nothing-moves", lambda s: len(s.steps) and not s.steps.any(),
     "every loss is taken at the same w: is one array shared, or is a copy moved in vain?"),
    ("weights-left-out", lambda s: len(s.steps) and ", ".join(
        name for name, steps in zip(WEIGHTS, s.steps.T) if not steps.any()),
     "gradient_checking does not move {found}: does the loop cover it, or does it end too early?"),
    ("one-sided", lambda s: len(s.steps) and ((s.steps >= 0).all() or (s.steps <= 0).all()),
     "gradient_checking moves each weight to one side only; the formula needs both sides."),
)  # fmt: skip
SEEN_LOSSES = (  # what `losses` may hold in place of the means, made of all losses that were seen
    ("losses-last", lambda seen: seen[:, -1],
     "holds the loss of the last data point; it must be the mean over all of them."),
    ("losses-sum", lambda seen: seen.sum(axis=1),
     "holds the sum over the data points; it must be their mean."),
    ("losses-per-point", np.ravel,
     "has one number for each update; it must have one for each epoch."),
)  # fmt: skip
# The last w1 and w9 of a diagnosed run, one pair for each way to make the mistake
REMEMBERED = """
no-bias-correction: the bias correction is missing. | .61723 1.1716
no-bias-correction: one of the two bias corrections is missing. | .77566 1.3178 .28469 .85609
constant-correction: the bias correction is the same at every step; it depends on t. | .52367 1.085
    .61107 1.1659
t-position: t starts again in each epoch; it must count the updates of the whole run. | .59597
    1.1505
t-index: t is the number of the weight; it must count the updates. | .52047 1.2268
betas-exchanged: beta1 and beta2 have each other's places. | .62188 1.1767 -.035024 .55495 .84044
    1.3774
rmsprop: the step uses the gradient itself where the average m belongs: this is RMSProp. | .6793
    1.2227 .40926 .96716
no-v: the average of the squares plays no part in the step. | .7054 1.3938
overwrites: m or v is overwritten by its corrected value; the next step needs the other. | -1.528
    -.93086 .8431 1.3785 .72318 1.2634
shared: the nine weights share one memory; each weight needs its own. | .64027 .40659 .69905 1.3959
    .69031 1.2368 .54095 1.1476
reset-each-epoch: what the loop remembers starts again in each epoch; it must last. | .66466 1.2166
    .63278 1.1867 .54869 1.3528
averaged: the velocity is an average here; the gradient must enter it whole, times lr. | .75527
    1.4071
no-velocity: each step is a plain one: no velocity builds up from step to step. | .69667 1.3888
nesterov: this is Nesterov's momentum, which looks ahead; the plain one is asked for. | .45622
    1.3238 .40299 1.3073
"""
_REMEMBERED = [  # (cause, sentence, numbers)
    row.replace(": ", " | ", 1).split(" | ")
    for row in re.sub(r"\n +", " ", REMEMBERED).splitlines()[1:]
]


def _ends_at(numbers: str, seen: Seen) -> bool:
    """Tell whether a diagnosed run ends at one of these pairs of w1 and w9."""
    pairs = np.array(numbers.split(), dtype=float).reshape(-1, 2)
    return any(_near(seen.got[1, [0, 8]], pair, 1e-4) for pair in pairs)


LOOP_MISTAKES = (
    *ROUNDED,
    ("other-data", lambda s: s.other_data,
     "the loop reads or pairs other data than the X and y it is given."),
    ("one-update-per-epoch", lambda s: s.one_update_per_epoch,
     "the weights change once per epoch; they must change after every data point."),
    *((cause, functools.partial(Seen.losses_are, of=of),
       f"the weights are right, but losses {what}")
      for cause, of, what in SEEN_LOSSES),
    *((cause, functools.partial(_ends_at, numbers), sentence)
      for cause, sentence, numbers in _REMEMBERED),
)  # fmt: skip
NAMED = dict.fromkeys(PASSES, PASS_MISTAKES) | dict.fromkeys(LOOPS, LOOP_MISTAKES)
NAMED |= {"sigmoid": ROUNDED, "gradient_checking": CHECK_MISTAKES}
SEARCHED = (
    "ValueError",
    "TypeError",
    "ZeroDivisionError",
    "OverflowError",
    "IndexError",
    "KeyError",
)
OF_ANOTHER = ("wrong-sigmoid", "wrong-forward")


# ---------------------------------------------------------------------------------------
# Explaining by repair: one edit of the student's own code with which the judge finds it right
# ---------------------------------------------------------------------------------------

SECONDS = 2.0  # that a search may take
MOST_PASSES, MOST_ITEMS = 5000, 20000  # of all loops of a call; in a list that is tried out
KINDS = {  # of edits, and what a sentence says of one; the first word is the cause
    "sign": "the sign is wrong here.",
    "operator": "another operator belongs here.",
    "brackets": "the brackets take in too much or too little here.",
    "wrong-name": "`{word}` is not what belongs here.",
    "typed-in": "`{word}` is typed in here, where a variable belongs.",
    "reads-global": "`{word}` is read from the notebook here; a function uses what it is given.",
    "exchanged": "`{word}` are mixed up here.",
    "function": "another function belongs here.",
    "function missing": "a function is missing here.",
    "function twice": "a function is applied once too often here.",
    "lacks-factor": "the factor {word} is missing here.",
    "extra-factor": "the factor {word} stands here once too often.",
    "lacks-term": "the term {word} is missing here.",
    "too-much": "`{word}` is one too many here.",
    "too-much line": "this line is one too many.",
    "wrong-value": "this is not the value of {word}.",
    "wrong-t": "this is not t: it must count the updates of the whole run, from 1.",
    "constant-correction": "the bias correction is the same at every step; it depends on t.",
    "no-bias-correction": "the bias correction is missing.",
    "no-bias-correction half": "one of the two bias corrections is missing.",
    "off-by-one": "this is off by one.",
    "lacks-index": "an index is missing here.",
    "start": "what the loop remembers must start at 0.",
    "pair": "a second value is missing here.",
    "place": "this line {word}.",
    "shared": "two names share one list or array here, so that both change.",
}
# What may stand in a student's code, and what may belong there. A to E are any expressions, @ and
# // any operators, f and h any functions; g is another function, N a name, F a factor that the task
# knows, T the number of Adam's update, C and D its bias corrections. An edit is tried early (1) or late (4). At the end of a line
# stands the letter of what is underlined, or where alone the rule holds: at a whole term, a whole
# right-hand side, in what is returned, at an argument, or for what may be wrong by itself (see
# `Site.may_be`).
RULES = """
1  off-by-one        A + 1 => A                 argument
1  off-by-one        A - 1 => A                 argument
1  sign              -A => A
1  sign              A + B => A - B
1  sign              A - B => A + B; B - A
1  operator          A + B => A * B; A / B
1  operator          A - B => A * B; A / B
1  operator          A * B => A / B; A + B; A - B; A ** B
1  operator          A / B => A * B; A - B; B / A
1  operator          A ** B => A * B; A / B; B ** A
1  brackets          (A @ B) // C => A @ (B // C)
1  brackets          A @ (B // C) => (A @ B) // C
1  brackets          (A @ B) // C => (A // C) @ B
1  brackets          A ** C @ B ** C => (A @ B) ** C
1  brackets          f(A) @ B => f(A @ B)
1  brackets          A @ f(B) => f(A @ B)
1  brackets          f(A @ B) => f(A) @ B; A @ f(B)
1  brackets          -A @ B => -(A @ B)
1  brackets          -(A @ B) => -A @ B
1  function          f(A) => g(A)               f
1  function          f(h(A)) => g(A)            f
1  function          f(A, B) => A * B
1  function twice    f(A) => A                  f
1  function twice    f(h(A)) => A               f
1  function twice    f(A, B) => A; B            f
1  function twice    f(A, h(B, C)) => C         f
1  shared            A => copy(A)               whole
1  pair              A => (A, N)                returned
1  wrong-t           A ** B => A ** T           B
1  wrong-t           f(A, B) => f(A, T)         B
1  wrong-t           A => T                     whole
1  constant-correction  A - B => A - power(B, T)  B
2  sign              A => -A                    term
2  lacks-factor      A => A * F                 term
2  extra-factor      A => A / F                 term
2  too-much          A @ B => A                 B
2  too-much          A @ B => B                 A
2  wrong-t           A => T
2  constant-correction  A => power(A, T)
2  no-bias-correction  A => A * C               term
2  no-bias-correction half  A => A / D          term
2  function missing  A => square(A); sqrt(A)
2  start             A => 0 * A                 whole
2  off-by-one        A => A + 1; A - 1          argument
2  sign              A += B => A -= B
2  sign              A -= B => A += B
2  operator          A += B => A = B
2  operator          A = B => A += B; A -= B
2  shared            A = B = C => A, B = copy(C), copy(C)
3  lacks-term        A => A + F                 term
3  function missing  A => g(A)
3  lacks-index       A => A[N]                  argument
4  wrong-value       A => F                     value
"""
FUNCTIONS = ("exp", "tanh", "sin", "cos", "sqrt", "square", "abs", "sum", "mean", "log", "tan")
FUNCTIONS += ("norm", "sigmoid")
OF_VECTORS = ("sqrt", "square", "abs", "sum", "mean", "norm")  # those that checks and loops need
ALIKE = {"fabs", "pow", "exp2", "expm1", "prod", "max"}  # functions, too, that are mixed up
STRUCTURE = ("range", "len", "append", "zip", "enumerate", "tqdm")  # are no functions of numbers
SEVERAL = (ast.Tuple, ast.List, ast.Dict, ast.ListComp, ast.GeneratorExp, ast.Slice)
NOTHING = ast.arguments([], [], None, [], [], None, [])
Change = tuple[Any, Any, Any]  # a list or the fields of a node, where in it, and the new value


@dataclass
class Site:
    """A place in a student's code that holds an expression or a line."""

    owner: ast.AST  # the node around it, and the name of its field in that
    field: str
    holder: Any  # the fields of the owner, or the one that is a list, and where in these it stands
    key: Any
    up: Site | None  # the site around it; None for the whole of a right-hand side or the like
    line: ast.stmt  # in which it stands
    function: str  # of the student's in which it stands
    rank: int = 0  # how unlikely a place for the mistake it is

    @property
    def node(self) -> ast.AST:
        return self.holder[self.key]

    @property
    def root(self) -> Site:
        """The widest site around this one that holds one value, not several."""
        return self if not self.up or isinstance(self.up.node, SEVERAL) else self.up.root

    def may_be(self, condition: str) -> bool:
        """Tell whether it meets the condition at the end of a rule."""
        if condition == "term":
            inside = isinstance(self.owner, (ast.BinOp, ast.UnaryOp))
            term = not inside or isinstance(self.owner.op, (ast.Add, ast.Sub))
            return term and not isinstance(self.line, (ast.For, ast.While))
        if condition == "value":  # f(a) is wrong because a is, or f: the mistake lies elsewhere
            called = self.node.args if isinstance(self.node, ast.Call) else [None]
            return not all(isinstance(argument, ast.Name) for argument in called)
        if condition == "returned":
            return isinstance(self.owner, ast.Return)
        if condition == "argument":  # of a function, an index, or in a key such as "dw%d" % k
            formats = isinstance(
                getattr(self.owner, "op", self.owner), (ast.Mod, ast.FormattedValue)
            )
            return formats or self.field in ("args", "slice")
        return condition != "whole" or not isinstance(self.owner, ast.BinOp)

    def put(self, new: ast.AST) -> Change:
        """Return the change that puts a new node here."""
        if not hasattr(new, "lineno"):
            ast.fix_missing_locations(ast.copy_location(new, self.node))
        return self.holder, self.key, new


@dataclass
class Edit:
    """An edit of a student's code, and what a sentence says of it."""

    kind: str  # a key of KINDS, which becomes the cause
    word: str  # what the sentence speaks of
    node: ast.AST  # what is underlined
    function: str  # of the student's in which it stands
    changes: list[Change]
    tier: int = 1  # how late it is tried
    fixed: set[str] = field(default_factory=set)  # the names of the numbers that it makes right


class _TimeUp(KeyboardInterrupt):
    """The time of a search is over: like an interrupt, it ends whatever runs."""


def _apply(function: str, *arguments: ast.expr) -> ast.Call:
    """Return a call of what is known under a name that no student can have given."""
    return ast.Call(ast.Name(f"‹{function}›", ast.Load()), list(arguments), [])


def _sites(node: ast.AST, line: ast.stmt, name: str, up: Site | None = None) -> Iterator[Site]:
    """Yield the sites below a node of the function of that name, the outer before the inner."""
    for part, value in ast.iter_fields(node):
        several = isinstance(value, list)
        if part in ("decorator_list", "returns", "annotation") or isinstance(value, ast.arguments):
            continue
        for key, child in enumerate(value) if several else [(part, value)]:
            if isinstance(child, (ast.comprehension, ast.keyword)):
                yield from _sites(child, line, name, up)
            elif hasattr(child, "lineno"):  # a line or an expression, and none of ours
                site = Site(node, part, value if several else vars(node), key, up, line, name)
                yield site
                inner = (child, name) if isinstance(child, ast.stmt) else (line, name, site)
                yield from _sites(child, *inner)


class _Trial:
    """A student's function and its helpers in a copy of the notebook, to try out edits."""

    def __init__(self, student: Student, experiments: list[Experiment]):
        self.student = copy.copy(student)  # a twin, with globals and known functions of its own
        vars(self.student).pop("stand_ins", None)
        self.student.namespace = dict(student.namespace)
        self.trees: dict[str, ast.stmt] = {}  # of the function and the helpers that it calls
        self.texts: dict[tuple[str, int], str] = {}  # the lines of their source
        self.sites: list[Site] = []
        self.passes_left = self.choice = 0
        self.name = self._read_source(_inner(student.function))  # of the function that is judged
        read = {getattr(site.node, "id", "") for site in self.sites} & student.namespace.keys()
        data = {n: student.namespace[n] for n in read if not callable(student.namespace[n])}
        self.data = copy.deepcopy({n: v for n, v in data.items() if not inspect.ismodule(v)})
        self.student.namespace |= _known_functions(student) | {"‹pass›": self._pass}
        self.student.namespace["‹pick›"] = lambda *choices: choices[self.choice]()
        self.codes = {name: self._define(tree) for name, tree in self.trees.items()}
        self.words = {id(e): {f"‹{n}›": v for n, v in _words(e).items()} for e in experiments}
        wrong = [(e, _wrong(e, self._outcome(e))) for e in experiments if self.name]
        # The most telling first: what is wrong, and of a loop the run that can be given up early
        wrong.sort(key=lambda pair: (not pair[1], pair[0].arguments[0] != DIAGNOSIS[0]))
        self.experiments, self.before = [e for e, _ in wrong], [names for _, names in wrong]
        self.wrong = set().union(*self.before)  # the names of the numbers that are wrong

    def _read_source(self, function: Any) -> str:
        """Parse a function and the helpers it calls; guard their loops; return its name."""
        if not inspect.isfunction(function) or function.__code__.co_freevars:
            return ""
        try:
            lines, first = inspect.getsourcelines(function)
            lines = textwrap.dedent("".join(lines).expandtabs(4)).splitlines()
            (tree,) = ast.parse("\n".join(lines)).body
            of_lambda = isinstance(getattr(tree, "value", None), ast.Lambda)
            name = tree.targets[0].id if of_lambda else tree.name
        except (OSError, TypeError, SyntaxError, ValueError, AttributeError):
            return ""
        if name in self.trees:
            return name
        self.trees[name] = ast.increment_lineno(tree, first - 1)
        self.texts |= {(name, first + i): line for i, line in enumerate(lines)}
        for node in list(ast.walk(tree)):
            if isinstance(node, (ast.For, ast.While, ast.FunctionDef)):
                node.body.insert(0, ast.Expr(_apply("pass")))
            elif isinstance(node, ast.comprehension):
                node.ifs.append(_apply("pass"))
        self.sites += _sites(tree, tree, name)
        for node in ast.walk(ast.fix_missing_locations(tree)):
            helper = self.student.namespace.get(getattr(node, "id", ""))
            if getattr(helper, "__globals__", 0) is function.__globals__ and node.id not in STAGES:
                self._read_source(helper)
        return name

    def _define(self, tree: ast.stmt) -> types.CodeType:
        code = compile(ast.Module([tree], []), "<tried out>", "exec")
        exec(code, self.student.namespace)  # noqa: S102 - the student's own code, in their notebook
        return code

    def _pass(self) -> bool:
        """Count a pass of a loop or a call; end what goes on too long or lets something grow."""
        self.passes_left -= 1
        if self.passes_left % 8:
            return True
        values = sys._getframe(1).f_locals.values()
        sizes = (len(v) for v in values if type(v) in (list, str, dict, tuple))
        bits = (v.bit_length() for v in values if type(v) is int)
        if self.passes_left < 0 or max([*sizes, *bits], default=0) > MOST_ITEMS:
            raise _Hopeless
        return True

    def _outcome(self, experiment: Experiment) -> Outcome:
        namespace = self.student.namespace
        self.student.function = namespace[self.name]
        namespace.update(copy.deepcopy(self.data) if self.data else ())
        namespace.update(self.words[id(experiment)])
        self.passes_left = MOST_PASSES
        if experiment.stand_ins:
            self.student.stand_ins.on_update = _follow(experiment, namespace)
        return perform(experiment, self.student)

    @contextlib.contextmanager
    def _edited(self, function: str, changes: list[Change]) -> Iterator[bool]:
        """Make changes for a while; yield whether the function can be defined with them."""
        old, valid = [(holder, key, holder[key]) for holder, key, _ in changes], False
        for holder, key, new in changes:
            holder[key] = new
        try:
            with contextlib.suppress(Exception, _Hopeless):  # no Python, or a default value fails
                self._define(self.trees[function])
                valid = True
            yield valid
        finally:
            for holder, key, value in reversed(old):
                holder[key] = value
            exec(self.codes[function], self.student.namespace)  # noqa: S102

    def try_edit(self, edit: Edit) -> Edit:
        """Return an edit with the names of the numbers that it makes right."""
        with self._edited(edit.function, edit.changes) as valid:
            edit.fixed = self._fixed() if valid else set()
        return edit

    def try_each(self, site: Site, edits: list[Edit]) -> Iterator[Edit]:
        """Yield edits that put something at one site, tried like others, but compiled together."""
        lambdas = [ast.Lambda(NOTHING, edit.changes[0][2]) for edit in edits]
        with self._edited(site.function, [site.put(_apply("pick", *lambdas))]) as valid:
            for self.choice, edit in enumerate(edits) if valid else ():
                edit.fixed = self._fixed()
                yield edit
        yield from () if valid else map(self.try_edit, edits)

    def _fixed(self) -> set[str]:
        """Return the names of the numbers that have become right; none if another was spoilt."""
        left = set(self.wrong)
        for experiment, before in zip(self.experiments, self.before):
            after = _wrong(experiment, self._outcome(experiment))
            left -= after
            if not left or after - before or "weights" in after:
                return set()
        return left

    def rank_sites(self) -> list[Site]:
        """Return those sites first on which all that is wrong depends; none of what is right."""

        def values() -> dict[str, Any]:
            return _values(self.student.task, self._outcome(self.experiments[0]).result)

        influence, everything, before = {}, {*OUTPUTS[self.student.task]}, values()
        for site in self.sites:
            root = site.root
            if id(root) not in influence:
                other = ast.BinOp(root.node, ast.Mult(), ast.Constant(1.0371))
                other = root.put(ast.BinOp(other, ast.Add(), ast.Constant(0.0113)))
                with self._edited(root.function, [other]) as valid:
                    after = values() if valid else {}
                on = {n for n in everything if n not in after or not _same(before.get(n), after[n])}
                influence[id(root)] = on
            on = influence[id(root)]
            foreign = not on or (on - self.wrong and on != everything)
            site.rank = 3 if foreign else 0 if on == self.wrong else 1 if on < self.wrong else 2
        return sorted((s for s in self.sites if s.rank < 3), key=lambda site: site.rank)


# What may be put in: values at each experiment, under the names that sentences use


def _known_functions(student: Student) -> dict[str, Any]:
    def power(base: float, exponent: float) -> float:  # of a whole number it may be too large
        return base**exponent if abs(base) < 1 else math.nan

    known = {f"‹{name}›": getattr(np, name, np.linalg.norm) for name in FUNCTIONS}
    known |= {"‹copy›": copy.deepcopy, "‹power›": power, "‹sigmoid›": None}
    if student.task != "sigmoid":
        known["‹sigmoid›"] = student.namespace.get("sigmoid")
    for name, value in student.namespace.items():  # bars cost more than what they show
        if str(getattr(value, "__module__", "")).split(".")[0] == "tqdm" and callable(value):
            known[name] = functools.partial(value, disable=True)
    return known


def _words(experiment: Experiment) -> dict[str, float]:
    """Return the factors and values that may be missing in an experiment, by their names."""
    task, given, words = experiment.task, experiment.arguments, {"2": 2.0}
    if task in LOOPS:
        settings = dict(zip(ARGUMENTS[task][4:], given[4:]))
        shares = {f"1 - {n}": 1 - v for n, v in settings.items() if n not in ("lr", "eps")}
        words |= {**settings, **shares, "number of data points": float(len(given[0]))}
    elif task == "gradient_checking":
        words |= {"eps": given[-1], "2·eps": 2 * given[-1], "eps²": given[-1] ** 2}
    elif task in PASSES:
        x, y, w = given[:3]
        exp, tanh, sigmoid, loss, slope = FORWARD_VALUES[POINTS.index((x, y, w))]
        words |= {f"x{k}": v for k, v in enumerate(x, 1)} | dict(zip(WEIGHTS, w))
        words |= {
            "dL/dŷ": slope, "exp": exp, "tanh": tanh, "sigmoid": sigmoid, "L": loss,
            "1 - tanh²": 1 - tanh**2, "1 - sigmoid": 1 - sigmoid,
            "σ·(1 - σ)": sigmoid * (1 - sigmoid), "ŷ": y + slope / 2,
            "sin(w3·x3)": math.sin(w[2] * x[2]), "cos(w3·x3)": math.cos(w[2] * x[2]),
            "w1·x1 + w2·x2": np.dot(w[:2], x[:2]), "w4·x4 + w5·x5": np.dot(w[3:5], x[3:5]),
        }  # fmt: skip
    return words


def _follow(experiment: Experiment, namespace: dict) -> Callable[[int, list[float]], None]:
    """Return what is done at each update of a loop that is tried out: its number becomes a word."""
    settings, path = dict(zip(ARGUMENTS[experiment.task], experiment.arguments)), {}
    if experiment.arguments[0] == DIAGNOSIS[0]:  # the right weights at the second and third update
        path = dict(zip((2, 3), REFERENCE[f"diagnosis, {experiment.task}"].reshape(-1, 9).tolist()))

    def on_update(number: int, w: list[float]) -> None:
        right = path.get(number, w)
        if not all(math.isclose(a, b, rel_tol=RTOL_DIAGNOSIS) for a, b in zip(w, right)):
            raise _Hopeless
        namespace["‹t›"] = number
        shares = [1 - settings[b] ** number for b in ("beta1", "beta2") if b in settings]
        if shares:
            namespace["‹1 - beta1^t›"], namespace["‹1 - beta2^t›"] = shares
            namespace["‹bias correction›"] = math.sqrt(shares[1]) / shares[0]

    return on_update


# Rules: how they are read, and what they make of an expression


@functools.cache
def _rules() -> list[tuple[int, str, ast.AST, ast.AST, str, str]]:
    """Return (tier, kind, left side, right side, condition or underlined letter) of each rule.

    Last in each stands the letter for which something is chosen, if there is one.
    """
    rules = []
    for tier, kind, sides, *at in (re.split("  +", line) for line in RULES.split("\n") if line):
        lines = (ast.parse(side).body[0] for side in re.split(" => |; ", sides))
        left, *rights = (line.value if isinstance(line, ast.Expr) else line for line in lines)
        for right in rights:
            chosen = {n.id for n in ast.walk(right) if isinstance(n, ast.Name)} & {*"FgNTCD"}
            chosen -= {n.id for n in ast.walk(left) if isinstance(n, ast.Name)}
            rules.append((int(tier), kind, left, right, "".join(at), "".join(chosen)))
    return rules


def _letter(rule: Any) -> str:
    """Return the letter that stands for anything in a rule; "" for all else in it."""
    name = getattr(rule, "id", "")
    any_operator = type(rule).__name__ if isinstance(rule, (ast.MatMult, ast.FloorDiv)) else ""
    return any_operator or (name if len(name) == 1 else "")


def _matches(rule: Any, node: Any, bound: dict[str, Any]) -> bool:
    """Tell whether a node is like the left side of a rule; bind its letters to what it has."""
    if letter := _letter(rule):
        if letter in bound:
            return ast.dump(bound[letter]) == ast.dump(node)
        bound[letter] = node
        return True
    if type(rule) is not type(node):
        return False
    if isinstance(rule, list):
        return len(rule) == len(node) and all(_matches(*pair, bound) for pair in zip(rule, node))
    parts = [(getattr(rule, part), getattr(node, part)) for part in getattr(rule, "_fields", ())]
    return all(_matches(*pair, bound) for pair in parts)


def _filled(rule: Any, bound: dict[str, Any]) -> Any:
    """Return the right side of a rule with what stands there in place of its letters."""
    if letter := _letter(rule):
        return bound[letter]
    if isinstance(rule, list):
        return [_filled(item, bound) for item in rule]
    if isinstance(rule, ast.Name):
        return _apply(rule.id).func
    if not isinstance(rule, ast.AST):
        return rule
    return type(rule)(*(_filled(getattr(rule, part), bound) for part in rule._fields))


class _Search:
    """A search for the edit that shows a student where the mistake is."""

    def __init__(self, trial: _Trial):
        self.trial, self.task = trial, trial.student.task
        words = [*_words(trial.experiments[0])]
        if self.task in LOOPS:
            of_losses, only = ("number of data points", "2"), trial.wrong == {"losses"}
            words = [word for word in words if (word in of_losses) == only]
        functions = OF_VECTORS if self.task in LOOPS + ("gradient_checking",) else FUNCTIONS
        of_adam = {"T": ["t"], "C": ["bias correction"], "D": ["1 - beta1^t", "1 - beta2^t"]}
        self.choices = {"": [""], "F": words, "g": functions, **dict.fromkeys("TCD", ())}
        self.choices |= of_adam if self.task == "train_adam" else {}
        self.edits: dict[int, list[Edit]] = {}  # of each site, by its id
        self.parameters: dict[str, set[str]] = {}  # of each function
        self.names: dict[str, set[str]] = {}  # its parameters and variables
        for name, tree in trial.trees.items():
            nodes = [*ast.walk(tree)]
            stored = [n for n in nodes if isinstance(getattr(n, "ctx", None), ast.Store)]
            self.parameters[name] = {n.arg for n in nodes if isinstance(n, ast.arg)}
            self.names[name] = self.parameters[name] | {getattr(n, "id", "_") for n in stored}
        self.lines = [site for site in trial.sites if isinstance(site.node, ast.stmt)]
        trial.sites = [site for site in trial.sites if isinstance(site.node, ast.expr)]
        self.sites = trial.rank_sites() if self.task in PASSES else trial.sites

    def _edits(self, site: Site) -> list[Edit]:
        """Return the edits that put something at a site."""
        if id(site) not in self.edits:
            found = [] if site.field == "func" else [*self._other_names(site), *self._by_rule(site)]
            self.edits[id(site)] = [
                Edit(kind, word, shown, site.function, [site.put(new)], tier)
                for tier, kind, word, new, shown in found
            ]
        return self.edits[id(site)]

    def _by_rule(self, site: Site) -> Iterator[tuple]:
        node, choices = site.node, self.choices | {"N": sorted(self.names[site.function])}
        yield from ((1, "brackets", "", new, node) for new in _regrouped(node))
        anything = isinstance(node, ast.expr) and not isinstance(node, (ast.Constant, *SEVERAL))
        anything &= isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        for tier, kind, left, right, at, letter in _rules():
            bound: dict[str, Any] = {}
            if not (anything or not _letter(left)) or not _matches(left, node, bound):
                continue
            called = _called(bound.get("f"))
            known = letter in ("", "T") or not called or called in FUNCTIONS or called in ALIKE
            if known and called not in STRUCTURE and site.may_be(at):
                for word in [w for w in choices[letter] if not w or w != called]:
                    chosen = ast.Name(word, ast.Load()) if letter == "N" else _apply(word).func
                    new = _filled(right, bound | {letter: chosen})
                    said = ast.unparse(bound[at]) if kind == "too-much" else word
                    yield tier, kind, said, new, bound.get(at, node)

    def _other_names(self, site: Site) -> Iterator[tuple]:
        """Yield other names, numbers and keys, the five likeliest first."""
        node, index = site.node, site.field == "slice"
        if not isinstance(node, (ast.Name, ast.Constant, ast.Slice, ast.Subscript)):
            return
        old, value = getattr(node, "id", ""), getattr(node, "value", None)
        shown, others, constant = site.owner if index else node, [], isinstance(node, ast.Constant)
        if constant and isinstance(value, str):
            others = [ast.Constant(key) for key in (*FORWARD_KEYS, *BACKWARD_KEYS) if key != value]
        elif constant and type(value) in (int, float):
            numbers = (value - 1, value + 1, 0, 1, 2, 0.5, -value)
            if index:  # the nearest are the likeliest
                numbers = sorted(range(9), key=lambda number: abs(number - value))
            others = [ast.Constant(number) for number in numbers if abs(number - value) > 1e-9]
        if index or not (constant and isinstance(value, (str, bool))):
            method = getattr(getattr(site.line, "value", None), "func", None)
            grown = _called(getattr(method, "value", None))  # a list does not go into itself
            names = self.names[site.function] - {old, grown}
            differ = {n: sum(a != b for a, b in itertools.zip_longest(n, old)) for n in names}
            alike = sorted(names, key=lambda name: (len(name) != len(old), differ[name], name))
            others += [ast.Name(name, getattr(node, "ctx", ast.Load())) for name in alike]
        for n, new in enumerate(others, start=5 * isinstance(node, ast.Subscript)):
            typed_in = constant and isinstance(new, ast.Name) and not index
            kind = "typed-in" if typed_in else "wrong-name"
            of_notebook = old in self.trial.data and old not in self.names[site.function]
            if of_notebook and getattr(new, "id", "") in self.parameters[site.function]:
                kind, n = "reads-global", 0
            tier = 1 if n < 5 or (typed_in and value not in (0, 1, 2, 9)) else 3
            yield tier, kind, ast.unparse(shown), new, shown
        if isinstance(node, ast.Slice):
            yield 2, "too-much", f"[{ast.unparse(node)}]", ast.Slice(), shown

    def _at_sites(self, tier: int, sites: list[Site]) -> Iterator[Edit]:
        """Yield tried edits. A factor belongs into the last line that may lack it, not upstream."""
        apart = (ast.Return, ast.FunctionDef) if self.task in PASSES else ()

        def order(site: Site) -> tuple:
            return site.rank, isinstance(site.line, apart), not isinstance(site.node, ast.BinOp)

        last_first = reversed(sites) if apart else sites
        for site in sorted(last_first, key=order) if tier == 2 else sites:
            if edits := [edit for edit in self._edits(site) if edit.tier == tier]:
                yield from self.trial.try_each(site, edits)

    def _everywhere(self) -> Iterator[Edit]:
        """Make the same edit at all places of the same text at once."""
        groups = defaultdict(list)
        for site in self.sites:
            text = ast.unparse(site.owner) if site.field == "slice" else ast.dump(site.node)
            groups[site.function, text].append(site)
        for first, *others in groups.values():
            for edit in self._edits(first) if others else ():
                late = edit.tier > 2 and first.field != "slice"
                if not late and "factor" not in edit.kind:
                    changes = [site.put(edit.changes[0][2]) for site in (first, *others)]
                    yield replace(edit, changes=changes)

    def _both_corrections(self) -> Iterator[Edit]:
        """Make two edits of one kind: the lines of Adam's corrections are copies of each other."""
        kinds = ("wrong-t", "constant-correction")
        found = [(e, s) for s in self.sites for e in self._edits(s) if e.kind in kinds]
        edits = [edit for edit, site in found if edit.node is not site.node]
        for one, other in itertools.combinations(edits, 2):
            if (one.kind, one.function) == (other.kind, other.function):
                yield replace(one, changes=one.changes + other.changes)

    def _exchanges(self) -> Iterator[Edit]:
        """Exchange two items of a list, two variables of a line, or two parameters."""
        groups = defaultdict(list)
        for site in self.sites:
            if isinstance(site.key, int) and isinstance(site.owner, (*SEVERAL, ast.Call)):
                groups[0, id(site.owner)].append(site)
            elif isinstance(site.node, (ast.Name, ast.Subscript)) and site.field != "func":
                groups[1, id(site.line)].append(site)
        for key in sorted(groups, key=lambda key: key[0]):
            for one, other in itertools.combinations(groups[key], 2):
                a, b = one.node, other.node
                if ast.dump(a) != ast.dump(b):
                    word = f"{_one_line(ast.unparse(a), 30)}` and `{_one_line(ast.unparse(b), 30)}"
                    yield Edit("exchanged", word, a, one.function, [one.put(b), other.put(a)])
        for function, tree in self.trial.trees.items():
            parameters = tree.args.args if isinstance(tree, ast.FunctionDef) else []
            for (i, a), (k, b) in itertools.combinations(enumerate(parameters), 2):
                changes = [(parameters, i, b), (parameters, k, a)]
                yield Edit("exchanged", f"{a.arg}` and `{b.arg}", a, function, changes)

    def _moves(self) -> Iterator[Edit]:
        """Drop a line, or move it to another place."""
        bodies = {id(site.holder): site for site in self.lines}.values()  # a line of each
        for site in self.lines:
            line, within = site.node, [*ast.walk(site.node)]
            rest = [each for each in site.holder if each is not line]
            drop = vars(site.owner), site.field, rest or [ast.copy_location(ast.Pass(), line)]
            yield Edit("too-much line", "", line, site.function, [drop])
            for to in bodies:
                if to.function != site.function or to.owner in within:
                    continue
                word, lines = "stands too early or too late", rest
                if to.holder is not site.holder:
                    outward, lines = site.owner in ast.walk(to.owner), to.holder
                    places = ("inside", "outside") if outward else ("outside", "inside")
                    word = "stands {}, and belongs {}".format(*places)
                for k in range(len(lines) + 1):
                    place = vars(to.owner), to.field, [*lines[:k], line, *lines[k:]]
                    yield Edit("place", word, line, site.function, [drop, place])

    def tiers(self) -> Iterator[Iterator[Edit]]:
        """Yield tried edits, those that students' mistakes ask for most often first."""
        tried, loop = functools.partial(map, self.trial.try_edit), self.task in LOOPS
        yield self._at_sites(1, self.sites[::-1] if loop else self.sites)
        yield self._at_sites(2, self.sites)
        yield itertools.chain(tried(self._exchanges()), self._at_sites(2, self.lines))
        yield tried(self._moves() if loop else ())
        yield tried(itertools.chain(self._both_corrections(), self._everywhere()))
        yield self._at_sites(3, self.sites)
        yield self._at_sites(4, self.sites)
        yield tried(self._moves() if not loop else ())

    def run(self) -> Edit | None:
        """Return the first edit that makes everything right, or of its tier that makes most."""
        best = None
        for number, tier in enumerate(self.tiers()):
            for edit in tier:
                if edit.fixed == self.trial.wrong:
                    return self._needed(edit)
                weak = edit.kind in ("place", "wrong-value")  # believed if all is right with it
                if not weak and len(edit.fixed) > len(best.fixed if best else ()):
                    best = edit
            if best and number > 1:
                break
        return best and self._needed(best)

    def _needed(self, edit: Edit) -> Edit:
        """Return an edit without the changes that it can do without."""
        for change in edit.changes[::-1] if edit.kind != "place" else ():
            if others := [each for each in edit.changes if each is not change]:
                (holder, key, _), first = others[0], change is edit.changes[0]
                fewer = replace(edit, changes=others, node=holder[key] if first else edit.node)
                edit = fewer if self.trial.try_edit(fewer).fixed >= edit.fixed else edit
        return edit


def _regrouped(node: ast.AST) -> Iterator[ast.expr]:
    """Yield a sum of products with brackets around a sum in it: a·b + c·d -> a·(b + c)·d."""

    def factors(of: ast.expr) -> list[ast.expr]:
        product = isinstance(of, ast.BinOp) and isinstance(of.op, ast.Mult)
        return [*factors(of.left), of.right] if product else [of]

    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        times = functools.partial(functools.reduce, lambda a, b: ast.BinOp(a, ast.Mult(), b))
        before, after = factors(node.left), factors(node.right)
        for i, k in itertools.product(range(len(before)), range(1, len(after) + 1)):
            inner = ast.BinOp(times(before[i:]), node.op, times(after[:k]))
            yield times([*before[:i], inner, *after[k:]])


def _called(function: ast.AST | None) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def repair(
    student: Student, experiments: list[Experiment], seconds: float
) -> tuple[_Trial, Edit] | None:
    """Search for one edit of a student's code with which the judge finds it right.

    Args:
        student: whose function it is; its notebook and its functions are left as they are.
        experiments: the judgement that refused it.
        seconds: how long the search may take, where the system has an alarm.

    Returns:
        Where the edit was tried out, and the edit; None where none was found in time.
    """

    def ring(*_: Any) -> None:
        raise _TimeUp

    main = threading.current_thread() is threading.main_thread()
    alarm = main and hasattr(signal, "setitimer")
    old = alarm and signal.signal(signal.SIGALRM, ring)
    try:
        if alarm:
            signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
        trial = _Trial(student, experiments)
        edit = _Search(trial).run() if trial.wrong else None
        return (trial, edit) if edit else None
    except _TimeUp:
        return None
    finally:
        if alarm:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)


# ---------------------------------------------------------------------------------------
# The pictures. Nothing is computed here: a number is drawn where a dictionary holds it.
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
    lines, heads, widths = [], [], []
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
    if dx == 0:  # a weight, or y, coming from above
        label = key[0] + key[1:].translate(str.maketrans("123456789", "₁₂₃₄₅₆₇₈₉"))
        ax.text(*start, f"{label}  {value}".strip(), ha="center", va="center", **style)
        ax.text(*(start - [0.1, 0.26]), gradient, ha="right", style="italic", **style)
        return
    style |= {"ha": "center", "rotation": math.degrees(math.atan2(dy, dx))}
    across = 0.1 * np.array([-dy, dx]) / math.hypot(dx, dy)
    middle = (start + end) / 2 - [0.02, 0]
    ax.text(*(middle + across), value, va="bottom", **style)
    ax.text(*(middle - across), gradient, va="top", style="italic", **style)
    if key == "y_pred":  # the last edge; the loss has none of its own
        ax.text(*(end - [0, 0.45]), _short(known, "loss"), ha="center", va="top", fontsize=8.5)


# ---------------------------------------------------------------------------------------
# Numbers. tests/tools/oracle.py computes each of them again, to 50 digits.
# ---------------------------------------------------------------------------------------

# Points: x1 ... x5, y, w1 ... w9. The first is the original's: row 0 of the data, all weights 0.1;
# in the others all numbers differ, so that no mixed-up index goes unseen, and everything that has
# two signs shows both. Forward: exp, tanh, sigmoid, loss and dy_pr at each point. Gradients: dL/dw1
# ... dL/dw9. Checks: what gradient_checking gives at each point for eps = CHECK_EPS. Runs: the last
# weights, then the mean loss of each epoch; Adam's epsilon may stand outside the root, inside it,
# or as in the paper's folded form. Diagnosis: the weights after the first two updates
# and the last, where all gradients are positive and epsilon is 0, so that no root fails and Adam's
# three right forms are one.
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
.708706 .605035 .836372 1.08621 .9977 .680716 .774418 1.26684 1.40461 .474292 .376348 .544933 .8457
.834931 .562343 .658564 1.1268 1.32298
diagnosis, train_momentum: .862372 .753584 .974271 1.17674 1.09323 .753287 .844095 1.32731 1.43328
.785195 .678874 .90337 1.13018 1.04477 .717248 .809501 1.29651 1.41862 .434211 .337075 .506245
.827856 .809421 .547477 .644679 1.11525 1.3197
diagnosis, train_adam: .87 .76 1 1.18 1.09 .73 .82 1.31 1.4 .821972 .712134 .959639 1.14163 1.04709
.681986 .772128 1.26962 1.36162 .638384 .528583 .787757 .970639 .87883 .498609 .588485 1.09744
1.19047
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
