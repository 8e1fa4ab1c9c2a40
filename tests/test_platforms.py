"""Platforms: a folder of files, Classroom 50 and Gradescope, by the commands of tests/README.md."""

import contextlib
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

import isolation
import users
from helpers import (
    GRADING,
    OVERWRITTEN,
    ROOT,
    ROOT_USER,
    WRONG_MOMENTUM,
    command_block,
    copy_repository,
    instructors_readme,
    needs_bubblewrap,
    read_notebook,
    replaced,
    shell,
    solved_notebook,
)
from report import STAGE_POINTS


@pytest.fixture(scope="session")
def repository(public) -> Path:
    """A copy of the repository in which commands may write, and which every user may read."""
    return copy_repository(public / "repository")


def test_the_data_are_built(repository):
    (repository / "data.pkl").unlink()
    shell(command_block("python tests/tools/data.py"), repository)
    assert (repository / "data.pkl").read_bytes() == (ROOT / "data.pkl").read_bytes()


def test_a_page_with_a_text_for_each_picture(repository, quick):
    shell(command_block("jupyter nbconvert"), repository, **quick)
    page = (repository / "course" / "backprop.html").read_text(encoding="utf-8")
    pictures = re.findall(r"<img ([^>]*)", page)
    texts = {text for picture in pictures for text in re.findall(r'alt="([^"]{20,})"', picture)}
    outputs = [output for cell in read_notebook().cells for output in cell.get("outputs", [])]
    stored = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(texts) == len(pictures) == len(stored) == 10


# -------------------------------------------------------------------------------- files in a folder

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
def started_by_the_test(pid):
    while pid not in (TEST, 0):
        with open(f"/proc/{pid}/status") as file:
            (pid,) = [int(line.split()[1]) for line in file if line.startswith("PPid:")]
    return pid == TEST

time.sleep(1)  # until others run, too
for pid in [int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*")]:
    try:
        if pid != os.getpid() and started_by_the_test(pid):
            attempt(os.kill, pid, 0)  # asks only whether it could be ended
    except OSError:
        pass  # it has ended
for folder in pathlib.Path("../..").resolve().glob("*"):
    if folder not in pathlib.Path.cwd().parents:  # not one's own
        attempt(os.listdir, str(folder))
attempt(os.setuid, 0)
try:
    open(f"/var/tmp/left-{os.getuid()}", "w").close()
except OSError:
    pass
"""
REPORT_REACHED = "raise LookupError(f'user {os.getuid()} reached {reached}')"


only_root = pytest.mark.platform(ROOT_USER, reason="only root can run a kernel as another user")


def attacking(notebook: nbformat.NotebookNode, paths: list, more: str = "") -> None:
    """Let a notebook try to open files and folders, and raise an error that lists those it got."""
    source = replaced(REACH, "PATHS", repr([*map(str, paths)]))
    source += f"TEST = {os.getpid()}\n{more}{REPORT_REACHED}"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(source))


def rows_of(table: Path) -> dict[str, dict]:
    """Return the rows of a spreadsheet by the names of the notebooks."""
    with table.open(newline="", encoding="utf-8") as file:
        return {Path(row["submission"]).name: row for row in csv.DictReader(file)}


@pytest.fixture(scope="session")
def graded_folder(repository, everybody) -> tuple[dict[str, dict], str]:
    """The rows that the command for a folder writes, and what it prints."""
    folder = repository / "submissions"
    folder.mkdir()
    correct, wrong = solved_notebook(), folder / "A. Student (1).ipynb"
    nbformat.write(solved_notebook(WRONG_MOMENTUM), wrong)
    files = [repository / "backprop.ipynb", wrong]
    if ROOT_USER:
        attacking(correct, [repository, folder, *files], BEYOND)
        for file in files:  # anybody can read them
            subprocess.run(["cat", file], check=True, stdout=subprocess.DEVNULL, user="nobody")
    for name in "bc":
        nbformat.write(correct, folder / f"{name}.ipynb")
    log = shell(command_block("python tests/grading submissions"), repository, **everybody)
    return rows_of(repository / "grades.csv"), log


def test_grading_a_folder(graded_folder):
    rows, log = graded_folder
    row = rows["A. Student (1).ipynb"]
    assert (row["total"], row["train_momentum"]) == ("85", "0")
    assert [rows[name]["total"] for name in ("b.ipynb", "c.ipynb")] == ["100", "100"]
    assert "Graded at fresh random points" in log


def users_that_reached_nothing(rows: dict[str, dict]) -> set[int]:
    """Return the users of two attacks that reached no files, processes or folders of others."""
    raised = [rows[name]["cells_raised"] for name in ("b.ipynb", "c.ipynb")]
    found = [re.fullmatch(r"1: LookupError: user (\d+) reached \[\]", line) for line in raised]
    assert all(found), raised
    return {int(match[1]) for match in found}


@only_root
@needs_bubblewrap
def test_as_root_a_notebook_reaches_nothing(graded_folder):
    rows, log = graded_folder
    assert 0 not in users_that_reached_nothing(rows)
    assert "run as root" not in log


@only_root
@pytest.mark.usefixtures("graded_folder")
def test_without_bubblewrap_a_notebook_reaches_nothing_either(repository, everybody):
    """After `chmod go= .`, as tests/README.md says."""
    assert "`chmod go= .`" in instructors_readme()
    command = "chmod go= . && python tests/grading submissions/[bc].ipynb --bubblewrap never "
    command += "--csv never.csv --jobs 2 --reference graders.py"  # which is none: no random points
    log = shell(command, repository, **everybody)
    assert "Isolation: another user" in log
    found = users_that_reached_nothing(rows_of(repository / "never.csv"))
    assert 0 not in found
    assert len(found) == 2
    assert [path for user in found for path in users.owned_by(user)] == []


# ------------------------------------------------------------------------ submissions on a platform

# And their scores. The first has the user `student`, which is a single run's.
SUBMISSIONS = {"hostile": 85, "two": None, "correct": 100}


def hand_in(folder: Path, kind: str, reach: Sequence = ()) -> None:
    """Write a submission of a kind into a folder, under a name of the student's choice."""
    notebook = solved_notebook()
    if kind == "hostile":
        lies = f"import graders\ngraders.{OVERWRITTEN[0]} = np.allclose = lambda *a, **k: True\n"
        lies += "assert 'GITHUB_OUTPUT' not in __import__('os').environ\n"
        notebook = solved_notebook(WRONG_MOMENTUM)
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
        return dict(zip(SUBMISSIONS, pool.map(functools.partial(run, *arguments), SUBMISSIONS)))


# ------------------------------------------------------------------------------------- Classroom 50


@pytest.fixture(scope="session")
def classroom_50(repository, everybody, tmp_path_factory) -> dict[str, dict]:
    """Results by kind: the bundle is in a separate folder, the student's checkout is the cwd."""
    shell(command_block("mkdir -p course/autograders"), repository)
    parent = tmp_path_factory.mktemp("classroom")
    bundle = repository / "course/autograders/backprop"
    packages = (bundle / "requirements.txt").read_text()
    (bundle / "requirements.txt").write_text(re.sub("==.*", "", packages))  # any version will do
    return for_each_kind(run_classroom_50, bundle, parent, everybody)


def run_classroom_50(bundle: Path, parent: Path, everybody: dict, kind: str) -> dict:
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
    variables |= {"PIP_NO_DEPS": "1"}  # all is installed: checking it takes a second
    subprocess.run(
        [shutil.which("python", path=everybody["PATH"]), bundle / "autograder.py"],
        cwd=student, check=True, env=everybody | variables, capture_output=True,
    )  # fmt: skip
    result = json.loads((student / "result.json").read_text(encoding="utf-8"))
    return result | {"body": (student / "release-body.md").read_text(encoding="utf-8")}


@pytest.mark.parametrize("kind", SUBMISSIONS)
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
        "score": SUBMISSIONS[kind] or 0,
        "max-score": 100,
    }
    assert [(t["test-name"], t["max-score"]) for t in tests] == [*STAGE_POINTS.items()]
    assert sum(t["score"] for t in tests) == result["score"]
    assert all(t["passed"] == (t["score"] > 0) and t["output"] for t in tests)
    assert body.startswith(f"# {result['score']} of 100 points\n")
    if SUBMISSIONS[kind] is None:
        assert {t["output"] for t in tests} == {TWO}
        assert TWO in body
    else:
        assert all(f"## {t['test-name']}: {t['score']} of" in body for t in tests)
        assert ("Cells that raised" in body) == (kind != "correct")


# --------------------------------------------------------------------------------------- Gradescope


@pytest.fixture(scope="session")
def gradescope_user(tmp_path_factory) -> Iterator[str]:
    """The name of the user that setup.sh makes: here one that this machine does not know."""
    name = f"student{os.getpid()}"
    if ROOT_USER:
        for _ in range(2):  # a user that exists already does no harm
            assert set_up(name, tmp_path_factory.mktemp("bin"), os.environ["PATH"]) == ""
    yield name
    if ROOT_USER:
        subprocess.run(["userdel", name], check=True)


def set_up(user: str, programs: Path, path: str) -> str:
    """Run setup.sh for a user of that name, without installing anything; return its output."""
    for name in ("apt-get", "pip3"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    text = (GRADING / "adapters/gradescope/setup.sh").read_text(encoding="utf-8")
    (programs / "setup.sh").write_text(re.sub(r"\bstudent\b", user, text))
    return subprocess.check_output(
        [shutil.which("bash"), programs / "setup.sh"], text=True,
        env=os.environ | {"PATH": os.pathsep.join([str(programs), path])},
    )  # fmt: skip


@pytest.fixture(scope="session")
def gradescope(repository, public, everybody, gradescope_user) -> dict[str, dict]:
    """Results by kind, in folders as Gradescope lays them out."""
    shell(
        command_block("mkdir -p course && python -m zipfile -c course/gradescope.zip"), repository
    )
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
    (folder / "run_autograder").write_text(replaced(script, '"student"', f'"{user}"'))
    hand_in(submission, kind, [source, source / "backprop.ipynb", submission, results])
    done = subprocess.run(
        [shutil.which("python", path=everybody["PATH"]), folder / "run_autograder"],
        cwd=folder, check=True, capture_output=True, env=everybody, text=True,
    )  # fmt: skip
    assert source.stat().st_mode & 0o077 == 0 or os.name != "posix"
    result = json.loads((results / "results.json").read_text(encoding="utf-8"))
    return result | {"printed": done.stdout}


@pytest.mark.parametrize("kind", SUBMISSIONS)
def test_gradescope(gradescope, kind):
    result = gradescope[kind]
    assert result["score"] == (SUBMISSIONS[kind] or 0)
    assert [(t["name"], t["max_score"]) for t in result["tests"]] == [*STAGE_POINTS.items()]
    assert all((t["status"] == "passed") == (t["score"] > 0) for t in result["tests"])
    assert all(t["output"] and t["output_format"] == "text" for t in result["tests"])
    if SUBMISSIONS[kind] is None:
        assert result["output"] == TWO


@only_root
def test_as_root_a_notebook_on_gradescope_reaches_nothing(gradescope, gradescope_user):
    number = shell(f"id -u {gradescope_user}", ROOT).strip()
    reached = f"a cell raised: 1: LookupError: user {number} reached []"
    assert gradescope["hostile"]["output"].splitlines()[0] == reached
    assert not [result for result in gradescope.values() if "run as" in result["printed"]]


@only_root
def test_without_useradd_the_output_says_who_runs_notebooks(tmp_path):
    (tmp_path / "id").symlink_to(shutil.which("id"))
    said = set_up("nosuchuser", tmp_path, "")
    assert said == "No user nosuchuser can be made: notebooks will run as a user without a name.\n"
    with contextlib.ExitStack() as locks:
        ((number, _),) = isolation.numbers_of_users(1, "nosuchuser", locks)
        assert not users.has_name(number)


def test_gradescope_writes_results_whatever_happens(tmp_path):
    """Here its source folder is empty."""
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    shutil.copy(GRADING / "adapters/gradescope/run_autograder", tmp_path)
    subprocess.run([sys.executable, tmp_path / "run_autograder"], check=True, capture_output=True)
    result = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert result["score"] == 0
    assert result["output"].startswith("grading failed: ")


# ----------------------------------------------------------------------- what platforms install

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
