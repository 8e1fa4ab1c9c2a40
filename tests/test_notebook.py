"""backprop.ipynb itself: its form, and what its cells do in a real kernel."""

import ast
import builtins
import functools
import http.server
import itertools
import math
import re
import shutil
import sys
import threading
import types
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import graders
from corpus import styles
from helpers import ROOT, SOLUTION, read_notebook, unsolved

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
    *["graph-whole", "forward-graph", "backward-graph", "check-plot", "vanilla-plot"],
    *["momentum-plot", "adam-plot", "comparison-plot", "starts-plot", "truth-plot"],
]
RUNS = ["vanilla-run", "momentum-run", "adam-run", "starts-run", "plateau-run"]
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


def sources() -> dict:
    """Return the source of each code cell."""
    return {key: cell.source for key, cell in code_cells().items()}


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


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """A client whose kernel runs in a folder with what a student receives beside the notebook."""
    folder = tmp_path_factory.mktemp("student")
    for name in ("graders.py", "data.pkl"):
        shutil.copy(ROOT / name, folder)
    resources = {"metadata": {"path": str(folder)}}
    run = NotebookClient(nbformat.v4.new_notebook(), timeout=120, resources=resources)
    with run.setup_kernel():
        yield run


@pytest.fixture
def run(kernel):
    """A function that runs cells; the kernel is started once, but each test finds no names in it."""

    def execute(*cells, allow_errors=False):
        kernel.allow_errors = allow_errors
        kernel.nb.cells = list(cells)
        for index, cell in enumerate(cells):
            kernel.execute_cell(cell, index)

    execute(nbformat.v4.new_code_cell("%reset -f"))
    return execute


# ------------------------------------------------------------------------------------- its form


def test_valid_and_run_from_top_to_bottom():
    notebook = read_notebook()
    nbformat.validate(notebook)
    cells = code_cells(notebook).values()
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    stored = (ROOT / "backprop.ipynb").read_bytes()
    assert len(stored) < 900_000
    assert stored.isascii()  # read with any encoding, it is the same


def lines_of(source: str) -> list[str]:
    return [line for line in source.splitlines() if line.strip()]


def test_the_task_comes_first():
    cells = read_notebook().cells
    first = [cell.id for cell in cells].index("sigmoid")
    before = [cell.source for cell in cells[:first] if cell.cell_type == "code"]
    assert len(cells) <= 80
    assert sum(len(cell.source.split()) for cell in cells if cell.cell_type != "code") <= 4200
    assert first + 1 <= 12
    assert sum(len(lines_of(source)) for source in before) <= 30
    assert len(lines_of(code_cells()["data"].source)) <= 12
    shown = [cell.id for cell in cells if cell.get("outputs")]
    assert shown[0] == "graph-whole"


def test_the_first_code_cell_is_folded():
    """Both Jupyter and Colab hide its source: it only looks for the files."""
    first = next(iter(code_cells().values()))
    assert first.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}}
    assert first.source.startswith("# @title ")  # all that a folded cell shows
    assert first.source.count("#") == 1
    assert 'SOURCE_URL = ""\n' in first.source


def test_python_only():
    """No cell needs IPython's magics, or catches what other code prints."""
    for key, source in sources().items():
        ast.parse(source)
        assert "capture_output" not in source, key
        assert "redirect_" not in source, key


def test_the_drawing_in_text():
    """It is in the opening, fits on a phone, and has every node under the name it keeps."""
    (drawing,) = re.findall(r"```text\n(.*?)```", read_notebook().cells[0].source, re.DOTALL)
    assert max(map(len, drawing.splitlines())) <= 33  # 400 pixels in Notebook 7
    keys = re.findall(r'"(\w+)": ', code_cells()["forward"].source)
    words = set(re.findall(r"\w+", drawing))
    assert len(keys) == 20
    assert words >= set(keys) - {"dy_pr"} | {f"{letter}{k}" for letter in "wx" for k in range(1, 6)}


def test_signatures():
    found = {}
    for source in sources().values():
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef):
                found[node.name] = ast.unparse(node.args)
                assert ast.get_docstring(node), node.name
    assert found | SIGNATURES == found


def test_order_of_tasks_and_graders():
    """Each task's function is right before its grader.

    The grader's cell imports the grader itself: a function or variable of that name, or of the
    name `graders`, changes nothing. All other cells use the module, which is imported once.
    """
    cells = code_cells()
    order = list(cells)
    for (task, grader), grader_cell in zip(graders.STAGES.items(), GRADER_CELLS, strict=True):
        name = grader.__name__
        assert cells[grader_cell].source == f"from graders import {name}\n\npassed = {name}({task})"
        (defining,) = [key for key in order if f"def {task}(" in cells[key].source]
        assert "### BEGIN SOLUTION" in cells[defining].source
        assert order.index(defining) + 1 == order.index(grader_cell)
    assert order[-1] == "submission"
    report = "from graders import submission_report\n\npassed = submission_report(globals())"
    assert cells["submission"].source == report
    imports = "\n".join(cells[key].source for key in order if key not in GRADER_CELLS)
    assert re.findall(r"(?m)^import graders$", imports) == ["import graders"]
    assert imports.count("from graders") == 1  # the report


def assigned(source: str) -> set[str]:
    """Return the names that a cell assigns outside functions, and those of its functions."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
    return found


def test_names():
    """No built-in is shadowed, and X and y are set once."""
    names = [name for source in sources().values() for name in assigned(source)]
    assert not [name for name in names if hasattr(builtins, name) and name != "_"]
    assert [names.count(name) for name in ("X", "y")] == [1, 1]


def test_only_progress_bars_and_videos_are_exempt_from_comparison():
    """Their outputs depend on the moment, and on the version of IPython."""
    for key, cell in code_cells().items():
        exempt = "nbval-ignore-output" in cell.metadata.get("tags", [])
        assert exempt == (key in RUNS or "YouTubeVideo" in cell.source), key
        assert key in RUNS or not any("it/s]" in o.get("text", "") for o in cell.outputs), key
        assert "NBVAL" not in cell.source


def test_nothing_is_fetched_from_a_server():
    """No picture comes from elsewhere, and the two videos also have plain links."""
    text = "\n".join(prose().values())
    assert "![" not in text
    assert "<img" not in text
    for key, cell in (("i94OvYb6noo", "video-4"), ("gYpoJMlgyXA", "video-5")):
        assert f"https://www.youtube.com/watch?v={key}" in text
        (output,) = code_cells()[cell].outputs
        assert list(output.data) == ["text/html"]  # no thumbnail, which would need the network
        assert re.search(rf"<iframe[^>]*{key}", output.data["text/html"])
    assert "gradient-checking-41deec0357a9" in text
    assert "https://cs231n.github.io/neural-networks-3/" in text


def test_no_solution_outside_the_marks():
    """No line of a solution, in code or prose, is in what a student receives."""
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
    """At most 15 lines of code, 30 in a solution, docstrings and comments not counted."""
    for key, cell in code_cells().items():
        source = re.sub(r'"""[^"]*"""', "", cell.source)
        source = re.sub(r"return \{.*?\}", "return", source, flags=re.DOTALL)  # the named values
        lines = [line.strip() for line in source.splitlines()]
        most = 30 if key in TASK_CELLS else 15
        assert len([line for line in lines if line and line[0] != "#"]) <= most, key


def test_every_task_has_the_same_parts():
    """Purpose, mathematics, an example, the task, what the grader checks, two hints."""
    parts = "\n".join(
        cell.source if cell.cell_type == "markdown" else f"<<{cell.id}>>"
        for cell in read_notebook().cells
    )
    for task in TASK_CELLS:
        before = parts.split(f"<<{task}>>")[0].rsplit("\n### ", 1)[1]
        heads = ["Purpose.", "The mathematics", "An example", "Task.", "The grader"]
        places = [before.index(f"**{head}") for head in heads]
        assert places == sorted(places), task
        assert f"<<{task}-example>>" in before or "```python" in before  # the example as code
        hint = r"<details>\n<summary>(.*?)</summary>\n\n(.+?)\n\n</details>"
        hints = [found for found in re.findall(hint, before, re.DOTALL) if "Hint" in found[0]]
        assert [summary for summary, _ in hints] == ["Hint 1", "Hint 2, stronger"]
        assert len(hints[0][1]) < len(hints[1][1])
    assert parts.count("<details>") == parts.count("</details>") == 2 * len(TASK_CELLS) + 3


def test_three_pictures_are_guessed_before_they_are_seen():
    cells = read_notebook().cells
    guess = "**Guess before you look.**"
    guessed = [after.id for cell, after in itertools.pairwise(cells) if guess in cell.source]
    assert guessed == ["backward-graph", "check-ratios", "truth-plot"]


def test_the_comparison_and_what_to_do_when_a_run_stops():
    """All optimizers over 100 epochs, on a logarithmic axis; words for those who see no report."""
    comparison = code_cells()["comparison-plot"].source
    for task in ("vanilla", "momentum", "adam"):
        assert f"plt.semilogy(np.arange(1, 101), losses_{task}, " in comparison
    report = " ".join(prose()["report"].split())
    assert "If nothing appears below, the run stopped at an error above" in report
    opening = " ".join(prose()["title"].split())
    assert "**Run All on unfinished work** stops at the first open task" in opening
    assert "After a restart, *Run → Run All Above Selected Cell* brings you back" in opening
    assert "overwrite one of them, run it again." in " ".join(prose()["data-text"].split())


def test_every_column_of_a_table_has_a_heading():
    """And who replaces graders.py is told in the text to restart the kernel."""
    tables = re.findall(r"(?:^\|.*\n)+", "\n".join(prose().values()) + "\n", re.MULTILINE)
    heads = [table.split("\n")[0].strip("|").split("|") for table in tables]
    assert ["symbol", "feature, before it was standardised"] in heads
    assert all(name.strip() for head in heads for name in head)
    told = " ".join("\n".join(prose().values()).split())
    assert "`graders.py`, restart the kernel, or Python keeps using the old one." in told


def test_pictures_and_their_words():
    """Each picture is followed by one sentence that says the same, which students keep.

    This is its alternative text, because JupyterLab and nbconvert's own template have no other.
    Stored outputs hold one for those who read it; plt.show() gives none, so that of a plot is
    the sentence, to be put into the output's metadata whenever outputs are stored anew.
    """
    cells = read_notebook().cells
    with_picture = []
    for cell, following in itertools.pairwise(cells):
        for output in cell.get("outputs", []):
            if "image/png" not in output.get("data", {}):
                continue
            with_picture.append(cell.id)
            words = " ".join(unsolved(following.source).split("\n\n")[0].split())
            assert words.startswith("*In words:* "), cell.id
            assert words.endswith(".") and ". " not in words, cell.id
            drawn = output.data["text/plain"]
            said = words[12:] if drawn.startswith("<Figure") else drawn
            assert output.metadata["image/png"]["alt"] == said, cell.id
    assert with_picture == PICTURES


def test_measured_numbers_are_computed_not_typed():
    """Solutions in prose, and the words beside pictures, hold no number that a cell measures."""
    words = [cell.split("\n\n")[0] for cell in prose().values() if cell[:11] == "*In words:*"]
    solved = [match.group() for cell in prose().values() for match in SOLUTION.finditer(cell)]
    assert len(words) == len(PICTURES)
    for text in [*words, *solved]:
        text = re.sub(r"10\^\{-[37]\}|nine weights 0\.1", "", text)  # given, not measured
        assert not re.search(r"\d\.\d|\de-\d|10\^", text), text
    everything = "\n".join(prose().values())
    assert not re.search(r"0\.6[58]|0\.03\d|2\.2\d* *(e-|\\cdot)", everything)


def solved_body(task: str) -> str:
    return code_cells()[task].source.split("### BEGIN SOLUTION\n")[1]


def test_loops_differ_only_in_their_update():
    frames = []
    for task in ("vanilla", "momentum", "adam"):
        head, rule, tail = re.split(
            r" +# the update\n|(?<=\n)(?= +losses.append)", solved_body(task)
        )
        head = re.sub(r"(?m)^    [mvt] = .*\n", "", head)  # the optimizer's state
        frames.append((head.replace(task, "…"), tail))
        assert "            w = w - " in rule
    assert frames[0] == frames[1] == frames[2]


def test_backward_walks_back_through_forward():
    """Step by step in reverse order, with all its values from forward; nothing computed twice."""
    forward = re.findall(r"^    (\w+) = .+$", solved_body("forward"), re.MULTILINE)
    nodes = [{"sig": "sigmoid"}.get(name, name) for name in forward]
    steps = re.findall(r"^    .+ = (.+?)  # .+: .+$", solved_body("backward"), re.MULTILINE)
    uses = [
        next(i for i, step in enumerate(steps) if re.search(rf"\bd{node}\b", step))
        for node in nodes[:-2]  # without loss and dy_pr
    ]
    last_of_part_1, last_of_part_2 = nodes.index("exp") + 1, nodes.index("tanh") + 1
    part_1, part_3 = uses[:last_of_part_1], uses[last_of_part_2:]
    assert part_1 == sorted(part_1, reverse=True)
    assert part_3 == sorted(part_3, reverse=True)
    for task in ("forward", "backward"):
        tree = ast.parse(code_cells()[task].source)
        operations = [n for n in ast.walk(tree) if isinstance(n, (ast.BinOp, ast.Call))]
        written = [ast.unparse(node) for node in operations]
        assert sorted(written) == sorted(set(written))


@pytest.fixture
def plt(monkeypatch):
    """Matplotlib without a screen, whose figures stay open until the test has seen them."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    close = plt.close
    plt.seen = []
    for name in ("show", "close"):  # what comes next goes into a new figure
        monkeypatch.setattr(plt, name, lambda *_: (plt.seen.append(plt.gcf()), plt.figure()))
    with mpl.rc_context({"figure.max_open_warning": 0}):
        yield plt
    close("all")


@pytest.fixture
def draw(plt, monkeypatch):
    """Draw the graph; return the numbers written in it, the text below, and the words."""
    shown = []
    show = lambda picture, raw, metadata: shown.append((picture, metadata))
    monkeypatch.setattr("IPython.display.display", show)

    def drawn(*given):
        graders.draw_graph("title", *given)
        written = [text.get_text() for text in plt.seen[-1].axes[0].texts]
        found = [re.fullmatch(r"(?:[wy]\S?  )?(−?\d\S*)", text) for text in written]
        numbers = sorted(float(match[1].replace("−", "-")) for match in found if match)
        (below,) = [text for text in written if "its value" in text]
        picture, metadata = shown[-1]
        assert picture["image/png"].startswith(b"\x89PNG")
        assert metadata["image/png"]["alt"] == picture["text/plain"]
        return types.SimpleNamespace(numbers=numbers, below=below, words=picture["text/plain"])

    return drawn


NODES = re.findall(r'"(\w+)": ', code_cells()["forward"].source)[:-1]


def test_the_drawing_shows_what_it_is_given_and_nothing_else(draw):
    x, w = [1001, 1002, 1003, 1004, 1005], [2001 + k for k in range(9)]
    forward = {name: 3 + k / 100 for k, name in enumerate(NODES)}
    backward = {f"d{name}": 5 + k / 100 for k, name in enumerate(NODES[:-1])}
    backward |= {f"dw{k}": 7 + k / 100 for k in range(1, 10)}
    del backward["dy_pred"]
    everything = [*x, *w, 42, *forward.values(), *backward.values(), 9.5]
    shown = draw(x, 42, w, forward | {"dy_pr": 9.5}, backward)
    np.testing.assert_allclose(shown.numbers, sorted(float(f"{n:.3g}") for n in everything))
    assert len(re.findall(r"\w+ −?\d", shown.words)) == len(everything)
    assert draw().numbers == []
    for hidden in NODES[::4]:  # a value that is not returned is computed by nobody, but asked for
        less = {name: value for name, value in forward.items() if name != hidden}
        shown = draw((), None, (), less)
        assert shown.numbers == sorted(less.values())
        assert re.search(rf": {hidden}$", shown.below)


def test_the_drawing_of_five_values_and_nine_gradients(draw):
    """A sum passes its gradient on, so it is also on the edges before; the rest is asked for."""
    five = {"exp": 1.0, "tanh": 2.0, "sigmoid": 3.0, "loss": 4.0, "dy_pr": 5.0}
    nine = {f"dw{k}": 10.0 + k for k in range(1, 10)}
    shown = draw((), None, (), five, nine)
    assert shown.numbers == sorted([*five.values(), *nine.values(), *[16, 16, 17, 17, 18, 18]])
    assert "y_pred" in shown.below
    assert "dsum12" in shown.below
    assert "dsum6" not in shown.below


class Hostile:
    """An object whose every attribute raises."""

    def __getattr__(self, name):
        raise RuntimeError(name)


@pytest.mark.parametrize("key", ["dy_pr", "dy_pred", "dl", "dL"])
def test_the_drawing_takes_numbers_in_any_form(draw, key):
    forms = {"exp": np.float64(1.5), "tanh": np.array([2.5]), "sigmoid": np.array([[3.5]])}
    odd = {"sin": object(), "sum12": None, "square": "word", "sum6": Hostile(), "sum7": [[1], 2]}
    keys = {None: 1, 7: 1, (1, 2): 3, "d": [1, 2], "": 1}
    assert draw((), None, (), {**forms, key: 4.5, **odd, **keys}).numbers == [1.5, 2.5, 3.5, 4.5]


def test_the_drawing_ignores_values_of_other_types(draw):
    odd = {"loss": math.nan, "dy_pr": math.inf}, {"dw1": math.inf}
    for given in (odd, ([1, 2], "no dictionary")):
        assert draw((), None, (), *given).numbers == []


def test_the_drawing_computes_no_operation():
    """Nothing in it could compute a node: no exp, tanh, sin or sigmoid is called."""
    source = (ROOT / "graders.py").read_text(encoding="utf-8")
    functions = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    asked, seen = ["draw_graph"], set()
    while asked:  # what draw_graph calls, and what that calls
        seen.add(name := asked.pop())
        (function,) = [f for f in functions if f.name == name]
        calls = [n.func for n in ast.walk(function) if isinstance(n, ast.Call)]
        for call in calls:
            word = getattr(call, "attr", getattr(call, "id", ""))
            assert word not in ("exp", "tanh", "sin", "cos", "cosh", "power", "square"), name
            if word in {f.name for f in functions} - seen:
                asked.append(word)
    assert len(seen) > 3


def test_edges_are_thick_where_gradients_are_large_and_end_before_their_node(draw, plt):
    draw((), None, (), {"dy_pr": -8.0}, {"dw1": 0.0, "dw2": -4.0, "dw3": 2.0})
    *nodes, lines, heads = plt.seen[-1].axes[0].collections
    widths = sorted(lines.get_linewidths())
    assert widths[-1] > widths[-2] > widths[-3] > widths[-4] == widths[0]
    spots = np.concatenate([parts.get_offsets() for parts in nodes if len(parts.get_offsets()) > 1])
    tips = np.array([head.vertices[0] for head in heads.get_paths()])
    assert len(spots) == 24
    assert np.linalg.norm(tips[:, None] - spots, axis=2).min() > 0.25  # the radius of a node


ODD_KEYS = """
inner = forward_propagation
def forward_propagation(*given):
    return {**inner(*given), "trace": object(), "path": "word", "sums": [1, 2], None: None, 0: 1}
"""


@pytest.mark.parametrize("seed", [3, 5])
def test_any_correct_solution_can_be_shown(plt, seed, monkeypatch):
    """Floats, NumPy's numbers or arrays, 'dy_pr' or 'dy_pred', further keys under other names."""
    monkeypatch.chdir(ROOT)
    namespace = {"display": lambda *_, **__: None}
    for key, source in sources().items():
        if key == "sigmoid":
            exec(styles.compose(seed) + ODD_KEYS * (seed == 3), namespace)  # noqa: S102
            namespace |= {"X": namespace["X"][:20], "y": namespace["y"][:20]}
        elif key not in TASK_CELLS:
            exec(source, namespace)  # noqa: S102
    axes = [ax for figure in plt.seen for ax in figure.axes]
    assert len(axes) == len(PICTURES)
    for ax in axes[3:]:
        assert ax.get_title()
        assert ax.get_ylabel()
        assert ax.get_xlabel() or ax.get_xticklabels()[0].get_text() == "w1"


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
def test_parts_can_be_told_apart(eyes):
    """Also by their lightness alone, which is what colour-blind eyes and grey print keep."""
    parts = list(graders._PARTS.values())
    codes = [[int(part[1][k : k + 2], 16) / 255 for k in (1, 3, 5)] for part in parts[:3]]
    codes = np.array(codes)
    linear = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    seen = linear @ np.transpose(BLIND.get(eyes, np.eye(3)))
    lightness = sorted(light(colour) for colour in seen)
    assert min(np.diff(lightness)) > 8
    assert lightness[-1] < 65  # dark enough to be seen on white
    assert len({part[3] for part in parts}) == 4  # and the shapes of nodes differ


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


# ------------------------------------------------------------------------------ in a real kernel

# Later cells need X, y, the seven functions and their results; all other names may be taken.
NEEDED = {"X", "y", *SIGNATURES} | {f"{a}_{b}" for a in ("w", "losses") for b in TASK_CELLS[4:]}
NEEDED |= {"epsilons", "ratios", "five", "over_the_data", "w_plateau"}
TAKEN = [
    "f",
    "data",
    "video",
    "number",
    "short",
    "losses",
    "v",
    "m",
    "t",
    "g",
    "k",
    "i",
    "sum",
    "abs",
    "min",
    "max",
    "round",
    "any",
    "all",
]


def test_students_variables_break_no_cell_and_cells_run_again_in_any_order(run):
    """After each cell every name is overwritten that later cells do not need."""
    cells = code_cells()
    stored = {key: texts(cell) for key, cell in cells.items()}
    taken = nbformat.v4.new_code_cell("from numpy import *")
    names = set(TAKEN)
    for key, source in sources().items():
        run(taken, cells[key])
        names |= assigned(source) - NEEDED - set(dir(builtins))
        taken.source = " = ".join(sorted(names)) + " = 0\nfrom numpy import sum"
    seen = [{key: texts(cell) for key, cell in cells.items()}]
    shuffled = list(cells.values())
    np.random.default_rng(3).shuffle(shuffled)
    run(*shuffled)
    seen.append({key: texts(cell) for key, cell in cells.items()})
    for texts_of in (stored, *seen):
        for key in RUNS:
            for stream, bar in texts_of.pop(key):  # none where the run was short
                assert stream == "stdout"  # a bar that succeeds is not red
                assert "100%" in bar
    assert seen == [stored, stored]


def test_unsolved_notebook_says_not_attempted_and_nothing_else(run):
    cells = code_cells()
    for cell in cells.values():
        cell.source = unsolved(cell.source)
    run(*cells.values(), allow_errors=True)
    for (task, grader), key in zip(graders.STAGES.items(), GRADER_CELLS, strict=True):
        ((kind, name, shown),) = texts(cells[key])
        assert (kind, name) == ("error", "GraderError")
        assert shown.startswith(f"{grader.__name__}: {task} ")
    ((stream, report),) = texts(cells["submission"])
    assert stream == "stdout"
    assert "0 of 7 tasks are correct" in report
    fine = list(cells)[: list(cells).index("sigmoid-grader")]
    assert not [key for key in fine for output in texts(cells[key]) if output[0] == "error"]


def test_a_stage_that_is_left_out_costs_nothing_below(run):
    """Run All stops at its grader; cells that are run one by one from there judge all others."""
    cells = code_cells()
    cells["momentum"].source = unsolved(cells["momentum"].source)
    run(*cells.values(), allow_errors=True)
    failed = [key for key, cell in cells.items() if texts(cell) and texts(cell)[0][0] == "error"]
    assert failed[0] == "momentum-grader"
    assert [key for key in GRADER_CELLS if key in failed] == ["momentum-grader"]
    report = texts(cells["submission"])[0][1]
    assert len(re.findall(r"(?m)^\w+ +\w+ is correct\.", report)) == 6


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


def test_a_graded_cell_shows_the_graders_words_only(run):
    cells = code_cells()
    graded = [cells[key] for key in GRADER_CELLS[:3]]
    student = nbformat.v4.new_code_cell(STUDENT)
    run(cells["files"], cells["graph-whole"], student, *graded, allow_errors=True)
    ((stream, line),), *refused = [texts(cell) for cell in graded]
    assert stream == "stdout"
    assert re.fullmatch(r"grader_sigmoid: .+\n", line)
    for ((_, name, message),), grader in zip(refused, ("forwardprop", "backprop"), strict=True):
        assert name == "GraderError"
        assert message.startswith(f"grader_{grader}: ")
        assert "Traceback" not in message
        assert "graders.py" not in message


def test_time_and_timeit_above_a_solution(run):
    """As the text says: the first changes nothing, with the second the cell defines nothing."""
    cells = code_cells()
    grader, source = cells["sigmoid-grader"], cells["sigmoid"].source
    timed = nbformat.v4.new_code_cell(f"%%timeit -n 1 -r 1\n{source}")
    run(cells["graph-whole"], timed, grader, allow_errors=True)
    assert texts(grader)[0][:2] == ("error", "NameError")
    run(nbformat.v4.new_code_cell(f"%%time\n{source}"), grader)
    assert texts(grader) == texts(code_cells()["sigmoid-grader"])


# ---------------------------------------------------------------------------- loading the files


class Upload:
    """Like google.colab.files: the chosen files are returned as bytes, and are in the folder too."""

    def __init__(self, *chosen):
        self.chosen = list(chosen)

    def upload(self):
        files = self.chosen.pop(0)
        for name, content in files.items():
            Path(name).write_bytes(content)
        return files


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Run the notebook's loading cells in an empty folder, on Colab if there are uploads."""
    monkeypatch.chdir(tmp_path)
    cells = code_cells()

    def run(source_url="", uploads=None):
        if uploads is not None:
            colab = types.ModuleType("google.colab")
            colab.files = Upload(*uploads)
            monkeypatch.setitem(sys.modules, "google.colab", colab)
        files = cells["files"].source.replace('SOURCE_URL = ""', f"SOURCE_URL = {source_url!r}")
        imports = cells["graph-whole"].source.replace("graders.draw_graph()", "")
        namespace = {}
        for source in (files, imports, cells["data"].source):
            exec(source, namespace)  # noqa: S102
        return namespace

    run.folder = tmp_path
    return run


DATA, GRADERS = ((ROOT / name).read_bytes() for name in ("data.pkl", "graders.py"))
FOREIGN = b"cos\nmkdir\n(S'opened'\ntR."  # a pickle that makes a folder when it is loaded


def test_load_from_the_folder(load):
    (load.folder / "data.pkl").write_bytes(DATA)
    with pytest.raises(FileNotFoundError, match=r"^graders\.py is missing: put it into the folder"):
        load()
    (load.folder / "graders.py").write_bytes(GRADERS)
    assert load()["X"].shape == (506, 5)
    (load.folder / "data.pkl").unlink()
    with pytest.raises(FileNotFoundError, match=r"^data\.pkl is missing: put it into the folder"):
        load()


@pytest.mark.parametrize("content", [DATA + b"more", DATA[:-9], b"", FOREIGN])
def test_a_foreign_pickle_is_refused_and_never_unpickled(load, content):
    (load.folder / "graders.py").write_bytes(GRADERS)
    (load.folder / "data.pkl").write_bytes(content)
    with pytest.raises(ValueError, match=r"^data\.pkl is not this assignment's file"):
        load()
    assert not (load.folder / "opened").exists()


@pytest.mark.parametrize(
    "uploads",
    [
        [{"graders.py": GRADERS}, {"data.pkl": DATA}],
        [{"data.pkl": DATA, "graders.py": GRADERS}],
        [{"graders (1).py": GRADERS, "data (1).pkl": DATA}],
        [{"data (2).pkl": DATA}, {"Copy of graders.py": GRADERS}],
    ],
)
def test_uploads_are_identified_by_their_content(load, uploads):
    if len(uploads) == 2 and "data (2).pkl" in uploads[0]:
        (load.folder / "graders.py").write_bytes(GRADERS)  # only the other one is asked for
    assert load(uploads=uploads)["data"].shape == (506, 6)
    assert (load.folder / "data.pkl").read_bytes() == DATA
    assert (load.folder / "graders.py").read_bytes() == GRADERS


def test_cancelled_upload(load):
    (load.folder / "graders.py").write_bytes(GRADERS)
    with pytest.raises(FileNotFoundError, match=r"^data\.pkl is missing"):
        load(uploads=[{}])
    with pytest.raises(ValueError, match=r"^data\.pkl is not this assignment's file"):
        load(uploads=[{"data (1).pkl": FOREIGN}])
    assert not (load.folder / "opened").exists()


def test_load_from_source_url(load, tmp_path_factory, serve):
    source = tmp_path_factory.mktemp("source")
    (source / "graders.py").write_bytes(GRADERS)
    (source / "data.pkl").write_bytes(DATA)
    assert load(serve(source) + "/")["y"].shape == (506,)


def test_source_url_that_does_not_answer(load, serve, tmp_path):
    for address in (serve(tmp_path) + "/nowhere", "no address", "http://127.0.0.1:9"):
        with pytest.raises(FileNotFoundError, match=r"^graders\.py is missing"):
            load(address)
    uploads = [{"graders.py": GRADERS, "data.pkl": DATA}]  # on Colab the dialog comes instead
    assert load("http://127.0.0.1:9", uploads)["y"].shape == (506,)


@pytest.fixture
def serve():
    """Serve folders on this machine; yields a function from a folder to its address."""
    servers = []

    def start(folder):
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        serving = functools.partial(server.serve_forever, poll_interval=0.01)
        threading.Thread(target=serving, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
