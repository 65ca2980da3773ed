"""A real PostgreSQL for the contract tests, where its programs are installed."""

from collections.abc import Iterator

import pytest
from tests.postgresql_server import (
    PostgresqlServer,
    is_postgresql_here,
    postgresql_server,
)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresqlServer]:
    """Return a server of our own."""
    if not is_postgresql_here():
        pytest.skip("PostgreSQL's initdb is not on the PATH")
    with postgresql_server() as running:
        yield running


@pytest.fixture
def postgresql_url(server: PostgresqlServer) -> Iterator[str]:
    """Return the URL of an empty database."""
    with server.database() as url:
        yield url
