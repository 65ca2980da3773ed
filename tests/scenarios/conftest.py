"""An agency for each scenario: in memory, on SQLite, and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.agency_stores import Found, Stores, check_books
from tests.postgresql_server import postgresql_url, server

from assent.testing.office import SimulatedOffice
from assent.testing.states import SimulatedTreaty

__all__ = ["postgresql_url", "server"]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Return empty databases of each kind; PostgreSQL keeps cases and log in one."""
    places: dict[str, tuple[str | None, str | None]] = {
        "memory": (None, None),
        "sqlite": (str(tmp_path / "cases.db"), str(tmp_path / "log.db")),
    }
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        places["postgresql"] = (url, url)
    made = Stores(*places[request.param])
    with made.opened:
        yield made


@pytest.fixture
def found(stores: Stores) -> Iterator[Found]:
    """Return what founds an agency under a treaty; at the end its books are checked."""
    founded: list[SimulatedOffice] = []

    def found_agency(treaty: SimulatedTreaty) -> SimulatedOffice:
        founded.append(stores.found(treaty))
        return founded[-1]

    yield found_agency
    for agency in founded:
        check_books(agency)


@pytest.fixture
def agency(found: Found) -> SimulatedOffice:
    """Return an agency of five states, of which three decide."""
    return found(SimulatedTreaty())
