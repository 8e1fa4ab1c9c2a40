"""Users without a name, for root's kernels: which are free, and what they leave behind.

A run holds a lock for each of its users, so no two runs on a machine use the same one.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Iterator

FOLDERS = ("/run", "/tmp", "/var/tmp")  # noqa: S108 - where the locks may be, whatever TMPDIR says
LOCKS = "grading-users"  # a folder of root's
EVERYBODYS = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")  # noqa: S108
# For each kind of System V object its table, the column of its number, and what removes it
OBJECTS = (("shm", "shmid", "shmctl"), ("msg", "msqid", "msgctl"), ("sem", "semid", "semctl"))
REMOVE = 0  # IPC_RMID


class NotFree(Exception):
    """There are no users that this run may have."""


def lock_folder() -> str:
    """Return the folder of the locks, which only root can change."""
    for parent in FOLDERS:
        path = os.path.join(parent, LOCKS)
        with contextlib.suppress(OSError):
            with contextlib.suppress(FileExistsError):
                os.mkdir(path, 0o700)
            found, above = os.lstat(path), os.stat(parent)
            safe = above.st_mode & stat.S_ISVTX or not above.st_mode & 0o022
            ours = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o022
            if safe and ours and found.st_uid == above.st_uid == 0 and os.access(path, os.W_OK):
                return path
    raise NotFree(f"root can write no folder for locks in {', '.join(FOLDERS)}")


def locked(user: int, locks: contextlib.ExitStack) -> bool:
    """Take a user, unless another run has it; return whether that succeeded."""
    import fcntl

    path = os.path.join(lock_folder(), str(user))
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return False
    locks.callback(os.close, file)
    return True


def free_users(many: int, name: str | None, locks: contextlib.ExitStack) -> list[tuple[int, int]]:
    """Return as many users, each with a group, that no other run has until `locks` are closed.

    The first is the named one, if there is such a user and no other run has it. The others have
    no name and no process.
    """
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    found, group = [], known["nobody"].pw_gid
    if name in known:
        group = known[name].pw_gid
        found = [known[name].pw_uid] if locked(known[name].pw_uid, locks) else []
    taken = {entry.pw_uid for entry in known.values()} | busy()
    for user in range(known["nobody"].pw_uid - 1, 0, -1):
        if len(found) == many:
            break
        if user not in taken and locked(user, locks):
            found.append(user)
    if len(found) < many:
        raise NotFree(f"there are not {many} users that no other run has")
    return [(user, group) for user in found]


def busy() -> set[int]:
    """Return the users that have a process."""
    import psutil

    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            found |= set(process.uids())
    return found


# ------------------------------------------------------------------------- what a user left behind


def has_name(user: int) -> bool:
    """Return whether a user is known to the system: then not all that it owns is a notebook's."""
    import pwd

    with contextlib.suppress(KeyError):
        return bool(pwd.getpwuid(user))
    return False


def owned_by(user: int) -> list[str]:
    """Return the paths of a user's files in the folders in which everybody may write."""
    return [path for folder in EVERYBODYS for path in owned_in(folder, user)]


def owned_in(folder: str, user: int, depth: int = 2) -> Iterator[str]:
    """Yield the paths of a user's files in a folder, and in folders like it that are in it.

    Folders are left out in which a third user could replace one path by another meanwhile.
    """
    try:
        status = os.lstat(folder)
        ours = stat.S_ISDIR(status.st_mode) and status.st_uid == 0
        if not (ours and depth and status.st_mode & stat.S_ISVTX):
            return
        with os.scandir(folder) as entries:
            owners = {entry.path: entry.stat(follow_symlinks=False).st_uid for entry in entries}
    except OSError:  # something vanished: the next kernel's end looks again
        return
    for path, owner in owners.items():
        if owner == user:
            yield path
        else:
            yield from owned_in(path, user, depth - 1)


def objects_of(user: int, table: str) -> list[dict[str, str]]:
    """Return a user's System V objects, as rows of a table of Linux."""
    try:
        with open(f"/proc/sysvipc/{table}", encoding="ascii") as file:
            names, *rows = [line.split() for line in file]
    except (OSError, ValueError):
        return []
    found = [dict(zip(names, row)) for row in rows]
    return [row for row in found if str(user) in (row["uid"], row["cuid"])]


def remove_objects(user: int) -> None:
    """Remove a user's System V objects."""
    library = ctypes.CDLL(None)
    for table, number, function in OBJECTS:
        for row in objects_of(user, table):
            last = (REMOVE, None) if table != "sem" else (0, REMOVE)
            getattr(library, function)(int(row[number]), *last)
