"""What differs between two versions of a treaty: what a state reads before it signs.

Treaty + Treaty -> sentences, one for each difference

Every field is compared, so that nothing changes unsaid. Two documents that say the same
in another spelling have other digests and no differences; then one line says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from typing import Any

from assent.authorisation.treaty.party import DatedKey, Reservation
from assent.authorisation.treaty.summary import quorum_in_words
from assent.authorisation.treaty.treaty import Treaty
from assent.translog.formats.policy import Policy
from assent.translog.formats.quorum import Quorum
from assent.vocabulary import format_instant

_TABLES = {  # field of a treaty: what one of its entries is called
    "parties": "party",
    "members": "member",
    "organs": "organ",
    "procedures": "matter",
    "inspectors": "inspector",
    "recognised": "recognition of",
}
_OWN = frozenset({"digest", "services", "log_policy", "calendar", "terms", *_TABLES})


def changes_between(before: Treaty, after: Treaty) -> tuple[str, ...]:
    """Return every difference in words, from one version to another."""
    found = tuple(_all(before, after))
    if not found and before.digest != after.digest:
        found = ("The documents are spelt differently and say the same.",)
    return (*_order(before, after), *found)


def _order(before: Treaty, after: Treaty) -> Iterator[str]:
    if before.agency != after.agency:
        yield "These are treaties of different agencies, not two versions of one."
    elif before.digest != after.digest and after.version <= before.version:
        yield (
            f"WRONG ORDER: version {after.version} can not replace version"
            f" {before.version}."
        )


def _all(before: Treaty, after: Treaty) -> Iterator[str]:
    yield from _fields("treaty", before, after, _OWN)
    for name, what in _TABLES.items():
        yield from _table(what, getattr(before, name), getattr(after, name))
    for service in sorted(before.services.keys() | after.services.keys()):
        yield from _keys(
            f"service {service}",
            before.services.get(service, ()),
            after.services.get(service, ()),
        )
    yield from _policy(before.log_policy, after.log_policy)
    yield from _fields("calendar", before.calendar, after.calendar, frozenset())
    yield from _fields("terms", before.terms, after.terms, frozenset())


def _table(
    what: str, before: Mapping[Any, Any], after: Mapping[Any, Any]
) -> Iterator[str]:
    for name in before:
        if name not in after:
            yield f"{what} {name} is removed."
    for name, now in after.items():
        if name not in before:
            yield f"{what} {name} is added: {_told(now)}."
        else:
            yield from _fields(f"{what} {name}", before[name], now, frozenset())


def _fields(
    what: str,
    before: Any,  # noqa: ANN401 - any of our records
    after: Any,  # noqa: ANN401 - another of the same kind
    skipped: frozenset[str],
) -> Iterator[str]:
    for entry in fields(before):
        was, now = getattr(before, entry.name), getattr(after, entry.name)
        if entry.name in skipped or was == now:
            continue
        label = entry.name.replace("_", " ")
        if entry.name == "keys":
            yield from _keys(what, was, now)
        elif isinstance(was, tuple | frozenset) and isinstance(now, tuple | frozenset):
            yield from _list(f"{what}: {label}", was, now)
        elif _told(was) != _told(now):
            yield f"{what}: {label} was {_told(was)}, becomes {_told(now)}."


def _list(
    what: str,
    before: tuple[Any, ...] | frozenset[Any],
    after: tuple[Any, ...] | frozenset[Any],
) -> Iterator[str]:
    gone = sorted(_told(item) for item in before if item not in after)
    new = sorted(_told(item) for item in after if item not in before)
    yield from (f"{what} lose {text}." for text in gone)
    yield from (f"{what} gain {text}." for text in new)
    if not gone and not new:
        yield f"{what} stand in another order."


def _keys(
    whose: str, before: tuple[DatedKey, ...], after: tuple[DatedKey, ...]
) -> Iterator[str]:
    was = {dated.key: dated for dated in before}
    now = {dated.key: dated for dated in after}
    for key, dated in now.items():
        if key not in was:
            yield f"{whose} gains the key {_told(dated)}."
        elif was[key] != dated:
            yield (
                f"{whose}: the key {key.text} was in force {_period(was[key])}, and is"
                f" {_period(dated)}."
            )
    yield from (
        f"{whose} loses the key {_told(dated)}; it speaks no more."
        for key, dated in was.items()
        if key not in now
    )


def _policy(before: Policy, after: Policy) -> Iterator[str]:
    if before.encoded == after.encoded:
        return
    for what in ("logs", "witnesses"):
        was, now = getattr(before, what), getattr(after, what)
        if was != now:
            yield from _list(f"policy: {what}", was, now)
    if before.quorum != after.quorum:
        yield (
            "policy: witnesses that are enough were"
            f" {quorum_in_words(before.quorum)}; become"
            f" {quorum_in_words(after.quorum)}."
        )


def _period(dated: DatedKey) -> str:
    since = format_instant(dated.since)
    return f"from {since}" + (
        "" if dated.until is None else f" until {format_instant(dated.until)}"
    )


def _told(value: Any) -> str:  # noqa: ANN401, C901, PLR0911 - a line for each kind
    match value:
        case None:
            return "nothing"
        case Quorum():
            return quorum_in_words(value)
        case DatedKey():
            return f"{value.key.text} {_period(value)}"
        case Reservation():
            until = "" if value.until is None else f" until {value.until}"
            return f"{value.matter} from {value.since}{until}: {value.text}"
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case datetime():
            return format_instant(value)
        case date() | str():
            return str(value)
        case int():
            return f"{value:,}"
        case tuple() | frozenset():
            return ", ".join(sorted(map(_told, value))) or "nothing"
    if text := getattr(value, "text", None):  # a verifier key
        return str(text)
    return ", ".join(
        f"{entry.name.replace('_', ' ')} {_told(getattr(value, entry.name))}"
        for entry in fields(value)
        if getattr(value, entry.name) not in (None, ())
    )
