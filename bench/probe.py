"""What the probe's checks cost, beside what others take for the same: `python bench/probe.py`.

All in one run, the contenders on one CPU and what they check on another; nothing but 127.0.0.0/8 is
dialled. Takes two to three minutes.
"""

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # a script finds only what is beside it

from bench import probe_tcp, probe_tls
from bench.machine import described, stolen_seconds


def main() -> int:
    needed = {*probe_tcp.NEEDED, *probe_tls.NEEDED}
    if missing := [command for command in sorted(needed) if shutil.which(command) is None]:
        print(f"this benchmark needs {', '.join(missing)}", file=sys.stderr)
        return 3
    stolen = stolen_seconds()
    with tempfile.TemporaryDirectory() as folder:
        for title, bench in (
            ("A TCP check", probe_tcp.TcpBench(Path(folder))),
            ("A TLS check", probe_tls.TlsBench(Path(folder))),
        ):
            contest = bench.contest()
            with bench.serving():
                contest.run()
            print(f"## {title}\n\n{contest.report()}\n")
    print(f"{described()}; {stolen_seconds() - stolen:.1f} s stolen by the hypervisor")
    return 0


if __name__ == "__main__":
    sys.exit(main())
