"""How well the graders explain wrong work, in figures: `python tests/tools/quality.py` (minutes).

For every mistake of the corpus: is it refused, does it get a cause, is a line shown, and is it the
mutated one (or another line of the same statement)? For pairs of mistakes in one function: is one
of the two named, or its line shown? And how long does a refusal take?
"""

import ast
import contextlib
import io
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path[:0] = map(str, Path(__file__).parents[1:3])  # tests, and the root
import graders
from corpus.loader import Mistake, entries, load, read
from helpers import accepts, module


@dataclass
class Explained:
    """The verdict on a mistake, and its explanation."""

    mistake: Mistake
    error: graders.GraderError | None  # None if the work is accepted
    seconds: float

    @property
    def is_the_line(self) -> bool:
        """Whether the line that is shown is a mutated one, or in the same statement."""
        return self.error.line[1] in same_statements(self.mistake)


def explain(mistake: Mistake) -> Explained:
    """Let the grader of a mistake's task judge it."""
    work, error = module(mistake.source)[mistake.task], None
    begun = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            accepts(mistake.task, work)
        except graders.GraderError as refusal:
            error = refusal
    return Explained(mistake, error, time.perf_counter() - begun)


def same_statements(mistake: Mistake) -> set[str]:
    """Return the lines of all statements in which a line was mutated."""
    lines, found = mistake.source.split("\n"), set(mistake.lines)
    for node in ast.walk(ast.parse(mistake.source)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            of_it = {line.strip() for line in lines[node.lineno - 1 : node.end_lineno]}
            found |= of_it if of_it & set(mistake.lines) else set()
    return found


def count(explained: list[Explained]) -> Counter:
    """Count how many are refused, have a cause, have a mutated line, show a line, show that one."""
    counts = Counter(all=len(explained), refused=0, cause=0, mutated=0, shown=0, correct=0)
    for one in explained:
        error, has_line = one.error, bool(one.mistake.lines)
        shown = has_line and error is not None and error.line is not None
        counts["refused"] += error is not None
        counts["cause"] += error is not None and error.cause is not None
        counts["mutated"] += has_line
        counts["shown"] += shown
        counts["correct"] += shown and one.is_the_line
    return counts


def in_words(counts: Counter) -> str:
    """Return the counts as a sentence, in per cent."""

    def share(key: str, of: str) -> str:
        return f"{100 * counts[key] / max(1, counts[of]):.0f} %"

    return (
        f"{counts['all']} mistakes, {counts['refused']} refused; "
        f"a cause for {share('cause', 'all')}; "
        f"a line for {share('shown', 'mutated')} of those with a mutated line, "
        f"and it is the mutated one in {share('correct', 'shown')}"
    )


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
        if (
            is_python(both.source)
            and first.lines
            and second.lines
            and disjoint
            and {*first.lines, *second.lines} <= set(rows)
        ):
            many -= 1
            yield first, second, both


def is_python(source: str) -> bool:
    """Return whether it can be parsed; two mistakes may leave an empty block."""
    with contextlib.suppress(SyntaxError):
        return bool(ast.parse(source))
    return False


def verdict_on_pair(first: Mistake, second: Mistake, both: Mistake) -> tuple[str, Explained]:
    """Return "one of the two", "none", or "another place", and what was explained.

    The cause may be the one that either mistake gets alone, or its label in the corpus. What a
    function raised, and that a number is not finite, are facts and name no mistake.
    """
    explained = explain(both)
    error = explained.error
    if error is None or (error.cause is None and error.line is None):
        return "none", explained
    shown = error.line and error.line[1]
    if shown in same_statements(first) | same_statements(second):
        return "one of the two", explained
    alone = [of.error for of in map(explain, (first, second)) if of.error]
    causes = {first.cause, second.cause, *(each.cause for each in alone)}
    if error.cause in causes - {None} or shown in {each.line[1] for each in alone if each.line}:
        return "one of the two", explained
    return "none" if error.cause in ("raised", "not-finite") else "another place", explained


def main() -> None:
    everything = []
    for kind, files in {"": "mistakes/*.txt", "held-out: ": "mistakes/held-out/*.txt"}.items():
        explained = [explain(mistake) for mistake in load(files)]
        everything += explained
        print(f"{kind}{in_words(count(explained))}")
    seconds = np.array([one.seconds for one in everything])
    print(f"seconds: median {np.median(seconds):.2f}, 95 % below {np.quantile(seconds, 0.95):.2f}, "
          f"at most {seconds.max():.2f}")  # fmt: skip
    found = Counter(verdict_on_pair(*pair)[0] for pair in pairs(300))
    print(f"300 pairs: {dict(found)}")


if __name__ == "__main__":
    main()
