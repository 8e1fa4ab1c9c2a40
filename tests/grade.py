"""Grade notebooks that nobody trusts: `python tests/grade.py NOTEBOOK_OR_FOLDER ...`

Each notebook runs in a kernel of its own (`sandbox.py`). The kernel gets experiments and returns what
they gave; what is right is judged in this process, by the judge of `graders.py`, which no notebook
reaches. What a refusal means is asked in the kernel afterwards, when points are no longer at stake.

In order: one notebook; random points; files; the report; the command line.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import csv
import dataclasses
import functools
import itertools
import json
import os
import re
import secrets
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import nbformat
import numpy as np
from IPython.core.inputtransformer2 import TransformerManager
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).absolute().parent))  # not a matter of course: python -I
import sandbox
from sandbox import ROOT, STOPPED, Kernel, Sandbox, in_processes

import graders  # isort: skip - found by `sandbox`
from graders import STAGES, Experiment, GraderError, judge, judgements  # isort: skip

STAGE_POINTS = dict(zip(STAGES, (5, 15, 25, 15, 10, 15, 15)))
SIZES = (2, 5), (4, 1), (5, 4), (6, 2)  # of runs at random points: rows and epochs
IMPORTS, DEFINITIONS = (ast.Import, ast.ImportFrom), (ast.FunctionDef, ast.ClassDef)

# ------------------------------------------------------- one notebook, from its file to its row


def grade(path: Path, fresh: dict[str, list], sandbox: Sandbox) -> dict[str, Any]:
    """Run a notebook and grade its functions; return a row of the report."""
    begun, row = time.monotonic(), empty_row(path)
    with Kernel(sandbox) as kernel:
        row["cells_raised"] = run_cells(kernel, code_cells(path))
        kernel.load_graders()
        faults = {task: find_fault(kernel, task, fresh.get(task, [])) for task in STAGES}
        for task, fault in faults.items():  # all are judged: words cannot change points any more
            row[task], row["messages"][task] = STAGE_POINTS[task], f"{task} is right."
            if fault:
                row[task] = 0
                row["causes"][task], row["messages"][task] = explain(kernel, task, fault)
    row["total"] = sum(row[task] for task in STAGES)
    return row | {"seconds": round(time.monotonic() - begun, 1)}


def run_cells(kernel: Kernel, sources: list[str]) -> list[str]:
    """Run cells one by one; return what was raised, with the number of the cell.

    When a cell ends the kernel, all run once more in a new one, without that cell.
    """
    raised: dict[int, str] = {}

    def run(skipped: int) -> int:
        """Run the cells; return the number of one that ended the kernel, or 0."""
        for number, source in enumerate(sources, 1):
            if number != skipped and (why := error_in(kernel, source)):
                raised[number] = why
                for part in definitions(source):  # what does not depend on the error
                    error_in(kernel, part)
            if kernel.dead:
                return number
        return 0

    ended = run(skipped=0)
    if ended:
        kernel.restart()
        run(skipped=ended)
    lines = [f"{number}: {why}" for number, why in sorted(raised.items())]
    return lines if len(lines) <= 20 else [*lines[:20], f"and {len(lines) - 20} more"]


def error_in(kernel: Kernel, source: str) -> str:
    """Run code; return what it raised, in a few words, or nothing."""
    try:
        reply = kernel.run(source)
    except GraderError as error:
        return str(error.cause)
    words = [str(reply[key]) for key in ("ename", "evalue") if reply.get(key)]
    return one_line(": ".join(words), 100) if reply.get("status") == "error" else ""


def definitions(source: str) -> list[str]:
    """Return the top-level imports, functions and classes of a cell, each as code of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            source = TransformerManager().transform_cell(re.sub(r"\A\s*%%.*", "", source))
            nodes = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []
    lines, parts = source.split("\n"), []
    for node in nodes:
        if isinstance(node, IMPORTS):  # whose line may hold another statement
            parts.append(ast.unparse(node))
        elif isinstance(node, DEFINITIONS):  # as it is written: messages quote it
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            parts.append("\n".join(lines[first - 1 : node.end_lineno]))
    return parts


def find_fault(kernel: Kernel, task: str, fresh: list[list[Experiment]]) -> GraderError | None:
    """Return why a stage gets no points; None when one of its judgements finds no fault.

    The judgements are those of the known points, and each goes on at fresh ones if there are any.
    """
    faults = []
    for known, more in itertools.zip_longest(judgements(task), fresh, fillvalue=[]):
        fault = fault_in(kernel, task, known)
        if not fault and fault_in(kernel, task, more):
            sentence = (
                "right at the known points, wrong at fresh random ones: are numbers typed in?"
            )
            return GraderError(sentence, "known-points-only")
        if not fault:
            return None
        faults.append(fault)
    seen = [f for f in faults if f.outcome and (f.outcome.forward or f.outcome.backward)]
    return (seen or faults)[0]  # with stand-ins, if the work came to call them


def fault_in(kernel: Kernel, task: str, experiments: list[Experiment]) -> GraderError | None:
    """Return what is wrong with a function in experiments, or None.

    What was stopped may have been the student's other function, whose results are imitated. It is
    known and left alone when asked again.
    """
    imitates = task == "backward_propagation" or any(e.stand_ins for e in experiments)
    fault = None
    for _ in range(1 + imitates if experiments else 0):
        try:
            fault = judge(experiments, kernel.perform(task, experiments))
        except GraderError as error:
            fault = error
        if not fault or fault.cause not in ("timeout", "output"):
            break
    return fault


def explain(kernel: Kernel, task: str, fault: GraderError) -> tuple[str | None, str]:
    """Return a cause and a message: the kernel's, where it has any, as a stranger's text."""
    fault.stage = STAGES[task].__name__
    cause, message = fault.cause, str(fault)
    if fault.outcome:  # something was seen, and it was not right
        with contextlib.suppress(GraderError, LookupError, TypeError):
            asked = {"fault": fault.args, "stage": fault.stage}
            asked |= {k: dataclasses.asdict(getattr(fault, k)) for k in ("experiment", "outcome")}
            told = kernel.ask(task, asked, "explaining")
            message = str(told["message"])
            if told["cause"] is None or re.fullmatch("[a-z0-9-]{1,30}", str(told["cause"])):
                cause = told["cause"]
    return cause, printable(message, 1500)


# ------------------------------- random points, and what the instructor's solution gives there


def fresh_points(reference: Path, seed: int, sandbox: Sandbox) -> dict[str, list]:
    """Return for each task its judgements at random points, as plain data.

    What is right there is what the reference gives, run and judged like a submission; of it only
    imports and definitions are run. Raises ValueError if it is no solution.
    """
    rng, cells = np.random.default_rng(seed), code_cells(reference)
    with Kernel(sandbox) as kernel:
        for part in itertools.chain.from_iterable(map(definitions, cells)):
            error_in(kernel, part)
        kernel.load_graders()
        found: dict[str, list] = {}
        for task in STAGES:
            if fault := find_fault(kernel, task, []):
                raise ValueError(f"{task}: {fault.sentence}")
            models = [experiments[0] for experiments in judgements(task)]
            found[task] = [filled(kernel, model, rng) for model in models]
    return found


def filled(kernel: Kernel, model: Experiment, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return experiments like `model` at random points where rounding makes no difference."""
    task, checks = model.task, model.task == "gradient_checking"
    while True:
        experiments = []
        for number, arguments in enumerate(draw_all(task, rng)):
            if task == "backward_propagation":
                forward = Experiment("forward_propagation", arguments)
                arguments = [*arguments, *numbers_of(kernel, [forward])]
            spoil = rng.choice(9, 3, replace=False).tolist() if checks and number % 2 else []
            fresh = Experiment(task, arguments, "at a random point", stand_ins=model.stand_ins)
            change = {"spoil": spoil, "how": "has the wrong sign", "rtol": 0.01 if checks else 1e-5}
            experiments.append(dataclasses.replace(fresh, **change))
        near = [dataclasses.replace(e, arguments=nudge(e.arguments)) for e in experiments]
        rights, beside = numbers_of(kernel, experiments), numbers_of(kernel, near)
        if np.allclose(np.concatenate(rights), np.concatenate(beside), rtol=1e-7, atol=1e-12):
            for experiment, right in zip(experiments, rights):
                experiment.right = [right]
            return list(map(dataclasses.asdict, experiments))


def numbers_of(kernel: Kernel, experiments: list[Experiment]) -> list[list[float]]:
    """Return the numbers that the notebook's function gives in experiments."""
    task = experiments[0].task
    outcomes = kernel.perform(task, experiments)
    return [list(graders._values(task, outcome.result).values()) for outcome in outcomes]


def draw_all(task: str, rng: np.random.Generator) -> list[list]:
    """Return the arguments of four calls, which together show every branch of the mathematics."""
    while True:
        drawn = [draw(task, rng, *size) for size in SIZES]
        seen = np.concatenate([signs(arguments) for arguments in drawn])
        if (seen.min(axis=0) < 0).all() and (seen.max(axis=0) > 0).all():
            return drawn


def draw(task: str, rng: np.random.Generator, rows: int, epochs: int) -> list:
    """Return random arguments of a task: [z], or [x, y, w, ...], or [X, y, w, epochs, ...]."""

    def numbers(*shape: int) -> np.ndarray:
        sizes = rng.uniform(0.2, 0.9, shape)
        if shape[-1] > 4:  # x or w
            sizes[..., 2] += 0.8  # so that w3·x3 goes beyond π/2
        return sizes * rng.choice([-1.0, 1.0], shape)

    if task == "sigmoid":
        return [float(rng.choice([6, 30, 600]) * rng.uniform(-1, 1))]
    if not task.startswith("train_"):
        point = [numbers(5).tolist(), float(rng.normal()), numbers(9).tolist()]
        return [*point, 1e-3] if task == "gradient_checking" else point
    settings = [epochs, *rng.uniform([0.01, 0.5, 0.8], [0.04, 0.9, 0.98]).tolist(), 1e-12]
    many = {"train_vanilla": 2, "train_momentum": 3, "train_adam": 5}[task]
    return [
        numbers(rows, 5).tolist(),
        numbers(rows, 1)[:, 0].tolist(),
        numbers(9).tolist(),
        *settings[:many],
    ]


def signs(arguments: list) -> np.ndarray:
    """Return, for each data point in arguments, the numbers whose signs are branches of the graph."""
    if len(arguments) == 1:
        return np.array([arguments])
    x, y, w = np.atleast_2d(arguments[0]), *map(np.array, arguments[1:3])
    first, angle, second = x[:, :2] @ w[:2], w[2] * x[:, 2], x[:, 3:] @ w[3:5]
    tanh = np.tanh(np.exp(first**2 + w[5]) + w[6])
    output = tanh + w[8] / (1 + np.exp(-np.sin(angle) * second - w[7]))
    return np.stack([first, np.cos(angle), np.sin(angle), second, tanh, y - output], axis=1)


def nudge(arguments: list) -> list:
    """Return arguments whose arrays are off by a part in 10^12."""
    return [(np.array(a) * (1 + 1e-12)).tolist() if isinstance(a, list) else a for a in arguments]


# ---------------------------------------------------------------------------------------- files


def code_cells(path: Path) -> list[str]:
    """Return the code of a notebook of any format and encoding; raise ValueError with a sentence."""
    if path.suffix != ".ipynb":
        raise ValueError("not a notebook: its name does not end in .ipynb.")
    if path.is_symlink() or not path.is_file():
        raise ValueError(
            "this is no ordinary file." if os.path.lexists(path) else "there is no such file."
        )
    try:
        raw = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cells = nbformat.reads(raw.decode(json.detect_encoding(raw)), as_version=4).cells
        sources = [cell.source for cell in cells if cell.cell_type == "code"]
        return [source.encode("utf-8", "replace").decode() for source in sources]
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}.") from None
    except Exception as error:  # noqa: BLE001 - nbformat raises what it likes
        raise ValueError(f"not a notebook: {type(error).__name__}: {error}") from None


def submissions(paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """Return the notebooks at the paths, and the files in folders that are passed over."""
    found: dict[Path, Path] = {}
    others: list[Path] = []
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            parts = file.relative_to(path).parts
            if file.name.startswith("._") or any(
                p in (".ipynb_checkpoints", ".git") for p in parts
            ):
                continue
            if path.is_dir() and file.suffix != ".ipynb":
                others += [] if file.is_dir() else [file]
            elif not file.is_dir():
                found.setdefault(Path(os.path.realpath(file.parent), file.name), file)
    return list(found.values()), others


def copies(files: list[Path], reference: Path) -> list[Path]:
    """Return the files that are the reference, by path or by content."""

    def content(path: Path) -> list[str]:
        with contextlib.suppress(ValueError):
            return code_cells(path)
        return []

    place, wanted = os.path.realpath(reference), content(reference)
    same = {file for file in files if os.path.realpath(file) == place}
    return [file for file in files if file in same or (wanted and content(file) == wanted)]


# ----------------------------------------------------------------------------------- the report


def empty_row(path: Path, error: str = "") -> dict[str, Any]:
    """Return the row of a notebook that has no points."""
    row: dict[str, Any] = {"submission": str(path), **dict.fromkeys(STAGES, 0), "total": 0}
    row |= {"causes": {}, "messages": {}, "cells_raised": [], "seconds": 0.0}
    return row | {"error": one_line(error, 300), "max": STAGE_POINTS}


def printable(text: str, most: int) -> str:
    """Return a stranger's text without control characters, cut after `most` characters."""
    text = text if len(text) <= most else text[:most] + "..."
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def one_line(text: str, most: int = 200) -> str:
    """Return a stranger's text in one line."""
    return printable(text, most).replace("\n", r"\n")


class Files:
    """The table for a spreadsheet and the JSON Lines, which grow row by row."""

    columns = ("submission", *STAGES, "total", "causes", "cells_raised", "seconds", "error")

    def __init__(self, table: TextIO | None, data: TextIO | None):
        self.open = {"--csv": table, "--json": data}
        self.lost: dict[str, str] = {}  # which could not be written, and why
        self._write("--csv", self.columns)

    def write(self, row: dict[str, Any]) -> None:
        """Write a row, at once."""
        cells = [row | {"causes": causes(row)}][0]
        texts = ["; ".join(c) if isinstance(c, list) else c for c in map(cells.get, self.columns)]
        self._write("--csv", [harmless(text) for text in texts])
        self._write("--json", row)

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


def harmless(cell: Any) -> Any:
    """Return a cell of a spreadsheet that no spreadsheet takes for a formula."""
    text = one_line(cell, 1000) if isinstance(cell, str) else cell
    return (
        f"'{text}" if isinstance(text, str) and text.lstrip()[:1] in tuple("=+-@＝＋－＠") else text
    )


def causes(row: dict[str, Any]) -> list[str]:
    """Return what a row lost, in words."""
    return [f"{task}: {cause or 'not recognised'}" for task, cause in row["causes"].items()]


def print_report(rows: list[dict[str, Any]], many: int) -> None:
    """Print the table, what was lost most often, and the messages where there is one notebook."""
    names = [one_line(row["submission"]) for row in rows]
    width = max(map(len, names), default=0)
    short = [task.removesuffix("_propagation").removeprefix("train_")[:8] for task in STAGES]
    print(" " * width + "".join(f"{name:>9}" for name in short) + "    total  raised  seconds")
    for name, row in zip(names, rows):
        points = "".join(f"{row[task]:9}" for task in STAGES)
        ends = f"{row['total']:9}{len(row['cells_raised']):8}{row['seconds']:9.1f}"
        print(f"{name:{width}}", row["error"] or f"{points}{ends}"[1:])
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


# ----------------------------------------------------------------------------- the command line


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options; exit with 2 where they make no sense, before anything runs."""

    def number(text: str) -> float:
        if not 1 <= float(text) <= 86400:
            raise ValueError
        return float(text)

    most = "at worst a notebook takes 20 timeouts and 2 minutes: with 20, less than 9 minutes"
    parser = argparse.ArgumentParser(
        description="Run notebooks, each in a kernel of its own, and grade their functions."
    )
    add = parser.add_argument
    add("submissions", nargs="+", type=Path, metavar="NOTEBOOK_OR_FOLDER")
    add("--one", action="store_true", help="a folder holds one submission: exactly one notebook")
    add("--reference", type=Path, metavar="NOTEBOOK", help="solved; by default backprop.ipynb")
    add("--csv", type=Path, metavar="FILE", help="write a table for a spreadsheet")
    add("--json", type=Path, metavar="FILE", help="write everything, a line for each notebook")
    add("--jobs", type=number, default=1, metavar="N", help="notebooks at a time (1)")
    add("--timeout", type=number, default=60.0, metavar="SECONDS", help=f"of a cell (60); {most}")
    options = parser.parse_args(arguments)
    options.files, options.others = submissions(options.submissions)
    options.error = ""
    if options.one and len(options.files) != 1:
        names = ", ".join(one_line(file.name) for file in options.files[:9]) or "none"
        options.error = f"hand in exactly one notebook, a file *.ipynb; here there are: {names}."
        options.files = options.submissions[:1]
    elif not options.files:
        parser.error("there is no notebook in what was named")
    if options.reference and not options.reference.is_file():
        parser.error(f"there is no file {options.reference}")
    options.reference = options.reference or ROOT / "backprop.ipynb"
    used = [*options.files, options.reference, ROOT / "graders.py"]
    for name in ("csv", "json"):
        path = getattr(options, name)
        if path and os.path.realpath(path) in map(os.path.realpath, used):
            parser.error(f"{path} would be overwritten")
        used += [path] if path else []
        try:
            file = path and path.open(
                "w", encoding="utf-8", errors="backslashreplace", newline="\n"
            )
        except OSError as error:
            parser.error(f"{path} cannot be written: {error.strerror}")
        setattr(options, name, file)
    return options


def random_points(
    files: list[Path], reference: Path, sandbox: Sandbox
) -> dict[Path, dict[str, list]]:
    """Return for each file the random points it is graded at; say where there are none, and why."""
    seed, same = secrets.randbits(32), copies(files, reference)
    nowhere: dict[Path, dict[str, list]] = {file: {} for file in files}
    if same == files:
        print(f"Graded at the known points alone: the reference {reference} is what is graded.")
        return nowhere
    call = functools.partial(fresh_points, reference, seed)
    for _, answer in in_processes({reference: call}, [sandbox]):
        if "error" in answer:
            why = one_line(answer["error"], 120)
            print(f"Graded at the known points alone: {reference} is no solution: {why}")
            return nowhere
        print(f"Graded at fresh random points (seed {seed}) too.")
        for file in same:
            print(f"{one_line(str(file))} is the reference: graded at the known points alone.")
        points = {
            task: [[Experiment(**fields) for fields in experiments] for experiments in judged]
            for task, judged in answer["result"].items()
        }
        return {file: {} if file in same else points for file in files}
    return nowhere


def graded(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield a row for each file, as they finish; a process that dies costs its own file only."""
    good = []
    for file in options.files:
        if options.error:
            yield empty_row(file, options.error)
            return
        try:
            code_cells(file)
            good.append(file)
        except ValueError as error:
            yield empty_row(file, str(error))
    if not good:
        return
    with sandbox.places(int(options.jobs), options.timeout) as sandboxes:
        points = random_points(good, options.reference, sandboxes[0])
        calls = {file: functools.partial(grade, file, points[file]) for file in points}
        died = []
        for file, answer in in_processes(calls, sandboxes):
            if answer.get("died"):
                died.append(file)  # perhaps another notebook ended it: once more, alone
            else:
                yield answer.get("result") or empty_row(file, f"not graded: {answer['error']}")
        for file, answer in in_processes({file: calls[file] for file in died}, sandboxes[:1]):
            yield answer.get("result") or empty_row(file, f"not graded: {answer['error']}")


def main(arguments: list[str] | None = None) -> int:
    """Grade notebooks, as `--help` says, and print a report.

    Returns the exit status: 0 when all were graded, whatever their score; 1 when one was not, or a
    file is not complete; 128 and the number of a signal that came. Exits with 2 for wrong usage.
    """
    sys.stdout.reconfigure(errors="backslashreplace")
    options = options_of(arguments)
    many, rows, files = len(options.files), {}, Files(options.csv, options.json)
    sandbox.note_signals()
    sandbox.adopt_orphans()
    for row in tqdm(graded(options), total=many):
        rows[row["submission"]] = row
        files.write(row)
    if STOPPED:
        print("interrupted")
    print_report([rows[str(file)] for file in options.files if str(file) in rows], many)
    if options.others:
        names = ", ".join(one_line(str(path)) for path in options.others[:20])
        more = f" and {len(options.others) - 20} more" if len(options.others) > 20 else ""
        print(f"\npassed over, because their names do not end in .ipynb: {names}{more}")
    print("".join(f"\n{sentence}" for sentence in files.lost.values()), end="")
    if STOPPED:
        return 128 + STOPPED[0]
    return int(bool(files.lost) or any(row["error"] for row in rows.values()))


if __name__ == "__main__":
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # nobody reads the report to its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)
