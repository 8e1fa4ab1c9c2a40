"""Wrong implementations: what students write, each with its cause and its mutated lines.

They are in tests/corpus/mistakes/*.txt and, held-out, in tests/corpus/mistakes/held-out/*.txt, each
as a difference from one of the correct solutions in tests/corpus/correct/*.py. In the same format,
correct/unusual.txt has correct work. `python tests/corpus/loader.py` counts the mistakes.

    # backward_propagation in steps: lacks-factor
    - dw2 = dinner * x[1]
    + dw2 = dinner

The first line names the function that is judged, the correct solution and the cause. Lines with `-`
or no mark are found once in that function, or else in the whole file, at any indentation; those
with `+`, `>` or no mark replace them. `...` separates two changes. Where no line is to be found,
the lines are a function, which replaces the one of its name. The mutated lines are those with `>`
or, where there are none, the new ones with `+`.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
NOTEBOOK = (HERE / "notebook.py").read_text(encoding="utf-8")


@dataclass
class Mistake:
    """A module in which the function `task` is wrong, made of a correct one, `base`."""

    task: str
    base: str
    cause: str
    source: str
    lines: list[str]  # the mutated ones, without their indentation; none where one is missing


def entries(files: str = "mistakes/**/*.txt") -> Iterator[str]:
    """Yield the text of all entries in files; of "mistakes/*.txt", those not held-out."""
    for path in sorted(HERE.glob(files)):
        yield from path.read_text(encoding="utf-8").strip().split("\n\n")


def load(files: str = "mistakes/**/*.txt") -> Iterator[Mistake]:
    """Yield all mistakes in files."""
    yield from map(read, entries(files))


def read(entry: str) -> Mistake:
    """Return the mistake that an entry describes."""
    header, body = entry.split("\n", 1)
    task, base, cause = header.removeprefix("# ").replace(" in ", ": ").split(": ")
    rows, functions = correct_solution(base)
    changes, marked, new = [], [], []
    for hunk in body.split("\n...\n"):
        lines = [(line[:1], line[2:]) for line in hunk.split("\n")]
        before = [text for mark, text in lines if mark in "- "]
        after = [text for mark, text in lines if mark in "+> "]
        start, stop = functions[task if before else after[0].split("(")[0].removeprefix("def ")]
        if before:
            found = places(before, rows, start, stop) or places(before, rows, 0, len(rows))
            if len(found) != 1:
                raise ValueError(f"found {len(found)} times: {before[0]!r} of the entry\n{entry}")
            start, margin = found[0]
            stop, after = start + len(before), [indent(text, margin) for text in after]
        changes.append((start, stop, after))
        marked += [text.strip() for mark, text in lines if mark == ">"]
        new += [text.strip() for mark, text in lines if mark == "+" and text not in before]
    for start, stop, after in sorted(changes, reverse=True):
        rows = [*rows[:start], *after, *rows[stop:]]
    return Mistake(task, base, cause, "\n".join([*rows, "", NOTEBOOK]), marked or new)


@cache
def correct_solution(base: str) -> tuple[list[str], dict[str, tuple[int, int]]]:
    """Return the rows of a correct solution, and the first and last row of each function."""
    source = (HERE / "correct" / f"{base}.py").read_text(encoding="utf-8")
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    return source.split("\n"), {f.name: (f.lineno - 1, f.end_lineno) for f in functions}


def places(lines: list[str], rows: list[str], start: int, stop: int) -> list[tuple[int, int]]:
    """Return where the lines are among the rows, and by how much they are indented there."""
    margins = [row.find(row.strip()) - lines[0].find(lines[0].strip()) for row in rows]
    same = [[indent(line, margin) for line in lines] for margin in margins]
    return [(i, margins[i]) for i in range(start, stop) if rows[i : i + len(lines)] == same[i]]


def indent(line: str, margin: int) -> str:
    """Return a line with spaces added or, for a negative margin, removed."""
    return " " * margin + line if margin >= 0 else line[-margin:]


if __name__ == "__main__":
    tuned, held_out = (list(load(f"mistakes/{folder}*.txt")) for folder in ("", "held-out/"))
    print(f"{len(tuned) + len(held_out)} mistakes, {len(held_out)} of them held-out")
