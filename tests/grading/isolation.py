"""What keeps a kernel away from everything else: bubblewrap, or another user, or just a folder.

Where bubblewrap works, a kernel sees Python, system libraries and its own folder, and nothing else
exists for it: no network, no other process, no other file. Elsewhere root gives it to another user;
an ordinary user's kernel runs as that user, and is not isolated.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

import users

HERE = Path(__file__).absolute().parent
# graders.py is beside the folder of this file (in a bundle for a platform), or one folder further up
ROOT = next(folder for folder in HERE.parents if (folder / "graders.py").is_file())
sys.path.insert(0, str(ROOT))

BUDGETS = {
    "cells": 7,
    "definitions": 1,
    "judging": 8,
    "explaining": 4,
}  # of a notebook, in timeouts
SLACK = 120  # seconds for what is in no budget: ending what does not want to end
MEMORY, FILE_SIZE = 4 << 30, 100 << 20  # bytes that a kernel may use, and write into one file
DISK, FILES = 1 << 30, 20_000  # bytes and files in the folder of a kernel
PROCESSES = 512  # processes and threads that a kernel may start
LONG_PATH = 1000  # characters of a path that systems still take
PATH_LENGTH = 84  # of a folder for kernels: the path of a socket has at most 107 bytes
PASSED_ON = (
    "PATH LANG LANGUAGE LC_ALL LC_CTYPE TZ LD_LIBRARY_PATH "
    "SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT"
)
HOMES = "HOME USERPROFILE APPDATA IPYTHONDIR MPLCONFIGDIR"
TEMPORARY = "TMPDIR TEMP TMP"
SYSTEM = (  # what bubblewrap shows of the system, where it is there
    "/usr /bin /sbin /lib /lib32 /lib64 /libx32 /nix/store /gnu/store /etc/ld.so.cache "
    "/etc/ld.so.conf /etc/ld.so.conf.d /etc/alternatives /etc/fonts /etc/localtime"
)
PREFIX_PARTS = "bin lib lib32 lib64 pyvenv.cfg"  # of an installation that has other files in it
LAUNCH = "/run/launch.py"  # its place in bubblewrap, where every user can read it
TRIAL = "import ipykernel, matplotlib, numpy, os; open('trial', 'w').close(); os.listdir()"


@dataclass(frozen=True)
class Walls:
    """A bubblewrap that works here."""

    program: str
    mounts: tuple[str, ...]  # its arguments that show Python and the system


@dataclass(frozen=True)
class Sandbox:
    """Where, how long and as whom a notebook may run."""

    parent: str  # the folder in which it gets one of its own
    timeout: float  # seconds for a cell, or a call
    user: tuple[int, int] | None = None  # user and group, where they are not ours
    walls: Walls | None = None  # None: without bubblewrap

    @property
    def most(self) -> float:
        """Seconds after which a notebook is aborted, whatever it does."""
        return sum(BUDGETS.values()) * self.timeout + SLACK


class NotIsolated(Exception):
    """Notebooks would run as root, or not in bubblewrap, against what was asked for."""


# --------------------------------------------------------------------------------- bubblewrap


def visible_paths() -> list[Path]:
    """Return the folders of this Python, by each of their names."""
    prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    packages = [sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")]
    paths = [Path(p) for p in (*prefixes, *packages, *libraries) if os.path.isabs(p)]
    paths += [Path(os.path.realpath(path)) for path in paths]
    return [path for path in dict.fromkeys(paths) if path.exists() and path != Path("/")]


def within(path: Path, folders: Iterable[Path]) -> bool:
    """Return whether a path is one of the folders, or below one."""
    return any(path == folder or folder in path.parents for folder in folders)


def mounts(visible: list[Path], hidden: list[Path]) -> tuple[str, ...]:
    """Return bubblewrap's arguments that show the system and `visible`, without `hidden`.

    Of what is one below the other, the lower counts. A visible folder with something hidden in it
    is the installation of a Python in somebody's own folder: of that, the usual parts are shown.
    """
    hidden = [Path(os.path.realpath(path)) for path in hidden]
    shown: dict[Path, list[str]] = {}
    for path in map(Path, SYSTEM.split()):
        if path.is_symlink() and path.is_dir():
            shown[path] = ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            shown[path] = ["--ro-bind", str(path), str(path)]
    for path in sorted(visible, key=lambda path: len(path.parts)):
        if within(path, shown):
            continue
        parts = [path]
        if any(within(secret, [path]) for secret in hidden):
            parts = [path / name for name in PREFIX_PARTS.split() if (path / name).exists()]
        shown |= {part: ["--ro-bind", str(part), str(part)] for part in parts}
    shown |= links_to_python(list(shown))
    for secret in hidden:
        if within(secret, shown) and secret not in visible:
            shown[secret] = ["--ro-bind", "/dev/null", str(secret)]
            if secret.is_dir():
                shown[secret] = ["--tmpfs", str(secret), "--remount-ro", str(secret)]
    in_order = sorted(shown, key=lambda path: len(path.parts))
    return tuple(arg for path in in_order for arg in (*parents(path, shown), *shown[path]))


def parents(path: Path, shown: Iterable[Path] = ()) -> list[str]:
    """Return bubblewrap's arguments that make the folders above a path, open to everybody."""
    above = [folder for folder in reversed(path.parents) if not within(folder, shown)]
    return [argument for folder in above[1:] for argument in ("--dir", str(folder))]


def links_to_python(shown: list[Path]) -> dict[Path, list[str]]:
    """Return the arguments for links on the way to this Python that are in no shown folder."""
    found, path = {}, Path(sys.executable)
    while path.is_symlink():
        if not within(path, shown):
            found[path] = ["--symlink", os.readlink(path), str(path)]
        path = Path(os.path.normpath(path.parent / os.readlink(path)))
    if not within(path, shown):
        found[path] = ["--ro-bind", str(path), str(path)]
    return found


def wrapped(sandbox: Sandbox, folder: Path, command: list[str]) -> list[str]:
    """Return the command that runs a command in bubblewrap."""
    rights = ["--unshare-all"]  # an ordinary user's: in a user namespace, without any capability
    if sandbox.user:  # root's: `launch.py` becomes another user, and loses all capabilities so
        rights = [
            "--unshare-ipc",
            "--unshare-pid",
            "--unshare-net",
            "--unshare-uts",
            "--unshare-cgroup-try",
        ]
        rights += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    rights += ["--die-with-parent", "--hostname", "notebook"]
    own = ["--bind", str(folder / "tmp"), "/tmp"]
    own += [*sandbox.walls.mounts, "--proc", "/proc", "--dev", "/dev"]
    own += ["--bind", str(folder / "shm"), "/dev/shm"]
    own += [*parents(folder, visible_paths()), "--bind", str(folder), str(folder)]
    own += ["--ro-bind", str(folder / "launch.py"), LAUNCH]
    for name in ("passwd", "group", "hosts"):
        own += ["--ro-bind", str(folder / "etc" / name), f"/etc/{name}"]
    closed = ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [sandbox.walls.program, *rights, *own, *closed, "--", *command]


# ------------------------------------------------------------------------- a kernel's own folder


def furnished_folder(sandbox: Sandbox) -> Path:
    """Return a new folder with clean copies of what a notebook needs, its user's own."""
    folder = Path(tempfile.mkdtemp(dir=sandbox.parent))
    for name in ("home", "home/packages", "tmp", "shm", "link", "etc"):
        (folder / name).mkdir()
    fonts = Path(matplotlib.get_cachedir()).glob("fontlist-*.json")  # finding them takes seconds
    for file in (ROOT / "graders.py", ROOT / "data.pkl", *fonts):
        shutil.copy(file, folder / "home")
    shutil.copyfile(HERE / "launch.py", folder / "launch.py")
    (folder / "launch.py").chmod(0o644)
    user, group = sandbox.user or (getattr(os, "getuid", int)(), getattr(os, "getgid", int)())
    home = folder / "home"
    for name, line in {
        "passwd": f"student:x:{user}:{group}::{home}:/bin/sh",
        "group": f"student:x:{group}:",
        "hosts": "127.0.0.1 localhost notebook",
    }.items():
        (folder / "etc" / name).write_text(f"{line}\n", encoding="utf-8")
    if sandbox.user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, *sandbox.user)
    return folder


def environment(folder: Path, sandbox: Sandbox) -> dict[str, str]:
    """Return the environment of a kernel: what it needs of ours, and its own folder for the rest."""
    temporary = "/tmp" if sandbox.walls else str(folder / "tmp")
    environ = {name: os.environ[name] for name in PASSED_ON.split() if name in os.environ}
    environ |= dict.fromkeys(HOMES.split(), str(folder / "home"))
    environ |= dict.fromkeys(TEMPORARY.split(), temporary)
    environ |= dict.fromkeys(("USER", "LOGNAME"), "student")  # who may have no name elsewhere
    environ |= dict.fromkeys(("PIP_TARGET", "PYTHONPATH"), str(folder / "home" / "packages"))
    if sandbox.walls:  # there is no network to wait for
        environ |= {"PIP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return environ | {"PYTHONNOUSERSITE": "1", "OPENBLAS_NUM_THREADS": "1"}


def command_of(sandbox: Sandbox, folder: Path, command: list[str]) -> list[str]:
    """Return the command that starts a kernel's process: limited, and isolated if it can be."""
    if os.name != "posix":
        return command
    limits = {"AS": MEMORY, "FSIZE": FILE_SIZE, "CPU": int(sandbox.most), "CORE": 0}
    if sys.platform == "linux":
        limits["NPROC"] = PROCESSES + threads_of(sandbox.user)
    settings = {"limits": limits, "bubblewrap": bool(sandbox.walls), "folder": str(folder / "home")}
    settings["user"] = sandbox.user if sandbox.walls else None
    program = LAUNCH if sandbox.walls else str(folder / "launch.py")
    launch = [sys.executable, "-I", "-S", program, json.dumps(settings), *command]
    return wrapped(sandbox, folder, launch) if sandbox.walls else launch


def threads_of(user: tuple[int, int] | None) -> int:
    """Return how many threads a user has on this machine already: Linux counts them all."""
    import psutil

    number, found = user[0] if user else os.getuid(), 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == number:
                found += process.num_threads()
    return found


def starts_as(sandbox: Sandbox) -> dict[str, Any]:
    """Return the options of a process that starts as another user."""
    if sandbox.walls or not sandbox.user:
        return {}
    return {"user": sandbox.user[0], "group": sandbox.user[1], "extra_groups": []}


def size_of(folder: Path) -> tuple[int, int]:
    """Return the bytes and the number of files below a folder; stop when either is too large."""
    size, files, waiting = 0, 0, [str(folder)]
    while waiting and size <= DISK and files <= FILES:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                files += 1
                if files > FILES:
                    break
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        status = entry.stat(follow_symlinks=False)
                        size += getattr(status, "st_blocks", status.st_size // 512) * 512
    return size, files


def remove(folder: Path) -> list[str]:
    """Remove a folder, whatever a notebook made of it; return what cannot be removed.

    Of a file or a link only itself is removed. A folder whose path gets long is moved to the top first. Nothing here recurses.
    """
    top, unused = str(folder), secrets.token_hex(8)
    waiting, found, left = [top], [], []
    if os.path.islink(top) or not os.path.isdir(top):
        waiting = []
        with contextlib.suppress(OSError):
            os.unlink(top)
    while waiting:
        path = waiting.pop()
        found.append(path)
        for name, is_folder in opened_up(path):
            inside = os.path.join(path, name)
            try:
                if not is_folder:
                    os.unlink(inside)
                    continue
                if len(inside) > LONG_PATH:
                    os.chmod(inside, 0o700)  # or it cannot be moved
                    moved = os.path.join(top, f"{unused}-{len(found)}-{len(waiting)}")
                    os.rename(inside, moved)
                    inside = moved
                waiting.append(inside)
            except OSError:
                left.append(inside)
    for path in reversed(found):  # the lower ones first
        with contextlib.suppress(OSError):
            os.rmdir(path)
    if not os.path.lexists(top):
        return []
    return left or [top]


def remove_left_behind(sandbox: Sandbox) -> list[str]:
    """Remove what a kernel left outside its folder; return what cannot be removed.

    Only root's kernels have a user of their own, and without bubblewrap they reach such places.
    """
    if not sandbox.user or sandbox.walls or users.has_name(sandbox.user[0]):
        return []
    users.remove_objects(sandbox.user[0])
    return [left for path in users.owned_by(sandbox.user[0]) for left in remove(Path(path))]


def opened_up(path: str) -> list[tuple[str, bool]]:
    """Give ourselves all rights on a folder; return the names in it, and which are folders."""
    with contextlib.suppress(OSError):
        os.chmod(path, 0o700)
    try:
        with os.scandir(path) as entries:
            return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except OSError:
        return []


# ------------------------------------------------------------------------- which isolation there is


def failed_trial(sandbox: Sandbox) -> str:
    """Start Python in a sandbox, as a kernel starts; return why that fails, or nothing."""
    folder = furnished_folder(sandbox)
    command = command_of(sandbox, folder, [sys.executable, "-c", TRIAL])
    options = starts_as(sandbox) | {"env": environment(folder, sandbox), "cwd": folder / "home"}
    try:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            **options,
        )
        if done.returncode == 0:
            return ""
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        return lines[-1][:200]
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)[:200]
    finally:
        remove(folder)


def numbers_of_users(
    jobs: int, name: str | None, locks: contextlib.ExitStack
) -> list[tuple[int, int] | None]:
    """Return for each job a user and a group, which no other run uses until `locks` are closed.

    Who is not root has none: None for each job. Raises NotIsolated.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return [None] * jobs
    try:
        return users.free_users(jobs, name, locks)
    except users.NotFree as error:
        raise NotIsolated(f"{error}.") from None


def chosen(
    base: Sandbox, numbers: list, wish: str, hidden: list[Path], as_root: bool
) -> tuple[list[Sandbox], str]:
    """Return a sandbox for each job, and the sentence that says what isolates them.

    Raises NotIsolated where that is less than was asked for.
    """
    why = "--bubblewrap never"
    program = shutil.which("bwrap") if sys.platform == "linux" else None
    if wish != "never":
        why = "bubblewrap is not there"
        if program:
            walls = Walls(program, mounts(visible_paths(), hidden))
            found = [Sandbox(base.parent, base.timeout, user, walls) for user in numbers]
            why = failed_trial(found[0])
            if not why:
                return found, "Isolation: bubblewrap. Notebooks see no files, processes or network."
            why = f"bubblewrap does not work here: {why}"
    if wish == "always":
        raise NotIsolated(f"{why}.")
    found = [Sandbox(base.parent, base.timeout, user) for user in numbers]
    if numbers[0] is None:
        return found, f"Isolation: none ({why}). Notebooks run as you: they can read your files."
    failed = failed_trial(found[0])
    if not failed:
        number = numbers[0][0]
        return (
            found,
            f"Isolation: another user, number {number} ({why}). Notebooks use the network.",
        )
    if not as_root:
        raise NotIsolated(
            f"notebooks would run as root: {why}; user {numbers[0][0]} cannot start "
            f"{sys.executable} ({failed}). Install bubblewrap, or add --as-root."
        )
    found = [Sandbox(base.parent, base.timeout) for _ in numbers]
    return found, f"Isolation: none ({why}). Notebooks run as root: they can change everything."


def short_folder() -> str:
    """Make a temporary folder whose path is short enough for sockets; return the path."""
    folder = tempfile.mkdtemp()
    if len(os.fsencode(folder)) > PATH_LENGTH and os.name == "posix":
        os.rmdir(folder)
        folder = tempfile.mkdtemp(dir="/tmp")
    return os.path.realpath(folder)


@contextlib.contextmanager
def places(
    jobs: int,
    timeout: float,
    user: str | None = None,
    wish: str = "auto",
    hidden: Iterable[Path] = (),
    as_root: bool = False,
    left: list[str] | None = None,
) -> Iterator[tuple[list[Sandbox], str]]:
    """Make a sandbox for each job; yield them, and what isolates them. Remove all afterwards.

    What cannot be removed is appended to `left`.
    """
    parent = short_folder()
    os.chmod(parent, 0o711)  # whoever knows the path goes through; nobody looks around
    try:
        with contextlib.ExitStack() as locks:
            numbers = numbers_of_users(jobs, user, locks)
            yield chosen(Sandbox(parent, timeout), numbers, wish, [ROOT, *hidden], as_root)
    finally:
        (left if left is not None else []).extend(remove(Path(parent)))
