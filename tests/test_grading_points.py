"""Grading a class: correct solutions of all styles are accepted at random points.

Calls and outcomes cross as JSON, as they do to a kernel, but here without one.
"""

import functools
import json
from collections.abc import Iterator

import numpy as np
import pytest

import isolation
import judging
import points
from corpus import loader, styles
from helpers import (
    LOOK_UP,
    TASKS,
    correct_source,
    module,
    run_grading,
    solved_functions,
    write_notebook,
)

SEEDS = range(4)
SOLUTIONS = {path.stem: path for path in sorted((loader.HERE / "correct").glob("*.py"))}
STYLES = range(1000, 1012)  # others than test_corpus.py accepts at the known points
UNUSUAL = list(loader.load("correct/unusual.txt"))


class AtHome(judging.Examined):
    """Calls the functions of a notebook in this process."""

    def __init__(self, source: str):
        self.namespace, self.sandbox = module(source), isolation.Sandbox("", 20)

    def ask(self, task: str, asked: dict, budget: str, namespace: str = "notebook") -> dict:
        request = json.dumps([task, asked | {"avoid": []}])
        return json.loads(judging.serve(self.namespace, request))


@functools.cache
def random_points(task: str) -> list[list]:
    """Return for each judgement of a task the tests at the random points of all seeds."""
    reference = AtHome(solved_functions())
    drawn = [points.random_tests(reference, task, np.random.default_rng(seed)) for seed in SEEDS]
    return [sum(tests, []) for tests in zip(*drawn, strict=True)]


def solutions() -> Iterator:
    """Yield the source of each solution, and the functions that are judged."""
    for name, path in SOLUTIONS.items():
        yield pytest.param(path.read_text(encoding="utf-8"), TASKS, id=name)
    for seed in STYLES:
        yield pytest.param(styles.compose(seed), TASKS, id=f"style {seed}")
    for number, work in enumerate(UNUSUAL):
        yield pytest.param(work.source, [work.task], id=f"unusual {number}")


@pytest.mark.parametrize(("source", "tasks"), list(solutions()))
def test_correct_work_is_accepted_at_random_points(source, tasks):
    kernel = AtHome(source)
    found = {task: judging.find_fault(kernel, task, random_points(task)) for task in tasks}
    assert found == dict.fromkeys(tasks)


HARD_CODED = f"""{LOOK_UP}
def forward_propagation(x, y, w):
    return dict(zip(graders.FORWARD_KEYS, looked_up("forward_propagation", x, y, w)))
"""


def test_stored_numbers_are_no_solution():
    task = "forward_propagation"
    kernel = AtHome(solved_functions() + HARD_CODED)
    assert judging.find_fault(kernel, task, []) is None
    assert judging.find_fault(kernel, task, random_points(task)).cause == "known-points-only"


def test_a_solution_with_arrays_of_losses_gets_all_points(tmp_path):
    """In a kernel; in some of the runs there is one loss."""
    write_notebook(tmp_path / "arrays.ipynb", correct_source("arrays"))
    done = run_grading("arrays.ipynb", "--json", "g.json", "--seed", "7", cwd=tmp_path)
    row = json.loads((tmp_path / "g.json").read_text(encoding="utf-8"))
    assert row["total"] == 100, done.stdout
    assert row["seed"] == 7


LIKE_AN_ELEMENT = """
defined = {0}
def {0}(x, y, w, *settings):
    assert y.astype(float) == y.item() and y.dtype == float and isinstance(y, float)
    return defined(x, y, w, *settings)
"""


@pytest.mark.parametrize("task", ["forward_propagation", "gradient_checking"])
def test_y_is_like_an_element_of_the_data(task):
    kernel = AtHome(solved_functions() + LIKE_AN_ELEMENT.format(task))
    assert judging.find_fault(kernel, task, []) is None
