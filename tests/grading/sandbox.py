"""Kernels for untrusted notebooks.

`nbclient` runs cells. This adds what it leaves open: an answer that comes back as data, budgets,
limits, and an end for what ignores interrupts and for what stays behind. This is the only module
that relies on names of nbclient and ipykernel that are not public: `_cleanup_kernel`,
`async_start_new_kernel` and its client, `process_message`, `ask_exit`, `flush_interval`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import os
import secrets
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, ClassVar

# What nbformat imports would compile a grammar of web addresses, which takes two seconds
sys.modules.setdefault("rfc3987_syntax", None)

import nbformat
import psutil
import zmq
from jupyter_client import AsyncKernelManager
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from nbclient.util import run_sync

from isolation import (
    BUDGETS,
    DISK,
    FILES,
    MEMORY,
    ROOT,  # noqa: F401 - whoever imports this finds `graders`
    SLACK,  # noqa: F401
    Sandbox,
    command_of,
    environment,
    furnished_folder,
    places,  # noqa: F401
    remove,
    remove_left_behind,
    size_of,
    starts_as,
)
from processes import STOPPED, Interrupted, NotStarted, in_processes, stopped  # noqa: F401

MOST_OUTPUT, MOST_ANSWER = 10 << 20, 8 << 20  # bytes that a cell or a call may print, and return
MOST_START = 60  # seconds until a new kernel is prepared
MORE_CALLS = 0.1  # of a timeout: so long a request makes calls, and then returns
MOST_MESSAGE, MOST_MESSAGES = 12 << 20, 10  # bytes of a message, and messages that wait
# This text runs in each new kernel, with `shell` for its shell and `mark` for the kernel's mark
PREPARE = """
import sys
sys.stdout.flush_interval = sys.stderr.flush_interval = 0.02  # parts, of what is printed fast
shell.ask_exit = lambda: None  # what follows an `exit`,
shell.unobserve_all("exit_now")  # or a "restart", runs too
"""


class Stopped(Exception):
    """A request had no answer; `cause` is a short code that says why."""

    def __init__(self, sentence: str, cause: str):
        super().__init__(sentence)
        self.cause = cause


class Client(AsyncKernelClient):
    """A client whose every request asks for the value of an expression, too."""

    expression = "None"

    def start_channels(self, *args: Any, **options: Any) -> None:
        """Connect, with bounds on the size of a message and on how many wait."""
        self.context.setsockopt(zmq.MAXMSGSIZE, MOST_MESSAGE)
        self.context.setsockopt(zmq.RCVHWM, MOST_MESSAGES)
        super().start_channels(*args, **options)
        self.events = self.iopub_channel.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)

    async def was_cut_off(self) -> bool:
        """Return whether a message was too large, which ends the connection for output."""
        return bool(await self.events.poll(0))

    def execute(self, code: str, **options: Any) -> str:
        """Send code, and the expression to evaluate after it."""
        return super().execute(code, user_expressions={"answer": self.expression}, **options)


class Manager(AsyncKernelManager):
    """Starts the kernel of this very Python, whatever kernelspecs there are."""

    command: ClassVar[list[str]] = []

    @property
    def kernel_spec(self) -> KernelSpec:
        """What starts the kernel: `command`."""
        return KernelSpec(argv=self.command, display_name="Python", language="python")


class Kernel(NotebookClient):
    """A kernel for one notebook, in a folder of its own; Stopped says what it did not survive."""

    prepare: ClassVar[str] = PREPARE
    kept = 0.0  # seconds for judging that may not be used now

    def __init__(self, sandbox: Sandbox):
        nothing = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()])
        super().__init__(nothing, allow_errors=True, record_timing=False, iopub_timeout=1)
        self.on_cell_executed, self.shutdown_kernel = self._keep, "immediate"
        self.sandbox, self.left = sandbox, {k: n * sandbox.timeout for k, n in BUDGETS.items()}
        self.left["start"] = math.inf  # nothing of the notebook runs then
        self.folder = self.process = None
        self.begin()

    def begin(self) -> None:
        """Start in a clean folder, with what is left of the budgets.

        Raises NotStarted where that fails, which is no fault of the notebook.
        """
        self.mark, self.dead = f"_{secrets.token_hex(16)}", False
        try:
            self.folder = furnished_folder(self.sandbox)
            self._start()
            given = f"{{'shell': get_ipython(), 'mark': {self.mark!r}}}"
            self.run(f"exec({self.prepare!r}, {given})", budget="start")
        except (Interrupted, KeyboardInterrupt):
            self.close()
            raise
        except Exception as error:
            self.close()
            raise NotStarted(f"the kernel did not start: {str(error) or type(error)}") from error

    def begin_again(self, budget: str) -> None:
        """Start in a clean folder once more, in the time of a budget.

        That of definitions is for these alone: they are the last resort.
        """
        begun = time.monotonic()
        self.close()
        self.begin()
        if budget != "definitions":
            self.left[budget] -= time.monotonic() - begun

    def close(self) -> None:
        """End the kernel and every process that the notebook left behind; remove its folder."""
        left = psutil.Process().children(recursive=True)
        with contextlib.suppress(Exception):
            self._cleanup_kernel()
        end_processes(left, self.mark)
        if self.folder:
            remove(self.folder)
        remove_left_behind(self.sandbox)

    async def _async_start(self) -> None:
        """Start the kernel, isolated as it can be, in an environment of its own."""
        place, folder = self.sandbox, self.folder
        self.km = Manager(client_factory=Client, cache_ports=False)
        self.km.connection_file = str(folder / "link" / "kernel.json")
        if os.name == "posix" and place.walls:  # there is no network between it and us
            self.km.transport = "ipc"
            self.km.ip = str(folder / "link" / "k")
        self.km.write_connection_file()
        if place.user:
            os.chown(self.km.connection_file, *place.user)
        kernel = [sys.executable, "-m", "ipykernel_launcher", "-f", self.km.connection_file]
        self.km.command = command_of(place, folder, kernel)
        environ = environment(folder, place) | {"GRADED_KERNEL": self.mark}
        options = starts_as(place) | {"cwd": str(folder / "home"), "env": environ}
        if place.walls:
            options["cwd"] = "/"
        options |= dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
        await self.async_start_new_kernel(**options)
        await self._heeding_signals(self.async_start_new_kernel_client())
        self.process = self._found_process()

    _start = run_sync(_async_start)

    def _found_process(self) -> psutil.Process | None:
        """Return the kernel's own process, which bubblewrap's two are around; None without."""
        if not self.sandbox.walls:
            return None
        (outer,) = psutil.Process().children()
        (inner,) = outer.children()
        (kernel,) = inner.children()
        return kernel

    async def _interrupt(self) -> None:
        """Interrupt the kernel's processes."""
        if self.process:  # a signal to bubblewrap would end it
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGINT)
        else:
            await self.km.interrupt_kernel()

    async def _heeding_signals(self, work: Any, look: Callable[[], Any] = lambda: None) -> None:
        """Await work; look around ten times a second, and raise Interrupted after a signal."""
        task = asyncio.ensure_future(work)
        while not task.done():
            await asyncio.wait({task}, timeout=0.1)
            if stopped():
                raise Interrupted
            if not task.done() and (measure := look()):
                await measure
        await task

    def run(self, code: str, answer: str = "None", budget: str = "cells") -> dict[str, Any]:
        """Run code and evaluate `answer`; return the kernel's reply.

        Raises Stopped when the kernel is dead, and when what takes longer than the timeout or
        prints too much had to be interrupted.
        """
        begun, seconds = time.monotonic(), self.left[budget]
        if budget == "judging":  # while a part of the timeout has not passed, more calls begin
            seconds = min(seconds - self.kept, (1 + MORE_CALLS) * self.sandbox.timeout)
        elif budget == "start":
            seconds = MOST_START
        elif budget == "definitions":  # one that takes long leaves time for others
            seconds /= 2
        elif budget != "explaining":  # an explanation may use up all that is left for them
            seconds = min(seconds, self.sandbox.timeout)
        if self.dead or not self.kc:
            self.dead = True
            raise Stopped("the kernel died.", "kernel-died")
        if seconds <= 0:
            raise Stopped(f"stopped: no time is left for {budget}.", "timeout")
        try:
            reply = self._run(code, answer, seconds)
            if self.lost and budget in ("cells", "definitions"):
                raise Stopped("more than 10 MB of output.", "output")
            return reply
        except DeadKernelError:
            self.dead = True
            raise Stopped("the kernel died.", "kernel-died") from None
        finally:
            self.left[budget] -= time.monotonic() - begun

    async def _async_run(self, code: str, answer: str, seconds: float) -> dict[str, Any]:
        self.kc.expression, self.printed, self.idle, self.reply = answer, 0, False, {}
        self.lost = False  # whether a message was too large to get here
        watch = Watch(self, seconds)
        try:
            cell = nbformat.v4.new_code_cell(code)
            await self._heeding_signals(self.async_execute_cell(cell, 0), watch.look)
            if not self.idle:  # the message that says so is lost, perhaps with much output
                self.lost = await self.kc.was_cut_off()
                self.kc.stop_channels()
                await self._heeding_signals(self.async_start_new_kernel_client())
        except DeadKernelError:
            if watch.stopped and watch.stopped.cause in ("memory", "disk"):
                self.dead = True
                raise watch.stopped from None
            raise
        except Interrupted:
            raise
        except Exception:  # noqa: BLE001 - a notebook can make its kernel say anything
            self.reply = {}
        if not self.kc:  # it could not be reached again
            raise DeadKernelError
        if watch.stopped:
            raise watch.stopped
        return self.reply

    _run = run_sync(_async_run)

    def _keep(self, execute_reply: dict[str, Any], **_: Any) -> None:
        content = execute_reply.get("content")
        self.reply = content if isinstance(content, dict) else {}

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> None:
        """Count what is printed, and keep none of it."""
        self.printed += len(repr(msg["content"]))
        if self.printed > MOST_OUTPUT:
            raise CellExecutionComplete  # enough was printed
        if msg["msg_type"] == "status":
            self.idle = msg["content"].get("execution_state") == "idle"
            super().process_message(msg, cell, cell_index)


class Watch:
    """Looks at a running request, and stops it when it takes too much of anything."""

    def __init__(self, kernel: Kernel, seconds: float):
        self.kernel, self.seconds = kernel, seconds
        self.end = time.monotonic() + seconds
        self.measure = time.monotonic() + 1  # when memory and disk are measured next
        self.interrupts = 0
        self.stopped: Stopped | None = None

    def look(self) -> Any:
        """Return what has to be awaited to stop the request, or None.

        What takes too long or prints too much is interrupted; after the third time, and when it
        fills memory or disk, the kernel is ended.
        """
        now = time.monotonic()
        if self.kernel.printed > MOST_OUTPUT and not self.stopped:
            self.stopped = Stopped(f"stopped after {MOST_OUTPUT >> 20} MB of output.", "output")
            self.end = 0
        if now > self.measure:
            full = self.fills()
            cost = time.monotonic() - now
            self.measure = now + max(1, 10 * cost)  # which may be much, of many files
            if full:
                self.stopped = full
                return self.kernel.km.shutdown_kernel(now=True)
        if now < self.end:
            return None
        if not self.stopped:
            seconds = min(self.seconds, self.kernel.sandbox.timeout)
            self.stopped = Stopped(f"stopped after {seconds:.3g} s.", "timeout")
        self.interrupts, self.end = self.interrupts + 1, now + 1
        if self.interrupts > 3:
            return self.kernel.km.shutdown_kernel(now=True)
        return self.kernel._interrupt()

    def fills(self) -> Stopped | None:
        """Return what the kernel's processes have too much of: memory, or files."""
        children = psutil.Process().children(recursive=True)
        in_memory, on_disk = nameless_of(children)
        most = MEMORY - in_memory
        if memory_of(children, "rss") > most and memory_of(children, "pss") > most:
            return Stopped(f"stopped: more than {MEMORY >> 30} GB of memory.", "memory")
        size, files = size_of(self.kernel.folder)
        if size + on_disk > DISK or files > FILES:
            return Stopped(f"stopped: more than {DISK >> 30} GB or {FILES} files.", "disk")
        return None


def memory_of(processes: list[psutil.Process], kind: str) -> int:
    """Return the bytes of memory of processes; `rss` counts what they share in each of them."""
    memory = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            used = process.memory_info() if kind == "rss" else process.memory_full_info()
            memory += getattr(used, kind, used.rss)
    return memory


def nameless_of(processes: list[psutil.Process]) -> tuple[int, int]:
    """Return the bytes in memory, and those on disk, of open files without a name, on Linux."""
    in_memory: dict[tuple[int, int], int] = {}
    on_disk: dict[tuple[int, int], int] = {}
    for path in itertools.chain.from_iterable(map(open_files, processes)):
        with contextlib.suppress(OSError):
            status = os.stat(path)
            if stat.S_ISREG(status.st_mode) and not status.st_nlink:
                found = in_memory if os.readlink(path).startswith("/memfd:") else on_disk
                found[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(in_memory.values()), sum(on_disk.values())


def open_files(process: psutil.Process) -> list[str]:
    """Return a path to each open file of a process; none where the system has no such paths."""
    folder = f"/proc/{process.pid}/fd"
    try:
        return [f"{folder}/{name}" for name in os.listdir(folder)]
    except OSError:
        return []


def end_processes(left: list[psutil.Process], mark: str) -> None:
    """End processes and their children; elsewhere than on Linux, what carries a mark, too.

    On Linux whatever a kernel started is a child of ours, at the latest when it lost its parent.
    """
    for _ in range(100):
        left += psutil.Process().children(recursive=True)
        for process in psutil.process_iter() if sys.platform != "linux" else ():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get("GRADED_KERNEL") == mark:
                    left.append(process)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if not psutil.wait_procs(left, timeout=0.2)[0]:
            break
        left = []
