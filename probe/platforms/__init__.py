"""What differs between operating systems: error codes, ICMP errors and TCP_INFO; chosen once, here.

Everything that is not Windows is taken for Linux.
"""

import sys

from probe.platforms.evidence import Platform

if sys.platform == "win32":
    import probe.platforms.windows as _here
else:
    import probe.platforms.linux as _here

THIS_PLATFORM: Platform = _here
