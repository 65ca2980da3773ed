"""A real PostgreSQL for the contract tests, where its programs are installed."""

from tests.postgresql_server import postgresql_url, server

__all__ = ["postgresql_url", "server"]
