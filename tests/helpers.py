"""What several test modules use: the notebook's cells, and its functions without a kernel."""

import itertools
import linecache
import os
import re
import shutil
import sys
import sysconfig
import types
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent
NUMBERS = itertools.count()
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0
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


def copied_python(prefix: Path) -> Path:
    """Make a copy of this Python, of links where they can be; return the folder of its program."""

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
