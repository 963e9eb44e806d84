"""The measuring engine: sockets in, what the network did out; it knows no protocol above TLS."""
