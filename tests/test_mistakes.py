"""The corpus of wrong implementations: all are refused, and told what is wrong with them."""

import itertools
import time

import numpy as np
import pytest

import graders
import mistakes
from conftest import module
from graders import GraderError
from mistakes import MISTAKES, NOTEBOOK, STYLES, spoil, wrong_sources
from styles import compose

STYLES_OF_EACH = 2
# The mistake on the left is also of the kind on the right, which is what it shows beside another.
ALSO = {
    "no-velocity": "ignores-argument",
    "rmsprop": "ignores-argument",
    "no-v": "ignores-argument",
    "ignores-argument": "updates-count",
    "nesterov": "other-start",
    "swapped-weights": "foreign-weight",
    "empty-epoch": "ends-early",
}


def verdict(task: str, source: str) -> tuple[str | None, GraderError]:
    """Return (cause, error); the test fails if the grader accepts the work."""
    work = module(source)[task]
    start = time.perf_counter()
    with pytest.raises(GraderError) as caught:
        graders.STAGES[task](work)
    assert time.perf_counter() - start < 0.3
    return caught.value.cause, caught.value


def test_the_corpus(capsys):
    """At least 95 in 100 get their cause, each in several writing styles."""
    missed, count = [], 0
    for mistake in MISTAKES:
        task, cause, *_ = mistake
        sources = list(itertools.islice(wrong_sources(mistake), STYLES_OF_EACH))
        assert len(sources) == STYLES_OF_EACH, mistake
        for source in sources:
            count += 1
            named, error = verdict(task, source)
            assert len(str(error).splitlines()) < 10
            assert bool(error.hint) == (named is not None)
            if named != cause:
                missed.append((task, cause, named))
    right = count - len(missed)
    with capsys.disabled():
        print(f"\n{len(MISTAKES)} mistakes in {count} wrong implementations: {count} are refused, ")
        print(f"{right} ({100 * right / count:.1f} %) get the cause that belongs to them")
    assert len(MISTAKES) >= 100
    assert right >= 0.95 * count, missed


def test_two_mistakes_at_once_are_never_taken_for_a_third(capsys):
    rng = np.random.default_rng(2026)
    named = 0
    for _ in range(200):
        task, source, pair = two_mistakes(rng)
        cause, error = verdict(task, source)
        allowed = {None, *(m[1] for m in pair), *(ALSO.get(m[1]) for m in pair)}
        assert cause in allowed, (pair, error)
        named += cause is not None
    with capsys.disabled():
        print(f"\nof 200 pairs of mistakes one is named in {named}, none in {200 - named}")


def two_mistakes(rng) -> tuple[str, str, tuple]:
    """Return a task, the source of a module with two mistakes in it, and the two.

    They are such as can be made in either order: neither undoes the other.
    """
    while True:
        one = MISTAKES[rng.integers(len(MISTAKES))]
        others = [m for m in MISTAKES if m[0] == one[0] and m != one]
        other = others[rng.integers(len(others))]
        source = compose(int(rng.integers(STYLES))) + NOTEBOOK
        made, unmade = (both(source, *pair) for pair in ((one, other), (other, one)))
        if made and made == unmade:
            return one[0], made, (one, other)


def both(source: str, first: tuple, second: tuple) -> str | None:
    source = spoil(source, first[0], first[2:])
    return source and spoil(source, second[0], second[2:])


def test_the_numbers_of_mistakes_are_those_of_the_corpus():
    """MISTAKEN is what `python tests/mistakes.py` prints, to the digits that are stored."""
    made = mistakes.table()
    assert made.keys() == graders.FINGERPRINTS.keys()
    for title, values in made.items():
        np.testing.assert_allclose(graders.FINGERPRINTS[title], values, rtol=6e-5, err_msg=title)


def test_the_numbers_of_mistakes_are_told_apart():
    """No two known mistakes, and no right work, have the numbers of another."""
    known = dict(graders.FINGERPRINTS)
    for i, key in enumerate(graders.FORWARD_KEYS):
        known[f"{key} right"] = graders.REFERENCE["forward_propagation"].reshape(-1, 5)[:, i]
    known["gradient_checking right"] = graders.REFERENCE["check on stand-ins"]
    for task in graders.SETTINGS:
        known[f"{task} right"] = graders.REFERENCE[f"diagnosis, {task}"].reshape(-1, 9)[-1]
    for (one, a), (other, b) in itertools.combinations(known.items(), 2):
        if one.split()[0] == other.split()[0]:
            assert not np.allclose(a, b, rtol=10 * graders.RTOL_MISTAKEN, atol=0), (one, other)


def test_every_row_of_the_tables_is_in_the_corpus():
    """A cause that no wrong implementation shows would be untested."""
    shown = {(task, cause) for task, cause, *_ in MISTAKES}
    tables = {
        "forward_propagation": graders.FORWARD_MISTAKES,
        "backward_propagation": graders.GRADIENT_MISTAKES,
        "gradient_checking": graders.CHECK_MISTAKES,
    }
    for task, table in tables.items():
        assert {cause for cause, _, _ in table if cause} <= {c for t, c in shown if t == task}, task
    of_loops = {c for t, c in shown if t in graders.SETTINGS}
    for table in (graders.LOOP_MISTAKES, graders.LOSS_MISTAKES):
        assert {cause for cause, _, _ in table if cause} <= of_loops


def test_no_sentence_gives_an_answer_away():
    """A hint names the place and the kind of mistake, in words and factors, never a line of code."""
    tables = (
        graders.FORWARD_MISTAKES + graders.GRADIENT_MISTAKES + graders.CHECK_MISTAKES
        + graders.LOOP_MISTAKES + graders.LOSS_MISTAKES
    )  # fmt: skip
    for _, _, sentence in tables:
        assert "**" not in sentence
        assert " = " not in sentence.replace("w = 0.1", "")
