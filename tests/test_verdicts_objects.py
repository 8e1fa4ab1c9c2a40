"""Verdicts: a grader returns True or raises GraderError, whatever a student's function returns."""

import builtins

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import graders
from graders import GraderError
from helpers import TASKS, accepts, module, solved_functions


class Evil:
    """Raises an error of a given kind whatever is done with it."""

    def __init__(self, error):
        self.error = error

    def _fail(self, *_):
        raise self.error()

    __float__ = __array__ = __len__ = __iter__ = __getitem__ = __bool__ = __repr__ = __str__ = _fail
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __add__ = __sub__ = __format__ = _fail
    __hash__ = object.__hash__


class Seed(str):
    """The name of an error, of which `grown` makes an Evil: Hypothesis must not handle one."""


def grown(value):
    """Return the drawn value with each Seed in it replaced by an Evil object."""
    if type(value) is Seed:
        return Evil(vars(builtins)[value])
    if type(value) in (list, tuple):
        return value if value and value[-1] is value else type(value)(map(grown, value))
    return {key: grown(item) for key, item in value.items()} if type(value) is dict else value


class EvilDict(dict):
    """A dict that fails when it is read."""

    def items(self):
        raise RuntimeError("no")

    __getitem__ = __contains__ = keys = values = items


class EvilFloat(float):
    """A float that equals everything."""

    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = float.__hash__


def endless():
    loop = []
    loop.append(loop)
    return loop


KEYS = st.sampled_from([*graders.FORWARD_KEYS, *graders.BACKWARD_KEYS, "dy_pred", "", "w"])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.builds(EvilFloat, st.floats()),
    st.builds(Seed, st.sampled_from(["ValueError", "SystemExit", "GeneratorExit"])),
    st.builds(EvilDict, st.just({"exp": 1})),
    st.builds(endless),
    st.sampled_from([10**400, object, len, graders, Evil, range(3)]),
    st.sampled_from([iter([1]), {1, 2}, NotImplemented]),
    hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(max_side=3)),
    hnp.arrays(object, hnp.array_shapes(max_side=3), elements=st.one_of(st.none(), st.floats())),
)  # fmt: skip
OBJECTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=9),
        st.tuples(inner, inner),
        st.dictionaries(KEYS, inner, max_size=14),
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("task", TASKS)
@hypothesis.given(returned=OBJECTS)
@hypothesis.settings(deadline=None, max_examples=60, derandomize=True)
def test_anything_returned(task, returned):
    try:
        assert accepts(task, lambda *_: grown(returned)) is True
    except GraderError as error:
        assert str(error)
        assert "\n\n" not in str(error)
        assert len(str(error).splitlines()) < 10


@pytest.mark.parametrize("task", TASKS)
@hypothesis.given(given=OBJECTS)
@hypothesis.settings(deadline=None, max_examples=40, derandomize=True)
def test_anything_given_to_the_grader(task, given):
    try:
        assert accepts(task, grown(given)) is True
    except GraderError as error:
        assert str(error)


@pytest.mark.parametrize("task", ["gradient_checking", "train_vanilla", "train_adam"])
@hypothesis.given(forward=OBJECTS, backward=OBJECTS)
@hypothesis.example(forward=((None, 1), (None, 2)), backward=((None, 1), (None, 2)))
@hypothesis.example(forward=np.ones(5), backward=np.ones(9))
@hypothesis.settings(deadline=None, max_examples=40, derandomize=True)
def test_any_task_1_leaves_the_others_alone(task, forward, backward):
    """Correct loops and checks pass whatever the student's own two passes return.

    Arrays of one element are left out: the grader's passes return their numbers in this format,
    too, and not every loop can use it.
    """
    for returned in (forward, backward):
        if type(returned) is dict:
            hypothesis.assume(not any(isinstance(v, np.ndarray) for v in returned.values()))
    namespace = module(solved_functions())
    namespace["forward_propagation"] = lambda x, y, w: grown(forward)
    namespace["backward_propagation"] = lambda x, w, forward_dict: grown(backward)
    assert accepts(task, namespace[task]) is True
