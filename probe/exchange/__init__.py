"""What several checks share: TLS and certificates, HTTP, and reading an answer, right or wrong."""
