"""What several test modules use, in five parts.

The notebook and its functions without a kernel; judging a function; the internals of the graders,
which few other test modules name; submissions; and running the commands of the READMEs.
"""

import ast
import functools
import itertools
import linecache
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest

import graders
from graders import GraderError

ROOT = Path(__file__).parent.parent
GRADING = ROOT / "tests" / "grading"
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0
NUMBERS = itertools.count()

# ------------------------------------------------------------- the notebook and its functions

SOLUTION = re.compile(  # in prose the marks are inside comments
    r"^( *)(?:<!-- )?### BEGIN SOLUTION.*?### END SOLUTION(?: -->)?", re.DOTALL | re.MULTILINE
)


def read_notebook() -> nbformat.NotebookNode:
    """Return the solved notebook."""
    return nbformat.read(ROOT / "backprop.ipynb", as_version=4)


def unsolved(source: str) -> str:
    """Return a cell's source as a student receives it."""
    stub = "YOUR ANSWER HERE" if "<!--" in source else "raise NotImplementedError()"
    return SOLUTION.sub(rf"\1{stub}", source)


def solution_lines() -> list[str]:
    """Return the lines of all solutions in the notebook, in code and in prose."""
    marked = [
        match[0] for cell in read_notebook().cells for match in SOLUTION.finditer(cell.source)
    ]
    return [line.strip() for text in marked for line in text.splitlines()[1:-1]]


def solved_functions() -> str:
    """Return the source of the notebook's imports and solved functions, and nothing that runs."""
    sources = [cell.source for cell in read_notebook().cells if cell.cell_type == "code"]
    imports = re.findall(r"^(?:import|from (?!graders)).*", "\n".join(sources), re.MULTILINE)
    solved = [source for source in sources if "### BEGIN SOLUTION" in source]
    return "\n".join([*dict.fromkeys(imports), *solved])


def correct_source(style: str) -> str:
    """Return the source of a correct solution of the corpus."""
    path = ROOT / "tests" / "corpus" / "correct" / f"{style}.py"
    return path.read_text(encoding="utf-8")


def module(source: str) -> dict[str, Any]:
    """Return the globals of a fresh module that ran `source`, whose lines `inspect` can find."""
    name = f"<student {next(NUMBERS)}>"
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    namespace = types.ModuleType("student").__dict__
    exec(compile(source, name, "exec"), namespace)
    return namespace


def replaced(text: str, old: str, new: str, count: int = -1) -> str:
    """Return the text with `old` replaced by `new`; fail if nothing was replaced."""
    assert old in text, f"the text to replace is not there: {old!r}"
    assert old != new, f"replaced by itself: {old!r}"
    return text.replace(old, new, count)


def edited(old: str, new: str) -> dict[str, Any]:
    """Return the globals of the notebook's solution with the first `old` replaced by `new`."""
    return module(replaced(solved_functions(), old, new, 1))


# ------------------------------------------------------------------------- judging a function

TASKS = list(graders.TASKS)
LOOPS = ["train_vanilla", "train_momentum", "train_adam"]
PASSES = ["forward_propagation", "backward_propagation"]


def grader_name(task: str) -> str:
    """Return the name of a task's grader."""
    return graders.TASKS[task].grader


def accepts(task: str, work: Any) -> bool:
    """Let a task's grader judge a function; return what it returns."""
    return graders.STAGES[task](work)


def refusal(task: str, work: Any) -> GraderError:
    """Return the error with which a task's grader refuses a function."""
    with pytest.raises(GraderError) as caught:
        accepts(task, work)
    return caught.value


def passed(namespace: dict[str, Any]) -> set[str]:
    """Return the tasks whose grader accepts the function in a notebook's globals."""
    found = set()
    for task in TASKS:
        try:
            if accepts(task, namespace[task]):
                found.add(task)
        except GraderError:
            pass
    return found


# ---------------------------------------------------------------- the internals of the graders

JUDGING = ("check", "judge", "differences_of", "perform")  # functions that every verdict needs
OVERWRITTEN = ("judge", "check", "perform", "same", "verdict_on")  # by a hostile notebook


def explain_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let refusals be reported without an explanation, which takes time."""
    monkeypatch.setattr(graders, "explain", None, raising=False)


def limit_search(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let an explanation take no longer than this."""
    monkeypatch.setattr(graders, "SECONDS", seconds, raising=False)


def limit_watch(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let watching a call take no longer than this."""
    monkeypatch.setattr(graders, "WATCH_SECONDS", seconds)


def student_of(task: str, namespace: dict[str, Any]) -> graders.Student:
    """Return a notebook's function for a task, as the graders hold it."""
    return graders.Student(task, namespace[task], namespace)


def verdict(task: str, namespace: dict[str, Any]) -> graders.Verdict:
    """Return the verdict on a notebook's function for a task, without an explanation."""
    with graders.quiet():
        return graders.verdict_on(student_of(task, namespace))


def correct_runs(task: str) -> list[list[list[float]]]:
    """Return, for each run of a loop, the expected numbers of each correct form of its rule."""
    return [
        [list(form.values()) for form in expect.any_of]
        for tests in graders.judgements(task)[:2]
        for _, expect in tests[:2]
    ]


def graders_passes() -> tuple[Callable, Callable]:
    """Return the grader's own forward and backward passes."""
    student = student_of("train_vanilla", module("def train_vanilla(): pass"))
    (call, _), *_ = graders.judgements("train_vanilla")[-1]
    passes = graders.GradersPasses(student, call, graders.CallLog())
    return passes.forward_propagation, passes.backward_propagation


LOOK_UP = """
import graders
import numpy as np

def stored_numbers(test, arguments):
    call, expect = test
    pairs = list(zip(call.arguments, arguments))
    same = all(np.shape(a) == np.shape(b) and np.allclose(a, b) for a, b in pairs)
    return [*expect.any_of[0].values()] if same and expect.any_of else None

def looked_up(task, *arguments):
    for tests in graders.judgements(task):
        for test in tests:
            numbers = test[0].corrupt == () and stored_numbers(test, arguments)
            if numbers:
                return numbers
    return [0.5] * 20
"""  # for notebooks that look up the expected numbers in the graders

# -------------------------------------------------------------------------------- submissions

TASK_CELLS = ("sigmoid", "forward", "backward", "check", "vanilla", "momentum", "adam")
GRADER_CELLS = [f"{name}-grader" for name in TASK_CELLS]
IMPORTS = """
import math
import os
import sys
import time
from operator import itemgetter
import numpy as np
from tqdm import tqdm
"""
# Mistakes: the cell, a text of its solution, and what replaces it
ADAM_CORRECTED = "m_hat = m / (1 - beta1**t)\n            v_hat = v / (1 - beta2**t)"
WRONG_ADAM = ("adam", ADAM_CORRECTED, "m_hat, v_hat = m, v")
WRONG_DW4 = ("backward", "dtimes4 * x4", "dtimes4")
WRONG_VANILLA = ("vanilla", "lr * ", "2 * lr * ")
WRONG_MOMENTUM = ("momentum", "lr * ", "2 * lr * ")


@functools.cache
def solved_cells() -> dict[str, str]:
    """Return the source of the cell of each task; backward needs no extra keys of forward."""
    cells = {cell.id: cell.source for cell in read_notebook().cells if cell.id in TASK_CELLS}
    formulas = correct_source("formulas")
    (backward,) = [
        ast.get_source_segment(formulas, node)
        for node in ast.parse(formulas).body
        if getattr(node, "name", "") == "backward_propagation"
    ]
    return cells | {"backward": backward}


def wrong_cell(cell: str, old: str, new: str) -> str:
    """Return the source of a task's cell with a mistake."""
    return replaced(solved_cells()[cell], old, new)


def small_notebook(*after: str, first: Sequence[str] = (IMPORTS,)) -> nbformat.NotebookNode:
    """Return a solved notebook, with other cells before and after the functions."""
    sources = [*first, *solved_cells().values(), *after]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])


def solved_notebook(*mistakes: tuple[str, str, str]) -> nbformat.NotebookNode:
    """Return the solved notebook with mistakes, without the cells that no grader needs."""
    notebook = read_notebook()
    cells = {cell.id: cell for cell in notebook.cells}
    for name, old, new in mistakes:
        cells[name].source = replaced(cells[name].source, old, new)
    sources = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    imports = re.findall(r"^(?:import|from) (?!graders|matplotlib).*", sources, re.MULTILINE)
    graded = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    notebook.cells = [nbformat.v4.new_code_cell("\n".join(dict.fromkeys(imports))), *graded]
    return notebook


def untouched_notebook() -> nbformat.NotebookNode:
    """Return the notebook as a student receives it, without the cells that no grader needs."""
    notebook = solved_notebook()
    for cell in notebook.cells:
        cell.source = unsolved(cell.source)
    return notebook


@functools.cache
def bubblewrap_works() -> bool:
    """Return whether bubblewrap isolates kernels here."""
    import isolation  # found by tests only, not by the tools

    with isolation.places(1, 20, as_root=True) as (sandboxes, _):
        return bool(sandboxes[0].walls)


needs_bubblewrap = pytest.mark.platform(
    bubblewrap_works, reason="bubblewrap is not installed here, or forbidden"
)


def write_notebook(path: Path, *sources: str) -> Path:
    """Write a notebook with these cells; return its path."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def run_grading(*arguments: Any, cwd: Path = ROOT, **options: Any) -> subprocess.CompletedProcess:
    """Run `python tests/grading` with arguments; as root where nothing can isolate notebooks."""
    command = [sys.executable, GRADING, *arguments, "--as-root"]
    options = {"capture_output": True, "text": True, "encoding": "utf-8"} | options
    return subprocess.run(command, cwd=cwd, check=False, **options)


# ---------------------------------------------------------------- the commands of the READMEs

STUDENTS_FILES = ("backprop.ipynb", "graders.py", "data.pkl", "requirements.txt")


def copy_repository(folder: Path) -> Path:
    """Copy what the commands of tests/README.md need into a new folder, and return it."""
    left_out = shutil.ignore_patterns("__pycache__", "test_*", ".*")
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=left_out)
    for name in STUDENTS_FILES:
        shutil.copy(ROOT / name, folder)
    return folder


def shell(command: str, folder: Path, **more: str) -> str:
    """Run commands in bash, with this Python's programs first; return what they print."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=os.environ | {"PATH": path} | more,
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout + done.stderr


def instructors_readme() -> str:
    """Return the text of tests/README.md."""
    return (ROOT / "tests" / "README.md").read_text(encoding="utf-8")


def command_blocks(text: str) -> list[str]:
    """Return the blocks of commands in a README, as they are written."""
    return re.findall(r"^ {4}\S.*\n(?:^ {4,}.*\n)*", text, re.MULTILINE)


def command_block(first: str) -> str:
    """Return the block of commands in tests/README.md that begins so."""
    blocks = command_blocks(instructors_readme())
    (block,) = [block for block in blocks if block.startswith(f"    {first}")]
    return block


def copied_python(prefix: Path) -> Path:
    """Make a copy of this Python, of links where possible; return the folder of its program."""

    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)

    base, library = Path(sys.base_prefix), Path(sysconfig.get_path("stdlib"))
    site, copied = Path(sysconfig.get_path("purelib")), prefix / library.relative_to(base)
    left_out = shutil.ignore_patterns("site-packages", "test", "idlelib", "config-*")
    shutil.copytree(library, copied, copy_function=link, ignore=left_out)
    (prefix / "bin").mkdir()
    link(os.path.realpath(sys.executable), prefix / "bin" / "python")
    for file in (base / "lib").glob("libpython*"):
        link(file, prefix / "lib" / file.name)
    if all(folder.stat().st_mode & 1 for folder in (site, *site.parents)):
        (copied / "site-packages").symlink_to(site)
    else:
        shutil.copytree(site, copied / "site-packages", copy_function=link)
    return prefix / "bin"
