"""What a review found so far, derived from the events of its case.

RecordedEvents -> ReviewFile

The last assessment, finding and judgement of each thing counts; the earlier ones stay
in the events. A change of the application drops what was found of the old plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from assent.authorisation.docket import CaseDamaged, Event, Folding, RecordedEvent
from assent.authorisation.review.filing.ballot import Ballot, ballot_of
from assent.authorisation.review.responsibility import Answer, Side, answer_of
from assent.authorisation.review.run import RunFinding, finding_of
from assent.authorisation.review.safety_case import Judgement, judgement_of
from assent.vocabulary import AssentError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFile:
    """What is known of a case in review.

    Attributes:
        case_id: the case.
        answers: the officers' answers, by practice.
        own_answers: the developer's answers on itself, which never count.
        findings: the officers' findings on the run, by property.
        judgements: of the safety case's claims, by claim.
        recusals: who stands aside, and why.
        refused_because: by rule, without a vote; empty if it was not.
        ballot: what is and was put to the vote.

    """

    case_id: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    own_answers: Mapping[str, Answer] = field(default_factory=dict)
    findings: Mapping[str, RunFinding] = field(default_factory=dict)
    judgements: Mapping[str, Judgement] = field(default_factory=dict)
    recusals: Mapping[str, str] = field(default_factory=dict)
    refused_because: tuple[str, ...] = ()
    ballot: Ballot = field(default_factory=Ballot)

    def __post_init__(self) -> None:
        """Keep copies of the mappings that nobody can change."""
        for name in ("answers", "own_answers", "findings", "judgements", "recusals"):
            kept = MappingProxyType(dict(getattr(self, name)))
            object.__setattr__(self, name, kept)


def review_file_of(events: Sequence[RecordedEvent]) -> ReviewFile:
    """Return the file that all events of a case make.

    Raises:
        CaseDamaged: if an event of a review cannot be read, or does not follow.

    """
    ballot = ballot_of(events)
    return replace(_FOLDING.of(events) or ReviewFile(), ballot=ballot)


def _step(file: ReviewFile | None, recorded: RecordedEvent) -> ReviewFile:
    try:
        before = file or ReviewFile(case_id=recorded.case_id)
        return _after(before, recorded.event)
    except (AssentError, KeyError, TypeError, ValueError) as error:
        why = error.message if isinstance(error, AssentError) else "unreadable"
        raise CaseDamaged(
            f"Event {recorded.number} of {recorded.case_id}"
            f" ({recorded.event.kind}) cannot be read: {why}",
            remedy="Restore the database from a backup.",
        ) from None


_FOLDING = Folding(_step)


def _after(  # noqa: PLR0911 - one return for each kind of event
    file: ReviewFile, event: Event
) -> ReviewFile:
    body: Mapping[str, Any] = event.body
    match event.kind:
        case "practice_assessed":
            said = answer_of(body["answer"])
            if said.side is Side.DEVELOPER:
                own = {**file.own_answers, said.practice: said}
                return replace(file, own_answers=own)
            return replace(file, answers={**file.answers, said.practice: said})
        case "finding_recorded":
            found = finding_of(body["finding"])
            return replace(file, findings={**file.findings, found.about: found})
        case "safety_case_judged":
            judged = judgement_of(body["judgement"])
            return replace(file, judgements={**file.judgements, judged.claim: judged})
        case "recused":
            member, reason = str(body["member"]), str(body["reason"])
            return replace(file, recusals={**file.recusals, member: reason})
        case "refused_by_rule":
            return replace(file, refused_because=tuple(map(str, body["reasons"])))
        case "amended":
            return replace(file, findings={}, judgements={})
        case _:
            return file
