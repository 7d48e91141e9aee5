"""Django's PostgreSQL backend with time limits on every wait (docs/adr/0020)."""
