"""The commands of tests/README.md and the adapters for other engines, run as they stand."""

import csv
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from helpers import ROOT, ROOT_USER, SOLUTION, read_notebook, unsolved
from report import STAGE_POINTS

README = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
FILES = ("backprop.ipynb", "graders.py", "data.pkl", "requirements.txt")
WRONG_ADAM = ("adam", "1 - beta1**t, 1 - beta2**t", "1, 1")
WRONG_DW4 = ("backward", "dtimes4 * x4", "dtimes4")
WRONG_VANILLA = ("vanilla", "lr * ", "2 * lr * ")
WRONG_MOMENTUM = ("momentum", "lr * ", "2 * lr * ")
GRADERS = [f"{name}-grader" for name in ("sigmoid", "forward", "backward", "check", "vanilla", "momentum", "adam")]  # fmt: skip


def shell(command: str, folder: Path, **more: str) -> str:
    """Run commands in bash, with this Python's programs first; return what they print."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=os.environ | {"PATH": path} | more,
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout + done.stderr


def commands(first: str) -> str:
    """Return the block of commands in tests/README.md that begins so."""
    blocks = re.findall(r"(?:^ {4}\S.*\n(?:^ {4,}.*\n)*)", README, re.MULTILINE)
    (block,) = [block for block in blocks if block.startswith(f"    {first}")]
    return block


@pytest.fixture(scope="module")
def repository(public) -> Path:
    """A copy of the repository in which commands may write, and which everybody may read."""
    return copy_repository(public / "repository")


def copy_repository(folder: Path) -> Path:
    left_out = shutil.ignore_patterns("__pycache__", "test_*", ".*")
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=left_out)
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    return folder


def solved(*changes: tuple[str, str, str]) -> nbformat.NotebookNode:
    """Return the solved notebook, changed, without the cells that no grader needs."""
    notebook = read_notebook()
    cells = {cell.id: cell for cell in notebook.cells}
    for name, old, new in changes:
        assert old in cells[name].source
        cells[name].source = cells[name].source.replace(old, new)
    sources = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    imports = re.findall(r"^(?:import|from) (?!graders|matplotlib).*", sources, re.MULTILINE)
    graded = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    notebook.cells = [nbformat.v4.new_code_cell("\n".join(dict.fromkeys(imports))), *graded]
    return notebook


def released() -> nbformat.NotebookNode:
    notebook = solved()
    for cell in notebook.cells:
        cell.source = unsolved(cell.source)
    return notebook


def tampered() -> nbformat.NotebookNode:
    """Wrong in three stages: one's grader edited, one's deleted, one's hidden by another."""
    notebook = solved(WRONG_VANILLA, WRONG_MOMENTUM, WRONG_ADAM)
    notebook.cells = [cell for cell in notebook.cells if cell.id != "vanilla-grader"]
    ids = [cell.id for cell in notebook.cells]
    notebook.cells[ids.index("momentum-grader")].source = "print('right')\nTrue"
    fake = "def grader_adam(work):\n    return True\n\n\ngrader_adam(train_adam)"
    notebook.cells.insert(ids.index("adam-grader"), nbformat.v4.new_code_cell(fake))
    return notebook


def copier() -> nbformat.NotebookNode:
    """A right solution, in which a graded cell stands twice."""
    notebook = solved()
    (grader,) = [cell for cell in notebook.cells if cell.id == "adam-grader"]
    notebook.cells.append(nbformat.from_dict({**grader, "id": "copied"}))
    return notebook


@pytest.fixture(scope="module")
def course(begun) -> Path:
    """A course that the commands have run."""
    pytest.importorskip("nbgrader", reason="needs nbgrader: pip install -r tests/requirements.txt")
    return begun("course") / "repository" / "course"


def run_course(parent: Path) -> None:
    repository = copy_repository(parent / "repository")
    # A module that jsonschema can do without; where it is installed, importing it takes two seconds
    (parent / "quick").mkdir()
    (parent / "quick" / "rfc3987_syntax.py").write_text("raise ImportError")
    quick = {"PYTHONPATH": str(parent / "quick")}
    shell(commands("mkdir -p course/source"), repository, **quick)
    folder = repository / "course"
    submissions = {
        "a-copier": copier(),  # comes first
        "untouched": released(),
        "reference": solved(),
        "no-bias": solved(WRONG_ADAM),
        "wrong-dw4": solved(WRONG_DW4),
        "tampered": tampered(),
    }
    for student, notebook in submissions.items():
        path = folder / "submitted" / student / "backprop" / "backprop.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    log = shell(commands("for student"), folder, **quick)
    (folder / "log").write_text(log, encoding="utf-8")


# --------------------------------------------------------------------- files without trust, engines


REACH = """
import os, pathlib, time
reached = []
def attempt(what, *arguments):
    try:
        what(*arguments)
        reached.append((what.__name__, *arguments))
    except OSError:
        pass
for name in PATHS:
    attempt(os.listdir, name)
    attempt(open, name)
    attempt(os.open, name, os.O_WRONLY)
"""
BEYOND = """
time.sleep(1)  # until others run, too
for pid in [int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*")]:
    if pid != os.getpid():
        attempt(os.kill, pid, 0)  # asks whether it could be ended, no more
for folder in pathlib.Path("..").resolve().glob("*"):
    attempt(os.listdir, str(folder)) if folder != pathlib.Path.cwd() else None
attempt(os.setuid, 0)
"""
TOLD = "raise LookupError(f'user {os.getuid()} reached {reached}')"
only_root = pytest.mark.skipif(
    not ROOT_USER, reason="another platform: only root can give a kernel to another user"
)


def attacking(notebook: nbformat.NotebookNode, paths: list, more: str = "") -> None:
    """Let a notebook reach for files and folders, and raise what says which it got."""
    source = REACH.replace("PATHS", repr([*map(str, paths)])) + more + TOLD
    notebook.cells.insert(0, nbformat.v4.new_code_cell(source))


@pytest.fixture(scope="module")
def graded_folder(repository, everybody) -> tuple[dict[str, dict], str]:
    """Rows by the commands for files, with submissions by any name, and what they print."""
    folder = repository / "submissions"
    folder.mkdir()
    right, wrong = solved(), folder / "A. Student (1).ipynb"
    nbformat.write(solved(WRONG_ADAM), wrong)
    files = [repository / "backprop.ipynb", wrong]
    if ROOT_USER:
        attacking(right, [repository, folder, *files], BEYOND)
        for file in files:  # the way to them is open, until it is closed
            subprocess.run(["cat", file], check=True, stdout=subprocess.DEVNULL, user="nobody")
    for name in "bc":
        nbformat.write(right, folder / f"{name}.ipynb")
    shell(commands("chmod go="), repository)
    log = shell(commands("python tests/grading submissions"), repository, **everybody)
    with (repository / "grades.csv").open(newline="", encoding="utf-8") as file:
        return {Path(row["submission"]).name: row for row in csv.DictReader(file)}, log


def test_grading_a_folder(graded_folder):
    rows, log = graded_folder
    row = rows["A. Student (1).ipynb"]
    assert (row["total"], row["train_adam"]) == ("85", "0")
    assert [rows[name]["total"] for name in ("b.ipynb", "c.ipynb")] == ["100", "100"]
    assert "Graded at fresh random points" in log


@only_root
def test_as_root_a_notebook_reaches_nothing(graded_folder):
    """Neither the solution nor submissions nor processes nor folders of other kernels."""
    rows, log = graded_folder
    raised = [rows[name]["cells_raised"] for name in ("b.ipynb", "c.ipynb")]
    found = [re.fullmatch(r"1: LookupError: user (\d+) reached \[\]", line) for line in raised]
    assert all(found), raised
    assert 0 not in {int(match[1]) for match in found}
    assert "run as root" not in log


KINDS = {"untouched": 0, "perfect": 100, "hostile": 85, "two": None}


def hand_in(folder: Path, kind: str, reach: Sequence = ()) -> None:
    """Write a submission of a kind into a folder, by the name that its student likes."""
    notebook = released() if kind == "untouched" else solved()
    if kind == "hostile":
        lies = "import graders\ngraders.judge = np.allclose = lambda *a, **k: True\n"
        lies += "assert 'GITHUB_OUTPUT' not in __import__('os').environ\n"
        notebook = solved(WRONG_ADAM)
        notebook.cells.append(
            nbformat.v4.new_code_cell(lies + "open('grades.jsonl', 'w').write('[]')")
        )
        attacking(notebook, reach)
        for name in ("graders", "json", "pip", "sandbox", "nbformat"):
            (folder / f"{name}.py").write_text("raise SystemExit")
    for name in ("a.ipynb", "b.ipynb") if kind == "two" else ("my homework (1).ipynb",):
        nbformat.write(notebook, folder / name)


TWO = "hand in exactly one notebook, a file *.ipynb; here there are: a.ipynb, b.ipynb."


def for_each_kind(run, *arguments) -> dict[str, dict]:
    """Run for all kinds of submissions, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(KINDS, pool.map(functools.partial(run, *arguments), KINDS)))


def test_the_data_are_built(repository):
    (repository / "data.pkl").unlink()
    shell(commands("python tests/tools/data.py"), repository)
    assert (repository / "data.pkl").read_bytes() == (ROOT / "data.pkl").read_bytes()


def test_a_page_with_a_text_for_each_picture(repository):
    shell(commands("jupyter nbconvert"), repository)
    page = (repository / "course" / "backprop.html").read_text(encoding="utf-8")
    pictures = re.findall(r"<img ([^>]*)", page)
    texts = {text for picture in pictures for text in re.findall(r'alt="([^"]{20,})"', picture)}
    outputs = [output for cell in read_notebook().cells for output in cell.get("outputs", [])]
    stored = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(texts) == len(pictures) == len(stored) == 10


@pytest.fixture(scope="module")
def classroom_50(repository, tmp_path_factory) -> dict[str, dict]:
    """Results by kind: the bundle stands in a folder of its own, the student's checkout is the cwd."""
    shell(commands("mkdir -p course/autograders"), repository)
    parent = tmp_path_factory.mktemp("classroom")
    return for_each_kind(run_classroom_50, repository / "course/autograders/backprop", parent)


def run_classroom_50(bundle: Path, parent: Path, kind: str) -> dict:
    student = parent / kind
    student.mkdir()
    hand_in(student, kind)
    git = ["git", "-c", "user.name=S", "-c", "user.email=s@example.org"]
    when = os.environ | {"GIT_COMMITTER_DATE": "2026-09-01T12:00:00+0200"}
    subprocess.run([*git, "init", "-q"], cwd=student, check=True)
    subprocess.run([*git, "add", "."], cwd=student, check=True)
    subprocess.run([*git, "commit", "-qm", "work"], cwd=student, check=True, env=when)
    variables = {"CLASSROOM": "deep", "ASSIGNMENT": "backprop", "SUBMISSION_TAG": "submit/1"}
    variables |= {"COMMIT_URL": "https://c", "RELEASE_URL": "https://r", "REVIEW_URL": ""}
    variables |= {"GITHUB_OUTPUT": str(parent / "output"), "GITHUB_TOKEN": "secret"}
    variables |= {"PIP_NO_DEPS": "1"}  # all is installed: finding that out takes a second
    subprocess.run(
        [sys.executable, bundle / "autograder.py"], cwd=student, check=True,
        env=os.environ | variables, capture_output=True,
    )  # fmt: skip
    result = json.loads((student / "result.json").read_text(encoding="utf-8"))
    return result | {"body": (student / "release-body.md").read_text(encoding="utf-8")}


@pytest.mark.parametrize("kind", KINDS)
def test_classroom_50(classroom_50, kind):
    result = dict(classroom_50[kind])
    tests, body = result.pop("tests"), result.pop("body")
    assert result == {
        "schema": "classroom50/result/v1",
        "classroom": "deep",
        "assignment": "backprop",
        "submission": "submit/1",
        "commit": "https://c",
        "release": "https://r",
        "review": "https://c",
        "datetime": "2026-09-01T10:00:00Z",
        "score": KINDS[kind] or 0,
        "max-score": 100,
    }
    assert [(t["test-name"], t["max-score"]) for t in tests] == [*STAGE_POINTS.items()]
    assert sum(t["score"] for t in tests) == result["score"]
    assert all(t["passed"] == (t["score"] > 0) and t["output"] for t in tests)
    assert body.startswith(f"# {result['score']} of 100 points\n")
    if KINDS[kind] is None:
        assert {t["output"] for t in tests} == {TWO}
        assert TWO in body
    else:
        assert all(f"## {t['test-name']}: {t['score']} of" in body for t in tests)
        assert ("Cells that raised" in body) == (kind != "perfect")


def test_classroom_50_runtime():
    """Other keys than these make the set-up fail."""
    allowed = {"runs-on", "container", "python", "node", "java", "go", "rust", "apt"}
    runtime = json.loads((ROOT / "tests/grading/adapters/classroom50/runtime.json").read_text())
    assert runtime
    assert runtime.keys() <= allowed


@pytest.fixture(scope="module")
def gradescope_user(tmp_path_factory) -> Iterator[str]:
    """A name for the user whom setup.sh makes: here not one that this machine may know."""
    name = f"student{os.getpid()}"
    if ROOT_USER:
        for _ in range(2):  # who is there already does no harm
            assert set_up(name, tmp_path_factory.mktemp("bin"), os.environ["PATH"]) == ""
    yield name
    if ROOT_USER:
        subprocess.run(["userdel", name], check=True)


def set_up(user: str, programs: Path, path: str) -> str:
    """Run setup.sh for a user of that name, without what it installs; return what it says."""
    for name in ("apt-get", "pip3"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    text = (ROOT / "tests/grading/adapters/gradescope/setup.sh").read_text(encoding="utf-8")
    (programs / "setup.sh").write_text(re.sub(r"\bstudent\b", user, text))
    return subprocess.check_output(
        [shutil.which("bash"), programs / "setup.sh"], text=True,
        env=os.environ | {"PATH": os.pathsep.join([str(programs), path])},
    )  # fmt: skip


@pytest.fixture(scope="module")
def gradescope(repository, public, everybody, gradescope_user) -> dict[str, dict]:
    """Results by kind, in folders as Gradescope lays them out."""
    shell(commands("mkdir -p course && python -m zipfile -c course/gradescope.zip"), repository)
    bundle = repository / "course/gradescope.zip"
    return for_each_kind(run_gradescope, bundle, public, everybody, gradescope_user)


def run_gradescope(bundle: Path, public: Path, everybody: dict, user: str, kind: str) -> dict:
    folder = public / "gradescope" / kind
    source, submission, results = (folder / name for name in ("source", "submission", "results"))
    for path in (source, submission, results):
        path.mkdir(parents=True)
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(source)
    script = (source / "run_autograder").read_text(encoding="utf-8")
    (folder / "run_autograder").write_text(script.replace('"student"', f'"{user}"'))
    hand_in(submission, kind, [source, source / "backprop.ipynb", submission, results])
    done = subprocess.run(
        [shutil.which("python", path=everybody["PATH"]), folder / "run_autograder"],
        cwd=folder, check=True, capture_output=True, env=everybody, text=True,
    )  # fmt: skip
    assert source.stat().st_mode & 0o077 == 0 or os.name != "posix"
    result = json.loads((results / "results.json").read_text(encoding="utf-8"))
    return result | {"printed": done.stdout}


@pytest.mark.parametrize("kind", KINDS)
def test_gradescope(gradescope, kind):
    result = gradescope[kind]
    assert result["score"] == (KINDS[kind] or 0)
    assert [(t["name"], t["max_score"]) for t in result["tests"]] == [*STAGE_POINTS.items()]
    assert all((t["status"] == "passed") == (t["score"] > 0) for t in result["tests"])
    assert all(t["output"] and t["output_format"] == "text" for t in result["tests"])
    if KINDS[kind] is None:
        assert result["output"] == TWO


@only_root
def test_on_gradescope_a_user_of_its_own_reaches_nothing(gradescope, gradescope_user):
    import pwd

    number = pwd.getpwnam(gradescope_user).pw_uid
    reached = f"a cell raised: 1: LookupError: user {number} reached []"
    assert gradescope["hostile"]["output"].splitlines()[0] == reached
    assert not [result for result in gradescope.values() if "run as" in result["printed"]]


@only_root
def test_without_useradd_the_output_says_who_runs_notebooks(tmp_path, public, everybody):
    (tmp_path / "id").symlink_to(shutil.which("id"))
    said = set_up("nosuchuser", tmp_path, "")
    assert said == "No user nosuchuser can be made: notebooks will run as nobody.\n"
    code = f"import sandbox; sandbox.users({str(public)!r}, 1, 'nosuchuser')"
    said = shell(f'python -c "{code}"', ROOT / "tests", **everybody)
    assert said == "There is no user nosuchuser: notebooks run as nobody.\n"


def test_gradescope_writes_results_whatever_happens(tmp_path):
    """Here its source folder is empty."""
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    shutil.copy(ROOT / "tests/grading/adapters/gradescope/run_autograder", tmp_path)
    subprocess.run([sys.executable, tmp_path / "run_autograder"], check=True, capture_output=True)
    result = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert result["score"] == 0
    assert result["output"].startswith("grading failed: ")


def test_what_engines_install_is_what_grading_imports():
    """Both adapters name the same packages, and these are all that the bundled files import."""
    folder = ROOT / "tests" / "adapters"
    setup = (folder / "gradescope" / "setup.sh").read_text(encoding="utf-8")
    (packages,) = re.findall(r"^pip3 install (.*)$", setup, re.MULTILINE)
    autograder = (folder / "classroom50" / "autograder.py").read_text(encoding="utf-8")
    (named,) = re.findall(r"^PACKAGES = (.*)$", autograder, re.MULTILINE)
    assert json.loads(named) == packages.split()
    subprocess.run(["bash", "-n", folder / "gradescope" / "setup.sh"], check=True)
    sources = [
        (ROOT / "tests" / f"{name}.py").read_text()
        for name in ("grade", "points", "report", "sandbox")
    ]
    sources += [(ROOT / "graders.py").read_text(encoding="utf-8")]
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", "\n".join(sources), re.MULTILINE))
    imported -= sys.stdlib_module_names | {"graders", "points", "report", "sandbox"}
    comes_with = {"IPython": "ipykernel", "zmq": "ipykernel", "jupyter_client": "ipykernel"}
    assert {comes_with.get(name, name) for name in imported} == set(packages.split())


# -------------------------------------------------------------------------------------- nbgrader


def test_release_holds_no_solution(course):
    released = nbformat.read(course / "release/backprop/backprop.ipynb", as_version=4)
    text = (course / "release/backprop/backprop.ipynb").read_text(encoding="utf-8")
    text = " ".join(json.loads(f'"{part}"') for part in re.findall(r'"((?:[^"\\]|\\.)*)"', text))
    text = " ".join(text.split())
    cells = read_notebook().cells
    marked = [match.group(0) for cell in cells for match in SOLUTION.finditer(cell.source)]
    lines = [line.strip() for part in marked for line in part.splitlines()[1:-1]]
    assert len(lines) > 100
    assert [line for line in lines if len(line) > 12 and line in text] == []
    for theirs, cell in zip(released.cells, cells, strict=True):
        assert theirs.source.replace("# YOUR CODE HERE\n    ", "") == unsolved(cell.source)
        assert not theirs.get("outputs")
        assert theirs.get("execution_count") is None


def test_student_zip(course):
    """It holds what the first command for students needs."""
    with zipfile.ZipFile(course / "student.zip") as archive:
        assert sorted(archive.namelist()) == sorted([*FILES, "README.md"])
        for name in ("graders.py", "requirements.txt"):
            assert archive.read(name) == (ROOT / name).read_bytes()
        words = archive.read("README.md").decode()
    inside = re.findall(r"^ {4}(\S.*)$", words, re.MULTILINE)
    first = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [command.split()[0] for command in inside] == ["pip", "jupyter"]
    assert all(f"    {command}\n" in first for command in inside)


def test_a_student_runs_what_they_hand_in(course, tmp_path):
    with zipfile.ZipFile(course / "student.zip") as archive:
        archive.extractall(tmp_path)
    (command,) = re.findall(
        r"^ {4}(jupyter execute .*)$", (tmp_path / "README.md").read_text(), re.MULTILINE
    )
    nbformat.write(solved(), tmp_path / "backprop.ipynb")
    shell(command, tmp_path)


@pytest.mark.parametrize(
    ("student", "score"),
    [("untouched", 0), ("reference", 100), ("no-bias", 85), ("wrong-dw4", 75), ("tampered", 60)],
)
def test_scores(course, student, score):
    with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows[student]["score"]) == score
    assert float(rows[student]["max_score"]) == 110


def test_who_copies_a_graded_cell_is_not_graded_and_hinders_nobody(course):
    log = (course / "log").read_text(encoding="utf-8")
    assert re.findall("^not graded: (.*)$", log, re.MULTILINE) == ["a-copier"]
    with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows["a-copier"]["score"]) == 0


def test_graded_cells_have_full_points_without_a_warning(course):
    log = (course / "log").read_text(encoding="utf-8")
    assert "Converting notebook" in log
    assert "full credit" not in log  # "... but future releases may treat as error"


def test_lost_points_are_those_of_the_stage(course):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        scores = {
            student: {
                found.name: found.auto_score or 0
                for found in gradebook.find_submission_notebook(
                    "backprop", "backprop", student
                ).grades
            }
            for student in ("reference", "no-bias", "wrong-dw4", "tampered")
        }
        assert gradebook.find_submission("backprop", "reference").needs_manual_grade
    right = scores["reference"]
    assert [right[name] for name in GRADERS] == list(STAGE_POINTS.values())
    assert right["answer"] == 0  # a person's
    assert scores["no-bias"] == right | {"adam-grader": 0}
    assert scores["wrong-dw4"] == right | {"backward-grader": 0}
    lost = dict.fromkeys(("momentum-grader", "vanilla-grader", "adam-grader"), 0)
    assert scores["tampered"] == right | lost


def test_messages_in_the_untouched_release(course):
    graded = nbformat.read(course / "autograded/untouched/backprop/backprop.ipynb", as_version=4)
    errors = [o for cell in graded.cells if cell.id in GRADERS for o in cell.outputs]
    assert [error.ename for error in errors] == ["GraderError"] * 7
    assert all("is not written yet" in "".join(error.traceback) for error in errors)


def test_graded_cells_show_their_grader_s_line_and_nothing_else(course):
    for student in ("reference", "no-bias", "wrong-dw4"):
        path = course / f"autograded/{student}/backprop/backprop.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        outputs = {cell.id: cell.outputs for cell in cells if cell.id in GRADERS}
        shown = [(o.output_type, o.get("name")) for cell in outputs.values() for o in cell]
        assert set(shown) <= {("stream", "stdout"), ("error", None)}
        for streams in ([o.text for o in cell if "text" in o] for cell in outputs.values()):
            assert not streams or re.fullmatch(r"grader_\w+: .*\n", "".join(streams))


def test_feedback(course):
    page = course / "feedback/no-bias/backprop/backprop.html"
    assert "the bias correction is missing" in page.read_text(encoding="utf-8")


if __name__ == "__main__":
    run_course(Path(sys.argv[1]))
