"""Random points to grade at, and what is expected there: what the instructor's solution gives.

The solution runs in a kernel, and is called and judged, like a submission.
"""

from __future__ import annotations

import numpy as np

from sandbox import Kernel

from graders import (  # isort: skip - found by `sandbox`
    NODES,
    PLAIN,
    RTOL_CHECK,
    TASKS,
    Call,
    Expect,
    Outcome,
    Test,
    judgements,
)

SIZES = ((2, 5), (4, 1), (5, 4), (6, 2))  # of runs at random points: rows and epochs
CORRUPT = {
    1: "has the wrong sign",
    3: "is 3 times too large",
}  # gradients, in which call of a check
RTOL_RANDOM = 1e-5  # the reference and a submission may round differently
RTOL_NUDGE = 1e-7  # so little may change when arguments are off by a part in 10^12


def random_tests(kernel: Kernel, task: str, rng: np.random.Generator) -> list[list[Test]]:
    """Return tests at random points, for each judgement of a task.

    Args:
        kernel: in which the instructor's solution is defined.
        task: the name of a function.
        rng: draws the points.

    Returns:
        A list of tests for each of `judgements(task)`.
    """
    found: dict[str, list[Test]] = {}
    passes = [tests[0][0].passes for tests in judgements(task)]
    for whose in passes:
        if whose == PLAIN:  # the same numbers, in another format
            found[whose] = [(replaced_passes(call), expect) for call, expect in found[passes[-2]]]
        else:
            found[whose] = tests_with(kernel, task, whose, rng)
    return [found[whose] for whose in passes]


def replaced_passes(call: Call) -> Call:
    """Return a call with the grader's own passes in a plain format."""
    return Call(call.task, call.arguments, PLAIN, call.corrupt, call.how)


def tests_with(kernel: Kernel, task: str, whose: str, rng: np.random.Generator) -> list[Test]:
    """Return tests at random points where rounding makes no difference."""
    tolerance = RTOL_CHECK if task == "gradient_checking" else RTOL_RANDOM
    while True:
        drawn = draw_all(task, rng)
        corrupt = [tuple(sorted(rng.choice(9, 3, replace=False).tolist())) for _ in drawn]
        calls, nearby = (
            [
                call_of(kernel, task, each, whose, number, corrupt)
                for number, each in enumerate(points)
            ]
            for points in (drawn, [nudged(arguments) for arguments in drawn])
        )
        expected, beside = numbers_of(kernel, calls), numbers_of(kernel, nearby)
        numbers = [[v for form in of for v in form.values()] for of in (expected, beside)]
        if np.allclose(*numbers, rtol=RTOL_NUDGE, atol=1e-12):
            expect = {"rtol": tolerance, "where": "at random"}
            return [(call, Expect((form,), **expect)) for call, form in zip(calls, expected)]


def call_of(
    kernel: Kernel, task: str, arguments: list, whose: str, number: int, corrupt: list[tuple]
) -> Call:
    """Return the call of a task at a random point."""
    if task == "backward_propagation":
        arguments = [*arguments, forward_numbers(kernel, arguments, whose)]
    if task == "gradient_checking" and number in CORRUPT:
        return Call(task, tuple(arguments), whose, corrupt[number], CORRUPT[number])
    return Call(task, tuple(arguments), whose)


def forward_numbers(kernel: Kernel, arguments: list, whose: str) -> dict[str, float]:
    """Return the known numbers of the forward pass at a point: those named like nodes."""
    call = Call("forward_propagation", tuple(arguments), whose)
    (outcome,) = kernel.perform("forward_propagation", [call])
    return {name: outcome.result[name] for name in NODES if name in outcome.result}


def numbers_of(kernel: Kernel, calls: list[Call]) -> list[dict[str, float]]:
    """Return the numbers that the notebook's function gives in calls, by their names."""
    task = calls[0].task
    outcomes: list[Outcome] = kernel.perform(task, calls)
    return [TASKS[task].read(outcome.result) for outcome in outcomes]


def draw_all(task: str, rng: np.random.Generator) -> list[list]:
    """Return the arguments of four calls, which together show every branch of the mathematics."""
    while True:
        drawn = [draw(task, rng, *size) for size in SIZES]
        seen = np.concatenate([signs(arguments) for arguments in drawn])
        if (seen.min(axis=0) < 0).all() and (seen.max(axis=0) > 0).all():
            return drawn


def draw(task: str, rng: np.random.Generator, rows: int, epochs: int) -> list:
    """Return random arguments of a task: [z], or [x, y, w, ...], or [X, y, w, epochs, ...].

    Adam's eps is so small that its three correct forms give the same; z stays where the tails of a
    stable sigmoid make no difference.
    """

    def numbers(*shape: int) -> np.ndarray:
        sizes = rng.uniform(0.2, 0.9, shape)
        if shape[-1] > 4:  # x or w
            sizes[..., 2] += 0.8  # so that w3·x3 goes beyond π/2
        return sizes * rng.choice([-1.0, 1.0], shape)

    if task == "sigmoid":
        return [float(rng.uniform(-12, 12))]
    if not task.startswith("train_"):
        point = [numbers(5).tolist(), float(rng.normal()), numbers(9).tolist()]
        return [*point, float(rng.uniform(5e-4, 2e-3))] if task == "gradient_checking" else point
    settings = [epochs, *rng.uniform([0.01, 0.5, 0.8], [0.04, 0.9, 0.98]).tolist(), 1e-100]
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


def nudged(arguments: list) -> list:
    """Return arguments whose arrays are off by a part in 10^12."""
    return [(np.array(a) * (1 + 1e-12)).tolist() if isinstance(a, list) else a for a in arguments]
