"""Wrong implementations: what students write, each with its causes and its mutated lines.

They are in tests/corpus/mistakes/*.txt and, held-out, in tests/corpus/mistakes/held-out/*.txt, each
as a difference from one of the correct solutions in tests/corpus/correct/*.py. In the same format,
correct/unusual.txt has correct work. `python tests/corpus/loader.py` counts the mistakes.

    # backward_propagation in steps: missing-some-factor
    - dw2 = dinner * x[1]
    + dw2 = dinner

The first line names the function that is judged, the correct solution and all causes that are true
of the mistake: what a message may say of it. The strongest comes first. Lines with `-`
or no mark are found once in that function, or else in the whole file, at any indentation; those
with `+`, `>` or no mark replace them. `...` separates two changes. Where no line is to be found,
the lines are a function, which replaces the one of its name. The mutated lines are those with `>`
or, where there are none, the new ones with `+`.

tests/corpus/mistakes/reported/*.py are whole modules, which begin with such comments:

    # train_adam: half-bias-correction, missing-some-factor
    # mutated: m_hat = m / 1 - beta1**t
    # truth: the parentheses around 1 - beta1**t are missing
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
    """A module in which the function `task` is wrong; `base` is the correct one, or the file."""

    task: str
    base: str
    causes: tuple[str, ...]
    source: str
    lines: list[str]  # the mutated ones, without their indentation; none where one is missing


def entries(files: str = "mistakes/**/*.txt") -> Iterator[str]:
    """Yield the text of all entries in files; of "mistakes/*.txt", those not held-out."""
    for path in sorted(HERE.glob(files)):
        yield from path.read_text(encoding="utf-8").strip().split("\n\n")


def load(files: str = "mistakes/**/*.txt") -> Iterator[Mistake]:
    """Yield all mistakes in text files, and in whole modules where `files` is not given."""
    yield from map(read, entries(files))
    if files == "mistakes/**/*.txt":
        yield from load_modules()


def load_modules() -> Iterator[Mistake]:
    """Yield the mistakes in whole modules, as their first comments describe them."""
    for path in sorted(HERE.glob("mistakes/reported/*.py")):
        text = path.read_text(encoding="utf-8")
        comments = text.split("\n\n", 1)[0].split("\n")
        (task, causes), *notes = (line.removeprefix("# ").split(": ", 1) for line in comments)
        lines = [note for kind, note in notes if kind == "mutated"]
        source = f"{text}\n{NOTEBOOK}"
        yield Mistake(task, path.stem, tuple(causes.split(", ")), source, lines)


def read(entry: str) -> Mistake:
    """Return the mistake that an entry describes."""
    header, body = entry.split("\n", 1)
    task, base, causes = header.removeprefix("# ").replace(" in ", ": ").split(": ")
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
    source = "\n".join([*rows, "", NOTEBOOK])
    return Mistake(task, base, tuple(causes.split(", ")), source, marked or new)


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
