"""Fixtures that several test modules use."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers import ROOT, ROOT_USER, copied_python, definitions, module

EARLY = {"graded": "test_untrusted.py", "course": "test_instructors.py"}


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
