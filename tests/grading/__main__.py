"""Grade untrusted notebooks: `python tests/grading NOTEBOOK_OR_FOLDER ...`

Here is the command line. Beside it: `reading.py`, strangers' files; `cells.py`, the cells of a notebook;
`judging.py`, one notebook from its file to its row; `points.py`, random points; `sandbox.py`, kernels;
`isolation.py`, what keeps them away from everything else; `users.py`, for whom root runs them;
`launch.py`, which becomes a kernel; `processes.py`, calls that may die; `report.py`, what is written.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import re
import secrets
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).absolute().parent))  # python -I does not do so
import processes
from isolation import ROOT, NotIsolated, Sandbox, places
from judging import Measure, fresh_points, grade, points_from
from processes import STOPPED, in_processes
from reading import is_named_as_notebook, read
from report import (
    NOT_GRADED,
    Files,
    empty_row,
    finished_rows,
    keep_rows,
    one_line,
    open_printed,
    opened,
    print_report,
)

HIDDEN = re.compile(r"(^|/)(\._[^/]*$|\.ipynb_checkpoints/|\.git/)")  # in a folder

# ---------------------------------------------------------------------------------- the options


def submissions(paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """Return the notebooks at the paths, and the files in folders that are passed over.

    What may be a notebook under a wrong name, such as `a.ipynb (1)`, is one: its row says so.
    """
    found: dict[Path, Path] = {}
    others: list[Path] = []
    for path in paths:
        files = [path]
        if path.is_dir():
            inside = [file for file in sorted(path.rglob("*")) if not file.is_dir()]
            inside = [f for f in inside if not HIDDEN.search(f.relative_to(path).as_posix())]
            files = [file for file in inside if ".ipynb" in file.name.lower()]
            others += [file for file in inside if ".ipynb" not in file.name.lower()]
        for file in files:  # a place counts once, whatever its paths
            found.setdefault(Path(os.path.realpath(file.parent), file.name), file)
    return list(found.values()), others


def seconds(text: str) -> float:
    """Return how many seconds an option says."""
    with contextlib.suppress(ValueError):
        if 1 <= float(text) <= 86400:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 1 to 86400")


def jobs(text: str) -> int:
    """Return how many notebooks are graded at a time."""
    with contextlib.suppress(ValueError):
        if 1 <= int(text) <= 1000:
            return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of jobs from 1 to 1000")


def seed(text: str) -> int:
    """Return the number with which random points begin."""
    if not 0 <= int(text) < 2**64:
        raise ValueError
    return int(text)


def parser_of_options() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    most = "at worst a notebook takes 20 timeouts and 2 minutes: with 20, less than 9 minutes"
    parser = argparse.ArgumentParser(
        prog="grading",
        description="Run notebooks, each in a kernel of its own, and grade their functions.",
    )
    add = parser.add_argument
    add("submissions", nargs="+", type=Path, metavar="NOTEBOOK_OR_FOLDER")
    add("--one", action="store_true", help="a folder holds one submission: exactly one notebook")
    add("--reference", type=Path, metavar="NOTEBOOK", help="solved; by default backprop.ipynb")
    add("--seed", type=seed, metavar="N", help="of the random points; it is in each row")
    add("--partial", action="store_true", help="give a part of the points for a part of a stage")
    add("--csv", type=Path, metavar="FILE", help="write a table for a spreadsheet")
    add("--json", type=Path, metavar="FILE", help="write everything, a line for each notebook")
    add("--resume", action="store_true", help="keep the rows in --json, and grade the rest")
    add("--jobs", type=jobs, default=1, metavar="N", help="notebooks at a time (1)")
    add("--timeout", type=seconds, default=60.0, metavar="SECONDS", help=f"of a cell (60); {most}")
    wishes = ("auto", "always", "never")
    add("--bubblewrap", choices=wishes, default="auto", help="isolate kernels by it (auto)")
    add("--user", metavar="NAME", help="for root: the first job's user; others have no name")
    add(
        "--as-root",
        action="store_true",
        help="as root, run notebooks as root if nothing else works",
    )
    return parser


def options_of(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options; exit with 2 where they make no sense, before anything runs."""
    parser = parser_of_options()
    options = parser.parse_args(arguments)
    if options.user == "root":
        parser.error("notebooks are not run as root: name another user")
    options.files, options.others = submissions(options.submissions)
    options.error, options.rows, options.left, options.changed = "", [], [], []
    if options.one:
        named = [file for file in options.files if is_named_as_notebook(file)]
        options.files = named or options.files
    if options.one and len(options.files) != 1:
        names = ", ".join(one_line(file.name) for file in options.files[:9]) or "none"
        options.error = f"hand in exactly one notebook, a file *.ipynb; here there are: {names}."
        options.files = options.submissions[:1]
    elif not options.files:
        parser.error("what was named holds no notebook")
    if options.reference and not options.reference.is_file():
        parser.error(f"there is no file {options.reference}")
    options.reference = options.reference or ROOT / "backprop.ipynb"
    options.hidden = [*options.submissions, options.reference]
    check_reports(options, parser)
    if options.resume:
        resume(options, parser)
    open_reports(options, parser)
    return options


def check_reports(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Exit with 2 if a report would overwrite something."""
    used = [*options.files, options.reference, ROOT / "graders.py"]
    for path in (options.csv, options.json):
        if path and os.path.realpath(path) in map(os.path.realpath, used):
            parser.error(f"{path} would be overwritten")
        if path and path.is_file() and not options.resume:
            parser.error(f"{path} exists: remove it, or add --resume")
        used += [path] if path else []
        options.hidden += [path] if path else []


def resume(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Take over the rows, and the seed, of a report that was begun."""
    if not options.json:
        parser.error("--resume needs --json, where the finished rows are")
    if not options.json.exists():
        return
    try:
        rows = finished_rows(options.json)
    except (OSError, ValueError) as error:
        parser.error(f"cannot resume: {error}")
    names = {str(file) for file in options.files}
    options.rows, options.changed = unchanged([row for row in rows if row["submission"] in names])
    others = [row["submission"] for row in rows if row["submission"] not in names]
    if others:
        parser.error(f"cannot resume: {options.json} has a row of {one_line(others[0])}, too")
    seeds = {row["seed"] for row in rows if row["seed"] is not None}
    if options.seed is None and len(seeds) == 1:
        (options.seed,) = seeds
    if seeds - {options.seed}:
        parser.error(f"cannot resume: the rows in {options.json} have another seed")


def unchanged(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows of notebooks that are as they were, and the names of those that are not.

    A row with an error has no digest, and is in neither: it takes little time to make again.
    """

    def digest_now(row: dict[str, Any]) -> str:
        try:
            return read(Path(row["submission"]))["digest"]
        except ValueError:
            return ""

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each is read in a process of its own
        digests = list(pool.map(digest_now, rows))
    compared = [(row, row["digest"], now) for row, now in zip(rows, digests) if row["digest"]]
    same = [row for row, then, now in compared if now == then]
    return same, [row["submission"] for row, then, now in compared if now != then]


def open_reports(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Open the reports to write."""
    for name in ("csv", "json"):
        path = getattr(options, name)
        try:
            if name == "json" and options.resume:
                keep_rows(path, options.rows)
                options.json = path.open("a", encoding="utf-8", newline="\n")
            else:
                setattr(options, name, path and opened(path))
        except OSError as error:
            parser.error(f"{path} cannot be written: {error.strerror}")


# ---------------------------------------------------------------------------------- the grading


def measure_of(options: argparse.Namespace, sandbox: Sandbox) -> Measure:
    """Return what the notebooks are graded with; say so, and why there are no random points."""
    reference, known = options.reference, Measure("", None, {}, options.partial)
    if [os.path.realpath(file) for file in options.files] == [os.path.realpath(reference)]:
        print(f"Graded at the known points alone: the reference {reference} is what is graded.")
        return known
    number = secrets.randbits(32) if options.seed is None else options.seed
    call = functools.partial(fresh_points, reference, number)
    for _, answer in in_processes({reference: call}, [sandbox]):
        if "error" in answer:
            why = one_line(answer["error"], 120)
            print(f"Graded at the known points alone: {reference} is not a solution: {why}")
            return known
        print(f"Graded at fresh random points (seed {number}) too.")
        points = points_from(answer["result"]["points"])
        return Measure(answer["result"]["digest"], number, points, options.partial)
    return known  # interrupted


def graded(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield a row for each file, as they finish; a process that dies costs its own file only.

    Raises NotIsolated, before anything of a notebook runs.
    """
    if options.error:
        yield empty_row(options.files[0], options.error)
        return
    done = {row["submission"] for row in options.rows}
    waiting = [file for file in options.files if str(file) not in done]
    if not waiting:
        return
    wish, secret = options.bubblewrap, options.hidden
    with places(
        options.jobs,
        options.timeout,
        options.user,
        wish,
        secret,
        options.as_root,
        options.left,
    ) as (sandboxes, said):
        print(said, flush=True)
        measure = measure_of(options, sandboxes[0])
        calls = {file: functools.partial(grade, file, measure) for file in waiting}
        for together in (sandboxes, sandboxes[:1]):
            for file, answer in in_processes(dict(calls), together):
                if answer.get("again") and together is sandboxes:
                    continue  # perhaps another notebook's fault: once more, alone
                del calls[file]
                yield answer.get("result") or empty_row(file, NOT_GRADED + answer["error"])


def main(arguments: list[str] | None = None) -> int:
    """Grade notebooks, as `--help` says, and print a report.

    Returns the exit status: 0 when all were graded, whatever their score; 1 when one was not, or a
    file is not complete; 128 and the number of a signal that came; 2 when notebooks would not be
    isolated as asked. Exits with 2 for wrong usage.
    """
    options = options_of(arguments)
    many = len(options.files)
    rows = {row["submission"]: row for row in options.rows}
    if options.changed:
        names = ", ".join(map(one_line, options.changed))
        print(f"Graded again, because the notebook changed: {names}")
    files = Files(options.csv, options.json, options.rows)
    processes.note_signals()
    processes.adopt_orphans()
    try:
        for row in tqdm(graded(options), total=many, initial=len(rows)):
            rows[row["submission"]] = row
            files.write(row)
    except NotIsolated as error:
        if not STOPPED:  # which may have ended the trial of bubblewrap
            print(f"Nothing was graded: {error}")
            return 2
    if STOPPED:
        print("interrupted")
    print_report([rows[str(file)] for file in options.files if str(file) in rows], many)
    if options.others:
        names = ", ".join(one_line(str(path)) for path in options.others[:20])
        more = f" and {len(options.others) - 20} more" if len(options.others) > 20 else ""
        print(f"\npassed over, because their names do not contain .ipynb: {names}{more}")
    if options.left:
        names = ", ".join(one_line(path) for path in options.left[:5])
        print(f"\n{len(options.left)} temporary files cannot be removed: {names}")
    print("".join(f"\n{sentence}" for sentence in files.lost.values()), end="")
    if STOPPED:
        return 128 + STOPPED[0]
    return int(bool(files.lost) or any(row["error"] for row in rows.values()))


if __name__ == "__main__":
    open_printed()
    with contextlib.suppress(KeyboardInterrupt):
        status = 130  # Ctrl-C before signals are only noted
        status = main()
    sys.stdout.flush()
    if sys.stdout.lost:
        print(f"The report cannot be printed: {sys.stdout.lost}.", file=sys.stderr)
        status = status or 1
    sys.exit(status)
