"""What survives a restart: memory, events, and which reports were taken."""

from flows.errors import GatewatchError


class StoreUnavailable(GatewatchError):  # noqa: N818 - the operator's word
    """The store cannot be read or written now; what was to be written is not there."""


class StoreUnusable(GatewatchError):  # noqa: N818 - the operator's word
    """The store cannot be used at all: made by a newer release, damaged, or in use elsewhere."""
