"""Read fields off a message of the peer, and never past its end."""

from probe.wire import WireError


class Reader:
    """A place in a message; every read says what it is after, for the error if it is not there."""

    __slots__ = ("_data", "_message", "_position")

    def __init__(self, data: bytes, message: str) -> None:
        self._data = data
        self._message = message
        self._position = 0

    @property
    def position(self) -> int:
        """Count the bytes that were read."""
        return self._position

    @property
    def left(self) -> int:
        """Count the bytes still to read."""
        return len(self._data) - self._position

    def take(self, count: int, field: str) -> bytes:
        """Read so many bytes; raise WireError when the message ends before."""
        if count > self.left:
            raise WireError(f"{self._message} of {len(self._data)} bytes ends inside its {field}")
        start = self._position
        self._position += count
        return self._data[start : self._position]

    def u8(self, field: str) -> int:
        """Read one byte as a number."""
        return self.take(1, field)[0]

    def u16_big(self, field: str) -> int:
        """Read two bytes as a number, the high one first."""
        return int.from_bytes(self.take(2, field), "big")

    def u16_little(self, field: str) -> int:
        """Read two bytes as a number, the low one first."""
        return int.from_bytes(self.take(2, field), "little")

    def u32_big(self, field: str) -> int:
        """Read four bytes as a number, the high one first."""
        return int.from_bytes(self.take(4, field), "big")

    def u32_little(self, field: str) -> int:
        """Read four bytes as a number, the low one first."""
        return int.from_bytes(self.take(4, field), "little")

    def rest(self) -> bytes:
        """Read all that is left."""
        return self.take(self.left, "end")
