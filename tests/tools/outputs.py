"""Run the notebook from top to bottom and store its outputs: `python tests/tools/outputs.py`.

Needed whenever a cell, a sentence of the graders or a dependency has changed. Pictures get the
sentence below them as their text, for readers who cannot see them; the file is ASCII.
"""

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4.rwbase import split_lines

sys.path[:0] = map(str, Path(__file__).parents[1:3])  # tests, and the root
from helpers import ROOT, read_notebook, unsolved

IN_WORDS = "*In words:* "  # begins the sentence below a picture


def executed(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Run a notebook in a folder of its own that holds what students get."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("graders.py", "data.pkl"):
            shutil.copy(ROOT / name, folder)
        resources = {"metadata": {"path": folder}}
        return NotebookClient(notebook, timeout=300, resources=resources).execute()


def tidy_outputs(outputs: list, alternative: str) -> list:
    """Return outputs with their streams joined, bars as at their end, and texts of pictures."""
    joined: list = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
    for output in joined:
        if output.output_type == "stream" and "\r" in output.text:
            output.text = re.sub(r"[^\n]*\r(?=[^\n])", "", output.text)
        if "image/png" in output.get("data", {}):
            drawn = output.data["text/plain"]
            text = alternative if drawn.startswith("<Figure") else drawn
            output.metadata = nbformat.from_dict({"image/png": {"alt": text}})
    return joined


def main() -> None:
    """Store the outputs of a clean run."""
    old = read_notebook()
    notebook = executed(read_notebook())
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], None]):
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            words = (
                " ".join(unsolved(following.source).split("\n\n")[0].split()) if following else ""
            )
            cell.outputs = tidy_outputs(cell.outputs, words.removeprefix(IN_WORDS))
    notebook.metadata = old.metadata
    nbformat.validate(notebook)
    text = json.dumps(split_lines(notebook), indent=1, ensure_ascii=True, sort_keys=True)
    (ROOT / "backprop.ipynb").write_text(text + "\n", encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
