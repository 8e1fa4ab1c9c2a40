"""The repository is what its READMEs say: its top level, its commands, its packages."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

from helpers import ROOT, command_blocks, instructors_readme, read_notebook

README = (ROOT / "README.md").read_text(encoding="utf-8")


def command_lines(text: str) -> list[str]:
    """Return the lines of a README that are commands, or belong to one."""
    return re.findall(r"^ {4}(\S.*)$", text, re.MULTILINE)


def test_top_level():
    visible = {
        path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__pycache__"))
    }
    files = {"backprop.ipynb", "graders.py", "data.pkl", "requirements.txt", "README.md"}
    assert visible == {*files, "tests"}


def test_requirements():
    names = re.findall(r"^\w+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert sorted(names) == ["jupyter", "matplotlib", "nbval", "numpy", "tqdm"]


def test_readme_is_short_and_links_to_what_exists():
    assert len(README.splitlines()) <= 90
    for text, folder in ((README, ROOT), (instructors_readme(), ROOT / "tests")):
        anchors = {
            re.sub(r"\W+", "-", t.lower()) for t in re.findall("^## (.*)$", text, re.MULTILINE)
        }
        for link in re.findall(r"\]\((?!https?:)([^)]*)\)", text):
            path, _, anchor = link.partition("#")
            assert (folder / path).exists(), link
            assert path or anchor in anchors, link


def test_commands_of_readme():
    """The second is what CI runs; test_nbgrader.py runs the third, in a student's folder."""
    assert command_lines(README) == [
        "pip install -r requirements.txt && jupyter lab backprop.ipynb",
        "pip install -r tests/requirements.txt && "
        "pytest -n 2 --dist loadfile --nbval backprop.ipynb tests",
        "jupyter nbconvert --to notebook --execute --output checked.ipynb backprop.ipynb",
    ]


def test_commands_of_the_instructors_readme():
    """Other tests run all but one, which needs a network; a block has figures of a tool."""
    modules = [path for path in (ROOT / "tests").glob("test_*.py") if path != Path(__file__)]
    sources = "".join(path.read_text(encoding="utf-8") for path in modules)
    run = re.findall(r'command_block\(\s*"([^"]*)"\s*\)', sources)
    blocks = [block.strip() for block in command_blocks(instructors_readme())]
    assert [len([b for b in blocks if b.startswith(first)]) for first in run] == [1] * len(run)
    assert len(instructors_readme().splitlines()) <= 200
    rest = [block for block in blocks if not block.startswith((*run, "sigmoid "))]
    assert rest == ["pip install -r tests/requirements.txt"]


def requirements(file: Path) -> Iterator[Requirement]:
    """Yield what a file of requirements asks for, here, and in the files that it names."""
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if text.startswith("-r "):
            yield from requirements(file.parent / text.removeprefix("-r "))
        elif text:
            yield Requirement(text)


def test_the_packages_of_the_tests_are_installed():
    needed = list(requirements(ROOT / "tests" / "requirements.txt"))
    assert len(needed) > 5
    wrong = [r.name for r in needed if version(r.name) not in r.specifier]
    assert wrong == []


IMPORT_ALL = """
import pathlib, runpy, sys
before, path = set(sys.modules), sys.path[:]
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    runpy.run_path(str(file), run_name="imported")
    sys.path[:] = path
    for name in set(sys.modules) - before:  # forget our own modules
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(sys.argv[2]) and "site-packages" not in file:
            del sys.modules[name]
"""


def test_tools_can_be_imported_alone():
    """Each is a command; the tests above and others run data and oracle."""
    command = [sys.executable, "-c", IMPORT_ALL, ROOT / "tests" / "tools", ROOT]
    subprocess.run(command, check=True, cwd=ROOT.parent)


def test_no_name_of_graders_means_two_things():
    """A constant that is assigned again further down would change what the rooms above do."""
    names = []
    for node in ast.parse((ROOT / "graders.py").read_text(encoding="utf-8")).body:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, (ast.Assign, ast.AnnAssign)):  # += goes on with what is there
            names += [t.id for t in targets if isinstance(t, ast.Name)]
        elif hasattr(node, "name"):
            names.append(node.name)
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_graders_and_notebook_need_only_the_students_packages():
    sources = [(ROOT / "graders.py").read_text(encoding="utf-8")]
    sources += [cell.source for cell in read_notebook().cells if cell.cell_type == "code"]
    imported = re.findall(r"^\s*(?:import|from) (\w+)", "\n".join(sources), re.MULTILINE)
    packages = set(imported) - sys.stdlib_module_names - {"__future__"}
    assert packages == {"numpy", "matplotlib", "tqdm", "IPython", "graders"}
