"""Wrong implementations: what students write, each with its cause and the lines that were spoilt.

    python tests/mistakes.py

counts them. They stand in tests/mistakes/*.txt and, kept apart, in tests/mistakes/apart/*.txt,
each after a blank line as a difference from one of the right solutions in tests/right:

    # backward_propagation in steps: lacks-factor
    - dw2 = dinner * x[1]
    + dw2 = dinner

The first line names the function that is judged, the right solution and the cause. Lines with `-`
or nothing before them are found exactly once in that function, or else in the whole file, however
far they are indented; lines with `+`, `>` or nothing before them take their place. `...` stands
between two places. Where nothing is found, the lines are a function that takes the place of the
one of its name. Spoilt are the lines with `>` or, where there are none, those with `+`.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


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
    header, *body = entry.strip("\n").split("\n")
    title, cause = header.removeprefix("# ").split(": ")
    task, base = title.split(" in ")
    right = (HERE / "right" / f"{base}.py").read_text()
    rows, changes, spoilt = right.split("\n"), [], {">": [], "+": []}
    for hunk in "\n".join(body).split("\n...\n"):
        lines = [(line[:1], line[2:]) for line in hunk.split("\n")]
        old = [text for mark, text in lines if mark in "- "]
        new = [text for mark, text in lines if mark in "+> "]
        for mark, text in lines:
            if mark in spoilt and text not in old:
                spoilt[mark].append(text.strip())
        try:
            changes.append(change(right, task, old, new))
        except ValueError as error:
            raise ValueError(f"{error}\nin the entry\n{entry}") from None
    for start, stop, new in sorted(changes, reverse=True):
        rows[start:stop] = new
    source = "\n".join([*rows, "", (HERE / "mistakes" / "notebook.py").read_text()])
    return Mistake(task, base, cause, source, spoilt[">"] or spoilt["+"])


def change(right: str, task: str, old: list[str], new: list[str]) -> tuple[int, int, list[str]]:
    """Return from which row to which the old lines stand, and what comes there instead."""
    if not old:
        return *section(right, new[0].removeprefix("def ").split("(")[0]), new
    rows = right.split("\n")
    for start, stop in (section(right, task), (0, len(rows))):
        places = []
        for i in range(start, stop - len(old) + 1):
            further = margin(rows[i]) - margin(old[0])  # how much further they are indented here
            if rows[i : i + len(old)] == [moved(line, further) for line in old]:
                places.append((i, i + len(old), [moved(line, further) for line in new]))
        if len(places) == 1:
            return places[0]
    raise ValueError(f"found {len(places)} times, not once:\n" + "\n".join(old))


def section(source: str, name: str) -> tuple[int, int]:
    """Return from which row to which a function stands."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node.lineno - 1, node.end_lineno
    raise ValueError(f"there is no function {name}")


def margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def moved(line: str, further: int) -> str:
    return " " * further + line if further >= 0 else line[-further:]


if __name__ == "__main__":
    mistakes = list(load())
    for title in ("task", "base", "cause"):
        counts = Counter(getattr(mistake, title) for mistake in mistakes).most_common()
        print(f"by {title}:", ", ".join(f"{name} {count}" for name, count in counts))
    apart = len(list(load("apart/*.txt")))
    print(f"{len(mistakes)} mistakes, {apart} of them kept apart")
