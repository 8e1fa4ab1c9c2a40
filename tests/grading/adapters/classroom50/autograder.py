"""Classroom 50 runs this in a student's checkout; tests/README.md says which files are beside it.

It writes result.json, which Classroom 50 reads, and release-body.md, which the student reads.
"""

import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).absolute().parent
PYTHON = [sys.executable, "-I"]  # imports nothing from the checkout, for instance no pip.py
REQUIREMENTS = HERE / "requirements.txt"  # with versions: a new release changes no grade
TIMEOUT = "20"  # seconds: with it the worst notebook takes 9 of the 15 minutes of a job


def graded() -> dict:
    """Grade the notebook in this folder; return its row, whatever happens."""
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder, "grades.jsonl")
        command = [*PYTHON, HERE / "grading", ".", "--one", "--timeout", TIMEOUT, "--json", rows]
        try:
            subprocess.run(
                [*PYTHON, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True
            )
            subprocess.run(command, check=False)
            return json.loads(rows.read_text(encoding="utf-8"))
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            return {"total": 0, "max": {}, "error": f"grading failed: {error}"}


def result_of(row: dict) -> dict:
    """Return a row in the format of Classroom 50."""
    env = os.environ
    seconds = int(subprocess.check_output(["git", "log", "-1", "--format=%ct"]))
    committed = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    names = {"classroom": "CLASSROOM", "assignment": "ASSIGNMENT", "submission": "SUBMISSION_TAG"}
    names |= {"commit": "COMMIT_URL", "release": "RELEASE_URL"}
    result = {"schema": "classroom50/result/v1"} | {key: env[name] for key, name in names.items()}
    result |= {"review": env.get("REVIEW_URL") or env["COMMIT_URL"]}
    result |= {"datetime": f"{committed:%Y-%m-%dT%H:%M:%SZ}"}
    result |= {"score": row["total"], "max-score": 100}
    result["tests"] = [
        {
            "test-name": task,
            "passed": row[task] == most,
            "score": row[task],
            "max-score": most,
            "output": row["messages"].get(task, row["error"]),
        }
        for task, most in row["max"].items()
    ]
    return result


def body_of(row: dict) -> str:
    """Return a row as Markdown, in which text of the notebook is quoted."""

    def quoted(text: str) -> str:
        return "\n".join(f"    {line}" for line in text.splitlines())

    parts = [f"# {row['total']} of 100 points"]
    parts += [quoted(row["error"])] if row["error"] else []
    for task, most in row["max"].items() if not row["error"] else ():
        parts += [f"## {task}: {row[task]} of {most}", quoted(row["messages"][task])]
    raised = row.get("cells_raised") or []
    parts += ["## Cells that raised an error", quoted("\n".join(raised))] if raised else []
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    row = graded()
    Path("release-body.md").write_text(body_of(row), encoding="utf-8")
    Path("result.json").write_text(json.dumps(result_of(row)), encoding="utf-8")
