"""Runs the cells of a notebook, and saves what can be saved of a cell that fails."""

from __future__ import annotations

import ast
import re
import warnings

from IPython.core.inputtransformer2 import TransformerManager

from report import one_line
from sandbox import Kernel, Stopped

IMPORTS, DEFINITIONS = (ast.Import, ast.ImportFrom), (ast.FunctionDef, ast.ClassDef)
NOT_AGAIN = ast.For, ast.While, ast.AsyncFor, ast.Expr, ast.Raise
MOST_LINES = 20  # of what a row says about cells that raised
WHOLE, WITHOUT_LOOPS, DEFINED, NOTHING = range(4)  # how much of a cell is run
# The line of the cell in which the last exception was raised. It is evaluated over there.
LINE = """max([0, *(
    line for frame, line in __import__('traceback').walk_tb(__import__('sys').last_traceback)
    if frame.f_code.co_name.startswith(('<module>', '<cell line'))
    and frame.f_globals is get_ipython().user_ns
)])"""


def run_cells(kernel: Kernel, sources: list[str], most: int = WHOLE) -> list[str]:
    """Run cells one by one; return what was raised, with the number of the cell.

    A cell that ends the kernel is run as its statements without loops and calls the next time, then
    as its imports and definitions, then not at all; what is before it runs again each time. When no
    time is left for cells, imports and definitions of the others are run. Of all cells no more is run
    than `most` says.
    """
    raised: dict[int, str] = {}
    parts = dict.fromkeys(range(1, len(sources) + 1), most)
    while ended := run_all(kernel, sources, parts, raised):
        parts[ended] += 1
        budget = budget_of(kernel)
        if budget == "definitions":  # also of cells that had run: what they had set is lost
            for number in [n for n, part in parts.items() if part < DEFINED]:
                parts[number] = DEFINED
                raised.setdefault(number, "timeout")
        if kernel.left[budget] <= 0:
            break
        kernel.begin_again(budget)
    lines = [f"{number}: {why}" for number, why in sorted(raised.items())]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"and {len(lines) - MOST_LINES} more"]
    return lines


def budget_of(kernel: Kernel) -> str:
    """Return from which budget the time for the next cell comes."""
    return "cells" if kernel.left["cells"] > 0 else "definitions"


def run_all(
    kernel: Kernel, sources: list[str], parts: dict[int, int], raised: dict[int, str]
) -> int:
    """Run all cells, as far as `parts` says; return the number of one that ended the kernel, or 0."""
    for number, source in enumerate(sources, 1):
        part, after = parts[number], 0
        if budget_of(kernel) == "definitions" and part < DEFINED:
            part, raised[number] = DEFINED, "timeout"
        if part == WHOLE:
            why = error_in(kernel, source)
            if not why:
                continue
            part, raised[number] = WITHOUT_LOOPS, why
            after = line_raised(kernel)
            if budget_of(kernel) == "definitions":
                part = DEFINED
        for statement in statements(source, part, after):
            error_in(kernel, statement)
        if kernel.dead:
            return number
    return 0


def error_in(kernel: Kernel, source: str) -> str:
    """Run code; return what it raised, in a few words, or nothing."""
    try:
        reply = kernel.run(source, budget=budget_of(kernel))
    except Stopped as stopped:
        return stopped.cause
    words = [str(reply[key]) for key in ("ename", "evalue") if reply.get(key)]
    return one_line(": ".join(words), 100) if reply.get("status") == "error" else ""


def line_raised(kernel: Kernel) -> int:
    """Return the line of the last cell in which something was raised; 0 if that is not known."""
    try:
        reply = kernel.run("pass", LINE)
        return int(reply["user_expressions"]["answer"]["data"]["text/plain"])
    except (Stopped, LookupError, TypeError, ValueError):
        return 0


def statements(source: str, parts: int, after: int = 0) -> list[str]:
    """Return the top-level statements of a cell that are worth running alone, each as code.

    All imports, functions and classes; and if `parts` is WITHOUT_LOOPS all other statements that
    come after the first in line `after`, except loops, `raise` and bare calls.
    """
    nodes, lines = parsed(source)
    found: list[str] = []
    done = next((n for n, node in enumerate(nodes) if node.end_lineno >= after), 0) if after else -1
    for number, node in enumerate(nodes):
        defined = isinstance(node, (*IMPORTS, *DEFINITIONS))
        other = number > done and not isinstance(node, NOT_AGAIN)
        if parts == NOTHING or not (defined or (other and parts == WITHOUT_LOOPS)):
            continue
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        beside = [nodes[i] for i in (number - 1, number + 1) if 0 <= i < len(nodes)]
        if any(b.lineno <= node.end_lineno and b.end_lineno >= first for b in beside):
            found.append(ast.unparse(node))  # its line holds another statement, too
        else:  # as it is written: messages quote it
            found.append("\n".join(lines[first - 1 : node.end_lineno]))
    return found


def definitions(source: str) -> list[str]:
    """Return the top-level imports, functions and classes of a cell, each as code of its own."""
    return statements(source, DEFINED)


def parsed(source: str) -> tuple[list[ast.stmt], list[str]]:
    """Return the top-level statements of a cell, and its lines; none if it is not valid Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            source = TransformerManager().transform_cell(re.sub(r"\A\s*%%.*", "", source))
            return ast.parse(source).body, source.split("\n")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return [], []
