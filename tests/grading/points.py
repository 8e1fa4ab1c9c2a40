"""Random points to grade at, and what is right there: what the instructor's solution gives.

The solution runs in a kernel, and is asked and judged, like a submission.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from sandbox import Kernel

import graders  # isort: skip - found by `sandbox`
from graders import Experiment  # isort: skip

SIZES = (2, 5), (4, 1), (5, 4), (6, 2)  # of runs at random points: rows and epochs


def experiments_like(
    kernel: Kernel, model: Experiment, rng: np.random.Generator
) -> list[Experiment]:
    """Return experiments like `model` at random points where rounding makes no difference."""
    task, checks = model.task, model.task == "gradient_checking"
    while True:
        experiments = []
        for number, arguments in enumerate(draw_all(task, rng)):
            if task == "backward_propagation":
                forward = Experiment("forward_propagation", arguments)
                arguments = [*arguments, [*numbers_of(kernel, [forward])[0].values()]]
            spoil = rng.choice(9, 3, replace=False).tolist() if checks and number % 2 else []
            fresh = Experiment(task, arguments, "at a random point", stand_ins=model.stand_ins)
            change = {"spoil": spoil, "how": "has the wrong sign", "rtol": 0.01 if checks else 1e-5}
            experiments.append(dataclasses.replace(fresh, **change))
        near = [dataclasses.replace(e, arguments=nudge(e.arguments)) for e in experiments]
        rights, beside = numbers_of(kernel, experiments), numbers_of(kernel, near)
        numbers = [[v for right in of for v in right.values()] for of in (rights, beside)]
        if np.allclose(*numbers, rtol=1e-7, atol=1e-12):
            for experiment, right in zip(experiments, rights):
                experiment.right = [right]
            return experiments


def numbers_of(kernel: Kernel, experiments: list[Experiment]) -> list[dict[str, float]]:
    """Return the numbers that the notebook's function gives in experiments, by their names."""
    task = experiments[0].task
    outcomes = kernel.perform(task, experiments)
    return [graders._values(task, outcome.result) for outcome in outcomes]


def draw_all(task: str, rng: np.random.Generator) -> list[list]:
    """Return the arguments of four calls, which together show every branch of the mathematics."""
    while True:
        drawn = [draw(task, rng, *size) for size in SIZES]
        seen = np.concatenate([signs(arguments) for arguments in drawn])
        if (seen.min(axis=0) < 0).all() and (seen.max(axis=0) > 0).all():
            return drawn


def draw(task: str, rng: np.random.Generator, rows: int, epochs: int) -> list:
    """Return random arguments of a task: [z], or [x, y, w, ...], or [X, y, w, epochs, ...]."""

    def numbers(*shape: int) -> np.ndarray:
        sizes = rng.uniform(0.2, 0.9, shape)
        if shape[-1] > 4:  # x or w
            sizes[..., 2] += 0.8  # so that w3·x3 goes beyond π/2
        return sizes * rng.choice([-1.0, 1.0], shape)

    if task == "sigmoid":
        return [float(rng.choice([6, 30, 600]) * rng.uniform(-1, 1))]
    if not task.startswith("train_"):
        point = [numbers(5).tolist(), float(rng.normal()), numbers(9).tolist()]
        return [*point, float(rng.uniform(5e-4, 2e-3))] if task == "gradient_checking" else point
    settings = [epochs, *rng.uniform([0.01, 0.5, 0.8], [0.04, 0.9, 0.98]).tolist(), 1e-12]
    many = {"train_vanilla": 2, "train_momentum": 3, "train_adam": 5}[task]
    return [
        numbers(rows, 5).tolist(),
        numbers(rows, 1)[:, 0].tolist(),
        numbers(9).tolist(),
        *settings[:many],
    ]


def signs(arguments: list) -> np.ndarray:
    """Return, for each data point in arguments, the numbers whose signs are branches of the graph."""
    if len(arguments) == 1:
        return np.array([arguments])
    x, y, w = np.atleast_2d(arguments[0]), *map(np.array, arguments[1:3])
    first, angle, second = x[:, :2] @ w[:2], w[2] * x[:, 2], x[:, 3:] @ w[3:5]
    tanh = np.tanh(np.exp(first**2 + w[5]) + w[6])
    output = tanh + w[8] / (1 + np.exp(-np.sin(angle) * second - w[7]))
    return np.stack([first, np.cos(angle), np.sin(angle), second, tanh, y - output], axis=1)


def nudge(arguments: list) -> list:
    """Return arguments whose arrays are off by a part in 10^12."""
    return [(np.array(a) * (1 + 1e-12)).tolist() if isinstance(a, list) else a for a in arguments]
