"""Verdicts: correct work is accepted, however it is written."""

import functools
import types

import numpy as np
import pytest

import graders
from helpers import (
    LOOPS,
    TASKS,
    accepts,
    correct_runs,
    correct_source,
    module,
    passed,
    replaced,
    solved_functions,
)

pytestmark = pytest.mark.usefixtures("no_explanations")
ALL = set(TASKS)


def test_the_notebooks_own_solution(solution, capsys):
    for task in TASKS:
        assert accepts(task, solution[task]) is True
    assert len(capsys.readouterr().out.splitlines()) == len(TASKS)  # one line each


def test_the_notebooks_sigmoid_is_stable_everywhere(solution):
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


@pytest.mark.parametrize("task", TASKS)
def test_partials_and_wrappers_are_functions_too(solution, task):
    @functools.wraps(solution[task])
    def wrapper(*args):
        return solution[task](*args)

    assert accepts(task, wrapper)
    assert accepts(task, functools.partial(solution[task]))


@pytest.mark.parametrize("task", LOOPS)
def test_a_loop_tested_with_the_graders_passes_says_so(solution, task, capsys):
    solution["backward_propagation"] = lambda x, w, forward_dict: {}
    assert accepts(task, solution[task])
    assert "It was tested with the grader's own" in capsys.readouterr().out


def test_the_three_forms_of_adam_are_told_apart():
    """All are correct, but no two of them may be mixed."""
    for forms in correct_runs("train_adam")[::2]:
        runs = np.array(forms)
        for one, other in ((0, 1), (0, 2), (1, 2)):
            assert not np.isclose(runs[one], runs[other], rtol=1e-4).any()


def test_a_weight_moved_and_moved_back_is_unchanged(formulas):
    """Adding and subtracting eps leaves a rounding error behind, which is not a mistake."""
    inner = formulas["gradient_checking"]

    @functools.wraps(inner)
    def work(x, y, w, eps=1e-7):
        w[2] += 0.1
        w[2] -= 0.1
        return inner(x, y, w, eps)

    assert graders.grader_grad_check(work)


def test_all_of_numpys_names():
    namespace = module(solved_functions() + "\nfrom numpy import *\n")
    assert passed(namespace) == ALL


# ----------------------------------------------------------------------------------- unusual styles

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
OTHER_NAMES = "fp, bp = forward_propagation, backward_propagation"
DEQUE = "from collections import deque"
# Correct work that was refused once, or might be: what replaces parts of the notebook's text
UNUSUAL = {
    "other names for the two functions": [
        ("def gradient_checking", f"{OTHER_NAMES}\n\n\ndef gradient_checking"),
        ("backward_propagation(x, w, forward_propagation(x, y, w))", "bp(x, w, fp(x, y, w))"),
        ('forward_propagation(x, y, w + step)["loss"]', 'fp(x, y, w + step)["loss"]'),
        ("forward_propagation(x_i, y_i, weights)", "fp(x_i, y_i, weights)"),
        ("backward_propagation(x_i, weights, forward_dict)", "bp(x_i, weights, forward_dict)"),
    ],
    "cached results": [
        ("def gradient_checking", f"{KEPT}\n\n\ndef gradient_checking"),
        ("backward_propagation(x, w, forward_propagation(x, y, w))", "kept(tuple(x), y, tuple(w))"),
    ],
    "a dictionary with attributes": [
        ("def forward_propagation", f"{NAMED}\n\n\ndef forward_propagation"),
        ('return {\n        "times1"', 'return Named({\n        "times1"'),
        ('"dy_pr": dy_pr,\n    }', '"dy_pr": dy_pr,\n    })'),
        ('values["dy_pr"]', "values.dy_pr"),
    ],
    "a target that is a NumPy number": [
        ("loss = (y - y_pred)", "loss = (np.asarray(y).item() - y_pred)")
    ],
    "no default for eps": [("eps=1e-7):", "eps):")],
    "losses in a deque": [("losses = []", f"{DEQUE}\n    losses = deque()")],
    "weights of shape (9, 1)": [("return w, losses", "return w.reshape(9, 1), losses")],
    "an object under an extra key": [('"dy_pr": dy_pr,', '"dy_pr": dy_pr, "trace": object(),')],
    "losses from an extra key": [
        ('"dy_pr": dy_pr,', '"dy_pr": dy_pr, "y_pred": y_pred,'),
        ('total += forward_dict["loss"]', 'total += (y_i - forward_dict["y_pred"]) ** 2'),
        (
            'loss_up = forward_propagation(x, y, w + step)["loss"]',
            'loss_up = (y - forward_propagation(x, y, w + step)["y_pred"]) ** 2',
        ),
    ],
    "ε inside the root": [("(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat + eps)")],
}


@pytest.mark.parametrize("style", UNUSUAL)
def test_unusual_but_correct(style):
    source = solved_functions()
    for old, new in UNUSUAL[style]:
        source = replaced(source, old, new)
    namespace = module(source)
    assert passed(namespace) == ALL
    if style == "cached results":  # they would be kept from one judgement to the next
        return
    right = namespace["backward_propagation"]
    wrong = functools.wraps(right)(lambda *given: {**right(*given), "dw4": 0.0})
    for name in [name for name, value in namespace.items() if value is right]:
        namespace[name] = wrong
    assert passed(namespace) == ALL - {"backward_propagation"}


def test_a_check_that_fits_its_own_backward_is_accepted():
    """Gradients in a list cost the points of task 1.2 and no others."""
    start = '    return {\n        "dw1": dw1'
    source = replaced(solved_functions(), start, replaced(start, "return", "result ="))
    last = '"dtimes9": dtimes9,\n    }  # fmt: skip'
    source = replaced(source, last, f"{last}\n    return list(result.values())[:9]")
    by_key = 'gradients[f"dw{k}"] for k in range(1, 10)'
    source = replaced(source, by_key, "g for g in gradients")
    source = replaced(source, "[backward_dict[key] for key in keys]", "backward_dict")
    assert passed(module(source)) == ALL - {"backward_propagation"}


def test_gradients_by_a_complex_step_are_accepted(solution):
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


# ----------------------------------------------------------------------------- other names of dy_pr


def test_dy_pred_is_taken_for_dy_pr(formulas):
    """Also by a backward pass without a forward pass that would show which name it uses."""
    source = (
        "def backward_propagation(x, w, d):\n    return inner(x, w, {**d, 'dy_pr': d['dy_pred']})"
    )
    namespace = module(source) | {"inner": formulas["backward_propagation"]}
    backward = types.FunctionType(namespace["backward_propagation"].__code__, namespace)
    assert graders.grader_backprop(backward)
    x, y, w = graders.POINTS[0]
    forward_dict = formulas["forward_propagation"](x, y, w)
    forward_dict["dy_pred"] = forward_dict.pop("dy_pr")
    assert graders.grader_forwardprop(forward_dict)


@pytest.mark.parametrize("key", ["dy_pred", "dl", "dL"])
def test_other_names_of_dy_pr(key):
    source = replaced(solved_functions(), '"dy_pr": dy_pr', f'"{key}": dy_pr')
    source = replaced(source, 'values["dy_pr"]', f'values["{key}"]')
    namespace = module(source)
    assert passed(namespace) == ALL
    x, y, w = graders.POINTS[0]
    assert graders.grader_forwardprop(namespace["forward_propagation"](x, y, w))
    namespace = module(replaced(correct_source("formulas"), '"dy_pr"', f'"{key}"'))
    del namespace["forward_propagation"]  # which name it uses is then not to be seen
    assert graders.grader_backprop(namespace["backward_propagation"])
    assert graders.grader_vanilla(namespace["train_vanilla"])


@pytest.mark.parametrize("key", ["dy_pred", "dl", "dL"])
def test_other_names_beside_a_key_that_holds_the_output(key):
    """A forward pass without dy_pr costs its own stage, whichever name a loop reads."""
    source = correct_source("formulas")
    call = "b = backward_propagation(X[i], w, f)"
    reads = replaced(call, ", f)", f", {{**f, 'dy_pr': f['{key}']}})")
    for old, new in (('"dy_pr": dy_pr}', '"y_pred": y_hat}'), (call, reads)):
        source = replaced(source, old, new)
    namespace = module(source)
    assert graders.grader_vanilla(namespace["train_vanilla"])


@pytest.mark.parametrize("key", ["dy_pred", "dl", "dL"])
def test_beside_dy_pr_they_are_ordinary_keys(key):
    extra = f'"{key}": 2 * y_pred, "dy_pr": dy_pr'
    source = replaced(solved_functions(), '"dy_pr": dy_pr', extra)
    reads = 'dy_pred = values["dy_pr"]'
    half = f"forward_dict['{key}'] / 2 - tanh"  # = w9 * sig
    for old, new in (
        (reads, f"{reads} if forward_dict['{key}'] else 0"),
        ("dw9 = dtimes9 * sig", f"dw9 = dtimes9 * ({half}) / w9"),
    ):
        assert source.count(old) == 1
        source = replaced(source, old, new)
    namespace = module(source)
    assert passed(namespace) == ALL
