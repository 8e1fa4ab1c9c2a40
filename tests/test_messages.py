"""Messages: what a student at a screen reads, from a grader and from the report."""

import re
from unittest import mock

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import graders
from helpers import LOOPS, accepts, edited, module, refusal, replaced, solved_functions

pytestmark = pytest.mark.usefixtures("short_search")


def message_for(task: str, source: str) -> str:
    """Return in one line what a student reads whose notebook holds this source."""
    error = refusal(task, module(source)[task])
    assert max(map(len, str(error).splitlines())) < 100
    return " ".join(str(error).split())


# ----------------------------------------------------------------------- errors in a student's code


def test_error_names_the_function_and_the_line(tmp_path):
    path = tmp_path / "student.py"
    source = replaced(solved_functions(), "return 1 / (1 + math.exp(-z))", "return math.exp('z')")
    path.write_text(source)
    namespace = {"__name__": "student"}
    exec(compile(source, str(path), "exec"), namespace)
    error = refusal("sigmoid", namespace["sigmoid"])
    assert error.cause == "raised"
    assert error.hint.startswith("sigmoid raised an error: TypeError")
    assert "math.exp('z')" in error.details


def test_an_unwritten_helper_is_named():
    source = (
        "def helper(z):\n    raise NotImplementedError()\n\ndef sigmoid(z):\n    return helper(z)\n"
    )
    message = message_for("sigmoid", source)
    assert "helper is not written yet (sigmoid calls it): line 2" in message


def test_an_unwritten_sigmoid_is_named(capsys):
    namespace = module(solved_functions())
    exec("def sigmoid(z):\n    raise NotImplementedError()", namespace)
    assert accepts("forward_propagation", namespace["forward_propagation"])
    out = " ".join(capsys.readouterr().out.split())
    assert "It was tested with the grader's own sigmoid" in out
    assert out.endswith("see sigmoid.") or "sigmoid is not written yet" in out


def test_code_below_a_forgotten_raise():
    stub = "    raise NotImplementedError()\n"
    source = f"def sigmoid(z):\n{stub}    # here\n    return 1 / (1 + z)\n"
    message = message_for("sigmoid", source)
    assert "sigmoid stops at line 2" in message
    assert "The code below it never runs: delete that line." in message
    message = message_for("sigmoid", f"def sigmoid(z):\n{stub}    # nothing yet\n")
    assert "sigmoid is not written yet: line 2" in message
    assert "Delete that line when your code is there." in message


def test_a_name_that_is_missing_after_a_restart():
    source = replaced(solved_functions(), "import numpy as np\n", "")
    message = message_for("train_adam", source)
    assert "uses the name np, which is not defined." in message
    assert "After a restart of the kernel, run all cells above." in message


@pytest.mark.parametrize("task", ["forward_propagation", "train_adam"])
def test_a_variable_with_the_name_of_a_function(task):
    source = replaced(solved_functions(), "sig = sigmoid(sum8)", "sigmoid = sigmoid(sum8)")
    source = replaced(source, "w9 * sig\n", "w9 * sigmoid\n")
    source = replaced(source, "total = 0.0", "sum = sum([])")
    message = message_for(task, source)
    hidden = "sigmoid" if task == "forward_propagation" else "sum"
    assert f"{task} has a variable named {hidden}, which hides the function of that name" in message


def test_a_variable_that_an_inner_function_assigns():
    inner = "    def count():\n        t += 1\n    t = 0\n    count()\n"
    message = message_for("sigmoid", f"def sigmoid(z):\n{inner}    return z\n")
    assert "count reads `t` before it has a value (sigmoid calls it)." in message
    assert "Python takes it for a variable of count alone." in message


def test_tqdm_that_is_a_module_again():
    message = message_for("train_vanilla", solved_functions() + "\nimport tqdm\n")
    assert (
        "`import tqdm` has made that name a module. Run `from tqdm import tqdm` again." in message
    )


def test_functions_whose_name_was_given_to_something_else():
    source = replaced(solved_functions(), "math.exp(-z)", "train_adam(-z)")
    message = message_for("sigmoid", source + "\ntrain_adam = 0.5\n")
    assert "calls train_adam, but a variable of that name has replaced the function" in message
    source = replaced(solved_functions(), "total = 0.0", "total = float(sum([]))")
    message = message_for("train_vanilla", f"{source}\nsum = 0\n")
    assert "run `del sum`" in message


def test_an_error_without_a_text():
    message = message_for("sigmoid", "def sigmoid(z):\n    raise ValueError\n")
    assert message.startswith("grader_sigmoid: sigmoid raised an error: ValueError sigmoid, line 2")
    raised = "raise NameError('no name in quotes')"
    assert "raised an error: NameError: no name" in message_for(
        "sigmoid", f"def sigmoid(z):\n    {raised}"
    )


# ---------------------------------------------------------------------------- the form of a message


def test_messages_stay_short():
    error = refusal("forward_propagation", lambda *_: dict.fromkeys(map(str, range(5000)), 1))
    assert len(str(error)) < 600


def test_long_messages_break_between_words():
    keys = {f"key_{i}_of_no_use": 1.0 for i in range(40)}
    error = refusal("forward_propagation", lambda *_: keys)
    lines = str(error).splitlines()
    assert max(map(len, lines)) < 100
    assert not any(line.endswith(("key", "key_", "of", "-")) for line in lines)


def test_a_message_says_when_the_graders_passes_were_used(no_explanations):
    """Otherwise a student would look for these numbers at the notebook's own point."""
    source = replaced(solved_functions(), "(2 * eps)", "eps")
    message = message_for("gradient_checking", source)
    assert "tested with the grader's own forward and backward passes" in message


@pytest.mark.parametrize("task", ["gradient_checking", *LOOPS])
def test_an_accepted_task_names_the_pass_that_is_wrong(task, capsys):
    namespace = edited('math.cos(values["times3"])', 'math.sin(values["times3"])')
    assert accepts(task, namespace[task])
    out = capsys.readouterr().out
    assert out.endswith("see dw3 of backward_propagation.\n")


def test_an_accepted_loop_reports_what_fails_with_its_own_passes(capsys):
    """The grader calls a pass with arrays, the notebook's loop calls it with lists."""
    namespace = edited("    times1 = w1", "    w.shape\n    times1 = w1")
    assert graders.grader_forwardprop(namespace["forward_propagation"])
    capsys.readouterr()
    assert graders.grader_vanilla(namespace["train_vanilla"])
    out = " ".join(capsys.readouterr().out.split())
    assert "because with yours it is not: forward_propagation raised an error" in out


# --------------------------------------------------------------------------------------- the report


def test_report(formulas, capsys, monkeypatch):
    monkeypatch.setattr(graders, "explain", None)  # the report does without it
    assert graders.submission_report(formulas) is True
    out = " ".join(capsys.readouterr().out.split())
    assert (
        "7 of 7 tasks are correct: all code is correct. Written answers are not checked here" in out
    )
    assert "ready" not in out
    formulas["train_adam"] = lambda *_: None
    formulas["sigmoid"] = lambda z: 0.5
    del formulas["train_vanilla"]
    assert graders.submission_report(formulas) is False
    out, err = capsys.readouterr()
    assert "4 of 7 tasks are correct." in " ".join(out.split())  # a wrong sigmoid costs no more
    assert out.count("not attempted") == 2
    assert err == ""


def test_report_takes_the_callers_globals():
    namespace = module(solved_functions() + "\nfrom graders import submission_report")
    exec("ready = submission_report()", namespace)
    assert namespace["ready"] is True


@pytest.mark.parametrize("namespace", [{}, {"sigmoid": 3}, {"train_adam": mock.ANY}, 5, "x"])
def test_report_never_raises(namespace):
    assert graders.submission_report(namespace) is False


def test_report_says_why(formulas, capsys):
    formulas["sigmoid"] = 0.88
    del formulas["train_adam"]
    formulas["train_vanilla"] = lambda *_: None
    assert graders.submission_report(formulas) is False
    out = " ".join(capsys.readouterr().out.split())
    assert re.search(r"^sigmoid not correct yet: .* the function itself: this is 0.88", out)
    assert "train_adam not attempted: there is no train_adam" in out
    assert "is `return` missing" in out


# ------------------------------------------------------------------------------------ in a notebook


@pytest.fixture
def shell():
    """A shell as Jupyter has one, without a history file."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    shell.run_cell(solved_functions(), store_history=True)
    shell.run_cell("from graders import *\nimport graders", store_history=True)
    return shell


def shown(shell: InteractiveShell, cell: str, capsys) -> str:
    capsys.readouterr()
    shell.run_cell(cell, store_history=True)
    return " ".join(capsys.readouterr().out.split())


def test_a_cell_with_a_syntax_error_did_not_run(shell, capsys):
    for broken in ("def sigmoid(z):\n    return 1 / (1 + z", "def sigmoid(z):\n  z\n    z"):
        assert "Error" in shown(shell, broken, capsys)
        out = shown(shell, "graders.grader_sigmoid(sigmoid)", capsys)
        assert "sigmoid is correct. The last cell that defines sigmoid has a syntax error" in out
        assert "did not run: this is an older sigmoid." in out
        assert "this is an older sigmoid" in shown(shell, "graders.submission_report()", capsys)
    magic = "%precision 3\ndef sigmoid(z):\n    return 1"
    partly = "def sigmoid(z):\n    return 1\nreturn 1"  # IPython runs such a cell to that line
    for cell in (magic, partly):
        shown(shell, cell, capsys)
        out = shown(shell, "graders.grader_sigmoid(sigmoid)", capsys)
        assert "older" not in out


def test_a_refusal_is_shown_without_a_traceback(shell, capsys):
    shown(shell, "def sigmoid(z):\n    return z + unknown\n", capsys)
    out = shown(shell, "graders.grader_sigmoid(sigmoid)", capsys)
    assert out.startswith("grader_sigmoid: sigmoid uses the name unknown")
    assert "sigmoid, line 2 return z + unknown" in out
    assert "graders.py" not in out


OLDER = {  # what is run after a correct definition: whether the function that is graded is older
    "def sigmoid(z)\n    return 1": True,
    "sigmoid = lambda z: 1 / (1 + math.exp(-z)": True,
    "text = 'def sigmoid(z):'": False,
    "def sigmoid(z)\n    return 1 ### then correct": False,
    "%%time\ndef sigmoid(z):\n    return 1 / (1 + math.exp(-z))": False,
    "sigmoid = lambda z: 1 / (1 + math.exp(-z))": False,
    "%precision 3\ndef sigmoid(z):\n    return 1 / (1 + math.exp(-z))": False,
}


@pytest.mark.parametrize("cell", OLDER)
def test_an_older_definition_is_told_only_where_that_is_true(shell, capsys, cell):
    source, _, later = cell.partition(" ###")
    shown(shell, source, capsys)
    if later:
        shown(shell, "def sigmoid(z):\n    return 1 / (1 + math.exp(-z))", capsys)
    out = shown(shell, "graders.grader_sigmoid(sigmoid)", capsys)
    assert ("this is an older sigmoid" in out) == OLDER[cell]


WRONG = {
    "forward_propagation": "lambda x, y, w: {**right(x, y, w), 'tanh': 0.1}",
    "backward_propagation": "lambda x, w, f: {**right(x, w, f), 'dw3': 0.1}",
    "train_adam": "lambda X, y, w, *more: (right(X, y, w, *more)[0], [0.1, 0.2, 0.3, 0.4])",
}


@pytest.mark.parametrize("task", WRONG)
def test_the_line_that_makes_the_call_can_be_pasted(formulas, task, no_explanations):
    """It runs as it is in a cell, and shows the number of the message."""
    formulas |= {"graders": graders, "right": formulas[task]}
    formulas[task] = eval(WRONG[task], formulas)
    fault = graders.fault_of(graders.Student(task, formulas[task], formulas), OWN_TESTS[task])
    line = graders.where_line(fault)
    *before, call = line.split("; ")
    exec("; ".join(before), formulas)
    assert eval(call, formulas)
    assert line in str(graders.GraderError("grader", fault))


OWN_TESTS = {task: graders.judgements(task)[0] for task in WRONG}
