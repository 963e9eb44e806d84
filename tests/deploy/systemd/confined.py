"""Run a program with what a unit lets it do, as far as that needs no systemd and no mount.

    python -m tests.deploy.systemd.confined UNIT PROGRAM WORDS...

Of the unit it takes the filter of system calls, the capabilities, NoNewPrivileges and
MemoryDenyWriteExecute (prctl(2), seccomp(2)). Not: its views of the file system, its user.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 24, 38, 65
SCMP_ACT_ALLOW, SCMP_ACT_EPERM = 0x7FFF0000, 0x00050001
CAPABILITIES = 64
"""More than any kernel has."""
MDWE_REFUSE_EXEC_GAIN = 1


def settings(unit: Path) -> dict[str, list[str]]:
    """Read a unit; a setting may come more than once."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text("utf-8").splitlines():
        name, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def calls_of(group: str) -> set[str]:
    """List the system calls of a group such as @system-service, as systemd knows them."""
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", "--no-pager", group],
        capture_output=True,
        text=True,
        check=True,
    )
    names = {line.strip() for line in listed.stdout.splitlines()[1:]}
    groups = {name for name in names if name.startswith("@")}
    plain = {name for name in names - groups if name and not name.startswith("#")}
    return plain.union(*map(calls_of, groups))


def allowed(filters: list[str]) -> set[str]:
    """Follow the lines of a filter: the first lets in, those with a tilde take back."""
    found: set[str] = set()
    for line in filters:
        calls = set[str]().union(*map(calls_of, line.removeprefix("~").split()))
        found = found - calls if line.startswith("~") else found | calls
    return found


def let_only(calls: set[str]) -> None:
    """Answer every other system call with EPERM from now on."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(SCMP_ACT_EPERM))
    for name in calls:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # below are those of other machines
            assert seccomp.seccomp_rule_add(context, SCMP_ACT_ALLOW, number, 0) == 0, name
    assert seccomp.seccomp_load(context) == 0


def confine(unit: dict[str, list[str]]) -> None:
    """Give up for good what the unit does not give."""
    assert unit["CapabilityBoundingSet"] == [""]
    assert unit["NoNewPrivileges"] == unit["MemoryDenyWriteExecute"] == ["yes"]
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    calls = allowed(unit["SystemCallFilter"])
    if os.geteuid() == 0:  # others have none to give up
        for capability in range(CAPABILITIES):
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    assert prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    prctl(PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)  # Linux 6.3 and later
    let_only(calls)


if __name__ == "__main__":
    confine(settings(Path(sys.argv[1])))
    os.execv(sys.argv[2], sys.argv[2:])
