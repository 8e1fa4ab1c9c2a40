"""The corpus: correct work in many styles is accepted, wrong work is refused and explained.

To save time the search runs for a part of the mistakes; `python tests/tools/quality.py` does all.
"""

import functools
import re

import pytest

import graders
from corpus import styles
from corpus.loader import Mistake, load
from helpers import (
    LOOPS,
    TASKS,
    accepts,
    faults,
    known_mistakes,
    module,
    passed,
    remembered_runs,
)
from tools import quality

STYLES = range(300)
UNUSUAL = list(load("correct/unusual.txt"))
SAMPLES = {  # files, and a step: every 14th mistake is explained
    "tuned": ("mistakes/*.txt", 14),
    "held-out": ("mistakes/held-out/*.txt", 5),
}

# ------------------------------------------------------------------------------- correct work


@pytest.mark.usefixtures("no_explanations")
@pytest.mark.parametrize("seed", STYLES)
def test_every_style_passes_every_grader(seed):
    namespace = module(styles.compose(seed))
    for task in TASKS:
        assert accepts(task, namespace[task]) is True


@pytest.mark.usefixtures("no_explanations")
@pytest.mark.parametrize("seed", STYLES[::3])
def test_a_wrong_gradient_costs_task_1_2_only(seed):
    namespace = module(styles.compose(seed))
    correct = namespace["backward_propagation"]

    @functools.wraps(correct)
    def wrong(*args, **kwargs):
        gradients = correct(*args, **kwargs)
        return {**gradients, "dw4": gradients["dw4"] * 1.5}

    namespace["backward_propagation"] = wrong
    assert passed(namespace) == set(TASKS) - {"backward_propagation"}


@pytest.mark.usefixtures("no_explanations")
@pytest.mark.parametrize("seed", STYLES[::10])
def test_unwritten_propagation_costs_its_own_stages_only(seed):
    body = r"(def forward_propagation\(.*\):\n)(?:    .*\n|\n)+"
    source, count = re.subn(body, r"\1    raise NotImplementedError()\n\n", styles.compose(seed))
    namespace = module(source)
    lost = {"forward_propagation"}
    if "slope" in namespace["backward_propagation"].__code__.co_consts:
        lost.add("backward_propagation")  # it needs extra keys, which only forward can make
    assert count == 1
    assert passed(namespace) == set(TASKS) - lost


@pytest.mark.usefixtures("no_explanations")
@pytest.mark.parametrize("number", range(len(UNUSUAL)))
def test_unusual_work_is_accepted(number):
    work = UNUSUAL[number]
    assert work.cause == "correct"
    assert accepts(work.task, module(work.source)[work.task]) is True


# --------------------------------------------------------------------------------- wrong work


def test_there_are_enough_mistakes():
    files = ("known-*.txt", "*.txt", "held-out/*.txt")
    known, tuned, held_out = (list(load(f"mistakes/{names}")) for names in files)
    assert len(known) == 291
    assert len(tuned) + len(held_out) - len(known) >= 200
    assert len(held_out) >= 50
    assert len({(m.task, m.source) for m in [*tuned, *held_out]}) == len(tuned) + len(held_out)


@pytest.mark.parametrize("part", range(8))
def test_all_mistakes_are_refused(part):
    """By every judgement, without an explanation."""
    for mistake in list(load())[part::8]:
        assert all(faults(mistake.task, module(mistake.source))), mistake


@pytest.mark.usefixtures("patient_search")
@pytest.mark.parametrize("kind", SAMPLES)
def test_explanations(kind, capsys):
    """The bounds are below what is measured: one more mistake in the corpus is no failure."""
    files, step = SAMPLES[kind]
    explained = [quality.explain(mistake) for mistake in list(load(files))[::step]]
    counts = quality.count(explained)
    with capsys.disabled():
        print(f"\n{kind}: {quality.in_words(counts)}")
    for one in explained:
        assert len(str(one.error).splitlines()) < 10, one
        assert all(len(line) < 100 for line in str(one.error).splitlines()), one
        assert "explanation failed" not in str(one.error), one
        assert bool(one.error.hint) == (one.error.cause is not None)
    assert counts["refused"] == counts["all"]
    assert counts["cause"] >= 0.7 * counts["all"]
    assert counts["shown"] >= 0.6 * counts["mutated"]
    assert counts["correct"] >= 0.7 * counts["shown"]


@pytest.mark.parametrize("part", range(2))
def test_two_mistakes_at_once(part, capsys):
    """One of the two is named or shown, or none, or an equal repair; the message always holds."""
    found = [quality.verdict_on_pair(*pair) for pair in quality.pairs(6, seed=part)]
    with capsys.disabled():
        print(f"\ntwo at once: {[verdict for verdict, _ in found]}")
    assert all(explained.error for _, explained in found)
    assert sum(verdict == "another place" for verdict, _ in found) <= 3


# ------------------------------------------------------------------------ known misconceptions


def causes_found(mistakes: list[Mistake]) -> set[str]:
    """Return the causes of remembered runs among mistakes; each must be that of its entry."""
    remembered, found = {cause for cause, _, _ in remembered_runs()}, set()
    for mistake in mistakes:
        named = known_mistakes(mistake.task, module(mistake.source))
        if mistake.cause in remembered and named:
            found.add(named[0])
            assert named[0] == mistake.cause, mistake
    return found


@pytest.mark.parametrize("files", ["*adam.txt", "known-momentum.txt"])
def test_where_the_runs_of_known_mistakes_end(files):
    """Each row of the table is in the corpus, under its cause; no two are alike."""
    remembered = {cause for cause, _, _ in remembered_runs()}
    of_momentum, of_both = {"averaged", "nesterov", "no-velocity"}, {"shared", "reset-each-epoch"}
    expected = remembered - of_momentum if "adam" in files else of_momentum | of_both
    assert causes_found(list(load(f"mistakes/{files}"))) == expected


def test_remembered_runs_are_told_apart():
    ends = remembered_runs()
    for task in LOOPS:
        w = graders.REFERENCE[f"diagnosis, {task}"].reshape(-1, 9)[-1]
        ends.append(("right", w[0], w[8]))
    for i, (_, w1, w9) in enumerate(ends):
        for _, other1, other9 in ends[:i]:
            assert abs(w1 / other1 - 1) > 1e-3 or abs(w9 / other9 - 1) > 1e-3
