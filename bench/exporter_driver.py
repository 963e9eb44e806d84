"""Keep blackbox_exporter busy with probes over kept-alive connections; print how many it did.

python -m bench.exporter_driver EXPORTER_PORT IN_FLIGHT SECONDS TARGET_PORT
"""

import asyncio
import itertools
import sys
import time

ADDRESSES = 250


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
) -> bool:
    """Have one TCP check done; say whether it went well."""
    query = f"/probe?module=tcp_connect&target={host}:{port}"
    writer.write(f"GET {query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode("ascii"))
    head = await reader.readuntil(b"\r\n\r\n")
    _, _, rest = head.lower().partition(b"content-length: ")
    body = await reader.readexactly(int(rest.split(b"\r\n")[0]))
    return b"\nprobe_success 1\n" in body


async def drive(exporter: int, in_flight: int, seconds: float, port: int) -> None:
    """Keep so many probes in flight for so long."""
    checks, failures = 0, 0
    addresses = itertools.cycle([f"127.1.0.{n + 1}" for n in range(ADDRESSES)])
    end = time.perf_counter() + seconds

    async def work() -> None:
        nonlocal checks, failures
        reader, writer = await asyncio.open_connection("127.0.0.1", exporter)
        while time.perf_counter() < end:
            well = await ask(reader, writer, next(addresses), port)
            checks += 1
            failures += not well
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(work())
    print(checks, failures)


if __name__ == "__main__":
    exporter, in_flight, seconds, port = sys.argv[1:]
    asyncio.run(drive(int(exporter), int(in_flight), float(seconds), int(port)))
