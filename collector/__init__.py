"""The collector: it judges what the probes saw, keeps it, and shows it."""
