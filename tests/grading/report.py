"""The report on a class: rows, a table, a spreadsheet, JSON Lines; untrusted text made harmless."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import isolation  # noqa: F401 - which finds `graders`

from graders import STAGES  # isort: skip

NOT_GRADED = "not graded: "  # how the error of a row begins that says nothing about the notebook
STAGE_POINTS = dict(zip(STAGES, (5, 15, 25, 15, 10, 15, 15)))


def empty_row(path: Path, error: str = "") -> dict[str, Any]:
    """Return the row of a notebook that has no points."""
    row: dict[str, Any] = {"submission": str(path), **dict.fromkeys(STAGES, 0), "total": 0}
    row |= {"causes": {}, "messages": {}, "partial": {}, "cells_raised": [], "seconds": 0.0}
    row |= {"seed": None, "digest": ""}
    return row | {"error": one_line(error, 300), "max": STAGE_POINTS}


def printable(text: str, most: int) -> str:
    """Return untrusted text without control characters, cut after `most` characters."""
    text = text if len(text) <= most else text[:most] + "..."
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def one_line(text: str, most: int = 200) -> str:
    """Return untrusted text in one line."""
    return printable(text, most).replace("\n", r"\n")


def opened(path: Path) -> TextIO:
    """Open a new report for writing; it accepts any text."""
    return path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")


def keep_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """Replace a JSON report by one that has these rows, all or nothing."""
    new = path.with_name(f"{path.name}.new")
    with opened(new) as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)
    os.replace(new, path)


def finished_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows in a JSON report that need not be graded again; raise ValueError.

    A last line that was cut off is no row, and a notebook that was not graded is graded again.
    """
    rows = []
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except ValueError:
            if number >= len(lines) - 1 or not line:  # cut off, or nothing
                continue
            raise ValueError(f"line {number} of {path} is not JSON") from None
        if not isinstance(row, dict) or not empty_row(path).keys() <= row.keys():
            raise ValueError(f"line {number} of {path} is not a row of this report")
        if not row["error"].startswith(NOT_GRADED):
            rows.append(row)
    return rows


class Printed:
    """Standard output or error, which may be closed or full: then what is printed is dropped.

    Attributes:
        lost: why it could not be written; "" while it can.
    """

    def __init__(self, stream: TextIO | None):
        self.lost = "" if stream else "it is closed"
        self._stream = stream or open(os.devnull, "w", encoding="utf-8")
        self._stream.reconfigure(errors="backslashreplace")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, or drop it."""
        with self._noting():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is waiting, or drop it."""
        with self._noting():
            self._stream.flush()

    @contextlib.contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.lost = error.strerror
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self._stream.fileno())  # also for what is waiting
            os.close(nothing)


def open_printed() -> None:
    """Let standard output and error be `Printed`; keep files from getting their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # which gets the lowest number that is free
    sys.stdout, sys.stderr = Printed(sys.stdout), Printed(sys.stderr)


class Files:
    """The spreadsheet and the JSON Lines, written row by row."""

    columns = (
        "submission", *STAGES, "total", "causes", "partial", "cells_raised", "seconds", "seed", "error",
    )  # fmt: skip

    def __init__(self, table: TextIO | None, data: TextIO | None, kept: Sequence[dict] = ()):
        self.open = {"--csv": table, "--json": data}
        self.lost: dict[str, str] = {}  # file that could not be written: a sentence that says why
        self._write("--csv", self.columns)
        for row in kept:  # which the JSON has already
            self._write_table(row)

    def write(self, row: dict[str, Any]) -> None:
        """Write a row, at once."""
        self._write_table(row)
        self._write("--json", row)

    def _write_table(self, row: dict[str, Any]) -> None:
        partial = [f"{task}: {words}" for task, words in row["partial"].items()]
        cells = row | {"causes": causes(row), "partial": partial}
        cells["seed"] = "" if row["seed"] is None else row["seed"]
        texts = ["; ".join(c) if isinstance(c, list) else c for c in map(cells.get, self.columns)]
        self._write("--csv", [harmless(text) for text in texts])

    def _write(self, name: str, row: Any) -> None:
        file = self.open[name]
        if file and name not in self.lost:
            try:
                if name == "--csv":
                    csv.writer(file).writerow(row)
                else:
                    file.write(json.dumps(row) + "\n")
                file.flush()
            except OSError as error:
                self.lost[name] = f"{name} {file.name} is not complete: {error.strerror}."
                with contextlib.suppress(OSError):
                    file.close()  # or it would try again, and complain, when Python ends


def harmless(cell: Any) -> str:
    """Return a spreadsheet cell that is not read as a formula."""
    text = one_line(str(cell), 1000)
    return f"'{text}" if text.lstrip()[:1] in tuple("=+-@＝＋－＠") else text


def causes(row: dict[str, Any]) -> list[str]:
    """Return the causes of a row, each with its task."""
    return [f"{task}: {cause or 'not recognised'}" for task, cause in row["causes"].items()]


def print_report(rows: list[dict[str, Any]], many: int) -> None:
    """Print the table and the causes; for a single notebook, its messages, too."""
    names = [one_line(row["submission"]) for row in rows]
    width = max(map(len, names), default=0)
    short = [task.removesuffix("_propagation").removeprefix("train_")[:8] for task in STAGES]
    print(" " * width + "".join(f"{name:>9}" for name in short) + "    total  raised  seconds")
    for name, row in zip(names, rows):
        points = "".join(f"{row[task]:9}" for task in STAGES)
        ends = f"{row['total']:9}{len(row['cells_raised']):8}{row['seconds']:9.1f}"
        print(f"{name:{width}}", row["error"] or f"{points}{ends}"[1:])
    same = [name for name, row in zip(names, rows) if row["digest"] and row["seed"] is None]
    if same:
        print(f"\ngraded at the known points alone: {', '.join(same)}")
    counts = Counter(cause for row in rows for cause in causes(row))
    failed = many - len(rows) + sum(bool(row["error"]) for row in rows)
    if failed:
        print(f"\n{failed} of {many} not graded")
    if counts or not failed:
        print("\ncauses, most frequent first" if counts else "\nnothing was lost")
    for cause, count in counts.most_common():
        print(f"{count:5}  {cause}")
    if len(rows) == 1:
        raised = [f"a cell raised: {line}" for line in rows[0]["cells_raised"]]
        print("", *raised, *(rows[0]["messages"][task] for task in rows[0]["causes"]), sep="\n")
