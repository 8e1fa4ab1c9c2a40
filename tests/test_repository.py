"""The repository's own promises: its top level, its commands, its packages."""

import re
import sys

from conftest import ROOT, read_notebook

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
    theirs = {"numpy", "matplotlib", "tqdm", "IPython", "graders"}
    with_jupyter = {"jupyter_client", "nbformat", "psutil", "zmq"}  # for `python graders.py`
    assert packages == theirs | with_jupyter
