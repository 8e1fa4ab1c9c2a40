"""Wrong implementations: what students write, each with its cause and the lines that were spoilt.

`python tests/mistakes.py` counts them. They stand in tests/mistakes/*.txt and, kept apart, in
tests/mistakes/apart/*.txt, each as a difference from a right solution, one of tests/right:

    # backward_propagation in steps: lacks-factor
    - dw2 = dinner * x[1]
    + dw2 = dinner

The first line names the function that is judged, the right solution and the cause. Lines with `-`
or no mark are found once in that function, or else once in the whole file, however far indented;
those with `+`, `>` or no mark take their place. `...` stands between two places. Where nothing is
to be found, the lines are a function, which takes the place of the one of its name. Spoilt are the
lines with `>` or, where there are none, the new ones with `+`.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
NOTEBOOK = (HERE / "mistakes" / "notebook.py").read_text()


@dataclass
class Mistake:
    """A module in which the function `task` is wrong, made of a right one, `base`."""

    task: str
    base: str
    cause: str
    source: str
    lines: list[str]  # those that were spoilt, without their indentation; none where one is missing


def load(pattern: str = "**/*.txt") -> Iterator[Mistake]:
    """Yield all mistakes; with the pattern "*.txt", those that are not kept apart."""
    for path in sorted((HERE / "mistakes").glob(pattern)):
        yield from map(read, path.read_text().strip().split("\n\n"))


def read(entry: str) -> Mistake:
    """Return the mistake that an entry describes."""
    header, body = entry.split("\n", 1)
    task, base, cause = header.removeprefix("# ").replace(" in ", ": ").split(": ")
    rows, functions = solution(base)
    source, changes, marked, new = list(rows), [], [], []
    for hunk in body.split("\n...\n"):
        lines = [(line[:1], line[2:]) for line in hunk.split("\n")]
        before = [text for mark, text in lines if mark in "- "]
        after = [text for mark, text in lines if mark in "+> "]
        start, stop = functions[task if before else after[0].split("(")[0].removeprefix("def ")]
        if before:
            found = places(before, rows, start, stop) or places(before, rows, 0, len(rows))
            if len(found) != 1:
                raise ValueError(f"found {len(found)} times: {before[0]!r} of the entry\n{entry}")
            start, stop, further = found[0]
            after = [indent(text, further) for text in after]
        changes.append((start, stop, after))
        marked += [text.strip() for mark, text in lines if mark == ">"]
        new += [text.strip() for mark, text in lines if mark == "+" and text not in before]
    for start, stop, after in sorted(changes, reverse=True):
        source[start:stop] = after
    return Mistake(task, base, cause, "\n".join([*source, "", NOTEBOOK]), marked or new)


@cache
def solution(base: str) -> tuple[list[str], dict[str, tuple[int, int]]]:
    """Return the rows of a right solution, and from which to which its functions stand."""
    source = (HERE / "right" / f"{base}.py").read_text()
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return source.split("\n"), {f.name: (f.lineno - 1, f.end_lineno) for f in functions}


def places(lines: list[str], rows: list[str], start: int, stop: int) -> list[tuple[int, int, int]]:
    """Return from where to where the lines stand in the rows, and how much further indented."""
    found = []
    for i in range(start, stop - len(lines) + 1):
        further = rows[i].find(rows[i].strip()) - lines[0].find(lines[0].strip())
        if rows[i : i + len(lines)] == [indent(line, further) for line in lines]:
            found.append((i, i + len(lines), further))
    return found


def indent(line: str, further: int) -> str:
    return " " * further + line if further >= 0 else line[-further:]


if __name__ == "__main__":
    print(f"{len(list(load()))} mistakes, {len(list(load('apart/*.txt')))} of them kept apart")
