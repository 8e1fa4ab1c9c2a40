"""Fixtures that several test modules use, and the mark for tests of other platforms."""

import contextlib
import dataclasses
import functools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import isolation
import processes
from helpers import (
    ROOT_USER,
    copied_python,
    correct_source,
    explain_nothing,
    limit_search,
    limit_watch,
    module,
    solved_functions,
)


@pytest.fixture
def solution() -> dict:
    """The globals of a notebook in which the notebook's solved functions are defined."""
    return module(solved_functions())


@pytest.fixture
def formulas() -> dict:
    """The globals of a correct solution whose backward pass needs only the five required keys."""
    return module(correct_source("formulas"))


@pytest.fixture
def short_search(monkeypatch):
    """Let refusals come fast where a test does not depend on the search for a repair."""
    limit_search(monkeypatch, 0.02)


@pytest.fixture
def patient_search(monkeypatch):
    """Let a search go on while other processes use the processor, where a test needs its result."""
    limit_search(monkeypatch, 60)
    limit_watch(monkeypatch, 60)


@pytest.fixture
def no_explanations(monkeypatch):
    """Let refusals come without any explanation."""
    explain_nothing(monkeypatch)


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


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment without a module that jsonschema need not have; importing it takes 2 s."""
    folder = tmp_path_factory.mktemp("quick")
    (folder / "rfc3987_syntax.py").write_text("raise ImportError")
    return {"PYTHONPATH": str(folder)}


@pytest.fixture(scope="session")
def sandbox_for() -> Iterator[Callable[[str], isolation.Sandbox]]:
    """A function that returns the sandbox for a value of the option --bubblewrap."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def made(wish: str) -> isolation.Sandbox:
            places = isolation.places(1, 20, wish=wish, as_root=True)
            return stack.enter_context(places)[0][0]

        yield made


@pytest.fixture
def in_a_kernel(sandbox_for) -> Callable[..., None]:
    """A function that checks something in a kernel's sandbox, where it may leave no file."""

    def checked(check: Callable, timeout: float = 20, wish: str = "auto") -> None:
        place = dataclasses.replace(sandbox_for(wish), timeout=timeout)
        (answer,) = processes.in_processes({"": check}, [place])  # whose children end with it
        assert answer == ("", {"result": None})
        assert list(Path(place.parent).iterdir()) == []

    return checked


LONGEST = (  # what takes longest comes first, so that both workers of pytest-xdist end together
    "test_grading_class.py", "test_corpus.py", "test_platforms.py", "test_nbgrader.py",
    "test_grading_cells.py", "test_grading_report.py", "test_grading_sandbox.py", "test_repair.py",
    "test_verdicts_seam.py", "test_notebook.py", "test_grading.py", "test_verdicts_objects.py",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Let xdist keep this order: it would begin with the files that have most tests."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the longest files first."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session")
def in_kernels() -> Callable[[dict[str, Callable]], dict]:
    """A function that returns the results of calls in sandboxes, by name; they leave no file."""

    def results(calls: dict[str, Callable]) -> dict:
        with isolation.places(3, 20, as_root=True) as (sandboxes, _):
            found = dict(processes.in_processes(calls, sandboxes))
            assert list(Path(sandboxes[0].parent).iterdir()) == []
        return found

    return results


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked for another platform, and note in the report that this may be skipped."""
    for marker in item.iter_markers("platform"):
        (here,), reason = marker.args, marker.kwargs["reason"]
        if not (here() if callable(here) else here):
            item.user_properties.append(("platform", reason))
            pytest.skip(f"another platform: {reason}")
