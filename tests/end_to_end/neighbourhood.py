"""The process of one street: its hosts' services, and their probes once it is told.

It ends when its input does.
"""

import asyncio
import json
import sys
from pathlib import Path

import uvloop

from gatewatch.demo.certificates import Authority
from gatewatch.demo.services import Kind, Post, Services
from probe.program import work
from probe.settings_reading import load_settings

POSTS = (
    Post(Kind.WEB, "be-01", 443),
    Post(Kind.LEGACY, "be-01", 17000),
    Post(Kind.WEB, "be-02", 443),
    Post(Kind.LEGACY, "ah-02", 17000),
    Post(Kind.SQL, "sql-01", 1433),
)
WITHOUT_PROBE = ("sql-01",)
PROBE = """\
host: {host}
collector: ["http://10.79.0.1:8642"]
data: {host}
source_address: {{ipv4: {address}}}
allow: {{networks: [10.79.0.0/16], ports: [443, 1433, 8443, 17000]}}
log: {{level: warning}}
"""


OPEN = b"open\n"
"""What it says once its services are there; a line that it is sent back lets its probes measure."""


async def live(hosts: dict[str, str], folder: Path) -> None:
    """Serve and measure until nobody holds the other end of the input."""
    stop = asyncio.Event()
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with Services(Authority(folder).context, hosts) as services, asyncio.TaskGroup() as group:
        await services.open(*(post for post in POSTS if post.host in hosts))
        sys.stdout.buffer.write(OPEN)
        sys.stdout.buffer.flush()
        await reader.readline()
        for host, address in hosts.items():
            if host not in WITHOUT_PROBE:
                file = folder / f"{host}.yaml"
                file.write_text(PROBE.format(host=host, address=address), "utf-8")
                group.create_task(work(load_settings(file, host), stop))
        await reader.read()
        stop.set()


if __name__ == "__main__":
    uvloop.run(live(json.loads(sys.argv[1]), Path(sys.argv[2])))
