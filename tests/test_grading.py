"""`python tests/grading`: its kernels and processes, and its command line."""

import functools
import importlib.util
import io
import json
import math
import os
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest

import judging
import points
import report
import sandbox
from cells import run_cells
from grading import __main__ as grade
from helpers import (
    GRADING,
    IMPORTS,
    ROOT,
    module,
    run_grading,
    small_notebook,
    solved_cells,
    solved_functions,
)

WHEEL = "planted_by_pip-1-py3-none-any.whl"


def wheel() -> bytes:
    """Return a package that pip can install without a network, as a file of the name WHEEL."""
    info, file = "planted_by_pip-1.dist-info", io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("planted_by_pip.py", "")
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: planted-by-pip\nVersion: 1"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any"
        )
        archive.writestr(f"{info}/RECORD", "")
    return file.getvalue()


# ------------------------------------------------------------------------- kernels and processes


def stays_in_its_folder(place: sandbox.Sandbox) -> None:
    with closing(judging.Examined(place)) as kernel:
        no_user_site = "import sys; assert sys.flags.no_user_site"  # nor its usercustomize.py
        brought = f"with open({WHEEL!r}, 'wb') as file: file.write({wheel()!r})"
        pip = f"%pip install --quiet --no-index --no-deps {WHEEL}"
        cells = [no_user_site, brought, pip, "import planted_by_pip"]
        assert run_cells(kernel, cells) == []
        kernel.close()
        kernel.begin()
        missing = "1: ModuleNotFoundError: No module named 'planted_by_pip'"
        cells = ["import planted_by_pip", IMPORTS, solved_cells()["sigmoid"]]
        assert run_cells(kernel, cells) == [missing]
        kernel.left["cells"] = 0.5
        assert run_cells(kernel, ["while True: pass", "1"]) == ["1: timeout", "2: timeout"]
        assert kernel.load_graders()
        assert judging.find_fault(kernel, "sigmoid", []) is None


def test_each_notebook_has_its_own_kernel(in_a_kernel):
    """What pip installs stays in its folder; long cells do not use up the time for judging."""
    in_a_kernel(stays_in_its_folder)
    assert importlib.util.find_spec("planted_by_pip") is None


def test_the_worst_notebook_ends_before_the_platform_ends_it(tmp_path):
    assert sandbox.Sandbox("", 20).most < 9 * 60  # Gradescope has 10 minutes, Classroom 50 has 15
    impatient = sandbox.Sandbox(
        str(tmp_path), (0.5 - sandbox.SLACK) / sum(sandbox.BUDGETS.values())
    )
    ((key, answer),) = sandbox.in_processes({"key": nap}, [impatient])
    assert key == "key"
    assert answer["error"] == "aborted after 0.5 s"


def nap(_: sandbox.Sandbox) -> None:
    time.sleep(60)


def test_a_process_that_dies_is_tried_again():
    answers = sandbox.in_processes({"key": vanish}, [sandbox.Sandbox("", 1)])
    assert next(answers)[1]["again"]


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


@pytest.mark.parametrize("option", ["jobs", "seconds"])
def test_wrong_numbers(option, capsys):
    name = {"jobs": "--jobs", "seconds": "--timeout"}[option]
    for value in ("0", "-1", "many", "nan", "1e9"):
        with pytest.raises(SystemExit):
            grade.options_of([name, value, "x"])
        assert f"{value!r} is not a number of {option} from 1 to" in capsys.readouterr().err


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


def test_one_submission_may_have_other_files_beside_it(tmp_path):
    for name in ("a.IPYNB", "a.ipynb.txt"):
        (tmp_path / name).write_text("")
    options = grade.options_of(["--one", str(tmp_path)])
    assert [file.name for file in options.files] == ["a.IPYNB"]
    assert options.error == ""


def test_two_reports_into_one_file(tmp_path, capsys):
    new = str(tmp_path / "new")
    with pytest.raises(SystemExit):
        grade.options_of(["--json", new, "--csv", new, "x"])
    assert "would be overwritten" in capsys.readouterr().err


def test_processes_that_are_spawned(tmp_path):
    """As macOS and Windows start them."""
    spawn = 'import multiprocessing\nmultiprocessing.set_start_method("spawn", force=True)\n'
    (tmp_path / "sitecustomize.py").write_text(spawn)
    nbformat.write(small_notebook(), tmp_path / "a.ipynb")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = run_grading("a.ipynb", "--seed", "7", "--json", "g.json", cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    row = json.loads((tmp_path / "g.json").read_text())
    assert (row["total"], row["seed"]) == (100, 7)


@pytest.mark.platform(sys.platform == "linux", reason="only Linux has /dev/full")
def test_a_report_that_cannot_be_written(tmp_path):
    (tmp_path / "a.ipynb").write_text("[]")
    unread = ["a.ipynb", "--reference", "a.ipynb"]
    done = run_grading(*unread, "--csv", "/dev/full", "--json", "/dev/stdout", cwd=tmp_path)
    assert done.returncode == 1
    assert "--csv /dev/full is not complete: No space left on device." in done.stdout
    assert '{"submission": "a.ipynb"' in done.stdout
    assert "a.ipynb not a notebook" in done.stdout
    assert "1 of 1 not graded" in done.stdout
    assert "nothing was lost" not in done.stdout
    assert "Traceback" not in done.stderr


LOST = {
    ">/dev/full": "No space left on device",
    ">&-": "it is closed",
    "> >(true)": "Broken pipe",
}


@pytest.mark.platform(sys.platform == "linux", reason="only Linux has /dev/full")
@pytest.mark.parametrize("where", LOST)
def test_a_report_that_nobody_reads(where, tmp_path):
    """Its files are written nevertheless."""
    (tmp_path / "a.ipynb").write_text("[]")
    command = (
        f"sleep 0.2; exec {sys.executable} {GRADING} a.ipynb --reference a.ipynb --json g.json"
    )
    done = subprocess.run(
        ["bash", "-c", f"exec {where}; {command} --as-root"], cwd=tmp_path, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.endswith(f"The report cannot be printed: {LOST[where]}.\n")
    assert "Traceback" not in done.stderr
    assert json.loads((tmp_path / "g.json").read_text())["submission"] == "a.ipynb"


def test_a_process_that_dies_costs_its_own_file_only(tmp_path):
    """A notebook ends the process that grades it, also when it is tried again, alone."""
    ends = "import os\nos.kill(os.getppid(), 9)"
    nbformat.write(small_notebook(first=[ends, IMPORTS]), tmp_path / "ends.ipynb")
    nbformat.write(small_notebook(), tmp_path / "correct.ipynb")
    (tmp_path / "none").write_text("")  # a reference that is none: no random points
    reference = ["--reference", str(tmp_path / "none")]
    options = grade.options_of([str(tmp_path), "--jobs", "2", "--as-root", *reference])
    rows = {Path(row["submission"]).name: row for row in grade.graded(options)}
    ended = rows["ends.ipynb"]
    assert len(rows) == 2
    assert rows["correct.ipynb"]["total"] == 100
    assert (ended["error"] == "not graded: the process that graded it died") or (
        "PermissionError" in ended["cells_raised"][0]  # of a user who may not
    )


@pytest.mark.platform(os.name == "posix", reason="Windows has other signals")
def test_signals_leave_nothing_behind(tmp_path, public):
    """Ctrl-C, `timeout` and a closed terminal end everything, with a table of what is done."""
    cells = [IMPORTS + "import time\ntime.sleep(31.337)", *solved_cells().values()]
    cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    for name in "abc":
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    started = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        folder = public / number.name  # a short path: kernels would go elsewhere from a long one
        folder.mkdir()
        command = [sys.executable, str(GRADING), ".", "--jobs", "2", "--as-root"]
        command += ["--reference", "a.ipynb"]
        started[number] = subprocess.Popen(
            command, cwd=tmp_path, env=os.environ | {"TMPDIR": str(folder)}, stdout=subprocess.PIPE,
            text=True, start_new_session=True, preexec_fn=functools.partial(accept_signal, number),
        )  # fmt: skip
    for number in started:
        patience = time.monotonic() + 60
        while len(kernels(public / number.name)) < 2 and time.monotonic() < patience:
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
        assert kernels(public / number.name) == []
        assert list((public / number.name).iterdir()) == []


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
