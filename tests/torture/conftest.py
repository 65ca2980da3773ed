"""A real PostgreSQL for what damages a database, where its programs are installed."""

from tests.postgresql_server import postgresql_url, server

__all__ = ["postgresql_url", "server"]
