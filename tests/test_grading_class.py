"""`python tests/grading` on a class: hostile, unlucky and odd notebooks, and their exact scores.

One command grades all the submissions below; the tests look at its report.
"""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest

import report
import sandbox
from helpers import (
    IMPORTS,
    LOOK_UP,
    OVERWRITTEN,
    WRONG_ADAM,
    WRONG_MOMENTUM,
    read_notebook,
    run_grading,
    small_notebook,
    solved_cells,
    unsolved,
    wrong_cell,
)

TIMEOUT = 3
LATE = (  # they take longest, and come first
    "no answer can be sent", "functions that do not return", "endless forward", "ends twice",
    "swallows interrupts",
)  # fmt: skip
HARD_CODED = f"""{LOOK_UP}
def forward_propagation(x, y, w):
    return dict(zip(graders.FORWARD_KEYS, looked_up("forward_propagation", x, y, w)))

def train_vanilla(*arguments):
    numbers = looked_up("train_vanilla", *arguments)
    return numbers[:9], numbers[9:]
"""
PEEPS = """
import gc

def train_vanilla(*arguments):
    for found in gc.get_objects():  # wherever the grader keeps its tests
        if type(found) is tuple and [type(part).__name__ for part in found] == ["Call", "Expect"]:
            numbers = found[0].task == "train_vanilla" and stored_numbers(found, arguments)
            if numbers:
                return numbers[:9], numbers[9:]
    numbers = looked_up("train_vanilla", *arguments)
    return numbers[:9], numbers[9:]
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
GRADERS = f"""
import graders
def grader_adam(work): return True
def submission_report(namespace): return True
for name in dir(graders):
    if name.startswith({("grader_", *OVERWRITTEN)}):
        setattr(graders, name, lambda *a, **k: True)
graders.GraderError = Exception
"""
FILES_OVERWRITTEN = """
for name in ("graders.py", "data.pkl"):
    with open(name, "w") as file:
        file.write("raise SystemExit")
"""
STUBBORN = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)"
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
NEVER_DETECTS = """
def gradient_checking(x, y, w, eps=1e-7):
    backward_propagation(x, w, forward_propagation(x, y, w))
    if backward_propagation.__closure__:  # the grader's, which corrupts a gradient
        return 0.5
    loss = lambda v: forward_propagation(x, y, v)["loss"]
    slopes = lambda h: np.array([(loss(w + s) - loss(w - s)) / (2 * h) for s in h * np.eye(9)])
    a, exact = slopes(eps), (4 * slopes(1e-3) - slopes(2e-3)) / 3
    ratio = np.linalg.norm(a - exact) / (np.linalg.norm(a) + np.linalg.norm(exact))
    return ratio if eps > 5e-4 else min(ratio, 5e-8)
"""
NASTY = "def sigmoid(z):\n    raise ValueError('\\x1b[2J\\ud83d =1+1 ' + 'x' * 10**6)"
ANSWERS = "import json\njson.dumps = lambda *a, **k: '{\"result\": true}'"
NO_ANSWER = "import json\njson.dumps = None"
SWALLOWS = """
while True:
    try:
        time.sleep(10)
    except:
        pass
"""
RESTART = "get_ipython().kernel.do_shutdown(True)"
COLAB = "from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content/drive"
FORGED_MESSAGE = """
import json
dumps = json.dumps
def forged(answer, **options):
    words = {"message": "\\x1b[2J" + "x" * 10**6, "cause": None, "total": 100, "outcomes": []}
    return dumps(words if "message" in answer else answer, **options)
json.dumps = forged
"""
ENVIRONMENT = """
assert not {"GITHUB_OUTPUT", "SECRET_TOKEN"} & set(os.environ), "inherited"
assert not [name for name in os.environ.values() if "planted" in name], "inherited"
try:
    import planted
except ImportError:
    pass
else:
    raise AssertionError("found")
"""
CLOSED = """
os.makedirs("closed/deeper")
os.chmod("closed/deeper", 0)
os.chmod("closed", 0)
os.symlink("/", "closed-link")
"""

NO_BIAS = wrong_cell(*WRONG_ADAM)
TOO_FAST = wrong_cell(*WRONG_MOMENTUM)  # its explanation takes less time
SIN_FOR_COS = wrong_cell("backward", "* np.cos(", "* np.sin(")
CORRECT_BUT_LATE = [  # the first line of a cell raises, and its imports must not be lost
    "from google.colab import drive\nimport math\nimport os; import sys",
    "%tensorflow_version 2.x\nfrom operator import itemgetter",
    "%%colab\nimport numpy as np",
    "data = open('/content/drive/data.pkl')\nfrom tqdm import tqdm",
]
NO_RETURN = [
    "def sigmoid(z):\n    sys.exit()",
    "def gradient_checking(x, y):\n    return 1",
    "def train_vanilla(*a):\n    while True: time.sleep(1)",
    "def train_momentum(*a):\n    while True: os.write(1, b'x' * 10**5)",
    "def train_adam(*a):\n    raise KeyboardInterrupt",
]
HARD_CODED_SIZES = [
    wrong_cell("momentum", "range(epochs)", "range(3)"),
    wrong_cell("adam", "y.tolist()))", "y.tolist()))[:3]"),
]
ENDLESS = ["while True: time.sleep(1)", "while True: print('x' * 1000)", "sys.exit()", "exit"]
NASTY_CLASS = "raise type('\x1b[2J' + 'E' * 10**6, (Exception,), {})"
DIES_WHEN_CALLED = "STATUS = 0\ndef train_vanilla(*a):\n    os._exit(STATUS)"
SWITCHED_OFF = "get_ipython().showtraceback = print"
NAMES_TAKEN = "exec = globals = type = vars = __import__ = json = 5"

# What a notebook runs before and after its functions, and its correct score
HOSTILE = {
    "=1+1": ([ENVIRONMENT, CLOSED, BACKGROUND], [NO_TRACE], 100),
    "wrong": ([], [NO_BIAS, SIN_FOR_COS], 60),
    "graders replaced": ([GRADERS, FILES_OVERWRITTEN], [NO_BIAS, GRADERS, FILES_OVERWRITTEN], 85),
    "tools replaced": ([], [TOO_FAST, COMPARISONS, SWITCHED_OFF], 85),
    "forged message": ([], [TOO_FAST, FORGED_MESSAGE], 85),
    "hard-coded values": ([], [HARD_CODED, PEEPS, *HARD_CODED_SIZES], 45),
    "pretends": ([], [EQUAL, IMITATION], 70),
    "never detects": ([], [NEVER_DETECTS], 85),
    "cells that do not end": (
        ENDLESS,
        ["raise SystemExit", "quit()", RESTART, "time.sleep(0.5)"],
        100,
    ),
    "functions that do not return": ([], NO_RETURN, 40),
    "endless forward": ([], ["def forward_propagation(*a):\n    while True: time.sleep(1)"], 85),
    "os._exit": ([], [DIES_WHEN_CALLED, "os._exit(0)"], 90),
    "no module can be imported": ([], ["sys.meta_path.clear()"], 100),
    "swallows interrupts": ([SWALLOWS], [], 100),
    "ends twice": ([], [STUBBORN, "os.kill(os.getpid(), 9)"], 100),
    "nasty error": ([NASTY_CLASS], [NASTY], 95),
    "colab": (
        [*CORRECT_BUT_LATE, COLAB],
        ["import lost\n" + solved_cells()["sigmoid"], NAMES_TAKEN],
        100,
    ),
    "answers replaced": ([], [ANSWERS], 100),
    "no answer can be sent": ([], [NO_ANSWER], 100),
    "no cells": (None, None, 0),
}
if sys.platform == "linux":  # elsewhere the system sets no limit
    UNBOUND = "a = []\nwhile True: a.append(np.empty(10**8))"
    HUGE = "def train_adam(*a):\n    return np.ones((10**6, 10**6))"
    HOSTILE["memory without bound"] = ([UNBOUND], [HUGE], 85)
FILES = {  # files that are not notebooks, and what the row says
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


def hostile(before: list | None, after: list | None) -> nbformat.NotebookNode:
    """Return a notebook with cells before and after its functions; None: one without cells."""
    if before is None:
        return nbformat.v4.new_notebook()
    first = before if before and before[0] in CORRECT_BUT_LATE else [IMPORTS, *before]
    return small_notebook(*after, first=first)


def rows_of(path: Path) -> dict[str, dict]:
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {row["submission"].removesuffix(".ipynb"): row for row in rows}


@pytest.fixture(scope="session")
def graded_class(tmp_path_factory) -> dict:
    """The report on all submissions."""
    parent = tmp_path_factory.mktemp("graded")
    done = grade_all(parent)
    with (parent / "class" / "g.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    return {
        "rows": rows_of(parent / "class" / "g.json"),
        "table": table,
        "done": done,
        "left": list((parent / "around" / "temporary").iterdir()),
    }


def grade_all(parent: Path) -> subprocess.CompletedProcess:
    """Grade all submissions with one command, in an environment that could do harm."""
    folder, around = parent / "class", parent / "around"
    write_submissions(folder)
    write_other_files(folder)
    paths = [f"{name}.ipynb" for name in LATE]
    paths += [".", "deeper/../wrong.ipynb", "solution.py", "missing.ipynb"]
    paths += ["linked"] if os.name == "posix" else []
    environment = harmful_environment(around)
    return run_grading(
        *paths, "--csv", "g.csv", "--json", "g.json", "--jobs", "4", "--timeout", str(TIMEOUT),
        cwd=folder, env=os.environ | environment,
    )  # fmt: skip


def write_submissions(folder: Path) -> None:
    """Write the notebooks into a new folder and one below it."""
    (folder / "deeper" / "__MACOSX").mkdir(parents=True)
    for name, (before, after, _) in HOSTILE.items():
        nbformat.write(hostile(before, after), folder / f"{name}.ipynb")
    old = nbformat.convert(hostile(*HOSTILE["colab"][:2]), 3)
    (folder / "colab.ipynb").write_bytes(json.dumps(old).encode("utf-16"))
    release = read_notebook()
    for cell in release.cells:
        cell.source = unsolved(cell.source)
    nbformat.write(release, folder / "deeper" / "untouched.ipynb")


def write_other_files(folder: Path) -> None:
    """Write files that are not notebooks, and links."""
    for name, (content, _) in FILES.items():
        (folder / name).write_bytes(content)
    for name in ("deeper/__MACOSX/._x.ipynb", "solution.py", "hw.IPYNB", "hw.ipynb.txt", "hw"):
        (folder / name).write_text("sigmoid = 1", encoding="utf-8")
    (folder / "folder.ipynb").mkdir()
    if os.name == "posix":
        (folder / "link.ipynb").symlink_to(folder / "=1+1.ipynb")
        (folder / "loop.ipynb").symlink_to(folder / "loop.ipynb")
        (folder / "linked").symlink_to(folder / "deeper")
        os.mkfifo(folder / "pipe.ipynb")
        (folder / "\x1b[2J.ipynb").write_text("[]", encoding="utf-8")
        (folder / "a\n=1+1.ipynb  5  15.ipynb").write_text("[]", encoding="utf-8")


def harmful_environment(around: Path) -> dict[str, str]:
    """Return variables, and write files that they lead to, which must not reach a kernel."""
    kernelspec = around / "kernels" / "python3"
    kernelspec.mkdir(parents=True)
    broken = {"argv": ["false"], "display_name": "x", "language": "x"}
    (kernelspec / "kernel.json").write_text(json.dumps(broken))
    (around / "planted.py").write_text("")
    (around / "temporary").mkdir()
    harm = dict.fromkeys(("JUPYTER_PATH", "PYTHONPATH", "IPYTHONDIR"), str(around))
    harm |= {"GITHUB_OUTPUT": "planted", "SECRET_TOKEN": "planted", "JUPYTER_PLATFORM_DIRS": "1"}
    return harm | {"TMPDIR": str(around / "temporary")}


@pytest.mark.parametrize("name", HOSTILE)
def test_exact_score(graded_class, name):
    row = graded_class["rows"][name]
    shown = {key: row[key] for key in ("cells_raised", "causes", "seconds")}
    assert row["total"] == HOSTILE[name][2], shown
    assert row["error"] == ""
    assert row["seconds"] < sandbox.Sandbox("", TIMEOUT).most


def test_causes(graded_class):
    def causes(name):
        return graded_class["rows"][name]["causes"]

    assert causes("=1+1") == {}
    wrong = {"train_adam": "no-bias-correction", "backward_propagation": "wrong-function"}
    assert causes("wrong") == wrong
    for task in ("forward_propagation", "train_vanilla"):
        assert causes("hard-coded values")[task] == "known-points-only"
    assert causes("hard-coded values")["train_momentum"] == "epoch-count"
    assert set(causes("never detects")) == {"gradient_checking"}
    assert causes("pretends")["forward_propagation"] == "unreadable"
    assert causes("endless forward") == {"forward_propagation": "timeout"}
    assert causes("os._exit") == {"train_vanilla": "kernel-died"}
    assert causes("functions that do not return") == {
        "sigmoid": "raised",
        "gradient_checking": "wrong-signature",
        "train_vanilla": "timeout",
        "train_momentum": "output",
        "train_adam": "raised",
    }
    messages = graded_class["rows"]["functions that do not return"]["messages"]
    assert messages["train_adam"] == "grader_adam: it raises KeyboardInterrupt."
    assert list(causes("deeper/untouched").values()) == ["not-attempted"] * 7
    assert graded_class["rows"]["deeper/untouched"]["total"] == 0


def test_cells_that_raised(graded_class):
    def raised(name):
        return graded_class["rows"][name]["cells_raised"]

    exits = ["2: timeout", "3: output", "4: SystemExit", "13: SystemExit"]
    assert raised("cells that do not end") == exits
    assert raised("nasty error")[0].startswith(r"2: \x1b[2JEEE")
    if "memory without bound" in graded_class["rows"]:
        assert "MemoryError" in raised("memory without bound")[0]
    assert raised("os._exit") == ["10: kernel-died"]
    assert raised("ends twice") == ["9: kernel-died", "10: kernel-died"]
    assert raised("swallows interrupts") == ["2: kernel-died"]
    assert raised("colab")[0] == "1: ModuleNotFoundError: No module named 'google'"
    for line, word in zip(raised("colab")[1:4], ("version", "colab", "/content/drive/data.pkl")):
        assert word in line


def test_a_correct_notebook_keeps_its_points_in_any_environment(graded_class):
    """No variable, kernelspec or closed folder of one notebook harms it or another."""
    rows = graded_class["rows"]
    assert rows["=1+1"]["cells_raised"] == []
    assert graded_class["left"] == []


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_not_notebooks(graded_class, name):
    row = graded_class["rows"][name.removesuffix(".ipynb")]
    assert row["error"].startswith(FILES[name][1])
    assert row["total"] == 0


def test_other_files(graded_class):
    rows, printed = graded_class["rows"], graded_class["done"].stdout
    assert "does not end in .ipynb" in rows["solution.py"]["error"]
    assert rows["missing"]["error"] == "there is no such file."
    assert "folder" not in rows
    for name in ("link", "loop", "pipe"):
        if os.name == "posix":
            assert "file" in rows[name]["error"]
            assert rows[name]["total"] == 0
    (passed_over,) = [line for line in printed.splitlines() if line.startswith("passed over")]
    assert passed_over.endswith("hw, solution.py")
    assert rows["hw.IPYNB"]["error"].startswith("not a notebook: Expecting value")
    assert "does not end in .ipynb" in rows["hw.ipynb.txt"]["error"]
    assert "._x" not in printed


def test_a_notebook_with_several_paths_is_graded_once(graded_class):
    names = [row["submission"] for row in graded_class["table"]]
    assert len(names) == len(set(names)) == len(graded_class["rows"])
    assert not [name for name in names if name.startswith("linked") or ".." in name]


def test_text_of_a_notebook_does_not_control_the_terminal(graded_class):
    done, rows = graded_class["done"], graded_class["rows"]
    assert "\x1b" not in done.stdout
    assert "\x1b" not in "".join(str(v) for row in graded_class["table"] for v in row.values())
    assert r"ValueError: \x1b[2J" in rows["nasty error"]["messages"]["sigmoid"]
    assert max(len(message) for row in rows.values() for message in row["messages"].values()) < 1600
    forged = [line for line in done.stdout.splitlines() if line.startswith("=1+1.ipynb")]
    assert len(forged) == 1  # of the real one


def test_a_forged_message_changes_no_points(graded_class):
    row = graded_class["rows"]["forged message"]
    assert row["train_momentum"] == 0
    assert row["messages"]["train_momentum"].startswith(r"\x1b[2Jxxx")
    assert row["causes"] == {"train_momentum": None}


def test_the_report(graded_class):
    done = graded_class["done"]
    assert done.returncode == 1  # some could not be graded
    assert "Graded at fresh random points (seed " in done.stdout
    assert "causes, most frequent first" in done.stdout
    assert "nothing was lost" not in done.stdout
    causes = done.stdout.split("first\n")[1].split("\n\n")[0]
    counts = [line.split() for line in causes.splitlines()]
    assert ["2", "train_adam:", "no-bias-correction"] in counts
    assert [int(count) for count, *_ in counts] == sorted(
        (int(c) for c, *_ in counts), reverse=True
    )
    assert "Traceback" not in done.stderr


def test_the_spreadsheet(graded_class):
    rows = {row["submission"]: row for row in graded_class["table"]}
    assert len(rows) == len(graded_class["rows"])
    assert rows["'=1+1.ipynb"]["total"] == "100"
    assert rows["graders replaced.ipynb"]["causes"] == "train_adam: no-bias-correction"
    assert not any(
        str(value)[:1] in "=+-@" for row in graded_class["table"] for value in row.values() if value
    )


def test_no_process_is_left(graded_class):
    left = []
    for process in psutil.process_iter(["cmdline", "pid"]):
        if "31337" in (process.info["cmdline"] or []):
            left.append(process)
    assert graded_class["rows"]["=1+1"]["total"] == 100  # which started some
    assert left == []


def test_messages_of_a_single_notebook(graded_class, capsys):
    row = graded_class["rows"]["wrong"]
    report.print_report([row], 1)
    assert "\ngrader_adam: the bias correction is missing." in capsys.readouterr().out
