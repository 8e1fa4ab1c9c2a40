"""What is not right is refused with the cause that belongs to it, and nothing else happens."""

import functools
import math
import sys
import warnings

import numpy as np
import pytest
from tqdm import tqdm

import graders
from conftest import definitions, module
from graders import GraderError

TASKS = list(graders.STAGES)
LOOPS = ["train_vanilla", "train_momentum", "train_adam"]


def refusal(task: str, work) -> GraderError:
    with pytest.raises(GraderError) as caught:
        graders.STAGES[task](work)
    return caught.value


def edited(old: str, new: str, count: int = 1) -> dict:
    """Return the globals of the notebook's solution with one piece of its text replaced."""
    source = definitions()
    assert source.count(old) >= count, old
    return module(source.replace(old, new, count))


# ------------------------------------------------------------------- kinds of mistakes, each stage


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


KINDS = [
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
@pytest.mark.parametrize(("work", "cause"), KINDS)
def test_kinds(task, work, cause):
    error = refusal(task, work)
    assert error.cause == cause
    assert error.stage == graders.STAGES[task].__name__
    assert error.hint
    assert isinstance(error, AssertionError)
    assert str(error).startswith(f"{error.stage}: {error.hint}")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("returned", WRONG_TYPES, ids=lambda value: type(value).__name__)
def test_wrong_types(task, returned):
    expected = {"wrong-type", "not-a-pair"} if task in LOOPS else {"wrong-type"}
    if isinstance(returned, dict) and task in ("forward_propagation", "backward_propagation"):
        expected = {"missing-key"}
    assert refusal(task, lambda *_: returned).cause in expected


NUMBERS_AT = [  # a task and where a value of it stands: how to make its result from the value
    ("sigmoid", lambda right, value: value),
    ("forward_propagation", lambda right, value: {**right, "tanh": value}),
    ("backward_propagation", lambda right, value: {**right, "dw5": value}),
    ("gradient_checking", lambda right, value: value),
    ("train_vanilla", lambda right, value: ([*right[0][:8], value], right[1])),
    ("train_momentum", lambda right, value: (right[0], [value, right[1][1]])),
]


@pytest.mark.parametrize(("task", "put"), NUMBERS_AT)
@pytest.mark.parametrize("value", WRONG_TYPES, ids=lambda value: type(value).__name__)
def test_wrong_types_inside(solution, task, put, value):
    work = solution[task]
    assert refusal(task, lambda *given: put(work(*given), value)).cause == "wrong-type"


@pytest.mark.parametrize(("task", "put"), NUMBERS_AT)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -np.inf, np.array([np.nan])])
def test_not_finite(solution, task, put, value):
    work = solution[task]
    assert refusal(task, lambda *given: put(work(*given), value)).cause == "not-finite"


@pytest.mark.parametrize("key", graders.FORWARD_KEYS)
def test_forward_names_the_key(solution, key):
    right = solution["forward_propagation"]

    def without(*given):
        return {k: v for k, v in right(*given).items() if k != key}

    def off(*given):
        return {**right(*given), key: round(right(*given)[key], 6)}

    error = refusal("forward_propagation", without)
    assert error.cause == "missing-key"
    assert repr(key) in error.hint
    error = refusal("forward_propagation", off)  # six digits are not enough
    assert error.cause == "rounded"
    assert f"\n  {key} " in str(error)


@pytest.mark.parametrize("key", graders.BACKWARD_KEYS)
def test_backward_names_the_key(solution, key):
    right = solution["backward_propagation"]

    def off(*given):
        return {**right(*given), key: right(*given)[key] * (1 + 1e-6)}

    error = refusal("backward_propagation", off)
    assert error.cause == "rounded"
    assert f"\n  {key} " in str(error)

    def otherwise(*given):
        return {**right(*given), key: right(*given)[key] + math.cos(given[0][0])}

    error = refusal("backward_propagation", otherwise)  # what nothing explains has no cause
    assert (error.cause, error.hint) == (None, "")
    assert f"{key} is not right yet. Compare with two-sided differences" in str(error)
    assert refusal("backward_propagation", lambda *given: {}).cause == "missing-key"


def test_six_digits_are_not_enough(solution):
    for task in ("sigmoid", *LOOPS):
        right = solution[task]

        @functools.wraps(right)
        def rounded(*given, right=right):
            result = right(*given)
            if isinstance(result, float):
                return round(result, 6)
            return np.round(result[0], 6), result[1]

        assert refusal(task, rounded).cause == (None if task == "sigmoid" else "rounded")


def test_error_names_the_function_and_the_line(tmp_path):
    path = tmp_path / "student.py"
    source = definitions().replace(
        "        return 1 / (1 + math.exp(-z))", "        return 1 / (1 + math.exp('z'))"
    )
    path.write_text(source)
    namespace = {"__name__": "student"}
    exec(compile(source, str(path), "exec"), namespace)  # noqa: S102
    error = refusal("forward_propagation", namespace["forward_propagation"])
    assert error.cause == "raised"
    assert error.hint.startswith(
        "sigmoid raised an error (forward_propagation calls it): TypeError"
    )
    assert "math.exp('z')" in error.details


def test_unwritten_sigmoid_is_said_to_be_sigmoids():
    namespace = module(definitions())
    exec("def sigmoid(z):\n    raise NotImplementedError()", namespace)  # noqa: S102
    error = refusal("forward_propagation", namespace["forward_propagation"])
    assert error.cause == "not-attempted"
    assert error.hint.startswith(
        "sigmoid is not written yet (forward_propagation calls it): line 2"
    )


# --------------------------------------------------------------------------- changed arguments

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
def test_changed_arguments(solution, task, change, name):
    inner, names = solution[task], graders.ARGUMENTS[task]
    source = f"def work({', '.join(names)}):\n    result = inner({', '.join(names)})\n"
    if task == "gradient_checking":
        source = source.replace("eps)", "eps=1e-7)", 1)
    namespace = solution | {"inner": inner}
    exec(f"{source}    {change}\n    return result", namespace)  # noqa: S102
    error = refusal(task, namespace["work"])
    assert error.cause == "changes-argument"
    assert f"its argument {name};" in error.hint


def test_a_weight_moved_and_moved_back_is_unchanged(solution):
    """Adding and subtracting eps leaves a rounding error behind, which is nobody's mistake."""
    inner = solution["gradient_checking"]

    @functools.wraps(inner)
    def work(x, y, w, eps=1e-7):
        w[2] += 0.1
        w[2] -= 0.1
        return inner(x, y, w, eps)

    assert graders.grader_grad_check(work)


# ------------------------------------------------------------------------------ gradient checking


@pytest.mark.parametrize("k", range(9))
def test_a_check_that_does_not_notice_one_gradient_is_refused(k):
    """It gives the right values with right gradients, and is blind to one of the nine."""
    blind = f"saved = dW[{k}] if abs(dW[{k}] - dW_approx[{k}]) < 1e-3 else dW_approx[{k}]\n"
    blind += f"    dW[{k}] = saved\n    return np.linalg.norm"
    namespace = edited("return np.linalg.norm", blind)
    error = refusal("gradient_checking", namespace["gradient_checking"])
    assert error.cause == "never-rings"
    assert f"dw{k + 1}" in error.hint


@pytest.mark.parametrize(
    "value", [-1e-9, 0.002, [1e-9, 0.01], [[1e-9], [2]], [], "0", None, np.nan]
)
def test_wrong_results_of_a_gradient_check(value):
    refusal("gradient_checking", value)


# ------------------------------------------------------------------------------------- the loops


def test_a_loop_that_calls_nothing_is_refused(solution):
    error = refusal("train_adam", lambda X, y, w, epochs, *_: (w + 0.1, [1.0] * epochs))
    assert error.cause is None
    assert "does not reach the right weights" in str(error)


def test_the_update_where_the_path_is_left():
    """Where no known mistake explains it, the message says so, and names no cause."""
    for wrong, update in (
        ("max(t, 2)", "update 1 (epoch 1, data point 1)"),
        ("min(t, 4)", "update 5 (epoch 2, data point 2)"),
    ):
        adam = edited("1 - beta2**t", f"1 - beta2 ** {wrong}")
        error = refusal("train_adam", adam["train_adam"])
        assert error.cause is None
        assert f"after {update}" in str(error)
        assert "out by hand." in str(error)


def test_results_in_place_of_functions():
    for task in LOOPS:
        error = refusal(task, ([1.0] * 9, [0.5]))
        assert error.cause == "wrong-type"
        assert f"({task})" in error.hint
    assert refusal("sigmoid", 0.88).cause == "wrong-type"
    for task in ("forward_propagation", "backward_propagation", "gradient_checking"):
        assert refusal(task, None).cause == "not-attempted"
    for task in ("forward_propagation", "backward_propagation"):
        assert refusal(task, {}).cause == "missing-key"


# ------------------------------------------------------------------------- what must not happen


@pytest.mark.parametrize("task", ["gradient_checking", *LOOPS])
@pytest.mark.parametrize("outcome", ["passes", "refused", "raises"])
def test_globals_are_as_before(task, outcome):
    source = definitions()
    if outcome == "refused":
        source = source.replace("w_k - ", "w_k + ").replace("(2 * eps)", "eps")
    if outcome == "raises":
        source = source.replace("total = 0.0", "1 / 0").replace("step = np.zeros(9)", "1 / 0")
    namespace = module(source)
    before = dict(namespace)
    if outcome == "passes":
        assert graders.STAGES[task](namespace[task])
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


def test_an_interrupt_goes_through_and_leaves_the_globals(solution):
    before = dict(solution)

    def interrupted(*_):
        if solution["forward_propagation"] is not before["forward_propagation"]:
            raise KeyboardInterrupt
        raise ValueError

    inner = graders._globals_of(solution["train_vanilla"])
    namespace_function = type(interrupted)(
        interrupted.__code__, inner, closure=interrupted.__closure__
    )
    with pytest.raises(KeyboardInterrupt):
        graders.grader_vanilla(namespace_function)
    assert solution["forward_propagation"] is before["forward_propagation"]


@pytest.mark.parametrize("task", TASKS)
def test_a_noisy_function_is_not_heard(solution, task, capsys):
    inner = solution[task]

    @functools.wraps(inner)
    def noisy(*given):
        print("debugging")
        print("debugging", file=sys.stderr)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        for _ in tqdm(range(3)):
            pass
        return inner(*given)

    assert graders.STAGES[task](noisy)
    out, err = capsys.readouterr()
    assert err == ""
    assert len(out.splitlines()) == 1


def test_report(solution, capsys):
    assert graders.submission_report(solution) is True
    assert "7 of 7 stages pass: ready to submit" in capsys.readouterr().out
    solution["train_adam"] = not_written
    solution["sigmoid"] = lambda z: 0.5
    del solution["train_vanilla"]
    assert graders.submission_report(solution) is False
    out, err = capsys.readouterr()
    assert "4 of 7" not in out  # a wrong sigmoid spoils forward, and no more
    assert "3 of 7 stages pass." in out
    assert out.count("not attempted") == 2
    assert err == ""


def test_report_takes_the_callers_globals():
    namespace = module(definitions() + "\nfrom graders import submission_report")
    exec("ready = submission_report()", namespace)  # noqa: S102
    assert namespace["ready"] is True


@pytest.mark.parametrize("namespace", [{}, {"sigmoid": 3}, {"train_adam": AlwaysEqual()}, 5, "x"])
def test_report_never_raises(namespace):
    assert graders.submission_report(namespace) is False


class Poser:
    """Poses as a function, and raises when it is looked at."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __call__(self, *_):
        return self


def wrapped_in_itself(*_):
    raise ValueError


wrapped_in_itself.__wrapped__ = wrapped_in_itself


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("number", range(6))
def test_posers(task, number):
    work = [Poser(), wrapped_in_itself, Poser, len, print, np.sin][number]
    refusal(task, work)


def test_library_errors_are_not_taken_for_unwritten_work():
    def work(z):
        import codecs

        return codecs.Codec().encode("a")

    assert refusal("sigmoid", work).cause == "raised"


def test_messages_stay_short():
    error = refusal("forward_propagation", lambda *_: dict.fromkeys(map(str, range(5000)), 1))
    assert len(str(error)) < 600


def test_an_excused_loop_hears_what_fails_with_its_own_functions(capsys):
    source = definitions().replace(
        "x1, x2, x3, x4, x5 = x", "x1, x2, x3, x4, x5 = x * np.ones(5)", 1
    )
    namespace = module(
        source.replace("    times1, times2 = w1", "    w.shape\n    times1, times2 = w1", 1)
    )
    assert graders.grader_forwardprop(namespace["forward_propagation"])
    capsys.readouterr()
    assert graders.grader_vanilla(namespace["train_vanilla"])
    assert "With yours: forward_propagation raised an error" in capsys.readouterr().out


def test_report_says_why(solution, capsys):
    solution["sigmoid"] = 0.88
    del solution["train_adam"]
    solution["train_vanilla"] = lambda *_: None
    assert graders.submission_report(solution) is False
    out = capsys.readouterr().out
    assert "sigmoid               not right yet: it is no function but 0.88." in out
    assert "train_adam            not attempted: it is not defined" in out
    assert "did you forget `return`?" in out
