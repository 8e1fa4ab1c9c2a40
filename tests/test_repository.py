"""The repository's own promises: its top level, its commands, and the version for students."""

import re
import shlex
import shutil
import subprocess
import sys

import nbformat
import pytest

from conftest import ROOT, read_notebook, unsolved

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_top_level():
    visible = {
        path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__pycache__"))
    }
    files = {"backprop.ipynb", "graders.py", "data.pkl", "requirements.txt", "README.md"}
    assert visible == {*files, "tests"}


def test_requirements():
    names = re.findall(r"^\w+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert sorted(names) == ["jupyter", "matplotlib", "nbval", "numpy", "tqdm"]


def test_commands():
    commands = re.findall(r"^ {4}(pip install .*)$", README, re.MULTILINE)
    assert commands == [
        "pip install -r requirements.txt && jupyter lab backprop.ipynb",
        "pip install -r tests/requirements.txt && pytest --nbval backprop.ipynb tests",
    ]


def test_graders_and_notebook_need_only_the_students_packages():
    sources = [(ROOT / "graders.py").read_text(encoding="utf-8")]
    sources += [cell.source for cell in read_notebook().cells if cell.cell_type == "code"]
    imported = re.findall(r"^\s*(?:import|from) (\w+)", "\n".join(sources), re.MULTILINE)
    packages = set(imported) - sys.stdlib_module_names - {"__future__"}
    assert packages == {"numpy", "matplotlib", "tqdm", "IPython", "graders", "google"}


def test_release_by_nbgrader(tmp_path):
    """README's command writes what the other tests take for the version without solutions."""
    pytest.importorskip("nbgrader", reason="needs nbgrader: pip install -r tests/requirements.txt")
    (command,) = re.findall(r"^ {4}jupyter (nbconvert .*)$", README, re.MULTILINE)
    shutil.copy(ROOT / "backprop.ipynb", tmp_path)
    command = [sys.executable, "-m", "jupyter", *shlex.split(command)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    released = nbformat.read(tmp_path / "release" / "backprop.ipynb", as_version=4)
    for theirs, cell in zip(released.cells, read_notebook().cells, strict=True):
        assert theirs.source.replace("# YOUR CODE HERE\n    ", "") == unsolved(cell.source)
        assert not theirs.get("outputs")
