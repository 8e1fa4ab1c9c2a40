"""How long the assignment takes: `python tests/tools/benchmark.py` (about a minute; needs mpmath).

Every ratio is of two measurements of this one run, so it does not depend on the machine's speed.
"""

import contextlib
import io
import math
import os
import pickle
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mpmath
import nbformat
import numpy as np
from nbclient import NotebookClient

sys.path[:0] = map(str, Path(__file__).parents[1:3])  # tests, and the root
from helpers import (
    GRADING,
    LOOPS,
    ROOT,
    TASKS,
    accepts,
    grader_name,
    module,
    read_notebook,
    solved_functions,
)

BARE = "import numpy as np\nimport matplotlib.pyplot as plt\n_ = plt.plot(np.arange(3))"


def seconds(run, repeat: int = 3) -> float:
    """Return the median time of `run()`."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def execute(notebook) -> None:
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()


# --------------------------------- the work of the original assignment's loops, in our words
# NumPy functions on single numbers, every gradient from the inputs anew, passes made twice, and
# a root of mpmath for each weight: slow for reasons that have nothing to do with the mathematics.


def s_sigmoid(z):
    return 1 / (1 + math.exp(-z))


def s_forward(x, y, w):
    exp = np.exp((x[0] * w[0] + x[1] * w[1]) * (x[0] * w[0] + x[1] * w[1]) + w[5])
    tanh = np.tanh(exp + w[6])
    sig = s_sigmoid(np.sin(x[2] * w[2]) * (x[3] * w[3] + x[4] * w[4]) + w[7])
    y_hat = tanh + sig * w[8]
    return {
        "exp": exp,
        "tanh": tanh,
        "sigmoid": sig,
        "loss": (y - y_hat) ** 2,
        "dy_pr": 2 * (y_hat - y),
    }


def s_backward(x, w, f):
    d, exp = f["dy_pr"], f["exp"]

    def exp_slope():
        square = (x[0] * w[0] + x[1] * w[1]) * (x[0] * w[0] + x[1] * w[1])
        return d * (1 - np.tanh(exp + w[6]) ** 2) * np.exp(w[5] + square)

    def bell():
        one = s_sigmoid(w[7] + np.sin(x[2] * w[2]) * (x[3] * w[3] + x[4] * w[4]))
        two = s_sigmoid(w[7] + np.sin(x[2] * w[2]) * (x[3] * w[3] + x[4] * w[4]))
        return d * w[8] * one * (1 - two)

    def twice_inner(k):
        return (x[0] * w[0] + x[1] * w[1]) * x[k] + (x[0] * w[0] + x[1] * w[1]) * x[k]

    return {
        "dw1": exp_slope() * twice_inner(0),
        "dw2": exp_slope() * twice_inner(1),
        "dw3": bell() * (x[3] * w[3] + x[4] * w[4]) * np.cos(x[2] * w[2]) * x[2],
        "dw4": bell() * np.sin(x[2] * w[2]) * x[3],
        "dw5": bell() * np.sin(x[2] * w[2]) * x[4],
        "dw6": exp_slope(),
        "dw7": d * (1 - np.tanh(exp + w[6]) ** 2),
        "dw8": bell(),
        "dw9": d * f["sigmoid"],
    }


def original_loops(X, y, w_start, epochs):
    w = w_start.copy()
    for _ in range(epochs):  # vanilla: one update per epoch
        for x, t in zip(X, y):
            gradients = list(s_backward(x, w, s_forward(x, t, w)).values())
        w -= 0.001 * np.array(gradients)
    w, v = w_start.copy(), [0.0] * 9
    for _ in range(epochs):  # momentum: every pass twice
        for j, (x, t) in enumerate(zip(X, y)):
            for _ in range(2):
                gradients = list(s_backward(x, w, s_forward(x, t, w)).values())
            for k in range(9):
                v[k] = 0.95**j * v[k] - 0.001 * gradients[k]
                w[k] = w[k] + v[k]
            s_forward(X[0], y[0], w)
    w, m, v = w_start.copy(), [0.0] * 9, [0.0] * 9
    for _ in range(epochs):  # Adam: mpmath's root for every weight
        for x, t in zip(X, y):
            gradients = list(s_backward(x, w, s_forward(x, t, w)).values())
            for k in range(9):
                m[k] = 0.9 * m[k] + 0.1 * gradients[k]
                v[k] = 0.99 * v[k] + 0.01 * gradients[k] ** 2
                w[k] = w[k] - (0.001 * m[k]) / (mpmath.sqrt(v[k]) + 0.0001)
            s_forward(x, t, w)


def grading() -> None:
    """Print what grading costs, beside `jupyter execute`, for one notebook and for more."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("graders.py", "data.pkl"):
            shutil.copy(ROOT / file, folder)
        notebook = read_notebook()
        jupyter = [sys.executable, "-m", "jupyter", "execute", str(folder / "1.ipynb")]
        times = {}
        for many in (1, 2, 4):
            notebook.cells.append(nbformat.v4.new_markdown_cell("not the reference itself"))
            for i in range(1, many + 1):
                nbformat.write(notebook, folder / f"{i}.ipynb")
            for jobs in (1, 2):
                command = [sys.executable, str(GRADING), name, "--jobs", str(jobs)]
                times[many, jobs] = seconds(
                    lambda c=command: finish(c), repeat=1 if many > 1 else 3
                )
            if many == 1:
                execute_one = seconds(lambda: finish(jupyter))
    print("\ngrading (s)          notebooks   1       2       4   per notebook")
    for jobs in (1, 2):
        row = [times[many, jobs] for many in (1, 2, 4)]
        each = (row[2] - row[0]) / 3
        print(f"  --jobs {jobs}          " + "".join(f"{t:8.1f}" for t in row) + f"{each:10.1f}")
    print(f"  jupyter execute     {execute_one:8.1f}")
    each = (times[4, 1] - times[1, 1]) / 3
    print(f"  one notebook takes {times[1, 1] / execute_one:.2f} times that, ", end="")
    print(f"each further one {each / execute_one:.2f} times")


def finish(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def notebook_time() -> None:
    """Print how long the notebook runs, beside a bare kernel."""
    bare_notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(BARE)])
    bare = seconds(lambda: execute(bare_notebook))
    whole = seconds(lambda: execute(read_notebook()))
    print(f"a kernel with NumPy and one plot   {bare:6.2f} s")
    times = f"{whole / bare:.1f} times that, of 3.3 allowed"
    print(f"the whole notebook                 {whole:6.2f} s   ({times})")


def loop_times(solution: dict, X: np.ndarray, y: np.ndarray) -> None:
    """Print how long the loops run, beside the original's, and how the time grows."""
    w_start = np.random.default_rng(1).normal(0, 0.01, 9)
    print("\n100 epochs on 506 points")
    total = 0.0
    for task in LOOPS:
        took = seconds(lambda task=task: solution[task](X, y, w_start))
        total += took
        print(f"  {task:16}{took:6.2f} s   {took / 50600 * 1e6:5.1f} µs per update")
    original = seconds(lambda: original_loops(X, y, w_start, 10), repeat=1) * 10
    print(f"  all three       {total:6.2f} s")
    print(f"  the original's  {original:6.2f} s   ({original / total:.0f} times that, 12 at least)")

    print("\nhow the time grows (ms)     epochs, 506 points       points, 100 epochs")
    print(f"  {'':22}" + "".join(f"{n:8}" for n in (25, 50, 100, 126, 253, 506)))
    for task in LOOPS:
        times = [seconds(lambda t=task, n=n: solution[t](X, y, w_start, n)) for n in (25, 50, 100)]
        times += [
            seconds(lambda t=task, n=n: solution[t](X[:n], y[:n], w_start)) for n in (126, 253, 506)
        ]
        print(f"  {task:22}" + "".join(f"{1e3 * t:8.0f}" for t in times))


def grader_times(solution: dict) -> None:
    """Print how long it takes to import the graders, and each of them to accept the solution."""
    code = "import time, numpy; t = time.perf_counter(); import graders; "
    code += "print(time.perf_counter() - t)"
    cached = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    options = {"cwd": ROOT, "env": cached, "capture_output": True, "check": True}
    imports = [
        float(subprocess.run([sys.executable, "-c", code], **options).stdout) for _ in range(5)
    ]
    print(f"\nimporting graders, after NumPy     {1e3 * statistics.median(imports):6.1f} ms")
    for task in TASKS:
        took = seconds(lambda t=task: accepts(t, solution[t]))
        print(f"  {grader_name(task):33}{1e3 * took:6.1f} ms")


def main() -> None:
    """Print all figures."""
    data = pickle.loads((ROOT / "data.pkl").read_bytes())
    solution = module(solved_functions())
    notebook_time()
    loop_times(solution, data[:, :5], data[:, 5])
    grading()
    grader_times(solution)


if __name__ == "__main__":
    main()
