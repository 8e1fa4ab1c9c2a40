"""Graders of the backpropagation assignment: one for each function a student writes.

    grader_sigmoid(sigmoid)                     grader_grad_check(gradient_checking)
    grader_forwardprop(forward_propagation)     grader_vanilla(train_vanilla)
    grader_backprop(backward_propagation)       grader_momentum(train_momentum)
    submission_report(globals())                grader_adam(train_adam)

A grader prints one line and returns True when the work is right, and raises `GraderError`, whose
message says what is wrong, when it is not. It calls the student's function at known points and
compares what comes back with the reference values below. No task is solved in this file.

`python graders.py --help` grades whole notebooks.

In order: reference values; what a student sees; calling and reading a student's function; naming a
mistake; the graders of tasks 1.1 and 1.2; known functions that stand in for the student's; the
graders of tasks 1.3 and 2; the report; grading without trust.
"""

from __future__ import annotations

import contextlib
import copy
import dis
import functools
import inspect
import io
import itertools
import linecache
import logging
import math
import re
import sys
import traceback
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
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
forward_propagation:
1.1272967040973583 0.8417934192562146 0.5279179387419721 0.9298048963072919 -1.9285278284819143
1.1815661568197595 0.7705036714863884 0.3313615362839690 0.7479186541490441  1.7296458066888078
0.9834587441743216 -.2132190060478641 0.7213241237938940 0.4970646260099863 -1.4100562059861107
1.6661507069375012 0.4020993872056999 0.3737384910818336 0.6674728464246963 -1.6339802280623794
1.6490859422202465 0.6521817475520413 0.5871901640851384 1.7867734905639778  2.6734049379500875
0.3179201081496085 0.7607192701584462 0.7513451562928076 0.8596978781952625  1.8543978841610691
backward_propagation:
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
.122417259 -.125890258 .505834701 .894235034 .713017591 .160905687 .262701854 .845610282 1.019500439
1.137484186 .728883001
stand-ins, train_momentum:
.094848716 -.121614061 .512217165 .912493921 .642019282 .159676643 .263495253 .842187548 1.019548732
1.005266031 .507515813
stand-ins, train_adam outside:
.178281457 -.141253153 .506045666 .819574827 .566668988 .051270908 .204664319 .818815801 1.038800972
.832314716 .512687428
stand-ins, train_adam inside:
.177038976 -.139886307 .506022231 .819835986 .565828319 .062054126 .204753649 .818889457 1.038881053
.837613256 .513926017
stand-ins, train_adam folded:
.187231649 -.145486615 .505318076 .819983427 .570514587 .071415164 .212740984 .819262621 1.036253235
.851377204 .521803114
diagnosis, train_vanilla:
.870856581 .692506153 .920031497 1.107090798 1.040467999 .759167464 .813912402 1.296872441 1.408602011
.806247452 .670670820 .824976704 1.031495790 .991579318 .731006025 .802506456 1.246626631 1.381121163
.643390859 .535872947 .753766662 .904670855 .904993290 .657176861 .730819582 1.206274431 1.332603382
.621212098 .485710722 .693556389 .846332424 .854002928 .645849867 .700414749 1.170140845 1.308050809
.589794459 .475270728 .644709210 .806937775 .826648644 .629518023 .693723683 1.139235960 1.290654672
.489666643 .394986218 .597937796 .723551552 .765980826 .576082234 .641640838 1.108243106 1.252548417
diagnosis, train_momentum:
.895428290 .751253076 .985015749 1.168545399 1.090233999 .769583732 .841956201 1.328436221 1.429301006
.842279969 .697312219 .884457076 1.082350061 1.027677526 .746844378 .815940829 1.278490531 1.399722596
.716960097 .586966018 .774525897 .953089958 .937410924 .691860856 .759980559 1.222095207 1.353551011
.615992907 .480281759 .664422219 .829674513 .845922705 .646982561 .703866041 1.163002583 1.307867748
.530117510 .400566541 .564520515 .724443241 .768662392 .607586269 .661305549 1.106652733 1.267403924
.427378994 .312717140 .475191988 .615324160 .687861262 .555581438 .607997605 1.052948316 1.221355850
diagnosis, train_adam:
.870000000 .760000000 1.000000000 1.180000000 1.090000000 .730000000 .820000000 1.310000000 1.400000000
.820074407 .720239151 .950453289 1.131393835 1.043042474 .680052567 .780209258 1.260410793 1.351356473
.773425261 .675273157 .902190016 1.081872785 .994439003 .633288034 .735242498 1.212019328 1.301825764
.732123446 .630550941 .854290077 1.033763802 .946325070 .591964097 .690473628 1.163899619 1.253644293
.692528407 .592200486 .807360343 .988231712 .901463671 .552494124 .652055822 1.116624681 1.207962518
.648630561 .549864639 .761662421 .941190370 .855322934 .508802312 .609592189 1.070427710 1.160719045
"""


# What known mistakes give in place of that: the first wrong part of the forward pass at each
# point, gradient_checking on stand-ins, a loop's last weights in the run for diagnosis. A table that
# `python tests/mistakes.py` makes, from wrong implementations.
MISTAKEN = """
exp inside-square: 1.0017 2.542 3.1617 1.6232 1.0386 2.3218
exp outside: 1.12 1.2891 1.0818 1.5124 1.5021 -.13793
tanh outside: .91009 .66794 -.44544 -.30896 .058732 .98763
sigmoid outside: .60295 -.5018 1.1337 1.0365 1.4684 1.391
exp doubled: .83395 .19363 .17982 2.5651 .95047 .56802
sigmoid sine-of-all: .52793 .33363 .72109 .46046 .60364 .75236
sigmoid missing-brackets: .5238 .21957 .90287 .68942 .52515 .69866
tanh no-tanh: 1.2273 1.0216 -.21654 .42615 .77909 .99792
loss wrong-output: 2.9649 .084642 .15502 .50758 1.3622 1.0066
loss wrong-output 2: 1.5544 .042481 .43481 .65548 1.7419 .86144
exp no-square: .96003 .38064 .34202 2.0057 1.2148 .3994
exp cube: 1.1021 .54948 .49871 1.5918 1.5299 .29337
exp squares-apart: 1.1829 2.1773 1.0818 11.343 2.1272 .30412
exp no-exp: .11982 .16684 -.01668 .51052 .50022 -1.146
exp multiplied: 1.002 .87592 .83717 1.0276 1.0269 .85425
tanh multiplied: .11225 -.18683 -.8275 -.96841 -.89263 .21288
sigmoid multiplied: .50029 .39227 .55556 .2465 .28153 .55832
loss added: .15143 .74281 .01252 .1196 4.9701 3.8106
tanh sigmoid-for-tanh: .77335 .73528 .44608 .60495 .68548 .73065
sigmoid cos-for-sin: .50494 .38207 .3943 .95176 .34507 .55549
sigmoid no-sin: .52793 .33636 .72378 .35687 .58126 .75316
sigmoid sum-for-product: .46843 .54407 .28506 .9447 .40026 .43199
sigmoid no-sigmoid: .11179 -.70203 .95104 -.51621 .35236 1.1058
sigmoid tanh-for-sigmoid: .11132 -.60566 .74025 -.47477 .33847 .80257
loss output-product: 3.2921 .017515 .0079659 2.2519 .2845 .0009785
loss absolute-loss: .96426 .86482 .70503 .81699 1.3367 .9272
gradient_checking one-weight-only: 3.5036e-08 2.974e-07 7.218e-08 2.2511e-08 1.3041e-07 2.7142e-08
gradient_checking one-weight-only 2: 3.3845e-07 5.5643e-07 2.7449e-07 1.2944e-07 7.5926e-08 9.3489e-08
gradient_checking not-normalised: 8.8217e-07 7.7854e-06 6.2086e-06 1.9165e-05 4.8013e-06 3.5693e-06
train_momentum no-velocity: .6564 .55405 .77248 .9224 .91804 .66109 .73784 1.2144 1.3376
train_momentum reset-each-epoch: .59366 .46382 .62586 .79259 .81391 .6313 .68731 1.1321 1.2867
train_momentum averaged: .73716 .62328 .8355 1.0032 .97702 .70053 .77785 1.2523 1.3709
train_momentum gamma-power: .40556 .29652 .48963 .61206 .68745 .54547 .5991 1.0611 1.2201
train_momentum gamma-power 2: .51971 .41414 .62104 .75455 .79312 .59755 .66189 1.1316 1.2735
train_momentum gamma-power 3: .60958 .49825 .69914 .85026 .86239 .63917 .70732 1.1745 1.31
train_momentum gamma-power 4: .58182 .46316 .65342 .80565 .82778 .62631 .68838 1.1499 1.2931
train_momentum gamma-power 5: .38015 .23641 .35974 .51362 .60726 .53457 .56843 .99293 1.1845
train_momentum nesterov: .46353 .34883 .51951 .65965 .7167 .56843 .62179 1.0702 1.2327
train_momentum nesterov 2: .39775 .29319 .46332 .59013 .6647 .53428 .58686 1.0353 1.2024
train_momentum shared: .50189 .33099 .50985 .62851 .56248 .30395 .44469 .95228 1.0792
train_momentum starts-at-ones: .40866 .29269 .45516 .59599 .66304 .52587 .57779 1.0225 1.1882
train_momentum starts-at-ones 2: .41799 .22094 .51802 .6571 1.1389 1.4442 1.4906 2.0745 2.5067
train_adam no-bias-correction: .63128 .53158 .73996 .91939 .83363 .49163 .59125 1.0485 1.1388
train_adam no-bias-correction 2: .7846 .67735 .90087 1.0815 .99299 .64467 .7373 1.2106 1.3014
train_adam no-bias-correction 3: .27395 .22997 .42047 .58499 .51431 .13786 .28623 .71884 .79986
train_adam constant-correction: .54084 .44657 .64658 .82409 .74047 .40169 .50587 .95371 1.0429
train_adam constant-correction 2: .62535 .52596 .73377 .9131 .82747 .48573 .58562 1.0423 1.1325
train_adam t-epoch: .58463 .49049 .69548 .87353 .78922 .44507 .55 1.0034 1.0927
train_adam t-position: .61161 .51125 .71913 .89852 .81299 .47198 .57086 1.0275 1.1179
train_adam t-index: .53826 .52526 .76788 .9649 .88738 .54702 .64629 1.1104 1.2001
train_adam t-off-by-one: .67092 .5701 .78315 .96301 .87656 .53109 .62989 1.0921 1.1826
train_adam shared: .56227 .49356 .70328 .82814 .59739 -.86441 .1662 .77622 .63197
train_adam shared 2: .72431 .62201 .84516 1.0302 .99539 .7137 .78658 1.2575 1.3751
train_adam shared 3: .67714 .55253 .77237 .93631 .84811 .51368 .61904 1.1137 1.2165
train_adam reset-each-epoch: .66062 .57128 .78662 .96669 .88106 .52035 .63123 1.0963 1.1866
train_adam reset-each-epoch 2: .6275 .54099 .75405 .9341 .8491 .48716 .60092 1.0637 1.154
train_adam starts-at-ones: .61316 .5023 .71917 .89688 .82108 .51968 .59479 1.0631 1.177
train_adam starts-at-ones 2: .33124 .38784 .62281 .79548 .66547 -.39598 .2512 .76835 .69499
train_adam starts-at-ones 3: .72942 .60554 .81469 .99434 .93223 .65769 .7277 1.1922 1.3174
train_adam no-root: .78307 .71147 .94834 1.1312 1.0058 .42269 .65858 1.1489 1.1494
train_adam no-root 2: .48211 .55188 .79175 .97326 .7994 -.36255 .30396 .82107 .6495
train_adam no-square: .52427 .3939 .59547 .76465 .74236 .51812 .57386 1.0336 1.1719
train_adam betas-exchanged: .65466 .54156 .74629 .9338 .84382 .5141 .60169 1.0563 1.154
train_adam betas-exchanged 2: -.063873 -.029967 .13019 .26719 .21746 -.17125 .017217 .40903 .47093
train_adam betas-exchanged 3: .85055 .73917 .96926 1.1515 1.0613 .71052 .79919 1.2793 1.3715
train_adam one-beta: .26811 .21731 .40291 .56664 .49542 .13249 .27372 .70132 .78158
train_adam one-beta 2: .49839 .4127 .61255 .78834 .70681 .35916 .47175 .91874 1.0068
train_adam last-gradient: .48847 .39157 .61234 .77363 .69405 .35148 .44895 .91404 .98989
train_adam rmsprop: .6298 .57184 .79779 .95801 .88118 .49272 .6307 1.1039 1.1758
train_adam rmsprop 2: .30807 .339 .55241 .68292 .62848 .18981 .3924 .84208 .89115
train_adam no-v: .4342 .26841 .40757 .56328 .63611 .55824 .58114 1.0133 1.1995
"""


def _read(numbers: str) -> dict[str, np.ndarray]:
    blocks = re.split(r"^([a-z].*):", numbers, flags=re.MULTILINE)[1:]
    texts = zip(blocks[::2], blocks[1::2])
    return {title: np.array(text.split(), dtype=float) for title, text in texts}


def _runs(model: str, task: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the right results of a loop, (weights, losses), one for each right form of its rule."""
    runs = [run for title, run in REFERENCE.items() if title.startswith(f"{model}, {task}")]
    return [(run[:9], run[9:]) for run in runs]


REFERENCE, FINGERPRINTS = _read(NUMBERS), _read(MISTAKEN)
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

# The loops are judged on three data points from START, with settings that are nobody's defaults. To
# find a mistake they run once more, where all gradients stay positive and Adam's epsilon is 0, so
# that no root fails and its three right forms are one.
EPOCHS = 2
ROWS = np.array([x for x, _, _ in POINTS[1:4]])
TARGETS = np.array([y for _, y, _ in POINTS[1:4]])
START = np.array([0.42, -0.31, 0.55, 0.73, 0.64, 0.28, 0.37, 0.86, 0.95])
DIAGNOSIS = np.abs(ROWS) / 4, -np.abs(TARGETS), np.abs(START) + 0.5
SETTINGS = {  # from epochs on, as in ARGUMENTS
    "train_vanilla": (EPOCHS, 0.04),
    "train_momentum": (EPOCHS, 0.02, 0.7),
    "train_adam": (EPOCHS, 0.05, 0.8, 0.93, 0.02),
}
DIAGNOSIS_SETTINGS = SETTINGS | {"train_adam": (EPOCHS, 0.05, 0.8, 0.93, 0.0)}

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
RTOL_MISTAKEN = 1e-4  # what mistakes give is stored to five digits
RTOL_RATIO = 1e-6  # a ratio of gradients, and a product of local factors


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


def _got_expected(rows: list[tuple[str, float, float]], most: int = 4) -> str:
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
    if not isinstance(values, list):
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
    found = {"dy_pr": result["dy_pred"], **result} if "dy_pred" in result else result
    missing = [repr(key) for key in keys if key not in found]
    if missing:
        sentence = f"{task} returned a dict without {', '.join(missing)}: it is {_kind(result)}."
        raise GraderError(sentence, "missing-key")
    return [_number(f"{task}'s {key!r}", found[key], where) for key in keys]


class _Here:
    """One of a student's functions, and the globals it uses, in this process.

    Graders reach the function through these methods alone, which take and return plain data. So it
    may as well live in another process: the last part of this file has the same methods over there.
    """

    def __init__(self, task: str, function: Callable):
        self.task, self.function, self.namespace = task, function, _globals_of(function)
        self._placed: list[contextlib.AbstractContextManager] = []
        self._known: _StandIns | None = None
        self._heard = False

    def call(self, *arguments: Any) -> Any:
        """Call the function; return its result as plain data, or raise GraderError.

        backward_propagation is called with x, y, w and the right values of the forward pass: its
        dictionary has these values, dressed like the student's own.
        """
        if self.task == "backward_propagation":
            x, y, w, values = arguments
            own = _own_result(self.namespace.get("forward_propagation"), x, y, w)
            arguments = x, w, _dressed_as(own, dict(zip(FORWARD_KEYS, values)))
        return _call(self.task, self.function, *arguments)

    def names_read(self) -> list[str]:
        """Return the names of the globals that the function and its helpers read, from their code."""
        names: set[str] = set()
        with contextlib.suppress(Exception):  # an object may pose as a function
            codes = [inspect.unwrap(self.function).__code__]
            for code in codes:
                codes += [constant for constant in code.co_consts if inspect.iscode(constant)]
                steps = dis.get_instructions(code)
                read = {step.argval for step in steps if step.opname == "LOAD_GLOBAL"} - names
                names |= read
                helpers = [self.namespace.get(name) for name in read - ARGUMENTS.keys()]
                codes += [h.__code__ for h in helpers if inspect.isfunction(h)]
        return sorted(names)

    def put_other_global(self, name: str) -> None:
        """Put other numbers in place of those in a global."""
        try:
            other = 1.5 * np.asarray(self.namespace[name], dtype=float) + 0.1
        except (KeyError, TypeError, ValueError):
            other = self.namespace.get(name)
        self._put(**{name: other})

    def divides_by_zero(self, *arguments: Any) -> bool:
        """Tell whether a call ends with a division by 0."""
        with np.errstate(divide="raise", invalid="raise"):
            error = _attempt(self.function, *arguments)[2]
        by_numpy = isinstance(error, FloatingPointError) and "divide" in str(error)
        return by_numpy or isinstance(error, ZeroDivisionError)

    def sigmoid_is_wrong(self) -> bool:
        """Tell whether grader_sigmoid refuses the `sigmoid` among the globals."""
        own = self.namespace.get("sigmoid")
        return _attempt(grader_sigmoid.__wrapped__, own)[2] is not None

    def put_stand_ins(self) -> None:
        """Put known functions in place of the student's own forward and backward propagation."""
        self._known = _StandIns(self.namespace)
        self._put(
            forward_propagation=self._known.forward, backward_propagation=self._known.backward
        )

    def put_spoilt(self, spoilt: list[int], how: str) -> None:
        """Make gradients of backward_propagation wrong, as WRONG_GRADIENTS says."""
        backward, self._heard = self.namespace.get("backward_propagation"), False

        def wrong(*args: Any, **kwargs: Any) -> Any:
            self._heard = True
            return _spoilt(backward(*args, **kwargs), list(spoilt), WRONG_GRADIENTS[how])

        wrong.__name__ = wrong.__qualname__ = "backward_propagation"
        self._put(backward_propagation=wrong)

    def _put(self, **functions: Callable) -> None:
        self._placed.append(_in_place(self.namespace, **functions))
        self._placed[-1].__enter__()

    def put_back(self) -> None:
        """Undo the last put."""
        self._placed.pop().__exit__(None, None, None)

    def put_all_back(self) -> None:
        """Undo every put."""
        while self._placed:
            self.put_back()

    def heard(self) -> bool:
        """Tell whether the spoilt backward_propagation was called."""
        return self._heard

    def reached(self) -> bool:
        """Tell whether a stand-in was ever called."""
        return self._known.reached

    def asked(self) -> dict[str, list]:
        """Return the calls of the stand-ins since the last time: (x, y, w) and (x, w) of each."""
        return self._known.take_calls()


def _student(task: str, work: Any) -> _Here:
    """Return the student's function as graders reach it."""
    return work if isinstance(work, _There) else _Here(task, work)


@contextlib.contextmanager
def _put_back(student: _Here) -> Iterator[None]:
    try:
        yield
    finally:
        student.put_back()


# ---------------------------------------------------------------------------------------
# Naming a mistake. A table of mistakes has rows (cause, evidence, sentence), and the first row whose
# evidence is there is named. Evidence is a function of what was seen; what it returns, unless it is
# false, is {found} in the sentence. Where it is None, the mistake's numbers are in MISTAKEN. A row
# without a cause tells what was seen, and claims no more.
# ---------------------------------------------------------------------------------------


def _recognised(mistakes: tuple, seen: SimpleNamespace) -> tuple[str | None, str]:
    """Return (cause, sentence) of the first of `mistakes` that the evidence shows."""
    for cause, evidence, sentence in mistakes:
        found = evidence(seen) if evidence else cause == seen.fingerprint
        if found:
            return cause, sentence.format(found=found, **vars(seen))
    return None, ""


def _fingerprint(about: str, numbers: np.ndarray) -> str | None:
    """Return the cause of the known mistake about a key or a task that gives these numbers."""
    for title, known in FINGERPRINTS.items():
        subject, cause, *_ = title.split()
        if subject == about and np.allclose(numbers, known, rtol=RTOL_MISTAKEN, atol=0):
            return cause
    return None


def _globals_that_matter(seen: SimpleNamespace) -> str:
    """Return the notebook's variables, in place of parameters, whose values change the results."""
    names = []
    for name in {"X", "data", "w", "x", "y"}.intersection(seen.student.names_read()):
        seen.student.put_other_global(name)
        with _put_back(seen.student):
            again = _attempt(seen.repeat)[1]
        if again is None or not np.array_equal(again, seen.repeat(), equal_nan=True):
            names.append(name)
    return ", ".join(sorted(names))


READS_GLOBAL = (  # a row of several tables
    "reads-global",
    _globals_that_matter,
    "{task} reads the notebook's {found}; it must use its own parameters, which hold other values.",
)


# ---------------------------------------------------------------------------------------
# Forward and backward passes, judged at all of POINTS
# ---------------------------------------------------------------------------------------


def _same_whatever(seen: SimpleNamespace) -> str:
    """Return which of x, y and w make no difference to the results."""
    changes = {
        "x": lambda x, y, w: (x * np.linspace(0.8, 1.3, 5), y, w),
        "y": lambda x, y, w: (x, y + 1, w),
        "w": lambda x, y, w: (x, y, w * np.linspace(0.8, 1.3, 9)),
    }
    names = [name for name in ARGUMENTS[seen.task] if name in changes]
    return " and ".join(n for n in names if np.allclose(seen.again(changes[n]), seen.got, RTOL, 0))


def _right_if_swapped(seen: SimpleNamespace) -> str:
    """Return two weights that must change places for what is wrong to become right."""
    for i, j in itertools.combinations(range(9), 2):
        order = np.arange(9)
        order[[i, j]] = j, i
        swapped = seen.again(lambda x, y, w, order=order: (x, y, w[order]))
        if _right(swapped, seen.expected)[:, seen.column].all():
            return f"w{i + 1} and w{j + 1}"
    return ""


WRONG_SIGMOID = (
    "wrong-sigmoid",
    lambda seen: (
        (seen.key == "sigmoid" or set(seen.wrong_keys) <= {"dw3", "dw4", "dw5", "dw8", "dw9"})
        and "sigmoid" in seen.student.names_read()
        and seen.student.sigmoid_is_wrong()
    ),
    "the function sigmoid, which {task} calls, is not right yet: see what grader_sigmoid says.",
)
PASS_MISTAKES = (  # rows of both tables
    READS_GLOBAL,
    ("ignores-argument", _same_whatever,
     "{task} gives the same results whatever {found} it is given."),
    ("swapped-weights", _right_if_swapped,
     "{key} would be right if {found} changed places: are the two mixed up?"),
)  # fmt: skip
ROUNDED = (
    "rounded",
    lambda seen: np.allclose(seen.got, seen.expected, rtol=1e-4, atol=0),
    "right to a few digits only: do not round, and keep to double precision.",
)
REFERENCE_ONLY = (
    "reference-point-only",
    lambda seen: not seen.wrong[0].any() and seen.wrong[1:].any(axis=1).all(),
    "{key} is right at w = 0.1 everywhere only: are two weights mixed up, or numbers typed in?",
)


def _right(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.isclose(got, expected, rtol=RTOL, atol=0)


def _judge_pass(task: str, work: Any, keys: tuple[str, ...], given: Callable, table: tuple) -> str:
    """Judge a pass: a function, called with `given(i, x, y, w)` at the i-th point, or its result."""
    student = _student(task, work) if callable(work) else None

    def numbers(change: Callable) -> np.ndarray:
        results = [_plain(work)]
        if student:
            points = [given(i, *change(x, y, w)) for i, (x, y, w) in enumerate(POINTS)]
            results = [student.call(*arguments) for arguments in points]
        return np.array([_entries(task, r, keys, _where(i)) for i, r in enumerate(results)])

    got = numbers(lambda *point: point)
    expected = REFERENCE[task].reshape(-1, len(keys))[: len(got)]
    wrong = ~_right(got, expected)
    if not wrong.any():
        return f"{task} is right at {'the reference point' if len(got) == 1 else f'{len(got)} points'}."

    def again(change: Callable) -> np.ndarray:
        result = _attempt(numbers, change)[1]
        return np.full_like(got, np.nan) if result is None else result

    column = int(wrong.any(axis=0).argmax())
    seen = SimpleNamespace(task=task, student=student, key=keys[column], column=column, again=again)
    seen.got, seen.expected, seen.wrong = got, expected, wrong
    seen.wrong_keys = [key for key, c in zip(keys, wrong.T) if c.any()]
    seen.repeat = functools.partial(again, lambda *point: point)
    seen.fingerprint = _fingerprint(keys[column], got[:, column])
    cause, why = _recognised(table, seen) if student else (None, "")
    i = int(wrong[:, column].argmax())
    rows = [(keys[c], got[i, c], expected[i, c]) for c in np.flatnonzero(wrong[i])]
    names = ", ".join(name for name, _, _ in rows)
    verb, next_step = ("is", "") if len(rows) == 1 else ("are", " Begin with the first.")
    if task == "backward_propagation":
        next_step = " Compare with two-sided differences of the loss (task 1.3)."
    why = why or f"{names} {verb} not right yet.{next_step}"
    raise GraderError(why, cause, f"{_where(i)}:\n{_got_expected(rows)}")


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
    student = _student("sigmoid", work)
    for z, right in zip(points, REFERENCE["sigmoid"].tolist()):
        got = _number(f"sigmoid({z})", student.call(z))
        if not math.isclose(got, right, rel_tol=RTOL_SIGMOID, abs_tol=ATOL_SIGMOID):
            table = _got_expected([("sigmoid", got, right)])
            raise GraderError("sigmoid is not right yet.", None, f"at z = {z}:\n{table}")
    return f"sigmoid is right at z = {', '.join(map(str, points))}."


PART_WEIGHTS = {  # that enter at a part, and those that entered before it
    "exp": ((1, 2, 6), ()),
    "tanh": ((7,), (1, 2, 6)),
    "sigmoid": ((3, 4, 5, 8), ()),
    "loss": ((9,), (1, 2, 3, 4, 5, 6, 7, 8)),
    "dy_pr": ((), range(1, 10)),
}


def _moved_by(seen: SimpleNamespace, k: int) -> bool:
    """Tell whether the first wrong part changes with the weight w_k."""
    again = seen.again(lambda x, y, w: (x, y, w + 0.3 * (np.arange(9) == k - 1)))
    return not np.allclose(again[:, seen.column], seen.got[:, seen.column], RTOL, 0)


def _foreign(seen: SimpleNamespace) -> str:
    """Return the weights that make a difference to the first wrong part and do not enter it."""
    entering, before = PART_WEIGHTS[seen.key]
    weights = [k for k in range(1, 10) if k not in (*entering, *before) and _moved_by(seen, k)]
    return ", ".join(f"w{k}" for k in weights)


def _left_out(seen: SimpleNamespace) -> str:
    """Return the weights that enter at the first wrong part and make no difference to it."""
    entering, _ = PART_WEIGHTS[seen.key]
    idle = [k for k in entering if not _moved_by(seen, k)]
    return ", ".join(f"w{k}" for k in idle) if len(idle) < len(entering) or len(idle) == 1 else ""


def _times(factor: float) -> Callable[[SimpleNamespace], bool]:
    """Return the evidence that the first wrong part is `factor` times the right one everywhere."""
    return lambda seen: _right(seen.got, factor * seen.expected)[:, seen.column].all()


# The first wrong part is named. In its numbers the mistake shows, or in what they do not depend on.
FORWARD_MISTAKES = (
    ("no-square", None, "exp: the square is missing."),
    ("cube", None, "exp: the sum w1·x1 + w2·x2 is cubed, not squared."),
    ("squares-apart", None, "exp: the sum is squared as a whole, not each of its terms."),
    ("no-exp", None, "exp: this is the exponent; the exponential function is missing."),
    ("multiplied", None, "{key}: a weight that must be added is multiplied."),
    ("added", None, "loss: w9 is added; it must be multiplied."),
    ("sigmoid-for-tanh", None, "tanh: this is the sigmoid of the right number, not its tanh."),
    ("tanh-for-sigmoid", None, "sigmoid: this is the tanh of the right number, not its sigmoid."),
    ("cos-for-sin", None, "sigmoid: it has the cosine where the graph has the sine."),
    ("no-sin", None, "sigmoid: the sine is missing."),
    ("sum-for-product", None, "sigmoid: the sine is added to the sum beside it; it must be multiplied."),
    ("no-sigmoid", None, "sigmoid: this is what goes into the sigmoid function, not what comes out."),
    ("output-product", None, "loss: the output ŷ is a product here; it must be a sum."),
    ("absolute-loss", None, "loss: this is the distance between y and ŷ; its square is missing."),
    ("inside-square", None, "exp: w6 stands inside the square; it is added to the square."),
    ("outside", None, "{key}: a weight is added to the function's result; it belongs inside."),
    ("doubled", None, "exp: the sum is doubled, not squared."),
    ("sine-of-all", None, "sigmoid: the sine is taken of the whole product; it is one of its factors."),
    ("missing-brackets", None, "sigmoid: the sine multiplies w4·x4 alone: are brackets missing?"),
    ("no-tanh", None, "tanh: this is what goes into tanh, not what comes out."),
    ("wrong-output", None, "loss: w9 multiplies something else than sigmoid alone."),
    ROUNDED,
    ("wrong-sign", _times(-1), "{key} has the right size and the wrong sign."),
    ("wrong-sign", _times(-0.5), "{key} is half of what it must be, and has the wrong sign."),
    ("half", _times(0.5), "{key} is half of what it must be, at every point."),
    ("twice", _times(2), "{key} is twice what it must be, at every point."),
    WRONG_SIGMOID,
    *PASS_MISTAKES,
    ("foreign-weight", _foreign, "{key} changes with {found}, which does not enter there."),
    ("left-out", _left_out, "{key}: a change of {found} makes no difference to it."),
    REFERENCE_ONLY,
)  # fmt: skip


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
    return _judge_pass(
        "forward_propagation", work, FORWARD_KEYS, lambda i, x, y, w: (x, y, w), FORWARD_MISTAKES
    )


# ---------------------------------------------------------------------------------------
# Task 1.2: backward propagation
# ---------------------------------------------------------------------------------------


def _right_forward(i: int) -> dict[str, float]:
    return dict(zip(FORWARD_KEYS, REFERENCE["forward_propagation"].reshape(-1, 5)[i].tolist()))


INTERRUPTED: set[int] = set()  # functions that had to be interrupted, by their id


def _own_result(function: Any, *arguments: Any) -> Any:
    """Return what a student's function returns, as it is; None if it raises, or never ends."""
    if id(function) in INTERRUPTED:
        return None
    try:
        return _attempt(function, *arguments)[1]
    except KeyboardInterrupt:
        INTERRUPTED.add(id(function))
        raise


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


# Where on the way back from the loss a local factor belongs
PLACES = {
    **{f"x{k}": f"the product w{k}·x{k}" for k in range(1, 6)},
    **{f"w{k}": f"the product w{k}·x{k}" for k in range(1, 6)},
    "w9": "the edge from sigmoid to ŷ",
    "2": "the square",
    "exp": "the step through exp",
    "1 - tanh²": "the step through tanh",
    "sigmoid": "the part that ends in sigmoid",
    "1 - sigmoid": "the step through the sigmoid",
    "sigmoid·(1 - sigmoid)": "the step through the sigmoid",
    "sin(w3·x3)": "the product of the sine and the sum",
    "cos(w3·x3)": "the step through the sine",
    "w1·x1 + w2·x2": "the step through the square",
    "w4·x4 + w5·x5": "the product of the sine and the sum",
    "dL/dŷ": "the start of the walk",
}
# The gradient that comes just before another one on the way back
BEFORE = {"dw6": "dw7", "dw1": "dw6", "dw2": "dw6", "dw3": "dw8", "dw4": "dw8", "dw5": "dw8"}


def _local_factors(i: int) -> dict[str, float]:
    """Return the local factors of the graph at the i-th point."""
    (x, _, w), f = POINTS[i], _right_forward(i)
    inputs = {f"x{k + 1}": x[k] for k in range(5)} | {f"w{k + 1}": w[k] for k in range(9)}
    return inputs | {
        "2": 2.0,
        "exp": f["exp"],
        "1 - tanh²": 1 - f["tanh"] ** 2,
        "1 - tanh": 1 - f["tanh"],
        "sigmoid": f["sigmoid"],
        "1 - sigmoid": 1 - f["sigmoid"],
        "sigmoid·(1 - sigmoid)": f["sigmoid"] * (1 - f["sigmoid"]),
        "sin(w3·x3)": math.sin(w[2] * x[2]),
        "cos(w3·x3)": math.cos(w[2] * x[2]),
        "tan(w3·x3)": math.tan(w[2] * x[2]),
        "w1·x1 + w2·x2": w[0] * x[0] + w[1] * x[1],
        "w4·x4 + w5·x5": w[3] * x[3] + w[4] * x[4],
        "1 + tanh²": 1 + f["tanh"] ** 2,
        "1 + sigmoid": 1 + f["sigmoid"],
        "1 - sigmoid²": 1 - f["sigmoid"] ** 2,
        "the loss L": f["loss"],
        "dL/dŷ": f["dy_pr"],
    }


@functools.cache
def _powers_of_factors() -> tuple[list[tuple[str, int]], np.ndarray]:
    """Return (name, power) of each local factor and its inverse, and their values at the points."""
    local = [_local_factors(i) for i in range(len(POINTS))]
    named = [(name, power) for power in (1, -1) for name in local[0]]
    return named, np.array([[at[name] ** power for at in local] for name, power in named])


def _factorised(ratio: np.ndarray) -> list[tuple[str, int]]:
    """Return what a ratio is at every point: one local factor or two, each with its power, 1 or -1."""
    if np.allclose(ratio, -1, rtol=RTOL_RATIO):
        return [("-1", 0)]
    named, values = _powers_of_factors()
    single = np.isclose(values, ratio, rtol=RTOL_RATIO, atol=0).all(axis=1)
    pairs = np.isclose(values[:, None] * values, ratio, rtol=RTOL_RATIO, atol=0).all(axis=2)
    pairs &= ~np.isclose(ratio, 1, rtol=RTOL_RATIO).all()  # nearly right is no factor over itself
    found = [*np.argwhere(single), *np.argwhere(pairs)]
    factors = [named[index] for index in found[0]] if found else []
    if len(factors) == 1 and factors[0][0] == "tan(w3·x3)":
        return [("sin(w3·x3)", factors[0][1]), ("cos(w3·x3)", -factors[0][1])]
    return factors


def _misplaced(
    seen: SimpleNamespace, missing: bool = False, sign: bool = False
) -> SimpleNamespace | None:
    """Return the factors by which the first wrong gradients of the walk differ from the right ones.

    None if there are no such factors, if it is not just the `sign`, or not a `missing` factor.
    """
    ratio = dict(zip(BACKWARD_KEYS, (seen.got / seen.expected).T))
    wrong = [key for key, column in zip(BACKWARD_KEYS, seen.wrong.T) if column.any()]
    factors = {key: _factorised(ratio[key]) for key in wrong if BEFORE.get(key) not in wrong}
    first = next((key for key in factors if factors[key]), None)
    if first is None:
        return None
    by_power = {p: [name for name, power in factors[first] if power == p] for p in (-1, 0, 1)}
    if sign != bool(by_power[0]) or missing != bool(by_power[-1]):
        return None
    alike = [key for key in wrong if np.allclose(ratio[key], ratio[first], RTOL_RATIO, 0)]
    later = [key for key in alike if BEFORE.get(key) in alike]
    places = [PLACES[name] for name in by_power[-1] or by_power[1] if name in PLACES]
    lacking, extra = (" and ".join(by_power[power]) for power in (-1, 1))
    first_ones = [key for key in alike if key not in later]
    return SimpleNamespace(
        names=", ".join(first_ones),
        lack="lacks" if len(first_ones) == 1 else "lack",
        have="has" if len(first_ones) == 1 else "have",
        factor=f"the factor{'s' * (' and ' in (lacking or extra))} {lacking or extra}",
        more=(f", and {extra} stands there instead" if lacking and extra else "")
        + (f"; look at {' and '.join(dict.fromkeys(places))}" if places else "")
        + (f" (and so {', '.join(later)})" if later else ""),
    )


def _swapped_gradients(seen: SimpleNamespace) -> str:
    """Return two gradients that have each other's values, if need be with the wrong sign."""
    got, expected = np.abs(seen.got), np.abs(seen.expected)
    for i, j in itertools.combinations(range(9), 2):
        if _right(got[:, [i, j]], expected[:, [j, i]]).all():
            return f"{BACKWARD_KEYS[i]} and {BACKWARD_KEYS[j]}"
    return ""


def _misordered(seen: SimpleNamespace) -> str:
    """Return the order in which more of the gradients are right than in the right one."""
    orders = {
        "from dw9 to dw1": seen.got[:, ::-1],
        "one place too early": np.roll(seen.got, 1, axis=1),
        "one place too late": np.roll(seen.got, -1, axis=1),
    }
    in_place = _right(seen.got, seen.expected).all(axis=0).sum()
    right = {order: _right(got, seen.expected).all(axis=0).sum() for order, got in orders.items()}
    best = max(right, key=right.__getitem__)
    return best if in_place < right[best] >= 3 else ""


def _branches_alike(seen: SimpleNamespace) -> int:
    """Return how many pairs of the graph's three branches begin wrong by the same factor."""
    columns = [BACKWARD_KEYS.index(key) for key in ("dw7", "dw8", "dw9")]
    ratios = (seen.got / seen.expected)[:, columns].T
    pairs = itertools.combinations(ratios, 2)
    same = sum(np.allclose(a, b, RTOL_RATIO, 0) and a.all() for a, b in pairs)
    return same if seen.wrong[:, columns].any(axis=0).all() else 0


def _start_is_wrong(seen: SimpleNamespace) -> bool:
    """Tell whether all nine are wrong and some share a factor, or have one of dL/dŷ."""
    ratios = (seen.got / seen.expected).T
    by_start = any("dL/dŷ" in dict(_factorised(ratio)) for ratio in ratios)
    return seen.wrong.any(axis=0).all() and (by_start or _branches_alike(seen) > 0)


GRADIENT_MISTAKES = (
    WRONG_SIGMOID,
    ROUNDED,
    ("never-filled", lambda seen: not seen.got.any(), "all nine gradients are 0: are they ever filled?"),
    ("misordered", _misordered, "the gradients stand in another order: {found}."),
    ("swapped", _swapped_gradients, "{found} have each other's values: are they swapped?"),
    ("upstream", lambda seen: _branches_alike(seen) == 3,
     "wrong by the same factor on all branches: look where the walk back begins, at dL/dŷ."),
    (None, _start_is_wrong,
     "all nine are wrong: begin with dw9, one multiplication away from the start of the walk."),
    ("wrong-sign", lambda seen: _misplaced(seen, sign=True),
     "{found.names} {found.have} the right size and the wrong sign{found.more}."),
    ("lacks-factor", lambda seen: _misplaced(seen, missing=True),
     "{found.names} {found.lack} {found.factor}{found.more}."),
    ("extra-factor", lambda seen: _misplaced(seen, missing=False),
     "{found.names} {found.have} {found.factor} once too often{found.more}."),
    *PASS_MISTAKES,
    REFERENCE_ONLY,
)  # fmt: skip


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
    return _judge_pass(
        "backward_propagation",
        work,
        BACKWARD_KEYS,
        lambda i, x, y, w: (x, y, w, list(_right_forward(i).values())),
        GRADIENT_MISTAKES,
    )


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
        self._calls: dict[str, list] = {"forward": [], "backward": []}
        self.reached = False
        x, y, w = POINTS[1]
        forward, backward = map(namespace.get, ("forward_propagation", "backward_propagation"))
        self._own_forward = _own_result(forward, x, y, w)
        given = defaultdict(float, _dressed_as(self._own_forward, _right_forward(1)))  # any key
        self._own_backward = _own_result(backward, x, w, given)
        plain, output = _plain(self._own_forward), float(y + _right_forward(1)["dy_pr"] / 2)
        further = plain.keys() - {*FORWARD_KEYS, *OTHER_NAME} if isinstance(plain, dict) else ()
        self._outputs = [key for key in further if _same(plain[key], output)]  # such as 'y_pred'

    def forward(self, *args: Any, **kwargs: Any) -> dict:
        x, y, w = _sorted_out("forward_propagation", (5, float, 9), args, kwargs)
        self._record("forward", x, y, w)
        y_hat = _stand_in_output(x, w)
        values = (y_hat, y_hat - 0.5 * w[8], 0.5, (y - y_hat) * (y - y_hat), 2 * (y_hat - y))
        outputs = dict.fromkeys(self._outputs, y_hat)
        return _dressed_as(self._own_forward, dict(zip(FORWARD_KEYS, values)) | outputs)

    def backward(self, *args: Any, **kwargs: Any) -> dict:
        x, w, forward_dict = _sorted_out("backward_propagation", (5, 9, dict), args, kwargs)
        self._record("backward", x, w)
        stale = _stand_in_output(x, w) - forward_dict["exp"]  # not 0 if it is of other weights
        dy_pr = forward_dict["dy_pr" if "dy_pr" in forward_dict else "dy_pred"] + stale
        values = [dy_pr * 2 * k * v for k, v in zip(_stand_in_factors(x), w)]
        return _dressed_as(self._own_backward, dict(zip(BACKWARD_KEYS, values)))

    def _record(self, which: str, *call: Any) -> None:
        self.reached = True
        if len(self._calls[which]) < 2000:  # more tell nothing
            self._calls[which].append(call)

    def take_calls(self) -> dict[str, list]:
        """Return the calls since the last time."""
        calls, self._calls = self._calls, {"forward": [], "backward": []}
        return calls


def _sorted_out(task: str, kinds: tuple, args: tuple, kwargs: dict[str, Any]) -> list:
    """Return the arguments in order; those given by name are told apart by what they are."""

    def kind(argument: Any) -> Any:
        return len(argument) if isinstance(argument, list) else type(argument)

    given = [_plain(argument) for argument in args]
    named = {kind(argument): argument for argument in map(_plain, kwargs.values())}
    given += [named.get(wanted) for wanted in kinds[len(given) :]]
    if tuple(map(kind, given)) != kinds:
        raise TypeError(
            f"{task} is called with other arguments than ({', '.join(ARGUMENTS[task])})"
        )
    return given


def _stand_in_factors(x: list[float]) -> list[float]:
    return [x[i % 5] * (1 - i / 10) for i in range(9)]


def _stand_in_output(x: list[float], w: list[float]) -> float:
    return sum(k * v * v for k, v in zip(_stand_in_factors(x), w))


def _judged_twice(task: str, work: Any, judge: Callable[[_Here, bool], None]) -> str:
    """Run `judge(student, False)` with the student's own functions, then `(student, True)` with others.

    Returns the line to print if either finds the work right. Else raises what the second found, or
    the first if the work never came to call the stand-ins.
    """
    if not callable(work):
        raise _no_function(task)
    student = _student(task, work)
    try:
        judge(student, False)
        return f"{task} is right."
    except GraderError as error:
        with_own = error
    student.put_stand_ins()
    with _put_back(student):
        try:
            judge(student, True)
        except GraderError:
            if not student.reached():
                raise with_own from None
            raise
    return (
        f"{task} is right, judged with known functions in place of your forward_propagation and "
        f"backward_propagation. With yours: {with_own.sentence.split('. ')[0]}"
    )


# ---------------------------------------------------------------------------------------
# Task 1.3: gradient checking
# ---------------------------------------------------------------------------------------

# `seen` has what gradient_checking gave at each point and, with stand-ins, how it moved the weights.
# Its numbers tell by which factor the approximate gradients are off: then it gives |1 - c| / (1 + c).
CHECK_MISTAKES = (
    READS_GLOBAL,
    ("never-filled", lambda seen: seen.moved.any() and np.allclose(seen.got, 1, RTOL),
     "one of the two vectors of gradients is all zeros: is it ever filled?"),
    ("wrong-divisor", lambda seen: _off_by(seen),
     "the vectors differ by a factor ({found}): what is the difference of the losses divided by?"),
    ("denominator", lambda seen: np.allclose(seen.got, 2 * seen.expected, RTOL_CHECK, 0),
     "the result is twice what it must be: the denominator is the sum of both norms."),
    ("not-normalised", None, "the distance of the gradients is not divided by the sum of their norms."),
    ("one-weight-only", None, "the result compares a single weight; it must compare all nine at once."),
    ("other-point", lambda seen: seen.other_point,
     "gradient_checking looks at another data point, or at other weights, than it is given."),
    ("not-restored", lambda seen: seen.calls and all(map(_pile_up, seen.moved_at)),
     "weights that were moved are not moved back, so that the errors add up."),
    ("several-at-once", lambda seen: (seen.moved.sum(axis=1) > 1).any(),
     "gradient_checking tries weights that differ from the given w in several places at once."),
    ("nothing-moves", lambda seen: seen.calls and not seen.moved.any(),
     "every loss is taken at the same w: do two names share one array, or is a copy moved in vain?"),
    ("weights-left-out", lambda seen: seen.calls and seen.left_out,
     "gradient_checking does not move {found}: does the loop cover it, or does it end too early?"),
    ("one-sided", lambda seen: seen.calls and ((seen.moves >= 0).all() or (seen.moves <= 0).all()),
     "gradient_checking moves each weight to one side only; the formula needs both sides."),
    ("eps-ignored", lambda seen: not np.allclose(np.abs(seen.moves[seen.moved]), CHECK_EPS, 1e-6, 0),
     "gradient_checking moves weights by other amounts than the eps it is given."),
    ("never-rings", lambda seen: not seen.got.any(),
     "gradient_checking gives 0 at every point: does it compare something with itself?"),
    ("ignores-argument", lambda seen: np.allclose(seen.got, seen.got[0], 1e-14, 0),
     "gradient_checking gives the same number at every point: it ignores its arguments."),
    (None, lambda seen: (seen.got < 1e-4).all(),
     "the two vectors may well agree, but not the ratio: look at its norms and its denominator."),
)  # fmt: skip


# What the approximate gradients may be multiplied by, or the exact ones divided by
FACTORS_OF_CHECK = {
    "2": 2.0,
    "4": 4.0,
    "eps": CHECK_EPS,
    "2·eps": 2 * CHECK_EPS,
    "eps²": CHECK_EPS**2,
}


def _off_by(seen: SimpleNamespace) -> str:
    """Return the factor c between the two vectors, if the result is |1 - c| / (1 + c) everywhere."""
    for name, c in FACTORS_OF_CHECK.items():
        if np.allclose(seen.got, abs(1 - c) / (1 + c), rtol=1e-7 if c < 1 else 1e-4, atol=0):
            return name
    return ""


def _pile_up(moved: np.ndarray) -> bool:
    """Tell whether more and more weights are away from where they were, from call to call."""
    counts = moved.sum(axis=1)[moved.any(axis=1)]
    return len(counts) > 1 and counts[0] == 1 < counts[-1] and (np.diff(counts) >= 0).all()


def _observe_check(student: _Here, got: np.ndarray, calls: list[list]) -> SimpleNamespace:
    """Return what gradient_checking gave, and by how much it moved which weights, at each point."""
    moves_at = [
        np.array([v for _, _, v in asked]).reshape(-1, 9) - w
        for asked, (_, _, w) in zip(calls, POINTS)
    ]
    moved_at = [np.abs(moves) > 1e-13 for moves in moves_at]  # more than rounding
    moves, moved = np.vstack(moves_at), np.vstack(moved_at)
    elsewhere = not all(
        _same([*a, b], [*x, y]) for asked, (x, y, _) in zip(calls, POINTS) for a, b, _ in asked
    )
    return SimpleNamespace(
        task="gradient_checking",
        student=student,
        repeat=lambda: np.array([_check_value(student, *POINTS[1], CHECK_EPS)]),
        got=got,
        expected=REFERENCE["check on stand-ins"],
        fingerprint=_fingerprint("gradient_checking", got),
        calls=len(moves),
        moves=np.where(moved, moves, 0),
        moved=moved,
        moved_at=moved_at,
        other_point=elsewhere
        or (len(moves) > 0 and (np.abs(moves) > 2 * CHECK_EPS).any(axis=1).all()),
        left_out=", ".join(f"w{i + 1}" for i in np.flatnonzero(~moved.any(axis=0))),
    )


def _check_value(student: _Here, *arguments: Any) -> float:
    return _number("gradient_checking's result", student.call(*arguments))


def _judge_check(student: _Here, watched: bool) -> None:
    """Judge gradient_checking: the formula's value, small for right gradients, large for wrong."""
    note = "\n  (with other functions in place of yours, so other numbers)" if watched else ""
    values, calls = [], []
    for point in POINTS:
        values.append(_check_value(student, *point, CHECK_EPS))
        calls.append(student.asked()["forward"] if watched else [])
    got, expected = np.array(values), REFERENCE[f"check on {'stand-ins' if watched else 'graph'}"]
    wrong = ~np.isclose(got, expected, rtol=RTOL_CHECK, atol=0)
    seen = _observe_check(student, got, calls)
    if wrong.any() or (seen.calls and seen.left_out):
        cause, why = _recognised(CHECK_MISTAKES, seen)
        why = (
            why or "this is not the value of the formula. Print dW beside dW_approx: which differ?"
        )
        i = int(wrong.argmax())
        table = _got_expected([(f"eps={CHECK_EPS}", got[i], expected[i])] if wrong.any() else [])
        raise GraderError(why, cause, f"{_where(i)}:\n{table}{note}")
    for (i, point), eps in itertools.product(enumerate(POINTS), SMALL_EPS):
        result = _check_value(student, *point, eps)
        if not 0 <= result <= CHECK_SMALL:
            sentence = f"gradient_checking gives {result:.3g} for right gradients and eps = {eps}."
            details = f"{_where(i)}\n  expected: between 0 and {CHECK_SMALL}{note}"
            raise GraderError(sentence, None, details)
    for n, (k, how) in enumerate(itertools.product(range(9), WRONG_GRADIENTS)):
        got = _alarm(student, [k], how, 1 + (n + 1) / 300)  # always a new point: it may remember
        if got <= CHECK_LARGE:
            sentence = f"gradient_checking does not notice a wrong dw{k + 1}: where it {how}, the "
            sentence += f"ratio is {got:.3g}; it must be above {CHECK_LARGE}."
            raise GraderError(sentence, "never-rings")
    got = _alarm(student, list(range(9)), "has the wrong sign", 0.9)
    if not math.isclose(got, 1, rel_tol=RTOL_CHECK):
        sentence = (
            f"where all nine gradients have the wrong sign the ratio is {got:.3g}; it must be 1."
        )
        raise GraderError(sentence, "denominator")


def _alarm(student: _Here, spoilt: list[int], how: str, scale: float) -> float:
    """Make gradients wrong; return what gradient_checking gives."""
    x, y, w = POINTS[1]
    student.put_spoilt(spoilt, how)
    with _put_back(student):
        try:
            got = _check_value(student, x, y, scale * w, 1e-7)
        except GraderError as error:
            made = f"The grader had made {BACKWARD_KEYS[spoilt[0]]} wrong; return the number all the same."
            error.details = "\n".join(filter(None, [error.details, made]))
            raise
    if not student.heard():
        sentence = "gradient_checking does not call backward_propagation by its name."
        raise GraderError(sentence, "backward-not-called")
    return got


def _spoilt(gradients: Any, spoilt: list[int], wrong: Callable[[Any], Any]) -> Any:
    """Return gradients with some made wrong, also where they are no dictionary 'dw1' ... 'dw9'."""
    if not isinstance(gradients, Mapping):
        return [wrong(g) if i in spoilt else g for i, g in enumerate(gradients)]
    keys = [key if key in gradients else list(gradients)[k] for k, key in enumerate(BACKWARD_KEYS)]
    return {**gradients, **{keys[k]: wrong(gradients[keys[k]]) for k in spoilt}}


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
    if plain == []:
        raise GraderError("the result is an empty list; it must be a number.", "wrong-type")
    for value in _numbers("the result", plain if isinstance(plain, list) else [plain]):
        if not 0 <= value <= CHECK_LARGE:
            raise GraderError(
                f"the result is {value:.6g}; it must lie between 0 and {CHECK_LARGE}."
            )
    return f"the result lies between 0 and {CHECK_LARGE}."


# ---------------------------------------------------------------------------------------
# Task 2: the optimizer loops
# ---------------------------------------------------------------------------------------

# Shown by the run for diagnosis, where the weights are wrong
LOOP_MISTAKES = (
    ("no-velocity", None, "each step is a plain one: no velocity builds up from step to step."),
    ("averaged", None, "the velocity is an average here; the gradient must enter it whole, times lr."),
    ("gamma-power", None, "gamma is raised to a power; it must be the same at every step."),
    ("nesterov", None, "this is Nesterov's momentum, which looks ahead; the plain one is asked for."),
    ("reset-each-epoch", None, "what the loop remembers starts again in each epoch; it must last."),
    ("starts-at-ones", None, "what the loop remembers starts at 1; it must start at 0."),
    ("shared", None, "the nine weights share one memory; each weight needs its own."),
    ("no-bias-correction", None, "the bias correction is missing."),
    ("constant-correction", None, "the bias correction is the same at every step; it depends on t."),
    ("t-epoch", None, "t is the number of the epoch; it must count the updates."),
    ("t-position", None, "t starts again in each epoch; it must count the updates of the whole run."),
    ("t-index", None, "t is the number of the weight; it must count the updates."),
    ("t-off-by-one", None, "t is off by one: it must be 1 at the first update."),
    ("no-root", None, "the square root is missing."),
    ("no-square", None, "v averages the gradients themselves; it must average their squares."),
    ("betas-exchanged", None, "beta1 and beta2 have each other's places."),
    ("one-beta", None, "both bias corrections use the same beta; each average has its own."),
    ("last-gradient", None, "an average takes in the last gradient where its own last value belongs."),
    ("rmsprop", None, "the step uses the gradient itself where the average m belongs: this is RMSProp."),
    ("no-v", None, "the average of the squares plays no part in the step."),
    READS_GLOBAL,
    ("mispaired", lambda seen: seen.other_data and seen.mispaired,
     "a row of X meets the y of another row."),
    ("other-data", lambda seen: seen.other_data,
     "the loop looks at other data than the X and y it is given."),
    ("other-order", lambda seen: seen.other_order, "the data points do not come in their order."),
    ("ends-early", lambda seen: seen.passes < seen.due and len(seen.losses) < EPOCHS and seen.passes,
     "the loop ends after {found} of {due} data points: does `return` stand too far to the right?"),
    ("empty-epoch", lambda seen: seen.passes == len(ROWS) and len(seen.losses) == EPOCHS,
     "the second epoch sees no data points: is an iterator or an index used up in the first?"),
    ("never-moves", lambda seen: not any(seen.moves),
     "the weights that come back are the ones that went in: no update reaches them."),
    ("two-weights", lambda seen: seen.two_weights,
     "the forward and the backward pass are given different weights."),
    ("other-start", lambda seen: not np.allclose(seen.path[0], seen.right[0], rtol=1e-4),
     "the first gradient is not taken at the weights that the loop is given."),
    ("returns-old-weights", lambda seen: seen.passes == seen.due and _is_one_of(seen.w, seen.path[:-1]),
     "the weights that come back are older than the last update."),
    ("first-weights", lambda seen: len(seen.moves) > 1 and not any(seen.moves[:-1]),
     "every gradient is taken at the first weights: the updated ones are never looked at."),
    ("starts-over", lambda seen: seen.restarts, "each epoch starts again from the first weights."),
    ("one-update-per-epoch", lambda seen: seen.moves == ([False] * (len(ROWS) - 1) + [True]) * EPOCHS,
     "the weights change once per epoch; they must change after every data point."),
    ("late-step", lambda seen: seen.moves == [False] + [True] * (seen.due - 1),
     "the first update does nothing: is a step taken before its velocity is computed?"),
    ("weights-left-out", lambda seen: seen.idle, "no update changes {found}."),
    ("uphill", lambda seen: seen.first == 1 and seen.ratio[0] < 0 and np.ptp(seen.ratio) < 1e-5,
     "the first update goes uphill: all nine weights move to the wrong side."),
    ("ignores-argument", lambda seen: _ignored(seen),
     "the weights come out the same whatever {found} is: the loop must use what it is given."),
    ("rounded", lambda seen: seen.rounded,
     "right to a few digits only: do not round, and keep to double precision."),
    ("updates-count", lambda seen: sum(seen.moves) != seen.due and f"{sum(seen.moves)} times",
     "the weights change {found}, where {due} updates are due."),
    (None, lambda seen: seen.first > seen.due,
     "right where all gradients are positive and eps is 0, wrong elsewhere: look at signs and at eps."),
    (None, lambda seen: seen.first == seen.due,
     "all updates but the last are right, and the weights that come back are not."),
    (None, lambda seen: seen.first == 1 and np.allclose(seen.ratio, seen.ratio[0], rtol=1e-5),
     "the first update is {ratio[0]:.5g} times the right one, for all weights: work it out by hand."),
    (None, lambda seen: seen.first == len(ROWS) + 1,
     "the first epoch is right, and the next update is not: work that one out by hand."),
)  # fmt: skip

# The same, once the weights are right
LOSS_MISTAKES = (
    READS_GLOBAL,
    ("losses-per-point", lambda seen: _close(seen.losses, seen.before.ravel()),
     "losses has one number for each update; it must have one for each epoch."),
    ("losses-count", lambda seen: len(seen.losses) != EPOCHS,
     "losses must have one number for each epoch."),
    ("losses-last", lambda seen: _close(seen.losses, seen.before[:, -1]),
     "losses holds the loss of the last data point; it must be the mean over all of them."),
    ("losses-sum", lambda seen: _close(seen.losses, seen.sums),
     "losses holds the sum over the data points; it must be their mean."),
    ("losses-divisor", lambda seen: np.allclose(seen.losses / seen.sums, (seen.losses / seen.sums)[0]),
     "losses is the sum over the data points divided by something else than their number."),
    ("losses-carried-over", lambda seen: any(_close(seen.losses, sums) for sums in seen.carried_over),
     "losses goes on adding from epoch to epoch; each epoch has a mean of its own."),
    ("losses-at-once", lambda seen: any(_close(seen.losses, means) for means in seen.at_once),
     "losses are taken at one and the same weights; they must be those of the epoch's passes."),
    ("losses-after", lambda seen: _close(seen.losses, seen.after.mean(axis=1)),
     "losses are taken after each update; they must be those of the forward passes before it."),
)  # fmt: skip


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


def _settings(task: str, settings: dict[str, tuple] = SETTINGS) -> str:
    values = [f"{name} = {value}" for name, value in zip(ARGUMENTS[task][3:], settings[task])]
    return f"on {len(ROWS)} data points with {', '.join(values)}"


def _run(student: _Here, watched: bool, data: tuple, settings: tuple) -> SimpleNamespace:
    """Run a loop; return what came back, and what the stand-ins saw of it."""
    rows, targets, start = data
    if watched:
        student.asked()
    result = student.call(rows, targets, start, *settings)
    asked = student.asked() if watched else {"forward": [], "backward": []}
    try:
        w, losses = _pair(student.task, result)
    except GraderError:
        if data is not DIAGNOSIS or not asked["backward"]:
            raise
        found = result[1] if isinstance(result, list) and len(result) == 2 else None
        number = (
            len(found) if isinstance(found, list) else 1 if isinstance(found, float) else EPOCHS
        )
        w, losses = np.full(9, np.nan), np.full(number, np.nan)  # its path may still tell why
    calls = asked["backward"]
    path = np.array([weights for _, weights in _once(calls)] + [w.tolist()])
    return SimpleNamespace(
        task=student.task,
        student=student,
        w=w,
        losses=losses,
        path=path,
        due=EPOCHS * len(rows),
        moves=[not _close(*pair) for pair in zip(path[1:], path)],
        forward=asked["forward"],
        backward=calls,
    )


def _once(calls: list) -> list:
    """Return the calls without those that repeat the one before."""
    return [now for now, last in zip(calls, [None, *calls]) if now != last]


def _observe_losses(seen: SimpleNamespace) -> SimpleNamespace:
    """Add the losses that might have been recorded along the path of the weights."""

    def losses(weights: np.ndarray) -> np.ndarray:
        """Return a row for each epoch: the loss of each data point, for one w after another."""
        at = zip(list(zip(ROWS, TARGETS)) * EPOCHS, weights)
        each = [(y - _stand_in_output(x, w)) ** 2 for (x, y), w in at]
        return np.resize(each, (EPOCHS, len(ROWS)))

    seen.before, seen.after = losses(seen.path), losses(seen.path[1:])
    seen.sums = seen.before.sum(axis=1)
    totals, counts = np.cumsum(seen.sums), len(ROWS) * np.arange(1, EPOCHS + 1)
    seen.carried_over = totals / len(ROWS), totals / counts, totals
    ends = seen.path[:: len(ROWS)]
    seen.at_once = [losses(np.repeat(w, len(ROWS), axis=0)).mean(axis=1) for w in (ends, ends[1:])]
    seen.repeat = lambda: _run(seen.student, True, DIAGNOSIS, DIAGNOSIS_SETTINGS[seen.task]).losses
    return seen


def _observe_path(seen: SimpleNamespace) -> SimpleNamespace:
    """Add where the path of the weights in the run for diagnosis leaves the right one, and how."""
    rows, targets, start = DIAGNOSIS
    right = np.vstack([start, REFERENCE[f"diagnosis, {seen.task}"].reshape(-1, 9)])
    seen.right, seen.ratio = right, np.full(9, np.nan)
    # the first update that is not right, and what its step is of the right one
    seen.first = [*(_close(*pair) for pair in zip(seen.path, right)), False].index(False)
    if 0 < seen.first < min(len(seen.path), len(right)):
        step, right_step = (p[seen.first] - p[seen.first - 1] for p in (seen.path, right))
        seen.ratio = step / right_step
    known = np.column_stack([rows, targets]).tolist()
    points = [[*x, y] for x, y, _ in seen.forward]
    seen.other_data = not all(any(_same(point, k) for k in known) for point in points)
    seen.mispaired = all(
        any(_same(point[:5], k[:5]) for k in known) and any(_same(point[5], k[5]) for k in known)
        for point in points
    )
    in_order = [x.tolist() for x in rows] * EPOCHS
    seen.passes = len(seen.path) - 1
    seen.other_order = seen.passes == seen.due and not _same(
        [x for x, _ in seen.backward], in_order
    )
    weights = [[w for *_, w in _once(calls)] for calls in (seen.forward, seen.backward)]
    seen.two_weights = len(weights[0]) == len(weights[1]) and not _same(*weights)
    seen.repeat = lambda: _run(seen.student, True, DIAGNOSIS, DIAGNOSIS_SETTINGS[seen.task]).path
    seen.restarts = len(seen.path) > len(ROWS) + 1 and _close(seen.path[len(ROWS)], start)
    seen.rounded = len(seen.path) == len(right) and np.allclose(seen.path, right, rtol=1e-4)
    idle = np.flatnonzero((seen.path == seen.path[0]).all(axis=0))
    seen.idle = ", ".join(f"w{i + 1}" for i in idle)
    seen.fingerprint = _fingerprint(seen.task, seen.w)
    return seen


def _ignored(seen: SimpleNamespace) -> str:
    """Return the setting that the path of the weights does not depend on."""
    data = (ROWS, TARGETS, START), DIAGNOSIS
    settings = SETTINGS[seen.task], DIAGNOSIS_SETTINGS[seen.task]

    def path(which: int, values: tuple) -> np.ndarray | None:
        run = _attempt(_run, seen.student, True, data[which], values)[1]
        return run.path if run and np.isfinite(run.path).all() else None

    before = [path(which, values) for which, values in enumerate(settings)]
    if any(unchanged is None for unchanged in before):
        return ""
    for i, name in enumerate(ARGUMENTS[seen.task][3:]):
        same = [name != "epochs" or seen.passes >= seen.due]
        for which, values in enumerate(settings):
            other = values[i] + 1 if name == "epochs" else 0.9 * values[i] + 0.01
            changed = (*values[:i], other, *values[i + 1 :])
            same.append(np.array_equal(before[which], path(which, changed)))
        if all(same):
            return name
    return ""


def _wrong_weights(task: str, student: _Here) -> GraderError:
    """Say what is wrong with the weights, after a run for diagnosis."""
    seen = _observe_path(_run(student, True, DIAGNOSIS, DIAGNOSIS_SETTINGS[task]))
    cause, why = _recognised(LOOP_MISTAKES, seen)
    epoch, point = divmod(seen.first - 1, len(ROWS))
    where = f"update {seen.first} (epoch {epoch + 1}, data point {point + 1})"
    details = _settings(task, DIAGNOSIS_SETTINGS)
    if 0 < seen.first < min(len(seen.path), len(seen.right)):
        pairs = enumerate(zip(seen.path[seen.first], seen.right[seen.first]))
        wrong = [(f"w{i + 1}", *pair) for i, pair in pairs if not _close(*pair)]
        details += f"\nweights after {where}, with known functions in place of yours:"
        details += f"\n{_got_expected(wrong, 3)}"
    why = why or f"the weights leave the right path at {where}: work that update out by hand."
    return GraderError(why, cause, details)


def _wrong_losses(task: str, seen: SimpleNamespace, right: np.ndarray) -> GraderError:
    cause, why = _recognised(LOSS_MISTAKES, _observe_losses(seen))
    rows = [(f"losses[{i}]", *pair) for i, pair in enumerate(zip(seen.losses, right))]
    sentence = f"the weights are right, but {why or 'the losses are not.'}"
    return GraderError(sentence, cause, f"{_settings(task)}\n{_got_expected(rows)}")


def _failed(task: str, student: _Here, error: GraderError) -> GraderError:
    """Say why a loop raises or gives no finite numbers, if a run where no root fails shows it."""
    found = _attempt(_wrong_weights, task, student)[1]
    if found and found.cause:
        return found
    settings = DIAGNOSIS_SETTINGS[task]
    student.asked()
    divides = student.divides_by_zero(*DIAGNOSIS, *settings)
    if task == "train_adam" and divides and len(student.asked()["backward"]) == 1:
        sentence = "the first update divides by 0: t must be 1 there."
        return GraderError(sentence, "t-off-by-one", error.sentence)
    if found and np.isfinite(_run(student, True, DIAGNOSIS, settings).path).all():
        sentence = (
            "it goes well where all gradients are positive, and not elsewhere: is the root of a "
        )
        return GraderError(f"{sentence}negative number taken?", None, error.sentence)
    return error


def _judge_loop(task: str, student: _Here, watched: bool) -> None:
    """Judge a loop: the right weights and losses."""
    runs = _runs("stand-ins" if watched else "graph", task)
    try:
        seen = _run(student, watched, (ROWS, TARGETS, START), SETTINGS[task])
    except GraderError as error:
        if watched and error.cause in ("raised", "not-finite", "not-a-pair"):
            raise _failed(task, student, error) from None
        raise
    reached = [right for weights, right in runs if _close(seen.w, weights)]
    if any(_close(seen.losses, right) for right in reached):
        return
    if len(seen.path) > 1:  # the stand-ins were called
        raise _wrong_losses(task, seen, reached[0]) if reached else _wrong_weights(task, student)
    rows = [(f"w{i + 1}", *pair) for i, pair in enumerate(zip(seen.w, runs[0][0]))]
    sentence = f"{task} does not reach the right weights and losses."
    raise GraderError(sentence, None, f"{_settings(task)}\n{_got_expected(rows, 3)}")


def _grade_loop(task: str, work: Any) -> str:
    judge = functools.partial(_judge_loop, task)
    line = _judged_twice(task, work, judge)
    try:
        _judged_twice(task, work, judge)
    except GraderError:
        sentence = (
            f"{task} is right when called once, but not when called again: is something kept in a "
        )
        sentence += "global variable, or in a default argument?"
        raise GraderError(sentence, "outlives-the-call") from None
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


# ---------------------------------------------------------------------------------------
# Grading without trust: python graders.py NOTEBOOK_OR_FOLDER ...
# Each notebook runs in a kernel of its own. The graders run in this process: they call a student's
# functions over there, one call at a time, and only plain data come back.
# ---------------------------------------------------------------------------------------

STAGE_POINTS = dict(zip(STAGES, (5, 15, 25, 15, 10, 15, 15)))
MOST_OUTPUT, MOST_ANSWER = 10 << 20, 2 << 20  # bytes that a cell or a call may print, and return
MEMORY, FILE_SIZE = 4 << 30, 100 << 20  # bytes that a kernel may use, and write into one file
ALL_TIMEOUTS = 20  # timeouts that one notebook may use up in all
PREPARE = """
try:
    import resource
    for name, most in limits.items():
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (most, most))
except (ImportError, AttributeError, ValueError, OSError):
    pass  # not on this system
shell.ask_exit = lambda: None  # what follows an `exit` runs too
"""
SERVE = "import sys, types; m = sys.modules[name] = types.ModuleType(name); exec(source, vars(m))"


class _Kernel:
    """The kernel in which one notebook runs, in a folder of its own, with limits."""

    def __init__(self, folder: str, timeout: float):
        import os
        import secrets
        import subprocess

        import zmq
        from jupyter_client import KernelManager

        self.timeout, self.left = timeout, ALL_TIMEOUTS * timeout
        self.mark = secrets.token_hex(16)
        env = os.environ | {"GRADED_KERNEL": self.mark, "IPYTHONDIR": folder}
        self.manager = KernelManager(kernel_name="python3")
        self.manager.context.setsockopt(zmq.MAXMSGSIZE, 4 * MOST_OUTPUT)
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.manager.start_kernel(cwd=folder, env=env | {"OPENBLAS_NUM_THREADS": "1"}, **silent)
        self.client = self.manager.blocking_client()
        try:
            self.client.start_channels()
            self.client.wait_for_ready(timeout=60)
            limits = {"AS": MEMORY, "FSIZE": FILE_SIZE, "CPU": 60 + int(self.left)}
            self.run(f"exec({PREPARE!r}, {{'limits': {limits}, 'shell': get_ipython()}})")
        except BaseException:
            self.stop()
            raise

    def run(self, code: str, answer: str = "None") -> dict[str, Any]:
        """Run code and evaluate `answer`; return the kernel's reply.

        Raises GraderError when the kernel dies, and when what takes longer than the timeout or
        prints too much had to be interrupted.
        """
        import time

        begun, printed, stopped, interrupts = time.monotonic(), 0, None, 0
        end = begun + min(self.timeout, self.left)
        if self.left <= 0:
            raise GraderError(f"stopped after {ALL_TIMEOUTS * self.timeout:g} s in all.", "timeout")
        sent = self.client.execute(
            code, user_expressions={"answer": answer}, allow_stdin=False, stop_on_error=False
        )
        while True:
            for message in itertools.islice(iter(lambda: self._receive("iopub", 0), None), 1000):
                if message.get("parent_header", {}).get("msg_id") == sent:  # not what came before
                    printed += len(repr(message["content"]))
                if printed > MOST_OUTPUT:
                    break
            reply = self._receive("shell", 0.02) or {}
            if reply.get("parent_header", {}).get("msg_id") == sent:
                break
            if not self.manager.is_alive():
                raise GraderError("the kernel died.", "kernel-died")
            if printed > MOST_OUTPUT and not stopped:
                stopped, end = GraderError("stopped after 10 MB of output.", "output"), 0.0
            if time.monotonic() > end:
                stopped = stopped or GraderError(f"stopped after {self.timeout:g} s.", "timeout")
                interrupts += 1
                if interrupts > 3:  # it does not let itself be interrupted
                    self.manager.shutdown_kernel(now=True)
                else:
                    self.manager.interrupt_kernel()
                end = time.monotonic() + 2
        self.left -= time.monotonic() - begun
        if not stopped:
            return reply["content"]
        end = time.monotonic() + 5
        while time.monotonic() < end and self._receive("iopub", 0.3) is not None:
            pass  # what it had printed must not count against the next
        raise stopped

    def _receive(self, channel: str, timeout: float) -> dict[str, Any] | None:
        """Return the next message on a channel, None if there is none; {} if it makes no sense."""
        import queue

        try:
            message = getattr(self.client, f"get_{channel}_msg")(timeout=timeout)
            return message if isinstance(message["parent_header"], dict) else {}
        except queue.Empty:
            return None
        except Exception:  # noqa: BLE001 - a notebook can make its kernel say anything
            return {}

    def ask(self, task: str, method: str, *arguments: Any) -> Any:
        """Perform a method of `_Here` in the kernel; return its result or raise its GraderError."""
        import ast
        import json

        request = json.dumps([task, method, arguments], default=lambda array: array.tolist())
        answer = f"__import__('sys').modules[{self.mark!r}]._serve(globals(), {request!r})"
        reply = self.run("", answer)
        try:
            text = reply["user_expressions"]["answer"]["data"]["text/plain"]
            if len(text) > MOST_ANSWER or text[0] not in "'\"":  # of a str, and nothing else
                raise ValueError
            outcome = json.loads(ast.literal_eval(text))
            if "result" in outcome:
                return outcome["result"]
            sentence, cause, details = outcome["error"]
        except (KeyError, IndexError, TypeError, ValueError, SyntaxError, RecursionError):
            raise GraderError(f"{task} gave no answer.", "raised") from None
        known = cause is None or re.fullmatch(r"[a-z0-9-]{1,30}", str(cause))
        raise GraderError(str(sentence), cause if known else "raised", str(details))

    def stop(self) -> None:
        """End the kernel and every process that the notebook has left behind."""
        import psutil

        left = psutil.Process().children(recursive=True)
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        for _ in range(100):
            left += psutil.Process().children(recursive=True)
            for process in psutil.process_iter():
                with contextlib.suppress(psutil.Error, OSError):
                    if process.environ().get("GRADED_KERNEL") == self.mark:
                        left.append(process)
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            if not psutil.wait_procs(left, timeout=0.2)[0]:
                break
            left = []


SERVED: dict[str, _Here] = {}  # in the kernel: the student's functions


def _serve(namespace: dict[str, Any], request: str) -> str:
    """Perform, in the kernel, what `_Kernel.ask` asks for; return the outcome as JSON."""
    import json

    task, method, arguments = json.loads(request)
    try:
        if method == "find":
            if not callable(namespace.get(task)):
                raise GraderError("it is not defined.", "not-attempted")
            SERVED[task] = _Here(task, namespace[task])
            return json.dumps({"result": True})
        given = [np.array(a) if isinstance(a, list) else a for a in arguments]
        with _quiet():
            return json.dumps({"result": getattr(SERVED[task], method)(*given)})
    except GraderError as error:
        return json.dumps({"error": error.args})


class _There:
    """A student's function in a kernel, with the methods of `_Here`."""

    def __init__(self, kernel: _Kernel, task: str):
        self.kernel, self.task, self.placed = kernel, task, []
        self.lost: dict[bool, GraderError] = {}  # without and with stand-ins: a call was stopped
        kernel.ask(task, "find")

    def __getattr__(self, method: str) -> Callable:
        return functools.partial(self.ask, method)

    def __call__(self, *arguments: Any) -> Any:
        return self.ask("call", *arguments)

    def ask(self, method: str, *arguments: Any) -> Any:
        if method in ("put_back", "put_all_back"):
            del self.placed[-1 if method == "put_back" else 0 :]
            return self.kernel.ask(self.task, method)
        if method in ("put_stand_ins", "put_spoilt", "put_other_global"):
            self.placed.append(method)
        with_stand_ins = "put_stand_ins" in self.placed
        if with_stand_ins in self.lost:  # no more time is spent
            raise self.lost[with_stand_ins]
        try:
            return self.kernel.ask(self.task, method, *arguments)
        except GraderError as error:
            if error.cause in ("timeout", "output", "kernel-died"):
                self.lost[with_stand_ins] = error
            raise


# Fresh random points, with what the instructor's solution gives there


def _solution(path: Path) -> dict[str, Any]:
    """Return the functions of a solved notebook; of it only imports and definitions are run.

    Raises an error if a grader refuses one of the functions.
    """
    import ast

    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef)
    nodes = [n for s in _code_cells(path) for n in ast.parse(s).body if isinstance(n, kept)]
    nodes = [node for node in nodes if getattr(node, "module", "") != "graders"]
    namespace: dict[str, Any] = {"__name__": "solution"}
    exec(compile(ast.Module(nodes, []), str(path), "exec"), namespace)  # noqa: S102
    with _quiet():
        for task, grader in STAGES.items():
            grader.__wrapped__(namespace[task])
    return namespace


def _draw(task: str, solution: dict[str, Any], rng: np.random.Generator) -> list:
    """Return random arguments of a task."""

    def vector(*shape: int) -> np.ndarray:
        return rng.uniform(0.2, 0.9, shape) * rng.choice([-1.0, 1.0], shape)

    point, rows = [vector(5), float(rng.normal()), vector(9)], int(rng.integers(2, 7))
    settings = rng.uniform([0.01, 0.5, 0.8], [0.04, 0.9, 0.98]).tolist()
    run = [vector(rows, 5), vector(rows), vector(9), int(rng.integers(1, 6)), *settings, 1e-12]
    if task == "backward_propagation":
        values = solution["forward_propagation"](*point)
        return [*point, np.array([values[key] for key in FORWARD_KEYS])]
    return {
        "sigmoid": [float(rng.choice([6, 30, 600]) * rng.uniform(-1, 1))],
        "forward_propagation": point,
        "gradient_checking": [*point, CHECK_EPS],
    }.get(task, run[: len(ARGUMENTS[task])])


def _flat(task: str, result: Any) -> np.ndarray:
    """Return the numbers in what a student's function returned."""
    keys = {"forward_propagation": FORWARD_KEYS, "backward_propagation": BACKWARD_KEYS}
    if task in keys:
        return np.array(_entries(task, result, keys[task], ""))
    return (
        np.concatenate(_pair(task, result))
        if task in SETTINGS
        else np.array([_number(task, result)])
    )


def _fresh_points(solution: dict[str, Any], rng: np.random.Generator) -> dict[str, list]:
    """Return for each task: (with stand-ins?, gradients to spoil, arguments, right numbers)."""
    points: dict[str, list] = {task: [] for task in STAGES}
    with _quiet():
        for task, stand_ins in itertools.product(STAGES, (False, True)):
            if stand_ins and task not in ("gradient_checking", *SETTINGS):
                continue  # it calls neither of the two functions
            here, found = _Here(task, solution[task]), []
            while len(found) < 4:
                spoilt = rng.choice(9, 3, replace=False).tolist() if len(found) % 2 else []
                spoilt = spoilt if task == "gradient_checking" else []
                given = _draw(task, solution, rng)
                nudged = [a * (1 + 1e-12) if isinstance(a, np.ndarray) else a for a in given]
                right, near = (_at_fresh_point(here, stand_ins, spoilt, a) for a in (given, nudged))
                if np.allclose(right, near, rtol=1e-9, atol=0):  # rounding makes no difference
                    found.append((stand_ins, spoilt, given, right))
            points[task] += found
    return points


def _at_fresh_point(student: _Here, stand_ins: bool, spoilt: list, given: list) -> np.ndarray:
    """Return the numbers that a function gives at one of the points."""
    if stand_ins:
        student.put_stand_ins()
    if spoilt:
        student.put_spoilt(spoilt, "has the wrong sign")
    result = student.call(*given)
    student.put_all_back()
    return _flat(student.task, result)


def _judge_fresh(task: str, there: _There, points: list) -> None:
    """Judge a function at random points: with the student's own functions, or with stand-ins."""

    def right(stand_ins: bool, spoilt: list, given: list, expected: np.ndarray) -> bool:
        got = _attempt(_at_fresh_point, there, stand_ins, spoilt, given)[1]
        rtol = RTOL_CHECK if task == "gradient_checking" else 1e-5
        same_shape = got is not None and got.shape == expected.shape
        return same_shape and np.allclose(got, expected, rtol, ATOL_SIGMOID)

    for stand_ins in (False, True):
        judged = [right(*point) for point in points if point[0] == stand_ins]
        if judged and all(judged):
            return
    sentence = "right at the known points, wrong at fresh random ones: are numbers typed in?"
    raise GraderError(sentence, "known-points-only")


# Submissions and the report on them


def _code_cells(path: Path) -> list[str]:
    """Return the code of a notebook of any format and encoding; raise ValueError with a sentence."""
    import json

    import nbformat

    if path.suffix != ".ipynb":
        raise ValueError("not a notebook: its name does not end in .ipynb.")
    if path.is_symlink() or not path.is_file():
        raise ValueError(
            "there is no such file." if not path.exists() else "this is no ordinary file."
        )
    try:
        raw = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cells = nbformat.reads(raw.decode(json.detect_encoding(raw)), as_version=4).cells
        sources = [cell.source for cell in cells if cell.cell_type == "code"]
        return [source.encode("utf-8", "replace").decode() for source in sources]
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}.") from None
    except Exception as error:  # noqa: BLE001 - nbformat raises what it likes
        raise ValueError(f"not a notebook: {type(error).__name__}: {error}") from None


def _row(path: Path, error: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {"submission": str(path), **dict.fromkeys(STAGES, 0), "total": 0}
    row |= {"causes": {}, "messages": {}, "cells_raised": [], "seconds": 0.0}
    return row | {"error": _one_line(error), "max": STAGE_POINTS}


STOPPED: list[Path] = []  # what an interrupt stopped: then no more is begun


def _grade(path: Path, fresh: dict[str, list] | None, timeout: float) -> dict[str, Any]:
    """Run a notebook and grade its functions; return a row of the report."""
    import shutil
    import tempfile
    import time

    begun, row = time.monotonic(), _row(path)
    if STOPPED:
        raise KeyboardInterrupt
    try:
        sources = _code_cells(path)
    except ValueError as error:
        return _row(path, str(error))
    _adopt_orphans()
    folder = tempfile.mkdtemp()
    try:
        for name in ("graders.py", "data.pkl"):
            shutil.copy(Path(__file__).with_name(name), folder)
        kernel = _Kernel(folder, timeout)
        try:
            row["cells_raised"] = _run_cells(kernel, sources)
            for task in STAGES:
                found = _grade_stage(kernel, task, fresh)
                if found[1] in ("timeout", "output"):  # perhaps it was another of the functions
                    found = _grade_stage(kernel, task, fresh)
                row[task], cause, row["messages"][task] = found
                row["causes"] |= {} if row[task] else {task: cause}
        finally:
            kernel.stop()
    except (OSError, RuntimeError) as error:
        return _row(path, f"no kernel: {error}")
    except KeyboardInterrupt:
        STOPPED.append(path)
        raise
    finally:
        with contextlib.suppress(Exception):  # a notebook can make a folder that cannot be removed
            shutil.rmtree(folder, ignore_errors=True)
    row["total"] = sum(row[task] for task in STAGES)
    return row | {"seconds": round(time.monotonic() - begun, 1)}


def _adopt_orphans() -> None:
    """Become, on Linux, the parent of processes that lose theirs, so that they can be ended."""
    import ctypes

    with contextlib.suppress(Exception):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def _run_cells(kernel: _Kernel, sources: list[str]) -> list[str]:
    """Run code cells one by one; return what was raised, with the number of the cell."""
    raised = []
    for number, source in enumerate(sources, 1):
        try:
            reply = kernel.run(source)
        except GraderError as error:
            raised.append(f"{number}: {error.cause}")
        else:
            if reply["status"] == "error":
                raised.append(f"{number}: {_printable(str(reply.get('ename')), 40)}")
    own = Path(__file__).read_text(encoding="utf-8")
    with contextlib.suppress(GraderError):
        kernel.run(f"exec({SERVE!r}, {{'name': {kernel.mark!r}, 'source': {own!r}}})")
    return raised if len(raised) <= 20 else [*raised[:20], f"and {len(raised) - 20} more"]


def _grade_stage(
    kernel: _Kernel, task: str, fresh: dict[str, list] | None
) -> tuple[int, str | None, str]:
    """Return the points of a stage, the cause of their loss, and the grader's words."""
    grader = STAGES[task]
    try:
        there = _There(kernel, task)
        line = grader.__wrapped__(there)
        if fresh:
            _judge_fresh(task, there, fresh[task])
        return STAGE_POINTS[task], None, line
    except GraderError as error:
        error.stage = grader.__name__
        return 0, error.cause, _printable(str(error), 1500)
    except Exception as error:  # noqa: BLE001 - nothing that comes back may stop the run
        return 0, "raised", f"{grader.__name__}: could not judge: {type(error).__name__}"
    finally:
        with contextlib.suppress(GraderError):
            kernel.ask(task, "put_all_back")


def _printable(text: str, most: int) -> str:
    """Return a stranger's text without control characters, cut after `most` characters."""
    text = text if len(text) <= most else text[:most] + "..."
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def _submissions(paths: list[Path]) -> list[Path]:
    """Return the notebooks at the paths: files as they are, folders with all their notebooks."""
    found: dict[Path, Path] = {}
    for path in paths:
        inside = sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
        for file in inside:
            if ".ipynb_checkpoints" not in file.parts and not file.is_dir():
                found.setdefault(file.absolute(), file)
    return list(found.values())


def _copies(files: list[Path], reference: Path) -> list[Path]:
    """Return the files that are the reference, by path or by content."""

    def content(path: Path) -> list[str] | None:
        with contextlib.suppress(ValueError):
            return _code_cells(path)
        return None

    def same_path(file: Path) -> bool:
        with contextlib.suppress(OSError):
            return file.samefile(reference)
        return False

    wanted = content(reference)
    return [f for f in files if same_path(f) or (wanted is not None and content(f) == wanted)]


def _causes(row: dict[str, Any]) -> list[str]:
    return [f"{task}: {cause or 'not recognised'}" for task, cause in row["causes"].items()]


@contextlib.contextmanager
def _writers(csv_path: Path | None, json_path: Path | None) -> Iterator[Callable[[dict], None]]:
    """Open the files of the report; yield a function that writes a row into them, at once."""
    import csv
    import json

    columns = ("submission", *STAGES, "total", "causes", "cells_raised", "seconds", "error")
    options = {"mode": "w", "encoding": "utf-8", "errors": "backslashreplace", "newline": "\n"}
    with contextlib.ExitStack() as stack:
        table = stack.enter_context(csv_path.open(**options)) if csv_path else None
        data = stack.enter_context(json_path.open(**options)) if json_path else None
        if table:
            csv.writer(table).writerow(columns)
        written = []

        def write(row: dict[str, Any]) -> None:
            if table:
                flat = row | {"causes": _causes(row)}
                cells = [flat[column] for column in columns]
                cells = ["; ".join(cell) if isinstance(cell, list) else cell for cell in cells]
                csv.writer(table).writerow([_harmless(cell) for cell in cells])
                table.flush()
            if data:  # the file is whole after every row
                data.seek(data.tell() - len("\n]\n") if written else 0)
                data.write(f"{',' if written else '['}\n{json.dumps(row)}\n]\n")
                data.flush()
                written.append(row["submission"])

        yield write


def _harmless(cell: Any) -> Any:
    """Return a cell of a spreadsheet that no spreadsheet takes for a formula."""
    text = _printable(cell, 1000) if isinstance(cell, str) else cell
    risky = isinstance(text, str) and text.lstrip()[:1] in tuple("=+-@＝＋－＠")
    return f"'{text}" if risky else text


def _options(arguments: list[str] | None) -> Any:
    import argparse

    def number(text: str) -> float:
        if not 1 <= float(text) <= 86400:
            raise ValueError
        return float(text)

    parser = argparse.ArgumentParser(
        prog="python graders.py",
        description="Run notebooks, each in a kernel of its own, and grade their functions from here.",
    )
    add, here = parser.add_argument, Path(__file__)
    add("submissions", nargs="+", type=Path, metavar="NOTEBOOK_OR_FOLDER")
    add("--reference", type=Path, metavar="NOTEBOOK", help="solved; by default backprop.ipynb here")
    add("--csv", type=Path, metavar="FILE", help="write a table for a spreadsheet")
    add("--json", type=Path, metavar="FILE", help="write everything, messages included")
    add("--jobs", type=number, default=1, metavar="N", help="notebooks at a time (1)")
    add("--timeout", type=number, default=60.0, metavar="SECONDS", help="of a cell, from 1 (60)")
    options = parser.parse_args(arguments)
    options.files = _submissions(options.submissions)
    used = [*options.files, options.reference or here.with_name("backprop.ipynb"), here]
    for path in filter(None, (options.csv, options.json)):
        if path.is_dir() or not path.parent.is_dir():
            parser.error(f"{path} cannot be written")
        if path.resolve() in {file.absolute() for file in used}:
            parser.error(f"{path} would be overwritten")
        used.append(path.resolve())
    if options.reference and not options.reference.is_file():
        parser.error(f"there is no file {options.reference}")
    if not options.files:
        parser.error("there is no notebook in what was named")
    return options


def _grade_all(
    files: dict[Path, dict | None], jobs: int, timeout: float
) -> Iterator[dict[str, Any]]:
    """Yield a row for each file, as they finish. A process that dies costs its own file only."""
    from concurrent.futures import ProcessPoolExecutor, as_completed, process

    again = []
    with ProcessPoolExecutor(jobs) as pool:
        graded = {pool.submit(_grade, file, fresh, timeout): file for file, fresh in files.items()}
        try:
            for future in as_completed(graded):
                try:
                    yield future.result()
                except process.BrokenProcessPool:
                    again.append(graded[future])
                except Exception as error:  # noqa: BLE001 - the others go on
                    yield _row(graded[future], f"not graded: {type(error).__name__}: {error}")
        except (KeyboardInterrupt, GeneratorExit):
            pool.shutdown(cancel_futures=True)
            raise
    for file in again:
        with ProcessPoolExecutor(1) as pool:
            try:
                yield pool.submit(_grade, file, files[file], timeout).result()
            except process.BrokenProcessPool:
                yield _row(file, "not graded: the process that graded it died.")


def main(arguments: list[str] | None = None) -> int:
    """Grade notebooks, as `python graders.py --help` says, and print a report.

    Args:
        arguments: those of the command line; None for those of this process.

    Returns:
        The exit status: 0 when all were graded, whatever their score, 1 when one could not be,
        130 when the run was interrupted.

    Raises:
        SystemExit: with 2 for wrong usage.
    """
    import secrets

    from tqdm import tqdm

    sys.stdout.reconfigure(errors="backslashreplace")
    options, seed, fresh = _options(arguments), secrets.randbits(32), None
    reference = options.reference or Path(__file__).with_name("backprop.ipynb")
    copies = _copies(options.files, reference)
    if copies == options.files:
        print(f"Graded at the known points alone: the reference {reference} is what is graded.")
    else:
        try:
            fresh = _fresh_points(_solution(reference), np.random.default_rng(seed))
            print(f"Graded at fresh random points (seed {seed}) too.")
        except Exception as error:  # noqa: BLE001 - what is not solved may raise anything
            why = _one_line(str(error), 80)
            print(f"Graded at the known points alone: {reference} is no solution: {why}")
        for file in copies if fresh else ():
            print(
                f"{_printable(str(file), 200)} is the reference: graded at the known points alone."
            )
    rows: dict[str, dict] = {}
    files = {file: None if file in copies else fresh for file in options.files}
    try:
        with _writers(options.csv, options.json) as write:
            graded = _grade_all(files, int(options.jobs), options.timeout)
            for row in tqdm(graded, total=len(files)):
                rows[row["submission"]] = row
                write(row)
    except KeyboardInterrupt:
        print("interrupted")
    _print_report([rows[str(file)] for file in files if str(file) in rows])
    return 130 if len(rows) < len(files) else int(any(row["error"] for row in rows.values()))


def _print_report(rows: list[dict[str, Any]]) -> None:
    names = [_printable(row["submission"], 200) for row in rows]
    width = max(map(len, names), default=0)
    short = [task.removesuffix("_propagation").removeprefix("train_")[:8] for task in STAGES]
    print(" " * width + "".join(f"{name:>9}" for name in short) + "    total  raised  seconds")
    for name, row in zip(names, rows):
        points = "".join(f"{row[task]:9}" for task in STAGES)
        ends = f"{row['total']:9}{len(row['cells_raised']):8}{row['seconds']:9.1f}"
        print(f"{name:{width}}", _printable(row["error"], 200) or f"{points}{ends}"[1:])
    counts = Counter(cause for row in rows for cause in _causes(row))
    print("\ncauses, most frequent first" if counts else "\nnothing was lost")
    for cause, count in counts.most_common():
        print(f"{count:5}  {cause}")
    if len(rows) == 1:
        print("\n" + "\n\n".join(rows[0]["messages"][task] for task in rows[0]["causes"]))


# ---------------------------------------------------------------------------------------
# The pictures. Nothing is computed here: a number is drawn where a dictionary holds it.
# ---------------------------------------------------------------------------------------

# Each node: label, column, row, part, what enters it from above, the node that its edge leads to.
_NODES = {
    "x1": ("x₁", 0, 5.95, "part 1", "", "times1"),
    "x2": ("x₂", 0, 4.55, "part 1", "", "times2"),
    "times1": ("×", 1.3, 5.95, "part 1", "w1", "sum12"),
    "times2": ("×", 1.3, 4.55, "part 1", "w2", "sum12"),
    "sum12": ("+", 2.6, 5.25, "part 1", "", "square"),
    "square": ("( )²", 3.9, 5.25, "part 1", "", "sum6"),
    "sum6": ("+", 5.2, 5.25, "part 1", "w6", "exp"),
    "exp": ("exp", 6.5, 5.25, "part 1", "", "sum7"),
    "sum7": ("+", 7.8, 5.25, "part 2", "w7", "tanh"),
    "tanh": ("tanh", 9.0, 5.25, "part 2", "", "y_pred"),
    "x3": ("x₃", 0, 2.95, "part 3", "", "times3"),
    "x4": ("x₄", 0, 1.6, "part 3", "", "times4"),
    "x5": ("x₅", 0, 0.1, "part 3", "", "times5"),
    "times3": ("×", 1.3, 2.95, "part 3", "w3", "sin"),
    "sin": ("sin", 2.6, 2.95, "part 3", "", "product"),
    "times4": ("×", 1.3, 1.6, "part 3", "w4", "sum45"),
    "times5": ("×", 1.3, 0.1, "part 3", "w5", "sum45"),
    "sum45": ("+", 2.6, 0.85, "part 3", "", "product"),
    "product": ("×", 3.9, 1.95, "part 3", "", "sum8"),
    "sum8": ("+", 5.2, 1.95, "part 3", "w8", "sigmoid"),
    "sigmoid": ("σ", 6.5, 1.95, "part 3", "", "times9"),
    "times9": ("×", 8.2, 1.95, "output", "w9", "y_pred"),
    "y_pred": ("+", 9.9, 2.95, "output", "", "loss"),
    "loss": ("L", 11.4, 2.95, "output", "y", ""),
}
_PARTS = {  # colour, tint, shape of a node, left, bottom, width and height of its area
    "part 1": ("#004488", "#e3ebf4", "o", -0.5, 4.0, 7.5, 3.05),
    "part 2": ("#BB5566", "#f8e9ec", "s", 7.1, 4.0, 4.8, 3.05),
    "part 3": ("#BF9000", "#f9f1d8", "8", -0.5, -0.55, 7.5, 4.45),
    "output": ("#333333", "#efefef", "D", 7.1, -0.55, 4.8, 4.45),
}
_ELSEWHERE = {  # where the same number stands too: dL/dy_pred is dy_pr, and a sum passes on
    "dy_pred": ("dy_pr", "dl", "dL"),
    **dict.fromkeys(("dsum6", "dsquare"), ("dw6", "dsum6")),
    **dict.fromkeys(("dsum7", "dexp"), ("dw7", "dsum7")),
    **dict.fromkeys(("dsum8", "dproduct"), ("dw8", "dsum8")),
}


def draw_graph(
    title="The computational graph", x=(), y=None, w=(), forward_dict=None, backward_dict=None
) -> None:
    """Draw the graph with the numbers it is given: x (5), y, w (9), values and gradients by name.

    A value stands under the name of its node ('times1', ..., 'loss'), a gradient under 'd' and
    that name. Anything else that a dictionary holds is left out of the picture.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    known = _known(x, y, w, forward_dict, backward_dict)
    figure, ax = plt.subplots(figsize=(9.6, 6.6))
    ax.set_position([0, 0, 1, 1])
    _draw_nodes(ax, names=forward_dict is None)
    _draw_edges(ax, known)
    below = _legend(known, forward_dict is not None, backward_dict is not None)
    ax.text(5.7, -0.68, below, ha="center", va="top", fontsize=8)
    ax.text(5.7, 7.25, title, ha="center", fontsize=12)
    ax.set(xlim=(-0.5, 11.9), ylim=(-1.25, 7.6), aspect="equal")
    ax.axis("off")
    file = io.BytesIO()
    figure.savefig(file, dpi=100, facecolor="white")
    plt.close(figure)
    words = f"{title}. {_in_words(known)}"
    picture = {"image/png": file.getvalue(), "text/plain": words}
    display(picture, raw=True, metadata={"image/png": {"alt": words}})


def _known(x: Any, y: Any, w: Any, forward_dict: Any, backward_dict: Any) -> dict[str, float]:
    """Return every number among what is given, by the name it is drawn under."""
    given = {"y": y}
    for letter, vector in (("x", x), ("w", w)):
        given |= {f"{letter}{k}": number for k, number in enumerate(vector, start=1)}
    for numbers in (forward_dict, backward_dict):
        given |= numbers if isinstance(numbers, Mapping) else {}
    known = {}
    for key, found in ((key, given[key]) for key in given if isinstance(key, str)):
        with contextlib.suppress(Exception):  # whatever the students' own objects do
            known[key] = float(np.squeeze(found))
    for key, others in _ELSEWHERE.items():
        same = [known[other] for other in others if other in known]
        known |= {key: same[0]} if key not in known and same else {}
    return known


def _short(known: dict[str, float], key: str) -> str:
    """Return a number in few digits, nothing where it is not known."""
    return f"{known[key]:.3g}".replace("-", "−") if key in known else ""


def _legend(known: dict[str, float], values: bool, gradients: bool) -> str:
    """Return what stands below the picture: how to read it, and which keys would add to it."""
    if not values:
        return "under each operation: its name, which is also the key of its value"
    lines = ["above an edge: its value; below, italic: its gradient; thick: |gradient| is large"]
    names = [name for name in _NODES if name[0] != "x"]
    for given, keys in ((values, names), (gradients, [f"d{name}" for name in names[:-1]])):
        missing = [key for key in keys if key not in known]
        if given and missing:
            lines.append("also drawn, if your dictionary holds it: " + ", ".join(missing))
    return "\n".join(lines)


def _in_words(known: dict[str, float]) -> str:
    """Return the numbers of the picture as text, for those who cannot see it."""
    names = [*_NODES, "y", *(f"w{k}" for k in range(1, 10))]
    keys = [key for name in names for key in (name, f"d{name}") if key in known]
    return ", ".join(f"{key} {_short(known, key)}" for key in keys) or "No numbers yet."


def _draw_nodes(ax: Any, names: bool) -> None:
    """Draw the parts and the nodes, which have a shape for each part, perhaps with their names."""
    for part, (colour, tint, shape, left, bottom, width, height) in _PARTS.items():
        ax.fill_between([left, left + width], bottom, bottom + height, color=tint, lw=0, zorder=0)
        ax.text(left + 0.1, bottom + height - 0.1, part, va="top", color=colour, weight="bold")
        spots = [(node[1], node[2]) for node in _NODES.values() if node[3] == part]
        style = {"marker": shape, "s": 560, "facecolors": "white", "edgecolors": colour}
        ax.scatter(*zip(*spots), linewidths=1.6, zorder=2, **style)
    for name, (label, column, row, part, *_) in _NODES.items():
        ax.text(column, row, label, ha="center", va="center", fontsize=9 if len(label) < 4 else 8)
        if names and name[0] != "x":
            style = {"ha": "center", "va": "top", "fontsize": 8, "family": "monospace"}
            box = {"color": _PARTS[part][1], "pad": 0.5}
            ax.text(column, row - 0.35, name, bbox=box, **style)


def _draw_edges(ax: Any, known: dict[str, float]) -> None:
    """Draw all edges, the thicker the larger their gradient is, and the numbers beside them."""
    from matplotlib.collections import LineCollection, PolyCollection

    sizes = {key[1:]: abs(known[key]) for key in known if key.startswith("d")}
    largest = max([size for size in sizes.values() if math.isfinite(size)], default=0) or 1
    lines, heads, widths = [], [], []
    for name, (_, column, row, part, above, following) in _NODES.items():
        edges = [(above, column, row + 0.68, column, row, part)] if above else []
        if following:
            edges.append((name, column, row, *_NODES[following][1:4]))
        for key, x0, y0, x1, y1, part_of_end in edges:
            start, end = np.array([x0, y0]), np.array([x1, y1])
            _write_numbers(ax, known, key, start, end)
            along = (end - start) / math.hypot(*(end - start))
            share = min(sizes.get(key, 0) / largest, 1) if math.isfinite(sizes.get(key, 0)) else 0
            tip = end - along * (0.36 if part_of_end == "output" else 0.28)  # outside the node
            neck = tip - along * (0.12 + 0.06 * share)
            half = (0.05 + 0.05 * share) * np.array([-along[1], along[0]])
            lines.append((start + along * (0.28 if x0 != x1 else 0.1), neck))
            heads.append((tip, neck + half, neck - half))
            widths.append(0.8 + 4 * share)
    ax.add_collection(LineCollection(lines, linewidths=widths, colors="#555555", zorder=1))
    ax.add_collection(PolyCollection(heads, facecolors="#555555", linewidths=0, zorder=1))


def _write_numbers(ax: Any, known: dict[str, float], key: str, start: Any, end: Any) -> None:
    """Write a value above the edge from start to end, each (2,), and its gradient below."""
    value, gradient = _short(known, key), _short(known, f"d{key}")
    style = {"rotation_mode": "anchor", "fontsize": 8.5}
    dx, dy = end - start
    if dx == 0:  # a weight, or y, coming from above
        label = key[0] + key[1:].translate(str.maketrans("123456789", "₁₂₃₄₅₆₇₈₉"))
        ax.text(*start, f"{label}  {value}".strip(), ha="center", va="center", **style)
        ax.text(*(start - [0.1, 0.26]), gradient, ha="right", style="italic", **style)
        return
    style |= {"ha": "center", "rotation": math.degrees(math.atan2(dy, dx))}
    across = 0.1 * np.array([-dy, dx]) / math.hypot(dx, dy)
    middle = (start + end) / 2 - [0.02, 0]
    ax.text(*(middle + across), value, va="bottom", **style)
    ax.text(*(middle - across), gradient, va="top", style="italic", **style)
    if key == "y_pred":  # the last edge; the loss has none of its own
        ax.text(*(end - [0, 0.45]), _short(known, "loss"), ha="center", va="top", fontsize=8.5)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
