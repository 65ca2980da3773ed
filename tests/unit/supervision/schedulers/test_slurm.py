"""What Slurm says of a job is counted in full, or refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.supervision.schedulers import (
    ChipsUnnamed,
    ClaimMalformed,
    SchedulerMalformed,
    SchedulerUnknown,
    SlurmTerms,
    slurm_job,
    slurm_prefix,
)
from assent.supervision.schedulers.slurm_words import (
    count_hosts,
    gres_allocated,
    gres_asked,
    seconds_of_limit,
)
from assent.vocabulary import AssentError

TERMS = SlurmTerms(gres={"gpu:h100": "H100 SXM", "nic": None})
NODES = "     Nodes={} CPU_IDs=0-7 Mem=0 GRES={}"
DETAIL = "JobId=7 JobName=x\n" + NODES.format("n[1-4]", "gpu:h100:8(IDX:0-7)") + " \n"
STARTING = {
    "cluster": "toy",
    "job_id": "7",
    "submitted_s": "1795370435",
    "restarts": "0",
    "account": "labs",
    "comment": "assent permit=permit-2026-0001 flop_max=1e20",
    "time_limit": "2-00:00:00",
    "detail": DETAIL,
}
SUBMITTED = {
    "account": "labs",
    "comment": "",
    "time_limit_min": "600",
    "nodes": "4",
    "tasks": "4294967294",
    "per_job": "",
    "per_node": "gres:gpu:h100:8",
    "per_socket": "",
    "per_task": "",
}


def starting(**changes: str) -> dict[str, str]:
    return {**STARTING, **changes}


def test_a_job_with_nodes_has_what_all_of_them_have() -> None:
    job = slurm_job(STARTING, "site", TERMS)
    assert (job.job_id, job.chips) == ("toy/7/1795370435/0", {"H100 SXM": 32})
    assert (job.permit_id, job.flop_max) == ("permit-2026-0001", 10**20)
    assert job.time_limit_s == 2 * 86_400


def test_a_submission_is_at_least_what_it_asks_for() -> None:
    job = slurm_job(SUBMITTED, "site", TERMS)
    assert (job.chips, job.time_limit_s) == ({"H100 SXM": 32}, 36_000)
    unset = {**SUBMITTED, "nodes": "4294967294", "time_limit_min": "4294967295"}
    assert slurm_job(unset, "site", TERMS).chips == {"H100 SXM": 8}


def test_every_attempt_has_a_name_of_its_own() -> None:
    names = {
        slurm_job(starting(**change), "site", TERMS).job_id
        for change in (
            {},
            {"restarts": "1"},
            {"submitted_s": "1795370436"},
            {"job_id": "71"},
            {"cluster": "toy2"},
        )
    }
    assert len(names) == 5
    assert sum(name.startswith(slurm_prefix("toy", "7")) for name in names) == 3


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"time_limit": "UNLIMITED"}, SchedulerMalformed),
        ({"time_limit": "Partition_Limit"}, SchedulerMalformed),
        ({"account": ""}, SchedulerMalformed),
        ({"cluster": "toy/7"}, SchedulerMalformed),
        ({"cluster": ""}, SchedulerMalformed),
        ({"job_id": "7_1"}, SchedulerMalformed),
        ({"job_id": ""}, SchedulerMalformed),
        ({"submitted_s": "2026-11-22T18:00:35"}, SchedulerMalformed),
        ({"restarts": "٣"}, SchedulerMalformed),
        ({"detail": "JobId=7 JobName=x\n"}, SchedulerMalformed),
        ({"detail": NODES.format("n1", "gpu:4")}, ChipsUnnamed),
        ({"detail": NODES.format("n1", "tpu:v5:4")}, ChipsUnnamed),
        ({"comment": "assent permit"}, ClaimMalformed),
        ({"more": "x"}, SchedulerMalformed),
    ],
)
def test_refuses_what_it_cannot_count(
    change: dict[str, str], error: type[AssentError]
) -> None:
    with pytest.raises(error) as refused:
        slurm_job(starting(**change), "site", TERMS)
    assert refused.value.remedy


@pytest.mark.parametrize(
    "facts", [None, [], "x", {}, {"account": 1}, {**SUBMITTED, "nodes": 4}]
)
def test_refuses_facts_of_another_shape(facts: Any) -> None:  # noqa: ANN401 - anything
    with pytest.raises(SchedulerMalformed):
        slurm_job(facts, "site", TERMS)


def test_a_gate_without_settings_for_slurm_refuses() -> None:
    with pytest.raises(SchedulerUnknown):
        slurm_job(STARTING, "site", None)


def test_a_forged_line_only_adds() -> None:
    forged = f"JobName=x\n{NODES.format('n1', 'gpu:h100:0')}\n{DETAIL}"
    assert slurm_job(starting(detail=forged), "site", TERMS).chips == {"H100 SXM": 32}
    garbled = f"JobName=x\n  Nodes=n1 GRES=\n{DETAIL}"
    with pytest.raises(SchedulerMalformed):
        slurm_job(starting(detail=garbled), "site", TERMS)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("n1", 1),
        ("n[1-4]", 4),
        ("n[01-08,10],m3", 10),
        ("r[1-2]n[1-3]", 6),
        ("a,b,c", 3),
        ("n[999-1001]", 3),
    ],
)
def test_counts_hosts(text: str, count: int) -> None:
    assert count_hosts(text) == count


@pytest.mark.parametrize(
    "text", ["", "n[", "n]", "n[4-1]", "n[1-]", "n[]", "a,,b", "n[0-9999999]", "n[[1]]"]
)
def test_refuses_lists_that_name_no_hosts(text: str) -> None:
    with pytest.raises(SchedulerMalformed):
        count_hosts(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1:00", 60), ("10:00", 600), ("1:00:00", 3_600), ("2-00:00:30", 172_830)],
)
def test_reads_time_limits(text: str, seconds: int) -> None:
    assert seconds_of_limit(text) == seconds


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("gres:gpu:h100:4", [("gpu:h100", 4)]),
        ("gres/gpu:h100=4", [("gpu:h100", 4)]),
        ("gres:gpu:4", [("gpu", 4)]),
        ("gres:gpu", [("gpu", 1)]),
        ("gres:gpu:h100", [("gpu:h100", 1)]),
        ("cpu:4,gres:gpu:a:1,gres:nic:2", [("gpu:a", 1), ("nic", 2)]),
    ],
)
def test_reads_what_is_asked_for(text: str, found: list[tuple[str, int]]) -> None:
    assert gres_asked(text) == found


def test_refuses_requests_that_it_cannot_count() -> None:
    with pytest.raises(SchedulerMalformed):
        gres_asked("gres:gpu:h100:4K")


def test_reads_several_kinds_on_several_nodes() -> None:
    detail = "\n".join(
        (
            NODES.format("n[1-2]", "gpu:h100:2(IDX:0,3),nic:1(CNT:1)"),
            NODES.format("n3", ""),
        )
    )
    assert gres_allocated(detail) == [("gpu:h100", 4), ("nic", 2)]


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (count_hosts, gres_allocated, gres_asked, seconds_of_limit):
        try:
            read(text)
        except AssentError as error:
            assert error.remedy
