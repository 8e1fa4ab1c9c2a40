"""Every number in graders.py agrees with 50 digits of mpmath, and the points show all they must."""

import itertools

import numpy as np
import pytest

import graders
from helpers import LOOPS, graders_output, graders_passes
from tools import oracle


def agree(stored, computed, rtol) -> None:
    stored, computed = np.ravel(stored), np.array([float(value) for value in computed])
    np.testing.assert_allclose(stored, computed, rtol=rtol, atol=0)


def test_numbers_are_those_of_the_oracle():
    assert graders.NUMBERS.strip() == oracle.tables()


@pytest.mark.parametrize("task", LOOPS)
def test_run_for_diagnosis(task):
    """Its path is the same for all correct forms of a rule, and all its gradients are positive."""
    stored = graders.REFERENCE[f"diagnosis, {task}"].reshape(-1, 9)
    for path, _ in oracle.diagnosis_runs()[task]:
        known = [value for weights in (*path[1:3], path[-1]) for value in weights]
        agree(stored, known, graders.RTOL_DIAGNOSIS)
        rows, targets, _ = graders.DIAGNOSIS
        for i, weights in enumerate(path[:-1]):
            point = oracle.exact(rows[i % 3]), oracle.mp.mpf(float(targets[i % 3])), weights
            assert min(oracle.gradient(oracle.stand_in_loss, *point)) > 0


@pytest.mark.parametrize("model", oracle.LOSSES)
def test_the_loss_rises_in_every_judged_run(model):
    """So a loop that stops when it rises is refused; and it falls, too."""
    for runs in oracle.judged_runs(model).values():
        for _, losses in runs:
            steps = [after - before for before, after in itertools.pairwise(losses)]
            assert len(losses) == graders.EPOCHS
            assert steps[0] > 0


def test_the_graders_passes_are_the_model_of_the_oracle():
    forward_propagation, backward_propagation = graders_passes()
    for x, y, w in graders.POINTS:
        forward = forward_propagation(x, y, w)
        point = oracle.exact(x), oracle.mp.mpf(y), oracle.exact(w)
        agree(forward["loss"], [oracle.stand_in_loss(*point)], 1e-12)
        gradients = backward_propagation(x, w, forward)
        agree(list(gradients.values()), oracle.gradient(oracle.stand_in_loss, *point), 1e-12)


def test_the_graders_passes_are_not_symmetric():
    """Every change of a sign in a student's call of them is visible."""
    for x, _, w in graders.POINTS:
        outputs = [graders_output(x, np.multiply(sign, w).tolist()) for sign in (1, -1)]
        assert abs(outputs[0] - outputs[1]) > 0.1


def test_numbers_of_the_original():
    """The numbers that the assignment has always had."""
    forward = [1.1272967040973583, 0.8417934192562146, 0.5279179387419721, 0.9298048963072919]
    forward += [-1.9285278284819143]
    gradients = [-0.22973323498702003, -0.021407614717752925, -0.005625405580266319]
    gradients += [-0.004657941222712423, -0.0010077228498574246, -0.6334751873437471]
    gradients += [-0.561941842854033, -0.04806288407316516, -1.0181044360187037]
    agree(graders.REFERENCE["sigmoid"][:1], [0.8807970779778823], 1e-12)
    agree(graders.REFERENCE["forward_propagation"][:5], forward, 1e-12)
    agree(graders.REFERENCE["backward_propagation"][:9], gradients, 1e-12)


def test_generic_points_hide_no_swapped_index():
    assert len(graders.POINTS) >= 1 + 4
    for x, y, w in graders.POINTS[1:]:
        sizes = np.abs([*x, y, *w])
        assert len(set(sizes.tolist())) == 15
        assert sizes.min() > 0.1


@pytest.mark.parametrize("points", [graders.POINTS, graders.POINTS[1:]])
def test_points_show_every_branch_of_the_mathematics(points):
    """Values of either sign have both, so that an absolute value or a lost sign is visible."""
    seen = []
    for x, y, w in points:
        _, tanh, sigmoid, *_ = (float(v) for v in oracle.parts(x, y, w).values())
        angle, output = w[2] * x[2], tanh + w[8] * sigmoid
        sums = w[0] * x[0] + w[1] * x[1], w[3] * x[3] + w[4] * x[4]
        seen.append([np.cos(angle), np.sin(angle), tanh, *sums, y - output])
    assert (np.max(seen, axis=0) > 0.05).all()
    assert (np.min(seen, axis=0) < -0.05).all()


def test_the_settings_of_the_graders_are_unlike_any_defaults():
    """A hard-coded eps, rate or decay differs from every setting that the graders try."""
    usual = {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 0.01, 0.02, 0.1, 0.9, 0.95, 0.99, 0.999, 100}
    assert not {graders.CHECK_EPS, *graders.SMALL_EPS} & usual
    for model in ("graph", "stand-ins"):
        for epochs, *settings in graders.SETTINGS[model].values():
            assert not {epochs, *settings[:3]} & usual
