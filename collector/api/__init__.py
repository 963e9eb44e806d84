"""The collector's HTTP API (DESIGN 6): read what is asked, one call into the domain, answer."""
