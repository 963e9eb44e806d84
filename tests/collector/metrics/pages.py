"""Pages of metrics, and how tests read them: line by line, as Prometheus does."""

from collector.connect_times import ConnectTimes
from collector.estate import Estate
from collector.metrics import EstatePage
from tests.collector.samples import at, at_once

TINY = """\
migration: {name: acme, from: "2.6", to: "2.7.1"}
hosts:
  con-01: {address: 10.2.0.5, roles: [console], site: office}
  be-01: {address: 10.1.0.11, roles: [backend], site: dc1}
options: {separate_backend_8443: ignore}
"""
"""One path, which has to serve in every phase."""
TINY_PATH = "console-backend:con-01>be-01:tcp/443"


def page(
    estate: Estate,
    seconds: float = 0,
    connects: ConnectTimes | None = None,
    *,
    per_agent: bool = False,
) -> str:
    """Render the estate as it is so long after NOW."""
    return made(EstatePage(estate, connects or ConnectTimes(), per_agent=per_agent), seconds)


def made(page: EstatePage, seconds: float = 0) -> str:
    """Make a page as it is so long after NOW, without a break."""
    return b"".join(at_once(page.made(lambda: at(seconds)))).decode()


def series(text: str, name: str, *having: str) -> list[str]:
    """List the samples of a family without its name; only those whose labels hold all of these."""
    return [
        line.removeprefix(name)
        for line in text.splitlines()
        if line.partition(" ")[0].partition("{")[0] == name and all(one in line for one in having)
    ]


def ends(path: str) -> str:
    """Write the labels that a path has everywhere."""
    flow, _, rest = path.partition(":")
    src, _, rest = rest.partition(">")
    dst, _, place = rest.partition(":")
    proto, _, port = place.partition("/")
    return f'flow="{flow}",src="{src}",dst="{dst}",proto="{proto}",port="{port}"'


def value(text: str, name: str, *having: str) -> float | None:
    """Read the one sample with these labels; None where there is none."""
    found = series(text, name, *having)
    assert len(found) <= 1, found
    return float(found[0].rpartition(" ")[2]) if found else None


def names(text: str) -> list[str]:
    """List the families of a page in their order."""
    return [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")]
