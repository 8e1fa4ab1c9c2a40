"""Grades one notebook: the only module here that knows what `graders.py` exchanges.

The kernel gets experiments and returns what they gave; they are compared with the expected numbers in
this process, which no notebook reaches. What a refusal means is asked in the kernel afterwards,
when points are no longer at stake.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import inspect
import itertools
import json
import re
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cells import DEFINED, WHOLE, WITHOUT_LOOPS, definitions, error_in, run_cells
from points import experiments_like
from processes import stopped
from reading import read
from report import STAGE_POINTS, empty_row, printable
from sandbox import MOST_ANSWER, ROOT, Kernel, Sandbox, Stopped

import graders  # isort: skip - found by `isolation`
from graders import STAGES, Experiment, GraderError, Outcome, judge, judgements  # isort: skip

Points = dict[str, list[list[Experiment]]]  # for each task, its judgements at random points
KNOWN_POINTS_ONLY = "right at the known points, wrong at random ones: are numbers hard-coded?"
OURS = {"known-points-only", "timeout", "output", "memory", "disk", "kernel-died", "raised"}
OUTPUTS = {"forward_propagation": "values", "backward_propagation": "gradients"}

# ------------------------------------------------------------ source that is sent to the kernel


def serve(namespace: dict[str, Any], request: str) -> str:
    """Answer a request. The text of this function is sent to the kernel, and runs over there."""
    task, asked = json.loads(request)
    function = namespace.get(task)
    if not callable(function):
        return json.dumps({"missing": task})
    with graders.quiet():
        student = graders.Student(task, function)
        if "fault" in asked:  # what came back, and was judged at home
            fault = GraderError(*asked["fault"])
            fault.experiment = Experiment(**asked["experiment"])
            fault.outcome = Outcome(**asked["outcome"])
            fault = graders.explain(student, fault)
            fault.stage = asked["stage"]
            return json.dumps({"message": str(fault), "cause": fault.cause})
        experiments = [Experiment(**fields) for fields in asked["experiments"]]
        outcomes = [graders.perform(experiment, student) for experiment in experiments]
        return json.dumps({"outcomes": [dataclasses.asdict(outcome) for outcome in outcomes]})


# This text runs in the kernel, with `name`, `source` of graders.py, `serve` and `notebook`
LOAD = """
import sys, types
module = types.ModuleType(name)
sys.modules[name] = notebook[name] = module
exec(source, vars(module))
vars(module).update(graders=module, notebook=notebook)
exec("import dataclasses, json\\n" + serve, vars(module))
"""


class Examined(Kernel):
    """A kernel into which our graders are brought, under a name that nobody can guess."""

    def load_graders(self) -> bool:
        """Bring our own code into the kernel, whatever the notebook has made of names like `exec`.

        Returns whether that succeeded.
        """
        source = (ROOT / "graders.py").read_text(encoding="utf-8")
        given = {"name": self.mark, "source": source, "serve": inspect.getsource(serve)}
        code = f"import builtins as {self.mark}\n"
        code += f"{self.mark}.exec({LOAD!r}, {given!r} | {{'notebook': {self.mark}.globals()}})"
        for _ in range(2):
            with contextlib.suppress(Stopped, LookupError, TypeError):
                reply = self.run(code, f"{self.mark}.__name__", "judging")
                if self.mark in reply["user_expressions"]["answer"]["data"]["text/plain"]:
                    return True
        return False

    def ask(self, task: str, asked: dict[str, Any], budget: str) -> Any:
        """Send a request to `serve`; return the answer, which may be any JSON."""
        request = json.dumps([task, asked])
        reply = self.run("pass", f"{self.mark}.serve({self.mark}.notebook, {request!r})", budget)
        try:
            text = reply["user_expressions"]["answer"]["data"]["text/plain"]
            if len(text) > MOST_ANSWER or text[0] not in "'\"":  # of a str, and nothing else
                raise ValueError
            return json.loads(ast.literal_eval(text))
        except (LookupError, TypeError, ValueError, SyntaxError, RecursionError, MemoryError):
            raise Stopped(f"{task} gave no answer.", "raised") from None

    def perform(self, task: str, experiments: list[Experiment]) -> list[Outcome]:
        """Perform experiments with the notebook's function; return what it says they gave."""
        # the expected numbers stay here
        unsolved = [dataclasses.replace(experiment, right=[]) for experiment in experiments]
        asked = {"experiments": list(map(dataclasses.asdict, unsolved))}
        answer = self.ask(task, asked, "judging")
        if answer == {"missing": task}:
            raise Stopped("it is not defined.", "not-attempted")
        try:
            outcomes = [Outcome(**fields) for fields in answer["outcomes"]]
        except (LookupError, TypeError):
            outcomes = []
        if len(outcomes) != len(experiments):
            raise Stopped(f"{task} gave no answer.", "raised")
        return outcomes


# ------------------------------------------------------------------------------------ judging


@dataclass(frozen=True)
class Refusal:
    """Why a stage gets no points."""

    task: str
    cause: str | None  # a short code; None when the mistake is not recognised
    sentence: str
    found: GraderError | None = None  # what `judge` found in an outcome; None if there was none

    @property
    def message(self) -> str:
        """The text that a student reads."""
        error = self.found or GraderError(self.sentence, self.cause)
        error.stage = STAGES[self.task].__name__
        return str(error)


def find_fault(kernel: Examined, task: str, fresh: list[list[Experiment]]) -> Refusal | None:
    """Return why a stage gets no points; None when one of its judgements finds no fault.

    The judgements are those of the known points, and each goes on at fresh ones if there are any.
    """
    faults = []
    for known, more in itertools.zip_longest(judgements(task), fresh, fillvalue=[]):
        fault = fault_in(kernel, task, known)
        if not fault and (fault := fault_in(kernel, task, more)) and fault.found:
            fault = Refusal(task, "known-points-only", KNOWN_POINTS_ONLY)
        if not fault:
            return None
        faults.append(fault)
    almost = [fault for fault in faults if fault.cause == "known-points-only"]
    called = [f for f in faults if f.found and calls_known_functions(f.found.outcome)]
    return (almost or called or faults)[0]  # with the grader's own passes, if it called them


def calls_known_functions(outcome: Outcome) -> bool:
    """Return whether the grader's own passes were called."""
    return bool(outcome.forward or outcome.backward)


def fault_in(kernel: Examined, task: str, experiments: list[Experiment]) -> Refusal | None:
    """Return what is wrong with a function in experiments, or None.

    What was stopped may have been the student's other function, whose results are imitated. It is
    known and left alone when asked again.
    """
    imitates = task == "backward_propagation" or any(e.stand_ins for e in experiments)
    fault = None
    for _ in range(1 + imitates if experiments else 0):
        try:
            found = judge(experiments, kernel.perform(task, experiments))
            fault = Refusal(task, found.cause, found.sentence, found) if found else None
        except Stopped as error:
            fault = Refusal(task, error.cause, str(error))
        if not fault or fault.cause not in ("timeout", "output"):
            break
    return fault


# ----------------------------------------------------------------------- explanations, part of it


def explain(kernel: Examined, refusal: Refusal) -> tuple[str | None, str]:
    """Return a cause and a message: the kernel's, where it has any, as a stranger's text."""
    cause, message, fault = refusal.cause, refusal.message, refusal.found
    if fault and fault.outcome:  # something came back, and it was wrong
        with contextlib.suppress(Stopped, LookupError, TypeError):
            asked = {"fault": fault.args, "stage": fault.stage}
            asked |= {k: dataclasses.asdict(getattr(fault, k)) for k in ("experiment", "outcome")}
            told = kernel.ask(refusal.task, asked, "explaining")
            message = str(told["message"])
            if is_known_cause(told["cause"]):
                cause = told["cause"]
    return cause, printable(message, 1500)


def is_known_cause(cause: Any) -> bool:
    """Return whether a kernel's cause is one that graders.py can tell."""
    causes = getattr(graders, "CAUSES", None)
    if causes is not None:
        return isinstance(cause, str) and cause in causes
    return isinstance(cause, str) and bool(re.fullmatch("[a-z0-9-]{1,30}", cause))


def partly_correct(kernel: Examined, task: str, fresh: list[list[Experiment]]) -> tuple[str, float]:
    """Return which part of a refused stage is correct, in words and as a share; ("", 0) if none.

    A number is correct if it is at all points, the fresh ones included.
    """
    best: tuple[str, float] = ("", 0.0)
    for known, more in itertools.zip_longest(judgements(task), fresh, fillvalue=[]):
        experiments = [*known, *more]
        try:
            outcomes = kernel.perform(task, experiments)
        except Stopped:
            continue
        wrong = set().union(*map(graders._wrong, experiments, outcomes))
        found = part_of(task, wrong)
        best = max(best, found, key=lambda part: part[1])
    return best


def part_of(task: str, wrong: set[str]) -> tuple[str, float]:
    """Return the words and the share for a task of which these outputs are wrong."""
    if task in OUTPUTS:
        names = graders.OUTPUTS[task]
        right = [name for name in names if name not in wrong]
        if 0 < len(right) < len(names) and "arguments" not in wrong:
            words = f"{len(right)} of {len(names)} {OUTPUTS[task]} are correct"
            return words, len(right) / len(names)
    elif wrong == {"losses"}:
        return "weights correct, losses not", 0.5
    elif wrong == {"weights"}:
        return "losses correct, weights not", 0.5
    return "", 0.0


# ------------------------------------------------------------------- one notebook, from file to row


@dataclass(frozen=True)
class Measure:
    """What all notebooks of a run are graded with."""

    reference: str  # the digest of the solved notebook; "" if there is none
    seed: int | None  # of the random points; None if there are none
    points: Points
    partial: bool = False  # whether a part of a stage gets a part of its points


def grade(path: Path, measure: Measure, sandbox: Sandbox) -> dict[str, Any]:
    """Run a notebook and grade its functions; return a row of the report."""
    begun, row = time.monotonic(), empty_row(path)
    try:
        notebook = read(path, stopped)
    except ValueError as error:
        return empty_row(path, str(error))
    row["digest"] = notebook["digest"]
    if notebook["digest"] == measure.reference:  # its own numbers are no test of it
        measure = dataclasses.replace(measure, seed=None, points={})
    row["seed"] = measure.seed
    with closing(Examined(sandbox)) as kernel:
        row["cells_raised"] = run_cells(kernel, notebook["cells"])
        bring_graders(kernel, notebook["cells"])
        refusals = find_faults(kernel, notebook["cells"], measure.points)
        for task, refusal in refusals.items():  # all are judged: words can change no points now
            row[task], row["messages"][task] = STAGE_POINTS[task], f"{task} is right."
            if refusal:
                refuse(kernel, refusal, measure, row)
    row["total"] = round(sum(row[task] for task in STAGES), 1)
    return row | {"seconds": round(time.monotonic() - begun, 1)}


def bring_graders(kernel: Examined, sources: list[str], most: int = WHOLE) -> None:
    """Bring in our graders; raise ValueError where that is impossible.

    Where something that the notebook did keeps them out, such as a thread that prints for ever or a
    dead kernel, a part of its cells is run in a new kernel.
    """
    for part in (WHOLE, WITHOUT_LOOPS, DEFINED):
        if part < most:
            continue
        if part > WHOLE:
            kernel.begin_again("definitions")
            run_cells(kernel, sources, part)
        if kernel.load_graders():
            return
    raise ValueError("the notebook changes Python so that no grader can be loaded.")


def find_faults(kernel: Examined, sources: list[str], points: Points) -> dict[str, Refusal | None]:
    """Judge all stages; where a function ends the kernel, the next ones get a new one."""
    found = {}
    for task in STAGES:
        if kernel.dead:
            bring_graders(kernel, sources, WITHOUT_LOOPS)
        found[task] = find_fault(kernel, task, points.get(task, []))
    return found


def refuse(kernel: Examined, refusal: Refusal, measure: Measure, row: dict[str, Any]) -> None:
    """Write into a row what a stage loses, and why."""
    task, share = refusal.task, 0.0
    cause, message = explain(kernel, refusal)
    if refusal.found and refusal.found.outcome and not refusal.found.outcome.raised:
        words, share = partly_correct(kernel, task, measure.points.get(task, []))
        if words:
            row["partial"][task] = words
            message += f"\n{words}."
    row[task] = round(STAGE_POINTS[task] * share, 1) if measure.partial else 0
    row["causes"][task], row["messages"][task] = cause, message


def fresh_points(reference: Path, seed: int, sandbox: Sandbox) -> dict[str, Any]:
    """Return the `digest` of the solved notebook and `points`: `Points`, as plain data.

    Of the reference only imports and definitions are run. Raises ValueError if it is no solution.
    """
    notebook, rng, found = read(reference, stopped), np.random.default_rng(seed), {}
    with closing(Examined(sandbox)) as kernel:
        for part in itertools.chain.from_iterable(map(definitions, notebook["cells"])):
            error_in(kernel, part)
        bring_graders(kernel, notebook["cells"])
        for task in STAGES:
            if refusal := find_fault(kernel, task, []):
                raise ValueError(f"{task}: {refusal.sentence}")
            models = [experiments[0] for experiments in judgements(task)]
            judged = [experiments_like(kernel, model, rng) for model in models]
            found[task] = [list(map(dataclasses.asdict, experiments)) for experiments in judged]
    return {"digest": notebook["digest"], "points": found}


def points_from(plain: dict[str, list]) -> Points:
    """Return the points that `fresh_points` gave as plain data."""
    return {
        task: [[Experiment(**fields) for fields in experiments] for experiments in judged]
        for task, judged in plain.items()
    }
