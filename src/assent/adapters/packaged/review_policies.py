"""The review policies and the questionnaire that ship with assent.

package data -> ReviewPolicy, Questionnaire
"""

import functools
from importlib import resources

from assent.authorisation.review import (
    Questionnaire,
    ReviewPolicy,
    parse_policy,
    parse_questionnaire,
)
from assent.vocabulary import NotFound

REVIEW_POLICIES = ("founding", "practice")


@functools.cache
def packaged_review_policy(name: str) -> ReviewPolicy:
    """Return a review policy that ships with assent: `founding` or `practice`.

    Raises:
        NotFound: if there is none of that name.

    """
    return parse_policy(packaged_review_policy_text(name))


@functools.cache
def packaged_review_policy_text(name: str) -> str:
    """Return the document of a review policy that ships with assent.

    Raises:
        NotFound: if there is none of that name.

    """
    if name not in REVIEW_POLICIES:
        raise NotFound(
            f"There is no review policy {name!r:.80}.",
            remedy=f"Use one of: {', '.join(REVIEW_POLICIES)}.",
        )
    folder = resources.files("assent.authorisation.review") / "policies"
    return (folder / f"{name}.yaml").read_text("utf-8")


@functools.cache
def packaged_questionnaire() -> Questionnaire:
    """Return the questionnaire of fifty practices."""
    folder = resources.files("assent.authorisation.review.responsibility")
    return parse_questionnaire((folder / "practices.yaml").read_text("utf-8"))
