"""What a command's exit code says (DESIGN 5)."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The answer of a command to the shell."""

    OK = 0
    """All ok, waived, attested or unverifiable; READY; or no verdict was asked for."""
    BROKEN = 1
    """Something is broken; NOT_READY."""
    UNPROVEN = 2
    """Something is unproven; INCONCLUSIVE."""
    USAGE = 3
    """The command, a file or the collector was not what it must be: nothing was judged."""
    INTERRUPTED = 130
    """Ctrl-C, as a shell reports it."""
    BROKEN_PIPE = 141
    """Whoever read the output left, as a shell reports it."""
