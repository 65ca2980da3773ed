"""Whatever is killed, and whenever: what was acknowledged stays, once, in its place.

Appenders, witnesses and the PostgreSQL server are killed at random instants. It is
short here; `make torture` makes it 200 kills on each database.
"""

import os
import time
from pathlib import Path

import pytest
from tests.postgresql_server import is_postgresql_here, postgresql_server
from tests.torture.campaign import ROOT, Campaign, Figures

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
KILLS = 200 if IS_LONG else 8
ALIVE_S_MAX = 0.8 if IS_LONG else 0.4
SEED = int(os.environ.get("TORTURE_SEED", time.time_ns() % 10**6 if IS_LONG else 1))


def _run(campaign: Campaign) -> None:
    name = campaign.figures.database
    print(f"\n{name}: TORTURE_SEED={SEED}")  # noqa: T201 - to run it again
    try:
        figures = campaign.run(KILLS)
    finally:
        campaign.close()
        print(campaign.figures)  # noqa: T201 - what was reached before it failed
    if IS_LONG:
        campaign.record(ROOT / "out" / "torture" / f"{name}.json")
    assert figures.appenders_killed == KILLS
    assert figures.entries_acknowledged > 20 * KILLS
    assert figures.heads_published > 0


@pytest.mark.fuzz
def test_a_log_in_sqlite_keeps_its_word(tmp_path: Path) -> None:
    figures = Figures("sqlite", SEED)
    _run(Campaign(tmp_path, str(tmp_path / "log.db"), figures, ALIVE_S_MAX))


@pytest.mark.fuzz
@pytest.mark.skipif(not is_postgresql_here(), reason="PostgreSQL is not on the PATH")
def test_a_log_in_postgresql_keeps_its_word(tmp_path: Path) -> None:
    with postgresql_server() as server, server.database() as url:

        def crash() -> None:
            server.stop_at_once()
            server.start()

        _run(Campaign(tmp_path, url, Figures("postgresql", SEED), ALIVE_S_MAX, crash))
