"""A batch of readings is believed only where it follows on its chain."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.adapters.packaged import packaged_accelerators
from assent.supervision.metering import (
    START,
    Carried,
    ChainHead,
    ChainId,
    Hardware,
    HardwareUnknown,
    Reading,
    ReadingBackInTime,
    ReadingChainBroken,
    ReadingForked,
    ReadingFromTheFuture,
    ReadingImpossible,
    ReadingOfAnotherMeter,
    ReadingOfAnotherRun,
    ReadingReplayed,
    ReadingsMissing,
    ReadingsRefused,
    ReadingStepsWrong,
    ReadingsUnsigned,
    ReadingTotalsWrong,
    VerifiedReadings,
    WrongReadings,
    sign_readings,
    verify_readings,
)
from assent.supervision.metering.add_up import CLOCK_SKEW_S
from assent.supervision.metering.follow import DigestAt
from assent.testing.states import SeededSigner
from assent.testing.supervision.metering import (
    BEGAN,
    CHAIN,
    FLOP,
    METER,
    head_of,
    make_readings,
    next_reading,
)
from assent.vocabulary import AssentError, SignatureInvalid
from assent.vocabulary.envelope import Envelope, EnvelopeSignature

ACCELERATORS = packaged_accelerators()
DAY = timedelta(days=1)
TEN = make_readings(10)


def verify(
    readings: Sequence[Reading] | Envelope,
    after: ChainHead | None = None,
    chain: ChainId = CHAIN,
    now: datetime = BEGAN + DAY,
    digest_at: DigestAt | None = None,
) -> VerifiedReadings:
    envelope = (
        readings
        if isinstance(readings, Envelope)
        else sign_readings(readings, SeededSigner("meter"))
    )
    return verify_readings(
        envelope, chain, after, ACCELERATORS, now, digest_at=digest_at
    )


def refused(  # noqa: PLR0913, PLR0917 - all that `verify` takes
    readings: Sequence[Reading] | Envelope,
    error: type[AssentError],
    after: ChainHead | None = None,
    now: datetime = BEGAN + DAY,
    digest_at: DigestAt | None = None,
    chain: ChainId = CHAIN,
) -> None:
    with pytest.raises(error) as raised:
        verify(readings, after, chain, now=now, digest_at=digest_at)
    assert type(raised.value) is error
    assert raised.value.remedy


def test_a_chain_in_two_batches_is_believed() -> None:
    first = verify(TEN[:4])
    second = verify(TEN[4:], first.head)
    assert first.head == head_of(TEN[:4])
    assert second.head == head_of(TEN)
    assert first.flop + second.flop == 10 * FLOP == TEN[-1].flop_total
    assert second.rolled_back == second.resumed == ()


def test_refuses_another_type() -> None:
    envelope = sign_readings(TEN, METER)
    other = Envelope(envelope.payload, "application/vnd.assent.permit+json")
    refused(other.signed_by(METER), WrongReadings)


def test_refuses_what_the_meter_did_not_sign() -> None:
    refused(sign_readings(TEN, SeededSigner("another")), ReadingsUnsigned)
    unsigned = Envelope(
        sign_readings(TEN, METER).payload, sign_readings(TEN, METER).payload_type
    )
    refused(unsigned, ReadingsUnsigned)


def test_refuses_a_signature_that_does_not_match() -> None:
    envelope = sign_readings(TEN, METER)
    wrong = EnvelopeSignature(METER.key.key_id, METER.sign(b"something else"))
    refused(envelope.with_signatures([wrong]), SignatureInvalid)


@pytest.mark.parametrize("field", ["run_id", "permit_id", "job_id"])
def test_refuses_readings_of_another_run_permit_or_job(field: str) -> None:
    other = replace(CHAIN, **{field: "permit-2026-0002"})  # type: ignore[arg-type] # texts
    refused(TEN, ReadingOfAnotherRun, chain=other)
    mixed = next_reading(TEN[0], chain=other)
    refused([TEN[0], mixed], ReadingOfAnotherRun)


def test_refuses_a_reading_of_another_meter() -> None:
    other = replace(CHAIN, meter=SeededSigner("another").key)
    refused([TEN[0], next_reading(TEN[0], chain=other)], ReadingOfAnotherMeter)


def test_refuses_the_same_batch_again() -> None:
    refused(TEN[:4], ReadingReplayed, head_of(TEN[:4]))
    refused(TEN[:4], ReadingReplayed, head_of(TEN))
    refused(TEN[3:], ReadingReplayed, head_of(TEN[:4]))


def test_refuses_a_gap() -> None:
    refused(TEN[5:], ReadingsMissing, head_of(TEN[:4]))
    refused(TEN[1:], ReadingsMissing)
    refused([TEN[0], TEN[2]], ReadingsMissing)


def test_tells_a_fork_from_a_replay() -> None:
    other = next_reading(TEN[2], flop=FLOP - 1, flop_total=TEN[3].flop_total - 1)
    refused([other], ReadingForked, head_of(TEN[:4]))  # of the head's number
    refused([next_reading(other)], ReadingForked, head_of(TEN[:4]))  # after another
    held = {reading.sequence: reading.digest for reading in TEN}
    refused([other], ReadingForked, head_of(TEN), digest_at=held.get)
    refused([TEN[3]], ReadingReplayed, head_of(TEN), digest_at=held.get)


def test_refuses_a_broken_chain() -> None:
    refused([TEN[0], replace(TEN[1], previous=START)], ReadingChainBroken)
    refused([replace(TEN[0], previous=TEN[5].digest)], ReadingChainBroken)


@pytest.mark.parametrize("more", [1, -1])
def test_refuses_totals_one_flop_off(more: int) -> None:
    wrong = replace(TEN[1], flop_total=TEN[1].flop_total + more)
    refused([TEN[0], wrong], ReadingTotalsWrong)
    refused([wrong], ReadingTotalsWrong, head_of(TEN[:1]))


def test_refuses_more_charged_than_spent() -> None:
    refused([next_reading(flop_charged=FLOP + 1)], ReadingTotalsWrong)
    assert verify([next_reading(flop_charged=FLOP)]).flop_charged == FLOP


@pytest.mark.parametrize(
    ("first", "last"), [(12, 21), (10, 20), (11, 9)], ids=["gap", "again", "backwards"]
)
def test_refuses_steps_that_do_not_follow(first: int, last: int) -> None:
    wrong = next_reading(TEN[0], step_first=first, step_last=last)
    refused([TEN[0], wrong], ReadingStepsWrong)


def test_a_stretch_in_which_no_step_began_is_believed() -> None:
    assert verify([TEN[0], next_reading(TEN[0], step_first=11, step_last=10)])


def test_refuses_time_that_goes_back() -> None:
    second = timedelta(seconds=1)
    early = next_reading(TEN[0], time_from=TEN[0].time_to - second)
    refused([TEN[0], early], ReadingBackInTime)
    refused([early], ReadingBackInTime, head_of(TEN[:1]))
    refused([next_reading(time_to=BEGAN - second)], ReadingBackInTime)


def test_refuses_more_work_than_there_was_time() -> None:
    long = Hardware(chips={"H100 SXM": 8}, wall_ms=11_001)
    refused([next_reading(hardware=long)], ReadingBackInTime)
    # Each of ten readings claims the same second.
    short = Hardware(chips={"H100 SXM": 8}, wall_ms=1_000)
    readings = [next_reading(time_to=BEGAN, hardware=short)]
    while len(readings) < 10:
        readings.append(
            next_reading(readings[-1], time_from=BEGAN, time_to=BEGAN, hardware=short)
        )
    assert verify(readings[:1])
    refused(readings, ReadingBackInTime)


def test_refuses_the_future_beyond_the_skew() -> None:
    skew = timedelta(seconds=CLOCK_SKEW_S)
    assert verify(TEN, now=TEN[-1].time_to - skew)
    refused(
        TEN, ReadingFromTheFuture, now=TEN[-1].time_to - skew - timedelta(seconds=1)
    )


def test_refuses_one_flop_more_than_the_chips_can_do() -> None:
    peak = ACCELERATORS.find("H100 SXM").peak_training().flop_per_s
    most = 8 * peak * 10
    assert verify([next_reading(flop=most, flop_total=most)])
    refused([next_reading(flop=most + 1, flop_total=most + 1)], ReadingImpossible)
    charged = next_reading(flop=most + 1, flop_total=most + 1, flop_charged=1)
    assert verify([charged])  # nobody performed that one for certain


def test_refuses_chips_nobody_knows() -> None:
    unknown = Hardware(chips={"Abacus 9000": 8}, wall_ms=10_000)
    refused([next_reading(hardware=unknown)], HardwareUnknown)


def test_a_resumed_run_never_spends_less() -> None:
    """The checkpoint was at reading 3; the chain was at 5: 4 and 5 stay spent."""
    carried = Carried(digest=TEN[2].digest, flop_total=TEN[2].flop_total)
    again = next_reading(TEN[4], carried=carried, step_first=31, step_last=40)
    verified = verify([*TEN[:5], again])
    assert verified.rolled_back == verified.resumed == (again,)
    assert verified.flop == 6 * FLOP == verified.head.flop_total
    smaller = replace(again, flop_total=carried.flop_total + FLOP)
    refused([*TEN[:5], smaller], ReadingTotalsWrong)


def test_a_new_chain_carries_what_the_checkpoint_held() -> None:
    carried = Carried(digest=TEN[2].digest, flop_total=TEN[2].flop_total)
    other = replace(CHAIN, job_id="job-8")
    first = next_reading(
        chain=other,
        carried=carried,
        step_first=31,
        step_last=40,
        flop_total=TEN[2].flop_total + FLOP,
    )
    verified = verify([first], chain=other)
    assert verified.flop == FLOP  # what it adds, not what it carries
    assert verified.resumed == (first,)
    assert verified.rolled_back == ()


def test_resuming_where_the_chain_ends_is_no_rollback() -> None:
    carried = Carried(digest=TEN[-1].digest, flop_total=TEN[-1].flop_total)
    verified = verify([*TEN, next_reading(TEN[-1], carried=carried)])
    assert len(verified.resumed) == 1
    assert verified.rolled_back == ()


@given(st.permutations(range(10)), st.integers(1, 10))
def test_only_the_true_order_of_all_is_believed(order: list[int], count: int) -> None:
    chosen = order[:count]
    readings = [TEN[place] for place in chosen]
    if chosen == list(range(count)):
        assert verify(readings).flop == count * FLOP
    else:
        with pytest.raises(ReadingsRefused):
            verify(readings)


@given(
    st.integers(0, 9),
    st.sampled_from(
        ["flop", "flop_total", "step_first", "step_last", "sequence", "training_tokens"]
    ),
    st.integers(1, 10**9),
    st.integers(0, 8),
)
def test_a_change_is_found_by_whoever_holds_what_follows(
    place: int, name: str, more: int, cut: int
) -> None:
    """The meter itself changes a reading after the next one named its digest."""
    value = getattr(TEN[place], name)
    changed = [
        *TEN[:place],
        replace(TEN[place], **{name: value + more}),
        *TEN[place + 1 :],
    ]
    if place == 9:
        changed.append(next_reading(TEN[9]))
    after = None if cut == 0 or cut > place else head_of(changed[:cut])
    with pytest.raises(ReadingsRefused):
        verify(changed[0 if after is None else cut :], after)


@given(st.binary(min_size=1, max_size=8), st.floats(0, 0.999))
def test_bytes_that_were_changed_are_refused(noise: bytes, place: float) -> None:
    envelope = sign_readings(TEN, METER)
    start = int(len(envelope.payload) * place)
    payload = envelope.payload[:start] + noise + envelope.payload[start + len(noise) :]
    changed = Envelope(payload, envelope.payload_type, envelope.signatures)
    if payload != envelope.payload:
        with pytest.raises(AssentError):
            verify(changed)
