"""What is not right is refused with the cause that belongs to it, and nothing else happens."""

import functools
import re
import sys
import warnings

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import start_new_kernel
from tqdm import tqdm
from traitlets.config import Config

import graders
from graders import GraderError
from helpers import ROOT, definitions, module

TASKS = list(graders.STAGES)
LOOPS = ["train_vanilla", "train_momentum", "train_adam"]


@pytest.fixture(autouse=True)
def little_time(monkeypatch):
    """What the search for a line finds is for other tests; here it has no time for it."""
    monkeypatch.setattr(graders, "SECONDS", 0.02)


@pytest.fixture
def verdicts_alone(monkeypatch):
    monkeypatch.setattr(graders, "explain", lambda student, fault: fault)


def refusal(task: str, work) -> GraderError:
    with pytest.raises(GraderError) as caught:
        graders.STAGES[task](work)
    return caught.value


@pytest.fixture
def solution() -> dict:
    """The globals of a right solution whose backward pass needs none of forward's further keys."""
    return module(
        (ROOT / "tests" / "corpus" / "correct" / "formulas.py").read_text(encoding="utf-8")
    )


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
    message = " ".join(str(error).split())
    assert message.startswith(f"{error.stage}: {error.hint}")


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


@pytest.mark.parametrize(("task", "key"), [
    *[("forward_propagation", key) for key in graders.FORWARD_KEYS],
    *[("backward_propagation", key) for key in graders.BACKWARD_KEYS],
])  # fmt: skip
def test_a_pass_names_the_key(solution, task, key, verdicts_alone):
    right = solution[task]

    def without(*given):
        return {k: v for k, v in right(*given).items() if k != key}

    def off(*given):
        result = right(*given)
        return {**result, key: result[key] * (1 + 1e-6)}  # six digits are not enough

    error = refusal(task, without)
    assert error.cause == "missing-key"
    assert repr(key) in error.hint
    error = refusal(task, off)
    assert (error.cause, error.hint) == (None, "")
    assert f"{key} is not right yet." in str(error)
    assert f"\n  {key} " in str(error)
    assert refusal(task, lambda *given: {}).cause == "missing-key"


LESS = {  # what is right, but not in full precision
    "rounded": lambda number: float(np.round(number, 6)),
    "of single precision": np.float32,
}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("less", LESS)
def test_less_than_double_precision_is_refused(solution, task, less, verdicts_alone):
    right, make = solution[task], LESS[less]

    @functools.wraps(right)
    def work(*given):
        result = right(*given)
        if isinstance(result, dict):
            return {k: v if k == "nodes" else make(v) for k, v in result.items()}
        if isinstance(result, tuple):
            return [make(v) for v in result[0]], result[1]
        return make(result)

    if task == "gradient_checking" and less == "of single precision":
        assert graders.grader_grad_check(work)  # no exact value is expected of it
    else:
        assert "not right yet" in str(error := refusal(task, work)) or task in LOOPS
        assert "right weights" in str(error) or task not in LOOPS


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
def test_changed_arguments(solution, task, change, name, verdicts_alone):
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


def test_results_in_place_of_functions():
    for task in LOOPS:
        error = refusal(task, ([1.0] * 9, [0.5]))
        assert error.cause == "wrong-type"
        assert f"({task})" in error.hint
    assert refusal("sigmoid", 0.88).cause == "wrong-type"
    for task in TASKS:
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


def test_report(solution, capsys, monkeypatch):
    monkeypatch.setattr(graders, "explain", None)  # it does without
    assert graders.submission_report(solution) is True
    out = " ".join(capsys.readouterr().out.split())
    assert "7 of 7 stages pass: all code is right. Written answers are not checked here" in out
    assert "ready" not in out
    solution["train_adam"] = not_written
    solution["sigmoid"] = lambda z: 0.5
    del solution["train_vanilla"]
    assert graders.submission_report(solution) is False
    out, err = capsys.readouterr()
    assert "3 of 7 stages pass." in out  # a wrong sigmoid spoils forward, and no more
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
    """The grader gives arrays, and the notebook's loop hands lists on."""
    namespace = edited("    times1 = w1", "    w.shape\n    times1 = w1")
    assert graders.grader_forwardprop(namespace["forward_propagation"])
    capsys.readouterr()
    assert graders.grader_vanilla(namespace["train_vanilla"])
    assert "with yours: forward_propagation raised an error" in capsys.readouterr().out


def test_report_says_why(solution, capsys):
    solution["sigmoid"] = 0.88
    del solution["train_adam"]
    solution["train_vanilla"] = lambda *_: None
    assert graders.submission_report(solution) is False
    out = capsys.readouterr().out
    assert re.search(r"^sigmoid +not right yet: .* the function itself, .* this is 0.88", out)
    assert "train_adam            not attempted: train_adam is not there" in out
    assert "did you forget `return`?" in out


# ------------------------------------------------------------------ errors of the graders' own code


class Bug(Exception):
    """An error in the graders' own code."""


def buggy(*_):
    raise Bug("on purpose")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ["judge", "_misshapen", "_values", "perform"])
def test_an_error_in_a_judge_is_raised_as_itself(solution, task, name, monkeypatch):
    monkeypatch.setattr(graders, name, buggy)
    with pytest.raises(Bug):
        graders.STAGES[task](solution[task])


def test_an_error_in_a_judge_does_not_end_the_report(solution, capsys, monkeypatch):
    monkeypatch.setattr(graders, "judge", buggy)
    assert graders.submission_report(solution) is False
    assert capsys.readouterr().out.count("could not be judged: Bug: on purpose") == 7


@pytest.mark.parametrize("place", ["repair", "Seen", "a row of the table"])
def test_an_error_in_an_explanation_does_not_hide_the_verdict(place, monkeypatch):
    work = edited('math.cos(values["times3"])', 'math.sin(values["times3"])')[
        "backward_propagation"
    ]
    if place == "a row of the table":
        monkeypatch.setitem(graders.NAMED, "backward_propagation", (("bug", buggy, "{found}"),))
    else:
        monkeypatch.setattr(graders, place, buggy)
    error = refusal("backward_propagation", work)
    assert error.cause is None
    assert "dw3 is not right yet" in str(error)
    assert "The explanation failed: Bug: on purpose" in str(error)


# --------------------------------------------------------------------- what must not be accepted


def test_an_absolute_value_for_the_cosine_is_refused(verdicts_alone):
    work = edited('math.cos(values["times3"])', 'math.sqrt(1 - math.sin(values["times3"]) ** 2)')
    error = refusal("backward_propagation", work["backward_propagation"])
    assert str(error).startswith("grader_backprop: dw3 is not right yet")


@pytest.mark.parametrize("eps", [1e-3, 1e-4, 1e-5, 1e-7])
def test_an_epsilon_that_is_typed_in_is_refused(eps, verdicts_alone):
    work = edited("step[k] = eps", f"step[k] = eps = {eps}")
    refusal("gradient_checking", work["gradient_checking"])


@pytest.mark.parametrize("task", LOOPS)
def test_a_loop_that_stops_when_the_loss_rises_is_refused(task, verdicts_alone):
    stop = "losses.append(total / len(points))"
    early = f"{stop}\n        if len(losses) > 1 and losses[-1] > losses[-2]:\n            break"
    source = definitions().replace(stop, early)
    refusal(task, module(source)[task])
    assert module(definitions().replace(stop, f"{stop}\n        continue"))[task]


def test_more_losses_than_epochs_are_refused(verdicts_alone):
    for form in ("math.sqrt(v_k / bias2) + eps)", "math.sqrt(v_k / bias2 + eps))"):  # both right
        source = definitions().replace("math.sqrt(v_k / bias2) + eps)", form)
        source = source.replace("return np.array(w), losses", "return np.array(w), [*losses, 0.5]")
        assert refusal("train_adam", module(source)["train_adam"]).cause == "losses-count"


# ------------------------------------------------------------------------------- other people's names


@pytest.mark.parametrize("key", ["dy_pred", "dl", "dL"])
def test_other_names_of_dy_pr(key):
    source = definitions().replace('"dy_pr": dy_pr', f'"{key}": dy_pr')
    source = source.replace('values["dy_pr"]', f'values["{key}"]')
    namespace = module(source)
    for task, grader in graders.STAGES.items():
        assert grader(namespace[task])
    x, y, w = graders.POINTS[0]
    assert graders.grader_forwardprop(namespace["forward_propagation"](x, y, w))
    source = (ROOT / "tests" / "corpus" / "correct" / "formulas.py").read_text(encoding="utf-8")
    namespace = module(source.replace('"dy_pr"', f'"{key}"'))
    del namespace["forward_propagation"]  # which name it uses is then not to be seen
    assert graders.grader_backprop(namespace["backward_propagation"])
    assert graders.grader_vanilla(namespace["train_vanilla"])


@pytest.mark.parametrize("key", ["dy_pred", "dl", "dL"])
def test_other_names_beside_a_key_that_holds_the_output(key):
    """A forward pass without dy_pr costs its own stage, whichever name a loop reads."""
    source = (ROOT / "tests" / "corpus" / "correct" / "formulas.py").read_text(encoding="utf-8")
    call = "b = backward_propagation(X[i], w, f)"
    reads = call.replace(", f)", f", {{**f, 'dy_pr': f['{key}']}})")
    for old, new in (('"dy_pr": dy_pr}', '"y_pred": y_hat}'), (call, reads)):
        assert old in source
        source = source.replace(old, new)
    namespace = module(source)
    assert graders.grader_vanilla(namespace["train_vanilla"])


@pytest.mark.parametrize("key", ["dy_pred", "dl", "dL"])
def test_beside_dy_pr_they_are_ordinary_keys(key):
    source = definitions().replace('"dy_pr": dy_pr', f'"{key}": 2 * y_pred, "dy_pr": dy_pr')
    reads = 'dy_pred = values["dy_pr"]'
    half = f"forward_dict['{key}'] / 2 - tanh"  # = w9 * sig
    for old, new in (
        (reads, f"{reads} if forward_dict['{key}'] else 0"),
        ("dw9 = dtimes9 * sig", f"dw9 = dtimes9 * ({half}) / w9"),
    ):
        assert source.count(old) == 1
        source = source.replace(old, new)
    namespace = module(source)
    for task, grader in graders.STAGES.items():
        assert grader(namespace[task])


# ----------------------------------------------------------------- sentences for a student at a screen


def told(task: str, source: str) -> str:
    """Return what a student is told whose notebook consists of a source, in one line."""
    error = refusal(task, module(source)[task])
    assert max(map(len, str(error).splitlines())) < 100
    return " ".join(str(error).split())


def test_code_below_a_forgotten_raise():
    stub = "    raise NotImplementedError()\n"
    source = f"def sigmoid(z):\n{stub}    # here\n    return 1 / (1 + z)\n"
    message = told("sigmoid", source)
    assert "sigmoid stops at line 2" in message
    assert "what stands below it never runs: delete that line." in message
    message = told("sigmoid", f"def sigmoid(z):\n{stub}    # nothing yet\n")
    assert "sigmoid is not written yet: line 2" in message
    assert "Delete it when your code is there." in message


def test_a_name_that_is_missing_after_a_restart():
    source = definitions().replace("import math\n", "")
    message = told("train_adam", source)
    assert "uses the name math, which this kernel does not know." in message
    assert "After a restart of the kernel, run all cells above." in message


@pytest.mark.parametrize("task", ["forward_propagation", "train_adam"])
def test_a_variable_with_the_name_of_a_function(task):
    source = definitions().replace("sig = sigmoid(sum8)", "sigmoid = sigmoid(sum8)")
    source = source.replace("w9 * sig\n", "w9 * sigmoid\n").replace("total = 0.0", "sum = sum([])")
    message = told(task, source)
    hidden = "sigmoid" if task == "forward_propagation" else "sum"
    assert f"{task} has a variable named {hidden}, which hides the function of that name" in message


def test_tqdm_that_is_a_module_again():
    message = told("train_vanilla", definitions() + "\nimport tqdm\n")
    assert (
        "`import tqdm` has made that name a module: run `from tqdm import tqdm` again." in message
    )


def test_functions_whose_name_was_given_to_something_else():
    message = told("forward_propagation", definitions() + "\nsigmoid = sigmoid(2)\n")
    assert "calls sigmoid, but a variable of that name has taken the function's place" in message
    source = definitions().replace("total = 0.0", "total = float(sum([]))")
    message = told("train_vanilla", f"{source}\nsum = 0\n")
    assert "run `del sum`" in message


def test_an_error_without_a_text():
    message = told("sigmoid", "def sigmoid(z):\n    raise ValueError\n")
    assert message.startswith("grader_sigmoid: sigmoid raised an error: ValueError sigmoid, line 2")
    raised = "raise NameError('no name in quotes')"
    assert "raised an error: NameError: no name" in told(
        "sigmoid", f"def sigmoid(z):\n    {raised}"
    )


def test_all_of_numpys_names():
    namespace = module(definitions() + "\nfrom numpy import *\n")
    for task, grader in graders.STAGES.items():
        assert grader(namespace[task])


def test_a_refusal_ends_with_a_reminder():
    source = definitions().replace("math.tanh", "math.sinh")
    assert told("forward_propagation", source).endswith(
        "(If you have changed the function since, run its cell again.)"
    )


def test_what_a_message_says_of_known_functions(verdicts_alone):
    """Numbers that known functions give do not stand under the notebook's own point alone."""
    source = definitions().replace("(2 * eps)", "eps")
    message = told("gradient_checking", source)
    assert "with known functions in place of your two passes, at x = X[0]" in message
    assert "eps = 0.0013" in message


@pytest.mark.parametrize("task", ["gradient_checking", *LOOPS])
def test_what_is_right_names_the_pass_that_is_not(task, capsys):
    namespace = edited('math.cos(values["times3"])', 'math.sin(values["times3"])')
    assert graders.STAGES[task](namespace[task])
    out = capsys.readouterr().out
    assert out.endswith("see dw3 of backward_propagation.\n")
    assert ("with yours it rings, as it should" in out) == (task == "gradient_checking")


def test_long_messages_break_between_words():
    keys = {f"key_{i}_of_no_use": 1.0 for i in range(40)}
    error = refusal("forward_propagation", lambda *_: keys)
    lines = str(error).splitlines()
    assert max(map(len, lines)) < 100
    assert not any(line.endswith(("key", "key_", "of", "-")) for line in lines)


# ------------------------------------------------------------------------------------- interrupts


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
    assert "is there a loop that does not end?" in error.hint
    assert namespace == before
    assert graders.submission_report(namespace) is False
    assert f"interrupted while {task} was in line" in capsys.readouterr().out


def test_an_interrupt_inside_what_a_loop_calls(solution):
    """It comes in the student's own two passes, which are in their places again afterwards."""
    namespace = stopping("forward_propagation")
    before = dict(namespace)
    for task in ("backward_propagation", "gradient_checking", "train_momentum"):
        error = refusal(task, namespace[task])
        assert (error.cause, error.line[0]) == ("interrupted", "forward_propagation")
        assert namespace == before


def test_a_function_that_was_interrupted_may_be_written_anew():
    namespace = stopping("forward_propagation")
    refusal("backward_propagation", namespace["backward_propagation"])
    assert (
        namespace["forward_propagation"] in graders.INTERRUPTED.values()
    )  # or another takes its id


@pytest.mark.parametrize("place", ["Seen", "repair"])
def test_an_interrupt_in_an_explanation(place, monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    namespace = edited('math.cos(values["times3"])', 'math.sin(values["times3"])')
    before = dict(namespace)
    monkeypatch.setattr(graders, place, pressed)
    error = refusal("backward_propagation", namespace["backward_propagation"])
    assert error.cause == "interrupted"
    assert "interrupted while it looked for the mistake. dw3 is not right yet." in error.hint
    assert namespace == before


def test_an_interrupt_elsewhere(solution, monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(graders, "judge", pressed)
    error = refusal("sigmoid", solution["sigmoid"])
    assert "before it came to a verdict: run it again." in error.hint


# ------------------------------------------------------------------------------- in a real notebook


@pytest.fixture
def shell():
    """A shell as Jupyter has one, without a history file."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    shell.run_cell(definitions(), store_history=True)
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
        assert "sigmoid is right at 8 points. But the last cell with `def sigmoid`" in out
        assert "did not run: this was an older one." in out
        assert "this was an older one" in shown(shell, "graders.submission_report()", capsys)
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


@pytest.mark.skipif(sys.platform == "win32", reason="another platform: signals")
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
            assert "is there a loop that does not end?" in " ".join(text.split())
            assert "Traceback" not in text
            ended = "error" if "grader_sigmoid" in cell else "ok"
            assert reply["content"]["status"] == ended
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
