"""Whoever controls two accounts has one total."""

from datetime import date
from fractions import Fraction

import pytest

from assent.supervision.admission import (
    AccountUnknown,
    Holding,
    Owner,
    OwnerRegister,
    OwnersInvalid,
)

DAY = date(2026, 6, 1)
HALF = Fraction(1, 2)


def owner(name: str, *held: tuple[str, Fraction], account: str = "") -> Owner:
    return Owner(
        owner_id=name,
        name=name.title(),
        accounts=frozenset({account} if account else ()),
        holdings=tuple(
            Holding(holder=holder, share=share, since=date(2026, 1, 1))
            for holder, share in held
        ),
    )


def register(*owners: Owner, control: Fraction = HALF) -> OwnerRegister:
    return OwnerRegister(
        owners={one.owner_id: one for one in owners},
        control_share=control,
        citation="the site's contract",
    )


FAMILY = register(
    owner("parent"),
    owner("middle", ("parent", Fraction(3, 4))),
    owner("leaf", ("middle", HALF), account="leaf-train"),
    owner("sister", ("parent", HALF)),
    owner("investee", ("parent", Fraction(49, 100))),
)


def test_control_reaches_through_others() -> None:
    family = frozenset({"parent", "middle", "leaf", "sister"})
    for name in family:
        assert FAMILY.group_of(name, DAY) == family
    assert FAMILY.group_of("investee", DAY) == {"investee"}


def test_a_holding_counts_on_its_days() -> None:
    sold = Holding(
        holder="a", share=Fraction(1), since=date(2026, 1, 1), until=date(2026, 6, 1)
    )
    bought = Owner(owner_id="b", name="B", holdings=(sold,))
    both = register(owner("a"), bought)
    assert both.group_of("b", date(2026, 5, 31)) == {"a", "b"}
    assert both.group_of("b", date(2026, 6, 1)) == {"b"}
    assert both.group_of("b", date(2025, 12, 31)) == {"b"}


def test_two_who_share_control_are_one_group() -> None:
    joint = register(owner("a"), owner("b"), owner("c", ("a", HALF), ("b", HALF)))
    assert joint.group_of("a", DAY) == {"a", "b", "c"}


def test_owners_in_a_ring_are_one_group() -> None:
    ring = register(owner("a", ("b", Fraction(1))), owner("b", ("a", Fraction(1))))
    assert ring.group_of("a", DAY) == {"a", "b"}


def test_an_account_is_somebodys() -> None:
    assert FAMILY.owner_of("leaf-train").owner_id == "leaf"
    with pytest.raises(AccountUnknown, match="Nobody registered"):
        FAMILY.owner_of("stranger")
    with pytest.raises(AccountUnknown):
        FAMILY.group_of("stranger", DAY)


def test_registers_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(OwnersInvalid, match="is both a's and b's"):
        register(owner("a", account="x"), owner("b", account="x"))
    with pytest.raises(OwnersInvalid, match="nobody"):
        register(owner("a", ("nobody", HALF)))
    with pytest.raises(OwnersInvalid, match="nobody can hold so much"):
        register(owner("a"), owner("b", ("a", Fraction(3, 2))))
    for control in (Fraction(0), Fraction(2)):
        with pytest.raises(OwnersInvalid, match="control begins"):
            register(control=control)
