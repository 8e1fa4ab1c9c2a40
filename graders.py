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
    """Work that is not right yet. The message is all that Jupyter and Colab show of it.

    Attributes:
        stage: the grader's name, such as "grader_backprop".
        cause: a short stable code of the mistake, None when it is not recognised.
        hint: the sentence that names the mistake; empty when it is not recognised.
        line: the student's function and the text of the line of it that has to change, as a pair;
            None where none was found.
    """

    stage = ""
    line: tuple[str, str] | None = None
    experiment: Experiment | None = None
    outcome: Outcome | None = None

    def __init__(self, sentence: str, cause: str | None = None, details: str = ""):
        super().__init__(sentence, cause, details)
        self.sentence, self.cause, self.details = sentence, cause, details

    @property
    def hint(self) -> str:
        return self.sentence if self.cause else ""

    def __str__(self) -> str:
        head = textwrap.fill(f"{self.stage}: {self.sentence}", 99, break_long_words=False)
        return f"{head}\n{self.details}" if self.details else head

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to show the message in place of a traceback of the grader."""
        return str(self).splitlines()


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


STAGES = {
    "sigmoid": grader_sigmoid,
    "forward_propagation": grader_forwardprop,
    "backward_propagation": grader_backprop,
    "gradient_checking": grader_grad_check,
    "train_vanilla": grader_vanilla,
    "train_momentum": grader_momentum,
    "train_adam": grader_adam,
}
LOOPS = ("train_vanilla", "train_momentum", "train_adam")


def submission_report(namespace: dict[str, Any] | None = None) -> bool:
    """Print a table of all stages; never raise.

    Args:
        namespace: the notebook's globals; those of the calling code if None.

    Returns:
        True when every grader agrees.
    """
    namespace = namespace if isinstance(namespace, dict) else _notebook()
    passed = 0
    for task in STAGES:
        try:
            verdict, right = _report_line(task, namespace)
        except Exception as error:  # noqa: BLE001 - a report must not fail
            verdict, right = f"could not be judged: {type(error).__name__}: {error}", False
        passed += right
        print(f"{task:22}{_one_line(verdict, 180)}")
    end = f"\n{passed} of {len(STAGES)} stages pass"
    if passed < len(STAGES):
        print(f"{end}. Run the grader of one that does not: it says more, and often shows the line.")
    else:
        print(f"{end}: all code is right. Written answers are not checked here: yours is still to be")
        print("read by a person, and an empty one has no points.")
    return passed == len(STAGES)


def _report_line(task: str, namespace: dict[str, Any]) -> tuple[str, bool]:
    if task not in namespace:
        return "not attempted: it is not defined; did its cell run?", False
    if not callable(namespace[task]):
        return f"not right yet: it is no function but {_kind(_plain(namespace[task]))}.", False
    try:
        with quiet():
            fault, line = _verdict(Student(task, namespace[task]))
    except KeyboardInterrupt as interrupt:
        fault, line = _interrupted(task, namespace, interrupt), ""
    if not fault:
        return f"passed{_older_definition(task, namespace)}", True
    attempted = fault.cause != "not-attempted"
    return f"not {'right yet' if attempted else 'attempted'}: {fault.sentence}", False


def _grade(task: str, work: Any) -> bool:
    """Judge a student's work; print a line and return True, or raise GraderError."""
    namespace = _notebook()
    try:
        with quiet():
            if task == "sigmoid" and not callable(work) and _same(_plain(work), 2.0):
                fault, line = _verdict_at_2(namespace.get("sigmoid"))
            elif callable(work):
                student = Student(task, work)
                namespace = student.namespace
                fault, line = _verdict(student)
                fault = fault and explain(student, fault)
            else:
                fault, line = _verdict_of_result(task, work)
    except KeyboardInterrupt as interrupt:
        fault, line = _interrupted(task, namespace, interrupt), ""
    older = _older_definition(task, namespace)
    if fault:
        fault.stage, fault.details = STAGES[task].__name__, fault.details + older.replace("; ", "\n")
        raise fault.with_traceback(None) from None
    print(f"{STAGES[task].__name__}: {line}{older}")
    return True


def _notebook() -> dict[str, Any]:
    """Return the globals of the code that called this module: the notebook's."""
    frame = sys._getframe()
    while frame.f_globals is globals():
        frame = frame.f_back
    return frame.f_globals


def _interrupted(task: str, namespace: dict, interrupt: BaseException) -> GraderError:
    """Say in which line of the student's code an interrupt came."""
    frames = _frames_of(namespace, interrupt)
    if not frames:
        return GraderError("interrupted before it came to a verdict: run it again.", "interrupted")
    frame, number = frames[-1]
    code = linecache.getline(frame.f_code.co_filename, number).strip()
    sentence = f"interrupted while {frame.f_code.co_name} was in line {number}, `{code}`: is there a "
    error = GraderError(f"{sentence}loop that does not end?", "interrupted")
    error.line = (frame.f_code.co_name, code)
    return error


def _older_definition(task: str, namespace: dict) -> str:
    """Say so if the last cell with this function's definition has a syntax error: it did not run."""
    cells = namespace.get("In")
    cells = [c for c in cells if isinstance(c, str)] if isinstance(cells, list) else []
    for cell in reversed(cells):
        if re.search(rf"^\s*def {task}\b", cell, re.MULTILINE):
            try:
                ast.parse(cell)
            except SyntaxError as error:
                where = f"has a syntax error in line {error.lineno} and did not run"
                return f"; but the last cell with `def {task}` {where}: this was an older one."
            return ""
    return ""


# ---------------------------------------------------------------------------------------
# Judging: experiments, outcomes, and what is right
# ---------------------------------------------------------------------------------------


@dataclass
class Experiment:
    """One call of a student's function. All of it can be written as JSON.

    Attributes:
        task: the function.
        arguments: by position, lists in place of arrays. For backward_propagation x, y, w and the
            five right values of the forward pass, of which its dictionary is made.
        where: words that say where this is, for a message.
        right: the right numbers, a list for each right form of the rule; empty where bounds judge.
        bounds: between which a single number must lie, where no exact value is known.
        stand_ins: whether known functions take the place of the student's two passes.
        spoil: which of the nine gradients of backward_propagation are made wrong meanwhile, ...
        how: ... and how, a key of WRONG_GRADIENTS.
        again: whether the same call was made before, and was right.
        rtol: the relative tolerance of the comparison with `right`.
    """

    task: str
    arguments: list
    where: str = ""
    right: list[list[float]] = field(default_factory=list)
    bounds: tuple[float, float] = (-math.inf, math.inf)
    stand_ins: bool = False
    spoil: list[int] = field(default_factory=list)
    how: str = ""
    again: bool = False
    rtol: float = 1e-9


@dataclass
class Outcome:
    """What came of an experiment, as plain data that can be written as JSON.

    Attributes:
        result: what came back: None, a float, a str that describes what is no number, or lists and
            dictionaries of these.
        raised: what was raised: type, text, and in which function and line of the student's.
        changed: the names of arguments that are not what they were before.
        forward: (x, y, w) of each call of the forward stand-in; backward: (x, w) of the other.
        backward: see forward.
        heard: whether a spoilt backward_propagation was called.
    """

    result: Any = None
    raised: dict[str, Any] | None = None
    changed: list[str] = field(default_factory=list)
    forward: list = field(default_factory=list)
    backward: list = field(default_factory=list)
    heard: bool = False


# What each function is called with, by position, and the keys of the dictionaries
ARGUMENTS = {
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

# Relative tolerances: far above rounding on any platform, below a value rounded to six digits
RTOL = 1e-9  # one forward or backward pass
RTOL_LOOPS = 2e-8  # the runs are stored to nine decimals
RTOL_SIGMOID, ATOL_SIGMOID = 1e-7, 1e-12  # 1/2 (1 + tanh(z/2)) loses digits at z = -30
RTOL_CHECK = 0.01

CHECK_EPS = 1.3e-3  # nobody types it in
CHECK_SMALL, SMALL_EPS = 1e-7, (9e-5, 1.1e-5, 1.3e-7)
CHECK_LARGE = 1e-3
WRONG_GRADIENTS = {
    "is off by 1": lambda gradient: gradient + 1.0,
    "has the wrong sign": lambda gradient: -gradient,
    "is 0": lambda gradient: 0.0 * gradient,
}
EPOCHS = 3  # of a run; in the second the loss rises


@functools.cache
def judgements(task: str) -> list[list[Experiment]]:
    """Return the judgements of a stage, each a list of experiments: one of them has to find it right.

    A gradient check and a loop have two: with the student's own two passes, and with known
    functions in their place, so that a mistake costs its own stage only.
    """
    if task in LOOPS:
        return [_runs(task, stand_ins) for stand_ins in (False, True)]
    if task == "gradient_checking":
        return [_checks(stand_ins) for stand_ins in (False, True)]
    if task == "sigmoid":
        return [
            [
                Experiment(task, [z], f"at z = {z}", [[right]], rtol=RTOL_SIGMOID)
                for z, right in zip(SIGMOID_Z, REFERENCE["sigmoid"].tolist())
            ]
        ]
    width = len(_outputs(task))
    rights = REFERENCE[task].reshape(-1, width).tolist()
    points = [list(point) for point in POINTS]
    if task == "backward_propagation":
        points = [[*point, values] for point, values in zip(points, FORWARD_VALUES)]
    rows = enumerate(zip(points, rights))
    return [[Experiment(task, point, _where(i), [right]) for i, (point, right) in rows]]


def _where(i: int) -> str:
    if i == 0:
        return "at x = X[0], y = y[0] and all nine weights 0.1"
    return f"at x, y, w = graders.POINTS[{i}]"


def _checks(stand_ins: bool) -> list[Experiment]:
    """Return experiments on gradient_checking: the value, small for right gradients, large for wrong."""
    task, model = "gradient_checking", "stand-ins" if stand_ins else "graph"
    known = " (with known functions in place of your two)" if stand_ins else ""
    value = [
        Experiment(task, [*point, CHECK_EPS], f"{_where(i)}, eps = {CHECK_EPS}{known}", [[right]],
                   stand_ins=stand_ins, rtol=RTOL_CHECK)
        for i, (point, right) in enumerate(zip(POINTS, REFERENCE[f"check on {model}"].tolist()))
    ]  # fmt: skip
    small = [
        Experiment(task, [*point, eps], f"{_where(i)}, eps = {eps}{known}",
                   bounds=(0, CHECK_SMALL), stand_ins=stand_ins)
        for (i, point), eps in itertools.product(enumerate(POINTS), SMALL_EPS)
    ]  # fmt: skip
    large, (x, y, w) = [], POINTS[1]
    for n, (k, how) in enumerate(itertools.product(range(9), WRONG_GRADIENTS)):
        moved = [(1 + (n + 1) / 300) * v for v in w]  # always a new point: it may remember
        large.append(
            Experiment(task, [x, y, moved, 1e-7], bounds=(CHECK_LARGE, math.inf),
                       stand_ins=stand_ins, spoil=[k], how=how)
        )  # fmt: skip
    opposite = Experiment(
        task, [x, y, [0.9 * v for v in w], 1e-7], "where all nine gradients have the wrong sign",
        [[1.0]], stand_ins=stand_ins, spoil=list(range(9)), how="has the wrong sign", rtol=RTOL_CHECK,
    )  # fmt: skip
    return [*value, *small, *large, opposite]


def _runs(task: str, stand_ins: bool) -> list[Experiment]:
    """Return experiments on a loop: a run, with stand-ins one where all gradients are positive, too."""
    model = "stand-ins" if stand_ins else "graph"
    rights = [v.tolist() for title, v in REFERENCE.items() if title.startswith(f"{model}, {task}")]
    settings, known = SETTINGS[model][task], ", with known functions in place of your two"
    run = Experiment(
        task, [ROWS, TARGETS[model], START, *settings], _settings(task, settings), rights,
        stand_ins=stand_ins, rtol=RTOL_LOOPS,
    )  # fmt: skip
    if not stand_ins:
        return [run, replace(run, again=True)]
    run.where += known
    settings = SETTINGS["diagnosis"][task]
    diagnosis = replace(
        run, arguments=[*DIAGNOSIS, *settings], where=_settings(task, settings) + known,
        right=[REFERENCE[f"diagnosis, {task}"].tolist()[-9:]],
    )  # fmt: skip
    return [run, diagnosis, replace(run, again=True)]


def _settings(task: str, settings: tuple) -> str:
    values = [f"{name} = {value}" for name, value in zip(ARGUMENTS[task][3:], settings)]
    return f"on {len(ROWS)} data points with {', '.join(values)}"


def _outputs(task: str, numbers: int = 99) -> tuple[str, ...]:
    """Return the names of the numbers that a function returns."""
    if task in LOOPS:
        return (WEIGHTS + tuple(f"losses[{i}]" for i in range(numbers - 9)))[:numbers]
    several = {"forward_propagation": FORWARD_KEYS, "backward_propagation": BACKWARD_KEYS}
    return several.get(task, ("sigmoid" if task == "sigmoid" else "ratio",))


def judge(experiments: Iterable[Experiment], outcomes: Iterable[Outcome]) -> GraderError | None:
    """Return what is wrong with the first outcome that is not right; None if all are."""
    for experiment, outcome in zip(experiments, outcomes):
        fault = _fault(experiment, outcome)
        if fault:
            fault.experiment, fault.outcome = experiment, outcome
            return fault
    return None


def _fault(experiment: Experiment, outcome: Outcome) -> GraderError | None:
    task = experiment.task
    if outcome.raised:
        return _raised(experiment, outcome.raised)
    if outcome.result is None:
        sentence = f"{task} returned None: it is not written yet, or did you forget `return`?"
        return GraderError(sentence, "not-attempted")
    if outcome.changed:
        sentence = f"{task} changes its argument {outcome.changed[0]}; work on a copy and leave "
        return GraderError(f"{sentence}{outcome.changed[0]} alone.", "changes-argument")
    values = _values(task, outcome.result)
    return _malformed(experiment, outcome, values) or _different(experiment, outcome, values)


def _values(task: str, result: Any) -> dict[str, Any]:
    """Return the numbers in plain data by their names, as far as they are there."""
    if task in LOOPS:
        pair = result if isinstance(result, list) and len(result) == 2 else ([], [])
        w, losses = (item if isinstance(item, list) else [] for item in pair)
        values = dict(zip(WEIGHTS, w)) if len(w) == 9 else {}
        return values | {f"losses[{i}]": loss for i, loss in enumerate(losses)}
    if task in ("sigmoid", "gradient_checking"):
        return {_outputs(task)[0]: result}
    if not isinstance(result, dict):
        return {}
    slope = next((key for key in DY_PR if key in result), "dy_pr")
    return {name: result[key] for name in _outputs(task)
            if (key := slope if name == "dy_pr" else name) in result}  # fmt: skip


def _wrong(experiment: Experiment, outcome: Outcome) -> set[str]:
    """Return the names of the numbers that are wrong or missing, and "arguments" if these changed."""
    values = {} if outcome.raised else _values(experiment.task, outcome.result)
    wrong = {"arguments"} if outcome.changed else set()
    low, high = experiment.bounds
    for name in _outputs(experiment.task)[:1] if not experiment.right else ():
        value = values.get(name)
        wrong |= set() if isinstance(value, float) and low <= value <= high else {name}
    rest = [
        {
            name
            for name, right in zip(_outputs(experiment.task, len(rights)), rights)
            if not _close(values.get(name), right, experiment.rtol)
        }
        for rights in experiment.right
    ]
    if experiment.task in LOOPS and experiment.right and len(experiment.right[0]) > 9:
        extra = [name for name in values if name not in _outputs(experiment.task, len(experiment.right[0]))]
        wrong |= {"losses"} if extra else set()
    return wrong | min(rest, key=len, default=set())


def _close(got: Any, right: float, rtol: float = RTOL) -> bool:
    """Tell whether a piece of plain data is this number."""
    return isinstance(got, float) and math.isclose(got, right, rel_tol=rtol, abs_tol=ATOL_SIGMOID)


def _malformed(experiment: Experiment, outcome: Outcome, values: dict) -> GraderError | None:
    """Say what is wrong with the form of a result."""
    task, result = experiment.task, outcome.result
    wanted = _outputs(task, len(experiment.right[0]) if experiment.right else 1)
    if task in LOOPS:
        fault = _no_pair(task, result)
        if fault:
            return fault
    elif len(wanted) > 1 and not isinstance(result, dict):
        keys = ", ".join(map(repr, wanted))
        sentence = f"{task} returned {_kind(result)}; it must return a dict with the keys {keys}."
        return GraderError(sentence, "wrong-type")
    elif missing := [repr(key) for key in wanted if key not in values]:
        sentence = f"{task} returned a dict without {', '.join(missing)}: it is {_kind(result)}."
        return GraderError(sentence, "missing-key")
    for name in values:
        what = f"{task}'s {name}" if len(wanted) > 1 else f"{task}'s result"
        if fault := _no_number(what, values[name]):
            fault.details = f"{experiment.where}" if fault.cause == "not-finite" else ""
            return fault
    return None


def _no_number(what: str, value: Any) -> GraderError | None:
    if not isinstance(value, float):
        return GraderError(f"{what} is {_kind(value)}; it must be one number.", "wrong-type")
    if not math.isfinite(value):
        return GraderError(f"{what} is {value}, not a finite number.", "not-finite")
    return None


def _no_pair(task: str, result: Any) -> GraderError | None:
    wanted, pair = f"{task} must return the pair (w, losses)", isinstance(result, list)
    if not pair or len(result) != 2:
        return GraderError(f"{wanted}; it returned {_kind(result)}.", "not-a-pair")
    for name, item in zip(("w", "losses"), result):
        if not isinstance(item, list):
            sentence = f"{wanted}; its {name} is {_kind(item)}, not a list or array of numbers."
            return GraderError(sentence, "not-a-pair")
    if len(result[0]) != 9:
        sentence = f"{wanted}; the first has {len(result[0])} numbers, not nine."
        return GraderError(sentence, "not-a-pair")
    return None


def _different(experiment: Experiment, outcome: Outcome, values: dict) -> GraderError | None:
    """Say which numbers are wrong, with a table of them."""
    task, wrong = experiment.task, _wrong(experiment, outcome)
    if not wrong:
        return None
    if experiment.spoil or not experiment.right:
        return _no_alarm(experiment, outcome, values["ratio"])
    if experiment.again:
        sentence = f"{task} is right when called once, but not when called again: is something kept "
        return GraderError(f"{sentence}in a global variable, or in a default argument?", "outlives-the-call")
    names = _outputs(task, len(experiment.right[0]))
    rights = min(experiment.right, key=lambda r: sum(not _close(values.get(n), v, experiment.rtol)
                                                     for n, v in zip(names, r)))  # fmt: skip
    rows = [(name, values[name], right) for name, right in zip(names, rights)
            if name in wrong and name in values]  # fmt: skip
    if task in LOOPS:
        sentence = "the weights are right, but the losses are not."
        if wrong & set(WEIGHTS):
            sentence = f"{task} does not reach the right weights."
        elif len(values) != len(names):
            sentence = f"losses must have one number for each epoch ({len(names) - 9} here, not "
            sentence += f"{len(values) - 9})."
            return GraderError(sentence, "losses-count", experiment.where)
    else:
        listed = ", ".join(name for name in names if name in wrong)
        listed = "gradient_checking" if task == "gradient_checking" else listed
        sentence = f"{listed} {'is' if len(wrong) == 1 else 'are'} not right yet."
    return GraderError(sentence, None, f"{experiment.where}:\n{_table(rows)}")


def _no_alarm(experiment: Experiment, outcome: Outcome, ratio: float) -> GraderError:
    """Say what is wrong with a gradient check whose value for an eps is known."""
    if not experiment.spoil:
        eps = experiment.arguments[-1]
        sentence = f"gradient_checking gives {ratio:.3g} for right gradients and eps = {eps}; "
        return GraderError(f"{sentence}it must be between 0 and {CHECK_SMALL}.", None, experiment.where)
    if not outcome.heard:
        sentence = "gradient_checking does not call backward_propagation by its name."
        return GraderError(sentence, "backward-not-called")
    if experiment.right:
        sentence = f"{experiment.where} the ratio is {ratio:.3g}; it must be 1."
        return GraderError(sentence, "denominator")
    sentence = f"gradient_checking does not notice a wrong dw{experiment.spoil[0] + 1}: where it "
    sentence += f"{experiment.how}, the ratio is {ratio:.3g}; it must be above {CHECK_LARGE}."
    return GraderError(sentence, "never-rings")


def _table(rows: list[tuple[str, float, float]], most: int = 3) -> str:
    """Return a table of (name, got, expected), cut after `most` rows."""
    lines = [f"  {'':10}{'got':>18}{'expected':>18}"]
    lines += [f"  {name:10}{got:>18.10g}{right:>18.10g}" for name, got, right in rows[:most]]
    if len(rows) > most:
        lines[-1] += f"   ... and {len(rows) - most} more"
    return "\n".join(lines)


def _verdict(student: Student) -> tuple[GraderError | None, str]:
    """Return what is wrong, or None and the line to print."""
    task = student.task
    own, *others = judgements(task)
    fault = judge(own, (perform(e, student) for e in own))
    if not fault:
        many = f" at {len(own)} points" if task not in LOOPS + ("gradient_checking",) else ""
        return None, f"{task} is right{many}."
    for known in others:
        found = judge(known, (perform(e, student) for e in known))
        if not found:
            return None, f"{task} is right. {_with_your_own(student, fault)}"
        fault = found if found.outcome.forward or found.outcome.backward else fault
    return fault, ""


def _with_your_own(student: Student, fault: GraderError) -> str:
    """Say what a check or a loop that is right gives with the student's own two passes."""
    head = "It was judged with known functions in place of your two passes; with yours"
    if student.task == "gradient_checking" and fault.cause != "raised":
        backward, wrong = student.namespace.get("backward_propagation"), set()
        if callable(backward):
            passes = judgements("backward_propagation")[0]
            own = Student("backward_propagation", backward)
            wrong = set().union(*(_wrong(e, perform(e, own)) for e in passes))
        names = ", ".join(name for name in BACKWARD_KEYS if name in wrong)
        if names:
            return f"{head} it rings, as it should: {names} of yours and the differences disagree."
    return f"{head}: {fault.sentence.rstrip('.')}."


def _verdict_at_2(sigmoid: Any) -> tuple[GraderError | None, str]:
    if not callable(sigmoid):
        return GraderError("sigmoid is not defined yet.", "not-attempted"), ""
    student, first = Student("sigmoid", sigmoid), judgements("sigmoid")[0][:1]
    fault = judge(first, [perform(first[0], student)])
    return fault and explain(student, fault), "sigmoid is right at z = 2."


def _verdict_of_result(task: str, work: Any) -> tuple[GraderError | None, str]:
    """Judge what a function returned at the original's reference point, in place of the function."""
    plain = _plain(work)
    if task == "gradient_checking" and plain is not None:
        numbers = plain if isinstance(plain, list) else [plain]
        for value in numbers or ["an empty list"]:
            if fault := _no_number("the result", value):
                return fault, ""
            if not 0 <= value <= CHECK_LARGE:
                sentence = f"the result is {value:.6g}; it must lie between 0 and {CHECK_LARGE}."
                return GraderError(sentence), ""
        return None, f"the result lies between 0 and {CHECK_LARGE}."
    if task in LOOPS or task == "sigmoid":
        grader = STAGES[task].__name__
        sentence = f"{grader} takes the function itself: {grader}({task})."
        return GraderError(sentence, "wrong-type"), ""
    first = judgements(task)[0][:1]
    return judge(first, [Outcome(plain)]), f"{task} is right at the reference point."


# ---------------------------------------------------------------------------------------
# Performing: the only place that runs a student's code, and that catches what it raises
# ---------------------------------------------------------------------------------------

INTERRUPTED: set[int] = set()  # functions that had to be interrupted, by their id


class Student:
    """A student's function, and the notebook in which it finds the other functions.

    Attributes:
        task: which of the seven functions it is.
        function: what is called; any callable.
        namespace: the globals that it reads.
        shapes: what the student's own passes return, by call: known results are dressed like these.
    """

    def __init__(self, task: str, function: Callable):
        self.task, self.function, self.namespace = task, function, _globals_of(function)
        self.shapes: dict[tuple, Any] = {}

    def own_result(self, name: str, *arguments: Any) -> Any:
        """Return what the student's own pass returns, as it is; None if it raises or never ends."""
        function, key = self.namespace.get(name), (name, *map(str, arguments))
        if key not in self.shapes and id(function) not in INTERRUPTED:
            self.shapes[key] = None
            try:
                self.shapes[key] = function(*map(_given, arguments))
            except KeyboardInterrupt:
                INTERRUPTED.add(id(function))
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
    outcome, backward = Outcome(), student.namespace.get("backward_propagation")
    arguments = _arguments(experiment, student)
    before = [copy.copy(a) if isinstance(a, (dict, np.ndarray)) else a for a in arguments]
    result = None
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


def _given(argument: Any) -> Any:
    return np.array(argument, dtype=float) if isinstance(argument, (list, tuple)) else argument


def _arguments(experiment: Experiment, student: Student) -> list:
    """Return the arguments as a student's function gets them."""
    if experiment.task != "backward_propagation":
        return [_given(argument) for argument in experiment.arguments]
    x, y, w, values = experiment.arguments
    own = student.own_result("forward_propagation", x, y, w)
    return [_given(x), _given(w), _dressed_as(own, dict(zip(FORWARD_KEYS, values)))]


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
    """Swallow what a student's code prints, warns, displays or plots; undo what it sets in NumPy."""
    sink, figures, state = io.StringIO(), _figures(), np.random.get_state()  # noqa: NPY002
    handlers, disabled = logging.root.handlers[:], logging.root.manager.disable
    logging.disable()
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(sink))
        if "IPython" in sys.modules:
            from IPython.utils.capture import capture_output

            stack.enter_context(capture_output(stdout=False, stderr=False, display=True))
        try:
            yield
        finally:
            logging.disable(disabled)
            logging.root.handlers[:] = handlers
            np.random.set_state(state)  # noqa: NPY002
            for number in _figures() - figures:
                sys.modules["matplotlib.pyplot"].close(number)


def _figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


def _plain(value: Any, depth: int = 4) -> Any:
    """Return what a student's function returned as plain data, which has no surprises.

    A number, or an array of one, becomes a float; lists, tuples and larger arrays become lists;
    dictionaries stay; None stays; anything else becomes a str that describes it.
    """
    if value is None or type(value) is float:
        return value
    try:
        if depth and isinstance(value, Mapping):
            keys = {key: key if isinstance(key, str) else str(key) for key in value}
            return {keys[key]: _plain(item, depth - 1) for key, item in value.items()}
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


def _frames_of(namespace: dict, error: BaseException) -> list[tuple[types.FrameType, int]]:
    """Return the frames (and lines) of a traceback that belong to a notebook."""
    walk = traceback.walk_tb(error.__traceback__)
    return [(frame, number) for frame, number in walk if frame.f_globals is namespace]


def _what_was_raised(student: Student, error: BaseException) -> dict[str, Any]:
    """Return what was raised, and in which of the student's functions and lines, as plain data."""
    frames = _frames_of(student.namespace, error)
    raised = {"type": type(error).__name__, "text": "", "function": "", "line": 0, "code": "",
              "deeper": False, "below": False, "name": str(getattr(error, "name", None) or "")}  # fmt: skip
    with contextlib.suppress(Exception):
        raised["text"] = _one_line(str(error))
    if not frames:
        return raised
    frame, number = frames[-1]
    code = linecache.getline(frame.f_code.co_filename, number)
    last = list(traceback.walk_tb(error.__traceback__))[-1][0]
    named = [f.f_code.co_name for f, _ in frames if not f.f_code.co_name.startswith("<")]
    raised |= {"function": named[-1] if named else student.task, "line": number}
    raised |= {"code": code.strip(), "deeper": last is not frame, "task": len(named) < 2}
    with contextlib.suppress(Exception):  # is there code below a forgotten `raise`?
        source = inspect.getsource(frame.f_code).splitlines()[number - frame.f_code.co_firstlineno + 1 :]
        raised["below"] = any(line.strip() and line.strip()[0] != "#" for line in source)
    return raised


def _raised(experiment: Experiment, raised: dict[str, Any]) -> GraderError:
    """Say what a student's function raised, in which function of theirs and in which line."""
    task, name, kind = experiment.task, raised["function"], raised["type"]
    what = f"{kind}: {raised['text']}" if raised["text"] else kind
    call = f"{task}({', '.join(ARGUMENTS[task])})"
    if not name and kind == "TypeError":
        return GraderError(f"{task} cannot be called as {call}: {what}", "wrong-signature")
    name = name or task
    calling = "" if raised.get("task", True) else f" ({task} calls it)"
    number, shown = raised["line"], f"  {name}, line {raised['line']}\n    {raised['code']}"
    if kind == "NotImplementedError" and not raised["deeper"]:
        sentence = f"{name} is not written yet{calling}: line {number} raises NotImplementedError."
        if raised["below"]:
            sentence = f"{name} stops at line {number}{calling}, `raise NotImplementedError()`, and what "
            sentence += "stands below never runs: delete that line."
        return GraderError(sentence, "not-attempted")
    sentence = f"{name} raised an error{calling}: {what}"
    if kind == "UnboundLocalError" and f"'{name}'" in raised["text"] + raised["name"].join("''"):
        sentence = f"{name} has a variable of its own name, which hides the function: choose another "
        sentence += "name for the variable."
    elif kind == "UnboundLocalError" and raised["name"] in STAGES:
        sentence = f"{name} has a variable named {raised['name']}, which hides the function of that "
        sentence += "name: choose another name for the variable."
    elif kind == "NameError":
        sentence = f"{name} uses the name {raised['name'] or '?'}, which this kernel does not know"
        sentence += f"{calling}. Is it spelt right? After a restart of the kernel, run all cells above."
    details = f"{shown}\n{experiment.where}" if raised["line"] else experiment.where
    error = GraderError(sentence, "raised", details)
    error.line = (name, raised["code"]) if raised["line"] else None
    return error


# Known functions with which a check or a loop is judged, and tricks with the notebook's globals


@contextlib.contextmanager
def _in_place(namespace: dict[str, Any], functions: dict[str, Callable]) -> Iterator[None]:
    """Put functions in place of a student's globals, and the student's back afterwards."""
    own = {name: namespace[name] for name in functions if name in namespace}
    aliases = {  # whatever other names the student gave them
        alias: functions[name]
        for alias, value in namespace.items()
        for name in own
        if value is own[name] and callable(value)
    }
    own |= {alias: namespace[alias] for alias in aliases}
    namespace.update(functions | aliases)
    try:
        yield
    finally:
        for name in functions:
            namespace.pop(name, None)
        namespace.update(own)


class _LeftThePath(BaseException):
    """A run that is only tried out has left the path on which it would be right."""


class _StandIns:
    """A forward and a backward pass with known values, which record the weights they are given.

    They belong to another, smaller model, which is not symmetric in its weights: y_hat = sum of
    k_i (w_i + w_i^2 / 2), where k_i depends on x. They take their arguments in any calling style,
    as x, w, y and the dictionary cannot be mistaken for each other, and dress their results like
    the student's own functions.
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
        dy_pr = forward_dict[next(key for key in DY_PR if key in forward_dict)] + stale
        values = [dy_pr * k * (1 + v) for k, v in zip(_stand_in_factors(x), w)]
        return _dressed_as(self._own_backward, dict(zip(BACKWARD_KEYS, values)))

    def _record(self, calls: list, *call: Any) -> bool:
        """Write down a call; return whether it differs from the one before."""
        new = not calls or calls[-1] != list(call)
        if len(calls) < 2000:  # more tell nothing
            calls.append(list(call))
        return new


def _sorted_out(task: str, kinds: tuple, args: tuple, kwargs: dict[str, Any]) -> list:
    """Return the arguments in order; those given by name are told apart by what they are."""

    def kind(argument: Any) -> Any:
        return len(argument) if isinstance(argument, list) else type(argument)

    given = [_plain(argument) for argument in args]
    named = {kind(argument): argument for argument in map(_plain, kwargs.values())}
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
        keys = [key if key in gradients else list(gradients)[k] for k, key in enumerate(BACKWARD_KEYS)]
        return {**gradients, **{keys[k]: make(gradients[keys[k]]) for k in experiment.spoil}}

    wrong.__name__ = wrong.__qualname__ = "backward_propagation"
    return wrong


def _dressed_as(own: Any, values: dict[str, float]) -> dict:
    """Return `values` in the key order, with the further keys and in the number form of `own`.

    `own` is what a student's function returned. Where it is of no use, the numbers are NumPy's,
    which do all that floats do, and 'dy_pr' has all its names.
    """
    plain = {key: np.float64(value) for key, value in values.items()}
    if "dy_pr" in plain:
        plain |= dict.fromkeys(DY_PR, plain["dy_pr"])
    try:
        found = [key for key in values if key != "dy_pr" and key in own]
        slope = next((key for key in DY_PR if key in own), "dy_pr")
        names = {key: slope if key == "dy_pr" else key for key in values}
        result = copy.copy(own) if len(found) == len(values) - ("dy_pr" in values) and (
            "dy_pr" not in values or slope in own) else {**plain, **own}  # fmt: skip
        form = own[found[0]] if found else 0.5
        for key, value in values.items():
            result[names[key]] = _in_form(own[names[key]] if names[key] in own else form, value)
        return result
    except Exception:  # noqa: BLE001 - own may be any object
        return plain


def _in_form(form: Any, value: float) -> Any:
    if isinstance(form, np.ndarray) and form.size == 1:
        return np.full(form.shape, value)
    return float(value) if type(form) is float else np.float64(value)


# ---------------------------------------------------------------------------------------
# Explaining
# ---------------------------------------------------------------------------------------


def explain(student: Student, fault: GraderError) -> GraderError:
    return fault


def _words_of_update(*a): return {}


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
points:
-1.287909498957745 -0.12001341619804987 -1.4590003802772022 -0.6666082090210984
-0.14421743255530314 1.858849127371369 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1
 1.17  1.35 -1.80  1.33  1.42 -0.30  1.45 -1.58 -1.04  1.63  0.23 -0.79  1.02 -1.25  0.37
-1.17  1.32 -0.67 -0.36  0.74 -1.71  1.09  0.59 -0.93  0.24 -1.91 -1.28 -1.55  0.60  1.16
-0.79  0.93  1.53 -1.42 -0.74 -0.30 -1.55 -0.98 -1.57  0.27 -1.06 -1.30 -1.83  1.54  1.26
-1.90 -1.00 -1.10  0.24 -1.55  1.80  0.52 -1.66  1.08 -0.75 -0.85 -1.38  1.42  1.72 -0.84
 1.73 -0.19  1.16 -1.03 -0.33 -0.24 -0.21  0.65 -1.87  1.83 -0.68 -1.28 -1.76 -1.26 -0.98
sigmoid:
.8807970779778824 9.357622968839299e-14 .01098694263059318 .3318122278318339 .5 .7310585786300049
.9999038975845005 .9999999999999064
forward_propagation:
1.1272967040973583 .8417934192562146 .5279179387419721 .9298048963072919 -1.9285278284819143
.5491038188375725 .9168830942489086 .7562442723688184 2.240091358183522 2.9933869500507426
.35576397840794943 -.8318880091059027 .43162693457211077 1.901087330430369 2.7575984699954916
.3006019273521556 -.9103215313762364 .7807018016003044 .13939973460487082 .7467254772802943
.3951791786889592 .9483555552862152 .6603440822707434 1.9777738395900297 -2.8126669476424184
.35238682926797776 -.8869862047414598 .5279619798964414 1.3558016153313 -2.328777890079945
backward_propagation:
-.22973323498702003 -.02140761471775293 -.005625405580266319 -.004657941222712424 -.0010077228498574248
-.6334751873437472 -.5619418428540331 -.04806288407316517 -1.0181044360187037
-.26748684284844504 -.3086386648251289 .2719637488533936 .2593148988844767 .27686252362102015
.2618799922151191 .47692254766959546 .2041651032904188 2.2637317359594404
.35101503911327936 -.3960169672047255 .6403751203290743 -.16486012678166959 .3388791494956542
.30212774818023547 .8492364784435538 .7847494962057404 1.1902537743848969
-.019023373669648 .022394604446547645 -.07301644058792835 .15415018306496697 .08033178554089829
.038454519059401886 .12792505822609834 .16108376049914583 .582969925413573
.2855992482926031 .15031539383821216 -.2476624791101827 -.11797505595154018 .7619222363536969
-.11184181089152691 -.2830154444436362 .5299160476061086 -1.8573279742741857
.2947641011577284 -.03237293596529965 .6171476640270469 .4840331080079008 .1550785685850556
-.17500397853489844 -.49662462952556624 .5687661922379571 -1.2295061855856653
check on graph:
3.778e-7 1.3657e-7 8.565e-7 1.7628e-7 9.3964e-8 9.0911e-7
check on stand-ins:
1.1317e-7 5.6458e-8 2.0996e-7 4.5891e-7 8.9264e-8 1.5655e-7
graph, train_vanilla:
-.1130936174 .02391330868 .8991321342 1.6532586 1.195149843 -1.219843598 -.5899449742 .5936108669
1.854494151 1.70103242 2.176603042 1.154191614
graph, train_momentum:
-2.686794782 1.452992019 2.945391764 1.459905942 2.801592098 -1.1507998 .7936543333 -1.379598302
-1.432347116 1.618501532 2.068922746 .4661611709
graph, train_adam outside:
-.462332829 .7597298449 1.793465928 2.129525969 2.094053615 -.96881428 -.2360796729 -.658530255
.1638950866 1.523324703 2.034517574 .7150942026
graph, train_adam inside:
.5478126179 .5076970529 1.830811652 2.118689746 2.069855294 -1.419933305 -.4542251144 -.6080403413
.3083598125 1.523934329 1.665757162 1.094091633
graph, train_adam folded:
.5272186644 .4423450555 1.752428156 2.088393498 2.010365642 -1.300923154 -.377651864 -.5454063509
.3078378856 1.541979436 1.655840853 .9949132882
stand-ins, train_vanilla:
-1.581365159 -1.512894254 -1.003509584 -.6248602445 .7691294403 .3561074146 -.2189454938 -.2976685841
1.497117238 1.756869173 3.246900968 1.854754047
stand-ins, train_momentum:
1.019972876 -1.574115338 -1.867761231 -.5855474298 -.2682050392 1.433183523 -.07322490023 -.4393540274
1.451787919 1.156860809 2.36081665 2.099678549
stand-ins, train_adam outside:
.6005048269 -.3570779107 .3028578711 .5673175965 .3268435855 .4371061762 .3939014266 .7023111034
.8067934668 1.131773893 2.47761662 .4373560662
stand-ins, train_adam inside:
.5991033939 -.3571853553 .3021795236 .5637948491 .32039217 .4338063217 .3927110961 .7014220464
.7966790573 1.148076345 2.526064783 .4479193091
stand-ins, train_adam folded:
.614789462 -.3686137109 .2843512894 .5843780366 .3479294112 .4384243608 .3797638751 .6980084582
.8081184848 1.067933327 2.284326066 .4069786172
diagnosis, train_vanilla:
.7855341512 .6783624593 .8732980833 1.105726236 1.030861426 .7176694763 .8095550151 1.28371649
1.410990298
.7087063017 .6050349639 .8363717375 1.086211302 .9977004033 .68071559 .7744175548 1.266835306
1.404606302
.6563306331 .5529100893 .7491595688 1.005751354 .9632853541 .6549567447 .7488061245 1.226464472
1.378109261
.5666679333 .4656126499 .6326206893 .9193529557 .8858923085 .6101625814 .7051128753 1.170837112
1.348841307
.5115749773 .4132804604 .6063190181 .9048154919 .8607252117 .5818513437 .6780533412 1.157722467
1.343758315
.474291601 .3763476582 .5449326885 .8457004847 .8349309169 .5623429635 .6585635516 1.126800528
1.322976206
diagnosis, train_momentum:
.8623717791 .7535839111 .9742706071 1.176739816 1.093226325 .7532869184 .8440950065 1.327307067
1.433281556
.7851949713 .6788737617 .9033702889 1.130184271 1.044772741 .7172480647 .8095007522 1.296513728
1.418616834
.7061771119 .6016727119 .8124515423 1.060069742 .9947653577 .6799994744 .7733551611 1.256277121
1.396178179
.6090167572 .5068363829 .6940952211 .9707832056 .9241319284 .6333225675 .7279783796 1.202569819
1.367109352
.5156128827 .416305985 .5989983175 .901584039 .863165625 .5877611366 .6839086494 1.159003395 1.344462407
.4342110219 .3370745816 .5062454308 .8278559542 .8094214843 .5474772781 .6446790375 1.11524853
1.319701433
diagnosis, train_adam:
.87 .76 1.0 1.18 1.09 .73 .82 1.31 1.4
.8219722251 .7121344333 .9596386898 1.141634386 1.04709124 .6819862215 .772128223 1.26961588 1.361622754
.776372262 .6664898637 .9165803198 1.098404785 1.005849807 .6364189133 .7264694121 1.226506634
1.318368649
.7289679438 .6190599763 .8705309387 1.052421012 .9607416019 .589051899 .6790234153 1.180405125
1.272355463
.6825053171 .572707394 .829484931 1.012571214 .9188371465 .5426476565 .6326455343 1.139287793
1.232468414
.6383843887 .5285827279 .7877569143 .9706389001 .8788296616 .4986091078 .588485036 1.097443927
1.190471434
"""


def _read(numbers: str) -> dict[str, np.ndarray]:
    blocks = re.split(r"^([a-z].*):", numbers, flags=re.MULTILINE)[1:]
    texts = zip(blocks[::2], blocks[1::2])
    return {title: np.array(text.split(), dtype=float) for title, text in texts}


REFERENCE = _read(NUMBERS)
POINTS = [(p[:5], p[5], p[6:]) for p in REFERENCE["points"].reshape(-1, 15).tolist()]
FORWARD_VALUES = REFERENCE["forward_propagation"].reshape(-1, 5).tolist()
SIGMOID_Z = (2, -30.0, -4.5, -0.7, 0.0, 1, 9.25, 30.0)  # the first is the original's

# The loops are judged on three data points from START, with settings that are nobody's defaults
ROWS = [x for x, _, _ in POINTS[1:4]]
TARGETS = {"graph": [-0.71, 1.29, -0.12], "stand-ins": [1.77, -0.97, -1.38]}
START = [0.42, -0.31, 0.55, 0.73, 0.64, 0.28, 0.37, 0.86, 0.95]
DIAGNOSIS = (
    [[abs(v) / 4 for v in row] for row in ROWS],
    [-0.23, -0.31, -0.16],
    [abs(v) + 0.5 for v in START],
)
SETTINGS = {  # from epochs on, as in ARGUMENTS
    "graph": {
        "train_vanilla": (EPOCHS, 0.6),
        "train_momentum": (EPOCHS, 0.4, 0.7),
        "train_adam": (EPOCHS, 0.4, 0.8, 0.93, 0.02),
    },
    "stand-ins": {
        "train_vanilla": (EPOCHS, 0.5),
        "train_momentum": (EPOCHS, 0.2, 0.7),
        "train_adam": (EPOCHS, 0.4, 0.8, 0.93, 0.02),
    },
    "diagnosis": {
        "train_vanilla": (2, 0.14),
        "train_momentum": (2, 0.06, 0.7),
        "train_adam": (2, 0.05, 0.8, 0.93, 0.0),
    },
}
