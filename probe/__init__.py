"""The probe: our program on a host. It measures what it is told to, and never judges."""
