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
import copy
import functools
import inspect
import io
import linecache
import logging
import math
import re
import sys
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

# ---------------------------------------------------------------------------------------
# Reference values. tests/oracle.py computes each of them again, to 50 digits.
# ---------------------------------------------------------------------------------------

# Points: x1 ... x5, y, w1 ... w9. The first is the original's: row 0 of the data, all weights 0.1; in
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
.420779964 -.250595950 .591960160 .829990993 .589861044 .231380635 .338574778 .785398075 .733669191
1.594299464 1.430370402
graph, train_momentum:
.421599885 -.238976469 .608197067 .859783203 .576617888 .215487681 .327557867 .760680444 .664961351
1.605421149 1.420273511
graph, train_adam outside:
.451880398 -.076087612 .715872297 .958990957 .508641667 .075934352 .176883507 .644045438 .743739996
1.597421084 1.302795295
graph, train_adam inside:
.445761313 -.080904587 .703291532 .960944287 .507934361 .076489521 .182083638 .642812689 .741702040
1.599072503 1.303999597
graph, train_adam folded:
.443619075 -.089746366 .698708672 .951253426 .514581660 .087835222 .192463150 .652897767 .746094330
1.599355064 1.318300089
stand-ins, train_vanilla:
.403556680 -.277042484 .500103030 .783464414 .599045604 .274518893 .352517160 .830742231 .969879136
.356600802 -.290742490 .581137351 .699563377 .554900997 .258548057 .360264848 .881220804 .940203665
.203409623 -.166463824 .474454947 .882490754 .657951546 .203013575 .291822098 .820556948 1.010447067
.207751357 -.176112420 .497921969 .847253371 .680905948 .205180215 .299339711 .835776539 .998919464
.181041229 -.185735432 .587071173 .746997911 .625462328 .191990434 .306609183 .891891366 .965147434
.122417259 -.125890258 .505834701 .894235034 .713017591 .160905687 .262701854 .845610282 1.019500439
1.137484186 .728883001
stand-ins, train_momentum:
.411778340 -.293521242 .525051515 .756732207 .619522802 .277259447 .361258580 .845371116 .959939568
.384882299 -.288390653 .545126821 .739687479 .585044602 .268223749 .358642941 .857796240 .953937474
.287913467 -.226539009 .511884615 .819168094 .612258240 .234670393 .324610888 .838585593 .983418674
.220132604 -.183450798 .489016015 .874286542 .631646050 .211222704 .300920876 .825384454 1.003877844
.157898129 -.158526620 .518755606 .858814229 .618343821 .187714658 .288156256 .845099279 1.000465671
.094848716 -.121614061 .512217165 .912493921 .642019282 .159676643 .263495253 .842187548 1.019548732
1.005266031 .507515813
stand-ins, train_adam outside:
.372319739 -.261184921 .500789002 .779262869 .590957983 .236368305 .322187844 .811330771 .998065683
.326130096 -.246314677 .517177898 .763724985 .541818526 .192163515 .308235774 .828311957 .983157148
.282171906 -.210790029 .504129226 .787568862 .549286632 .148691403 .273231651 .815797640 1.006845466
.248806408 -.185325971 .497304274 .803430626 .558035162 .115737977 .248284017 .809399430 1.022603775
.215932672 -.168021638 .509644694 .802490850 .553133261 .084650530 .231612873 .822077728 1.021899644
.178281457 -.141253153 .506045666 .819574827 .566668988 .051270908 .204664319 .818815801 1.038800972
.832314716 .512687428
stand-ins, train_adam inside:
.372719617 -.260720630 .500318258 .779722456 .590470249 .245206870 .322428285 .810909149 .998090803
.326121885 -.245827368 .516953385 .763912987 .540833780 .203196941 .308939554 .828175212 .982943410
.281801683 -.209994787 .503885895 .787821073 .548319987 .159624240 .273640378 .815627899 1.006798187
.248141468 -.184315211 .497097794 .803703250 .557141754 .126763984 .248548868 .809266743 1.022631879
.214982001 -.166852146 .509590554 .802706563 .552195051 .095715658 .231821858 .822119536 1.021871118
.177038976 -.139886307 .506022231 .819835986 .565828319 .062054126 .204753649 .818889457 1.038881053
.837613256 .513926017
stand-ins, train_adam folded:
.377766246 -.264201796 .502856837 .777323583 .593437751 .247776478 .327372559 .814683359 .993398823
.333416826 -.250179930 .518885947 .762257845 .545833194 .208322765 .314820208 .831082800 .979444218
.290225592 -.215259860 .505654965 .786189840 .553732773 .166867856 .280867604 .818488875 1.002886531
.257238010 -.189718193 .497902199 .802766776 .562130762 .135207812 .256127551 .811216978 1.019135565
.224679926 -.172289915 .509451480 .802495849 .557144435 .104888660 .239512912 .823043690 1.019104163
.187231649 -.145486615 .505318076 .819983427 .570514587 .071415164 .212740984 .819262621 1.036253235
.851377204 .521803114
"""


def _read(numbers: str) -> dict[str, np.ndarray]:
    blocks = re.findall(r"^(.+):\n([^:]+)$", numbers, re.MULTILINE)
    return {title: np.array(text.split(), dtype=float) for title, text in blocks}


def _runs(model: str, task: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the right runs of a loop as (weights after each update, losses)."""
    runs = [run for title, run in REFERENCE.items() if title.startswith(f"{model}, {task}")]
    return [(run[:-EPOCHS].reshape(-1, 9), run[-EPOCHS:]) for run in runs]


REFERENCE = _read(NUMBERS)
POINTS = [(p[:5], p[5], p[6:]) for p in REFERENCE["points"].reshape(-1, 15)]
SIGMOID_Z = (2, -30.0, -4.5, -0.7, 0.0, 1, 9.25, 30.0)  # the first is the original's

# What gradient_checking must give: CHECK_SMALL for right gradients, above CHECK_LARGE for wrong ones
CHECK_EPS = 1e-3
CHECK_SMALL, SMALL_EPS = 1e-7, (1e-4, 1e-5, 1e-7)
CHECK_LARGE = 1e-3

WRONG_GRADIENTS = {
    "is off by 1": lambda gradient: gradient + 1.0,
    "has the wrong sign": lambda gradient: -gradient,
    "is 0": lambda gradient: 0.0 * gradient,
}

# The loops run on three data points from START, with settings that are nobody's defaults.
EPOCHS = 2
ROWS = np.array([x for x, _, _ in POINTS[1:4]])
TARGETS = np.array([y for _, y, _ in POINTS[1:4]])
START = np.array([0.42, -0.31, 0.55, 0.73, 0.64, 0.28, 0.37, 0.86, 0.95])
SETTINGS = {  # from epochs on, as in ARGUMENTS
    "train_vanilla": (EPOCHS, 0.04),
    "train_momentum": (EPOCHS, 0.02, 0.7),
    "train_adam": (EPOCHS, 0.05, 0.8, 0.93, 0.02),
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
RTOL_LOOPS = 2e-8  # the runs are stored to nine decimals
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

    stage = ""

    def __init__(self, sentence: str, cause: str | None = None, details: str = ""):
        super().__init__(sentence, cause, details)
        self.sentence, self.cause, self.details = sentence, cause, details
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
    sink, figures = io.StringIO(), _figures()
    handlers, disabled = logging.root.handlers[:], logging.root.manager.disable
    logging.disable()
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(sink))
        if "IPython" in sys.modules:
            from IPython.utils.capture import capture_output

            stack.enter_context(capture_output(stdout=False, stderr=False, display=True))
        try:
            yield
        finally:
            logging.disable(disabled)
            logging.root.handlers[:] = handlers
            for number in _figures() - figures:
                sys.modules["matplotlib.pyplot"].close(number)


def _figures() -> set[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()


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
    with contextlib.suppress(Exception):  # an object may pose as a function
        while isinstance(function, functools.partial):
            function = function.func
        function = inspect.unwrap(function)
    found = vars(type(function)).get("__globals__") and function.__globals__
    return found or _notebook()


def _plain(value: Any, depth: int = 4) -> Any:
    """Return what a student's function returned as plain data, which has no surprises.

    A number, or an array of one, becomes a float; lists, tuples and larger arrays become lists;
    dictionaries stay; None stays; anything else becomes a str that describes it.
    """
    if value is None:
        return None
    try:
        if depth and isinstance(value, Mapping):
            keys = {key: key if isinstance(key, str) else str(key) for key in value}
            return {keys[key]: _plain(item, depth - 1) for key, item in value.items()}
        if depth and isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
            return [_plain(item, depth - 1) for item in value]
        if depth and hasattr(type(value), "__array__"):
            items = [_plain(item, depth - 1) for item in np.asarray(value).ravel().tolist()]
            return items[0] if len(items) == 1 else items
        if hasattr(type(value), "__float__") and not isinstance(value, (bool, np.complexfloating)):
            return float(value)
        return f"{_one_line(repr(value), 40)} of type {type(value).__name__}"
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - a stranger's object may raise anything
        return "an object that cannot be read"


def _kind(plain: Any) -> str:
    """Say what plain data is, for a sentence."""
    if isinstance(plain, list):
        return f"a list or array of {len(plain)}"
    if isinstance(plain, dict):
        return f"a dict with the keys {_one_line(', '.join(map(repr, plain))) or '(none)'}"
    return str(plain)


def _same(a: Any, b: Any) -> bool:
    """Tell whether two pieces of plain data agree (floats to 1e-9: a restored weight may be off)."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=RTOL) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return type(a) is type(b)  # None, or a description of what cannot be compared


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


def _no_function(task: str) -> GraderError:
    grader = STAGES[task].__name__
    return GraderError(f"{grader} takes the function itself: {grader}({task}).", "wrong-type")


def _failure(task: str, function: Callable, error: BaseException) -> GraderError:
    """Say what a student's function raised, in which function of theirs and in which line."""
    namespace, line = _globals_of(function), ""
    walk = list(traceback.walk_tb(error.__traceback__))
    frames = [(frame.f_code, number) for frame, number in walk if frame.f_globals is namespace]
    what = type(error).__name__
    with contextlib.suppress(Exception):
        what = _one_line(f"{what}: {error}")
    if frames:
        code, number = frames[-1]
        line = f"line {number}: {linecache.getline(code.co_filename, number).strip()}"
    elif isinstance(error, TypeError):
        call = f"{task}({', '.join(ARGUMENTS[task])})"
        return GraderError(f"{task} cannot be called as {call}: {what}", "wrong-signature")
    codes = [code for code, _ in frames if not code.co_name.startswith("<")]  # no <lambda>
    name = codes[-1].co_name if codes and codes[-1] is not codes[0] else task
    calling = "" if name == task else f" ({task} calls it)"
    if isinstance(error, NotImplementedError) and walk[-1][0].f_globals is namespace:
        sentence = f"{name} is not written yet{calling}: line {number} raises NotImplementedError."
        return GraderError(sentence, "not-attempted")
    where = f"\ncalled {_settings(task)}" if task in SETTINGS else ""
    return GraderError(f"{name} raised an error{calling}: {what}", "raised", line + where)


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
        found = "empty" if isinstance(values, list) else _kind(values)
        sentence = f"{what} is {found}; it must be a list or array of numbers."
        raise GraderError(sentence, "wrong-type")
    return np.array([_number(f"{what}[{i}]", value) for i, value in enumerate(values)])


def _entries(task: str, result: Any, keys: tuple[str, ...], where: str) -> list[float]:
    """Return the numbers under `keys` of the dictionary that a student's function returned."""
    if result is None:
        raise _not_attempted(task)
    if not isinstance(result, dict):
        sentence = f"{task} returned {_kind(result)}; it must return a dict with the keys "
        raise GraderError(sentence + f"{', '.join(map(repr, keys))}.", "wrong-type")
    found = {"dy_pr": result["dy_pred"], **result} if "dy_pred" in result else result
    missing = [repr(key) for key in keys if key not in found]
    if missing:
        sentence = f"{task} returned a dict without {', '.join(missing)}: it is {_kind(result)}."
        raise GraderError(sentence, "missing-key")
    return [_number(f"{task}'s {key!r}", found[key], where) for key in keys]


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
            raise _no_function("sigmoid")
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


def _right_forward(i: int) -> dict[str, float]:
    return dict(zip(FORWARD_KEYS, REFERENCE["forward"].reshape(-1, 5)[i].tolist()))


def _own_result(function: Any, *arguments: Any) -> Any:
    """Return what a student's function returns, as it is; None if it raises."""
    return _attempt(function, *arguments)[1]


def _dressed_as(own: Any, values: dict[str, float]) -> dict:
    """Return `values` in the key order, with the further keys and in the number form of `own`.

    `own` is what a student's function returned. Where it is of no use, the numbers are NumPy's,
    which do all that floats do, and 'dy_pr' has both its names.
    """
    plain = {key: np.float64(value) for key, value in values.items()}
    plain |= {OTHER_NAME[key]: plain[key] for key in values if key in OTHER_NAME}

    def dress() -> dict:
        names = {key: key if key in own else OTHER_NAME.get(key, key) for key in values}
        forms = {key: own[name] for key, name in names.items() if name in own}
        result = copy.copy(own) if len(forms) == len(values) else {**plain, **own}
        for key, value in values.items():
            result[names[key]] = _in_form(forms.get(key, next(iter(forms.values()))), value)
        return result

    return _attempt(dress)[1] or plain  # own may be any object


def _in_form(form: Any, value: float) -> Any:
    if isinstance(form, np.ndarray) and form.size == 1:
        return np.full(form.shape, value)
    return float(value) if type(form) is float else np.float64(value)


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
    aliases = {  # whatever other names the student gave them
        alias: functions[name]
        for alias, value in namespace.items()
        for name in own
        if value is own[name] and callable(value)
    }
    own |= {alias: namespace[alias] for alias in aliases}
    namespace.update(functions | aliases)
    try:
        yield
    finally:
        for name in functions:
            namespace.pop(name, None)
        namespace.update(own)


class _StandIns:
    """A forward and a backward pass with known values, which record the weights they are given.

    They belong to another, smaller model: y_hat = sum of k_i w_i^2, where k_i depends on x.
    They take their arguments in any calling style, as x, w, y and the dictionary cannot be mistaken
    for each other, and dress their results like the student's own functions.
    """

    def __init__(self, namespace: dict[str, Any]):
        self.forward_calls: list[tuple[list, float, list]] = []  # x, y, w of each call
        self.backward_calls: list[tuple[list, list]] = []  # x, w
        x, y, w = POINTS[1]
        forward, backward = map(namespace.get, ("forward_propagation", "backward_propagation"))
        self._own_forward = _own_result(forward, x, y, w)
        given = defaultdict(float, _dressed_as(self._own_forward, _right_forward(1)))  # any key
        self._own_backward = _own_result(backward, x, w, given)
        plain, output = _plain(self._own_forward), float(y + _right_forward(1)["dy_pr"] / 2)
        further = plain.keys() - {*FORWARD_KEYS, *OTHER_NAME} if isinstance(plain, dict) else ()
        self._outputs = [key for key in further if _same(plain[key], output)]  # such as 'y_pred'

    def forward(self, *args: Any, **kwargs: Any) -> dict:
        x, y, w, _ = _sorted_out((*args, *kwargs.values()))
        if y is None:
            raise ValueError("forward_propagation needs one number y")
        self.forward_calls.append((x, y, w))
        y_hat = _stand_in_output(x, w)
        values = (y_hat, y_hat - 0.5 * w[8], 0.5, (y - y_hat) * (y - y_hat), 2 * (y_hat - y))
        outputs = dict.fromkeys(self._outputs, y_hat)
        return _dressed_as(self._own_forward, dict(zip(FORWARD_KEYS, values)) | outputs)

    def backward(self, *args: Any, **kwargs: Any) -> dict:
        x, _, w, forward_dict = _sorted_out((*args, *kwargs.values()))
        if forward_dict is None:
            raise ValueError("backward_propagation needs the dictionary of forward_propagation")
        self.backward_calls.append((x, w))
        stale = _stand_in_output(x, w) - forward_dict["exp"]  # not 0 if it is of other weights
        dy_pr = forward_dict["dy_pr" if "dy_pr" in forward_dict else "dy_pred"] + stale
        values = [dy_pr * 2 * k * v for k, v in zip(_stand_in_factors(x), w)]
        return _dressed_as(self._own_backward, dict(zip(BACKWARD_KEYS, values)))


def _sorted_out(arguments: tuple) -> tuple[list, float | None, list, dict | None]:
    """Return x, y, w and the forward dictionary, told apart by what they are; None if absent."""
    found: dict[Any, Any] = {}
    for argument in map(_plain, arguments):
        kind = len(argument) if isinstance(argument, list) else type(argument)
        found.setdefault(kind, argument)
    if 5 not in found or 9 not in found:
        raise ValueError("forward_propagation and backward_propagation need five x and nine w")
    return found[5], found.get(float), found[9], found.get(dict)


def _stand_in_factors(x: list[float]) -> list[float]:
    return [x[i % 5] * (1 - i / 10) for i in range(9)]


def _stand_in_output(x: list[float], w: list[float]) -> float:
    return sum(k * v * v for k, v in zip(_stand_in_factors(x), w))


def _judged_twice(task: str, work: Any, judge: Callable[[Callable, _StandIns | None], None]) -> str:
    """Run `judge(work, None)` on the student's own functions, then `judge(work, stand_ins)`.

    Returns the line to print if either finds the work right. Else raises what the second found, or
    the first if the work never came to call the stand-ins.
    """
    if not callable(work):
        raise _no_function(task)
    try:
        judge(work, None)
        return f"{task} is right."
    except GraderError as error:
        with_own = error
    namespace = _globals_of(work)
    known = _StandIns(namespace)
    with _in_place(
        namespace, forward_propagation=known.forward, backward_propagation=known.backward
    ):
        try:
            judge(work, known)
        except GraderError:
            if not known.forward_calls and not known.backward_calls:
                raise with_own from None
            raise
    return (
        f"{task} is right, judged with known functions in place of your forward_propagation and "
        f"backward_propagation. With yours: {with_own.sentence}"
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
        "other-point",
        lambda seen: seen.other_point,
        "gradient_checking looks at another data point than the x and y it is given.",
    ),
    (
        "several-at-once",
        lambda seen: (seen.moved.sum(axis=1) > 1).any(),
        "gradient_checking tries weights that differ from the given w in several places at once.",
    ),
    (
        "nothing-moves",
        lambda seen: not seen.moved.any(),
        "gradient_checking asks for the loss at the same weights each time: is a copy what you move?",
    ),
    (
        "weights-left-out",
        lambda seen: not seen.moved.any(axis=0).all(),
        "gradient_checking does not move every weight; it leaves out {left_out}.",
    ),
    (
        "one-sided",
        lambda seen: (seen.moves >= 0).all() or (seen.moves <= 0).all(),
        "gradient_checking moves each weight to one side only; the formula needs both sides.",
    ),
    (
        "eps-ignored",
        lambda seen: not np.allclose(np.abs(seen.moves[seen.moved]), CHECK_EPS, rtol=1e-6, atol=0),
        "gradient_checking moves weights by other amounts than the eps it is given.",
    ),
)


def _observe_check(known: _StandIns, x: np.ndarray, y: float, w: np.ndarray) -> SimpleNamespace:
    """Return by how much gradient_checking moved which weights, one row for each forward pass."""
    moves = np.array([asked for _, _, asked in known.forward_calls]).reshape(-1, 9) - w
    moved = np.abs(moves) > 1e-13  # more than rounding
    return SimpleNamespace(
        moves=np.where(moved, moves, 0),
        moved=moved,
        other_point=not all(_same([*a, b], [*x, y]) for a, b, _ in known.forward_calls),
        left_out=", ".join(f"w{i + 1}" for i in np.flatnonzero(~moved.any(axis=0))),
    )


def _judge_check(check: Callable, known: _StandIns | None) -> None:
    """Judge gradient_checking: the formula's value, small for right gradients, large for wrong."""
    note = "\n  (with other functions in place of yours, so other numbers)" if known else ""

    def value(*arguments: Any) -> float:
        return _number("gradient_checking's result", _call("gradient_checking", check, *arguments))

    for i, right in enumerate(REFERENCE[f"check on {'stand-ins' if known else 'graph'}"].tolist()):
        x, y, w = POINTS[i]
        if known:
            known.forward_calls.clear()
        got = value(x, y, w, CHECK_EPS)
        if not math.isclose(got, right, rel_tol=RTOL_CHECK):
            cause, why = None, ""
            if known and known.forward_calls:
                cause, why = _recognised(CHECK_MISTAKES, _observe_check(known, x, y, w))
            sentence = why or "gradient_checking does not give the value of the formula."
            table = _got_expected([(f"eps={CHECK_EPS}", got, right)])
            raise GraderError(sentence, cause, f"{_where(i)}:\n{table}{note}")
        for eps in SMALL_EPS:
            got = value(x, y, w, eps)
            if not 0 <= got <= CHECK_SMALL:
                sentence = f"gradient_checking gives {got:.3g} for right gradients and eps = {eps}."
                details = f"{_where(i)}\n  expected: between 0 and {CHECK_SMALL}{note}"
                raise GraderError(sentence, None, details)
    _judge_alarm(_globals_of(check), value)


def _judge_alarm(namespace: dict[str, Any], value: Callable[..., float]) -> None:
    """Make each gradient wrong in turn, in three ways; gradient_checking must notice."""
    backward, (x, y, w) = namespace.get("backward_propagation"), POINTS[1]
    heard = []
    for k, key in enumerate(BACKWARD_KEYS):
        for how, wrong in WRONG_GRADIENTS.items():

            def spoilt(*args: Any, wrong=wrong, k=k, **kwargs: Any) -> Any:
                heard.append(k)
                return _spoilt(backward(*args, **kwargs), k, wrong)

            try:
                with _in_place(namespace, backward_propagation=spoilt):
                    got = value(x, y, w * (1 + (k + 1) / 100), 1e-7)  # a new point: it may remember
            except GraderError as error:
                error.details += (
                    f"\nThe grader had made {key} wrong; return the number all the same."
                )
                raise
            if not heard:
                sentence = "gradient_checking does not call backward_propagation by its name."
                raise GraderError(sentence, "backward-not-called")
            if got <= CHECK_LARGE:
                sentence = (
                    f"gradient_checking does not notice a wrong {key}: where {key} {how}, "
                    f"it gives {got:.3g}; a number above {CHECK_LARGE} must come."
                )
                raise GraderError(sentence, "never-rings")


def _spoilt(gradients: Any, k: int, wrong: Callable[[Any], Any]) -> Any:
    """Return gradients with the k-th made wrong, also where they are no dictionary 'dw1' ... 'dw9'."""
    if not isinstance(gradients, Mapping):
        return [wrong(g) if i == k else g for i, g in enumerate(gradients)]
    key = BACKWARD_KEYS[k] if BACKWARD_KEYS[k] in gradients else list(gradients)[k]
    return {**gradients, key: wrong(gradients[key])}


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
        "other-data",
        lambda seen: seen.other_data,
        "the loop looks at other data than the X and y it is given.",
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
        "returns-old-weights",
        lambda seen: seen.made == seen.due and _is_one_of(seen.path[-1], seen.path[:-1]),
        "the weights that come back are older than the last update.",
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
        lambda seen: (
            seen.first == 1
            and np.allclose(seen.ratio / seen.ratio[0], 1, rtol=1e-5)
            and not math.isclose(seen.ratio[0], 1, rel_tol=1e-4)
        ),
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
        lambda seen: _close(seen.losses, seen.each),
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


def _is_one_of(weights: np.ndarray, path: np.ndarray) -> bool:
    return any(_close(weights, earlier) for earlier in path)


def _pair(task: str, result: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights and the losses that a loop returned, if they are such."""
    wanted = f"{task} must return the pair (w, losses)"
    if not isinstance(result, list) or len(result) != 2:
        raise GraderError(f"{wanted}; it returned {_kind(result)}.", "not-a-pair")
    for name, item in zip(("w", "losses"), result):
        if not isinstance(item, list):
            sentence = f"{wanted}; its {name} is {_kind(item)}, not a list or array of numbers."
            raise GraderError(sentence, "not-a-pair")
    w, losses = (_numbers(f"{task}'s {name}", item) for name, item in zip(("w", "losses"), result))
    if len(w) != 9:
        raise GraderError(f"{wanted}; the first has {len(w)} numbers, not nine.", "not-a-pair")
    return w, losses


def _observe_loop(
    task: str, known: _StandIns, w: np.ndarray, losses: np.ndarray
) -> SimpleNamespace:
    """Return how the weights moved from update to update, beside the nearest right run."""
    calls, points = known.forward_calls, np.column_stack([ROWS, TARGETS]).tolist()
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
        other_data=not all(any(_same([*x, y], point) for point in points) for x, y, _ in calls),
        losses=losses,
        each=np.array([(y - _stand_in_output(x, before)) ** 2 for x, y, before in data]),
    )


def _settings(task: str) -> str:
    values = [f"{name} = {value}" for name, value in zip(ARGUMENTS[task][3:], SETTINGS[task])]
    return f"on {len(ROWS)} data points with {', '.join(values)}"


def _wrong_weights(task: str, seen: SimpleNamespace) -> GraderError:
    cause, why = _recognised(LOOP_MISTAKES, seen)
    epoch, point = divmod(seen.first - 1, len(ROWS))
    where = f"update {seen.first} (epoch {epoch + 1}, data point {point + 1})"
    details = f"{_settings(task)}, known functions in place of yours"
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
    return GraderError(sentence, cause, f"{_settings(task)}\n{_got_expected(rows)}")


def _judge_loop(task: str, loop: Callable, known: _StandIns | None) -> None:
    """Judge a loop: the right weights and losses."""
    w, losses = _pair(task, _call(task, loop, ROWS, TARGETS, START, *SETTINGS[task]))
    runs = _runs("stand-ins" if known else "graph", task)
    reached = [right for path, right in runs if _close(w, path[-1])]
    if any(_close(losses, right) for right in reached):
        return
    if known and known.backward_calls:
        seen = _observe_loop(task, known, w, losses)
        raise _wrong_losses(task, seen, reached[0]) if reached else _wrong_weights(task, seen)
    rows = [(f"w{i + 1}", *pair) for i, pair in enumerate(zip(w, runs[0][0][-1]))]
    sentence = f"{task} does not reach the right weights and losses."
    raise GraderError(sentence, None, f"{_settings(task)}\n{_got_expected(rows, 3)}")


def _grade_loop(task: str, work: Any) -> str:
    judge = functools.partial(_judge_loop, task)
    line = _judged_twice(task, work, judge)
    try:
        _judged_twice(task, work, judge)
    except GraderError:
        sentence = f"{task} is right when called once, but not when called again: does something "
        raise GraderError(sentence + "outlive the call?", "outlives-the-call") from None
    return line


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
        work, verdict = namespace.get(task), "passed"
        try:
            if task not in namespace:
                raise GraderError("it is not defined; did its cell run?", "not-attempted")
            if not callable(work):
                raise GraderError(f"it is no function but {_kind(_plain(work))}.", "wrong-type")
            with _quiet():
                passed += grader(work)
        except GraderError as error:
            attempted = error.cause != "not-attempted"
            verdict = f"not {'right yet' if attempted else 'attempted'}: {error.sentence}"
        except Exception as error:  # noqa: BLE001 - a report must not fail
            verdict = f"could not be judged: {type(error).__name__}"
        print(f"{task:22}{verdict}")
    ready = passed == len(STAGES)
    print(f"\n{passed} of {len(STAGES)} stages pass{': ready to submit' if ready else ''}.")
    return ready
