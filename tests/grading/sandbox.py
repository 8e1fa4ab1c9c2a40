"""Kernels for notebooks that nobody trusts: what `__main__.py` runs them in.

`nbclient` runs cells. Here is what it leaves open: an answer that comes back as data, budgets, limits,
an end for what ignores interrupts and for what stays behind, another user, and processes that may die.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import ctypes
import dataclasses
import inspect
import itertools
import json
import logging
import multiprocessing
import multiprocessing.connection
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import nbformat
import psutil
import zmq
from jupyter_client import AsyncKernelManager
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from nbclient.util import run_sync

HERE = Path(__file__).absolute().parent
# graders.py is beside the folder of this file (in a bundle for a platform), or one folder further up
ROOT = next(folder for folder in HERE.parents if (folder / "graders.py").is_file())
sys.path.insert(0, str(ROOT))

import graders
from graders import Experiment, GraderError, Outcome

BUDGETS = {"cells": 8, "judging": 8, "explaining": 4}  # of a notebook, in timeouts
SLACK = 120  # seconds for what is no budget's: starting kernels, ending what does not want to end
MOST_OUTPUT, MOST_ANSWER = 10 << 20, 8 << 20  # bytes that a cell or a call may print, and return
MEMORY, FILE_SIZE = 4 << 30, 100 << 20  # bytes that a kernel may use, and write into one file
PASSED_ON = "PATH LANG LANGUAGE LC_ALL LC_CTYPE TZ LD_LIBRARY_PATH SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT"
HOMES = "HOME USERPROFILE APPDATA IPYTHONDIR MPLCONFIGDIR TMPDIR TEMP TMP"  # the kernel's folder
SIGNALS = [getattr(signal, s) for s in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, s)]
STOPPED: list[int] = []  # the signals that came: a handler only notes them, loops look here


class Interrupted(Exception):
    """A signal came: what is under way ends, tidily."""


class Sandbox(NamedTuple):
    """Where, how long and as whom a notebook may run."""

    parent: str  # the folder in which it gets one of its own
    timeout: float  # seconds for a cell, or a call
    user: tuple[int, int] | None = None  # user and group, where they are not ours

    @property
    def most(self) -> float:
        """Seconds after which a notebook is given up, whatever it does."""
        return sum(BUDGETS.values()) * self.timeout + SLACK


# --------------------------------------------------------------------- what runs over there


def serve(namespace: dict[str, Any], request: str) -> str:
    """Answer a request. The text of this function is sent to the kernel, and runs over there."""
    task, asked = json.loads(request)
    function = namespace.get(task)
    if not callable(function):
        return json.dumps({"missing": task})
    with graders.quiet():
        student = graders.Student(task, function)
        if "fault" in asked:  # what was seen and judged at home
            fault = GraderError(*asked["fault"])
            fault.experiment = Experiment(**asked["experiment"])
            fault.outcome = Outcome(**asked["outcome"])
            fault = graders.explain(student, fault)
            fault.stage = asked["stage"]
            return json.dumps({"message": str(fault), "cause": fault.cause})
        experiments = [Experiment(**fields) for fields in asked["experiments"]]
        outcomes = [graders.perform(experiment, student) for experiment in experiments]
        return json.dumps({"outcomes": [dataclasses.asdict(outcome) for outcome in outcomes]})


LIMIT = """
import sys
try:
    import resource
    for name, most in limits.items():
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (most, most))
except (ImportError, AttributeError, ValueError, OSError):
    pass  # not on this system
sys.stdout.flush_interval = sys.stderr.flush_interval = 0.02  # parts, of what is printed fast
shell.ask_exit = lambda: None  # what follows an `exit`,
shell.unobserve_all("exit_now")  # or a "restart", runs too
"""
LOAD = """
import sys, types
module = types.ModuleType(name)
sys.modules[name] = notebook[name] = module
exec(source, vars(module))
vars(module).update(graders=module, notebook=notebook)
exec("import dataclasses, json\\n" + serve, vars(module))
"""


# --------------------------------------------------------------------------------- the kernel


class Client(AsyncKernelClient):
    """A client whose every request asks for the value of an expression, too."""

    expression = "None"

    def start_channels(self, *args: Any, **options: Any) -> None:
        """Connect, with a bound on the size of a message."""
        self.context.setsockopt(zmq.MAXMSGSIZE, 4 * MOST_OUTPUT)
        super().start_channels(*args, **options)

    def execute(self, code: str, **options: Any) -> str:
        """Send code, and the expression to evaluate after it."""
        return super().execute(code, user_expressions={"answer": self.expression}, **options)


class Manager(AsyncKernelManager):
    """Starts the kernel of this very Python, whatever kernelspecs there are."""

    kernel_spec = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        display_name="Python",
        language="python",
    )


class Kernel(NotebookClient):
    """A kernel for one notebook, in a folder of its own; GraderError says what it did not survive."""

    def __init__(self, sandbox: Sandbox):
        nothing = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()])
        super().__init__(nothing, allow_errors=True, record_timing=False, iopub_timeout=1)
        self.on_cell_executed, self.shutdown_kernel = self._keep, "immediate"
        self.sandbox, self.left = sandbox, {k: n * sandbox.timeout for k, n in BUDGETS.items()}
        self.begin()

    def begin(self) -> None:
        """Start in a clean folder, with what is left of the budgets."""
        self.mark, self.dead = f"_{secrets.token_hex(16)}", False
        self.folder = furnished_folder(self.sandbox)
        try:
            self._start()
            limits = {"AS": MEMORY, "FSIZE": FILE_SIZE, "CPU": int(self.sandbox.most)}
            self.run(f"exec({LIMIT!r}, {{'limits': {limits}, 'shell': get_ipython()}})")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the kernel and every process that the notebook left behind; remove its folder."""
        left = psutil.Process().children(recursive=True)
        with contextlib.suppress(Exception):
            self._cleanup_kernel()
        end_processes(left, self.mark)
        remove(self.folder)

    async def _async_start(self) -> None:
        """Start the kernel, as another user if there is one, in an environment of its own."""
        environ = environment(self.folder) | {"GRADED_KERNEL": self.mark}
        self.km = Manager(client_factory=Client, cache_ports=False)
        self.km.connection_file = str(self.folder / "kernel.json")
        self.km.write_connection_file()
        if self.sandbox.user:
            os.chown(self.km.connection_file, *self.sandbox.user)
        options = as_user(self.sandbox.user) | {"cwd": str(self.folder), "env": environ}
        options |= dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
        await self.async_start_new_kernel(**options)
        await self._heeding_signals(self.async_start_new_kernel_client())

    _start = run_sync(_async_start)

    async def _heeding_signals(self, work: Any, look: Callable[[], Any] = lambda: None) -> None:
        """Await work; look around ten times a second, and raise Interrupted after a signal."""
        task = asyncio.ensure_future(work)
        while not task.done():
            await asyncio.wait({task}, timeout=0.1)
            parent = multiprocessing.parent_process()
            if STOPPED or (parent and not parent.is_alive()):
                raise Interrupted
            if not task.done() and (measure := look()):
                await measure
        await task

    def run(self, code: str, answer: str = "None", budget: str = "cells") -> dict[str, Any]:
        """Run code and evaluate `answer`; return the kernel's reply.

        Raises GraderError when the kernel is dead, and when what takes longer than the timeout or
        prints too much had to be interrupted.
        """
        begun, seconds = time.monotonic(), self.left[budget]
        if budget != "explaining":  # an explanation may use up all that is left for them
            seconds = min(seconds, self.sandbox.timeout)
        if self.dead:
            raise GraderError("the kernel died.", "kernel-died")
        if seconds <= 0:
            raise GraderError(f"stopped: no time is left for {budget}.", "timeout")
        try:
            return self._run(code, answer, seconds)
        except DeadKernelError:
            self.dead = True
            raise GraderError("the kernel died.", "kernel-died") from None
        finally:
            self.left[budget] -= time.monotonic() - begun

    async def _async_run(self, code: str, answer: str, seconds: float) -> dict[str, Any]:
        self.kc.expression, self.printed, self.idle, self.reply = answer, 0, False, {}
        end, interrupts, stopped = time.monotonic() + seconds, 0, None

        def look() -> Any:
            """Interrupt what takes too long or prints too much; after the third time, end it."""
            nonlocal end, interrupts, stopped
            if self.printed > MOST_OUTPUT and not stopped:
                stopped, end = GraderError("stopped after 10 MB of output.", "output"), 0
            if time.monotonic() < end:
                return None
            stopped = stopped or GraderError(f"stopped after {seconds:.3g} s.", "timeout")
            interrupts, end = interrupts + 1, time.monotonic() + 1
            late = interrupts > 3
            return self.km.shutdown_kernel(now=True) if late else self.km.interrupt_kernel()

        try:
            cell = nbformat.v4.new_code_cell(code)
            await self._heeding_signals(self.async_execute_cell(cell, 0), look)
            if not self.idle:  # too much was printed, perhaps beyond what Client lets through
                self.kc.stop_channels()
                await self._heeding_signals(self.async_start_new_kernel_client())
        except (Interrupted, DeadKernelError):
            raise
        except Exception:  # noqa: BLE001 - a notebook can make its kernel say anything
            self.reply = {}
        if stopped:
            raise stopped
        return self.reply

    _run = run_sync(_async_run)

    def _keep(self, execute_reply: dict[str, Any], **_: Any) -> None:
        content = execute_reply.get("content")
        self.reply = content if isinstance(content, dict) else {}

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> None:
        """Count what is printed, and keep none of it."""
        self.printed += len(repr(msg["content"]))
        if self.printed > MOST_OUTPUT:
            raise CellExecutionComplete  # enough was heard
        if msg["msg_type"] == "status":
            self.idle = msg["content"].get("execution_state") == "idle"
            super().process_message(msg, cell, cell_index)

    def load_graders(self) -> None:
        """Bring our own code into the kernel, whatever the notebook has made of names like `exec`."""
        source = (ROOT / "graders.py").read_text(encoding="utf-8")
        given = {"name": self.mark, "source": source, "serve": inspect.getsource(serve)}
        code = f"import builtins as {self.mark}\n"
        code += f"{self.mark}.exec({LOAD!r}, {given!r} | {{'notebook': {self.mark}.globals()}})"
        for _ in range(2):
            with contextlib.suppress(GraderError, LookupError, TypeError):
                reply = self.run(code, f"{self.mark}.__name__", "judging")
                if self.mark in reply["user_expressions"]["answer"]["data"]["text/plain"]:
                    return
            if self.dead:
                return
        raise RuntimeError("the graders could not be brought into the kernel")

    def ask(self, task: str, asked: dict[str, Any], budget: str) -> Any:
        """Send a request to `serve`; return the answer, which may be any JSON."""
        request = json.dumps([task, asked])
        reply = self.run("pass", f"{self.mark}.serve({self.mark}.notebook, {request!r})", budget)
        try:
            text = reply["user_expressions"]["answer"]["data"]["text/plain"]
            if len(text) > MOST_ANSWER or text[0] not in "'\"":  # of a str, and nothing else
                raise ValueError
            return json.loads(ast.literal_eval(text))
        except (LookupError, TypeError, ValueError, SyntaxError, RecursionError, MemoryError):
            raise GraderError(f"{task} gave no answer.", "raised") from None

    def perform(self, task: str, experiments: list[Experiment]) -> list[Outcome]:
        """Perform experiments with the notebook's function; return what it says they gave."""
        # what is right stays here
        unsolved = [dataclasses.replace(experiment, right=[]) for experiment in experiments]
        asked = {"experiments": list(map(dataclasses.asdict, unsolved))}
        answer = self.ask(task, asked, "judging")
        if answer == {"missing": task}:
            raise GraderError("it is not defined.", "not-attempted")
        try:
            outcomes = [Outcome(**fields) for fields in answer["outcomes"]]
        except (LookupError, TypeError):
            outcomes = []
        if len(outcomes) != len(experiments):
            raise GraderError(f"{task} gave no answer.", "raised")
        return outcomes


# ---------------------------------------------------------------------- folders, users, processes


def furnished_folder(sandbox: Sandbox) -> Path:
    """Return a new folder with clean copies of what a notebook needs, its user's own."""
    folder = Path(tempfile.mkdtemp(dir=sandbox.parent))
    fonts = Path(matplotlib.get_cachedir()).glob("fontlist-*.json")  # finding them takes seconds
    for file in (ROOT / "graders.py", ROOT / "data.pkl", *fonts):
        shutil.copy(file, folder)
    (folder / "packages").mkdir()  # for what `%pip install` installs
    for path in (folder, *folder.iterdir()):
        if sandbox.user:
            os.chown(path, *sandbox.user)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a kernel: what it needs of ours, and its own folder for the rest."""
    environ = {name: os.environ[name] for name in PASSED_ON.split() if name in os.environ}
    environ |= dict.fromkeys(HOMES.split(), str(folder))
    environ |= dict.fromkeys(("PIP_TARGET", "PYTHONPATH"), str(folder / "packages"))
    return environ | {"PYTHONNOUSERSITE": "1", "OPENBLAS_NUM_THREADS": "1"}


def as_user(user: tuple[int, int] | None) -> dict[str, Any]:
    """Return what starts a process as another user."""
    return {"user": user[0], "group": user[1], "extra_groups": []} if user else {}


def remove(folder: Path) -> None:
    """Remove a folder, also one in which a notebook took all permissions away."""
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                with contextlib.suppress(OSError):
                    os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def places(jobs: int, timeout: float, user: str) -> Iterator[list[Sandbox]]:
    """Make a place for each job; remove all of them afterwards."""
    parent = tempfile.mkdtemp()
    os.chmod(parent, 0o711)  # whoever knows the way goes through; nobody looks around
    try:
        yield [Sandbox(parent, timeout, ids) for ids in users(parent, jobs, user)]
    finally:
        remove(Path(parent))


def users(parent: str, jobs: int, name: str) -> list[tuple[int, int] | None]:
    """Return for each job the user and group of its kernels: None if these run as we do.

    Root's kernels run as the named user, or as one without a name: each job's out of others' reach.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return [None] * jobs
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    first = known.get(name) or known["nobody"]
    taken = {entry.pw_uid for entry in known.values()}
    free = (user for user in range(known["nobody"].pw_uid, 0, -1) if user not in taken)
    numbers = itertools.islice(itertools.chain([first.pw_uid], free), jobs)
    found = [(number, first.pw_gid) for number in numbers]
    folder = furnished_folder(Sandbox(parent, 0, found[0]))
    command = [sys.executable, "-c", "import ipykernel, numpy, os; os.listdir(os.environ['HOME'])"]
    options = as_user(found[0]) | {"cwd": "/", "env": environment(folder), "capture_output": True}
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(command, check=True, **options)
        if name not in known:
            print(f"There is no user {name}: notebooks run as nobody.")
        return found
    print(f"Notebooks run as root: {first.pw_name} cannot use {sys.executable} and {parent}.")
    print("They can read and change everything on this machine.")
    return [None] * jobs


def adopt_orphans() -> None:
    """Become, on Linux, the parent of processes that lose theirs, so that they can be ended."""
    with contextlib.suppress(Exception):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def end_processes(left: list[psutil.Process], mark: str) -> None:
    """End processes, their children, and those that carry a mark in their environment."""
    for _ in range(100):
        left += psutil.Process().children(recursive=True)
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get("GRADED_KERNEL") == mark:
                    left.append(process)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if not psutil.wait_procs(left, timeout=0.2)[0]:
            break
        left = []


def note_signals() -> None:
    """Let the signals that end a program only be noted in STOPPED; `nohup` stays what it is."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda signum, _: STOPPED.append(signum))


class Worker:
    """A call in a process of its own, whose result comes back as JSON."""

    def __init__(self, call: Callable[[Sandbox], Any], sandbox: Sandbox):
        self.connection, theirs = multiprocessing.Pipe(duplex=False)
        self.end, self.sandbox = time.monotonic() + sandbox.most, sandbox
        self.process = multiprocessing.Process(target=self.work, args=(call, sandbox, theirs))
        self.process.start()
        theirs.close()

    @staticmethod
    def work(call: Callable[[Sandbox], Any], sandbox: Sandbox, connection: Any) -> None:
        """Call, in the new process, and send what came of it."""
        note_signals()
        adopt_orphans()
        logging.disable()
        try:
            answer = {"result": call(sandbox)}
        except Exception as error:  # noqa: BLE001 - it is reported
            answer = {"error": f"{type(error).__name__}: {error}"}
        connection.send_bytes(json.dumps(answer).encode())

    def finished(self) -> dict[str, Any] | None:
        """Return the result or the error; None while there is none."""
        answer = None
        if self.connection.poll():
            try:
                answer = json.loads(self.connection.recv_bytes())
            except EOFError:
                answer = {"error": "the process that graded it died", "died": True}
        elif time.monotonic() > self.end:
            answer = {"error": f"given up after {self.sandbox.most:g} s"}
        if answer:
            self.stop(patience=0 if "given up" in answer.get("error", "") else 10)
        return answer

    def stop(self, patience: float) -> None:
        """Wait for the process to end; after some seconds end it, with all that it started."""
        self.process.join(patience)
        if self.process.is_alive():
            left = psutil.Process(self.process.pid).children(recursive=True)
            for process in (self.process, *left):
                with contextlib.suppress(psutil.Error):
                    process.kill()
            self.process.join()
        self.connection.close()


def in_processes(
    calls: dict[Any, Callable[[Sandbox], Any]], sandboxes: list[Sandbox]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Make calls, as many at a time as there are sandboxes; yield each one's key and what came of it.

    Ends early when a signal came.
    """
    waiting, free, running = list(calls.items()), list(sandboxes), {}
    try:
        while (waiting or running) and not STOPPED:
            while waiting and free:
                key, call = waiting.pop(0)
                running[key] = Worker(call, free.pop())
            connections = [worker.connection for worker in running.values()]
            multiprocessing.connection.wait(connections, timeout=0.2)
            for key, worker in list(running.items()):
                answer = worker.finished()
                if answer and not STOPPED:
                    free.append(running.pop(key).sandbox)
                    yield key, answer
    finally:
        for worker in running.values():
            if os.name == "posix":  # elsewhere it would end at once; Ctrl-C reaches it by itself
                worker.process.terminate()
        for worker in running.values():
            worker.stop(patience=15)
