"""The permit that a job claims, as its owner writes it in a comment.

text -> Claim

    assent permit=permit-2026-0001 flop_max=1e20 request=evaluation-7

The word `assent` comes first, and nothing else may follow but these three, each once. A
comment without that word claims no permit, so notes of other kinds stay what they are.
"""

import re
from dataclasses import dataclass

from assent.supervision.schedulers.errors import ClaimMalformed
from assent.vocabulary import AssentError, parse_count

COMMENT_CHARS_MAX = 2_000  # a claim has some 60
_WORD = "assent"
_PERMIT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_HOW = "Write: --comment 'assent permit=permit-2026-0001 flop_max=1e20'."


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a job claims: a permit, at which FLOP it stops, an inspector's request."""

    permit_id: str | None = None
    flop_max: int | None = None
    request_id: str | None = None


def parse_claim(comment: str) -> Claim:
    """Return what a comment claims.

    Raises:
        ClaimMalformed: if it mentions a claim that cannot be read for certain.

    """
    if len(comment) > COMMENT_CHARS_MAX:
        raise ClaimMalformed(
            f"The comment has {len(comment):,} characters.",
            remedy=f"Write at most {COMMENT_CHARS_MAX:,}.",
        )
    words = comment.split()
    if _WORD not in words:
        return Claim()
    if words[0] != _WORD:
        raise ClaimMalformed(
            f"The comment does not begin with the word {_WORD!r}.", remedy=_HOW
        )
    found: dict[str, str] = {}
    for word in words[1:]:
        name, _, value = word.partition("=")
        if name not in {"permit", "flop_max", "request"} or name in found:
            raise ClaimMalformed(
                f"The comment says {word!r:.80}, which is no part of a claim, or comes"
                " twice.",
                remedy=_HOW,
            )
        found[name] = value
    parts = (found.get(name) for name in ("permit", "flop_max", "request"))
    return make_claim(*parts)


def make_claim(
    permit_id: str | None, flop_max: str | None, request_id: str | None = None
) -> Claim:
    """Return a claim of what was written, each part None if it was not.

    Raises:
        ClaimMalformed: if a part cannot be read.

    """
    for named, what in ((permit_id, "permit"), (request_id, "request")):
        if named is not None and _PERMIT_ID.fullmatch(named) is None:
            raise ClaimMalformed(f"{named!r:.80} is no {what}'s name.", remedy=_HOW)
    try:
        most = None if flop_max is None else parse_count(flop_max)
        return Claim(permit_id=permit_id, flop_max=most, request_id=request_id)
    except AssentError as error:
        raise ClaimMalformed(error.message, remedy=_HOW) from None
