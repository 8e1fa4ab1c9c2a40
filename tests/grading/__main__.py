"""Grade notebooks that nobody trusts: `python tests/grading NOTEBOOK_OR_FOLDER ...`

Each notebook runs in a kernel of its own. The kernel gets experiments and returns what
they gave; what is right is judged in this process, by the judge of `graders.py`, which no notebook
reaches. What a refusal means is asked in the kernel afterwards, when points are no longer at stake.

In order: one notebook; files; the command line. Beside it: `sandbox.py`, kernels and processes;
`points.py`, random points; `report.py`, what is written down.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
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
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

# What nbformat imports would compile a grammar of web addresses, which takes two seconds
sys.modules.setdefault("rfc3987_syntax", None)

import nbformat
import numpy as np
from IPython.core.inputtransformer2 import TransformerManager
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).absolute().parent))  # not a matter of course: python -I
import sandbox
from points import experiments_like
from report import STAGE_POINTS, Files, empty_row, one_line, opened, print_report, printable
from sandbox import ROOT, STOPPED, Kernel, Sandbox, in_processes

from graders import STAGES, Experiment, GraderError, judge, judgements  # isort: skip

Points = dict[str, list[list[Experiment]]]  # for each task, its judgements at random points
KNOWN_POINTS_ONLY = "right at the known points, wrong at random ones: are numbers typed in?"
HIDDEN = re.compile(r"(^|/)(\._[^/]*$|\.ipynb_checkpoints/|\.git/)")  # in a folder
IMPORTS, DEFINITIONS = (ast.Import, ast.ImportFrom), (ast.FunctionDef, ast.ClassDef)

# ------------------------------------------------------- one notebook, from its file to its row


def grade(path: Path, fresh: Points, sandbox: Sandbox) -> dict[str, Any]:
    """Run a notebook and grade its functions; return a row of the report."""
    begun, row = time.monotonic(), empty_row(path)
    with closing(Kernel(sandbox)) as kernel:
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
        kernel.close()
        kernel.begin()
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
            fault = GraderError(KNOWN_POINTS_ONLY, "known-points-only")
        if not fault:
            return None
        faults.append(fault)
    almost = [fault for fault in faults if fault.cause == "known-points-only"]
    called = [f for f in faults if f.outcome and (f.outcome.forward or f.outcome.backward)]
    return (almost or called or faults)[0]  # with stand-ins, if the work came to call them


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
            if re.fullmatch("[a-z0-9-]{1,30}", str(told["cause"] or "")):
                cause = told["cause"]
    return cause, printable(message, 1500)


def fresh_points(reference: Path, seed: int, sandbox: Sandbox) -> dict[str, list]:
    """Return `Points`, as plain data.

    Of the reference only imports and definitions are run. Raises ValueError if it is no solution.
    """
    rng, cells, found = np.random.default_rng(seed), code_cells(reference), {}
    with closing(Kernel(sandbox)) as kernel:
        for part in itertools.chain.from_iterable(map(definitions, cells)):
            error_in(kernel, part)
        kernel.load_graders()
        for task in STAGES:
            if fault := find_fault(kernel, task, []):
                raise ValueError(f"{task}: {fault.sentence}")
            models = [experiments[0] for experiments in judgements(task)]
            judged = [experiments_like(kernel, model, rng) for model in models]
            found[task] = [list(map(dataclasses.asdict, experiments)) for experiments in judged]
    return found


# ---------------------------------------------------------------------------------------- files


def code_cells(path: Path) -> list[str]:
    """Return the code of a notebook of any format and encoding; raise ValueError with a sentence."""
    if path.suffix != ".ipynb":
        raise ValueError("not a notebook: its name does not end in .ipynb.")
    if not os.path.lexists(path):
        raise ValueError("there is no such file.")
    if path.is_symlink() or not path.is_file():
        raise ValueError("this is no ordinary file.")
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
        files = [path]
        if path.is_dir():
            inside = [file for file in sorted(path.rglob("*")) if not file.is_dir()]
            inside = [f for f in inside if not HIDDEN.search(f.relative_to(path).as_posix())]
            files = [file for file in inside if file.suffix == ".ipynb"]
            others += [file for file in inside if file.suffix != ".ipynb"]
        for file in files:  # a place counts once, whatever its paths
            found.setdefault(Path(os.path.realpath(file.parent), file.name), file)
    return list(found.values()), others


def copies(files: list[Path], reference: Path) -> list[Path]:
    """Return the files that are the reference, by path or by content."""
    place, cells = os.path.realpath(reference), []
    with contextlib.suppress(ValueError):
        cells = code_cells(reference)
    same = {file for file in files if os.path.realpath(file) == place}
    return [file for file in files if file in same or (cells and code_cells(file) == cells)]


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
    add("--user", default="nobody", metavar="NAME", help="who runs notebooks for root (nobody)")
    options = parser.parse_args(arguments)
    if options.user == "root":
        parser.error("notebooks are not run as root: name another user")
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
            setattr(options, name, path and opened(path))
        except OSError as error:
            parser.error(f"{path} cannot be written: {error.strerror}")
    return options


def random_points(files: list[Path], reference: Path, sandbox: Sandbox) -> dict[Path, Points]:
    """Return for each file the random points it is graded at; say where there are none, and why."""
    seed, same, points = secrets.randbits(32), copies(files, reference), {}
    if same == files:
        print(f"Graded at the known points alone: the reference {reference} is what is graded.")
        return {file: {} for file in files}
    call = functools.partial(fresh_points, reference, seed)
    for _, answer in in_processes({reference: call}, [sandbox]):
        if "error" in answer:
            why = one_line(answer["error"], 120)
            print(f"Graded at the known points alone: {reference} is no solution: {why}")
            break
        print(f"Graded at fresh random points (seed {seed}) too.")
        for file in same:
            print(f"{one_line(str(file))} is the reference: graded at the known points alone.")
        for task, judged in answer["result"].items():
            points[task] = [[Experiment(**plain) for plain in plains] for plains in judged]
    return {file: {} if file in same else points for file in files}


def graded(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield a row for each file, as they finish; a process that dies costs its own file only."""
    good = []
    for file in options.files:
        try:
            if options.error:
                raise ValueError(options.error)
            code_cells(file)
            good.append(file)
        except ValueError as error:
            yield empty_row(file, str(error))
    if not good:
        return
    with sandbox.places(int(options.jobs), options.timeout, options.user) as sandboxes:
        points = random_points(good, options.reference, sandboxes[0])
        calls = {file: functools.partial(grade, file, points[file]) for file in points}
        for together in (sandboxes, sandboxes[:1]):
            for file, answer in in_processes(calls, together):
                if answer.get("died") and together is sandboxes:
                    continue  # perhaps another notebook ended it: once more, alone
                del calls[file]
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
