"""What several test modules use: the notebook's cells, and its functions without a kernel."""

import itertools
import linecache
import re
import types
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
NUMBERS = itertools.count()
SOLUTION = re.compile(  # in prose the marks stand in comments
    r"^( *)(?:<!-- )?### BEGIN SOLUTION.*?### END SOLUTION(?: -->)?", re.DOTALL | re.MULTILINE
)


def read_notebook() -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "backprop.ipynb", as_version=4)


def unsolved(source: str) -> str:
    """Return a cell's source as a student receives it."""
    stub = "YOUR ANSWER HERE" if "<!--" in source else "raise NotImplementedError()"
    return SOLUTION.sub(rf"\1{stub}", source)


def definitions() -> str:
    """Return the imports and the solved functions of the notebook, and nothing that runs."""
    sources = [cell.source for cell in read_notebook().cells if cell.cell_type == "code"]
    imports = re.findall(r"^(?:import|from (?!graders)).*", "\n".join(sources), re.MULTILINE)
    solved = [source for source in sources if "### BEGIN SOLUTION" in source]
    return "\n".join([*dict.fromkeys(imports), *solved])


def module(source: str) -> dict:
    """Return the globals of a fresh module that ran `source`, whose lines `inspect` can find."""
    name = f"<student {next(NUMBERS)}>"
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    namespace = types.ModuleType("student").__dict__
    exec(compile(source, name, "exec"), namespace)  # noqa: S102 - the tests' own code
    return namespace


@pytest.fixture
def solution() -> dict:
    """The globals of a notebook in which the notebook's solved functions are defined."""
    return module(definitions())
