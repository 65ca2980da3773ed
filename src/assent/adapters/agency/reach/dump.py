"""Gates and acknowledgements as lines, for a backup and for another database.

ReachStore <-> lines of JSON

    {"gate":{"name":"gate-1","key":"…","url":null,"relay":null}}
    {"relay":{"name":"relay-1","key":"…"}}
    {"ack":{"order":7,"arrived":"2026-06-01T12:00:01.5+00:00","content":"…"}}
    {"roll":{"order":7,"relay":"relay-1","arrived":"…","content":"…"}}
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from assent.supervision.pause import GateRecord, ReachStore, parse_ack
from assent.translog.errors import LogDamaged
from assent.vocabulary import InputError, SignatureInvalid
from assent.vocabulary.envelope import parse_envelope, parse_public_key

LINE_BYTES_MAX = 128_000_000  # a roll of very many gates


def export_reach(store: ReachStore) -> Iterator[bytes]:
    """Yield all that is kept, each as a line.

    Raises:
        StoreUnavailable, LogDamaged: if it cannot be read.

    """
    for gate in store.gates():
        record = {"name": gate.name, "key": gate.key.text, "url": gate.url}
        yield _line(gate=record | {"relay": gate.relay})
    for name, key in store.relays().items():
        yield _line(relay={"name": name, "key": key.text})
    for number in store.acknowledged():
        for envelope, arrived in store.acks(number):
            content, came = envelope.encoded.decode(), arrived.isoformat()
            yield _line(ack={"order": number, "arrived": came, "content": content})
        for relay, data, arrived in store.rolls(number):
            content, came = base64.b64encode(data).decode(), arrived.isoformat()
            roll = {"order": number, "relay": relay, "arrived": came}
            yield _line(roll=roll | {"content": content})


def import_reach(store: ReachStore, lines: Iterable[bytes]) -> int:
    """Keep what lines say, besides what is kept already; return how many they were.

    Raises:
        LogDamaged: if one is none of these.
        StoreUnavailable: if it cannot be kept.

    """
    count = 0
    for line in lines:
        count += 1
        try:
            ((kind, found),) = json.loads(line).items()
            keep = _READ[kind](found)
        except (
            *(InputError, SignatureInvalid),
            *(ValueError, KeyError, TypeError, AttributeError),
        ) as error:
            raise LogDamaged(
                f"Line {count} of the copy of acknowledgements is damaged"
                f" ({type(error).__name__}).",
                remedy="Use another copy; or take the file out of it, and register the"
                " gates again.",
            ) from None
        keep(store)
    return count


def _line(**record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _gate(found: dict[str, Any]) -> Callable[[ReachStore], None]:
    key = parse_public_key(found["key"])
    record = GateRecord(found["name"], key, found["url"], found["relay"])
    return lambda store: store.put_gates(record)


def _relay(found: dict[str, Any]) -> Callable[[ReachStore], None]:
    name, key = found["name"], parse_public_key(found["key"])
    return lambda store: store.put_relay(name, key)


def _ack(found: dict[str, Any]) -> Callable[[ReachStore], None]:
    envelope = parse_envelope(found["content"].encode())
    gate, arrived = parse_ack(envelope.payload).gate, _instant(found)
    number = int(found["order"])
    return lambda store: store.add_acks([(number, gate, envelope, arrived)])


def _roll(found: dict[str, Any]) -> Callable[[ReachStore], None]:
    data, arrived = base64.b64decode(found["content"], validate=True), _instant(found)
    number, relay = int(found["order"]), found["relay"]
    return lambda store: store.add_roll(number, relay, data, arrived)


def _instant(found: dict[str, Any]) -> datetime:
    arrived = datetime.fromisoformat(found["arrived"])
    if arrived.tzinfo is None:
        raise ValueError
    return arrived


_READ = {"gate": _gate, "relay": _relay, "ack": _ack, "roll": _roll}
