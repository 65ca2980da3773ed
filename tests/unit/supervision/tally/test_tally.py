"""What gates are told of their owners, and what they make of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from assent.supervision.daybook import DayOwner, OwnerGroups
from assent.supervision.gate import Site
from assent.supervision.tally import (
    Slice,
    Tally,
    TallyEarly,
    TallyGroup,
    TallyMalformed,
    draw_up,
    parse_tally,
    sign_tally,
    verify_tally,
)
from assent.testing.permits import SimulatedAgency
from assent.testing.states import SeededSigner
from assent.testing.supervision.gates import LEASE_SERVICE, SimulatedSite
from assent.testing.trust import NOW

KEY = SeededSigner("labs").key.text
TODAY = NOW.date()
TREATY = SimulatedAgency().trusted.treaty


def owner(name: str, *group: str, keys: tuple[str, ...] = ()) -> DayOwner:
    return DayOwner(owner_id=name, name=name, keys=keys, group=group or (name,))


GROUPS = OwnerGroups(
    {
        "gate-1": [
            owner("labs", "labs", "sister", keys=(KEY,)),
            owner("sister", "labs", "sister"),
            owner("stranger"),
        ],
        "gate-2": [owner("kunde-7", keys=(KEY,)), owner("quiet")],
    },
    None,
    TODAY,
)
TALLY = Tally(
    agency=TREATY.agency,
    gate="gate-1",
    key=SeededSigner("gate-1").key.text,
    number=1,
    issued=NOW,
    stale_after=NOW + timedelta(days=1),
    groups=(TallyGroup(owners=("labs", "stranger"), flop=40),),
)


def test_a_gate_is_told_of_its_owners_alone_and_of_what_they_used_elsewhere() -> None:
    slices = [
        Slice("gate-1", "labs", 5),
        Slice("gate-1", "sister", 7),
        Slice("gate-1", "stranger", 100),
        Slice("gate-2", "kunde-7", 30),
    ]
    told = draw_up(slices, GROUPS, ["gate-1", "gate-2", "gate-3"])
    assert told == {
        "gate-1": (TallyGroup(owners=("labs", "sister"), flop=30),),
        "gate-2": (TallyGroup(owners=("kunde-7",), flop=12),),
        "gate-3": (),
    }


def site(**elsewhere: int) -> Site:
    """Return a site at which the tally joins two owners of different control."""
    return replace(SimulatedSite().gate.site, flop_elsewhere=elsewhere)


@pytest.mark.parametrize(
    ("by_hand", "counts"),
    [({}, 40), ({"labs": 30}, 40), ({"labs": 30, "stranger": 20}, 50)],
)
def test_of_what_people_wrote_and_the_agency_tells_the_larger_counts(
    by_hand: dict[str, int], counts: int
) -> None:
    here = site(**by_hand)
    sister = here.owners.owners["sister"]
    assert here.exempt_terms(sister, TODAY, TALLY).flop_elsewhere == counts
    assert here.exempt_terms(sister, TODAY).flop_elsewhere == by_hand.get("labs", 0)


def test_owners_whom_the_agency_joins_are_one_at_the_gate() -> None:
    sister = site().owners.owners["sister"]
    assert site().exempt_books(sister, TODAY) == ["exempt:labs", "exempt:sister"]
    joined = ["exempt:labs", "exempt:sister", "exempt:stranger"]
    assert site().exempt_books(sister, TODAY, TALLY) == joined
    # One that the register no longer has is charged all the same.
    left = replace(TALLY, groups=(TallyGroup(owners=("gone", "labs"), flop=1),))
    assert "exempt:gone" in site().exempt_books(sister, TODAY, left)


def test_a_tally_reads_back_as_it_was_signed_and_no_other_way() -> None:
    signer = SeededSigner(LEASE_SERVICE)
    data = sign_tally(TALLY, signer)
    assert parse_tally(data)[0] == TALLY
    head, groups, _ = data.split(b"\n")
    twice = replace(TALLY, groups=TALLY.groups * 2)
    backwards = replace(TALLY, stale_after=NOW)
    for wrong in (
        b"",
        data[:-1],
        data + b"\n",
        head + b"\n[]\n",
        groups + b"\n" + head + b"\n",
        sign_tally(twice, signer),
        sign_tally(backwards, signer),
    ):
        with pytest.raises(TallyMalformed):
            parse_tally(wrong)


def test_a_tally_of_the_future_is_refused() -> None:
    treaty, key = TREATY, SeededSigner("gate-1").key
    data = sign_tally(TALLY, SeededSigner(LEASE_SERVICE))
    assert verify_tally(data, treaty, key, None, NOW) == TALLY
    with pytest.raises(TallyEarly):
        verify_tally(data, treaty, key, None, NOW - timedelta(hours=1))
