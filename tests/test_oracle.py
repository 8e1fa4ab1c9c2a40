"""Every reference value of graders.py agrees with 50 digits of mpmath."""

import numpy as np
import pytest

import graders

mp = pytest.importorskip("mpmath", reason="needs mpmath: pip install -r tests/requirements.txt")

import oracle


def agree(stored, computed, rtol) -> None:
    stored, computed = np.ravel(stored), np.array([float(value) for value in computed])
    np.testing.assert_allclose(stored, computed, rtol=rtol, atol=0)


def test_sigmoid():
    agree(graders.REFERENCE["sigmoid"], map(oracle.logistic, map(mp.mpf, graders.SIGMOID_Z)), 4e-16)


def test_forward():
    values = [value for point in oracle.points() for value in oracle.parts(*point).values()]
    agree(graders.REFERENCE["forward_propagation"], values, 1e-15)


def test_gradients():
    values = [g for point in oracle.points() for g in oracle.gradient(oracle.graph_loss, *point)]
    agree(graders.REFERENCE["backward_propagation"], values, 4e-16)


@pytest.mark.parametrize(
    ("model", "loss"), [("graph", oracle.graph_loss), ("stand-ins", oracle.stand_in_loss)]
)
class TestModels:
    def test_gradient_check(self, model, loss):
        agree(graders.REFERENCE[f"check on {model}"], oracle.checks(loss), 5e-5)

    @pytest.mark.parametrize("task", graders.SETTINGS)
    def test_loops(self, model, loss, task):
        """The last weights and the losses, to the nine decimals that are stored."""
        stored, references = graders._runs(model, task), oracle.judged_runs(loss)[task]
        assert len(stored) == len(references) == (3 if task == "train_adam" else 1)
        for (weights, losses), (right_path, right_losses) in zip(stored, references, strict=True):
            agree(weights, right_path[-1], 1e-7)
            agree(losses, right_losses, 1e-7)


@pytest.mark.parametrize("task", graders.SETTINGS)
def test_run_for_diagnosis(task):
    """Its path is the same for all right forms of a rule, and all its gradients are positive."""
    stored = graders.REFERENCE[f"diagnosis, {task}"].reshape(-1, 9)
    for path, _ in oracle.diagnosis_runs()[task]:
        agree(stored, [value for weights in path[1:] for value in weights], 1e-8)
        rows, targets, _ = graders.DIAGNOSIS
        for i, weights in enumerate(path[:-1]):
            point = oracle.exact(rows[i % 3]), oracle.mp.mpf(float(targets[i % 3])), weights
            assert min(oracle.gradient(oracle.stand_in_loss, *point)) > 0


def test_stand_ins_are_the_model_of_the_oracle():
    known = graders._StandIns({})
    for x, y, w in graders.POINTS:
        forward = known.forward(x, y, w)
        point = oracle.exact(x), oracle.mp.mpf(y), oracle.exact(w)
        agree(forward["loss"], [oracle.stand_in_loss(*point)], 1e-12)
        gradients = known.backward(x, w, forward)
        right = oracle.gradient(oracle.stand_in_loss, *point)
        agree(list(gradients.values()), right, 1e-12)


def test_numbers_of_the_original():
    """The numbers that the assignment has always had, digit for digit."""
    forward = [1.1272967040973583, 0.8417934192562146, 0.5279179387419721, 0.9298048963072919]
    forward += [-1.9285278284819143]
    gradients = [-0.22973323498702003, -0.021407614717752925, -0.005625405580266319]
    gradients += [-0.004657941222712423, -0.0010077228498574246, -0.6334751873437471]
    gradients += [-0.561941842854033, -0.04806288407316516, -1.0181044360187037]
    assert graders.REFERENCE["sigmoid"][0].tolist() == 0.8807970779778823
    assert graders.REFERENCE["forward_propagation"][:5].tolist() == forward
    assert graders.REFERENCE["backward_propagation"][:9].tolist() == gradients


def test_generic_points_hide_no_mixed_up_index():
    assert len(graders.POINTS) >= 1 + 4
    for x, y, w in graders.POINTS[1:]:
        sizes = np.abs([*x, y, *w])
        assert len(set(sizes.tolist())) == 15
        assert sizes.min() > 0.1
