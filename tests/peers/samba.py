"""The process that runs Samba in a network of its own, and measures what each line asks.

Samba takes port 135 beside the one that is asked for; nobody else's network has to know.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import msgspec

from flows.messages import Check
from tests.probe.checks.measured import measured

SAMBA = "/usr/libexec/samba/samba-dcerpcd"
FOLDERS = ("lock", "state", "cache", "pid", "private", "ncalrpc", "log")
CONFIGURATION = """\
[global]
server role = standalone server
interfaces = lo
bind interfaces only = yes
lock directory = {folder}/lock
state directory = {folder}/state
cache directory = {folder}/cache
pid directory = {folder}/pid
private dir = {folder}/private
ncalrpc dir = {folder}/ncalrpc
log file = {folder}/log/%m.log
rpc start on demand helpers = no
disable spoolss = yes
load printers = no
rpc server dynamic port range = 17000-17020
"""


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Start Samba's RPC server and wait until it listens: it closes a descriptor then."""
    for name in FOLDERS:
        (folder / name).mkdir(mode=0o755)
    configuration = folder / "smb.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    ready, its_end = os.pipe()
    samba = subprocess.Popen(
        [
            *(SAMBA, "-F", "--no-process-group", "--libexec-rpcds", "-s", configuration),
            f"--ready-signal-fd={its_end}",
        ],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        pass_fds=(its_end,),
    )
    os.close(its_end)
    os.read(ready, 1)
    os.close(ready)
    return samba


def main() -> None:
    """Serve until the input ends."""
    samba = start(Path(sys.argv[1]))
    for line in sys.stdin.buffer:
        check = msgspec.json.decode(line, type=Check)
        seen = asyncio.run(measured(check), debug=True)
        sys.stdout.buffer.write(msgspec.json.encode(seen) + b"\n")
        sys.stdout.buffer.flush()
    samba.terminate()
    samba.wait(10)


if __name__ == "__main__":
    main()
