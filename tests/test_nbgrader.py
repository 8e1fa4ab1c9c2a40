"""Grading with nbgrader: the commands of tests/README.md, from the release to the feedback."""

import csv
import json
import math
import re
import zipfile
from pathlib import Path

import nbformat
import pytest

from helpers import (
    GRADER_CELLS,
    ROOT,
    STUDENTS_FILES,
    WRONG_ADAM,
    WRONG_DW4,
    WRONG_MOMENTUM,
    WRONG_VANILLA,
    command_block,
    copy_repository,
    read_notebook,
    replaced,
    shell,
    solution_lines,
    solved_notebook,
    unsolved,
    untouched_notebook,
)
from report import STAGE_POINTS


def wrong() -> nbformat.NotebookNode:
    """Wrong in four stages: one's grader edited, one's deleted, one's hidden by another."""
    notebook = solved_notebook(WRONG_DW4, WRONG_VANILLA, WRONG_MOMENTUM, WRONG_ADAM)
    notebook.cells = [cell for cell in notebook.cells if cell.id != "vanilla-grader"]
    ids = [cell.id for cell in notebook.cells]
    notebook.cells[ids.index("momentum-grader")].source = "print('right')\nTrue"
    fake = "def grader_adam(work):\n    return True\n\n\ngrader_adam(train_adam)"
    notebook.cells.insert(ids.index("adam-grader"), nbformat.v4.new_code_cell(fake))
    return notebook


def copier() -> nbformat.NotebookNode:
    """A correct solution in which a graded cell appears twice."""
    notebook = solved_notebook()
    (grader,) = [cell for cell in notebook.cells if cell.id == "adam-grader"]
    notebook.cells.append(nbformat.from_dict({**grader, "id": "copied"}))
    return notebook


@pytest.fixture(scope="session")
def course(tmp_path_factory, quick) -> Path:
    """The folder of a course that the commands have released, collected, graded and reported."""
    parent = tmp_path_factory.mktemp("course")
    repository = copy_repository(parent / "repository")
    shell(command_block("mkdir -p course/source"), repository, **quick)
    folder = repository / "course"
    submissions = {
        "a-copier": copier(),  # comes first
        "Max Muster": untouched_notebook(),
        "wrong": wrong(),
    }
    for student, notebook in submissions.items():
        path = folder / "submitted" / student / "backprop" / "backprop.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    log = shell(command_block("for folder"), folder, **quick)
    (folder / "log").write_text(log, encoding="utf-8")
    return folder


def test_release_holds_no_solution(course):
    released = nbformat.read(course / "release/backprop/backprop.ipynb", as_version=4)
    text = (course / "release/backprop/backprop.ipynb").read_text(encoding="utf-8")
    text = " ".join(json.loads(f'"{part}"') for part in re.findall(r'"((?:[^"\\]|\\.)*)"', text))
    text = " ".join(text.split())
    lines = solution_lines()
    assert len(lines) > 100
    assert [line for line in lines if len(line) > 12 and line in text] == []
    for theirs, cell in zip(released.cells, read_notebook().cells, strict=True):
        assert theirs.source.replace("# YOUR CODE HERE\n    ", "") == unsolved(cell.source)
        assert not theirs.get("outputs")
        assert theirs.get("execution_count") is None


def test_student_zip(course):
    """It holds what the first command for students needs."""
    with zipfile.ZipFile(course / "student.zip") as archive:
        assert sorted(archive.namelist()) == sorted([*STUDENTS_FILES, "README.md"])
        for name in ("graders.py", "requirements.txt"):
            assert archive.read(name) == (ROOT / name).read_bytes()
        words = archive.read("README.md").decode()
    inside = re.findall(r"^ {4}(\S.*)$", words, re.MULTILINE)
    first = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [command.split()[0] for command in inside] == ["pip", "jupyter"]
    assert all(f"    {command}\n" in first for command in inside)


def test_a_student_runs_what_they_hand_in(course, quick, tmp_path):
    with zipfile.ZipFile(course / "student.zip") as archive:
        archive.extractall(tmp_path)
    """Even where the language of the system knows ASCII alone."""
    (command,) = re.findall(
        r"^ {4}(jupyter nbconvert .*)$", (tmp_path / "README.md").read_text(), re.MULTILINE
    )
    nbformat.write(solved_notebook(), tmp_path / "backprop.ipynb")
    shell(command, tmp_path, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", **quick)
    checked = nbformat.read(tmp_path / "checked.ipynb", as_version=4)
    printed = [o.get("text", "") for cell in checked.cells for o in cell.get("outputs", [])]
    assert any(text.startswith("grader_adam: train_adam is correct") for text in printed)


@pytest.mark.parametrize(
    ("student", "score"),
    [("Max Muster", 0), ("wrong", 35)],
)
def test_scores(course, student, score):
    with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows[student]["score"]) == score
    assert float(rows[student]["max_score"]) == 110


def test_a_copied_graded_cell_costs_its_author_only(course):
    log = (course / "log").read_text(encoding="utf-8")
    assert re.findall("^not graded: (.*)$", log, re.MULTILINE) == ["a-copier"]
    with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows["a-copier"]["score"]) == 0


@pytest.fixture(scope="session")
def graded_again(course, quick) -> Path:
    """The folder of the course after a correct notebook without a copied cell is graded again."""
    path = course / "submitted" / "a-copier" / "backprop" / "backprop.ipynb"
    nbformat.write(solved_notebook(), path)
    commands = replaced(command_block("nbgrader autograde backprop"), "STUDENT", "a-copier")
    shell(commands, course, **quick)
    return course


def opened_gradebook(folder: Path):
    """Return the gradebook of a course; importing nbgrader here lets collecting tests be fast."""
    from nbgrader.api import Gradebook

    return Gradebook(f"sqlite:///{folder / 'gradebook.db'}")


def test_a_student_is_graded_again(graded_again):
    with opened_gradebook(graded_again) as gradebook:
        assert math.isclose(gradebook.find_submission("backprop", "a-copier").score, 100)
    assert (graded_again / "feedback/a-copier/backprop/backprop.html").exists()


def test_graded_cells_have_full_points_without_a_warning(course):
    log = (course / "log").read_text(encoding="utf-8")
    assert "Converting notebook" in log
    assert "full credit" not in log  # "... but future releases may treat as error"


def test_lost_points_are_those_of_the_stage(graded_again):
    with opened_gradebook(graded_again) as gradebook:
        scores = {
            student: {
                found.name: found.auto_score or 0
                for found in gradebook.find_submission_notebook(
                    "backprop", "backprop", student
                ).grades
            }
            for student in ("a-copier", "wrong")
        }
        assert gradebook.find_submission("backprop", "a-copier").needs_manual_grade
    full = scores["a-copier"]
    assert [full[name] for name in GRADER_CELLS] == list(STAGE_POINTS.values())
    assert full["answer"] == 0  # graded by a person
    lost = ("backward-grader", "vanilla-grader", "momentum-grader", "adam-grader")
    assert scores["wrong"] == full | dict.fromkeys(lost, 0)


def test_messages_in_the_untouched_release(course):
    graded = nbformat.read(course / "autograded/Max Muster/backprop/backprop.ipynb", as_version=4)
    errors = [o for cell in graded.cells if cell.id in GRADER_CELLS for o in cell.outputs]
    assert [error.ename for error in errors] == ["GraderError"] * 7
    assert all("is not written yet" in "".join(error.traceback) for error in errors)


def test_graded_cells_show_only_the_message_of_their_grader(graded_again):
    for student in ("a-copier", "wrong"):
        path = graded_again / f"autograded/{student}/backprop/backprop.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        outputs = {cell.id: cell.outputs for cell in cells if cell.id in GRADER_CELLS}
        shown = [(o.output_type, o.get("name")) for cell in outputs.values() for o in cell]
        assert set(shown) <= {("stream", "stdout"), ("error", None)}
        for streams in ([o.text for o in cell if "text" in o] for cell in outputs.values()):
            assert not streams or re.fullmatch(r"grader_\w+: .*\n(  .*\n)*", "".join(streams))


def test_feedback(course):
    page = course / "feedback/wrong/backprop/backprop.html"
    assert "the bias correction is missing" in page.read_text(encoding="utf-8")
