"""Grades one notebook: the only module here that knows what `graders.py` exchanges.

The kernel gets calls and returns their outcomes; these are compared with the expected numbers in this
process, which no notebook reaches. What a refusal means is asked in the kernel afterwards, when
points are no longer at stake.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import inspect
import itertools
import json
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cells import DEFINED, WHOLE, WITHOUT_LOOPS, definitions, error_in, run_cells
from points import random_tests
from processes import stopped
from reading import read
from report import STAGE_POINTS, empty_row, printable
from sandbox import MORE_CALLS, MOST_ANSWER, PREPARE, ROOT, Kernel, Sandbox, Stopped

import graders  # isort: skip - found by `isolation`
from graders import OWN, TASKS, Call, Expect, Fault, Outcome, Raised, Test  # isort: skip

Points = dict[str, list[list[Test]]]  # for each task, its judgements at random points
KNOWN_POINTS_ONLY = "correct at the stored points, but not at random ones: "
NO_ANSWER = "gave no answer."
MOST_DEPTH = 12  # of lists and dictionaries in an outcome: graders.py makes no deeper ones
OURS = {"known-points-only", "timeout", "output", "memory", "disk", "kernel-died", "raised"}
OUTPUTS = {"forward_propagation": "values", "backward_propagation": "gradients"}

# ------------------------------------------------------------ source that is sent to the kernel


def serve(namespace: dict[str, Any], request: str) -> str:
    """Answer a request. The text of this function is sent to the kernel, and runs over there."""
    task, asked = json.loads(request)
    function = namespace.get(task)
    if not callable(function):
        return json.dumps({"missing": task})
    if asked.get("explain"):
        error = graders.refusal_of(task, function, namespace, asked["avoid"])
        return json.dumps({"message": str(error), "cause": error.cause} if error else {})
    with graders.quiet():
        student = graders.Student(task, function, namespace, asked["avoid"])
        calls = [graders.Call(**fields) for fields in asked["calls"]]
        outcomes, end = [], time.monotonic() + asked["seconds"]
        try:
            while calls and not (outcomes and time.monotonic() > end):
                outcomes.append(graders.perform(calls.pop(0), student))
        except KeyboardInterrupt:  # the function's own: to one of ours nobody reads the answer
            return json.dumps({"interrupts": task})
        return json.dumps({"outcomes": [dataclasses.asdict(outcome) for outcome in outcomes]})


# These texts run in the kernel. This one, before the notebook, keeps what graders rely on
USED = """
ast bisect builtins collections contextlib copy dataclasses functools inspect io itertools json
linecache logging math numpy numpy.random re site textwrap time traceback types typing warnings
zlib IPython.utils.capture IPython.utils.io
"""
KEEP = f"""
import importlib, importlib.util, sys, types
kept = types.ModuleType(mark)
names = [name for name in {USED.split()!r} if importlib.util.find_spec(name)]
kept.modules = [importlib.import_module(name) for name in names]
kept.values = [vars(module).copy() for module in kept.modules]
kept.paths = {{name: getattr(sys, name)[:] for name in ("path", "meta_path", "path_hooks")}}
sys.modules[mark + "_kept"] = kept
"""
# This one puts that back where the notebook has replaced it, with `name`
RESTORE = """
import sys
kept = sys.modules[name + "_kept"]
for module, values in zip(kept.modules, kept.values):
    for key, value in values.items():
        if vars(module).get(key) is not value and key != "_":
            vars(module)[key] = value
    sys.modules[values["__name__"]] = module
for key, value in kept.paths.items():
    now = getattr(sys, key, None)
    now = now if isinstance(now, list) else []
    setattr(sys, key, [*now, *[item for item in value if item not in now]])
sys.modules.pop("matplotlib.pyplot", None)  # what needs it imports it again
"""
# This one has `name`, `source` of graders.py, `serve`, `canary` and `notebook`
LOAD = """
import sys, types
module = types.ModuleType(name)
sys.modules[name] = notebook[name] = module
exec(source, vars(module))
vars(module).update(graders=module, notebook=notebook, canaries={"__name__": "canaries"})
exec("import dataclasses, json\\n" + serve, vars(module))
exec(canary, module.canaries)
"""
# Functions whose calls show whether outcomes get here as they should; they solve nothing
CANARY = """
def sigmoid(z):
    return z

def forward_propagation(x, y, w):
    return {"exp": x[0], "sigmoid": sigmoid(y), "w": w}

def backward_propagation(x, w, found):
    return {"x": x, "w": w, "dy_pr": found.get("dy_pr")}

def gradient_checking(x, y, w, eps):
    return backward_propagation(x, w, forward_propagation(x, y, w))

def train(X, y, w, *settings):
    return w, [len(gradient_checking(x, each, w, 0)) for x, each in zip(X, y)]

train_vanilla = train_momentum = train_adam = train
"""


@functools.cache
def canary_calls() -> dict[str, tuple[list[Call], list[dict[str, Any]]]]:
    """Return, for each task, calls of its canary and the outcomes in this process."""
    canaries: dict[str, Any] = {"__name__": "canaries"}
    exec(CANARY, canaries)
    found = {}
    for task in TASKS:
        calls = [tests[0][0] for tests in graders.judgements(task) if tests[0][0].passes != OWN]
        calls = calls or [graders.judgements(task)[0][0][0]]
        student = graders.Student(task, canaries[task], canaries)
        found[task] = calls, as_json([graders.perform(call, student) for call in calls])
    return found


def as_json(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """Return outcomes as JSON has them."""
    return json.loads(json.dumps(list(map(dataclasses.asdict, outcomes))))


class Examined(Kernel):
    """A kernel into which our graders are brought, under a name that nobody can guess.

    Attributes:
        avoid: functions of the student that never end: the graders do not call them again.
    """

    prepare = PREPARE + KEEP
    avoid: frozenset[str] = frozenset()

    def load_graders(self) -> bool:
        """Bring our own code into the kernel, whatever the notebook has made of names like `exec`.

        Where that fails, what the notebook has replaced in modules is put back. Returns whether
        it succeeded.
        """
        source = (ROOT / "graders.py").read_text(encoding="utf-8")
        given = {"name": self.mark, "source": source, "serve": inspect.getsource(serve)}
        given["canary"] = CANARY
        for code in (LOAD, RESTORE + LOAD):
            code = f"{self.mark}.exec({code!r}, {given!r} | {{'notebook': {self.mark}.globals()}})"
            code = f"import builtins as {self.mark}\n{code}"
            with contextlib.suppress(Stopped, LookupError, TypeError):
                reply = self.run(code, f"{self.mark}.__name__", "judging")
                loaded = self.mark in reply["user_expressions"]["answer"]["data"]["text/plain"]
                if loaded and self.answers():
                    return True
        return False

    def answers(self) -> bool:
        """Return whether calls of our own functions give the same there as here."""
        return all(
            graders.same(as_json(self.perform(task, calls, "canaries")), outcomes)
            for task, (calls, outcomes) in canary_calls().items()
        )

    def ask(
        self, task: str, asked: dict[str, Any], budget: str, namespace: str = "notebook"
    ) -> Any:
        """Send a request to `serve`; return the answer, which may be any JSON."""
        request = json.dumps([task, asked | {"avoid": sorted(self.avoid)}])
        served = f"{self.mark}.serve({self.mark}.{namespace}, {request!r})"
        reply = self.run("pass", served, budget)
        try:
            text = reply["user_expressions"]["answer"]["data"]["text/plain"]
            if len(text) > MOST_ANSWER or text[0] not in "'\"":  # of a str, and nothing else
                raise ValueError
            return json.loads(ast.literal_eval(text))
        except (LookupError, TypeError, ValueError, SyntaxError, RecursionError, MemoryError):
            raise Stopped(f"{task} {NO_ANSWER}", "raised") from None

    def perform(self, task: str, calls: list[Call], namespace: str = "notebook") -> list[Outcome]:
        """Make calls of the notebook's function; return what it says they gave.

        Only calls cross to the kernel: nothing in them is expected of an outcome.
        """
        outcomes: list[Outcome] = []
        while len(outcomes) < len(calls):
            outcomes += self.first_outcomes(task, calls[len(outcomes) :], namespace)
        return outcomes

    def first_outcomes(self, task: str, calls: list[Call], namespace: str) -> list[Outcome]:
        """Return the outcomes of as many of the calls as are made in a short time, at least one."""
        asked = {"calls": list(map(dataclasses.asdict, calls))}
        asked["seconds"] = MORE_CALLS * self.sandbox.timeout
        answer = self.ask(task, asked, "judging", namespace)
        if answer == {"missing": task}:
            if self.left["definitions"] <= 0:
                raise Stopped(
                    "it is not defined: its cell did not run, in all the time.", "timeout"
                )
            raise Stopped("it is not defined.", "not-attempted")
        if answer == {"interrupts": task}:
            raise Stopped("it raises KeyboardInterrupt.", "raised")
        try:
            outcomes = [outcome_from(fields) for fields in answer["outcomes"]]
        except (LookupError, TypeError, ValueError):
            outcomes = []
        if not 0 < len(outcomes) <= len(calls):
            raise Stopped(f"{task} {NO_ANSWER}", "raised")
        return outcomes


def outcome_from(fields: dict[str, Any]) -> Outcome:
    """Return an outcome from a kernel's JSON; raise where it is not one that graders.py makes."""
    if depth_of(fields) > MOST_DEPTH:
        raise ValueError("too deep")
    raised = fields["raised"]
    if raised is not None:
        raised = Raised(**raised)
        texts = [raised.kind, raised.error, raised.text, raised.function, raised.code, raised.name]
        if raised.kind not in graders.MESSAGES or not all(isinstance(t, str) for t in texts):
            raise ValueError("not an exception")
    changed = tuple(str(name) for name in fields["changed"])
    calls = (tuple(fields["forward"]), tuple(fields["backward"]))
    return Outcome(fields["result"], raised, changed, *calls, bool(fields["called"]))


def depth_of(value: Any) -> int:
    """Return how deep lists and dictionaries are nested, up to a limit."""
    depth, layer = 0, [value]
    while layer and depth <= MOST_DEPTH:
        inner = [
            v.values() if isinstance(v, dict) else v for v in layer if isinstance(v, (list, dict))
        ]
        layer, depth = [item for items in inner for item in items], depth + 1
    return depth


# ------------------------------------------------------------------------------------ judging


@dataclass(frozen=True)
class Refusal:
    """Why a stage gets no points."""

    task: str
    cause: str | None  # a short code; None when the mistake is not recognised
    sentence: str
    found: Fault | None = None  # what is wrong with an outcome; None if there was none

    @property
    def message(self) -> str:
        """The text that a student reads."""
        grader = TASKS[self.task].grader
        if self.found and self.cause != "known-points-only":
            return str(graders.GraderError(grader, self.found))
        return "\n".join(graders.wrapped(f"{grader}: {self.sentence}"))


def find_fault(kernel: Examined, task: str, random: list[list[Test]]) -> Refusal | None:
    """Return why a stage gets no points; None when one of its judgements finds no fault.

    The judgements are those at the stored points; each goes on at random ones if there are any.
    """
    refusals = []
    for stored, more in itertools.zip_longest(graders.judgements(task), random, fillvalue=[]):
        refusal = fault_in(kernel, task, stored)
        if not refusal and (refusal := fault_in(kernel, task, more)) and is_wrong_number(refusal):
            sentence = KNOWN_POINTS_ONLY + refusal.sentence
            refusal = Refusal(task, "known-points-only", sentence, refusal.found)
        if not refusal:
            return None
        refusals.append(refusal)
    return told_of(task, refusals)


def is_wrong_number(refusal: Refusal) -> bool:
    """Tell whether nothing else is wrong than numbers; an exception speaks for itself."""
    return bool(refusal.found) and refusal.cause is None


def told_of(task: str, refusals: list[Refusal]) -> Refusal:
    """Return the refusal that is told, of those of all judgements of a task."""
    almost = [refusal for refusal in refusals if refusal.cause == "known-points-only"]
    if almost:
        return almost[0]
    own, *others = refusals
    for other in others:
        if other.found and (not own.found or TASKS[task].prefers_graders(own.found, other.found)):
            return other
    return own


def fault_in(kernel: Examined, task: str, tests: list[Test]) -> Refusal | None:
    """Return what is wrong with a function in tests, or None.

    Where a call was stopped, the student's other functions may be to blame, which the graders call
    to learn their format: they are left alone in a second attempt.
    """
    if not tests:
        return None
    calls = [call for call, _ in tests]
    helpers = kernel.avoid.intersection(TASKS[task].replaced)
    if helpers and calls[0].passes == OWN:
        return Refusal(
            task, "timeout", f"it was stopped: {', '.join(sorted(helpers))} does not end."
        )
    refusal = attempt(kernel, task, tests, calls)
    imitates = task == "backward_propagation" or calls[0].passes == graders.GRADERS
    if refusal and refusal.cause in ("timeout", "output") and imitates:
        before, kernel.avoid = kernel.avoid, kernel.avoid.union(graders.BOTH_PASSES)
        refusal = attempt(kernel, task, tests, calls)
        kernel.avoid = before
    return refusal


def attempt(kernel: Examined, task: str, tests: list[Test], calls: list[Call]) -> Refusal | None:
    """Make the calls of tests and judge their outcomes."""
    try:
        fault = graders.judge(tests, kernel.perform(task, calls))
    except Stopped as error:
        return Refusal(task, error.cause, str(error))
    if not fault:
        return None
    return Refusal(task, graders.cause_of(fault, None), graders.sentence_of(fault), fault)


# ----------------------------------------------------------------------- explanations, part of it


def explain(kernel: Examined, refusal: Refusal) -> tuple[str | None, str]:
    """Return a cause and a message: the kernel's, where it has any, as a stranger's text."""
    cause, message = refusal.cause, refusal.message
    if refusal.found and cause != "known-points-only":  # something came back, and it was wrong
        with contextlib.suppress(Stopped, LookupError, TypeError):
            told = kernel.ask(refusal.task, {"explain": True}, "explaining")
            text, told_cause = str(told["message"]), told["cause"]
            own_interrupt = told_cause == "interrupted"  # no budget ended it
            if told_cause is None or (is_known_cause(told_cause) and not own_interrupt):
                cause, message = told_cause or cause, text
    return cause, printable(message, 1500)


def is_known_cause(cause: Any) -> bool:
    """Return whether a kernel's cause is one that graders.py can tell."""
    return isinstance(cause, str) and cause in graders.CAUSES


def partly_correct(kernel: Examined, task: str, random: list[list[Test]]) -> tuple[str, float]:
    """Return which part of a refused stage is correct, in words and as a share; ("", 0) if none.

    A number is correct if it is at all points, the random ones included.
    """
    best: tuple[str, float] = ("", 0.0)
    for stored, more in itertools.zip_longest(graders.judgements(task), random, fillvalue=[]):
        tests = [*stored, *more]
        try:
            outcomes = kernel.perform(task, [call for call, _ in tests])
        except Stopped:
            continue
        wrong = set().union(*map(graders.wrong_parts, tests, outcomes))
        best = max(best, part_of(task, wrong), key=lambda part: part[1])
    return best


def part_of(task: str, wrong: set[str]) -> tuple[str, float]:
    """Return the words and the share for a task of which these outputs are wrong."""
    if task in OUTPUTS:
        names = TASKS[task].outputs
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
        if all(map(is_unanswered, refusals.values())):
            raise ValueError("no function of the notebook gave an answer.")
        for task, refusal in refusals.items():  # all are judged: words can change no points now
            row[task], row["messages"][task] = STAGE_POINTS[task], f"{task} is correct."
            if refusal:
                refuse(kernel, refusal, measure, row)
    row["total"] = round(sum(row[task] for task in TASKS), 1)
    return row | {"seconds": round(time.monotonic() - begun, 1)}


def is_unanswered(refusal: Refusal | None) -> bool:
    """Tell whether nothing is known of a function because no answer came back."""
    return bool(refusal) and refusal.sentence.endswith(NO_ANSWER)


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
    """Judge all stages; where a function ends the kernel, the next ones get a new one.

    Of the time for judging, one timeout is kept for each stage to come.
    """
    found = {}
    for number, task in enumerate(TASKS, 1):
        if kernel.dead:
            kernel.kept = 0
            bring_graders(kernel, sources, WITHOUT_LOOPS)
        kernel.kept = (len(TASKS) - number) * kernel.sandbox.timeout
        found[task] = find_fault(kernel, task, points.get(task, []))
        if found[task] and found[task].cause in ("timeout", "output"):
            kernel.avoid = kernel.avoid.union([task])
    return found


def refuse(kernel: Examined, refusal: Refusal, measure: Measure, row: dict[str, Any]) -> None:
    """Write into a row what a stage loses, and why."""
    task, share = refusal.task, 0.0
    cause, message = explain(kernel, refusal)
    if refusal.found and not refusal.found.outcome.raised:
        words, share = partly_correct(kernel, task, measure.points.get(task, []))
        if words:
            row["partial"][task] = words
            message += f"\n{words}."
    row[task] = round(STAGE_POINTS[task] * share, 1) if measure.partial else 0
    row["causes"][task], row["messages"][task] = cause, message


def fresh_points(reference: Path, seed: int, sandbox: Sandbox) -> dict[str, Any]:
    """Return the `digest` of the solved notebook and `points`: `Points`, as plain data.

    Of the reference only imports and definitions are run. Raises ValueError if it is not a solution.
    """
    notebook, rng, found = read(reference, stopped), np.random.default_rng(seed), {}
    with closing(Examined(sandbox)) as kernel:
        for part in itertools.chain.from_iterable(map(definitions, notebook["cells"])):
            error_in(kernel, part)
        bring_graders(kernel, notebook["cells"])
        for task in TASKS:
            if refusal := find_fault(kernel, task, []):
                raise ValueError(f"{task}: {refusal.sentence}")
            found[task] = [
                [tuple(map(dataclasses.asdict, test)) for test in tests]
                for tests in random_tests(kernel, task, rng)
            ]
    return {"digest": notebook["digest"], "points": found}


def points_from(plain: dict[str, list]) -> Points:
    """Return the points that `fresh_points` gave as plain data."""
    return {
        task: [[test_from(*fields) for fields in tests] for tests in judged]
        for task, judged in plain.items()
    }


def test_from(call: dict[str, Any], expect: dict[str, Any]) -> Test:
    """Return a test from plain data."""
    call = call | {"arguments": tuple(call["arguments"]), "corrupt": tuple(call["corrupt"])}
    expect = expect | {"any_of": tuple(expect["any_of"]), "within": tuple(expect["within"])}
    return Call(**call), Expect(**expect)
