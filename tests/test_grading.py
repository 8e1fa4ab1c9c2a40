"""`python tests/grading`: its kernels and processes, and its command line."""

import functools
import importlib.util
import math
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest

import points
import report
import sandbox
from grading import __main__ as grade
from helpers import (
    GRADING,
    IMPORTS,
    ROOT,
    WRONG_ADAM,
    module,
    run_grading,
    small_notebook,
    solved_cells,
    solved_functions,
    wrong_cell,
)


def wheel(folder: Path) -> Path:
    """Make a package that pip can install without a network."""
    path, info = folder / "planted_by_pip-1-py3-none-any.whl", "planted_by_pip-1.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("planted_by_pip.py", "")
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: planted-by-pip\nVersion: 1"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


# ------------------------------------------------------------------------- kernels and processes


def in_a_kernel(check: Callable, folder: Path) -> None:
    """Check something in a kernel, in a separate process whose children all end with it."""
    place = sandbox.Sandbox(str(folder), 60)
    (answer,) = sandbox.in_processes({"": functools.partial(check, folder)}, [place])
    assert answer == ("", {"result": None})


def stays_in_its_folder(folder: Path, place: sandbox.Sandbox) -> None:
    pip = f"%pip install --quiet --no-index --no-deps {wheel(folder)}"
    with closing(sandbox.Kernel(place)) as kernel:
        no_user_site = "import sys; assert sys.flags.no_user_site"  # nor its usercustomize.py
        assert grade.run_cells(kernel, [no_user_site, pip, "import planted_by_pip"]) == []
        kernel.close()
        kernel.begin()
        missing = "1: ModuleNotFoundError: No module named 'planted_by_pip'"
        cells = ["import planted_by_pip", IMPORTS, solved_cells()["sigmoid"]]
        assert grade.run_cells(kernel, cells) == [missing]
        kernel.left["cells"] = 0.5
        assert grade.run_cells(kernel, ["while True: pass", "1"]) == ["1: timeout", "2: timeout"]
        kernel.load_graders()
        assert grade.find_fault(kernel, "sigmoid", []) is None


def test_each_notebook_has_its_own_kernel(tmp_path):
    """What pip installs stays in its folder; long cells do not use up the time for judging."""
    in_a_kernel(stays_in_its_folder, tmp_path)
    assert importlib.util.find_spec("planted_by_pip") is None


def counts_output(_: Path, place: sandbox.Sandbox) -> None:
    with closing(sandbox.Kernel(place)) as kernel:
        cells = ["print('x' * 5 * 10**7)", "while True: print('x' * 1000)", "1 / 0"]
        raised = ["2: output", "3: ZeroDivisionError: division by zero"]
        assert grade.run_cells(kernel, cells) == raised


def test_a_large_output_ends_no_connection(tmp_path):
    """After a message beyond all limits, output is still received, and counted."""
    in_a_kernel(counts_output, tmp_path)


def test_the_worst_notebook_ends_before_the_platform_ends_it(tmp_path):
    assert sandbox.Sandbox("", 20).most < 9 * 60  # Gradescope has 10 minutes, Classroom 50 has 15
    impatient = sandbox.Sandbox(
        str(tmp_path), (0.5 - sandbox.SLACK) / sum(sandbox.BUDGETS.values())
    )
    ((key, answer),) = sandbox.in_processes({"key": nap}, [impatient])
    assert key == "key"
    assert answer["error"].endswith("after 0.5 s")


def nap(_: sandbox.Sandbox) -> None:
    time.sleep(60)


def test_a_process_that_dies_is_reported():
    answers = sandbox.in_processes({"key": vanish}, [sandbox.Sandbox("", 1)])
    assert next(answers)[1]["died"]


def vanish(_: sandbox.Sandbox) -> None:
    os._exit(1)


def test_fresh_points_show_every_branch(tmp_path):
    """cos, sin, tanh, both sums and y - y_hat have both signs among the points of a task."""
    rng = np.random.default_rng(5)
    for task in report.STAGES:
        for _ in range(20):
            seen = np.concatenate(
                [points.signs(arguments) for arguments in points.draw_all(task, rng)]
            )
            assert (seen.min(axis=0) < 0).all()
            assert (seen.max(axis=0) > 0).all()
    x, y, w = points.draw_all("forward_propagation", rng)[0]
    values = module(solved_functions())["forward_propagation"](x, y, w)
    columns = points.signs([x, y, w])[0]
    assert math.isclose(columns[4], values["tanh"])
    assert math.isclose(columns[5], -values["dy_pr"] / 2)


# ------------------------------------------------------------------------------ the command line


@pytest.mark.parametrize(
    "arguments",
    ["", "--jobs 0 x", "--timeout a x", "--timeout inf x", "--reference nowhere.ipynb x",
     "--csv nowhere/g.csv x", "--csv tests x", "--csv graders.py x", "--json x.ipynb x.ipynb",
     "tests", "--user root x"],
)  # fmt: skip
def test_wrong_usage(arguments, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as usage:
        grade.options_of(arguments.split())
    assert usage.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_two_reports_into_one_file(tmp_path, capsys):
    new = str(tmp_path / "new")
    with pytest.raises(SystemExit):
        grade.options_of(["--json", new, "--csv", new, "x"])
    assert "would be overwritten" in capsys.readouterr().err


@pytest.mark.parametrize("many", [0, 2])
def test_a_submission_is_one_notebook(tmp_path, many):
    for name in "ab"[:many]:
        nbformat.write(small_notebook(), tmp_path / f"{name}.ipynb")
    ((row),) = grade.graded(grade.options_of([str(tmp_path), "--one"]))
    assert row["error"].startswith("hand in exactly one notebook")
    assert ("a.ipynb, b.ipynb" if many else "none") in row["error"]


@pytest.mark.platform(sys.platform == "linux", reason="only Linux has /dev/full")
def test_a_report_that_cannot_be_written(tmp_path):
    (tmp_path / "a.ipynb").write_text("[]")
    done = run_grading("a.ipynb", "--csv", "/dev/full", "--json", "/dev/stdout", cwd=tmp_path)
    assert done.returncode == 1
    assert "--csv /dev/full is not complete: No space left on device." in done.stdout
    assert '{"submission": "a.ipynb"' in done.stdout
    assert "a.ipynb not a notebook" in done.stdout
    assert "1 of 1 not graded" in done.stdout
    assert "nothing was lost" not in done.stdout
    assert "Traceback" not in done.stderr
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as closed:
        done = run_grading(
            "a.ipynb", cwd=tmp_path, capture_output=False, stdout=closed, stderr=subprocess.PIPE
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_process_that_dies_costs_its_own_file_only(tmp_path):
    """A notebook ends the process that grades it, also when it is tried again, alone."""
    ends = "import os\nos.kill(os.getppid(), 9)"
    nbformat.write(small_notebook(first=[ends, IMPORTS]), tmp_path / "ends.ipynb")
    nbformat.write(small_notebook(), tmp_path / "correct.ipynb")
    options = grade.options_of([str(tmp_path), "--jobs", "2"])
    rows = {Path(row["submission"]).name: row for row in grade.graded(options)}
    ended = rows["ends.ipynb"]
    assert len(rows) == 2
    assert rows["correct.ipynb"]["total"] == 100
    assert (ended["error"] == "not graded: the process that graded it died") or (
        "PermissionError" in ended["cells_raised"][0]  # of a user who may not
    )


def test_a_reference_that_is_no_solution(tmp_path, capsys):
    mine, reference = tmp_path / "mine.ipynb", tmp_path / "reference.ipynb"
    nbformat.write(small_notebook(), mine)
    nbformat.write(small_notebook(wrong_cell(*WRONG_ADAM)), reference)
    place = sandbox.Sandbox(str(tmp_path), 30)
    assert grade.random_points([mine], reference, place) == {mine: {}}
    assert "reference.ipynb is no solution: ValueError: train_adam: " in capsys.readouterr().out


def test_a_reference_that_is_submitted(tmp_path, capsys):
    names = ("mine.ipynb", "other.ipynb", "copy.ipynb")
    mine, other, copy = files = [tmp_path / name for name in names]
    wrong = [wrong_cell(*WRONG_ADAM)]
    for file in files:
        nbformat.write(small_notebook(*wrong if file is other else []), file)
    copy.write_bytes(mine.read_bytes() + b"\n")
    assert grade.copies(files, copy) == [mine, copy]  # by content, and by path
    assert grade.random_points([mine], mine, sandbox.Sandbox("", 1)) == {mine: {}}
    assert "known points alone: the reference" in capsys.readouterr().out


@pytest.mark.platform(os.name == "posix", reason="Windows has other signals")
def test_signals_leave_nothing_behind(tmp_path):
    """Ctrl-C, `timeout` and a closed terminal end everything, with a table of what is done."""
    cells = [IMPORTS + "import time\ntime.sleep(31.337)", *solved_cells().values()]
    cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    for name in "abc":
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    started = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        folder = tmp_path / number.name
        folder.mkdir()
        command = [sys.executable, str(GRADING), ".", "--jobs", "2"]
        command += ["--reference", "a.ipynb"]
        started[number] = subprocess.Popen(
            command, cwd=tmp_path, env=os.environ | {"TMPDIR": str(folder)}, stdout=subprocess.PIPE,
            text=True, start_new_session=True, preexec_fn=functools.partial(accept_signal, number),
        )  # fmt: skip
    for number in started:
        patience = time.monotonic() + 60
        while len(kernels(tmp_path / number.name)) < 2 and time.monotonic() < patience:
            time.sleep(0.1)
    for number, process in started.items():
        if number == signal.SIGINT:  # as a terminal does it
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    for number, process in started.items():
        printed = process.communicate(timeout=60)[0]
        assert process.returncode == 128 + number
        assert "interrupted" in printed
        assert "3 of 3 not graded" in printed
        assert "nothing was lost" not in printed
        assert kernels(tmp_path / number.name) == []
        assert list((tmp_path / number.name).iterdir()) == []


def accept_signal(number: int) -> None:
    """Let a signal end also what was started in the background."""
    signal.signal(number, signal.SIG_DFL)


def kernels(folder: Path) -> list[psutil.Process]:
    """Return the kernels whose home is below a folder."""
    found = []
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get("HOME", "").startswith(str(folder)):
            found.append(process)
    return found
