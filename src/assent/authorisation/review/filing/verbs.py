"""What officers do in a review, each as the event that it leaves.

ReviewFile + what is done + now -> Event

Whether the case is in a state that allows it is for the transition table of
applications to say; here stands what a review itself forbids.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from assent.authorisation.docket import Event
from assent.authorisation.review.deciding import Proposal
from assent.authorisation.review.filing.review_file import ReviewFile
from assent.authorisation.review.filing.voting import put_to_vote
from assent.authorisation.review.responsibility import (
    Answer,
    Questionnaire,
    answer_of,
)
from assent.authorisation.review.run import RunFinding, finding_of
from assent.authorisation.review.safety_case import (
    Judgement,
    SafetyCase,
    judgement_of,
)
from assent.authorisation.review.shape import Line, Name, Part, read_form
from assent.authorisation.review.weighing import Verdict, Weighing
from assent.vocabulary import NotAllowed, Plain


class _Recusal(Part):
    member: Name
    reason: Line


def assess_practice(
    file: ReviewFile,
    answer: Answer,
    questionnaire: Questionnaire,
    now: datetime,
    actor: str,
) -> Event:
    """Return the event `practice_assessed`.

    Raises:
        AnswerInvalid: if nobody asks for it, or a reason is missing.
        NotAllowed: if the assessor stands aside, or the day is still to come.

    """
    checked = answer_of(answer.plain, questionnaire)
    _verify_not_recused(file, actor, checked.assessor)
    if checked.assessed > now.date():
        raise NotAllowed(
            f"The assessment is of {checked.assessed}, which is still to come.",
            remedy="Give the day on which it was made.",
        )
    return _event("practice_assessed", now, actor, {"answer": checked.plain})


def record_finding(
    file: ReviewFile, finding: RunFinding, now: datetime, actor: str
) -> Event:
    """Return the event `finding_recorded`.

    Raises:
        FindingInvalid: if the property is not judged.
        NotAllowed: if whoever found it stands aside.

    """
    checked = finding_of(finding.plain)
    _verify_not_recused(file, actor, checked.by)
    return _event("finding_recorded", now, actor, {"finding": checked.plain})


def judge_safety_case(
    file: ReviewFile, judgement: Judgement, case: SafetyCase, now: datetime, actor: str
) -> Event:
    """Return the event `safety_case_judged`.

    Raises:
        JudgementInvalid: if it is of no claim of this case.
        NotAllowed: if whoever judges stands aside.

    """
    checked = judgement_of(judgement.plain, case)
    _verify_not_recused(file, actor, checked.by)
    return _event("safety_case_judged", now, actor, {"judgement": checked.plain})


def recuse(
    file: ReviewFile, member: str, reason: str, now: datetime, actor: str
) -> Event:
    """Return the event `recused`: a member or an officer stands aside.

    Raises:
        NotAllowed: if there is no reason on one line, or it stands aside already.

    """
    given = {"member": member, "reason": reason.strip()}
    form = read_form(_Recusal, given, NotAllowed, "recusal")
    if form.member in file.recusals:
        raise NotAllowed(
            f"{form.member} stands aside already.",
            remedy="The first reason goes into the proposal.",
        )
    body: dict[str, Plain] = {"member": form.member, "reason": form.reason}
    return _event("recused", now, actor, body)


def propose(  # noqa: PLR0913 - a verb's five, and who could vote
    file: ReviewFile,
    proposal: Proposal,
    weighing: Weighing,
    now: datetime,
    actor: str,
    *,
    members: Collection[str],
) -> Event:
    """Return the event `proposed`, if the review lets the case be put to the vote.

    An appeal is against what a review or a vote said, so it is put to the vote with
    `put_to_vote`, by whoever sees to it that a panel may decide it.

    `members` are the names that the treaty knows members by. Officers stand aside too,
    under any name, and have no vote that could be excluded.

    Raises:
        NotAllowed: if the review says no, the proposal rests on another review or
            another procedure, leaves out a condition, or counts somebody who stands
            aside.
        VoteNotOpen: see `put_to_vote`.

    """
    _verify_carried(weighing)
    if proposal.review_digest != weighing.digest:
        raise NotAllowed(
            f"{proposal.decision_id} names another review than this one.",
            remedy="Draw the proposal up from this review.",
        )
    if proposal.matter is not weighing.matter:
        raise NotAllowed(
            f"{proposal.decision_id} is a matter of {proposal.matter}; the review says"
            f" {weighing.matter}.",
            remedy="Use the procedure for runs of this size.",
        )
    if left_out := [
        text for text in weighing.provisos if text not in proposal.provisos
    ]:
        raise NotAllowed(
            f"{proposal.decision_id} leaves out a condition: {left_out[0]}",
            remedy="Put every condition of the review into the proposal.",
        )
    aside = file.recusals.keys() & set(members)
    if counted := sorted(aside - proposal.excluded.keys()):
        raise NotAllowed(
            f"{proposal.decision_id} would count {counted[0]}, who stands aside.",
            remedy="Exclude every member who stands aside.",
        )
    return put_to_vote(file.ballot, proposal, now, actor)


def refuse_by_rule(
    file: ReviewFile, weighing: Weighing, now: datetime, actor: str
) -> Event:
    """Return the event `refused_by_rule`, with every reason.

    Raises:
        NotAllowed: if the review does not refuse, or a vote is open.

    """
    if weighing.verdict is not Verdict.REFUSE or file.ballot.proposal is not None:
        raise NotAllowed(
            f"The review of {file.case_id} says '{weighing.verdict}', or a vote is"
            " open.",
            remedy="Only what the policy refuses is refused without a vote.",
        )
    body: dict[str, Plain] = {
        "review_digest": weighing.digest,
        "reasons": list(weighing.reasons),
    }
    return _event("refused_by_rule", now, actor, body)


def _verify_carried(weighing: Weighing) -> None:
    if weighing.verdict is not Verdict.MAY_BE_PROPOSED:
        causes = weighing.reasons or [asked.text for asked in weighing.questions]
        raise NotAllowed(
            f"The review says '{weighing.verdict}', so nothing may be proposed:"
            f" {' '.join(causes)}",
            remedy="Answer what is asked, or amend the application.",
        )


def _verify_not_recused(file: ReviewFile, *people: str) -> None:
    for name in people:
        if name in file.recusals:
            raise NotAllowed(
                f"{name} stands aside in {file.case_id}: {file.recusals[name]}.",
                remedy="Let somebody else judge.",
            )


def _event(kind: str, now: datetime, actor: str, body: Mapping[str, Plain]) -> Event:
    return Event(kind=kind, time=now, actor=actor, body=body)
