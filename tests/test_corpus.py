"""The corpus: correct work in many styles is accepted, wrong work is refused and explained.

To save time the search runs for a part of the mistakes; `python tests/tools/quality.py` does all.
"""

import functools
import re

import pytest

import graders
from corpus import styles
from corpus.loader import load, load_modules
from helpers import TASKS, accepts, module, passed
from tools import oracle, quality

STYLES = range(300)
UNUSUAL = list(load("correct/unusual.txt"))
SAMPLES = {  # files, and a step: every so many mistakes one is explained
    "tuned": ("mistakes/*.txt", 60),
    "held-out": ("mistakes/held-out/*.txt", 20),
}

# ------------------------------------------------------------------------------- correct work


@pytest.mark.usefixtures("no_explanations")
@pytest.mark.parametrize("seed", STYLES)
def test_every_style_passes_every_grader(seed):
    namespace = module(styles.compose(seed))
    for task in TASKS:
        assert accepts(task, namespace[task]) is True


@pytest.mark.usefixtures("no_explanations")
@pytest.mark.parametrize("seed", STYLES[::6])
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
    assert work.causes == ("correct",)
    assert accepts(work.task, module(work.source)[work.task]) is True


# --------------------------------------------------------------------------------- wrong work
# That all of it is refused is tested in test_verdicts_seam.py, which judges the whole corpus.


def test_there_are_enough_mistakes():
    files = ("known-*.txt", "*.txt", "held-out/*.txt")
    known, tuned, held_out = (list(load(f"mistakes/{names}")) for names in files)
    assert len(known) >= 290
    assert len(tuned) + len(held_out) - len(known) >= 200
    assert len(held_out) >= 50
    assert len({(m.task, m.source) for m in [*tuned, *held_out]}) == len(tuned) + len(held_out)


def test_labels_are_causes_that_can_be_told():
    """A label that no message can have is dead."""
    for mistake in load():
        assert mistake.causes
        assert len(set(mistake.causes)) == len(mistake.causes)
    told = {cause for mistake in load() for cause in mistake.causes}
    assert len(told & graders.CAUSES) > 80


def assert_true(explained: quality.Explained) -> None:
    """Check a message: refused, short, and no cause that is not among the labels."""
    error = explained.error
    assert error, explained.mistake
    lines = str(error).splitlines()
    assert len(lines) <= graders.MOST_LINES, error
    assert max(map(len, lines)) < 100, error
    assert bool(error.hint) == (error.cause is not None)
    assert explained.verdict != "false", f"{explained.mistake.causes}: {error}"


@pytest.mark.parametrize("kind", SAMPLES)
def test_explanations(kind):
    """The bounds are below what is measured: one more mistake in the corpus is no failure."""
    files, step = SAMPLES[kind]
    explained = [quality.explain(mistake) for mistake in list(load(files))[::step]]
    for one in explained:
        assert_true(one)
    told = [one.verdict in ("named", "place") for one in explained]
    assert sum(told) >= 0.6 * len(told)


def test_reported_mistakes():
    """What was once explained falsely, or not at all."""
    for mistake in list(load_modules())[::20]:
        assert_true(quality.explain(mistake))


def test_two_mistakes_at_once(capsys):
    """One of the two is named or shown, or none, or an equal repair; the message always holds."""
    found = [quality.verdict_on_pair(*pair) for pair in quality.pairs(2, seed=0)]
    with capsys.disabled():
        print(f"\ntwo at once: {[kind for kind, _ in found]}")
    assert all(explained.error for _, explained in found)
    assert sum(kind == "another place" for kind, _ in found) <= 1


# ------------------------------------------------------------------------ known misconceptions


def test_the_ends_of_known_misconceptions_are_told_apart():
    ends = [
        (task, cause, pair)
        for task, causes in graders.MISCONCEPTIONS.items()
        for cause, pairs in causes.items()
        for pair in pairs
    ]
    ends += [(task, "", (w[-1][0], w[-1][8])) for task, w in graders.POSITIVE_WEIGHTS.items()]
    for i, (task, cause, (w1, w9)) in enumerate(ends):
        for other_task, other, (other1, other9) in ends[:i]:
            if (task, cause) != (other_task, other) and task == other_task:
                assert abs(w1 / other1 - 1) > 1e-3 or abs(w9 / other9 - 1) > 1e-3


def test_numbers_below_the_seam_are_those_of_the_oracle():
    source = open(graders.__file__, encoding="utf-8").read()
    assert oracle.tables_below_the_seam() in source
