"""Verdicts: exact where work is unusual, whatever ran before, in every stage by itself."""

import re
import sys
import types

import numpy as np
import pytest

import graders
from graders import GRADERS, OWN, Fault, Student, Verdict
from helpers import ROOT, module, solved_functions
from tools import mutation

FORMULAS = (ROOT / "tests" / "corpus" / "correct" / "formulas.py").read_text(encoding="utf-8")
LOOPS = ("train_vanilla", "train_momentum", "train_adam")


def verdict(task: str, source: str, base: str = FORMULAS) -> Verdict:
    """Return the verdict on a function, in a notebook whose other functions are correct."""
    namespace = module(f"{base}\n\n{source}")
    with graders.quiet():
        return graders.verdict_on(Student(task, namespace[task], namespace))


def refused(task: str, source: str, base: str = FORMULAS) -> Fault:
    fault = verdict(task, source, base).fault
    assert fault is not None
    return fault


# ----------------------------------------------------------------------------- forms of results


@pytest.mark.parametrize("epochs", [1, 2])
@pytest.mark.parametrize("form", ["np.array(losses)", "tuple(losses)", "np.array(losses)[:, None]"])
def test_the_form_of_losses_does_not_depend_on_their_number(epochs, form):
    source = "inner = train_vanilla\ndef train_vanilla(*given):\n    w, losses = inner(*given)\n"
    namespace = module(f"{FORMULAS}\n{source}    return w, {form}")
    arguments = (*map(list, graders.run_arguments("train_vanilla")[:3]), epochs, 0.1)
    call = graders.Call("train_vanilla", arguments)
    with graders.quiet():
        outcome = graders.perform(call, Student("train_vanilla", namespace["train_vanilla"]))
    assert [type(part) for part in outcome.result] == [list, list]
    assert len(outcome.result[1]) == epochs


def test_one_number_in_a_tuple_is_not_a_number():
    assert (
        refused("sigmoid", "def sigmoid(z):\n    return 1 / (1 + np.exp(-z)),").cause
        == "wrong-type"
    )
    source = "def sigmoid(z):\n    return np.array([1 / (1 + np.exp(-z))])"
    assert verdict("sigmoid", source) == Verdict()


# ------------------------------------------------------------------------------ gradient checking

CHECK = """
def gradient_checking(x, y, w, eps=1e-7):
    gradients = backward_propagation(x, w, forward_propagation(x, y, w))
    dW = np.array([gradients["dw%d" % k] for k in range(1, 10)], dtype=float)
    dW_approx = np.zeros(9)
    for i in range(9):
        step = np.zeros(9)
        step[i] = eps
        up = forward_propagation(x, y, w + step)["loss"]
        dW_approx[i] = (up - forward_propagation(x, y, w - step)["loss"]) / (2 * eps)
    norm = np.linalg.norm
    return norm(dW - dW_approx) / (DENOMINATOR)
"""
DENOMINATORS = {
    "norm(dW) + norm(dW_approx)": True,
    "2 * norm(dW)": False,
    "2 * norm(dW_approx)": False,
    "norm(dW + dW)": False,
    "norm(dW + dW_approx)": False,
    "2 * max(norm(dW), norm(dW_approx))": False,
    "2 * min(norm(dW), norm(dW_approx))": False,
    "np.sqrt(2 * (norm(dW) ** 2 + norm(dW_approx) ** 2))": False,
    "2 * np.sqrt(norm(dW) * norm(dW_approx))": False,
}


@pytest.mark.parametrize("denominator", DENOMINATORS)
def test_denominators(denominator):
    found = verdict("gradient_checking", CHECK.replace("DENOMINATOR", denominator))
    assert (found == Verdict()) == DENOMINATORS[denominator]


# ----------------------------------------------------------------------------------------- loops

VANILLA = """
def train_vanilla(X, y, w, epochs=100, lr=0.001):
    w, losses = np.array(w, dtype=float), []
    for epoch in range(epochs):
        total = 0.0
        for row, target in zip(X, y):
            values = forward_propagation(row, target, w)
            gradients = backward_propagation(row, w, values)
            total += values["loss"]
            step = np.array([gradients["dw%d" % k] for k in range(1, 10)], dtype=float)
            w = w - lr * step
        losses.append(total / len(X))
    return w, losses
"""
RECORD = "losses.append(total / len(X))"
STOP = f"{RECORD}\n        if epoch and CONDITION:\n            break"
RISES, RESTS = "losses[-1] > losses[-2]", "abs(losses[-1] - losses[-2]) < 1e-6"
BEST = f"{RECORD}\n        best = w if losses[-1] == min(losses) else best"
SHUFFLED = "in [(X[i], y[i]) for i in np.random.default_rng(0).permutation(len(X))]"
LOOP_EDITS = [  # what is wrong although a run with as many points as epochs does not show it
    ("total / len(X)", "total / epochs"),
    ("total / len(X)", "total / 9"),
    ("total / len(X)", "total / 5"),
    ("in range(epochs)", "in X"),
    ("in range(epochs)", "in range(9)"),
    ("in zip(X, y)", "in zip(X[:epochs], y)"),
    ("in zip(X, y)", "in zip(X[:5], y)"),
    ("in zip(X, y)", SHUFFLED),
    (RECORD, STOP.replace("CONDITION", RISES)),
    (RECORD, STOP.replace("CONDITION", RESTS)),
    (f"{RECORD}\n    return w", f"{BEST}\n    return best"),
    ("w - lr * step", "w - lr * step.reshape(1, 9)"),
    ("w - lr * step", "w - lr * step.reshape(9, 1)"),
    ("w - lr * step", "w - np.full((1, 1), lr * step[0])"),
]


def test_the_loop_that_is_edited_is_correct():
    assert verdict("train_vanilla", VANILLA) == Verdict()


@pytest.mark.parametrize(("old", "new"), LOOP_EDITS)
def test_wrong_loops(old, new):
    assert old in VANILLA
    refused("train_vanilla", VANILLA.replace(old, new))


def test_runs_have_different_numbers_of_everything():
    for number in range(2):
        X, y, w, epochs, *_ = graders.run_arguments("train_vanilla", number)
        assert len(X) == len(y)
        assert len({len(X), epochs, len(w), X.shape[1] + number}) == 4
    assert len(graders.ROWS) > 5


# --------------------------------------------------------------------------------------- sigmoid

SIGMOIDS = [  # a wrong function that agrees with sigmoid in a part of the line
    "0.0 if z < -20 else 1 / (1 + np.exp(-z))",
    "0.0 if z < -25 else 1 / (1 + np.exp(-z))",
    "1.0 if z > 20 else 1 / (1 + np.exp(-z))",
    "1 / (1 + np.exp(-np.clip(z, -20, 20)))",
    "1 / (1 + np.exp(-z)) if z >= 1 or z < 0 else 0.6",
    "1 / (1 + np.exp(-z)) if z >= 0.5 else np.exp(z) / (1 + np.exp(z)) + (z > 0) * 1e-3",
    "1 / (1 + np.exp(-z)) if z <= -0.5 or z >= 0 else 0.5 + z / 4",
]


@pytest.mark.parametrize("formula", SIGMOIDS)
def test_wrong_parts_of_sigmoid(formula):
    refused("sigmoid", f"def sigmoid(z):\n    return {formula}")


def test_sigmoid_is_tested_on_both_sides_of_where_solutions_branch():
    numbers = np.array(graders.SIGMOID_Z)
    for border in (0, 0.5, -0.5, 1, -1, 20, -20):
        assert ((numbers > border - 1.2) & (numbers < border)).any()
        assert ((numbers > border) & (numbers < border + 1.2)).any()


# ------------------------------------------------------------------------- what outlives the call

MOMENTUM = "def train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95):"
KEPT = {  # what is kept: the lines that begin the function, and the one that updates v
    "a default argument": (
        MOMENTUM.replace("0.95", "0.95, v=np.zeros(9)"),
        "v[:] = gamma * v + lr * step",
    ),
    "a global variable": (
        f"v = np.zeros(9)\n{MOMENTUM}\n    global v",
        "v = gamma * v + lr * step",
    ),
    "a class attribute": (
        f"class State:\n    v = np.zeros(9)\n{MOMENTUM}",
        "v = State.v = gamma * State.v + lr * step",
    ),
}


@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("calls_before", [0, 2])
def test_state_that_outlives_the_call(kept, calls_before):
    task, (head, update) = "train_momentum", KEPT[kept]
    body = VANILLA.split(":\n", 1)[1].replace(
        "w = w - lr * step", f"{update}\n            w = w - v"
    )
    namespace = module(f"{FORMULAS}\n{head}\n{body}")
    for _ in range(calls_before):  # the state is not as it was when the cell ran
        namespace[task](*graders.run_arguments(task))
    with graders.quiet():
        found = graders.verdict_on(Student(task, namespace[task], namespace))
    assert found.fault.cause == "outlives-the-call"


COUNTED = """
inner, calls = TASK, [0]

def TASK(*given):
    calls[0] += 1
    return RESULT
"""
COUNTING = {  # what a function returns that counts its calls
    "sigmoid": "inner(*given) + 1e-3 * (calls[0] > 21)",
    "forward_propagation": "{**inner(*given), 'loss': 1.0 * calls[0]}",
    "backward_propagation": "{**inner(*given), 'dw9': 1.0 * calls[0]}",
    "gradient_checking": "inner(*given) * calls[0]",
}


def counting(task: str) -> str:
    return COUNTED.replace("TASK", task).replace("RESULT", COUNTING[task])


@pytest.mark.parametrize("task", COUNTING)
def test_state_of_the_others(task):
    assert refused(task, counting(task)).cause == "outlives-the-call"


def test_state_in_a_pass_costs_no_loop():
    namespace = module(f"{FORMULAS}\n{counting('backward_propagation')}")
    for task in ("gradient_checking", *LOOPS):
        with graders.quiet():
            assert not graders.verdict_on(Student(task, namespace[task], namespace)).fault


# -------------------------------------------------------------------- each stage stands on its own

BROKEN_SIGMOIDS = {
    "missing": "del sigmoid",
    "not written": "def sigmoid(z):\n    raise NotImplementedError()",
    "wrong": "def sigmoid(z):\n    return 1 / (1 + np.exp(z))",
    "returns nothing": "def sigmoid(z):\n    1 / (1 + np.exp(-z))",
    "a tuple": "def sigmoid(z):\n    return 1 / (1 + np.exp(-z)),",
}


@pytest.mark.parametrize("base", ["formulas", "capitals", "dicts", "helpers", "steps", "compact"])
@pytest.mark.parametrize("broken", BROKEN_SIGMOIDS)
def test_a_broken_sigmoid_costs_its_own_points_only(broken, base):
    source = (ROOT / "tests" / "corpus" / "correct" / f"{base}.py").read_text(encoding="utf-8")
    namespace = module(f"{source}\n{BROKEN_SIGMOIDS[broken]}")
    with graders.quiet():
        for task in list(graders.TASKS)[1:]:
            assert not graders.verdict_on(Student(task, namespace[task], namespace)).fault


FORWARDS = {
    "missing": "del forward_propagation",
    "raises": "def forward_propagation(x, y, w):\n    return {'sum12': 1 / 0}",
    "not written": "def forward_propagation(x, y, w):\n    raise NotImplementedError()",
}
READS_NODES = """
def backward_propagation(x, w, f):
    dy, tanh, sig = f["dy_pr"], f["tanh"], f["sigmoid"]
    d6 = dy * (1 - tanh**2) * f["exp"]
    d8 = dy * w[8] * sig * (1 - sig)
    return {
        "dw1": d6 * 2 * f["sum12"] * x[0], "dw2": d6 * 2 * f["sum12"] * x[1],
        "dw3": d8 * f["sum45"] * np.cos(f["times3"]) * x[2],
        "dw4": d8 * f["sin"] * x[3], "dw5": d8 * f["sin"] * x[4],
        "dw6": d6, "dw7": dy * (1 - tanh**2), "dw8": d8, "dw9": dy * sig,
    }
"""


@pytest.mark.parametrize("forward", FORWARDS)
def test_nodes_of_the_graph_are_known_without_a_forward_pass(forward):
    assert not verdict("backward_propagation", f"{READS_NODES}\n{FORWARDS[forward]}").fault


SUPPLIERS = {
    "missing": "your forward_propagation is not defined",
    "raises": "your forward_propagation raises ZeroDivisionError",
    "not written": "your forward_propagation raises NotImplementedError",
}


@pytest.mark.parametrize("forward", FORWARDS)
def test_a_message_says_which_function_has_to_supply_a_key(forward):
    source = READS_NODES.replace('f["sum12"]', 'f["inner"]')
    fault = refused("backward_propagation", f"{source}\n{FORWARDS[forward]}")
    assert fault.cause == "raised: no such key"
    assert "reads the key 'inner'" in graders.sentence_of(fault)
    assert SUPPLIERS[forward] in graders.sentence_of(fault)


def test_a_key_that_forward_does_not_return():
    source = READS_NODES.replace('f["sum12"]', 'f["inner"]')
    fault = refused("backward_propagation", source)
    assert "and your forward_propagation does not return 'inner'" in graders.sentence_of(fault)


OWN_FORMATS = {  # a backward pass that is wrong, in a form that no loop can use
    "keys from 0": "return {'dw%d' % (k - 1): d['dw%d' % k] for k in range(1, 10)}",
    "other keys": "return {'dW%d' % k: d['dw%d' % k] for k in range(1, 10)}",
    "a list": "return list(d.values())",
    "arrays": "return {key: np.full((1, 1), value) for key, value in d.items() if key != 'dw9'}",
    "nothing": "pass",
}


@pytest.mark.parametrize("form", OWN_FORMATS)
@pytest.mark.parametrize("base", ["formulas", "arrays", "dicts", "steps"])
def test_the_format_of_a_broken_pass_costs_no_loop(form, base):
    source = (ROOT / "tests" / "corpus" / "correct" / f"{base}.py").read_text(encoding="utf-8")
    wrong = "inner = backward_propagation\n\ndef backward_propagation(x, w, f):\n"
    wrong += f"    d = inner(x, w, f)\n    {OWN_FORMATS[form]}"
    namespace = module(f"{source}\n{wrong}")
    with graders.quiet():
        for task in ("gradient_checking", *LOOPS):
            assert not graders.verdict_on(Student(task, namespace[task], namespace)).fault, task


# --------------------------------------------------------------------------- where functions live


def test_functions_from_a_module_of_ones_own(monkeypatch):
    """What is not in the module is looked up in the notebook that calls the grader."""
    mine = types.ModuleType("mine")
    exec(f"import numpy as np\n{READS_NODES.replace('sum12', 'inner')}", vars(mine))
    monkeypatch.setitem(sys.modules, "mine", mine)
    forward = "inner = forward_propagation\ndef forward_propagation(x, y, w):\n"
    forward += "    return {**inner(x, y, w), 'inner': w[0] * x[0] + w[1] * x[1]}\n"
    source = f"{FORMULAS}\n{forward}\nfrom mine import backward_propagation\nimport graders\n"
    namespace = module(source)
    exec("agreed = graders.grader_backprop(backward_propagation)", namespace)
    assert namespace["agreed"] is True


def test_passes_from_a_module_of_ones_own_are_replaced(monkeypatch):
    mine = types.ModuleType("mine")
    exec(FORMULAS.replace("* sig *", "* 2 * sig *"), vars(mine))  # its backward pass is wrong
    monkeypatch.setitem(sys.modules, "mine", mine)
    names = "sigmoid, forward_propagation, backward_propagation, train_vanilla"
    namespace = module(f"from mine import {names}\nimport graders\n")
    exec("agreed = graders.grader_vanilla(train_vanilla)", namespace)
    assert namespace["agreed"] is True


# --------------------------------------------------------------- judging again, judging purely


def test_verdicts_do_not_depend_on_earlier_ones():
    namespace = module(solved_functions())
    with graders.quiet():
        found = [
            graders.verdict_on(Student(task, namespace[task], namespace))
            for task in [*graders.TASKS, *reversed(graders.TASKS)]
        ]
    assert found == [Verdict()] * 14


def test_checking_is_pure():
    """No student, no words: the same call, expectation and outcome give an equal fault."""
    call, expect = graders.judgements("train_adam")[0][0]
    outcome = graders.Outcome(result=[[0.5] * 9, [1.0, 2.0, 3.0]])
    one, other = (graders.check(call, expect, outcome) for _ in range(2))
    assert one == other
    assert one.cause == "weights"
    with pytest.raises(AttributeError):
        one.cause = "another"


def test_what_crosses_to_another_process_holds_nothing_that_is_expected():
    names = set(graders.Call.__dataclass_fields__)
    assert names == {"task", "arguments", "passes", "corrupt", "how"}
    for task in graders.TASKS:
        for tests in graders.judgements(task):
            for call, expect in tests:
                numbers = [v for form in expect.any_of for v in form.values() if abs(v) < 0.99]
                given = re.findall(r"-?\d+\.\d{6,}", repr(call.arguments[:3]))
                assert not {repr(v) for v in numbers} & set(given)


def test_the_grader_passes_are_those_of_two_models():
    assert {call.passes for tests in graders.judgements("train_adam") for call, _ in tests} == {
        OWN, GRADERS, graders.PLAIN,
    }  # fmt: skip


# ------------------------------------------------------------------------------------- mutation


@pytest.mark.parametrize("seed", range(3))
def test_no_mutant_is_accepted_that_differs(seed):
    """`python tests/tools/mutation.py 20000` tries more."""
    counts, faults = mutation.survey(100, seed)
    assert faults == []
    assert counts["refused"] > 80
