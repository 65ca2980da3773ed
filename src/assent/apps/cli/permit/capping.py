"""Caps as an officer types them: what is not named stays as it was.

options of a command + caps -> caps
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from assent.authorisation.terms import Caps
from assent.vocabulary import InputError, parse_count


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsChange:
    """New caps as they were typed; None or empty where the old ones stay."""

    flop: str | None
    weights: str | None
    chips: tuple[str, ...]
    sites: tuple[str, ...]
    not_before: datetime | None
    not_after: datetime | None

    def applied_to(self, caps: Caps) -> Caps | None:
        """Return caps with the changes; None if there are none.

        Raises:
            InputError: if a change cannot be read, or leaves nothing permitted.

        """
        changes: dict[str, Any] = {
            name: parse_count(text, name=f"--{name}")
            for name, text in (("flop", self.flop), ("weights", self.weights))
            if text is not None
        }
        if self.chips:
            changes["chips"] = {
                kind: parse_count(count, name="--chip")
                for kind, count in (pair_of(text, "--chip") for text in self.chips)
            }
        if self.sites:
            changes["sites"] = self.sites
        for name in ("not_before", "not_after"):
            if (given := getattr(self, name)) is not None:
                changes[name] = given.replace(tzinfo=UTC)
        return replace(caps, **changes) if changes else None


def pair_of(text: str, option: str) -> tuple[str, str]:
    """Return the two parts of an option's NAME=VALUE.

    Raises:
        InputError: if one is missing.

    """
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise InputError(
            f"{option} {text!r:.80} has not two parts.",
            remedy=f"Write {option} NAME=VALUE.",
        )
    return name, value
