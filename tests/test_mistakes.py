"""The corpus of wrong implementations: all are refused, and told what is wrong with them, and where.

To save time the searching is done for a part of them; `python tests/tools/quality.py` does all.
"""

import pytest

import graders
from corpus.loader import load
from helpers import module
from tools import quality as figures

KINDS = {"near": ("mistakes/*.txt", 14), "apart": ("mistakes/held-out/*.txt", 5)}


def test_there_are_enough_of_them():
    files = ("known-*.txt", "*.txt", "held-out/*.txt")
    known, near, apart = (list(load(f"mistakes/{names}")) for names in files)
    assert len(known) == 291
    assert len(near) + len(apart) - len(known) >= 200
    assert len(apart) >= 50
    assert len({(m.task, m.source) for m in [*near, *apart]}) == len(near) + len(apart)


@pytest.mark.parametrize("part", range(8))
def test_all_are_refused(part):
    """By the judge, without a search."""
    for mistake in list(load())[part::8]:
        student = graders.Student(mistake.task, module(mistake.source)[mistake.task])
        with graders.quiet():
            for experiments in graders.judgements(mistake.task):
                outcomes = (graders.perform(e, student) for e in experiments)
                assert graders.judge(experiments, outcomes), mistake


@pytest.mark.parametrize("kind", KINDS)
def test_what_they_are_told(kind, capsys):
    """The bounds leave room for a slow machine, on which more searches run out of time."""
    files, step = KINDS[kind]
    told = [figures.tell(mistake) for mistake in list(load(files))[::step]]
    counts = figures.count(told)
    with capsys.disabled():
        print(f"\n{kind}: {figures.in_words(counts)}")
    for one in told:
        assert len(str(one.error).splitlines()) < 10, one
        assert all(len(line) < 100 for line in str(one.error).splitlines()), one
        assert "explanation failed" not in str(one.error), one
        assert bool(one.error.hint) == (one.error.cause is not None)
    assert counts["refused"] == counts["all"]
    assert counts["cause"] >= 0.7 * counts["all"]
    assert counts["shown"] >= 0.6 * counts["spoilt"]
    assert counts["right"] >= 0.7 * counts["shown"]


@pytest.mark.parametrize("part", range(2))
def test_two_mistakes_at_once(part, capsys):
    """One of the two is named or shown, or none, or an equal repair; the message always holds."""
    found = [figures.verdict_on_pair(*pair) for pair in figures.pairs(6, seed=part)]
    with capsys.disabled():
        print(f"\ntwo at once: {[verdict for verdict, _ in found]}")
    assert all(told.error for _, told in found)
    assert sum(verdict == "another place" for verdict, _ in found) <= 3


@pytest.mark.parametrize("files", ["*adam.txt", "known-momentum.txt"])
def test_where_the_runs_of_known_mistakes_end(files):
    """Each row of the table is in the corpus, under its cause; no two are alike."""
    causes, seen = {cause for cause, _, _ in graders._REMEMBERED}, set()
    for mistake in load(f"mistakes/{files}"):
        student = graders.Student(mistake.task, module(mistake.source)[mistake.task])
        with graders.quiet():
            look = graders.Seen(student, graders.judgements(mistake.task)[1])
        named = [cause for cause, evidence, _ in graders.LOOP_MISTAKES if evidence(look)]
        if mistake.cause in causes and named:
            seen.add(named[0])
            assert named[0] == mistake.cause, mistake
    momentum = {"averaged", "nesterov", "no-velocity"}
    both = {"shared", "reset-each-epoch"}
    assert seen == (causes - momentum if "adam" in files else momentum | both)


def test_remembered_runs_are_told_apart():
    pairs = [
        (cause, *map(float, pair))
        for cause, _, numbers in graders._REMEMBERED
        for pair in zip(numbers.split()[::2], numbers.split()[1::2])
    ]
    right = [graders.REFERENCE[f"diagnosis, {task}"].reshape(-1, 9)[-1] for task in graders.LOOPS]
    pairs += [("right", w[0], w[8]) for w in right]
    for i, (_, w1, w9) in enumerate(pairs):
        for _, other1, other9 in pairs[:i]:
            assert abs(w1 / other1 - 1) > 1e-3 or abs(w9 / other9 - 1) > 1e-3
