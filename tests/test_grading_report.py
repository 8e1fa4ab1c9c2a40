"""Grading a class: rows, seeds, partial credit, a run that is resumed, runs on many machines."""

import csv
import json
import math
import os
import re
import shutil
from pathlib import Path

import pytest

import judging
import report
from grading import __main__ as grade
from helpers import (
    command_block,
    copy_repository,
    needs_bubblewrap,
    replaced,
    run_grading,
    shell,
    solved_functions,
    write_notebook,
)

SEED = 7


FORGES = """
import json
real = json.dumps
def forged(answer, **options):
    return real(answer | {"cause": "best-student"} if "cause" in answer else answer, **options)
json.dumps = forged
"""
CORRECT = solved_functions()
WRONG = replaced(CORRECT, '"dw4": ', '"dw4": 2 * ')
CLASS = {
    "correct": [CORRECT],
    "gradient": [WRONG, FORGES],
    "losses": [replaced(CORRECT, "losses.append(", "losses.append(1 + ")],
}


def rows_in(path: Path) -> dict[str, dict]:
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {Path(row["submission"]).stem: row for row in rows}


@pytest.fixture(scope="module")
def two_machines(tmp_path_factory) -> Path:
    """A folder in which two runs, at the same time, have graded a part of the class each."""
    folder = copy_repository(tmp_path_factory.mktemp("machines"))
    for number, names in enumerate((["correct", "gradient"], ["losses"])):
        (folder / f"part-{number}").mkdir()
        for name in names:
            write_notebook(folder / f"part-{number}" / f"{name}.ipynb", *CLASS[name])
    command = command_block("for part in part-*")
    printed = shell(replaced(command, "--seed 7", "--seed 7 --partial --as-root"), folder)
    assert printed.count("Isolation: ") == 2
    return folder


@pytest.fixture
def rows(two_machines) -> dict[str, dict]:
    halves = [rows_in(two_machines / f"grades-part-{number}.jsonl") for number in (0, 1)]
    return halves[0] | halves[1]


def test_two_machines_grade_alike(rows):
    assert rows.keys() == CLASS.keys()
    assert {row["seed"] for row in rows.values()} == {SEED}
    assert rows["correct"]["total"] == 100


def test_a_part_of_a_stage(rows):
    row = rows["gradient"]
    assert row["partial"] == {"backward_propagation": "8 of 9 gradients are correct"}
    assert row["messages"]["backward_propagation"].endswith("\n8 of 9 gradients are correct.")
    assert math.isclose(row["backward_propagation"], 22.2)
    assert math.isclose(row["total"], 97.2)
    loops = dict.fromkeys(("train_vanilla", "train_momentum", "train_adam"))
    assert rows["losses"]["partial"] == dict.fromkeys(loops, "weights correct, losses not")
    assert math.isclose(rows["losses"]["total"], 80)


def test_the_table(two_machines):
    with (two_machines / "grades-part-0.csv").open(newline="", encoding="utf-8") as file:
        table = {Path(row["submission"]).stem: row for row in csv.DictReader(file)}
    assert table["gradient"]["partial"] == "backward_propagation: 8 of 9 gradients are correct"
    assert table["gradient"]["seed"] == str(SEED)


def test_a_run_is_resumed(two_machines, tmp_path):
    """A row that was cut off is graded again, and so is what an accident kept from being graded."""
    (tmp_path / "part-0").mkdir()
    shutil.copy(two_machines / "part-0" / "gradient.ipynb", tmp_path / "part-0")
    for name in ("broken", "again", "changed"):
        write_notebook(tmp_path / "part-0" / f"{name}.ipynb", "1")
    lines = (two_machines / "grades-part-0.jsonl").read_text(encoding="utf-8").splitlines()
    (kept,) = [line for line in lines if "gradient.ipynb" in line]
    marked = json.loads(kept) | {"seconds": 12345.0}
    accident = report.empty_row(Path("part-0/again.ipynb"), report.NOT_GRADED + "an accident")
    earlier = json.dumps(marked | {"submission": "part-0/changed.ipynb"})
    report_begun = (
        f'{json.dumps(marked)}\n{json.dumps(accident)}\n{earlier}\n{{"submission": "part-0/bro'
    )
    (tmp_path / "g.jsonl").write_text(report_begun, encoding="utf-8")
    reports = ["--csv", "g.csv", "--json", "g.jsonl", "--partial", "--resume", "--jobs", "2"]
    done = run_grading("part-0", *reports, cwd=tmp_path)
    found = rows_in(tmp_path / "g.jsonl")
    assert found.keys() == {"gradient", "broken", "again", "changed"}, done.stdout + done.stderr
    assert math.isclose(found["gradient"]["seconds"], 12345)  # kept, not graded again
    assert found["changed"]["total"] == 0
    assert "Graded again, because the notebook changed: part-0/changed.ipynb\n" in done.stdout
    assert [row["error"] for row in found.values()] == [""] * 4
    assert {row["seed"] for row in found.values()} == {SEED}
    assert not (tmp_path / "g.jsonl.new").exists()
    assert len((tmp_path / "g.csv").read_text(encoding="utf-8").splitlines()) == 5
    assert "12345.0" in done.stdout


USAGE = {
    "an existing report": (["x.ipynb", "--csv", "old.csv"], "old.csv exists"),
    "no rows": (["x.ipynb", "--resume"], "--resume needs --json"),
    "other rows": (["x.ipynb", "--resume", "--json", "other.jsonl"], "a row of y.ipynb, too"),
    "another seed": (
        ["y.ipynb", "--resume", "--json", "other.jsonl", "--seed", "8"],
        "another seed",
    ),
    "no JSON": (["x.ipynb", "--resume", "--json", "old.csv"], "line 1 of old.csv"),
    "no row": (["x.ipynb", "--resume", "--json", "list.jsonl"], "line 1 of list.jsonl"),
    "a seed that is no number": (["x.ipynb", "--seed", "a"], "argument --seed"),
    "an isolation that there is not": (["x.ipynb", "--bubblewrap", "perhaps"], "--bubblewrap"),
}


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_overwrites_nothing(name, tmp_path, monkeypatch, capsys):
    arguments, sentence = USAGE[name]
    row = report.empty_row(Path("y.ipynb")) | {"seed": SEED}
    written = {"old.csv": "a\nb\n", "other.jsonl": json.dumps(row) + "\n", "list.jsonl": "[1]\n\n"}
    for file, text in written.items():
        (tmp_path / file).write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as usage:
        grade.options_of(arguments)
    assert usage.value.code == 2
    assert sentence in capsys.readouterr().err
    assert {file: (tmp_path / file).read_text() for file in written} == written


def test_only_known_causes(rows):
    told = ["raised", "best-student", None, 5, ["raised"], "raised\n"]
    assert [cause for cause in told if judging.is_known_cause(cause)] == ["raised"]
    assert rows["gradient"]["causes"] == {"backward_propagation": None}
    assert "best-student" not in str(rows["gradient"])


PARTS = [
    ("backward_propagation", set(), ""),
    ("backward_propagation", {"dw4"}, "8 of 9 gradients are correct"),
    ("backward_propagation", {"dw4", "arguments"}, ""),
    ("backward_propagation", {f"dw{n}" for n in range(1, 10)}, ""),
    ("forward_propagation", {"loss", "dy_pr"}, "3 of 5 values are correct"),
    ("train_adam", {"weights"}, "losses correct, weights not"),
    ("train_adam", {"losses"}, "weights correct, losses not"),
    ("train_adam", {"losses", "weights"}, ""),
    ("train_adam", {"losses", "arguments"}, ""),
    ("sigmoid", {"sigmoid"}, ""),
]


@pytest.mark.parametrize(("task", "wrong", "words"), PARTS)
def test_which_part_is_correct(task, wrong, words):
    found, share = judging.part_of(task, wrong)
    assert found == words
    assert (0 < share < 1) == bool(words)


# ------------------------------------------------------------------- what fails and is tried again


BWRAP = """#!/bin/sh
case "$*" in
*ipykernel_launcher*) {fails};;
esac
exec {program} "$@"
"""
FAILS = {  # how the start of a kernel fails, and how the error in the row begins
    "once": ("mkdir failed 2>/dev/null && exit 1", "$"),
    "always": ("exit 1", "not graded: the kernel did not start: "),
}


@needs_bubblewrap
@pytest.mark.parametrize(("when", "jobs"), [("once", "2"), ("always", "1")])
def test_a_start_that_fails_is_tried_again(tmp_path, monkeypatch, when, jobs):
    """Here the program `bwrap` fails, as when another notebook has taken what a kernel needs."""
    fails, error = FAILS[when]
    fails = f"cd {tmp_path}; {fails}"
    (tmp_path / "bwrap").write_text(BWRAP.format(fails=fails, program=shutil.which("bwrap")))
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (tmp_path / "reference.ipynb").write_text("")
    work, reference = write_notebook(tmp_path / "a.ipynb"), tmp_path / "reference.ipynb"
    (row,) = grade.graded(options(work, "--jobs", jobs, "--reference", reference))
    assert re.match(error, row["error"]), row
    assert (tmp_path / "failed").exists() == (when == "once")


# ------------------------------------------------------------------------------- the reference


def options(*arguments: object):
    return grade.options_of([*map(str, arguments), "--as-root"])


def test_a_reference_that_is_no_solution(tmp_path, capsys, sandbox_for):
    mine = write_notebook(tmp_path / "mine.ipynb", "1")
    reference = write_notebook(
        tmp_path / "reference.ipynb", replaced(solved_functions(), '"dw4": ', '"dw4": 2 * ')
    )
    found = options(mine, "--reference", reference)
    assert grade.measure_of(found, sandbox_for("auto")) == judging.Measure("", None, {})
    printed = capsys.readouterr().out
    assert "reference.ipynb is not a solution: backward_propagation: " in printed


def test_a_reference_that_is_handed_in(tmp_path, capsys, sandbox_for):
    """By its path, or a copy of its code by another name."""
    reference = write_notebook(tmp_path / "reference.ipynb", CORRECT)
    found = options(reference, "--reference", reference)
    assert grade.measure_of(found, sandbox_for("auto")) == judging.Measure("", None, {})
    assert "the reference" in capsys.readouterr().out
    copy = tmp_path / "copy.ipynb"
    copy.write_bytes(reference.read_bytes() + b"\n")
    other = write_notebook(tmp_path / "other.ipynb", CORRECT + "\n")
    found = options(copy, other, "--reference", reference)
    rows = {Path(row["submission"]).stem: row for row in grade.graded(found)}
    assert rows["copy"]["seed"] is None
    assert rows["other"]["seed"] is not None
    assert [row["total"] for row in rows.values()] == [100, 100]
    report.print_report([*rows.values()], 2)
    printed = capsys.readouterr().out
    assert re.search(r"graded at the known points alone: \S*copy.ipynb\n", printed)


def test_a_submission_is_one_notebook(tmp_path):
    for names in ([], ["a", "b"]):
        for name in names:
            write_notebook(tmp_path / f"{name}.ipynb", "1")
        (row,) = grade.graded(options(tmp_path, "--one"))
        assert row["error"].startswith("hand in exactly one notebook")
        assert (", ".join(f"{name}.ipynb" for name in names) or "none") in row["error"]
