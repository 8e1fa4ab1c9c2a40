"""Grading a class on platforms: what their files install and ask for."""

import json
import os
import re
import subprocess
import sys

from helpers import GRADING, ROOT

ADAPTERS = GRADING / "adapters"
COMES_WITH = {"IPython": "ipykernel", "zmq": "ipykernel", "jupyter_client": "ipykernel"}


def imported() -> set[str]:
    """Return the packages that the bundled files import, as what has to be installed for them."""
    sources = [file.read_text(encoding="utf-8") for file in GRADING.glob("*.py")]
    sources.append((ROOT / "graders.py").read_text(encoding="utf-8"))
    found = set(re.findall(r"^\s*(?:import|from) (\w+)", "\n".join(sources), re.MULTILINE))
    found -= sys.stdlib_module_names | {file.stem for file in GRADING.glob("*.py")} | {"graders"}
    return {COMES_WITH.get(name, name) for name in found}


def test_what_gradescope_installs_is_what_grading_imports():
    setup = (ADAPTERS / "gradescope" / "setup.sh").read_text(encoding="utf-8")
    (packages,) = re.findall(r"^pip3 install (.*)$", setup, re.MULTILINE)
    assert set(packages.split()) == imported()


def test_classroom_50_installs_the_same_in_fixed_versions():
    lines = (ADAPTERS / "classroom50" / "requirements.txt").read_text().split()
    assert all(re.fullmatch(r"\w+==\d+(\.\d+)+", line) for line in lines)
    names = {line.split("==")[0] for line in lines}
    assert {COMES_WITH.get(name, name) for name in names - {"ipython", "pyzmq"}} == imported()


def test_classroom_50_runtime():
    """Other keys than these make the set-up fail; `apt` is a list."""
    runtime = json.loads((ADAPTERS / "classroom50" / "runtime.json").read_text())
    assert runtime.keys() <= {"runs-on", "container", "python", "node", "java", "go", "rust", "apt"}
    assert runtime["apt"] == ["bubblewrap"]


def test_gradescope_is_set_up_without_bubblewrap(tmp_path):
    """Where it cannot be installed, all else is."""
    programs = {
        "apt-get": 'echo "apt $*" >> log; case "$*" in *bubblewrap*) exit 100;; esac',
        "pip3": 'echo "pip $*" >> log',
        "id": "exit 0",
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["bash", ADAPTERS / "gradescope" / "setup.sh"], cwd=tmp_path, check=True,
        capture_output=True, text=True,
        env=os.environ | {"PATH": os.pathsep.join([str(tmp_path), os.environ["PATH"]])},
    )  # fmt: skip
    assert done.stdout == "No bubblewrap: notebooks will run as another user.\n"
    assert "pip install numpy" in (tmp_path / "log").read_text()
