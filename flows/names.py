"""What names of hosts, groups and flows may look like."""

import re

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
"""Letters, digits and inner hyphens: as DNS has its labels (RFC 1123, section 2.1)."""
