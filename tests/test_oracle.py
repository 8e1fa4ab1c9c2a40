"""Consistency: stored numbers agree with 50 digits of mpmath, and points show what they must."""

import itertools
import re

import numpy as np
import pytest

import graders
from graders import GRADERS, OWN
from helpers import ROOT, graders_passes
from tools import oracle


def agree(stored, computed, rtol) -> None:
    stored, computed = np.ravel(stored), np.array([float(value) for value in computed])
    np.testing.assert_allclose(stored, computed, rtol=rtol, atol=0)


def test_numbers_are_those_of_the_oracle():
    source = (ROOT / "graders.py").read_text(encoding="utf-8")
    (stored,) = re.findall(r"^# fmt: off\n+(SIGMOID_VALUES.*?)^# fmt: on$", source, re.M | re.S)
    assert stored.strip() == oracle.tables()


@pytest.mark.parametrize("whose", [OWN, GRADERS])
def test_the_loss_rises_and_falls_in_every_run(whose):
    """So a loop that stops when it rises is refused; in the second run it hardly changes."""
    for first, second in oracle.runs(whose).values():
        for _, losses in first:
            assert losses[1] > losses[0] + 0.01
            assert losses[2] < losses[1] - 0.01
        for _, losses in second:
            assert len(losses) > 1
            assert max(abs(a - b) for a, b in itertools.pairwise(losses)) < 1e-8


def test_the_graders_own_passes_are_the_model_of_the_oracle():
    forward_propagation, backward_propagation = graders_passes()
    for x, y, w in graders.POINTS:
        forward = forward_propagation(x, y, w)
        point = oracle.exact(x), oracle.mp.mpf(y), oracle.exact(w)
        agree(forward["loss"], [oracle.small_model_loss(*point)], 1e-12)
        gradients = backward_propagation(x, w, forward)
        agree(list(gradients.values()), oracle.gradient(oracle.small_model_loss, *point), 1e-12)


def test_the_graders_own_passes_are_not_symmetric():
    """A lost sign changes their output."""
    for x, _, w in graders.POINTS:
        outputs = [graders.small_model(x, np.multiply(sign, w).tolist())[0] for sign in (1, -1)]
        assert abs(outputs[0] - outputs[1]) > 0.1


def test_the_graders_own_sigmoid_is_the_oracles():
    for z in graders.SIGMOID_Z:
        agree(graders.softsign(z), [oracle.softsign(oracle.mp.mpf(z))], 1e-15)
        assert z == 0 or abs(graders.softsign(z) - float(oracle.logistic(oracle.mp.mpf(z)))) > 1e-3


def test_numbers_of_the_original():
    """The numbers that the assignment has always had."""
    forward = [1.1272967040973583, 0.8417934192562146, 0.5279179387419721, 0.9298048963072919]
    forward += [-1.9285278284819143]
    gradients = [-0.22973323498702003, -0.021407614717752925, -0.005625405580266319]
    gradients += [-0.004657941222712423, -0.0010077228498574246, -0.6334751873437471]
    gradients += [-0.561941842854033, -0.04806288407316516, -1.0181044360187037]
    values = graders.FORWARD_VALUES[OWN][0]
    agree(graders.SIGMOID_VALUES[:1], [0.8807970779778823], 1e-12)
    agree([values[key] for key in graders.FORWARD_KEYS], forward, 1e-12)
    agree(graders.GRADIENTS[OWN][0], gradients, 1e-12)


def test_no_index_can_be_swapped_unnoticed():
    assert len(graders.POINTS) >= 1 + 4
    for x, y, w in graders.POINTS[1:]:
        sizes = np.abs([*x, y, *w])
        assert len(set(sizes.tolist())) == 15
        assert sizes.min() > 0.1


@pytest.mark.parametrize("points", [graders.POINTS, graders.POINTS[1:]])
def test_points_show_every_branch_of_the_mathematics(points):
    """What can have two signs has both, so an absolute value or a lost sign is detected."""
    seen = []
    for x, y, w in points:
        values = {name: float(v) for name, v in oracle.nodes(x, oracle.mp.mpf(y), w).items()}
        names = ("sin", "tanh", "sum12", "sum45")
        seen.append([np.cos(values["times3"]), *(values[n] for n in names), y - values["y_pred"]])
    assert (np.max(seen, axis=0) > 0.05).all()
    assert (np.min(seen, axis=0) < -0.05).all()


def test_the_graders_settings_are_no_usual_defaults():
    """A hard-coded eps, rate or decay differs from what the graders try."""
    usual = {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 0.01, 0.02, 0.1, 0.9, 0.95, 0.99, 0.999, 100}
    assert not {graders.CHECK_EPS, *graders.SMALL_EPS} & usual
    for settings_of in graders.SETTINGS.values():
        for epochs, *settings in settings_of.values():
            assert not {epochs, *settings[:3]} & usual
