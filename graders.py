"""Graders of the backpropagation assignment: one for each function a student writes.

    grader_sigmoid(sigmoid)                     grader_grad_check(gradient_checking)
    grader_forwardprop(forward_propagation)     grader_vanilla(train_vanilla)
    grader_backprop(backward_propagation)       grader_momentum(train_momentum)
    submission_report(globals())                grader_adam(train_adam)

A grader prints one line and returns True when the work is right, and raises `GraderError`, whose
message says what is wrong, when it is not. It calls the student's function at known points and
compares what comes back with the reference values below. No task is solved in this file.

In order: reference values; what a student sees; calling and reading a student's function; the
graders of tasks 1.1 and 1.2; known functions that stand in for the student's; the graders of
tasks 1.3 and 2; the report.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import linecache
import math
import re
import sys
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

# ---------------------------------------------------------------------------------------
# Reference values. tests/oracle.py computes each of them again, to 50 digits.
# ---------------------------------------------------------------------------------------

# Points: x1 ... x5, y, w1 ... w9. The first is the seed's: row 0 of the data, all weights 0.1; in
# the others all numbers differ, so that no mixed-up index goes unseen. Forward: exp, tanh, sigmoid,
# loss and dy_pr at each point. Gradients: dL/dw1 ... dL/dw9. Checks: what gradient_checking gives
# at each point for eps = CHECK_EPS. Runs: the weights after each update (on the graph: the last
# ones only), then the mean loss of each epoch; Adam's epsilon may stand outside the root, inside
# it, or as in the paper's folded form. "Stand-ins" are the known functions explained below.
NUMBERS = """
points:
-1.287909498957745 -0.12001341619804987 -1.4590003802772022 -0.6666082090210984
-0.14421743255530314 1.858849127371369 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1
-0.58 -1.75 -1.68  1.55 -1.58 -0.26  0.23  0.31 -0.34  1.27  0.78 -0.29 -0.16 -1.10 -0.50
-1.08  0.51  1.88 -1.42 -1.14  0.16  0.26 -0.71 -0.22  1.38 -0.80 -0.43 -1.20  0.53 -0.46
-1.61 -1.78 -0.86  1.40  1.16  1.69 -1.38  1.11  0.65  1.20  0.74  0.45 -1.24  0.83  1.26
 0.17  0.62 -1.36  1.46 -0.71 -0.25  0.38 -0.50 -0.31 -1.06  0.60  0.44 -0.87  1.16  0.74
-0.62 -1.52 -1.44 -0.90 -0.50  0.66 -1.23  0.27  0.31  0.53  0.37 -1.27  0.68  0.82  1.10
sigmoid:
0.8807970779778823 9.357622968839299e-14 0.01098694263059318 0.3318122278318339
0.5 0.7310585786300049 0.9999038975845005 0.9999999999999064
forward:
1.1272967040973583 0.8417934192562146 0.5279179387419721 0.9298048963072919 -1.9285278284819143
1.1815661568197595 0.7705036714863884 0.3313615362839690 0.7479186541490441  1.7296458066888078
0.9834587441743216 -.2132190060478641 0.7213241237938940 0.4970646260099863 -1.4100562059861107
1.6661507069375012 0.4020993872056999 0.3737384910818336 0.6674728464246963 -1.6339802280623794
1.6490859422202465 0.6521817475520413 0.5871901640851384 1.7867734905639778  2.6734049379500875
0.3179201081496085 0.7607192701584462 0.7513451562928076 0.8596978781952625  1.8543978841610691
gradients:
-0.22973323498702003 -0.021407614717752925 -0.005625405580266319 -0.004657941222712423
-0.0010077228498574246 -0.6334751873437471 -0.561941842854033 -0.04806288407316516 -1.0181044360187037
0.6510708192690475 1.9644378167600573 0.19933945261581209 -0.16056913417136227
0.16367692386500154 0.8304008694270316 0.7027967622753298 -0.19161108657625334 0.5731380917315283
-1.8381578905886595 0.8680190038890891 -0.23513707058596186 0.0744114018516332
0.05973873106398722 -1.3236880127868651 -1.3459517449287498 0.13038393627198787 -1.0171075572830738
1.8078394351743997 1.9987293134226281 0.8918371848331243 0.35778508069902697
0.29645049543633663 -2.2822797495005824 -1.3697919041762845 -0.48188220629317116 -0.610681304893584
-0.21138379936873727 -0.7709291506389241 1.1744253697196044 0.28650744217800223
-0.13932896160711067 2.5334843397183142 1.5362961231161537 0.47954048078786517 1.5697970841809312
-0.10847503513475675 -0.26593879581424235 0.3276894652189239 0.14807366308957647
0.08226314616087581 0.2483812238618929 0.7812693110465612 0.38109392239243431 1.3932928681040502
check on graph:
2.2355e-7 1.7063e-6 5.2953e-7 2.1952e-6 3.9440e-7 1.2302e-7
check on stand-ins:
2.9407e-7 1.0339e-6 2.4026e-7 1.1599e-7 4.0487e-7 1.1136e-7
graph, train_vanilla:
0.39388065 0.28672391 0.59342528 0.83189199 0.58826041 0.24340071 0.34747428 0.78295484 0.72537193
1.6131397 1.4471558
graph, train_momentum:
0.38903259 0.2793257 0.60925027 0.86188626 0.57419667 0.23704685 0.34397025 0.75812933 0.65602412
1.6248494 1.4381629
graph, train_adam outside:
0.21801051 0.16989782 0.72295727 0.96058596 0.50482343 0.051685344 0.15870717 0.64049995 0.74063536
1.6075451 1.3186884
graph, train_adam inside:
0.24354006 0.17094938 0.71059226 0.96296584 0.50453055 0.068462364 0.19741032 0.63872802 0.73814793
1.6128047 1.330148
graph, train_adam folded:
0.23462935 0.17640608 0.70924248 0.95515363 0.50972483 0.069493116 0.18445779 0.6467274 0.7420236
1.6120711 1.3357321
stand-ins, train_vanilla:
0.40355668 0.27704248 0.50010303 0.78346441 0.5990456 0.27451889 0.35251716 0.83074223 0.96987914
0.3566008 0.29074249 0.58113735 0.69956338 0.554901 0.25854806 0.36026485 0.8812208 0.94020366
0.20340962 0.16646382 0.47445495 0.88249075 0.65795155 0.20301357 0.2918221 0.82055695 1.0104471
0.20775136 0.17611242 0.49792197 0.84725337 0.68090595 0.20518022 0.29933971 0.83577654 0.99891946
0.18104123 0.18573543 0.58707117 0.74699791 0.62546233 0.19199043 0.30660918 0.89189137 0.96514743
0.12241726 0.12589026 0.5058347 0.89423503 0.71301759 0.16090569 0.26270185 0.84561028 1.0195004
1.1374842 0.728883
stand-ins, train_momentum:
0.41177834 0.29352124 0.52505152 0.75673221 0.6195228 0.27725945 0.36125858 0.84537112 0.95993957
0.3848823 0.28839065 0.54512682 0.73968748 0.5850446 0.26822375 0.35864294 0.85779624 0.95393747
0.28791347 0.22653901 0.51188462 0.81916809 0.61225824 0.23467039 0.32461089 0.83858559 0.98341867
0.2201326 0.1834508 0.48901601 0.87428654 0.63164605 0.2112227 0.30092088 0.82538445 1.0038778
0.15789813 0.15852662 0.51875561 0.85881423 0.61834382 0.18771466 0.28815626 0.84509928 1.0004657
0.094848716 0.12161406 0.51221716 0.91249392 0.64201928 0.15967664 0.26349525 0.84218755 1.0195487
1.005266 0.50751581
stand-ins, train_adam outside:
0.37231974 0.26118492 0.500789 0.77926287 0.59095798 0.2363683 0.32218784 0.81133077 0.99806568
0.32639438 0.24622426 0.51712076 0.76377512 0.54183738 0.19239716 0.308155 0.82824953 0.98320281
0.28300877 0.21110547 0.50412087 0.7873764 0.54924857 0.14946372 0.273556 0.81578238 1.0066532
0.24977616 0.18569178 0.49723035 0.80324346 0.55797722 0.11662896 0.24866222 0.80932118 1.0224167
0.21677365 0.16827612 0.50956057 0.80232081 0.55303035 0.085381066 0.23188846 0.82198522 1.0217286
0.17902191 0.14140159 0.5059332 0.81932589 0.5665264 0.051668239 0.20489633 0.81869627 1.0385576
0.83237084 0.51361895
stand-ins, train_adam inside:
0.37271962 0.26072063 0.50031826 0.77972246 0.59047025 0.24520687 0.32242829 0.81090915 0.9980908
0.32638837 0.24573882 0.51689456 0.76396495 0.54085497 0.20339043 0.30887005 0.82811113 0.98298966
0.28264795 0.21031732 0.50387635 0.78762873 0.54828391 0.16034893 0.27397745 0.81561133 1.0066047
0.24912214 0.18468876 0.49702234 0.80351647 0.55708542 0.12760383 0.24893962 0.80918701 1.0224441
0.21583135 0.16711344 0.50950525 0.80253685 0.55209281 0.096407573 0.23211244 0.82202582 1.0216993
0.17778123 0.14003665 0.5059082 0.81958785 0.5656867 0.062456918 0.20499895 0.81876831 1.0386377
0.83766322 0.51487242
stand-ins, train_adam folded:
0.37666685 0.2635644 0.50241272 0.777741 0.5929089 0.24578982 0.32632055 0.81397926 0.99435533
0.33212913 0.24926414 0.5184771 0.76260915 0.54494989 0.20548115 0.3133872 0.8304632 0.98021765
0.28931072 0.21458733 0.50532651 0.78628866 0.55270518 0.16405234 0.27955656 0.81792007 1.0035063
0.25634789 0.18908517 0.49769501 0.80272738 0.56116552 0.13216959 0.25477914 0.8107563 1.0196822
0.2235689 0.17154876 0.50940996 0.80233386 0.55614816 0.1014597 0.23801339 0.82276412 1.0195271
0.18595777 0.14462281 0.50535873 0.8196625 0.56952547 0.067616996 0.21111377 0.8190613 1.0365756
0.84758781 0.52066808
"""


def _read(numbers: str) -> dict[str, np.ndarray]:
    blocks = re.findall(r"^(.+):\n([^:]+)$", numbers, re.MULTILINE)
    return {title: np.array(text.split(), dtype=float) for title, text in blocks}


def _runs(model: str, task: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the right runs of a loop as (weights after each update, losses)."""
    runs = [run for title, run in REFERENCE.items() if title.startswith(f"{model}, {task}")]
    return [(run[:-EPOCHS].reshape(-1, 9), run[-EPOCHS:]) for run in runs]


REFERENCE = _read(NUMBERS)
POINTS = [(p[:5], float(p[5]), p[6:]) for p in REFERENCE["points"].reshape(-1, 15)]
SIGMOID_Z = (2, -30.0, -4.5, -0.7, 0.0, 1, 9.25, 30.0)  # the first is the seed's

# What gradient_checking must give: CHECK_SMALL for right gradients, above CHECK_LARGE for wrong ones
CHECK_EPS = 1e-3
CHECK_SMALL, SMALL_EPS = 1e-7, (1e-4, 1e-5, 1e-7)
CHECK_LARGE = 1e-3

# The loops run on three data points from START, with settings that are nobody's defaults.
EPOCHS = 2
ROWS = np.array([x for x, _, _ in POINTS[1:4]])
TARGETS = np.array([y for _, y, _ in POINTS[1:4]])
START = np.array([0.42, 0.31, 0.55, 0.73, 0.64, 0.28, 0.37, 0.86, 0.95])
SETTINGS = {  # from epochs on, as in ARGUMENTS
    "train_vanilla": (EPOCHS, 0.04),
    "train_momentum": (EPOCHS, 0.02, 0.7),
    "train_adam": (EPOCHS, 0.05, 0.8, 0.9, 0.02),
}

# What each function is called with, by position, and the keys of the dictionaries
ARGUMENTS = {
    "sigmoid": ("z",),
    "forward_propagation": ("x", "y", "w"),
    "backward_propagation": ("x", "w", "forward_dict"),
    "gradient_checking": ("x", "y", "w", "eps"),
    "train_vanilla": ("X", "y", "w", "epochs", "lr"),
    "train_momentum": ("X", "y", "w", "epochs", "lr", "gamma"),
    "train_adam": ("X", "y", "w", "epochs", "lr", "beta1", "beta2", "eps"),
}
FORWARD_KEYS = ("exp", "tanh", "sigmoid", "loss", "dy_pr")
BACKWARD_KEYS = tuple(f"dw{i}" for i in range(1, 10))
OTHER_NAME = {"dy_pr": "dy_pred", "dy_pred": "dy_pr"}  # later copies of the assignment say dy_pred

# Relative tolerances: far above rounding on any platform, below a value rounded to six digits
RTOL = 1e-9  # one forward or backward pass
RTOL_LOOPS = 2e-7  # the runs are stored to eight digits
RTOL_SIGMOID, ATOL_SIGMOID = 1e-7, 1e-12  # 1/2 (1 + tanh(z/2)) loses digits at z = -30
RTOL_CHECK = 0.01


# ---------------------------------------------------------------------------------------
# What a student sees
# ---------------------------------------------------------------------------------------


class GraderError(AssertionError):
    """Work that is not right yet. The message is all that Jupyter and Colab show of it.

    Attributes:
        stage: the grader's name, such as "grader_backprop".
        cause: a short stable code of the mistake, None when it is not recognised.
        hint: the sentence that names the mistake; empty when it is not recognised.
    """

    def __init__(self, sentence: str, cause: str | None = None, details: str = "", stage: str = ""):
        super().__init__(sentence, cause, details, stage)
        self.sentence, self.cause, self.details, self.stage = sentence, cause, details, stage
        self.hint = sentence if cause else ""

    def __str__(self) -> str:
        return f"{self.stage}: {self.sentence}" + (f"\n{self.details}" if self.details else "")

    def _render_traceback_(self) -> list[str]:
        """Tell IPython to show the message in place of a traceback of the grader."""
        return str(self).splitlines()


def _where(i: int) -> str:
    x, y, w = POINTS[i]
    if i == 0:
        return "at x = X[0], y = y[0] and all nine weights 0.1"
    return f"at x = {x.tolist()}, y = {y},\n   w = {w.tolist()}"


def _got_expected(rows: list[tuple[str, float, float]], most: int = 5) -> str:
    """Return a table of (name, got, expected), cut after `most` rows."""
    lines = [f"  {'':10}{'got':>18}{'expected':>18}"]
    lines += [f"  {name:10}{got:>18.10g}{right:>18.10g}" for name, got, right in rows[:most]]
    return "\n".join(lines + [f"  ... and {len(rows) - most} more"] * (len(rows) > most))


def _one_line(text: str, limit: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Swallow what a student's code prints, warns, displays or plots."""
    sink, pyplot = io.StringIO(), sys.modules.get("matplotlib.pyplot")
    figures = set(pyplot.get_fignums()) if pyplot else set()
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(sink))
        if "IPython" in sys.modules:
            from IPython.utils.capture import capture_output

            stack.enter_context(capture_output(stdout=False, stderr=False, display=True))
        try:
            yield
        finally:
            for number in set(pyplot.get_fignums()) - figures if pyplot else ():
                pyplot.close(number)


def _grader(judge: Callable[[Any], str]) -> Callable[[Any], bool]:
    """Make a grader of a judge, which returns a line to print or raises GraderError."""

    @functools.wraps(judge)
    def grader(work: Any) -> bool:
        try:
            with _quiet():
                line = judge(work)
        except GraderError as error:
            error.stage = judge.__name__
            raise error.with_traceback(None) from None
        print(f"{judge.__name__}: {line}")
        return True

    grader.__annotations__["return"] = "bool"
    return grader


# ---------------------------------------------------------------------------------------
# Calling a student's function, and reading what it returns
# ---------------------------------------------------------------------------------------


def _notebook() -> dict[str, Any]:
    """Return the globals of the code that called this module: the notebook's."""
    frame = sys._getframe()
    while frame.f_globals is globals():
        frame = frame.f_back
    return frame.f_globals


def _globals_of(function: Callable) -> dict[str, Any]:
    """Return the globals in which a student's function looks up the other functions."""
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(inspect.unwrap(function), "__globals__", None) or _notebook()


def _plain(value: Any, depth: int = 4) -> Any:
    """Return what a student's function returned as plain data, which has no surprises.

    A number, or an array of one, becomes a float; lists, tuples and larger arrays become lists;
    dictionaries stay; None stays; anything else becomes a str that describes it.
    """
    if value is None:
        return None
    try:
        if depth and isinstance(value, Mapping):
            return {str(key): _plain(item, depth - 1) for key, item in value.items()}
        if depth and isinstance(value, (list, tuple)):
            return [_plain(item, depth - 1) for item in value]
        if depth and hasattr(type(value), "__array__"):
            items = [_plain(item, depth - 1) for item in np.asarray(value).ravel().tolist()]
            return items[0] if len(items) == 1 else items
        if hasattr(type(value), "__float__") and not isinstance(value, (bool, np.complexfloating)):
            return float(value)
        return f"{_one_line(repr(value), 40)} of type {type(value).__name__}"
    except (Exception, SystemExit):  # noqa: BLE001 - a stranger's object may raise anything
        return "an object that cannot be read"


def _kind(plain: Any) -> str:
    """Say what plain data is, for a sentence."""
    if isinstance(plain, list):
        return f"a list or array of {len(plain)}"
    if isinstance(plain, dict):
        return f"a dict with the keys {', '.join(map(repr, plain)) or '(none)'}"
    return str(plain)


def _same(a: Any, b: Any) -> bool:
    """Tell whether two pieces of plain data agree (floats to 1e-9: a restored weight may be off)."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=RTOL) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


def _attempt(function: Any, *arguments: Any) -> tuple[list, Any, BaseException | None]:
    """Call a function on copies of the arguments; return these, its result and what it raised."""
    given = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    try:
        return given, function(*given), None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - sys.exit() too must not end the grader
        return given, None, error


def _call(task: str, function: Callable, *arguments: Any) -> Any:
    """Call a student's function and return its result as plain data.

    Raises GraderError when it raises, returns None or changes an argument.
    """
    before = _plain(arguments)
    given, result, error = _attempt(function, *arguments)
    if error is not None:
        raise _failure(task, function, error)
    if result is None:
        raise _not_attempted(task)
    for name, old, new in zip(ARGUMENTS[task], before, _plain(given)):
        if not _same(old, new):
            sentence = f"{task} changes its argument {name}; work on a copy and leave {name} alone."
            raise GraderError(sentence, "changes-argument")
    return _plain(result)


def _not_attempted(task: str) -> GraderError:
    sentence = f"{task} returned None: it is not written yet, or did you forget `return`?"
    return GraderError(sentence, "not-attempted")


def _failure(task: str, function: Callable, error: BaseException) -> GraderError:
    """Say what a student's function raised, in which function of theirs and in which line."""
    namespace, line = _globals_of(function), ""
    frames = [
        (frame.f_code, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_globals is namespace
    ]
    what = _one_line(traceback.format_exception_only(type(error), error)[0])
    if frames:
        code, number = frames[-1]
        line = f"  line {number}: {linecache.getline(code.co_filename, number).strip()}"
    elif isinstance(error, TypeError):
        call = f"{task}({', '.join(ARGUMENTS[task])})"
        return GraderError(f"{task} cannot be called as {call}: {what}", "wrong-signature")
    codes = [code for code, _ in frames if not code.co_name.startswith("<")]  # no <lambda>
    name = codes[-1].co_name if codes and codes[-1] is not codes[0] else task
    calling = "" if name == task else f" ({task} calls it)"
    if isinstance(error, NotImplementedError):
        return GraderError(f"{name} is not written yet{calling}.", "not-attempted")
    return GraderError(f"{name} raised an error{calling}: {what}", "raised", line)


def _number(what: str, value: Any, where: str = "") -> float:
    """Return `value`, a piece of plain data, if it is a finite number."""
    if not isinstance(value, float):
        raise GraderError(f"{what} is {_kind(value)}; it must be one number.", "wrong-type", where)
    if not math.isfinite(value):
        raise GraderError(f"{what} is {value}, not a finite number.", "not-finite", where)
    return value


def _numbers(what: str, values: Any) -> np.ndarray:
    """Return `values`, a piece of plain data, as an array if it is a list of finite numbers."""
    if not isinstance(values, list) or not values:
        sentence = f"{what} is {_kind(values)}; it must be a list or array of numbers."
        raise GraderError(sentence, "wrong-type")
    return np.array([_number(f"{what}[{i}]", value) for i, value in enumerate(values)])


def _entries(task: str, result: Any, keys: tuple[str, ...], where: str) -> list[float]:
    """Return the numbers under `keys` of the dictionary that a student's function returned."""
    if result is None:
        raise _not_attempted(task)
    if not isinstance(result, dict):
        sentence = f"{task} returned {_kind(result)}; it must return a dict with the keys "
        raise GraderError(sentence + f"{', '.join(map(repr, keys))}.", "wrong-type")
    if "dy_pred" in result:
        result = {"dy_pr": result["dy_pred"], **result}
    missing = [repr(key) for key in keys if key not in result]
    if missing:
        sentence = f"{task} returned a dict without {', '.join(missing)}: it is {_kind(result)}."
        raise GraderError(sentence, "missing-key")
    return [_number(f"{task}'s {key!r}", result[key], where) for key in keys]


def _compare(task: str, keys: tuple[str, ...], results: list, reference: str) -> str:
    """Compare the dictionaries that a student's function returned, one for each of POINTS."""
    expected = REFERENCE[reference].reshape(-1, len(keys)).tolist()
    got = [_entries(task, result, keys, _where(i)) for i, result in enumerate(results)]
    for i, values in enumerate(zip(got, expected)):
        wrong = [row for row in zip(keys, *values) if not math.isclose(*row[1:], rel_tol=RTOL)]
        if wrong:
            names = ", ".join(name for name, _, _ in wrong)
            sentence = f"{names} {'is' if len(wrong) == 1 else 'are'} not right yet."
            raise GraderError(sentence, None, f"{_where(i)}:\n{_got_expected(wrong)}")
    return f"{task} is right at {'the reference point' if len(got) == 1 else f'{len(got)} points'}."


# ---------------------------------------------------------------------------------------
# Task 1.1: sigmoid and forward propagation
# ---------------------------------------------------------------------------------------


@_grader
def grader_sigmoid(work: Callable[[float], float] | float) -> str:
    """Grade `sigmoid(z) -> float`.

    Args:
        work: the function; or the number 2, which checks the notebook's `sigmoid` at z = 2.

    Returns:
        True, having printed one line.

    Raises:
        GraderError: the work is not right yet.
    """
    points = SIGMOID_Z
    if not callable(work):
        if not _same(_plain(work), 2.0):
            sentence = "grader_sigmoid takes the function itself: grader_sigmoid(sigmoid)."
            raise GraderError(sentence, "wrong-type")
        work, points = _notebook().get("sigmoid"), SIGMOID_Z[:1]
        if not callable(work):
            raise GraderError("sigmoid is not defined yet.", "not-attempted")
    for z, right in zip(points, REFERENCE["sigmoid"].tolist()):
        got = _number(f"sigmoid({z})", _call("sigmoid", work, z))
        if not math.isclose(got, right, rel_tol=RTOL_SIGMOID, abs_tol=ATOL_SIGMOID):
            table = _got_expected([("sigmoid", got, right)])
            raise GraderError("sigmoid is not right yet.", None, f"at z = {z}:\n{table}")
    return f"sigmoid is right at z = {', '.join(map(str, points))}."


@_grader
def grader_forwardprop(work: Callable[..., dict] | dict) -> str:
    """Grade `forward_propagation(x, y, w) -> dict` with 'exp', 'tanh', 'sigmoid', 'loss', 'dy_pr'.

    Args:
        work: the function; or the dictionary it returned for `X[0]`, `y[0]` and nine weights 0.1.

    Returns:
        True, having printed one line.

    Raises:
        GraderError: the work is not right yet.
    """
    task = "forward_propagation"
    results = [_call(task, work, *point) for point in POINTS] if callable(work) else [_plain(work)]
    return _compare(task, FORWARD_KEYS, results, "forward")


# ---------------------------------------------------------------------------------------
# Task 1.2: backward propagation
# ---------------------------------------------------------------------------------------


class _ForwardDict(dict):
    """A forward dictionary that answers to 'dy_pred' as to 'dy_pr'."""

    def __missing__(self, key):
        if OTHER_NAME.get(key, key) in self:
            return self[OTHER_NAME[key]]
        raise KeyError(key)


def _right_forward(i: int) -> dict[str, float]:
    return dict(zip(FORWARD_KEYS, REFERENCE["forward"].reshape(-1, 5)[i].tolist()))


def _own_result(function: Any, *arguments: Any) -> dict:
    """Return the dictionary of a student's function as it is; an empty one if there is none."""
    return _attempt(lambda *given: dict(function(*given)), *arguments)[1] or {}


def _dressed_as(own: dict, values: dict[str, float]) -> _ForwardDict:
    """Return `values` in the key order, with the further keys and in the number form of `own`."""
    values = {
        OTHER_NAME[key] if key not in own and OTHER_NAME.get(key, key) in own else key: value
        for key, value in values.items()
    }
    result = _ForwardDict(own if values.keys() <= own.keys() else {**values, **own})
    for key, value in values.items():
        form = own.get(key)
        if isinstance(form, np.ndarray) and form.size == 1:
            value = np.full(form.shape, value)
        elif isinstance(form, np.generic):
            value = np.float64(value)
        result[key] = value
    return result


@_grader
def grader_backprop(work: Callable[..., dict] | dict) -> str:
    """Grade `backward_propagation(x, w, forward_dict) -> dict` with 'dw1' ... 'dw9'.

    The function is given forward dictionaries that are right, whatever the student's own
    `forward_propagation` computes; that one only adds its further keys.

    Args:
        work: the function; or the dictionary it returned for `X[0]` and nine weights 0.1.

    Returns:
        True, having printed one line.

    Raises:
        GraderError: the work is not right yet.
    """
    task, results = "backward_propagation", []
    if not callable(work):
        return _compare(task, BACKWARD_KEYS, [_plain(work)], "gradients")
    own_forward = _globals_of(work).get("forward_propagation")
    for i, (x, y, w) in enumerate(POINTS):
        forward_dict = _dressed_as(_own_result(own_forward, x, y, w), _right_forward(i))
        results.append(_call(task, work, x, w, forward_dict))
    return _compare(task, BACKWARD_KEYS, results, "gradients")


# ---------------------------------------------------------------------------------------
# Stand-ins: a gradient check or a loop is right when it is right with the student's own
# forward_propagation and backward_propagation, or with known functions in their place.
# ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def _in_place(namespace: dict[str, Any], **functions: Callable) -> Iterator[None]:
    """Put functions in place of a student's globals, and the student's back afterwards."""
    own = {name: namespace[name] for name in functions if name in namespace}
    namespace.update(functions)
    try:
        yield
    finally:
        for name in functions:
            namespace.pop(name, None)
        namespace.update(own)


class _StandIns:
    """A forward and a backward pass with known values, which record the weights they are given.

    They belong to another, smaller model: y_hat = sum of k_i w_i^2, where k_i depends on x.
    They are called as the student's own functions are, and dress their results like them.
    """

    def __init__(self, namespace: dict[str, Any]):
        self.forward_calls: list[tuple[list, list]] = []  # (x, w) of each call
        self.backward_calls: list[tuple[list, list]] = []
        x, y, w = POINTS[1]
        forward, backward = map(namespace.get, ("forward_propagation", "backward_propagation"))
        self._own_forward = _own_result(forward, x, y, w)
        given = defaultdict(float, _dressed_as(self._own_forward, _right_forward(1)))  # any key
        self._own_backward = _own_result(backward, x, w, given)
        self._forward_style = _signature(forward, "forward_propagation")
        self._backward_style = _signature(backward, "backward_propagation")

    def forward(self, *args: Any, **kwargs: Any) -> dict:
        x, y, w = _positional(self._forward_style, args, kwargs)
        x, y, w = _vector(x, 5), _vector(y, 1)[0], _vector(w, 9)
        self.forward_calls.append((x, w))
        y_hat = _stand_in_output(x, w)
        values = (y_hat, y_hat, y_hat, (y - y_hat) ** 2, 2 * (y_hat - y))
        return _dressed_as(self._own_forward, dict(zip(FORWARD_KEYS, values)))

    def backward(self, *args: Any, **kwargs: Any) -> dict:
        x, w, forward_dict = _positional(self._backward_style, args, kwargs)
        x, w = _vector(x, 5), _vector(w, 9)
        self.backward_calls.append((x, w))
        dy_pr = _vector(_ForwardDict(forward_dict)["dy_pr"], 1)[0]
        values = [dy_pr * 2 * k * v for k, v in zip(_stand_in_factors(x), w)]
        return _dressed_as(self._own_backward, dict(zip(BACKWARD_KEYS, values)))


def _signature(function: Any, task: str) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # not a function, or one that does not tell
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in ARGUMENTS[task]])


def _positional(style: inspect.Signature, args: tuple, kwargs: dict) -> tuple:
    bound = style.bind(*args, **kwargs)
    return (*bound.args, *bound.kwargs.values())[:3]


def _vector(values: Any, size: int) -> list[float]:
    numbers = np.asarray(values, dtype=float).ravel().tolist()
    if len(numbers) != size:
        raise ValueError(f"got {len(numbers)} numbers where {size} are expected")
    return numbers


def _stand_in_factors(x: list[float]) -> list[float]:
    return [x[i % 5] * (1 - i / 10) for i in range(9)]


def _stand_in_output(x: list[float], w: list[float]) -> float:
    return sum(k * v**2 for k, v in zip(_stand_in_factors(x), w))


def _judged_twice(task: str, work: Any, judge: Callable[[Callable, _StandIns | None], None]) -> str:
    """Run `judge(work, None)` on the student's own functions, then `judge(work, stand_ins)`.

    Returns the line to print if either finds the work right; else raises what the second found.
    """
    if not callable(work):
        grader = STAGES[task].__name__
        raise GraderError(f"{grader} takes the function itself: {grader}({task}).", "wrong-type")
    with contextlib.suppress(GraderError):
        judge(work, None)
        return f"{task} is right."
    namespace = _globals_of(work)
    known = _StandIns(namespace)
    with _in_place(
        namespace, forward_propagation=known.forward, backward_propagation=known.backward
    ):
        judge(work, known)
    return (
        f"{task} is right, judged with known functions in place of your forward_propagation and "
        "backward_propagation; with yours it is not yet: see tasks 1.1 and 1.2."
    )


def _recognised(mistakes: tuple, seen: SimpleNamespace) -> tuple[str | None, str]:
    """Return (cause, sentence) of the first of `mistakes` that the evidence shows."""
    for cause, shown_by, sentence in mistakes:
        if shown_by(seen):
            return cause, sentence.format(**vars(seen))
    return None, ""


# ---------------------------------------------------------------------------------------
# Task 1.3: gradient checking
# ---------------------------------------------------------------------------------------

# (cause, does the evidence of `_observe_check` show it?, sentence); the first that fits is named
CHECK_MISTAKES = (
    (
        "forward-not-called",
        lambda seen: not len(seen.moves),
        "gradient_checking never calls forward_propagation.",
    ),
    (
        "other-point",
        lambda seen: seen.other_x,
        "gradient_checking looks at another data point than the x it is given.",
    ),
    (
        "weights-not-restored",
        lambda seen: (seen.moved.sum(axis=1) > 1).any(),
        "gradient_checking moves several weights at once: put each back before the next one moves.",
    ),
    (
        "weights-left-out",
        lambda seen: not seen.moved.any(axis=0).all(),
        "gradient_checking does not move every weight: {left_out} never changes.",
    ),
    (
        "one-sided",
        lambda seen: (seen.moves >= 0).all() or (seen.moves <= 0).all(),
        "gradient_checking moves each weight to one side only; the formula needs both sides.",
    ),
    (
        "eps-ignored",
        lambda seen: not np.allclose(np.abs(seen.moves[seen.moved]), CHECK_EPS, rtol=1e-6, atol=0),
        "gradient_checking does not move the weights by the eps it is given.",
    ),
)


def _observe_check(known: _StandIns, x: np.ndarray, w: np.ndarray) -> SimpleNamespace:
    """Return by how much gradient_checking moved which weights, one row for each forward pass."""
    moves = np.array([asked for _, asked in known.forward_calls]).reshape(-1, 9) - w
    moved = np.abs(moves) > 1e-6 * CHECK_EPS
    return SimpleNamespace(
        moves=np.where(moved, moves, 0),
        moved=moved,
        other_x=not all(_same(row, x.tolist()) for row, _ in known.forward_calls),
        left_out=", ".join(f"w{i + 1}" for i in np.flatnonzero(~moved.any(axis=0))),
    )


def _judge_check(check: Callable, known: _StandIns | None) -> None:
    """Judge gradient_checking: the formula's value, small for right gradients, large for wrong."""
    namespace = _globals_of(check)
    note = "\n  (known functions stood in for yours)"

    def value(*arguments: Any) -> float:
        return _number("gradient_checking's result", _call("gradient_checking", check, *arguments))

    for i, right in enumerate(REFERENCE[f"check on {'stand-ins' if known else 'graph'}"].tolist()):
        x, y, w = POINTS[i]
        if known:
            known.forward_calls.clear()
        got = value(x, y, w, CHECK_EPS)
        if not math.isclose(got, right, rel_tol=RTOL_CHECK):
            sentence = "gradient_checking does not give the value of the formula."
            if not known:
                raise GraderError(sentence)
            cause, why = _recognised(CHECK_MISTAKES, _observe_check(known, x, w))
            table = _got_expected([(f"eps={CHECK_EPS}", got, right)])
            raise GraderError(why or sentence, cause, f"{_where(i)}:\n{table}{note}")
        for eps in SMALL_EPS:
            got = value(x, y, w, eps)
            if not 0 <= got <= CHECK_SMALL:
                sentence = f"gradient_checking gives {got:.3g} for right gradients and eps = {eps}."
                details = f"{_where(i)}\n  expected: between 0 and {CHECK_SMALL}{note}"
                raise GraderError(sentence, None, details)
    for key in BACKWARD_KEYS:
        wrong = _with_one_wrong(namespace.get("backward_propagation"), key)
        with _in_place(namespace, backward_propagation=wrong):
            got = value(*POINTS[1])
        if got <= CHECK_LARGE:
            sentence = (
                f"gradient_checking does not notice a wrong {key}: with a {key} that is off by 1 "
                f"it gives {got:.3g}, where a number above {CHECK_LARGE} must come."
            )
            raise GraderError(sentence, "never-rings", _where(1))


def _with_one_wrong(backward: Callable, key: str) -> Callable:
    def wrong(*args: Any, **kwargs: Any) -> dict:
        gradients = dict(backward(*args, **kwargs))
        return {**gradients, key: gradients[key] + 1.0}

    return wrong


@_grader
def grader_grad_check(work: Callable[..., float] | float | np.ndarray) -> str:
    """Grade `gradient_checking(x, y, w, eps=1e-7) -> float`.

    With right gradients the result must be that of the formula, and small for small eps; with any
    one of the nine gradients made wrong it must be large.

    Args:
        work: the function; or its result, a number or an array, all of which must lie between 0
            and 1e-3.

    Returns:
        True, having printed one line.

    Raises:
        GraderError: the work is not right yet.
    """
    if callable(work):
        return _judged_twice("gradient_checking", work, _judge_check)
    plain = _plain(work)
    if plain is None:
        raise _not_attempted("gradient_checking")
    for value in _numbers("the result", plain if isinstance(plain, list) else [plain]):
        if not 0 <= value <= CHECK_LARGE:
            raise GraderError(
                f"the result is {value:.6g}; it must lie between 0 and {CHECK_LARGE}."
            )
    return f"the result lies between 0 and {CHECK_LARGE}."


# ---------------------------------------------------------------------------------------
# Task 2: the optimizer loops
# ---------------------------------------------------------------------------------------

# (cause, does the evidence of `_observe_loop` show it?, sentence); the first that fits is named
LOOP_MISTAKES = (
    (
        "backward-not-called",
        lambda seen: not seen.moves,
        "the loop never calls backward_propagation.",
    ),
    (
        "other-data",
        lambda seen: seen.other_data,
        "the loop looks at other data than the X it is given.",
    ),
    (
        "other-start",
        lambda seen: seen.first == 0,
        "the first gradient is not taken at the weights that the loop is given.",
    ),
    (
        "never-moves",
        lambda seen: not any(seen.moves),
        "the weights that come back are the ones that went in: no update reaches them.",
    ),
    (
        "first-weights",
        lambda seen: len(seen.moves) > 1 and not any(seen.moves[:-1]),
        "every gradient is taken at the first weights: the updated ones are never looked at.",
    ),
    (
        "one-update-per-epoch",
        lambda seen: seen.moves == ([False] * (len(ROWS) - 1) + [True]) * EPOCHS,
        "the weights change once per epoch; they must change after every data point.",
    ),
    (
        "uphill",
        lambda seen: seen.first == 1 and np.allclose(seen.ratio, -1, rtol=1e-5),
        "the first update goes uphill: it is the right step with the other sign.",
    ),
    (
        "step-scaled",
        lambda seen: seen.first == 1 and np.allclose(seen.ratio, seen.ratio[0], rtol=1e-5),
        "the first update is {ratio[0]:.5g} times the right one, for all nine weights alike.",
    ),
    (
        "updates-count",
        lambda seen: seen.first > min(seen.made, seen.due),
        "the loop makes {made} updates where {due} are due.",
    ),
    (
        "starts-over",
        lambda seen: seen.first == len(ROWS) + 1,
        "the second epoch goes wrong at once: does something start again that should last?",
    ),
)

# The same, once the weights are right
LOSS_MISTAKES = (
    (
        "losses-per-point",
        lambda seen: len(seen.losses) == len(seen.each),
        "losses has one number for each update; it must have one for each epoch.",
    ),
    (
        "losses-count",
        lambda seen: len(seen.losses) != EPOCHS,
        "losses must have one number for each epoch.",
    ),
    (
        "losses-last",
        lambda seen: _close(seen.losses, seen.each.reshape(EPOCHS, -1)[:, -1]),
        "losses holds the loss of the last data point; it must be the mean over all of them.",
    ),
    (
        "losses-sum",
        lambda seen: _close(seen.losses, seen.each.reshape(EPOCHS, -1).sum(axis=1)),
        "losses holds the sum over the data points; it must be their mean.",
    ),
)


def _close(got: np.ndarray, right: np.ndarray) -> bool:
    return got.shape == right.shape and np.allclose(got, right, rtol=RTOL_LOOPS, atol=0)


def _pair(task: str, result: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights and the losses that a loop returned, if they are such."""
    wanted = f"{task} must return the pair (w, losses)"
    if not isinstance(result, list) or len(result) != 2:
        raise GraderError(f"{wanted}; it returned {_kind(result)}.", "not-a-pair")
    w, losses = (_numbers(f"{task}'s {name}", item) for name, item in zip(("w", "losses"), result))
    if len(w) != 9:
        raise GraderError(f"{wanted}; the first has {len(w)} numbers, not nine.", "not-a-pair")
    return w, losses


def _observe_loop(
    task: str, known: _StandIns, w: np.ndarray, losses: np.ndarray
) -> SimpleNamespace:
    """Return how the weights moved from update to update, beside the nearest right run."""
    asked = []
    for call in known.backward_calls:
        if not asked or call != asked[-1]:  # asked twice in the same place: one update
            asked.append(call)
    path = np.array([weights for _, weights in asked] + [w.tolist()])

    def agreement(right: np.ndarray) -> int:
        """Return how many of the path's first weights are right."""
        same = [_close(*pair) for pair in zip(path, right)]
        return [*same, False].index(False)

    right = max((np.vstack([START, run]) for run, _ in _runs("stand-ins", task)), key=agreement)
    first = agreement(right)
    ratio = np.full(9, np.nan)
    if 0 < first < min(len(path), len(right)):
        ratio = (path[first] - path[first - 1]) / (right[first] - right[first - 1])
    data = zip(np.tile(ROWS, (EPOCHS, 1)).tolist(), np.tile(TARGETS, EPOCHS), right)
    return SimpleNamespace(
        path=path,
        right=right,
        first=first,  # the first update that is not right
        ratio=ratio,  # of the step taken there to the right one
        moves=[not _close(*pair) for pair in zip(path[1:], path)],
        made=len(path) - 1,
        due=len(right) - 1,
        other_data=not all(any(_same(x, row) for row in ROWS.tolist()) for x, _ in asked),
        losses=losses,
        each=np.array([(y - _stand_in_output(x, before)) ** 2 for x, y, before in data]),
    )


def _wrong_weights(task: str, seen: SimpleNamespace) -> GraderError:
    cause, why = _recognised(LOOP_MISTAKES, seen)
    epoch, point = divmod(seen.first - 1, len(ROWS))
    where = f"update {seen.first} (epoch {epoch + 1}, data point {point + 1})"
    settings = zip(ARGUMENTS[task][3:], SETTINGS[task])
    details = f"watched on {len(ROWS)} data points, known functions in place of yours, "
    details += ", ".join(f"{name} = {value}" for name, value in settings)
    if 0 < seen.first < min(len(seen.path), len(seen.right)):
        pairs = enumerate(zip(seen.path[seen.first], seen.right[seen.first]))
        wrong = [(f"w{i + 1}", *pair) for i, pair in pairs if not _close(*pair)]
        details += f"\nweights after {where}:\n{_got_expected(wrong, 3)}"
    before = "the first of all" if seen.first == 1 else "every one before it is right"
    why = why or f"the weights leave the right path at {where}, {before}."
    return GraderError(f"{task}: {why}", cause, details)


def _wrong_losses(task: str, seen: SimpleNamespace, right: np.ndarray) -> GraderError:
    cause, why = _recognised(LOSS_MISTAKES, seen)
    rows = [(f"losses[{i}]", *pair) for i, pair in enumerate(zip(seen.losses, right))]
    sentence = f"{task}: the weights are right, but {why or 'the losses are not.'}"
    return GraderError(sentence, cause, _got_expected(rows))


def _judge_loop(task: str, loop: Callable, known: _StandIns | None) -> None:
    w, losses = _pair(task, _call(task, loop, ROWS, TARGETS, START, *SETTINGS[task]))
    runs = _runs("stand-ins" if known else "graph", task)
    reached = [right for path, right in runs if _close(w, path[-1])]
    if any(_close(losses, right) for right in reached):
        return
    if known:
        seen = _observe_loop(task, known, w, losses)
        raise _wrong_losses(task, seen, reached[0]) if reached else _wrong_weights(task, seen)
    raise GraderError(f"{task} does not reach the right weights and losses.")


def _grade_loop(task: str, work: Any) -> str:
    return _judged_twice(task, work, functools.partial(_judge_loop, task))


@_grader
def grader_vanilla(work: Callable[..., tuple]) -> str:
    """Grade `train_vanilla(X, y, w, epochs=100, lr=0.001) -> (w, losses)`.

    Args:
        work: the function, whose update after every data point is that of the notebook's task 2.1.

    Returns:
        True, having printed one line.

    Raises:
        GraderError: the work is not right yet.
    """
    return _grade_loop("train_vanilla", work)


@_grader
def grader_momentum(work: Callable[..., tuple]) -> str:
    """Grade `train_momentum(X, y, w, epochs=100, lr=0.001, gamma=0.95) -> (w, losses)`.

    Args:
        work: the function, whose update is that of task 2.2 (the velocity starts at 0).

    Returns:
        True, having printed one line.

    Raises:
        GraderError: the work is not right yet.
    """
    return _grade_loop("train_momentum", work)


@_grader
def grader_adam(work: Callable[..., tuple]) -> str:
    """Grade `train_adam(X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8)`.

    Args:
        work: the function, which returns (w, losses). Its update is algorithm 1 of D. P. Kingma
            and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015; epsilon may also
            stand inside the root, or as in the folded form at the end of the paper's section 2.

    Returns:
        True, having printed one line.

    Raises:
        GraderError: the work is not right yet.
    """
    return _grade_loop("train_adam", work)


# ---------------------------------------------------------------------------------------
# The report
# ---------------------------------------------------------------------------------------

STAGES = {
    "sigmoid": grader_sigmoid,
    "forward_propagation": grader_forwardprop,
    "backward_propagation": grader_backprop,
    "gradient_checking": grader_grad_check,
    "train_vanilla": grader_vanilla,
    "train_momentum": grader_momentum,
    "train_adam": grader_adam,
}


def submission_report(namespace: dict[str, Any] | None = None) -> bool:
    """Print a table of all stages; never raise.

    Args:
        namespace: the notebook's globals; those of the calling code if None.

    Returns:
        True when every grader agrees.
    """
    if not isinstance(namespace, dict):
        namespace = _notebook()
    passed = 0
    for task, grader in STAGES.items():
        verdict = "passed"
        try:
            if not callable(namespace.get(task)):
                raise GraderError(f"{task} is not defined.", "not-attempted")
            with _quiet():
                passed += grader(namespace[task])
        except GraderError as error:
            attempted = error.cause != "not-attempted"
            verdict = f"not right yet: {error.sentence}" if attempted else "not attempted"
        except Exception as error:  # noqa: BLE001 - a report must not fail
            verdict = f"could not be judged: {type(error).__name__}"
        print(f"{task:22}{verdict}")
    ready = passed == len(STAGES)
    print(f"\n{passed} of {len(STAGES)} stages pass{': ready to submit' if ready else ''}.")
    return ready
