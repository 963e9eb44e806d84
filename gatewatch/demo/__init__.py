"""The demo: an SES estate on loopback addresses that walks through its migration."""
