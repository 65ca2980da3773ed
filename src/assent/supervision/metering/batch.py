"""Batches: up to 256 readings of one chain under one signature.

readings + signer -> Envelope;  payload -> readings with their digests

    {"format":"assent-meter-readings/1","readings":[{…},{…}]}

One signature takes longer to verify than a reading, so a batch shares it. Nothing here
says that a batch is to be believed: see `verify`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NoReturn

from assent.authorisation.terms import parse_loss
from assent.supervision.metering.errors import ReadingsMalformed, WrongReadings
from assent.supervision.metering.reading import (
    FORMAT,
    Carried,
    ChainId,
    Hardware,
    Reading,
)
from assent.vocabulary import (
    AssentError,
    QuantityInvalid,
    canonical_bytes,
    digest,
    parse_canonical,
    parse_instant,
)
from assent.vocabulary.canonical import INTEGER_SAFE_MAX
from assent.vocabulary.envelope import Envelope, PublicKey, Signer, parse_public_key
from assent.vocabulary.texts import LINE, NAME_LENGTH_MAX

BATCH_FORMAT = "assent-meter-readings/1"
READINGS_TYPE = "application/vnd.assent.meter-readings+json"
READINGS_MAX = 256  # a reading a second for four minutes; some 200,000 bytes
BATCH_BYTES_MAX = 700_000  # in base64 it is still below what an envelope may have
CHIP_KINDS_MAX = 16  # kinds of chips in one job; one is usual
CHIPS_MAX = 10**9  # as `compute.hardware`: more than the world has
WALL_MS_MAX = 366 * 86_400_000  # a year without a reading is no metering

_NAME = re.compile(f"{LINE}{{1,{NAME_LENGTH_MAX}}}")
_PERMIT_ID = re.compile(r"permit-[0-9]{4}-[0-9]{4,9}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_COUNT = re.compile(r"0|[1-9][0-9]{0,36}")  # as COUNT_MAX
_FIELDS = frozenset(
    {
        *("format", "run_id", "permit_id", "job_id", "meter", "sequence", "previous"),
        *("step_first", "step_last", "flop", "flop_charged", "flop_total"),
        *("training_tokens", "padding_tokens", "time_from", "time_to", "hardware"),
        "carried",
    }
)


def sign_readings(readings: Sequence[Reading], signer: Signer) -> Envelope:
    """Return a batch that the meter has signed.

    Raises:
        ReadingsMalformed: if there are none, or too many.

    """
    if not 1 <= len(readings) <= READINGS_MAX:
        _malformed(f"{len(readings)} readings are no batch of 1 to {READINGS_MAX}")
    payload = canonical_bytes(
        {"format": BATCH_FORMAT, "readings": [reading.plain for reading in readings]}
    )
    return Envelope(payload, READINGS_TYPE).signed_by(signer)


def parse_readings(payload: bytes) -> tuple[tuple[Reading, str], ...]:
    """Return the readings that these bytes are, each with its digest.

    Raises:
        ReadingsMalformed: if they are no batch.

    """
    if len(payload) > BATCH_BYTES_MAX:
        _malformed(f"it is longer than {BATCH_BYTES_MAX:,} bytes")
    try:
        batch = parse_canonical(payload)
    except AssentError as error:
        _malformed(error.message.removesuffix("."))
    if not isinstance(batch, dict) or batch.keys() != {"format", "readings"}:
        _malformed("it has other fields than format, readings")
    rows = batch["readings"]
    if batch["format"] != BATCH_FORMAT:
        _malformed(f"its format is not {BATCH_FORMAT}")
    if not isinstance(rows, list) or not 1 <= len(rows) <= READINGS_MAX:
        _malformed(f"it holds no 1 to {READINGS_MAX} readings")
    return tuple((_reading(row), digest(row)) for row in rows)


def chain_of(envelope: Envelope) -> ChainId:
    """Return whose readings an envelope says it holds; nothing is verified yet.

    Whoever takes in readings of many meters looks the chain's head up with it.

    Raises:
        WrongReadings, ReadingsMalformed: if it is no batch.

    """
    verify_type(envelope)
    return parse_readings(envelope.payload)[0][0].chain


def verify_type(envelope: Envelope) -> None:
    """Refuse an envelope of another type.

    Raises:
        WrongReadings: if it is one.

    """
    if envelope.payload_type != READINGS_TYPE:
        raise WrongReadings(
            f"This is of type {envelope.payload_type:.120}, and no readings.",
            remedy="Send the batch as the meter wrote it.",
        )


def _reading(row: Any) -> Reading:  # noqa: ANN401 - any plain value
    if (
        not isinstance(row, dict)
        or row.keys() - {"loss"} != _FIELDS
        or row["format"] != FORMAT
    ):
        _malformed(f"a reading is not of {FORMAT}")
    try:
        chain = _chain(row["run_id"], row["permit_id"], row["job_id"], row["meter"])
        time_from = parse_instant(row["time_from"])
        time_to = parse_instant(row["time_to"])
        loss = parse_loss(row["loss"]) if "loss" in row else None
    except TypeError:  # lists and mappings have no hash
        _malformed("a reading's run, permit, job or meter is no text")
    except QuantityInvalid as error:
        _malformed(error.message.removesuffix("."))
    return Reading(
        chain=chain,
        sequence=_int(row["sequence"], 1, INTEGER_SAFE_MAX, "sequence"),
        previous=_text(row["previous"], _DIGEST, "previous"),
        step_first=_int(row["step_first"], 1, INTEGER_SAFE_MAX, "step_first"),
        step_last=_int(row["step_last"], 0, INTEGER_SAFE_MAX, "step_last"),
        flop=int(_text(row["flop"], _COUNT, "flop")),
        flop_charged=int(_text(row["flop_charged"], _COUNT, "flop_charged")),
        flop_total=int(_text(row["flop_total"], _COUNT, "flop_total")),
        training_tokens=_int(
            row["training_tokens"], 0, INTEGER_SAFE_MAX, "training_tokens"
        ),
        padding_tokens=_int(
            row["padding_tokens"], 0, INTEGER_SAFE_MAX, "padding_tokens"
        ),
        time_from=time_from,
        time_to=time_to,
        hardware=_hardware(row["hardware"]),
        carried=None if row["carried"] is None else _carried(row["carried"]),
        loss=loss,
    )


@lru_cache(maxsize=4096)  # all of a batch are of one chain
def _chain(run_id: str, permit_id: str, job_id: str, meter: str) -> ChainId:
    return ChainId(
        run_id=_text(run_id, _NAME, "run_id"),
        permit_id=_text(permit_id, _PERMIT_ID, "permit_id"),
        job_id=_text(job_id, _NAME, "job_id"),
        meter=_meter(meter),
    )


def _meter(text: str) -> PublicKey:
    try:
        return parse_public_key(text)
    except AssentError as error:
        _malformed(error.message.removesuffix("."))


def _hardware(value: Any) -> Hardware:  # noqa: ANN401 - any plain value
    if not isinstance(value, dict) or value.keys() != {"chips", "wall_ms"}:
        _malformed("hardware has other fields than chips, wall_ms")
    chips = value["chips"]
    if not isinstance(chips, dict) or len(chips) > CHIP_KINDS_MAX:
        _malformed(f"chips are not of at most {CHIP_KINDS_MAX} kinds")
    for kind, count in chips.items():
        _text(kind, _NAME, "kind of chips")
        _int(count, 1, CHIPS_MAX, "number of chips")
    return Hardware(
        chips=chips, wall_ms=_int(value["wall_ms"], 0, WALL_MS_MAX, "wall_ms")
    )


def _carried(value: Any) -> Carried:  # noqa: ANN401 - any plain value
    if not isinstance(value, dict) or value.keys() != {"digest", "flop_total"}:
        _malformed("carried has other fields than digest, flop_total")
    return Carried(
        digest=_text(value["digest"], _DIGEST, "carried digest"),
        flop_total=int(_text(value["flop_total"], _COUNT, "carried flop_total")),
    )


def _text(value: object, pattern: re.Pattern[str], where: str) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        _malformed(f"{value!r:.80} cannot be its {where}")
    return value


def _int(value: object, least: int, most: int, where: str) -> int:
    if type(value) is not int or not least <= value <= most:
        _malformed(f"its {where} is no whole number from {least} to {most:,}")
    return value


def _malformed(why: str) -> NoReturn:
    raise ReadingsMalformed(
        f"This is no batch of readings: {why}.",
        remedy="Send the batch as the meter wrote it.",
    )
