"""Grading a class: strangers' files, which are read in a process with limits."""

import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest

import reading
from helpers import ROOT


def written(path, content) -> object:
    """Write bytes, text or JSON into a file; return its path."""
    if not isinstance(content, (bytes, str)):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def code(source) -> dict:
    return {"cell_type": "code", "source": source}


def sheets(*cells) -> dict:
    return {"nbformat": 3, "worksheets": [{"cells": [cell]} for cell in cells]}


READ = {
    "lines": ({"cells": [code(["a = 1\n", "b = 2"])]}, ["a = 1\nb = 2"]),
    "prose": ({"cells": [{"cell_type": "markdown", "source": "x"}, code("a")]}, ["a"]),
    "format 3": (sheets({"cell_type": "code", "input": "a"}, code("b")), ["a", "b"]),
    "UTF-16": (json.dumps({"cells": [code("ä")]}).encode("utf-16"), ["ä"]),
    "half a character": ({"cells": [code("x = '\ud83d'")]}, ["x = '?'"]),
    "metadata of all kinds": (
        {"cells": [{**code("a"), "metadata": {"tags": [{"a": 1}] * 20_000}}], "metadata": 5},
        ["a"],
    ),
    "no cells": ({"cells": []}, []),
}


@pytest.mark.parametrize("name", READ)
def test_what_is_read(tmp_path, name):
    content, cells = READ[name]
    begun = time.monotonic()
    assert reading.read(written(tmp_path / "a.ipynb", content))["cells"] == cells
    assert time.monotonic() - begun < 5


REFUSED = {
    "a list": ("[1, 2]", "it holds no cells"),
    "no JSON": ("{", "not a notebook: "),
    "empty": ("", "not a notebook: "),
    "latin 1": (b'{"cells": ["\xe4"]}', "not a notebook: "),
    "a number for a source": ({"cells": [code(5)]}, "is not text"),
    "a number for a cell": ({"cells": [5]}, "a cell is not an object"),
    "a number for a sheet": ({"worksheets": [5]}, "it holds no cells"),
    "deep": ("[" * 10**6, "nested too deeply"),
    "much code": ({"cells": [code("x" * (reading.MOST_CODE + 1))]}, "of code"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_a_notebook(tmp_path, name):
    content, sentence = REFUSED[name]
    with pytest.raises(ValueError, match=sentence):
        reading.read(written(tmp_path / "a.ipynb", content))


def test_other_files(tmp_path):
    for path, sentence in (
        (written(tmp_path / "a.ipynb (1)", ""), "does not end in .ipynb"),
        (tmp_path / "a.ipynb", "there is no such file"),
        (tmp_path / "a", "there is no such file"),
        (tmp_path, "does not end in .ipynb"),
    ):
        with pytest.raises(ValueError, match=sentence):
            reading.read(path)
    (tmp_path / "folder.ipynb").mkdir()
    with pytest.raises(ValueError, match="not a regular file"):
        reading.read(tmp_path / "folder.ipynb")


@pytest.mark.platform(sys.platform == "linux", reason="others limit no memory")
def test_reading_has_limits_of_memory_and_size(tmp_path):
    content = '{"cells": [' + "{}," * 8_000_000 + "5]}"
    begun = time.monotonic()
    with pytest.raises(ValueError, match="not a notebook"):
        reading.read(written(tmp_path / "a.ipynb", content))
    assert time.monotonic() - begun < 2 * reading.SECONDS
    with (tmp_path / "b.ipynb").open("wb") as file:
        file.truncate(reading.MOST_FILE + 1)
    with pytest.raises(ValueError, match="larger than"):
        reading.read(tmp_path / "b.ipynb")


def test_reading_ends_at_a_signal(tmp_path):
    path = written(tmp_path / "a.ipynb", '{"cells": [' + "{}," * 4_000_000 + "{}]}")
    begun = time.monotonic()
    with pytest.raises(ValueError, match="too much time"):
        reading.read(path, stopped=lambda: True)
    assert time.monotonic() - begun < 2


@pytest.mark.platform(os.name == "posix", reason="Windows has other signals")
def test_ctrl_c_while_a_file_is_read(tmp_path):
    """The main process reads no notebook: it can always be interrupted."""
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "reference.ipynb")
    written(tmp_path / "a.ipynb", '{"cells": [' + "{}," * 4_000_000 + "{}]}")
    command = [sys.executable, ROOT / "tests" / "grading", "a.ipynb", "--as-root"]
    process = subprocess.Popen(
        [*command, "--reference", "reference.ipynb"], cwd=tmp_path, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while "0/1" not in process.stderr.readline(20) and process.poll() is None:
        pass
    os.killpg(process.pid, signal.SIGINT)
    begun = time.monotonic()
    printed, errors = process.communicate(timeout=60)
    assert time.monotonic() - begun < 20
    assert process.returncode == 128 + signal.SIGINT
    assert "interrupted" in printed
    assert "Traceback" not in errors


def test_a_name_may_be_written_in_capitals(tmp_path):
    assert reading.read(written(tmp_path / "A.IPYNB", {"cells": [code("a")]}))["cells"] == ["a"]


def test_the_digest_is_of_the_code_alone(tmp_path):
    one = reading.read(written(tmp_path / "a.ipynb", {"cells": [code("a")]}))
    two = reading.read(written(tmp_path / "b.ipynb", {"cells": [code(["a"])], "metadata": {}}))
    other = reading.read(written(tmp_path / "c.ipynb", {"cells": [code("b")]}))
    assert one["digest"] == two["digest"] != other["digest"]
