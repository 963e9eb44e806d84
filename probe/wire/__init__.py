"""Bytes of the protocols that checks speak: what to send, what an answer says. No sockets here."""


class WireError(Exception):
    """The peer's bytes are not what the protocol allows; the text says what was wrong with them."""
