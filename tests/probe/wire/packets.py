"""The captured packets, and ways to damage them."""

from collections.abc import Iterator
from pathlib import Path

from hypothesis import strategies

PACKETS = Path(__file__).parents[2] / "data" / "packets"


def names(prefix: str = "") -> list[str]:
    """List the captured packets whose name begins so."""
    found = sorted(path.stem for path in PACKETS.glob(f"{prefix}*.bin"))
    assert found, f"no packet is called {prefix}*"
    return found


def packet(name: str) -> bytes:
    """Load a captured packet."""
    return (PACKETS / f"{name}.bin").read_bytes()


def truncations(data: bytes) -> Iterator[bytes]:
    """Cut a packet at every byte, the empty one included, the whole one not."""
    return (data[:length] for length in range(len(data)))


def with_flipped_bits() -> strategies.SearchStrategy[bytes]:
    """Draw a captured packet with a few bits turned."""
    return strategies.builds(
        _flipped,
        strategies.sampled_from(names()).map(packet),
        strategies.lists(strategies.integers(min_value=0, max_value=2**16), min_size=1, max_size=6),
    )


def _flipped(data: bytes, bits: list[int]) -> bytes:
    damaged = bytearray(data)
    for bit in bits:
        damaged[bit // 8 % len(damaged)] ^= 1 << bit % 8
    return bytes(damaged)
