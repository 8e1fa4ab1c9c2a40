"""Grading a class: what a kernel can reach, take and leave behind, with bubblewrap and without."""

import contextlib
import dataclasses
import functools
import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

import isolation
import processes
import sandbox
import users
from cells import run_cells
from helpers import ROOT, ROOT_USER, needs_bubblewrap

linux = pytest.mark.platform(sys.platform == "linux", reason="others have no such limits")
posix = pytest.mark.platform(
    os.name == "posix", reason="Windows has other programs and permissions"
)


WAYS = [pytest.param("always", marks=needs_bubblewrap), "never"]


def value(kernel: sandbox.Kernel, expression: str):
    """Return the value of an expression in a kernel, which must be JSON."""
    reply = kernel.run("import json", f"json.dumps({expression})", "judging")
    return json.loads(eval(reply["user_expressions"]["answer"]["data"]["text/plain"]))


def raises(cells: list[str], raised: list[str], place) -> None:
    with closing(sandbox.Kernel(place)) as kernel:
        assert run_cells(kernel, cells) == raised


# ------------------------------------------------------------------------------- what it reaches


def reaches_nothing(paths: list[str], place) -> None:
    with closing(sandbox.Kernel(place)) as kernel:
        exist = f"[p for p in {paths!r} if __import__('os').path.exists(p)]"
        assert value(kernel, exist) == []
        processes_seen = "[p for p in __import__('os').listdir('/proc') if p.isdigit()]"
        assert set(value(kernel, processes_seen)) <= {"1", "2"}
        interfaces = "[n for _, n in __import__('socket').if_nameindex()]"
        assert value(kernel, interfaces) == ["lo"]
        written = """
import os
for path in ["/", "/dev", "/usr", "/etc", "/proc/sys/kernel", sys.prefix, sys.base_prefix, "/run"]:
    try:
        open(path + "/planted", "w").close()
    except OSError:
        continue
    raise LookupError(path)
status = open("/proc/self/status").read()
assert "CapEff:\\t0000000000000000" in status and "NoNewPrivs:\\t1" in status
assert os.getuid() != 0
for path in ["/tmp", "/dev/shm", "."]:
    open(path + "/mine", "w").close()
"""
        assert run_cells(kernel, ["import sys" + written]) == []


@needs_bubblewrap
def test_in_bubblewrap_nothing_else_exists(tmp_path, in_a_kernel):
    (tmp_path / "secret").write_text("")
    paths = [ROOT, tmp_path, tmp_path / "secret", Path.home(), "/home", "/etc/shadow", "/var"]
    python = [Path(sys.prefix), Path(sys.base_prefix)]
    paths = [str(path) for path in paths if not any(p.is_relative_to(path) for p in python)]
    in_a_kernel(functools.partial(reaches_nothing, paths), wish="always")


@needs_bubblewrap
def test_a_submission_inside_the_installation_of_python_is_hidden(sandbox_for):
    """A virtual environment in the project's folder shows itself, and not the project."""
    visible = Path(sys.prefix) / "lib"
    folder = Path(visible, f"submissions{os.getpid()}")
    folder.mkdir()
    try:
        (folder / "a.ipynb").write_text("")
        (folder / "notes.txt").write_text("")
        for hidden in ([folder], [folder / "a.ipynb"]):
            arguments = isolation.mounts(isolation.visible_paths(), hidden)
            walls = isolation.Walls(shutil.which("bwrap"), arguments)
            place = dataclasses.replace(sandbox_for("always"), walls=walls)
            home = isolation.furnished_folder(place)
            command = isolation.command_of(place, home, [sys.executable, "-c", LOOK, folder])
            done = subprocess.run(
                [*map(str, command)], env=isolation.environment(home, place), check=True,
                capture_output=True, text=True,
            )  # fmt: skip
            isolation.remove(home)
            assert done.stdout.split() == (["notes.txt"] if hidden[0].is_file() else [])
    finally:
        shutil.rmtree(folder)


LOOK = """
import os, sys
for name in os.listdir(sys.argv[1]):
    path = os.path.join(sys.argv[1], name)
    if os.path.isfile(path):
        print(name)
"""


def test_what_bubblewrap_shows(tmp_path):
    """A prefix with submissions in it is shown in parts; what is hidden counts if it is lower."""
    for name in ("bin", "lib", "submissions"):
        (tmp_path / name).mkdir()

    def shown(visible: Path, hidden: Path) -> set[str]:
        arguments = isolation.mounts([visible], [hidden])
        bound = {arguments[n + 1] for n, word in enumerate(arguments) if word == "--ro-bind"}
        return {path for path in bound if path.startswith(str(tmp_path))}

    parts = {str(tmp_path / "bin"), str(tmp_path / "lib")}
    assert shown(tmp_path, tmp_path / "submissions") == parts
    assert shown(tmp_path, tmp_path) == parts
    assert shown(tmp_path / "lib", tmp_path) == {str(tmp_path / "lib")}
    (tmp_path / "lib" / "work").mkdir()
    assert shown(tmp_path / "lib", tmp_path / "lib" / "work") == set()


def isolation_said(wish: str, as_root: bool) -> str:
    """Return the sentence that says what isolates kernels."""
    with isolation.places(1, 20, wish=wish, as_root=as_root) as (_, said):
        return said


def test_which_isolation_is_in_force(tmp_path, monkeypatch):
    assert isolation_said("never", as_root=True).startswith("Isolation: ")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "bubblewrap is not there" in isolation_said("auto", as_root=True)
    with pytest.raises(isolation.NotIsolated, match="bubblewrap is not there"):
        isolation_said("always", as_root=True)


@pytest.mark.platform(ROOT_USER, reason="only root could run them as root")
def test_root_is_told_that_nothing_isolates(tmp_path, monkeypatch):
    """Here this Python is in a folder that only root may enter."""
    (tmp_path / "python").symlink_to(sys.executable)
    tmp_path.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(isolation.NotIsolated, match="notebooks would run as root"):
        isolation_said("never", as_root=False)
    assert "run as root" in isolation_said("never", as_root=True)


only_root = pytest.mark.platform(ROOT_USER, reason="only root has other users")


def numbers_of(jobs: int, locks: contextlib.ExitStack, name: str | None = None) -> list[int]:
    """Return the users that a run has."""
    return [number for number, _ in isolation.numbers_of_users(jobs, name, locks)]


@only_root
def test_two_runs_have_different_users():
    """One could end or read the other's kernels. A user is free again after a run."""
    with contextlib.ExitStack() as locks:
        assert len({*numbers_of(2, locks), *numbers_of(2, locks)}) == 4
        with contextlib.ExitStack() as short:
            (number, _) = numbers_of(2, short, "daemon")
            assert number == int(subprocess.check_output(["id", "-u", "daemon"]))
            assert number not in numbers_of(1, locks, "daemon")
        assert numbers_of(1, locks, "daemon") == [number]


@only_root
def test_locks_are_in_no_folder_that_others_can_change(tmp_path, monkeypatch):
    for name, mode in (("open", 0o777), ("linked", 0o755), ("good", 0o1777)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    (tmp_path / "linked" / users.LOCKS).symlink_to(tmp_path)
    folders = [str(tmp_path / name) for name in ("open", "linked", "good")]
    monkeypatch.setattr(users, "FOLDERS", folders)
    assert users.lock_folder() == f"{folders[2]}/{users.LOCKS}"
    monkeypatch.setattr(users, "FOLDERS", folders[:2])
    with pytest.raises(users.NotFree, match="no folder for locks"):
        users.lock_folder()


LITTER = """
import ctypes, os
for name in ("/tmp", "/var/tmp", "/dev/shm", "/run/lock"):
    if os.access(name, os.W_OK):
        os.makedirs(f"{name}/left-{os.getuid()}/deeper")
        os.symlink(PROTECTED, f"{name}/link-{os.getuid()}")
for function in ("shmget", "msgget", "semget"):
    found = getattr(ctypes.CDLL(None), function)(os.getuid(), *[1, 0o1600][function == "msgget":])
    assert found >= 0, function
"""


@linux
@only_root
def test_a_kernel_leaves_nothing_outside_its_folder(tmp_path, everybody):
    """What it linked to stays as it is."""
    (tmp_path / "kept").write_text("")
    tmp_path.chmod(0o755)
    with contextlib.ExitStack() as locks:
        ((user, group),) = isolation.numbers_of_users(1, None, locks)
        source = LITTER.replace("PROTECTED", repr(str(tmp_path)))
        subprocess.run(["python", "-c", source], user=user, group=group, env=everybody, check=True)
        tables = [table for table, *_ in users.OBJECTS]
        assert [len(users.objects_of(user, table)) for table in tables] == [1, 1, 1]
        assert len(users.owned_by(user)) >= 4
        place = isolation.Sandbox(str(tmp_path), 20, (user, group))
        assert isolation.remove_left_behind(place) == []
        assert users.owned_by(user) == []
        assert [users.objects_of(user, table) for table in tables] == [[], [], []]
    assert (tmp_path / "kept").exists()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


# ---------------------------------------------------------------------------------- what it takes

FILLS_MEMORY = """
import os, time
for _ in range(3):
    if not os.fork():
        block = b"x" * (150 << 20)
        time.sleep(60)
time.sleep(60)
"""
FILLS_DISK = """
for number in range(10):
    with open(f"{number}", "wb") as file:
        file.write(bytes(9 << 20))
import time; time.sleep(60)
"""
MANY_FILES = """
for number in range(1000): open(f'{number}', 'w').close()
import time; time.sleep(60)
"""
IN_MEMORY = """
import ctypes, os, time
for function in ("shmget", "msgget", "semget"):
    arguments = (5, 0o1600) if function == "msgget" else (5, 1, 0o1600)
    assert getattr(ctypes.CDLL(None), function)(*arguments) == -1, function
files = [os.memfd_create("x") for _ in range(5)]
for file in files: os.write(file, bytes(90 << 20))
time.sleep(60)
"""
WITHOUT_A_NAME = """
import os, time
file = open("a", "wb")
os.unlink("a")
file.write(bytes(60 << 20))
time.sleep(60)
"""
LOUD = "for _ in range(10): get_ipython().display_pub.publish({'text/plain': 'x' * 30_000_000})"


def fills(source: str, cause: str, place) -> None:
    """Run a cell under lower limits than usual (this process ends afterwards)."""
    sandbox.MEMORY = 400 << 20
    isolation.PROCESSES = 50
    isolation.DISK = sandbox.DISK = 50 << 20
    isolation.FILES = sandbox.FILES = 500
    raises([source, "1"], [f"1: {cause}"], place)


FILLING = {  # a cell, and the cause for which it is ended
    "memory of all its processes": (FILLS_MEMORY, "memory"),
    "large files": (FILLS_DISK, "disk"),
    "many files": (MANY_FILES, "disk"),
    "memory that no process maps": (IN_MEMORY, "memory"),
    "files that have no name": (WITHOUT_A_NAME, "disk"),
}


@pytest.fixture(scope="module")
def filled(in_kernels) -> dict:
    """The results of all cells that fill something, at the same time."""
    calls = {name: functools.partial(fills, *filling) for name, filling in FILLING.items()}
    return in_kernels(calls)


@linux
@pytest.mark.parametrize("name", FILLING)
def test_filling_memory_or_disk(filled, name):
    assert filled[name] == {"result": None}


def outputs_take_little(place) -> None:
    with closing(sandbox.Kernel(place)) as kernel:
        before = psutil.Process().memory_info().rss
        endless = "while True: print('x' * 1000)"
        raised = ["1: output", "2: output", "3: ZeroDivisionError: division by zero"]
        assert run_cells(kernel, [LOUD, endless, "1 / 0"]) == raised
        assert psutil.Process().memory_info().rss < before + (400 << 20)


@pytest.mark.parametrize("wish", WAYS)
def test_large_outputs_are_an_error_of_the_cell(wish, in_a_kernel):
    """They end no connection: after a message beyond all limits, output is still counted."""
    in_a_kernel(outputs_take_little, wish=wish)


@linux
@pytest.mark.parametrize("wish", WAYS[:1] if ROOT_USER else WAYS)  # root's are not counted
def test_processes(wish, in_a_kernel):
    forks = "import os, time\nfor _ in range(5000):\n    if not os.fork(): time.sleep(60)"
    cause = "BlockingIOError: [Errno 11] Resource temporarily unavailable"
    in_a_kernel(functools.partial(fills, forks, cause), wish=wish)


# --------------------------------------------------------------------------- interrupts and the end

BEHIND = """
import subprocess
subprocess.Popen(["sleep", "31337"])
subprocess.Popen("env -i setsid sleep 31337 & exit", shell=True)
"""


def nothing_stays(place) -> None:
    with closing(sandbox.Kernel(place)) as kernel:
        kernel.left["cells"] = 1
        assert run_cells(kernel, [BEHIND, "import time; time.sleep(30)"])[-1] == "2: timeout"
        assert value(kernel, "subprocess.run(['true']).returncode") == 0  # it lives
    assert not [p for p in psutil.process_iter() if "31337" in cmdline(p)]


def cmdline(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


@posix
@pytest.mark.parametrize("wish", WAYS)
def test_an_interrupt_leaves_the_kernel_alive_and_its_end_leaves_nothing(wish, in_a_kernel):
    in_a_kernel(nothing_stays, wish=wish)


def test_a_kernel_that_does_not_start_is_told_apart(tmp_path):
    place = isolation.Sandbox(str(tmp_path / "missing"), 20)
    ((_, answer),) = processes.in_processes({"": sandbox.Kernel}, [place])
    assert answer["again"]
    assert "did not start" in answer["error"]


def test_a_kernel_that_cannot_be_reached_any_more_is_dead(in_a_kernel):
    in_a_kernel(cannot_be_reached)


def cannot_be_reached(place) -> None:
    with closing(sandbox.Kernel(place)) as kernel:
        kernel.kc.stop_channels()
        kernel.kc = None
        with pytest.raises(sandbox.Stopped, match="the kernel died"):
            kernel.run("1")
        assert kernel.dead


# -------------------------------------------------------------------------------------- cleaning up


def test_removing_what_is_nested_deeply(tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    here = os.getcwd()
    os.chdir(folder)
    try:
        for _ in range(1500):
            os.mkdir("a" * 50)
            os.chdir("a" * 50)
        Path("file").write_text("")
    finally:
        os.chdir(here)
    assert isolation.remove(folder) == []
    assert not folder.exists()


def test_removing_what_is_closed_or_linked(tmp_path):
    folder, outside = tmp_path / "a", tmp_path / "outside"
    (folder / "closed" / "deeper").mkdir(parents=True)
    outside.mkdir()
    (outside / "kept").write_text("")
    if os.name == "posix":
        (folder / "link").symlink_to(outside)
        (folder / "closed" / "loop").symlink_to("loop")
        os.mkfifo(folder / "pipe")
    (folder / "closed" / "deeper").chmod(0)
    (folder / "closed").chmod(0)
    assert isolation.remove(folder) == []
    assert not folder.exists()
    assert (outside / "kept").exists()


@posix
def test_what_cannot_be_removed_is_named(tmp_path):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    if ROOT_USER:
        protect = [["chattr", "+i", folder], ["chattr", "-i", folder]]
    else:
        protect = [["chmod", "500", folder.parent], ["chmod", "700", folder.parent]]
    subprocess.run(protect[0], check=True)
    try:
        assert isolation.remove(folder) == [str(folder)]
    finally:
        subprocess.run(protect[1], check=True)
