"""Do the graders refuse what differs? Correct solutions, each with one small random edit.

    python tests/tools/mutation.py 20000

makes so many mutants, keeps those that a grader accepts, and compares each with its original where
the graders do not look: at other points, rows, epochs and settings, and with scaled gradients. It
prints every accepted mutant that differs there: each is a fault of the judge.
"""

import argparse
import ast
import copy
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = map(str, Path(__file__).parents[1:3])  # tests, and the root
import graders
from corpus import styles
from graders import TASKS, Call, Student
from helpers import ROOT, module

CORRECT = ROOT / "tests" / "corpus" / "correct"
MOST_STEPS = 20_000  # of a mutant's loops: some never end
TOLERANCE = 1e-6  # relative, of results where the graders do not look; of a check's ratio,
TOLERANCE_OF_RATIO = 1e-4  # which is a small difference of rounded numbers
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


class Endless(BaseException):
    """A mutant that makes too many steps."""


# ------------------------------------------------------------------------------------ mutants


@dataclass(frozen=True)
class Mutant:
    """A module in which one function is edited.

    Attributes:
        task: the function that is edited.
        base: the name of the correct solution.
        original: the source of that one.
        source: its source with the edit.
        edit: what was done, in words.
    """

    task: str
    base: str
    original: str
    source: str
    edit: str


def bases() -> dict[str, str]:
    """Return the source of correct solutions by name."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in sorted(CORRECT.glob("*.py"))}
    return found | {f"style {seed}": styles.compose(seed) for seed in range(12)}


def mutants(rng: np.random.Generator) -> Iterator[Mutant]:
    """Yield mutants without end."""
    sources = bases()
    names = list(sources)
    while True:
        base, task = names[rng.integers(len(names))], [*TASKS][rng.integers(len(TASKS))]
        tree = ast.parse(sources[base])
        (function,) = [node for node in tree.body if getattr(node, "name", "") == task]
        edits = list(edits_of(function))
        place, new, words = edits[rng.integers(len(edits))]
        holder, key = place
        old = holder[key]
        holder[key] = new
        try:
            source = ast.unparse(ast.fix_missing_locations(tree))
            compile(source, "<mutant>", "exec")
        except (SyntaxError, ValueError, TypeError, AttributeError):
            continue
        finally:
            holder[key] = old
        yield Mutant(task, base, sources[base], source, words)


Edit = tuple[tuple[Any, Any], Any, str]  # (a list or the fields of a node, key), new value, words


def edits_of(function: ast.FunctionDef) -> Iterator[Edit]:
    """Yield all small edits of a function: (place, what is put there, words)."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    names |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    for node in ast.walk(function):
        yield from _operator_edits(node)
        yield from _line_edits(node)
        for name, value in ast.iter_fields(node):
            children = enumerate(value) if isinstance(value, list) else [(None, value)]
            for index, child in children:
                place = (vars(node), name) if index is None else (value, index)
                yield from _value_edits(place, child, sorted(names))


def _operator_edits(node: ast.AST) -> Iterator[Edit]:
    """Exchange an operator."""
    for name in ("op", "ops"):
        old = getattr(node, name, None)
        kinds = COMPARISONS if name == "ops" else OPERATORS
        if name == "ops" and old:
            place, old = (old, 0), old[0]
        else:
            place = (vars(node), name)
        if isinstance(old, kinds):
            for kind in kinds:
                if not isinstance(old, kind):
                    yield place, kind(), f"{type(old).__name__} becomes {kind.__name__}"


def _value_edits(place: tuple, child: Any, names: list[str]) -> Iterator[Edit]:
    """Exchange a name or a constant; drop an operand or a call."""
    if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load):
        for name in names:
            if name != child.id:
                yield place, ast.Name(name, ast.Load()), f"{child.id} becomes {name}"
    elif isinstance(child, ast.Constant) and type(child.value) in (int, float):
        for number in (child.value + 1, child.value - 1, 0, 2, -child.value):
            if abs(number - child.value) > 1e-12:
                yield place, ast.Constant(number), f"{child.value} becomes {number}"
    elif isinstance(child, ast.Constant) and isinstance(child.value, str):
        for key in (*graders.FORWARD_KEYS, *graders.BACKWARD_KEYS):
            if key != child.value:
                yield place, ast.Constant(key), f"{child.value!r} becomes {key!r}"
    if isinstance(child, ast.BinOp):
        for side in (child.left, child.right):
            yield place, side, f"{ast.unparse(child)} becomes {ast.unparse(side)}"
        swapped = ast.BinOp(child.right, child.op, child.left)
        yield place, swapped, f"the operands of {ast.unparse(child)} are swapped"
    elif isinstance(child, ast.UnaryOp):
        yield place, child.operand, f"{ast.unparse(child)} loses its sign"
    elif isinstance(child, ast.Call) and child.args and isinstance(child.args[0], ast.expr):
        yield place, child.args[0], f"the call of {ast.unparse(child.func)} is dropped"


def _line_edits(node: ast.AST) -> Iterator[Edit]:
    """Drop a line, swap two, move the last one of a loop behind it."""
    for name in ("body", "orelse"):
        lines = getattr(node, name, None)
        if not isinstance(lines, list) or not lines:
            continue
        for i, line in enumerate(lines):
            words = ast.unparse(line).split("\n")[0]
            rest = [*lines[:i], *lines[i + 1 :]] or [ast.Pass()]
            yield (vars(node), name), rest, f"dropped: {words}"
            if i + 1 < len(lines):
                swapped = [*lines[:i], lines[i + 1], line, *lines[i + 2 :]]
                yield (vars(node), name), swapped, f"swapped with the next line: {words}"
            if isinstance(line, (ast.For, ast.While)) and len(line.body) > 1:
                shorter = copy.copy(line)
                shorter.body = line.body[:-1]
                moved = [*lines[:i], shorter, line.body[-1], *lines[i + 1 :]]
                last = ast.unparse(line.body[-1]).split("\n")[0]
                yield (vars(node), name), moved, f"dedented: {last}"


# ---------------------------------------------------------------------- accepted, and different


def limited(function: Callable, *arguments: Any) -> Any:
    """Call a function that may never end; raise Endless after many lines."""
    steps = 0

    def trace(frame: Any, event: str, _: Any) -> Callable:
        nonlocal steps
        steps += 1
        if steps > MOST_STEPS * 20:
            raise Endless
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return function(*arguments)
    finally:
        sys.settrace(before)


def accepted(mutant: Mutant) -> bool:
    """Tell whether the grader accepts a mutant."""
    try:
        namespace = module(mutant.source)
        student = Student(mutant.task, namespace[mutant.task], namespace)
        if not plausible(graders.judgements(mutant.task)[0][0], student):
            return False
        with graders.quiet():
            return not limited(graders.verdict_on, student).fault
    except (Exception, Endless):  # noqa: BLE001 - a mutant may raise anything
        return False


def plausible(test: graders.Test, student: Student) -> bool:
    """Tell whether the first call gives what is expected: most mutants end here, which is fast."""
    call, expect = test
    with graders.quiet():
        outcome = limited(graders.perform, call, student)
    return not graders.check(call, expect, outcome)


def other_calls(task: str, rng: np.random.Generator) -> list[Call]:
    """Return calls at which the graders do not look."""

    def numbers(*shape: int) -> list:
        sizes = rng.uniform(0.2, 1.6, shape)
        return (sizes * rng.choice([-1.0, 1.0], shape)).tolist()

    if task == "sigmoid":
        return [Call(task, (float(z),)) for z in rng.uniform(-12, 12, 12)]
    if task == "gradient_checking":
        calls = [Call(task, (numbers(5), 0.3, numbers(9), 1e-3)) for _ in range(3)]
        scaled = "is 3 times too large", "is 5 times too small"
        return calls + [
            Call(task, (numbers(5), 0.3, numbers(9), 1e-5), corrupt=corrupt, how=how)
            for how in (*scaled, "has the wrong sign")
            for corrupt in (tuple(range(9)), (0, 4), (8,))
        ]
    if task in graders.BOTH_PASSES:
        return [Call(task, (numbers(5), float(rng.normal()), numbers(9))) for _ in range(5)]
    settings = {"train_vanilla": (0.05,), "train_momentum": (0.03, 0.6)}
    settings["train_adam"] = (0.03, 0.7, 0.95, 1e-3)
    return [
        Call(task, (numbers(rows, 5), numbers(rows), numbers(9), epochs, *settings[task]))
        for rows, epochs in ((4, 6), (6, 2), (1, 3))
    ]


def result(namespace: dict[str, Any], call: Call) -> Any:
    """Return what a function gives in a call, as plain data."""
    student = Student(call.task, namespace[call.task], namespace)
    if call.task == "backward_propagation":
        x, y, w = (np.array(a) if isinstance(a, list) else a for a in call.arguments)
        outcome = graders.run(namespace["forward_propagation"], (x, y, w))[0]
        found = graders.run(namespace[call.task], (x, w, outcome))[0]
    else:
        found = graders.perform(call, student).result
    return TASKS[call.task].read(graders.plain(found))


def differs(mutant: Mutant, rng: np.random.Generator) -> bool:
    """Tell whether a mutant gives other numbers than its original somewhere."""
    namespaces = module(mutant.source), module(mutant.original)
    is_ratio = mutant.task == "gradient_checking"
    tolerance = TOLERANCE_OF_RATIO if is_ratio else TOLERANCE
    with graders.quiet():
        for call in other_calls(mutant.task, rng):
            one, other = (limited(result, namespace, call) for namespace in namespaces)
            try:
                numbers = [[float(v) for v in found.values()] for found in (one, other)]
                close = np.allclose(*numbers, rtol=tolerance, atol=1e-11, equal_nan=True)
            except (TypeError, ValueError):
                return True
            if not close or one.keys() != other.keys():
                return True
    return False


def survey(many: int, seed: int) -> tuple[Counter, list[Mutant]]:
    """Try mutants; return how many were refused, equal, and different, and the last of these."""
    rng, counts, faults, seen = np.random.default_rng(seed), Counter(), [], set()
    for mutant in mutants(rng):
        if (mutant.task, mutant.source) not in seen:
            seen.add((mutant.task, mutant.source))
            if not accepted(mutant):
                counts["refused"] += 1
            elif differs(mutant, rng):
                counts["accepted, and different"] += 1
                faults.append(mutant)
            else:
                counts["accepted, and equal"] += 1
        if counts.total() == many:
            break
    return counts, faults


def main() -> None:
    """Print the counts, and every fault of the judge."""
    parser = argparse.ArgumentParser(description="Look for wrong work that the graders accept.")
    parser.add_argument("many", type=int, nargs="?", default=1000, help="mutants (1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the edits (0)")
    options = parser.parse_args()
    counts, faults = survey(options.many, options.seed)
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    for mutant in faults:
        print(f"{mutant.task} in {mutant.base}: {mutant.edit}")


if __name__ == "__main__":
    main()
