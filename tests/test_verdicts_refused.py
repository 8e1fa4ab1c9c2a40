"""Verdicts: wrong work is refused, with the cause that is true of it."""

import functools
import sys

import numpy as np
import pytest

import graders
from helpers import (
    LOOPS,
    PASSES,
    TASKS,
    accepts,
    edited,
    grader_name,
    module,
    refusal,
    replaced,
    solved_functions,
)

pytestmark = pytest.mark.usefixtures("short_search")


# ----------------------------------------------------------------------------------- surface errors


def not_written(*_):
    raise NotImplementedError()


class AlwaysEqual:
    """Claims to be equal to everything, and more or less than everything."""

    def __eq__(self, other):
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __ne__ = __contains__ = __eq__
    __hash__ = object.__hash__

    def __getitem__(self, key):
        return self

    def __call__(self, *_):
        return self

    def keys(self):
        return iter(())


SURFACE_ERRORS = [
    (not_written, "not-attempted"),
    (lambda *_: None, "not-attempted"),
    (lambda *_: 1 / 0, "raised"),
    (lambda *_: sys.exit(), "raised"),
    (lambda: 1, "wrong-signature"),
]
WRONG_TYPES = [
    "0.88",
    b"0.88",
    1 + 2j,
    np.complex128(0.88),
    True,
    np.array(["a"]),
    np.zeros((3, 3)),
    {"a": {"b": {}}},
    [[[[[[[1]]]]]]],
    object(),
    AlwaysEqual(),
    AlwaysEqual,
    ...,
]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(("work", "cause"), SURFACE_ERRORS)
def test_surface_errors(task, work, cause):
    error = refusal(task, work)
    assert error.cause == cause
    assert error.stage == grader_name(task)
    assert error.hint
    assert isinstance(error, AssertionError)
    message = " ".join(str(error).split())
    assert message.startswith(f"{error.stage}: {error.hint}")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("returned", WRONG_TYPES, ids=lambda value: type(value).__name__)
def test_wrong_types(task, returned):
    expected = {"wrong-type", "not-a-pair"} if task in LOOPS else {"wrong-type"}
    if isinstance(returned, dict) and task in PASSES:
        expected = {"missing-key"}
    assert refusal(task, lambda *_: returned).cause in expected


NUMBERS_AT = [  # a task, and how to put a value into its correct result
    ("sigmoid", lambda correct, value: value),
    ("forward_propagation", lambda correct, value: {**correct, "tanh": value}),
    ("backward_propagation", lambda correct, value: {**correct, "dw5": value}),
    ("gradient_checking", lambda correct, value: value),
    ("train_vanilla", lambda correct, value: ([*correct[0][:8], value], correct[1])),
    ("train_momentum", lambda correct, value: (correct[0], [value, correct[1][1]])),
]


@pytest.mark.parametrize(("task", "put"), NUMBERS_AT)
@pytest.mark.parametrize("value", WRONG_TYPES, ids=lambda value: type(value).__name__)
def test_wrong_types_inside(formulas, task, put, value):
    work = formulas[task]
    assert refusal(task, lambda *given: put(work(*given), value)).cause == "wrong-type"


@pytest.mark.parametrize(("task", "put"), NUMBERS_AT)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -np.inf, np.array([np.nan])])
def test_not_finite(formulas, task, put, value):
    work = formulas[task]
    assert refusal(task, lambda *given: put(work(*given), value)).cause == "not-finite"


@pytest.mark.parametrize(("task", "key"), [
    *[("forward_propagation", key) for key in graders.FORWARD_KEYS],
    *[("backward_propagation", key) for key in graders.BACKWARD_KEYS],
])  # fmt: skip
def test_a_pass_names_the_key(formulas, task, key, no_explanations):
    correct = formulas[task]

    def without(*given):
        return {k: v for k, v in correct(*given).items() if k != key}

    def off(*given):
        result = correct(*given)
        return {**result, key: result[key] * (1 + 1e-6)}  # six digits are not enough

    error = refusal(task, without)
    assert error.cause == "missing-key"
    assert repr(key) in error.hint
    error = refusal(task, off)
    assert (error.cause, error.hint) == (None, "")
    assert f"{key} is not correct." in str(error)
    assert f"\n  {key} " in str(error)
    assert refusal(task, lambda *given: {}).cause == "missing-key"


LESS = {  # correct, but not in full precision
    "rounded": lambda number: float(np.round(number, 6)),
    "of single precision": np.float32,
}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("less", LESS)
def test_less_than_double_precision_is_refused(formulas, task, less, no_explanations):
    correct, make = formulas[task], LESS[less]

    @functools.wraps(correct)
    def work(*given):
        result = correct(*given)
        if isinstance(result, dict):
            return {k: make(v) for k, v in result.items()}
        if isinstance(result, tuple):
            return [make(v) for v in result[0]], result[1]
        return make(result)

    if task == "gradient_checking" and less == "of single precision":
        assert accepts(task, work)  # no exact value is expected of it
    else:
        assert refusal(task, work).cause is None


def test_results_in_place_of_functions():
    for task in LOOPS:
        error = refusal(task, ([1.0] * 9, [0.5]))
        assert error.cause == "wrong-type"
        assert f"({task})" in error.hint
    assert refusal("sigmoid", 0.88).cause == "wrong-type"
    for task in TASKS:
        assert refusal(task, None).cause == "not-attempted"
    for task in PASSES:
        assert refusal(task, {}).cause == "missing-key"


class Poser:
    """Pretends to be a function, and raises when an attribute is read."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __call__(self, *_):
        return self


def wrapped_in_itself(*_):
    raise ValueError


wrapped_in_itself.__wrapped__ = wrapped_in_itself


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("number", range(6))
def test_objects_that_pretend_to_be_the_function(task, number):
    work = [Poser(), wrapped_in_itself, Poser, len, print, np.sin][number]
    refusal(task, work)


def test_errors_of_a_library_are_not_unwritten_work():
    def work(z):
        import codecs

        return codecs.Codec().encode("a")

    assert refusal("sigmoid", work).cause == "raised"


# -------------------------------------------------------------------------------- changed arguments

CHANGES = [  # a task, what it does to its arguments, the name of the one it changes
    ("forward_propagation", "x[0] += 1", "x"),
    ("forward_propagation", "w[3] *= 2", "w"),
    ("backward_propagation", "x[4] = 0", "x"),
    ("backward_propagation", "w[0] -= 1", "w"),
    ("backward_propagation", "forward_dict['exp'] = 0", "forward_dict"),
    ("backward_propagation", "forward_dict['dw1'] = 0", "forward_dict"),
    ("gradient_checking", "w += 1e-3", "w"),
    ("gradient_checking", "x *= 2", "x"),
    *[(task, "w[0] = 5", "w") for task in LOOPS],
    *[(task, "X[0] = 5", "X") for task in LOOPS],
    *[(task, "y[-1] = 5", "y") for task in LOOPS],
]


@pytest.mark.parametrize(("task", "change", "name"), CHANGES)
def test_changed_arguments(formulas, task, change, name, no_explanations):
    inner, names = formulas[task], graders.TASKS[task].arguments
    source = f"def work({', '.join(names)}):\n    result = inner({', '.join(names)})\n"
    if task == "gradient_checking":
        source = replaced(source, "eps)", "eps=1e-7)", 1)
    namespace = formulas | {"inner": inner}
    exec(f"{source}    {change}\n    return result", namespace)
    error = refusal(task, namespace["work"])
    assert error.cause == "changes-argument"
    assert f"its argument {name}." in error.hint


# ------------------------------------------------------------------------ gradient checks and loops


@pytest.mark.parametrize("k", range(9))
def test_a_check_that_does_not_notice_one_gradient_is_refused(k):
    """Its values are correct when all gradients are, but it never sees one of the nine."""
    blind = f"saved = dW[{k}] if abs(dW[{k}] - dW_approx[{k}]) < 1e-3 else dW_approx[{k}]\n"
    blind += f"    dW[{k}] = saved\n    return np.linalg.norm"
    namespace = edited("return np.linalg.norm", blind)
    error = refusal("gradient_checking", namespace["gradient_checking"])
    assert error.cause == "never-detects"
    assert f"dw{k + 1}" in error.hint


@pytest.mark.parametrize(
    "value", [-1e-9, 0.002, [1e-9, 0.01], [[1e-9], [2]], [], "0", None, np.nan]
)
def test_wrong_results_of_a_gradient_check(value):
    refusal("gradient_checking", value)


@pytest.mark.parametrize("eps", [1e-3, 1e-4, 1e-5, 1e-7])
def test_a_hard_coded_epsilon_is_refused(eps, no_explanations):
    work = edited("step[k] = eps", f"step[k] = eps = {eps}")
    refusal("gradient_checking", work["gradient_checking"])


def test_a_loop_that_calls_nothing_is_refused(formulas):
    error = refusal("train_adam", lambda X, y, w, epochs, *_: (w + 0.1, [1.0] * epochs))
    assert error.cause is None
    assert "does not return the correct weights" in str(error)


@pytest.mark.parametrize("task", LOOPS)
def test_a_loop_that_stops_when_the_loss_rises_is_refused(task, no_explanations):
    stop = "losses.append(total / len(points))"
    early = f"{stop}\n        if len(losses) > 1 and losses[-1] > losses[-2]:\n            break"
    harmless = f"{stop}\n        continue"
    refusal(task, module(replaced(solved_functions(), stop, early))[task])
    assert accepts(task, module(replaced(solved_functions(), stop, harmless))[task])


def test_more_losses_than_epochs_are_refused(no_explanations):
    source = solved_functions()
    source = replaced(source, "return w, losses", "return w, [*losses, 0.5]")
    outside, inside = "(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat + eps)"
    for form in (source, replaced(source, outside, inside)):  # both forms of the rule are correct
        assert refusal("train_adam", module(form)["train_adam"]).cause == "losses-count"


def test_an_absolute_value_for_the_cosine_is_refused(no_explanations):
    work = edited('math.cos(values["times3"])', 'math.sqrt(1 - math.sin(values["times3"]) ** 2)')
    error = refusal("backward_propagation", work["backward_propagation"])
    assert str(error).startswith("grader_backprop: dw3 is not correct")
