"""Verdicts: wrong work of the corpus is refused, with and without what is below the seam."""

import ast
import sys
import types

import pytest

import graders
from corpus import styles
from corpus.loader import load
from helpers import ROOT, TASKS, module, student_of

SEAM = "# ------------------------------------ the seam -----------------------------------------\n"


@pytest.fixture(scope="module")
def upper_half() -> types.ModuleType:
    """The graders without what is below the seam."""
    source = (ROOT / "graders.py").read_text(encoding="utf-8")
    assert source.count(SEAM) == 1
    name = "graders_above_the_seam"
    upper = types.ModuleType(name)
    sys.modules[name] = upper  # dataclasses look their module up
    exec(compile(source.split(SEAM)[0], name, "exec"), vars(upper))
    yield upper
    del sys.modules[name]


def verdict_by(half: types.ModuleType, task: str, source: str) -> str:
    """Return a verdict of one half of the graders, with its fault, as text."""
    namespace = module(source)
    with half.quiet():
        verdict = half.verdict_on(half.Student(task, namespace[task], namespace))
    return repr(verdict).replace("<student ", "").split(" at 0x")[0]


@pytest.mark.parametrize("part", range(4))
def test_all_mistakes_are_refused_and_above_the_seam_with_the_same_verdict(upper_half, part):
    for mistake in list(load())[part::4]:
        whole, upper = (
            verdict_by(half, mistake.task, mistake.source) for half in (graders, upper_half)
        )
        assert whole == upper
        assert "fault=Fault(" in whole, mistake


def test_correct_work_is_accepted_above_the_seam(upper_half):
    for seed in range(20):
        namespace = module(styles.compose(seed))
        with upper_half.quiet():
            for task in TASKS:
                student = upper_half.Student(task, namespace[task], namespace)
                assert upper_half.verdict_on(student) == upper_half.Verdict()


def test_graders_print_and_raise_above_the_seam(upper_half, capsys):
    namespace = module(styles.compose(1))
    assert upper_half.grader_adam(namespace["train_adam"]) is True
    assert capsys.readouterr().out == "grader_adam: train_adam is correct.\n"
    with pytest.raises(upper_half.GraderError, match="is not correct"):
        upper_half.grader_sigmoid(lambda z: 0.5)


def test_only_one_name_from_below_the_seam_is_used_above_it():
    upper, lower = (ROOT / "graders.py").read_text(encoding="utf-8").split(SEAM)
    names = {node.name for node in ast.parse(lower).body if hasattr(node, "name")}
    called = {node.id for node in ast.walk(ast.parse(upper)) if isinstance(node, ast.Name)}
    used = {name for name in names if name in called and f" {name} = " not in upper}
    assert used == set()  # `explanation` looks for `explain` itself


def test_the_student_is_told_the_same_verdict(capsys):
    """An explanation adds words; it never turns a refusal into praise."""
    for mistake in list(load("mistakes/sigmoid.txt"))[::5]:
        student = student_of(mistake.task, module(mistake.source))
        with graders.quiet():
            assert graders.verdict_on(student).fault
        with pytest.raises(graders.GraderError):
            graders.grader_sigmoid(student.function)
