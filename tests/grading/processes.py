"""Calls in processes of their own, which may die, take too long, or be interrupted by a signal."""

from __future__ import annotations

import contextlib
import ctypes
import json
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from isolation import Sandbox

SIGNALS = [getattr(signal, s) for s in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, s)]
STOPPED: list[int] = []  # the signals that came: a handler only notes them, loops look here
WORKER_MEMORY = 1 << 30  # bytes that a process may take beyond what it begins with


class Interrupted(Exception):
    """A signal came: end what is running, tidily."""


class NotStarted(Exception):
    """It failed before any code of a student ran."""


def note_signals() -> None:
    """Let the signals that end a program only be noted in STOPPED; `nohup` stays what it is."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda signum, _: STOPPED.append(signum))


def stopped() -> bool:
    """Return whether a signal came, or the process that started this one is gone."""
    parent = multiprocessing.parent_process()
    return bool(STOPPED) or bool(parent and not parent.is_alive())


def adopt_orphans() -> None:
    """Become, on Linux, the parent of processes that lose theirs, so that they can be ended."""
    with contextlib.suppress(Exception):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def limit_memory() -> None:
    """Limit this process's memory, on Linux. Its children may raise the limit again."""
    if sys.platform == "linux":
        import resource

        most = psutil.Process().memory_info().vms + WORKER_MEMORY
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))


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
        """Call, in the new process, and send the result or the error."""
        note_signals()
        adopt_orphans()
        limit_memory()
        logging.disable()
        try:
            answer = {"result": call(sandbox)}
        except NotStarted as error:
            answer = {"error": str(error), "again": True}
        except ValueError as error:  # whose text is a sentence
            answer = {"error": str(error)}
        except Exception as error:  # noqa: BLE001 - it is reported
            words = f"an error in the grader itself, {type(error).__name__}: {error}"
            answer = {"error": words}
        connection.send_bytes(json.dumps(answer).encode())

    def finished(self) -> dict[str, Any] | None:
        """Return the result or the error; None while there is none."""
        answer = None
        if self.connection.poll():
            try:
                answer = json.loads(self.connection.recv_bytes())
            except EOFError:
                answer = {"error": "the process that graded it died", "again": True}
        elif time.monotonic() > self.end:
            answer = {"error": f"aborted after {self.sandbox.most:g} s", "aborted": True}
        if answer:
            self.stop(patience=0 if "aborted" in answer else 10)
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
    """Make calls, as many at a time as there are sandboxes; yield each one's key and its answer.

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
