"""What is right passes, however it is written; and a mistake costs its own stage only."""

import functools
import re
import types

import numpy as np
import pytest

import graders
from corpus import styles
from graders import GraderError
from helpers import ROOT, definitions, module

STYLES = range(300)


@pytest.fixture(autouse=True)
def verdicts_alone(monkeypatch):
    """Nothing here asks for words, which take their time."""
    monkeypatch.setattr(graders, "explain", lambda student, fault: fault)


def passed(namespace: dict) -> set[str]:
    """Return the stages whose grader agrees."""
    agree = set()
    for task, grader in graders.STAGES.items():
        try:
            agree |= {task} if grader(namespace[task]) else set()
        except GraderError:
            pass
    return agree


@pytest.mark.parametrize("seed", STYLES)
def test_every_style_passes_every_grader(seed):
    namespace = module(styles.compose(seed))
    for task, grader in graders.STAGES.items():
        assert grader(namespace[task]) is True


@pytest.mark.parametrize("seed", STYLES[::3])
def test_a_wrong_gradient_costs_task_1_2_only(seed):
    namespace = module(styles.compose(seed))
    right = namespace["backward_propagation"]

    @functools.wraps(right)
    def wrong(*args, **kwargs):
        gradients = right(*args, **kwargs)
        return {**gradients, "dw4": gradients["dw4"] * 1.5}

    namespace["backward_propagation"] = wrong
    assert passed(namespace) == set(graders.STAGES) - {"backward_propagation"}


@pytest.mark.parametrize("seed", range(0, 300, 10))
def test_unwritten_propagation_costs_its_own_stages_only(seed):
    body = r"(def forward_propagation\(.*\):\n)(?:    .*\n|\n)+"
    source = re.sub(body, r"\1    raise NotImplementedError()\n\n", styles.compose(seed))
    namespace = module(source)
    lost = {"forward_propagation"}
    if "slope" in namespace["backward_propagation"].__code__.co_consts:
        lost.add("backward_propagation")  # it needs further keys, which only forward can make
    assert passed(namespace) == set(graders.STAGES) - lost


def test_the_notebooks_own_solution(solution, capsys):
    for task, grader in graders.STAGES.items():
        assert grader(solution[task]) is True
    assert len(capsys.readouterr().out.splitlines()) == len(graders.STAGES)  # one line each


def test_sigmoid_of_the_notebook_is_stable_everywhere(solution):
    values = [solution["sigmoid"](z) for z in (-1000, -710.0, 0, 710.0, 1000)]
    np.testing.assert_allclose(values, [0, 0, 0.5, 1, 1], rtol=1e-12, atol=1e-300)


def test_forms_of_the_original(solution):
    """The original's calls, with a dictionary, a number or an array in place of the function."""
    x, y, w = graders.POINTS[0]
    forward_dict = solution["forward_propagation"](x, y, w)
    namespace = solution | {"graders": graders}
    assert eval("graders.grader_sigmoid(2)", namespace)
    assert graders.grader_forwardprop(forward_dict)
    assert graders.grader_backprop(solution["backward_propagation"](x, w, forward_dict))
    for value in (0.0, 2.2e-7, np.float64(1e-4), [1e-9, 1e-3], np.array([[1e-9], [2e-8]])):
        assert graders.grader_grad_check(value)


@pytest.mark.parametrize("task", graders.STAGES)
def test_partials_and_wrappers_are_functions_too(solution, task):
    @functools.wraps(solution[task])
    def wrapper(*args):
        return solution[task](*args)

    assert graders.STAGES[task](wrapper)
    assert graders.STAGES[task](functools.partial(solution[task]))


def test_dy_pred_is_taken_for_dy_pr(solution):
    """Also by a backward pass without a forward pass that would show which name it uses."""
    source = (
        "def backward_propagation(x, w, d):\n    return inner(x, w, {**d, 'dy_pr': d['dy_pred']})"
    )
    solution = module(
        (ROOT / "tests" / "corpus" / "correct" / "formulas.py").read_text(encoding="utf-8")
    )
    namespace = module(source) | {"inner": solution["backward_propagation"]}
    backward = types.FunctionType(namespace["backward_propagation"].__code__, namespace)
    assert graders.grader_backprop(backward)
    x, y, w = graders.POINTS[0]
    forward_dict = solution["forward_propagation"](x, y, w)
    forward_dict["dy_pred"] = forward_dict.pop("dy_pr")
    assert graders.grader_forwardprop(forward_dict)


@pytest.mark.parametrize("task", ["train_vanilla", "train_momentum", "train_adam"])
def test_a_loop_that_is_excused_is_told_so(solution, task, capsys):
    solution["backward_propagation"] = lambda x, w, forward_dict: {}
    assert graders.STAGES[task](solution[task])
    assert "with known functions in place of your two passes" in capsys.readouterr().out


def test_the_three_forms_of_adam_are_told_apart():
    """They are all right, but no two of them may be mixed."""
    for judgement in graders.judgements("train_adam"):
        runs = np.array([[*right.values()] for right in judgement[0].right])
        for one, other in ((0, 1), (0, 2), (1, 2)):
            assert not np.isclose(runs[one], runs[other], rtol=1e-4).any()


NAMED = """class Named(dict):
    def __getattr__(self, name):
        if name in self:
            return self[name]
        raise AttributeError(name)"""
KEPT = """import functools

@functools.lru_cache
def kept(x, y, w):
    forward_dict = forward_propagation(x, y, w)
    return backward_propagation(x, w, forward_dict)"""
UNUSUAL = {  # right work that was refused once, or might be: pieces of the notebook's text replaced
    "other names for the two functions": [
        ("def gradient_checking", "fp, bp = forward_propagation, backward_propagation\n\n\ndef gradient_checking"),
        ("backward_propagation(x, w, forward_propagation(x, y, w))", "bp(x, w, fp(x, y, w))"),
        ('forward_propagation(x, y, w + step)["loss"]', 'fp(x, y, w + step)["loss"]'),
        ("forward_propagation(x_i, y_i, w)", "fp(x_i, y_i, w)"),
        ("backward_propagation(x_i, w, forward_dict)", "bp(x_i, w, forward_dict)"),
    ],
    "results that are kept": [
        ("def gradient_checking", f"{KEPT}\n\n\ndef gradient_checking"),
        ("backward_propagation(x, w, forward_propagation(x, y, w))", "kept(tuple(x), y, tuple(w))"),
    ],
    "a dictionary with attributes": [
        ("def forward_propagation", f"{NAMED}\n\n\ndef forward_propagation"),
        ('return {\n        "times1"', 'return Named({\n        "times1"'),
        ('"dy_pr": dy_pr,\n    }', '"dy_pr": dy_pr,\n    })'),
        ('values["dy_pr"]', "values.dy_pr"),
    ],
    "a target that is a NumPy number": [("loss = (y - y_pred)", "loss = (np.asarray(y).item() - y_pred)")],
    "no default for eps": [("eps=1e-7):", "eps):")],
    "losses in a deque": [
        ("w, losses = w.tolist(), []", "from collections import deque\n    w, losses = w.tolist(), deque()")
    ],
    "weights of shape (9, 1)": [("return np.array(w), losses", "return np.array(w).reshape(9, 1), losses")],
    "an object among the further keys": [('"dy_pr": dy_pr,', '"dy_pr": dy_pr, "trace": object(),')],
    "losses from a further key": [
        ('"dy_pr": dy_pr,', '"dy_pr": dy_pr, "y_pred": y_pred,'),
        ('total += forward_dict["loss"]', 'total += (y_i - forward_dict["y_pred"]) ** 2'),
        ('loss_up = forward_propagation(x, y, w + step)["loss"]',
         'loss_up = (y - forward_propagation(x, y, w + step)["y_pred"]) ** 2'),
    ],
    "ε inside the root": [("math.sqrt(v_k / v_share) + eps)", "math.sqrt(v_k / v_share + eps))")],
}  # fmt: skip


@pytest.mark.parametrize("style", UNUSUAL)
def test_unusual_but_right(style):
    source = definitions()
    for old, new in UNUSUAL[style]:
        assert old in source
        source = source.replace(old, new)
    namespace = module(source)
    assert passed(namespace) == set(graders.STAGES)
    if style == "results that are kept":  # they would be kept from one judgement to the other
        return
    right = namespace["backward_propagation"]
    wrong = functools.wraps(right)(lambda *given: {**right(*given), "dw4": 0.0})
    for name in [name for name, value in namespace.items() if value is right]:
        namespace[name] = wrong
    assert passed(namespace) == set(graders.STAGES) - {"backward_propagation"}


def test_a_check_that_suits_its_own_backward_is_right():
    """Gradients in a list cost the points of task 1.2 and no others."""
    source = definitions().replace(
        '    return {\n        "dw1": dw1', '    result = {\n        "dw1": dw1'
    )
    last = '"dtimes9": dtimes9,\n    }  # fmt: skip'
    source = source.replace(last, f"{last}\n    return list(result.values())[:9]")
    source = source.replace('gradients[f"dw{k}"] for k in range(1, 10)', "g for g in gradients")
    source = source.replace("[backward_dict[key] for key in keys]", "backward_dict")
    assert passed(module(source)) == set(graders.STAGES) - {"backward_propagation"}


def test_gradients_by_a_complex_step_are_right(solution):
    """They are exact to rounding, so no grader can tell; the README for instructors says so."""

    def loss(x, y, w):
        exp = np.exp((w[0] * x[0] + w[1] * x[1]) ** 2 + w[5])
        z = np.sin(w[2] * x[2]) * (w[3] * x[3] + w[4] * x[4]) + w[7]
        return (y - np.tanh(exp + w[6]) - w[8] / (1 + np.exp(-z))) ** 2

    def backward_propagation(x, w, forward_dict):
        y = forward_dict["tanh"] + w[8] * forward_dict["sigmoid"] - forward_dict["dy_pr"] / 2
        steps = 1e-30j * np.eye(9)
        return {f"dw{k}": loss(x, y, w + step).imag / 1e-30 for k, step in enumerate(steps, 1)}

    assert graders.grader_backprop(backward_propagation)
