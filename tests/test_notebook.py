"""backprop.ipynb itself: its form, and what its cells do in a real kernel."""

import ast
import builtins
import functools
import http.server
import math
import os
import re
import shutil
import subprocess
import sys
import threading
import types
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import graders
import styles
from conftest import ROOT, SOLUTION, read_notebook, unsolved

SIGNATURES = {
    "sigmoid": "z",
    "forward_propagation": "x, y, w",
    "backward_propagation": "x, w, forward_dict",
    "gradient_checking": "x, y, w, eps=1e-07",
    "train_vanilla": "X, y, w, epochs=100, lr=0.001",
    "train_momentum": "X, y, w, epochs=100, lr=0.001, gamma=0.95",
    "train_adam": "X, y, w, epochs=100, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08",
}
GRADER_CELLS = [
    *["sigmoid-grader", "forward-grader", "backward-grader", "check-grader"],
    *["vanilla-grader", "momentum-grader", "adam-grader"],
]


PICTURES = [
    *["graph-whole", "forward-graph", "backward-graph", "check-plot"],
    *["vanilla-plot", "momentum-plot", "adam-plot", "comparison-plot", "truth-plot"],
]
DRAWING_TOOLS = [
    *["graph-nodes", "graph-parts", "graph-numbers", "graph-edges", "graph-drawing"],
    *["plot-losses", "plot-epsilon", "plot-weights"],
]
TASK_CELLS = ["sigmoid", "forward", "backward", "check", "vanilla", "momentum", "adam"]
WRITTEN = {  # cells that a person grades: points
    "derivation": 0,
    "check-observation": 0,
    "vanilla-observation": 0,
    "momentum-observation": 0,
    "adam-observation": 0,
    "truth-observation": 0,
    "conclusion": 0,
    "answer": 10,
}


def code_cells(notebook=None) -> dict:
    cells = (notebook or read_notebook()).cells
    return {cell.id: cell for cell in cells if cell.cell_type == "code"}


def texts(cell) -> list:
    """Return a cell's outputs without pictures, streams joined."""
    outputs = []
    for output in cell.outputs:
        if output.output_type == "stream":
            if outputs and outputs[-1][0] == output.name:
                outputs[-1] = (output.name, outputs[-1][1] + output.text)
            else:
                outputs.append((output.name, output.text))
        elif output.output_type == "error":
            outputs.append(("error", output.ename, "\n".join(output.traceback)))
        else:
            outputs.append((output.output_type, output.data.get("text/plain")))
    return outputs


@pytest.fixture
def folder(tmp_path):
    """A folder with what a student receives beside the notebook."""
    for name in ("graders.py", "data.pkl"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def client(notebook, folder, **options) -> NotebookClient:
    resources = {"metadata": {"path": str(folder)}}
    return NotebookClient(notebook, timeout=120, resources=resources, **options)


# ------------------------------------------------------------------------------------- its form


def test_valid_and_run_from_top_to_bottom():
    notebook = read_notebook()
    nbformat.validate(notebook)
    cells = code_cells(notebook).values()
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [o for cell in cells for o in cell.outputs if o.output_type == "error"]
    assert (ROOT / "backprop.ipynb").stat().st_size < 1_500_000


def test_signatures():
    found = {}
    for cell in code_cells().values():
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef):
                found[node.name] = ast.unparse(node.args)
                assert ast.get_docstring(node), node.name
    assert found | SIGNATURES == found


def test_order_of_tasks_and_graders():
    """Each task's function stands before its grader, which the same cell imports."""
    cells = code_cells()
    order = list(cells)
    stages = [*graders.STAGES.items()]
    for (task, grader), grader_cell in zip(stages, GRADER_CELLS, strict=True):
        name = grader.__name__
        assert cells[grader_cell].source == f"from graders import {name}\n\n{name}({task})"
        (defining,) = [key for key in order if f"def {task}(" in cells[key].source]
        assert "### BEGIN SOLUTION" in cells[defining].source
        assert order.index(defining) < order.index(grader_cell)
    assert order[-1] == "submission"
    assert cells["submission"].source.endswith("submission_report(globals())")


def test_names():
    """No built-in is shadowed, and X, y and data are set once."""
    stored = []
    for cell in code_cells().values():
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                stored.append(node.id)
            elif isinstance(node, ast.arg):
                assert not hasattr(builtins, node.arg), node.arg
    assert not [name for name in stored if hasattr(builtins, name) and name != "_"]
    assigned = []  # by a cell, outside functions: no name is used for two things
    for cell in code_cells().values():
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef):
                assigned.append(node.name)
            if isinstance(node, ast.Assign):
                stores = [n for target in node.targets for n in ast.walk(target)]
                assigned += {n.id for n in stores if isinstance(n, ast.Name)}
    assert sorted(assigned) == sorted(set(assigned))
    assert [stored.count(name) for name in ("X", "y", "data")] == [1, 1, 1]


def test_only_progress_bars_are_exempt_from_comparison():
    for cell in code_cells().values():
        exempt = "nbval-ignore-output" in cell.metadata.get("tags", [])
        assert exempt == any(o.get("name") == "stderr" for o in cell.outputs), cell.id
        assert "NBVAL" not in cell.source


def test_nothing_is_fetched_from_a_server():
    """No picture comes from elsewhere, and the two videos stand beside plain links."""
    prose = "\n".join(cell.source for cell in read_notebook().cells if cell.cell_type != "code")
    assert "![" not in prose
    assert "<img" not in prose
    for key, cell in (("i94OvYb6noo", "video-4"), ("gYpoJMlgyXA", "video-5")):
        assert f"https://www.youtube.com/watch?v={key}" in prose
        (output,) = code_cells()[cell].outputs
        assert re.fullmatch(rf"<div><iframe .*{key}.*></iframe></div>", output.data["text/html"])
    assert "gradient-checking-41deec0357a9" in prose
    assert "https://cs231n.github.io/neural-networks-3/" in prose


def test_no_solution_outside_the_marks():
    """No line of a solution, in code or prose, stands in what a student receives."""
    cells = read_notebook().cells
    received = (ROOT / "graders.py").read_text(encoding="utf-8")
    received += "\n".join(unsolved(cell.source) for cell in cells)
    received = " ".join(received.split())
    solved = [match.group(0) for cell in cells for match in SOLUTION.finditer(cell.source)]
    assert len(solved) == 7 + 8  # functions; the derivation, observations, conclusion and answer
    lines = [line.strip() for text in solved for line in text.splitlines()[1:-1]]
    assert [line for line in lines if len(line) > 12 and line in received] == []


def test_the_worked_example():
    output = code_cells()["check-example"].outputs[0].text
    approximate, ratio = map(float, re.findall(r"\d\S+", output))
    np.testing.assert_allclose([approximate, ratio], [5.999999999994898, 4.2514140356330737e-13])


# ------------------------------------------------------------------------- words and pictures


def prose() -> dict:
    return {cell.id: cell.source for cell in read_notebook().cells if cell.cell_type == "markdown"}


def test_cells_are_short():
    """No cell has more than about 30 lines of code, docstrings and comments not counted."""
    for key, cell in code_cells().items():
        source = re.sub(r'"""[^"]*"""', "", cell.source)
        lines = [line.strip() for line in source.splitlines()]
        assert len([line for line in lines if line and line[0] != "#"]) <= 30, key


def test_every_task_says_what_it_must():
    """What it is for, mathematics, an example, what to write, what the grader checks, two hints."""
    parts = "\n".join(
        cell.source if cell.cell_type == "markdown" else f"<<{cell.id}>>"
        for cell in read_notebook().cells
    )
    for task in TASK_CELLS:
        before = parts.split(f"<<{task}>>")[0].rsplit("\n### ", 1)[1]
        heads = ["What it is for.", "The mathematics", "An example", "Write", "The grader"]
        places = [before.index(f"**{head}") for head in heads]
        assert places == sorted(places), task
        assert f"<<{task}-example>>" in before  # a cell that works the example
        hint = r"<details>\n<summary>(.*?)</summary>\n\n(.+?)\n\n</details>"
        hints = re.findall(hint, before, re.DOTALL)
        assert [summary for summary, _ in hints] == ["Hint 1", "Hint 2, stronger"]
        assert len(hints[0][1]) < len(hints[1][1])
    assert parts.count("<details>") == parts.count("</details>") == 2 * len(TASK_CELLS)


def test_pictures_and_their_words():
    """Each picture is followed by the same in words, which students keep."""
    cells = read_notebook().cells
    with_picture = []
    for cell, following in zip(cells, [*cells[1:], None]):
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
            with_picture.append(cell.id)
            assert unsolved(following.source).startswith("*In words:*"), cell.id
    assert with_picture == PICTURES


def test_drawing_tools_are_folded_and_out_of_the_way():
    cells = code_cells()
    order = list(cells)
    for key in order:
        folded = cells[key].metadata.get("jupyter", {}).get("source_hidden", False)
        assert folded == (cells[key].metadata.get("cellView") == "form") == (key in DRAWING_TOOLS)
        assert folded == cells[key].source.startswith("# @title ")
    assert max(map(order.index, DRAWING_TOOLS)) < order.index("sigmoid-example")


def test_measured_numbers_are_computed_not_typed():
    """Solutions in prose, and the words beside pictures, hold no number that a cell measures."""
    words = [cell.split("**What do")[0] for cell in prose().values() if cell[:11] == "*In words:*"]
    solved = [match.group() for cell in prose().values() for match in SOLUTION.finditer(cell)]
    assert len(words) == len(PICTURES)
    for text in [*words, *solved]:
        text = re.sub(r"10\^\{-[37]\}", "", text)  # the two marked values of ε, and the thresholds
        assert not re.search(r"\d\.\d|\de-\d|10\^", text), text
    everything = "\n".join(prose().values())
    assert not re.search(r"0\.6[58]|0\.03\d|2\.2\d* *(e-|\\cdot)", everything)


def test_one_naming():
    everything = "\n".join(cell.source for cell in read_notebook().cells)
    assert re.findall(r"\bf([1-5])\b", everything) == list("12345")
    assert everything.count("| symbol |") == 1


def test_loops_differ_only_in_their_update_rule():
    frames = []
    for task in ("vanilla", "momentum", "adam"):
        _, body = code_cells()[task].source.split("### BEGIN SOLUTION\n")
        head, rule, tail = re.split(r" +# the update rule\n|(?<=\n)(?= +losses.append)", body)
        state = r" +(m, )?v(, t)? = .*\n( +share1, share2 = .*\n)?"  # what the optimizer remembers
        frames.append((re.sub(state, "", head).replace(task, "…"), tail))
        assert "w = [" in rule
    assert frames[0] == frames[1] == frames[2]


def test_backward_mirrors_forward_line_by_line():
    """Each line of backward has the line of forward that it undoes as its comment."""
    forward, backward = (code_cells()[task].source for task in ("forward", "backward"))
    lines = re.findall(r"^    ([\w, ]+) = (.+)$", forward.split("w9 = w\n")[1], re.MULTILINE)
    comments = re.findall(r"^    .* = .*  # ([\w, ]+) = (.+)$", backward, re.MULTILINE)
    assert [name for name, _ in comments] == [name for name, _ in lines[-2::-1]]
    assert all(how in (right, "...") for (_, how), (_, right) in zip(comments, lines[-2::-1]))


@pytest.fixture
def tools(monkeypatch):
    """The globals of a notebook in which only the drawing tools were run; `drawn` is the figure."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", lambda: None)
    shell = types.SimpleNamespace(run_line_magic=lambda *_: None)
    namespace = {"np": np, "plt": plt, "math": math, "get_ipython": lambda: shell}
    with mpl.rc_context():
        for key in DRAWING_TOOLS:
            exec(code_cells()[key].source, namespace)  # noqa: S102
        yield types.SimpleNamespace(**namespace)
        plt.close("all")


def texts_of_graph(tools, *given) -> list:
    """Return the numbers written in a drawing of the graph."""
    tools.draw_graph("title", *given)
    written = [text.get_text() for text in tools.plt.gca().texts]
    tools.plt.close()
    found = [re.fullmatch(r"(?:[wy]\S?  )?(−?\d\S*)", text) for text in written]
    return sorted(float(match[1].replace("−", "-")) for match in found if match)


def test_the_drawing_shows_what_it_is_given_and_nothing_else(tools):
    x, w = [1001, 1002, 1003, 1004, 1005], [2001 + k for k in range(9)]
    operations = [name for name in tools.NODES if name[0] != "x"]
    forward = {name: 3 + k / 100 for k, name in enumerate(operations)}
    backward = {f"d{name}": 5 + k / 100 for k, name in enumerate(operations) if name[:4] != "loss"}
    backward |= {f"dw{k}": 7 + k / 100 for k in range(1, 10)}
    del backward["dy_pred"]
    everything = [*x, *w, 42, *forward.values(), *backward.values(), 9.5]
    shown = texts_of_graph(tools, x, 42, w, forward | {"dy_pr": 9.5}, backward)
    np.testing.assert_allclose(shown, sorted(float(f"{value:.3g}") for value in everything))
    assert texts_of_graph(tools) == []
    for hidden in operations:  # a value that is not returned is computed by nobody
        less = {name: value for name, value in forward.items() if name != hidden}
        assert texts_of_graph(tools, (), None, (), less) == sorted(less.values())
    nine = {f"dw{k}": 7 + k / 100 for k in range(1, 10)}  # dw6, dw7, dw8: also at the sums
    assert texts_of_graph(tools, (), None, (), {}, nine) == sorted(
        [*nine.values(), 7.06, 7.07, 7.08]
    )


@pytest.mark.parametrize("key", ["dy_pr", "dy_pred"])
def test_the_drawing_takes_numbers_in_any_form(tools, key):
    forms = {"exp": np.float64(1.5), "tanh": np.array([2.5]), "sigmoid": np.array([[3.5]])}
    forms |= {
        key: 4.5,
        "sin": object(),
        "sum12": None,
        "square": "word",
        None: 1,
        7: 1,
        "d": [1, 2],
    }
    assert texts_of_graph(tools, (), None, (), forms) == [1.5, 2.5, 3.5, 4.5]
    assert texts_of_graph(tools, (), None, (), {"loss": math.nan, "dy_pr": math.inf}) == []


def test_the_drawing_computes_no_operation():
    """Nothing in the tools could compute a node: no exp, tanh, sin or sigmoid is called."""
    for key in DRAWING_TOOLS:
        for node in ast.walk(ast.parse(code_cells()[key].source)):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("exp", "tanh", "sin", "cos", "cosh", "power", "square")
            if isinstance(node, ast.Name):
                assert node.id not in ("sigmoid", "forward_propagation", "backward_propagation")


def test_edges_are_thick_where_gradients_are_large(tools):
    tools.draw_graph("title", (), None, (), {}, {"dw1": 0.0, "dw2": -4.0, "dw3": 2.0})
    (arrows,) = [c for c in tools.plt.gca().collections if hasattr(c, "U")]
    widths = sorted(arrows.get_linewidth())
    assert widths[-1] > widths[-2] > widths[-3] == widths[0]


ODD_KEYS = """
inner = forward_propagation
def forward_propagation(*given):
    return {**inner(*given), "trace": object(), "path": "word", "sums": [1, 2], None: None, 0: 1}
"""


@pytest.mark.parametrize("seed", [2, 3, 4, 5, 7])
def test_any_right_solution_can_be_drawn(tools, seed, monkeypatch):
    """Floats, NumPy's numbers or arrays, 'dy_pr' or 'dy_pred', further keys under other names."""
    monkeypatch.chdir(ROOT)
    namespace = dict(vars(tools))
    cells = {key: cell.source for key, cell in code_cells().items() if key not in DRAWING_TOOLS}
    for key, source in cells.items():
        if key == "sigmoid":
            exec(styles.compose(seed) + ODD_KEYS * (seed == 3), namespace)  # noqa: S102
            namespace |= {"X": namespace["X"][:20], "y": namespace["y"][:20]}
        elif key not in TASK_CELLS:
            exec(source, namespace)  # noqa: S102
    assert len(tools.plt.get_fignums()) == len(PICTURES)


def light(colour) -> float:
    """Return the CIE lightness, from 0 to 100, of linear red, green and blue."""
    luminance = np.dot([0.2126, 0.7152, 0.0722], np.clip(colour, 0, 1))
    return 116 * np.cbrt(luminance) - 16 if luminance > 0.0089 else 903.3 * luminance


# What is left of red, green and blue light (rows) for eyes without red or green cones, after
# G. M. Machado and others, IEEE Transactions on Visualization and Computer Graphics 15 (2009) 1291
BLIND = {
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


@pytest.mark.parametrize("eyes", [*BLIND, "any, in grey print"])
def test_colours_can_be_told_apart(tools, eyes):
    """Also by their lightness alone, which is what colour-blind eyes and grey print keep."""
    styles = [style[0] for style in tools.STYLES.values()]
    parts = [part[0] for part in tools.PARTS.values()][:3]
    for palette in (styles, parts):
        codes = np.array([[int(c[k : k + 2], 16) / 255 for k in (1, 3, 5)] for c in palette])
        linear = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
        seen = linear @ np.transpose(BLIND.get(eyes, np.eye(3)))
        lightness = sorted(light(colour) for colour in seen)
        assert min(np.diff(lightness)) > 8
        assert lightness[-1] < 65  # dark enough to be seen on white
    for kind in zip(*tools.STYLES.values()):
        assert len(set(kind)) == 3  # colours, lines and hatchings all differ
    assert len({part[2] for part in tools.PARTS.values()}) == 4  # and so do the shapes of nodes


def test_titles_labels_and_units(tools):
    ratios = np.logspace(-3, -9, 25)
    losses = np.ones((5, 10))
    weights = dict.fromkeys(tools.STYLES, np.ones(9))
    tools.plot_losses("title", vanilla=[np.array([1.0]), np.array([0.5])])
    tools.plot_medians("title", vanilla=losses, adam=losses)
    tools.plot_epsilon(np.logspace(-13, -1, 25), ratios)
    tools.plot_weights(**weights)
    for number in tools.plt.get_fignums():
        (ax,) = tools.plt.figure(number).axes
        assert ax.get_title()
        assert ax.get_legend()
        assert "(no unit)" in ax.get_ylabel()
        assert re.search(r"\(.+\)|^weight$", ax.get_xlabel())
        assert tools.plt.figure(number).get_facecolor() == (1, 1, 1, 1)  # white in a dark theme too


# ------------------------------------------------------------------------------- for nbgrader


def test_nbgrader_metadata():
    points = dict(zip(GRADER_CELLS, [5, 15, 25, 15, 10, 15, 15], strict=True))
    for cell in read_notebook().cells:
        found = cell.metadata.get("nbgrader")
        marked = "### BEGIN SOLUTION" in cell.source
        if cell.id in points:
            expected = {"grade": True, "solution": False, "locked": True, "points": points[cell.id]}
        elif cell.id in WRITTEN:
            assert marked and cell.cell_type == "markdown"
            expected = {
                "grade": True,
                "solution": True,
                "locked": False,
                "points": WRITTEN[cell.id],
            }
        elif cell.id in TASK_CELLS:
            assert marked and cell.cell_type == "code"
            expected = {"grade": False, "solution": True, "locked": False}
        else:
            assert found is None and not marked, cell.id
            continue
        assert found == expected | {"grade_id": cell.id, "schema_version": 3, "task": False}
    assert sum(points.values()) == 100


def test_nbgraders_own_release(tmp_path):
    """nbgrader's command accepts the notebook, and its release holds no solution and no output."""
    pytest.importorskip("nbgrader", reason="needs nbgrader: pip install -r tests/requirements.txt")
    source = tmp_path / "source" / "backprop"
    source.mkdir(parents=True)
    for name in ("backprop.ipynb", "graders.py", "data.pkl"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "backprop"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path), "PATH": path}
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=environment)
    released = nbformat.read(tmp_path / "release" / "backprop" / "backprop.ipynb", as_version=4)
    for theirs, cell in zip(released.cells, read_notebook().cells, strict=True):
        assert theirs.source.replace("# YOUR CODE HERE\n    ", "") == unsolved(cell.source)
        assert not theirs.get("outputs")


# ------------------------------------------------------------------------------ in a real kernel


def test_runs_again_in_the_same_kernel_in_any_order(folder):
    notebook = read_notebook()
    run = client(notebook, folder)
    with run.setup_kernel():
        cells = list(enumerate(notebook.cells))
        rounds = []
        for seed in (None, None, 3, 5):  # in order, in order again, then shuffled
            if seed is not None:
                np.random.default_rng(seed).shuffle(cells)
            for index, cell in cells:
                run.execute_cell(cell, index)
            exempt = {"vanilla-run", "momentum-run", "adam-run"}
            rounds.append({k: texts(c) for k, c in code_cells(notebook).items() if k not in exempt})
    assert rounds[0] == rounds[1] == rounds[2] == rounds[3]


def test_unsolved_notebook_says_not_attempted_and_nothing_else(folder):
    notebook = read_notebook()
    for cell in notebook.cells:
        cell.source = unsolved(cell.source)
    client(notebook, folder, allow_errors=True).execute()
    cells = code_cells(notebook)
    for (task, grader), key in zip(graders.STAGES.items(), GRADER_CELLS, strict=True):
        message = f"{grader.__name__}: {task} is not written yet: line "
        ((kind, name, shown),) = texts(cells[key])
        assert (kind, name) == ("error", "GraderError")
        assert re.fullmatch(message + r"\d+ raises NotImplementedError\.", shown)
    report = texts(cells["submission"])
    assert report[1] == ("execute_result", "False")
    assert report[0][1].count("not attempted") == 7


STUDENT = """
from IPython.display import HTML, display
from tqdm.notebook import tqdm as bar
import logging, warnings
def sigmoid(z):
    print("z is", z)
    display(HTML("<b>z</b>"))
    warnings.warn("old")
    logging.warning("old")
    for _ in bar(range(2)):
        pass
    plt.plot([z, z])
    print("oops", file=sys.stderr)
    return 1 / (1 + math.exp(-z))
def forward_propagation(x, y, w):
    return undefined_name
def backward_propagation(x, w, forward_dict):
    return {f"dw{k}": 0.5 for k in range(1, 10)}
"""


def test_a_graded_cell_shows_the_graders_words_only(folder):
    notebook = read_notebook()
    keep = [c for c in notebook.cells if c.id in ("imports", *GRADER_CELLS[:3])]
    notebook.cells = [keep[0], nbformat.v4.new_code_cell(STUDENT), *keep[1:]]
    client(notebook, folder, allow_errors=True).execute()
    sigmoid, forward, backward = (texts(cell) for cell in notebook.cells[2:])
    line = "grader_sigmoid: sigmoid is right at z = 2, -30.0, -4.5, -0.7, 0.0, 1, 9.25, 30.0.\n"
    assert sigmoid == [("stdout", line), ("execute_result", "True")]
    ((_, name, message),) = forward
    assert name == "GraderError"
    assert message.startswith("grader_forwardprop: forward_propagation raised an error: NameError")
    assert message.endswith("line 15: return undefined_name")
    ((_, _, message),) = backward
    assert message.startswith("grader_backprop: backward_propagation gives the same results")
    assert "Traceback" not in message
    assert "graders.py" not in message


# ---------------------------------------------------------------------------- loading the files


class Upload:
    """What google.colab.files does, as far as the notebook sees it."""

    def __init__(self, *chosen):
        self.chosen = list(chosen)

    def upload(self):
        return self.chosen.pop(0)


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Run the notebook's loading cells in an empty folder, on Colab if there are uploads."""
    monkeypatch.chdir(tmp_path)
    cells = code_cells()

    def run(source_url="", uploads=None):
        if uploads is not None:
            colab = types.ModuleType("google.colab")
            colab.files = Upload(*uploads)
            monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
            monkeypatch.setitem(sys.modules, "google.colab", colab)
        imports = cells["imports"].source.replace('SOURCE_URL = ""', f"SOURCE_URL = {source_url!r}")
        namespace = {}
        for source in (imports, cells["bring"].source, cells["files"].source):
            exec(source, namespace)  # noqa: S102
        return namespace

    run.folder = tmp_path
    return run


DATA, GRADERS = ((ROOT / name).read_bytes() for name in ("data.pkl", "graders.py"))


def test_load_from_the_folder(load):
    (load.folder / "data.pkl").write_bytes(DATA)
    with pytest.raises(
        FileNotFoundError, match=r"Put the assignment's graders\.py into the folder"
    ):
        load()
    (load.folder / "graders.py").write_bytes(GRADERS)
    assert load()["X"].shape == (506, 5)
    (load.folder / "data.pkl").write_bytes(DATA + b"more")
    with pytest.raises(FileNotFoundError, match=r"Put the assignment's data\.pkl"):
        load()


def test_a_foreign_pickle_is_never_unpickled(load):
    (load.folder / "graders.py").write_bytes(GRADERS)
    (load.folder / "data.pkl").write_bytes(b"cos\nmkdir\n(S'opened'\ntR.")
    with pytest.raises(FileNotFoundError):
        load()
    with pytest.raises(ValueError, match=r"not this assignment's data\.pkl"):
        load(uploads=[{"data.pkl": b"cos\nmkdir\n(S'opened'\ntR."}])
    assert not (load.folder / "opened").exists()


def test_load_by_upload(load):
    namespace = load(uploads=[{"graders.py": GRADERS}, {"data.pkl": DATA}])
    assert namespace["data"].shape == (506, 6)
    assert (load.folder / "data.pkl").read_bytes() == DATA


@pytest.mark.parametrize("chosen", [{}, {"data (1).pkl": DATA}])
def test_cancelled_or_misnamed_upload(load, chosen):
    (load.folder / "graders.py").write_bytes(GRADERS)
    with pytest.raises(
        FileNotFoundError, match=r"No file named data\.pkl came: run this cell again"
    ):
        load(uploads=[chosen])


def test_load_from_source_url(load, tmp_path_factory, serve):
    source = tmp_path_factory.mktemp("source")
    (source / "graders.py").write_bytes(GRADERS)
    (source / "data.pkl").write_bytes(b"not the data")
    with pytest.raises(ValueError, match="not this assignment's"):
        load(serve(source), uploads=[])
    (source / "data.pkl").write_bytes(DATA)
    assert load(serve(source) + "/", uploads=[])["y"].shape == (506,)


def test_source_url_that_does_not_answer(load, serve, tmp_path):
    with pytest.raises(FileNotFoundError, match="could not be fetched"):
        load(serve(tmp_path) + "/nowhere", uploads=[])
    with pytest.raises(FileNotFoundError, match="could not be fetched"):
        load("no address", uploads=[])


@pytest.fixture
def serve():
    """Serve folders on this machine; yields a function from a folder to its address."""
    servers = []

    def start(folder):
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
