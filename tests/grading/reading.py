"""Reads a stranger's notebook, in a process of its own with limits of time and memory.

`python reading.py FILE` prints JSON: the sources of the code cells, or the sentence that says why
there are none. Nothing but code cells is looked at. Everybody else calls `code_cells`.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS, MEMORY = 20, 2 << 30  # for reading one file
MOST_FILE, MOST_CODE = 100 << 20, 4 << 20  # bytes of a file, and of the code in it


class Unreadable(ValueError):
    """A file that is not a notebook; the text says why."""


# --------------------------------------------------------------------------- in the other process


def sources_of(notebook: Any) -> list[str]:
    """Return the sources of the code cells of a notebook of any format; raise Unreadable."""
    if not isinstance(notebook, dict):
        raise Unreadable("it holds no cells")
    sheets = notebook.get("worksheets", [notebook])  # until format 3 there were several
    if not isinstance(sheets, list):
        raise Unreadable("it holds no cells")
    found = []
    for sheet in sheets:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        if not isinstance(cells, list):
            raise Unreadable("it holds no cells")
        found += [source_of(cell) for cell in cells if is_code(cell)]
    return found


def is_code(cell: Any) -> bool:
    """Return whether a cell holds code; raise Unreadable if it is not a cell."""
    if not isinstance(cell, dict):
        raise Unreadable("a cell is not an object")
    return cell.get("cell_type") == "code"


def source_of(cell: dict[str, Any]) -> str:
    """Return the source of a code cell; raise Unreadable if it is not text."""
    source = cell.get("source", cell.get("input"))  # until format 3 it was called input
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable("the source of a code cell is not text")
    return source.encode("utf-8", "replace").decode()


def is_named_as_notebook(path: str | os.PathLike[str]) -> bool:
    """Return whether a path ends as that of a notebook does."""
    return os.fspath(path).lower().endswith(".ipynb")


def content_of(path: str) -> bytes:
    """Return the bytes of an ordinary file; raise ValueError with a sentence."""
    try:
        status = os.lstat(path)
        if not is_named_as_notebook(path):
            raise ValueError("not a notebook: its name does not end in .ipynb.")
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a regular file.")
        if status.st_size > MOST_FILE:
            raise ValueError(f"larger than {MOST_FILE >> 20} MB.")
        with open(path, "rb") as file:
            return file.read(MOST_FILE)
    except FileNotFoundError:
        raise ValueError("there is no such file.") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}.") from None


def answer_to(path: str) -> dict[str, Any]:
    """Return the sources of a file and their digest, or an error."""
    try:
        raw = content_of(path)
    except ValueError as error:
        return {"error": str(error)}
    try:
        cells = sources_of(json.loads(raw.decode(json.detect_encoding(raw))))
    except RecursionError:
        return {"error": "not a notebook: it is nested too deeply."}
    except MemoryError:
        return {"error": "not a notebook: reading it takes too much memory."}
    except ValueError as error:  # JSON's and Unicode's errors are such, too
        return {"error": f"not a notebook: {error}"}
    if sum(map(len, cells)) > MOST_CODE:
        return {"error": f"more than {MOST_CODE >> 20} MB of code."}
    return {"cells": cells, "digest": hashlib.sha256(json.dumps(cells).encode()).hexdigest()}


def limit_ourselves() -> None:
    """Limit the time and the memory of this process, where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):
        pass


# ----------------------------------------------------------------------------------- in ours


def read(path: Path, stopped: Callable[[], bool] = lambda: False) -> dict[str, Any]:
    """Return `cells` and `digest` of a notebook; raise ValueError with a sentence.

    Ends early, with a ValueError, when `stopped` says so.
    """
    command = [sys.executable, "-I", "-S", str(Path(__file__).absolute()), os.fspath(path)]
    end = time.monotonic() + SECONDS
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        while True:
            try:
                printed, _ = process.communicate(timeout=0.1)
                break
            except subprocess.TimeoutExpired:
                if stopped() or time.monotonic() > end:
                    process.kill()
    try:
        answer = json.loads(printed)
    except ValueError:
        raise ValueError("not a notebook: reading it takes too much time or memory.") from None
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer


if __name__ == "__main__":
    limit_ourselves()
    sys.stdout.write(json.dumps(answer_to(sys.argv[1])))
