"""What several test modules use: the notebook's cells, and its functions without a kernel."""

import itertools
import linecache
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
NUMBERS = itertools.count()
EARLY = {"graded": "test_untrusted.py", "course": "test_instructors.py"}
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


@pytest.fixture
def solution() -> dict:
    """The globals of a notebook in which the notebook's solved functions are defined."""
    return module(definitions())


@pytest.fixture(scope="session", autouse=True)
def begun(request, tmp_path_factory) -> Iterator[Callable[[str], Path]]:
    """What takes long, begun before its turn in a process of its own: both cores are used so.

    Called with the name of the fixture that waits for it, returns the folder when all is done.
    """
    wanted = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    running = {}
    for name in EARLY.keys() & wanted:
        folder = tmp_path_factory.mktemp(name)
        with (folder / "printed").open("w") as printed:
            command = [sys.executable, ROOT / "tests" / EARLY[name], folder]
            options = {"stdout": printed, "stderr": subprocess.STDOUT}
            running[name] = folder, subprocess.Popen(command, **options)

    def folder_of(name: str) -> Path:
        folder, process = running[name]
        assert process.wait() == 0, (folder / "printed").read_text(errors="replace")
        return folder

    yield folder_of
    for _, process in running.values():
        process.wait()


@pytest.fixture(scope="session")
def public() -> Iterator[Path]:
    """A folder that every user may enter: pytest's own would keep them out of whatever is in it."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def everybody(public) -> dict[str, str]:
    """An environment whose `python` is this one: as root, a copy that a kernel's user may run."""
    folder, more = Path(sys.executable).parent, {}
    if ROOT_USER:
        folder = copied_python(public / "python")
        more = {"LD_LIBRARY_PATH": str(public / "python" / "lib"), "TMPDIR": str(public)}
    return os.environ | more | {"PATH": os.pathsep.join([str(folder), os.environ["PATH"]])}


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
