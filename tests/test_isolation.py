"""Isolation: a grader leaves the kernel as it was, whatever a student's function does."""

import functools
import sys
import warnings

import pytest
from jupyter_client.manager import start_new_kernel
from tqdm import tqdm

import graders
from helpers import (
    JUDGING,
    LOOPS,
    ROOT,
    TASKS,
    accepts,
    edited,
    module,
    refusal,
    replaced,
    solved_functions,
)

pytestmark = pytest.mark.usefixtures("short_search")


# -------------------------------------------------------------------------------- globals and noise


@pytest.mark.parametrize("task", ["gradient_checking", *LOOPS])
@pytest.mark.parametrize("outcome", ["passes", "refused", "raises"])
def test_globals_are_as_before(task, outcome):
    source = solved_functions()
    if outcome == "refused":
        source = replaced(source, "w = w - ", "w = w + ")
        source = replaced(source, "(2 * eps)", "eps")
    if outcome == "raises":
        source = replaced(source, "total = 0.0", "1 / 0")
        source = replaced(source, "step = np.zeros(9)", "1 / 0")
    namespace = module(source)
    before = dict(namespace)
    if outcome == "passes":
        assert accepts(task, namespace[task])
    else:
        assert (refusal(task, namespace[task]).cause == "raised") == (outcome == "raises")
    assert namespace.keys() == before.keys()
    assert all(namespace[name] is before[name] for name in before)


@pytest.mark.parametrize("task", ["gradient_checking", *LOOPS])
def test_globals_that_were_absent_are_absent_again(task):
    namespace = module(f"def {task}(*_):\n    return 0")
    refusal(task, namespace[task])
    assert "forward_propagation" not in namespace
    assert "backward_propagation" not in namespace


@pytest.mark.parametrize("task", TASKS)
def test_a_noisy_function_prints_nothing(formulas, task, capsys):
    inner = formulas[task]

    @functools.wraps(inner)
    def noisy(*given):
        print("debugging")
        print("debugging", file=sys.stderr)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        for _ in tqdm(range(3)):
            pass
        return inner(*given)

    assert accepts(task, noisy)
    out, err = capsys.readouterr()
    assert err == ""
    assert len(out.splitlines()) == 1


# ------------------------------------------------------------------ errors of the graders' own code


class Bug(Exception):
    """An error in the graders' own code."""


def buggy(*_):
    raise Bug("on purpose")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", JUDGING)
def test_an_error_in_a_judge_is_raised_as_itself(formulas, task, name, monkeypatch):
    monkeypatch.setattr(graders, name, buggy)
    with pytest.raises(Bug):
        accepts(task, formulas[task])


def test_an_error_in_a_judge_does_not_end_the_report(formulas, capsys, monkeypatch):
    monkeypatch.setattr(graders, JUDGING[0], buggy)
    assert graders.submission_report(formulas) is False
    assert capsys.readouterr().out.count("could not be graded: Bug: on purpose") == 7


def test_an_error_in_an_explanation_does_not_hide_the_verdict(monkeypatch):
    namespace = edited('math.cos(values["times3"])', 'math.sin(values["times3"])')
    monkeypatch.setattr(graders, "explained", buggy)
    error = refusal("backward_propagation", namespace["backward_propagation"])
    assert error.cause is None
    assert "dw3 is not correct." in str(error)


# --------------------------------------------------------------------------------------- interrupts

INTERRUPTED = {  # a line of a task, before which the interrupt comes
    "sigmoid": "    if z >= 0:",
    "forward_propagation": "    sum12 = times1 + times2",
    "gradient_checking": "    dW_approx = np.zeros(9)",
    "train_adam": "            t += 1",
}


def stopping(task: str, when: str = "True") -> dict:
    """Return a notebook in which Ctrl-C is pressed inside a task, if a condition holds."""
    line = INTERRUPTED[task]
    indent = line[: len(line) - len(line.lstrip())]
    namespace = edited(line, f"{indent}if {when}: stop()\n{line}")

    def stop():
        raise KeyboardInterrupt

    namespace["stop"] = stop
    return namespace


@pytest.mark.parametrize("task", INTERRUPTED)
def test_an_interrupt_names_the_function_and_the_line(task, capsys):
    namespace = stopping(task)
    before = dict(namespace)
    error = refusal(task, namespace[task])
    assert error.cause == "interrupted"
    assert error.line == (task, "if True: stop()")
    assert f"interrupted while {task} was in line" in error.hint
    assert "Is there a loop that does not end?" in error.hint
    assert namespace == before
    assert graders.submission_report(namespace) is False
    assert f"interrupted while {task} was in line" in capsys.readouterr().out


def test_an_interrupt_inside_what_a_function_calls(formulas):
    """The graded function is named, and its line; both passes are restored afterwards."""
    namespace = stopping("forward_propagation")
    before = dict(namespace)
    for task in ("gradient_checking", "train_momentum"):
        error = refusal(task, namespace[task])
        assert (error.cause, error.line[0]) == ("interrupted", task)
        assert "(in forward_propagation, which it calls)" in error.hint
        assert namespace == before
    error = refusal("backward_propagation", namespace["backward_propagation"])
    assert (error.cause, error.line[0]) == ("interrupted", "forward_propagation")


def test_an_interrupt_leaves_no_memory(capsys):
    """A pass that was interrupted once is called again, without running its cell again."""
    namespace = stopping("forward_propagation", when="keys")
    namespace["keys"] = ["Ctrl-C"]
    error = refusal("backward_propagation", namespace["backward_propagation"])
    assert error.cause == "interrupted"
    namespace["keys"] = []
    assert accepts("backward_propagation", namespace["backward_propagation"])


def test_an_interrupt_in_an_explanation(monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    namespace = edited('math.cos(values["times3"])', 'math.sin(values["times3"])')
    before = dict(namespace)
    monkeypatch.setattr(graders, "explained", pressed)
    error = refusal("backward_propagation", namespace["backward_propagation"])
    assert error.cause == "interrupted"
    assert "dw3 is not correct. (Interrupted while looking for the mistake.)" in error.hint
    assert namespace == before


def test_an_interrupt_elsewhere(formulas, monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(graders, JUDGING[0], pressed)
    error = refusal("sigmoid", formulas["sigmoid"])
    assert "interrupted before there was a verdict: run it again." in error.hint


@pytest.mark.platform(sys.platform != "win32", reason="Windows has other signals")
def test_an_endless_loop_is_interrupted_in_a_kernel():
    """With the signal that the stop button sends, in a judgement and in an explanation."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(ROOT))
    running = "import threading\n\ndef sigmoid(z):\n    while True:\n        z = z + 1\n"
    try:
        client.execute_interactive(f"import graders\n{running}", timeout=60)
        for cell in ("graders.grader_sigmoid(sigmoid)", "graders.submission_report()"):
            messages = []
            press = (
                f"threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n{cell}"
            )
            reply = client.execute_interactive(
                f"import os, signal\n{press}", timeout=60, output_hook=messages.append
            )
            text = " ".join(
                " ".join(m["content"].get("traceback", [m["content"].get("text", "")]))
                for m in messages
            )
            assert "interrupted while sigmoid was in line" in text
            assert "Is there a loop that does not end?" in " ".join(text.split())
            assert "Traceback" not in text
            ended = "error" if "grader_sigmoid" in cell else "ok"
            assert reply["content"]["status"] == ended
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
