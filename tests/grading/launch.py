"""Becomes a notebook's kernel, with limits and without root's rights.

It runs in place of the kernel, before any code of a student: `python launch.py SETTINGS COMMAND...`.
It imports the standard library only, and it is copied into the kernel's folder.
"""

import errno
import json
import os
import resource
import struct
import sys

# For each machine its number in Linux, that of its 32 bits, and the calls shmget, semget and msgget
OBJECTS = {
    "x86_64": (0xC000003E, 0x40000003, 29, 64, 68),
    "aarch64": (0xC00000B7, 0x40000028, 194, 190, 186),
}
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06  # instructions of BPF
NO_NEW_PRIVILEGES, SECCOMP = 38, 22  # for prctl, which says so where it is impossible


def set_limit(name: str, most: int) -> None:
    """Limit a resource, as far as the system allows."""
    number = getattr(resource, f"RLIMIT_{name}", None)
    if number is None:
        return
    _, hard = resource.getrlimit(number)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    try:
        resource.setrlimit(number, (most, most))
    except (ValueError, OSError):
        pass  # macOS refuses some


def forbid_objects() -> None:
    """Forbid System V objects, where Linux can: their memory stays when no process maps it."""
    numbers = OBJECTS.get(os.uname().machine)
    if sys.platform != "linux" or not numbers or struct.calcsize("P") != 8:
        return
    import ctypes

    native, of_32_bits, *calls = numbers
    rows = [  # of BPF: an instruction, its value, where to go on if that is so, and if not
        (LOAD, 4, "", ""),  # the machine; another, of an emulator, is left alone
        (EQUAL, of_32_bits, "forbid", ""),
        (EQUAL, native, "", "allow"),
        (LOAD, 0, "", ""),  # the number of the call
        *[(EQUAL, call, "forbid", "") for call in calls],
        (AT_LEAST, 0x40000000, "forbid", "allow"),  # calls by a third kind of number
    ]
    places = {"allow": len(rows), "forbid": len(rows) + 1}
    program = [
        (code, *[places.get(where, line + 1) - line - 1 for where in (yes, no)], value)
        for line, (code, value, yes, no) in enumerate(rows)
    ]
    program += [(RETURN, 0, 0, 0x7FFF0000), (RETURN, 0, 0, 0x50000 | errno.ENOSYS)]
    packed = b"".join(struct.pack("HBBI", *line) for line in program)
    text = ctypes.create_string_buffer(packed)
    given = struct.pack("HxxxxxxP", len(program), ctypes.addressof(text))
    prctl, none = ctypes.CDLL(None).prctl, ctypes.c_ulong(0)
    prctl(NO_NEW_PRIVILEGES, ctypes.c_ulong(1), none, none, none)
    prctl(SECCOMP, ctypes.c_ulong(2), ctypes.create_string_buffer(given), none, none)


def main() -> None:
    """Read the settings, and become the command."""
    settings, command = json.loads(sys.argv[1]), sys.argv[2:]
    if settings["bubblewrap"]:
        os.setsid()  # so that an interrupt can reach the kernel's processes and no others
        os.environ.pop("JPY_PARENT_PID", None)  # a process that does not exist in here
    if settings["user"]:
        user, group = settings["user"]
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)  # which drops all capabilities, too
    os.chdir(settings["folder"])
    for name, most in settings["limits"].items():
        set_limit(name, most)
    forbid_objects()
    os.execv(command[0], command)  # noqa: S606 - to become the command is what this is for


if __name__ == "__main__":
    main()
