"""Wrong implementations: what students write, each with its cause and the lines that were spoilt.

They stand in tests/mistakes/*.txt and, kept apart, in tests/corpus/mistakes/held-out/*.txt, each as a
difference from one of the right solutions in tests/right. `python tests/corpus/loader.py` counts them.

    # backward_propagation in steps: lacks-factor
    - dw2 = dinner * x[1]
    + dw2 = dinner

The first line names the function that is judged, the right solution and the cause. Lines with `-`
or no mark are found once in that function, or else in the whole file, however far indented; those
with `+`, `>` or no mark take their place. `...` stands between two places. Where nothing is to be
found, the lines are a function, which takes the place of the one of its name. Spoilt are the lines
with `>` or, where there are none, the new ones with `+`.

tests/corpus/mistakes/reported/*.py are whole modules, which begin with such comments:

    # train_adam: half-bias-correction, missing-factor
    # mutated: m_hat = m / 1 - beta1**t
    # truth: the parentheses around 1 - beta1**t are missing
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
NOTEBOOK = (HERE / "notebook.py").read_text()


@dataclass
class Mistake:
    """A module in which the function `task` is wrong; `base` is the right one, or the file."""

    task: str
    base: str
    cause: str
    source: str
    lines: list[str]  # those that were spoilt, without their indentation; none where one is missing


def load(files: str = "mistakes/**/*.*") -> Iterator[Mistake]:
    """Yield all mistakes; of "mistakes/*.txt", those that are not kept apart."""
    for path in sorted(HERE.glob(files)):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            yield read_module(path.stem, text)
        else:
            yield from map(read, text.strip().split("\n\n"))


def read_module(name: str, text: str) -> Mistake:
    """Return the mistake of a whole module, as its first comments describe it."""
    comments = text.split("\n\n", 1)[0].split("\n")
    (task, cause), *notes = (line.removeprefix("# ").split(": ", 1) for line in comments)
    lines = [note for kind, note in notes if kind == "mutated"]
    return Mistake(task, name, cause, f"{text}\n{NOTEBOOK}", lines)


def read(entry: str) -> Mistake:
    """Return the mistake that an entry describes."""
    header, body = entry.split("\n", 1)
    task, base, cause = header.removeprefix("# ").replace(" in ", ": ").split(": ")
    rows, functions = solution(base)
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
            start, further = found[0]
            stop, after = start + len(before), [indent(text, further) for text in after]
        changes.append((start, stop, after))
        marked += [text.strip() for mark, text in lines if mark == ">"]
        new += [text.strip() for mark, text in lines if mark == "+" and text not in before]
    for start, stop, after in sorted(changes, reverse=True):
        rows = [*rows[:start], *after, *rows[stop:]]
    return Mistake(task, base, cause, "\n".join([*rows, "", NOTEBOOK]), marked or new)


@cache
def solution(base: str) -> tuple[list[str], dict[str, tuple[int, int]]]:
    """Return the rows of a right solution, and from which to which its functions stand."""
    source = (HERE / "correct" / f"{base}.py").read_text()
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    return source.split("\n"), {f.name: (f.lineno - 1, f.end_lineno) for f in functions}


def places(lines: list[str], rows: list[str], start: int, stop: int) -> list[tuple[int, int]]:
    """Return at which rows the lines stand, and how much further they are indented there."""
    margins = [row.find(row.strip()) - lines[0].find(lines[0].strip()) for row in rows]
    same = [[indent(line, margin) for line in lines] for margin in margins]
    return [(i, margins[i]) for i in range(start, stop) if rows[i : i + len(lines)] == same[i]]


def indent(line: str, further: int) -> str:
    return " " * further + line if further >= 0 else line[-further:]


if __name__ == "__main__":
    near, apart = (list(load(f"mistakes/{folder}*.txt")) for folder in ("", "apart/"))
    print(f"{len(near) + len(apart)} mistakes, {len(apart)} of them kept apart")
