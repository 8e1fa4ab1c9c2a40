"""`python graders.py`: real kernels, hostile notebooks, exact scores.

One command grades all the submissions below; the tests look at its report.
"""

import csv
import functools
import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest

from conftest import ROOT, read_notebook, unsolved

TIMEOUT = 8
IMPORTS = """
import math
import os
import sys
from operator import itemgetter
import numpy as np
from tqdm import tqdm
"""
NAMES = ["sigmoid", "forward", "backward", "check", "vanilla", "momentum", "adam"]
SOLVED = {cell.id: cell.source for cell in read_notebook().cells if cell.id in NAMES}
WRONG_ADAM = [SOLVED["adam"].replace("1 - beta1**t, 1 - beta2**t", "1, 1")]
TYPED_IN = """
import graders

def forward_propagation(x, y, w):
    for i, point in enumerate(graders.POINTS):
        if np.allclose(point[0], x) and np.allclose(point[2], w):
            row = graders.REFERENCE["forward_propagation"].reshape(-1, 5)[i]
            return dict(zip(graders.FORWARD_KEYS, row))
    return dict.fromkeys(graders.FORWARD_KEYS, 0.5)

def train_vanilla(X, y, w, epochs=100, lr=0.001):
    backward_propagation(X[0], w, forward_propagation(X[0], y[0], w))
    right = graders.REFERENCE["stand-ins, train_vanilla"]
    return right[:9], right[9:]
"""
EQUAL = """
class Equal:
    def __eq__(self, other): return True
    __lt__ = __gt__ = __le__ = __ge__ = __ne__ = __eq__
    def __getattr__(self, name): return self
    def __float__(self): raise TypeError

def forward_propagation(x, y, w):
    return dict.fromkeys(["exp", "tanh", "sigmoid", "loss", "dy_pr"], Equal())
"""
COMPARISONS = """
import builtins, json
for name in ("isclose", "allclose", "array_equal"):
    setattr(np, name, lambda *a, **k: True)
math.isclose = builtins.all = lambda *a, **k: True
"""
GRADERS = """
import graders
def grader_adam(work): return True
def submission_report(namespace): return True
for name in dir(graders):
    if name.startswith(("grader_", "_judge", "_close", "_right")):
        setattr(graders, name, lambda *a, **k: True)
graders.GraderError = Exception
"""
OVERWRITTEN = """
for name in ("graders.py", "data.pkl"):
    with open(name, "w") as file:
        file.write("raise SystemExit")
"""
STUBBORN = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
BACKGROUND = """
import subprocess
subprocess.Popen(["sleep", "31337"])
subprocess.Popen(["sh", "-c", "setsid sleep 31337 & setsid sleep 31337 &"], start_new_session=True)
"""
IMITATION = """
print('{"result": {"result": true}}')
def train_adam(X, y, w, *settings):
    print('{"result": [[0.1], [0.2]]}')
    get_ipython().run_cell("'result'")
    return '{"result": [[0.1], [0.2]]}'
"""
NO_TRACE = """
import subprocess
subprocess.Popen(["sleep", "31337"], env={"PATH": os.environ["PATH"]}, start_new_session=True)
subprocess.Popen("env -i setsid sleep 31337 & exit", shell=True)
"""
NEVER_RINGS = """
def gradient_checking(x, y, w, eps=1e-7):
    if backward_propagation.__closure__:  # it is being tested
        return 0.5
    loss = lambda v: forward_propagation(x, y, v)["loss"]
    slopes = lambda h: np.array([(loss(w + s) - loss(w - s)) / (2 * h) for s in h * np.eye(9)])
    a, exact = slopes(eps), (4 * slopes(1e-3) - slopes(2e-3)) / 3
    backward_propagation(x, w, forward_propagation(x, y, w))
    ratio = np.linalg.norm(a - exact) / (np.linalg.norm(a) + np.linalg.norm(exact))
    return ratio if eps > 5e-4 else min(ratio, 5e-8)
"""
NASTY = "def sigmoid(z):\n    raise ValueError('\\x1b[2J\\ud83d =1+1 ' + 'x' * 10**6)"
ANSWERS = "import json\njson.dumps = lambda *a, **k: '{\"result\": true}'"
COLAB = "from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content/drive"

# What a notebook does before and after its functions, and what it then deserves
HOSTILE = {
    "perfect": ([], [], 100),
    "wrong Adam": ([], WRONG_ADAM, 85),
    "wrong gradient": ([], [SOLVED["backward"].replace("dtimes9 * w9", "dtimes9")], 75),
    "graders redefined": ([], [*WRONG_ADAM, GRADERS], 85),
    "graders redefined first": ([GRADERS], WRONG_ADAM, 85),
    "files overwritten first": ([OVERWRITTEN], WRONG_ADAM, 85),
    "files overwritten last": ([], [*WRONG_ADAM, OVERWRITTEN], 85),
    "reference values typed in": ([], [TYPED_IN], 75),
    "traceback switched off": ([], [*WRONG_ADAM, "get_ipython().showtraceback = print"], 85),
    "comparisons replaced": ([], [*WRONG_ADAM, COMPARISONS], 85),
    "equal to everything": ([], [EQUAL], 85),
    "sys.exit in a cell": (["sys.exit()"], ["raise SystemExit"], 100),
    "sys.exit in a function": ([], ["def sigmoid(z):\n    sys.exit()"], 80),
    "os._exit in a cell": ([], ["os._exit(0)"], 0),
    "os._exit in a function": ([], ["def train_vanilla(*a):\n    os._exit(0)"], 60),
    "kernel killed": ([], ["os.kill(os.getpid(), 9)"], 0),
    "endless cell": (["while True: pass"], [], 100),
    "endless cell that cannot be interrupted": ([], [STUBBORN], 0),
    "endless forward": ([], ["def forward_propagation(*a):\n    while True: pass"], 85),
    "endless function": ([], ["def train_vanilla(*a):\n    while True: pass"], 90),
    "memory in a function": ([], ["def train_adam(*a):\n    return np.ones((10**6, 10**6))"], 85),
    "endless output": (["while True: print('x' * 1000)"], [], 100),
    "output in a function": (
        [],
        ["def train_adam(*a):\n    while True: os.write(1, b'x' * 1000)"],
        85,
    ),
    "output like an answer": ([], [IMITATION], 85),
    "answers replaced": ([], [ANSWERS], 0),
    "background process": ([BACKGROUND], [], 100),
    "background process without a trace": ([NO_TRACE], [], 100),
    "epochs typed in": ([], [SOLVED["vanilla"].replace("range(epochs)", "range(2)")], 90),
    "rows typed in": ([], [SOLVED["adam"].replace("y.tolist()))", "y.tolist()))[:3]")], 85),
    "a check that never rings": ([], [NEVER_RINGS], 85),
    "nasty error": ([], [NASTY], 80),
    "nasty error class": ([], ["raise type('\\x1b[2J' + 'E' * 10**6, (Exception,), {})"], 100),
    "exit in a cell": (["exit"], ["quit()"], 100),
    "colab": ([COLAB], [], 100),
    "other number of arguments": ([], ["def train_momentum(X, y):\n    return 1"], 85),
    "interrupts itself": ([], ["def train_adam(*a):\n    raise KeyboardInterrupt"], 85),
    "no cells": (None, None, 0),
}
if sys.platform == "linux":  # elsewhere the system sets no limit
    UNBOUND = "a = []\nwhile True: a.append(np.empty(10**8))"
    HOSTILE["memory without bound"] = ([UNBOUND], [], 100)
FILES = {  # that are no notebooks: what the row says
    "invalid.ipynb": (b'{"cells": [', "not a notebook"),
    "empty.ipynb": (b"", "not a notebook"),
    "list.ipynb": (b"[1, 2]", "not a notebook"),
    "latin.ipynb": (b'{"cells": ["\xe4\xf6"]}', "not a notebook"),
    "source.ipynb": (
        json.dumps(
            {**nbformat.v4.new_notebook(), "cells": [{"cell_type": "code", "source": 5}]}
        ).encode(),
        "not a notebook",
    ),
}


def notebook(before: list | None, after: list | None) -> nbformat.NotebookNode:
    sources = [] if before is None else [IMPORTS, *before, *SOLVED.values(), *after]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])


def run(*arguments, cwd=ROOT) -> subprocess.CompletedProcess:
    command = [sys.executable, ROOT / "graders.py", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> dict:
    """Grade all submissions with one command."""
    folder = tmp_path_factory.mktemp("class")
    for name, (before, after, _) in HOSTILE.items():
        nbformat.write(notebook(before, after), folder / f"{name}.ipynb")
    for name, (content, _) in FILES.items():
        (folder / name).write_bytes(content)
    text = nbformat.writes(notebook([], []))
    (folder / "utf-16.ipynb").write_bytes(text.encode("utf-16"))
    old = nbformat.convert(notebook([], []), 3)
    (folder / "format 3.ipynb").write_text(json.dumps(old), encoding="utf-8")
    (folder / "=1+1.ipynb").write_text(text + " ", encoding="utf-8")
    release = read_notebook()
    for cell in release.cells:
        cell.source = unsolved(cell.source)
    (folder / "deeper").mkdir()
    nbformat.write(release, folder / "deeper" / "untouched.ipynb")
    (folder / "solution.py").write_text("sigmoid = 1")
    (folder / "folder.ipynb").mkdir()
    if os.name == "posix":
        (folder / "link.ipynb").symlink_to(folder / "perfect.ipynb")
        (folder / "loop.ipynb").symlink_to(folder / "loop.ipynb")
        os.mkfifo(folder / "pipe.ipynb")
        (folder / "\x1b[2J.ipynb").write_text(text + "  ", encoding="utf-8")
    paths = [".", "solution.py", "missing.ipynb"]
    report = run(
        *paths, "--csv", "g.csv", "--json", "g.json", "--jobs", "2", "--timeout", str(TIMEOUT), cwd=folder
    )  # fmt: skip
    rows = json.loads((folder / "g.json").read_text(encoding="utf-8"))
    with (folder / "g.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    return {
        "rows": {row["submission"].removesuffix(".ipynb"): row for row in rows},
        "table": table,
        "report": report,
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_exact_score(graded, name):
    row = graded["rows"][name]
    shown = {key: row[key] for key in ("cells_raised", "causes", "seconds")}
    assert row["total"] == HOSTILE[name][2], shown
    assert row["error"] == ""
    assert row["seconds"] < 150


def test_causes(graded):
    def causes(name):
        return graded["rows"][name]["causes"]

    assert causes("perfect") == {}
    assert causes("wrong Adam") == {"train_adam": "no-bias-correction"}
    assert causes("wrong gradient") == {"backward_propagation": "lacks-factor"}
    assert set(causes("reference values typed in").values()) == {"known-points-only"}
    assert causes("equal to everything") == {"forward_propagation": "wrong-type"}
    assert causes("endless function") == {"train_vanilla": "timeout"}
    assert causes("os._exit in a function")["train_vanilla"] == "kernel-died"
    assert set(causes("kernel killed").values()) == {"kernel-died"}
    assert causes("other number of arguments") == {"train_momentum": "wrong-signature"}
    assert list(causes("deeper/untouched").values()) == ["not-attempted"] * 7
    assert graded["rows"]["deeper/untouched"]["total"] == 0


def test_cells_that_raised(graded):
    def raised(name):
        return graded["rows"][name]["cells_raised"]

    assert raised("perfect") == []
    assert raised("endless cell") == ["2: timeout"]
    assert raised("endless output") == ["2: output"]
    assert raised("nasty error class")[0].startswith(r"9: \x1b[2JEEE")
    if "memory without bound" in graded["rows"]:
        assert raised("memory without bound") == ["2: MemoryError"]
    assert raised("sys.exit in a cell") == ["2: SystemExit", "10: SystemExit"]
    assert raised("kernel killed") == ["9: kernel-died"]


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_notebooks(graded, name):
    row = graded["rows"][name.removesuffix(".ipynb")]
    assert row["error"].startswith(FILES[name][1])
    assert row["total"] == 0


def test_other_files(graded):
    rows = graded["rows"]
    assert rows["utf-16"]["total"] == rows["format 3"]["total"] == rows["=1+1"]["total"] == 100
    assert "does not end in .ipynb" in rows["solution.py"]["error"]
    assert rows["missing"]["error"] == "there is no such file."
    assert "folder" not in rows
    for name in ("link", "loop", "pipe"):
        if os.name == "posix":
            assert "file" in rows[name]["error"]
            assert rows[name]["total"] == 0


def test_nothing_that_comes_from_a_notebook_controls_the_terminal(graded):
    report, rows = graded["report"], graded["rows"]
    assert "\x1b" not in report.stdout
    assert "\x1b" not in "".join(str(v) for row in graded["table"] for v in row.values())
    assert r"ValueError: \x1b[2J" in rows["nasty error"]["messages"]["sigmoid"]
    assert max(len(message) for row in rows.values() for message in row["messages"].values()) < 1600


def test_the_report(graded):
    report = graded["report"]
    assert report.returncode == 1  # some could not be graded
    assert "Graded at fresh random points (seed " in report.stdout
    assert "causes, most frequent first" in report.stdout
    counts = [line.split() for line in report.stdout.split("first\n")[1].splitlines()]
    assert ["7", "train_adam:", "no-bias-correction"] in counts
    assert [int(count) for count, *_ in counts] == sorted(
        (int(c) for c, *_ in counts), reverse=True
    )
    assert "Traceback" not in report.stderr


def test_the_spreadsheet(graded):
    rows = {row["submission"]: row for row in graded["table"]}
    assert len(rows) == len(graded["rows"])
    assert rows["'=1+1.ipynb"]["total"] == "100"
    assert rows["wrong Adam.ipynb"]["causes"] == "train_adam: no-bias-correction"
    assert not any(
        str(value)[:1] in "=+-@" for row in graded["table"] for value in row.values() if value
    )


def test_no_process_is_left(graded):
    left = []
    for process in psutil.process_iter(["cmdline", "pid"]):
        if "31337" in (process.info["cmdline"] or []):
            left.append(process)
    assert graded["rows"]["background process"]["total"] == 100
    assert left == []


@pytest.mark.parametrize(
    "arguments",
    [[], ["--jobs", "0", "x"], ["--timeout", "-1", "x"], ["--timeout", "a", "x"], ["--nothing", "x"],
     ["--timeout", "inf", "x"], ["--reference", "nowhere.ipynb", "x"], ["--csv", "nowhere/g.csv", "x"],
     ["--csv", "tests", "x"], ["--csv", "graders.py", "x"], ["--json", "x.ipynb", "x.ipynb"],
     ["--json", "new", "--csv", "new", "x"], ["tests"]],
)  # fmt: skip
def test_wrong_usage(arguments):
    report = run(*arguments)
    assert report.returncode == 2
    assert "error: " in report.stderr
    assert "Traceback" not in report.stderr


def test_a_student_grades_their_own_file(tmp_path):
    nbformat.write(notebook([], WRONG_ADAM), tmp_path / "mine.ipynb")
    report = run("mine.ipynb", "--reference", "mine.ipynb", cwd=tmp_path)
    assert report.returncode == 0
    assert "alone: the reference mine.ipynb is what is graded" in report.stdout
    assert "grader_adam: the bias correction is missing." in report.stdout


def test_a_reference_that_is_not_solved_or_handed_in(tmp_path):
    nbformat.write(notebook([], []), tmp_path / "mine.ipynb")
    nbformat.write(notebook([], WRONG_ADAM), tmp_path / "reference.ipynb")
    report = run("mine.ipynb", "--reference", "reference.ipynb", cwd=tmp_path)
    assert "known points alone: reference.ipynb is no solution" in report.stdout
    assert "  100 " in report.stdout
    (tmp_path / "copy.ipynb").write_bytes((tmp_path / "mine.ipynb").read_bytes() + b"\n")
    report = run("mine.ipynb", "reference.ipynb", "--reference", "copy.ipynb", cwd=tmp_path)
    assert "Graded at fresh random points" in report.stdout  # all but the copy
    assert "mine.ipynb is the reference: graded at the known points alone" in report.stdout


@pytest.mark.skipif(os.name != "posix", reason="another platform: signals are sent otherwise")
def test_an_interrupt_leaves_nothing_behind(tmp_path):
    for name in "abc":
        cells = [IMPORTS + "import time\ntime.sleep(31.337)", *SOLVED.values()]
        cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    command = [sys.executable, str(ROOT / "graders.py"), ".", "--json", "g.json"]
    env = os.environ | {"INTERRUPTED_TEST": str(tmp_path)}
    heeded = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # also in background
    options = {"cwd": tmp_path, "env": env, "start_new_session": True, "preexec_fn": heeded}
    with subprocess.Popen(command, **options) as graded:
        while not kernels(tmp_path):
            time.sleep(0.1)
        time.sleep(2)
        os.killpg(graded.pid, signal.SIGINT)
        graded.communicate(timeout=60)
    assert graded.returncode == 130
    assert kernels(tmp_path) == []


def kernels(tmp_path) -> list[psutil.Process]:
    """Return the kernels that the interrupted command has started."""
    found = []
    for process in psutil.process_iter(["environ"]):
        environ = process.info["environ"] or {}
        if "GRADED_KERNEL" in environ and environ.get("INTERRUPTED_TEST") == str(tmp_path):
            found.append(process)
    return found
