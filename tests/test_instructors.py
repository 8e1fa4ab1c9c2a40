"""README's commands and adapters for instructors, run as they stand."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

import graders
from conftest import ROOT, SOLUTION, read_notebook, unsolved

README = (ROOT / "README.md").read_text(encoding="utf-8")
WRONG_ADAM = ("adam", "1 - beta1**t, 1 - beta2**t", "1, 1")
WRONG_DW4 = (
    "backward",
    "dw3, dw4, dw5 = dtimes3 * x3, dtimes4 * x4",
    "dw3, dw4, dw5 = dtimes3 * x3, dtimes4",
)
GRADERS = [f"{name}-grader" for name in ("sigmoid", "forward", "backward", "check", "vanilla", "momentum", "adam")]  # fmt: skip


def shell(command: str, folder: Path) -> None:
    """Run commands of README in bash, with this Python's programs first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=os.environ | {"PATH": path},
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def commands(first: str) -> str:
    """Return the block of commands in README whose first line begins so."""
    (block,) = re.findall(
        rf"(?:^ {{4}}.*\n)*^ {{4}}{first}.*\n(?:^ {{4}}.*\n)*", README, re.MULTILINE
    )
    return block


def solved(*changes: tuple[str, str, str]) -> nbformat.NotebookNode:
    notebook = read_notebook()
    cells = {cell.id: cell for cell in notebook.cells}
    for name, old, new in changes:
        assert old in cells[name].source
        cells[name].source = cells[name].source.replace(old, new)
    return notebook


# -------------------------------------------------------------------------------------- nbgrader


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course that README's commands have run, with some submissions."""
    pytest.importorskip("nbgrader", reason="needs nbgrader: pip install -r tests/requirements.txt")
    root = tmp_path_factory.mktemp("repository")
    for name in ("backprop.ipynb", "graders.py", "data.pkl"):
        shutil.copy(ROOT / name, root)
    shell(commands("mkdir -p course"), root)
    folder = root / "course"
    release = nbformat.read(folder / "release/backprop/backprop.ipynb", as_version=4)
    edited, deleted, shadowed = (solved(WRONG_ADAM) for _ in range(3))
    for cell in edited.cells:
        if cell.id in GRADERS:
            cell.source = "print('right')\nTrue"
    deleted.cells = [cell for cell in deleted.cells if cell.id != "adam-grader"]
    at = [cell.id for cell in shadowed.cells].index("adam-grader")
    fake = "def grader_adam(work):\n    return True\n\n\ngrader_adam(train_adam)"
    shadowed.cells.insert(at, nbformat.v4.new_code_cell(fake))
    submissions = {
        "untouched": release,
        "reference": solved(),
        "no-bias": solved(WRONG_ADAM),
        "wrong-dw4": solved(WRONG_DW4),
        "edited": edited,
        "deleted": deleted,
        "shadowed": shadowed,
    }
    for student, notebook in submissions.items():
        path = folder / "submitted" / student / "backprop" / "backprop.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    shell(commands("nbgrader autograde"), folder)
    return folder


def test_release_holds_no_solution(course):
    released = nbformat.read(course / "release/backprop/backprop.ipynb", as_version=4)
    text = (course / "release/backprop/backprop.ipynb").read_text(encoding="utf-8")
    text = " ".join(json.loads(f'"{part}"') for part in re.findall(r'"((?:[^"\\]|\\.)*)"', text))
    text = " ".join(text.split())
    cells = read_notebook().cells
    marked = [match.group(0) for cell in cells for match in SOLUTION.finditer(cell.source)]
    lines = [line.strip() for part in marked for line in part.splitlines()[1:-1]]
    assert len(lines) > 150
    assert [line for line in lines if len(line) > 12 and line in text] == []
    for theirs, cell in zip(released.cells, cells, strict=True):
        assert theirs.source.replace("# YOUR CODE HERE\n    ", "") == unsolved(cell.source)
        assert not theirs.get("outputs")
        assert theirs.get("execution_count") is None


def test_student_zip(course):
    with zipfile.ZipFile(course / "student.zip") as archive:
        assert sorted(archive.namelist()) == ["backprop.ipynb", "data.pkl", "graders.py"]
        assert archive.read("graders.py") == (ROOT / "graders.py").read_bytes()


@pytest.mark.parametrize(
    ("student", "score"),
    [("untouched", 0), ("reference", 100), ("no-bias", 85), ("wrong-dw4", 75),
     ("edited", 85), ("deleted", 85), ("shadowed", 85)],
)  # fmt: skip
def test_scores(course, student, score):
    with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows[student]["score"]) == score
    assert float(rows[student]["max_score"]) == 110


def test_lost_points_are_those_of_the_stage(course):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        scores = {
            student: {
                grade.name: grade.auto_score
                for grade in gradebook.find_submission_notebook(
                    "backprop", "backprop", student
                ).grades
            }
            for student in ("reference", "no-bias", "wrong-dw4")
        }
        assert gradebook.find_submission("backprop", "reference").needs_manual_grade
    right = scores["reference"]
    points = [right[name] for name in GRADERS]
    assert points == list(graders.STAGE_POINTS.values())
    assert right["answer"] is None  # a person's
    assert scores["no-bias"] == right | {"adam-grader": 0}
    assert scores["wrong-dw4"] == right | {"backward-grader": 0}


def test_messages_in_the_untouched_release(course):
    graded = nbformat.read(course / "autograded/untouched/backprop/backprop.ipynb", as_version=4)
    errors = [o for cell in graded.cells if cell.id in GRADERS for o in cell.outputs]
    assert [error.ename for error in errors] == ["GraderError"] * 7
    assert all("is not written yet" in "".join(error.traceback) for error in errors)


def test_graded_cells_write_nothing_to_stderr(course):
    for student in ("reference", "no-bias", "wrong-dw4"):
        path = course / f"autograded/{student}/backprop/backprop.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        outputs = [o for cell in cells if cell.id in GRADERS for o in cell.outputs]
        assert len(outputs) >= 7
        assert not [o for o in outputs if o.get("name") == "stderr"]


def test_feedback(course):
    page = course / "feedback/no-bias/backprop/backprop.html"
    assert "the bias correction is missing" in page.read_text(encoding="utf-8")


# -------------------------------------------------------------------------------------- adapters


def adapter(name: str) -> str:
    """Return the text of an adapter, the block of README that names itself so."""
    (text,) = re.findall(
        rf"^```\w+\n((?:#![^\n]*\n)?# {name}\n.*?)^```", README, re.MULTILINE | re.DOTALL
    )
    return text


def checkout(folder: Path, kind: str) -> None:
    """Make a student's repository with a submission of a kind."""
    notebook = solved()
    if kind == "untouched":
        for cell in notebook.cells:
            cell.source = unsolved(cell.source)
    if kind == "hostile":
        lies = "import graders\ngraders._judge_loop = np.allclose = lambda *a, **k: True\n"
        notebook = solved(WRONG_ADAM)
        notebook.cells.append(
            nbformat.v4.new_code_cell(lies + "open('grades.json', 'w').write('[]')")
        )
        (folder / "graders.py").write_text("print('100 points')")
        (folder / "json.py").write_text("raise SystemExit")
    nbformat.write(notebook, folder / "backprop.ipynb")


KINDS = {"untouched": 0, "perfect": 100, "hostile": 85}


@pytest.mark.parametrize("kind", KINDS)
def test_classroom_50(tmp_path, kind):
    """The teacher's files stand in a folder of their own; the student's checkout is the cwd."""
    files, student = tmp_path / "autograders", tmp_path / "checkout"
    files.mkdir()
    student.mkdir()
    for name in ("graders.py", "data.pkl"):
        shutil.copy(ROOT / name, files)
    (files / "autograder.py").write_text(adapter("autograder.py"), encoding="utf-8")
    checkout(student, kind)
    git = ["git", "-c", "user.name=S", "-c", "user.email=s@example.org"]
    when = os.environ | {"GIT_COMMITTER_DATE": "2026-09-01T12:00:00+0200"}
    subprocess.run([*git, "init", "-q"], cwd=student, check=True)
    subprocess.run([*git, "add", "."], cwd=student, check=True)
    subprocess.run([*git, "commit", "-qm", "work"], cwd=student, check=True, env=when)
    variables = {"CLASSROOM": "deep", "ASSIGNMENT": "backprop", "SUBMISSION_TAG": "submit/1"}
    variables |= {"COMMIT_URL": "https://c", "RELEASE_URL": "https://r", "REVIEW_URL": ""}
    command = [sys.executable, files / "autograder.py"]
    subprocess.run(
        command, cwd=student, check=True, env=os.environ | variables, capture_output=True
    )
    result = json.loads((student / "result.json").read_text(encoding="utf-8"))
    tests = result.pop("tests")
    assert result == {
        "schema": "classroom50/result/v1",
        "classroom": "deep",
        "assignment": "backprop",
        "submission": "submit/1",
        "commit": "https://c",
        "release": "https://r",
        "review": "https://c",
        "datetime": "2026-09-01T10:00:00Z",
        "score": KINDS[kind],
        "max-score": 100,
    }
    assert [(t["test-name"], t["max-score"]) for t in tests] == [*graders.STAGE_POINTS.items()]
    assert sum(t["score"] for t in tests) == KINDS[kind]
    assert all(t["passed"] == (t["score"] > 0) and t["output"] for t in tests)


@pytest.mark.parametrize("kind", KINDS)
def test_gradescope(tmp_path, kind):
    source, submission, results = (tmp_path / n for n in ("source", "submission", "results"))
    for folder in (source, submission, results):
        folder.mkdir()
    for name in ("graders.py", "data.pkl", "backprop.ipynb"):
        shutil.copy(ROOT / name, source)
    script = adapter("run_autograder").replace("/autograder", tmp_path.as_posix())
    (source / "run_autograder").write_text(script, encoding="utf-8")
    checkout(submission, kind)
    if kind == "perfect":  # not the reference itself
        nbformat.write(solved(("title", "by hand", "by me")), submission / "backprop.ipynb")
    subprocess.run(
        [sys.executable, source / "run_autograder"], cwd=submission, check=True, capture_output=True
    )
    result = json.loads((results / "results.json").read_text(encoding="utf-8"))
    assert result["score"] == KINDS[kind]
    assert [(t["name"], t["max_score"]) for t in result["tests"]] == [*graders.STAGE_POINTS.items()]
    assert all((t["status"] == "passed") == (t["score"] > 0) for t in result["tests"])
    assert all(t["output"] for t in result["tests"])


def test_gradescope_setup():
    """Its packages are those of requirements.txt but nbval, which grading does not need."""
    installed = re.search(r"pip3 install --break-system-packages (.*)", adapter("setup.sh")).group(
        1
    )
    needed = re.findall(r"^\w+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert {*installed.split(), "nbval"} == set(needed)
