"""How well the graders explain wrong work, in figures: `python tests/tools/quality.py` (minutes).

For every mistake of the corpus: is it named, with a cause that its labels allow; is its place shown
and nothing claimed; is nothing found out; or is a false cause told? Is the line that is shown the
mutated one (or another line of the same statement)? How much processor time does it take? For pairs
of mistakes in one function: is one of the two named, or its line shown?
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path[:0] = map(str, Path(__file__).parents[1:3])  # tests, and the root
import graders
from corpus.loader import Mistake, entries, load, load_modules, read
from helpers import module, student_of

VERDICTS = ("named", "place", "nothing", "false")
# Facts of the result, stated by the judge: true of every entry for which they are told
FACTS = frozenset(key.split(":")[0] for key in graders.MESSAGES)


@dataclass(frozen=True)
class Explained:
    """The refusal of a mistake, with its explanation.

    Attributes:
        mistake: of the corpus.
        error: what the student reads; None if the work is accepted.
        seconds: of processor time that the explanation took.
    """

    mistake: Mistake
    error: graders.GraderError | None
    seconds: float

    @property
    def verdict(self) -> str:
        """One of VERDICTS."""
        if self.error is None or self.error.cause is None:
            return "place" if self.error and self.error.line else "nothing"
        allowed = {*self.mistake.causes, *FACTS}
        return "named" if self.error.cause in allowed else "false"

    @property
    def is_the_line(self) -> bool:
        """Whether the line that is shown is a mutated one, or in the same statement."""
        return bool(self.error and self.error.line) and self.error.line[1] in same_statements(
            self.mistake
        )


def explain(mistake: Mistake) -> Explained:
    """Let the grader of a mistake's task refuse it, and explain why."""
    student = student_of(mistake.task, module(mistake.source))
    with graders.quiet():
        fault = graders.verdict_on(student).fault
        begun = time.process_time()
        reason = graders.explained(student, fault) if fault else None
    seconds = time.process_time() - begun
    grader = graders.TASKS[mistake.task].grader
    error = graders.GraderError(grader, fault, reason) if fault else None
    return Explained(mistake, error, seconds)


def same_statements(mistake: Mistake) -> set[str]:
    """Return the lines of all statements in which a line was mutated."""
    lines, found = mistake.source.split("\n"), set(mistake.lines)
    for node in ast.walk(ast.parse(mistake.source)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            of_it = {line.strip() for line in lines[node.lineno - 1 : node.end_lineno]}
            found |= of_it if of_it & set(mistake.lines) else set()
    return found


# ------------------------------------------------------------------------------------- figures


def share(part: int, whole: int) -> str:
    """Return a part of a whole, in per cent."""
    return f"{100 * part / max(1, whole):4.0f} %"


def row_of(name: str, explained: list[Explained]) -> str:
    """Return the figures of some explanations in one line."""
    counts = [sum(one.verdict == verdict for one in explained) for verdict in VERDICTS]
    with_line = [one for one in explained if one.mistake.lines]
    shown = sum(one.is_the_line for one in with_line)
    seconds = [one.seconds for one in explained] or [0.0]
    shares = "".join(f"{share(count, len(explained)):>9}" for count in counts)
    times = f"{np.median(seconds):8.2f}{np.quantile(seconds, 0.95):8.2f}{max(seconds):8.2f}"
    return f"{name:22}{len(explained):6}{shares}{share(shown, len(with_line)):>14}{times}"


def print_figures(found: dict[str, list[Explained]]) -> None:
    """Print a table of figures, a line for each task and for each kind, and the false ones in full.

    Args:
        found: what was explained, by its kind.
    """
    everything = [one for explained in found.values() for one in explained]
    heads = "".join(f"{verdict:>9}" for verdict in VERDICTS)
    print(f"{'':22}{'all':>6}{heads}{'mutated line':>14}  median    95 %    most (s)")
    for task in graders.TASKS:
        print(row_of(task, [one for one in everything if one.mistake.task == task]))
    for kind, explained in found.items():
        print(row_of(kind, explained))
    print(row_of("all", everything))
    for one in everything:
        if one.verdict == "false":
            print(f"\n{one.mistake.base}: {', '.join(one.mistake.causes)}\n{one.error}")


# ---------------------------------------------------------------------------- two mistakes at once


def pairs(many: int, seed: int = 2026) -> Iterator[tuple[Mistake, Mistake, Mistake]]:
    """Yield two mistakes that do not overlap, and both at once."""
    rng = np.random.default_rng(seed)
    seen = list(entries("mistakes/*.txt"))
    while many:
        one, other = (seen[i].split("\n", 1) for i in rng.choice(len(seen), 2, replace=False))
        if one[0].split(":")[0] != other[0].split(":")[0]:
            continue
        first, second = read("\n".join(one)), read("\n".join(other))
        both = read(f"{one[0]}\n{one[1]}\n...\n{other[1]}")
        rows = [line.strip() for line in both.source.split("\n")]
        disjoint = not set(first.lines) & set(second.lines)
        whole = {*first.lines, *second.lines} <= set(rows)
        if is_python(both.source) and first.lines and second.lines and disjoint and whole:
            many -= 1
            yield first, second, both


def is_python(source: str) -> bool:
    """Return whether it can be parsed; two mistakes may leave an empty block."""
    with contextlib.suppress(SyntaxError):
        return bool(ast.parse(source))
    return False


def verdict_on_pair(first: Mistake, second: Mistake, both: Mistake) -> tuple[str, Explained]:
    """Return "one of the two", "none", or "another place", and what was explained."""
    explained = explain(both)
    error = explained.error
    if error is None or (error.cause is None and error.line is None):
        return "none", explained
    shown = error.line and error.line[1]
    if shown in same_statements(first) | same_statements(second):
        return "one of the two", explained
    if error.cause in {*first.causes, *second.causes}:
        return "one of the two", explained
    return "none" if error.cause in FACTS else "another place", explained


def chosen(kind: str) -> Iterable[Mistake]:
    """Return the mistakes of one kind."""
    if kind == "reported":
        return load_modules()
    return load("mistakes/held-out/*.txt" if kind == "held-out" else "mistakes/*.txt")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Figures on what is said of wrong work.")
    parser.add_argument("--step", type=int, default=1, help="explain every N-th mistake (1)")
    parser.add_argument("--pairs", type=int, default=0, help="of mistakes, too (0)")
    options = parser.parse_args()
    kinds = ("tuned", "held-out", "reported")
    print_figures({k: [*map(explain, [*chosen(k)][:: options.step])] for k in kinds})
    found = [verdict_on_pair(*pair)[0] for pair in pairs(options.pairs)]
    for verdict in dict.fromkeys(found):
        print(f"pairs: {found.count(verdict)} of {len(found)}: {verdict}")


if __name__ == "__main__":
    main()
