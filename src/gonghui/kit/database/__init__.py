"""Django's PostgreSQL backend, whose waits end (docs/adr/0020)."""
