"""backprop.ipynb itself: its form, and what its cells do in a real kernel."""

import ast
import builtins
import functools
import http.server
import re
import shutil
import sys
import threading
import types

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import graders
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
    pictures = [
        o for c in code_cells().values() for o in c.outputs if "image/png" in o.get("data", {})
    ]
    assert len(pictures) == 3 + 1 + 3 + 1 + 1  # the graph; ε; losses; the comparison; the weights


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
    assert message.startswith("grader_backprop: dw1, dw2, dw3")
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
