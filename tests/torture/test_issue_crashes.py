"""Whenever an agency is killed: no permit that is not public, none that is lost.

Its processes end themselves at each step of issuing, or are killed at random instants,
alone or beside another. It is short here; `make torture` makes it 200 kills on each
database.
"""

import json
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pytest
from tests.postgresql_server import is_postgresql_here, postgresql_server
from tests.torture.agency_on_disk import STEPS, AgencyPlace
from tests.torture.campaign import ROOT
from tests.torture.issuing import IssueCampaign, IssueFigures, place_in

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "torture"
AGENCIES = 9 if IS_LONG else 1
KILLS_OF_EACH = 24  # an agency that grows old is slow to check, and shows nothing more
ALIVE_S_MAX, HITS_MAX = (0.5, 20) if IS_LONG else (0.2, 4)
SEED = int(os.environ.get("TORTURE_SEED", time.time_ns() % 10**6 if IS_LONG else 1))


def _run(
    campaign: IssueCampaign, new_place: Callable[[int], AgencyPlace], kills: int
) -> None:
    figures = campaign.figures
    print(f"\n{figures.database}: TORTURE_SEED={SEED}")  # noqa: T201 - to run it again
    try:
        for number in range(AGENCIES):
            campaign.run(new_place(number), kills)
    finally:
        print(figures)  # noqa: T201 - what was reached before it failed
    assert figures.killed >= AGENCIES * kills
    if IS_LONG:
        path = ROOT / "out" / "torture" / f"issue-{figures.database}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(figures), indent=2) + "\n")
        assert figures.killed_at.keys() == set(STEPS)
        assert figures.permits_handed_out > figures.killed


@pytest.mark.fuzz
def test_an_agency_in_sqlite_keeps_its_word(tmp_path: Path) -> None:
    campaign = IssueCampaign(IssueFigures("sqlite", SEED), ALIVE_S_MAX, HITS_MAX)
    _run(
        campaign, lambda n: place_in(tmp_path / str(n)), KILLS_OF_EACH if IS_LONG else 8
    )


@pytest.mark.fuzz
@pytest.mark.skipif(not is_postgresql_here(), reason="PostgreSQL is not on the PATH")
def test_an_agency_in_postgresql_keeps_its_word(tmp_path: Path) -> None:
    with postgresql_server() as server, ExitStack() as stack:

        def crash() -> None:
            server.stop_at_once()
            server.start()

        def new_place(number: int) -> AgencyPlace:
            url = stack.enter_context(server.database())
            return place_in(tmp_path / str(number), url)

        campaign = IssueCampaign(
            IssueFigures("postgresql", SEED), ALIVE_S_MAX, HITS_MAX, crash
        )
        _run(campaign, new_place, KILLS_OF_EACH if IS_LONG else 3)
