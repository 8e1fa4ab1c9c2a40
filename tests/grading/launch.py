"""Becomes a notebook's kernel, with limits and without root's rights.

It runs in place of the kernel, before any code of a student: `python launch.py SETTINGS COMMAND...`.
It imports the standard library only, and it is copied into the kernel's folder.
"""

import json
import os
import resource
import sys


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
    os.execv(command[0], command)  # noqa: S606 - to become the command is what this is for


if __name__ == "__main__":
    main()
