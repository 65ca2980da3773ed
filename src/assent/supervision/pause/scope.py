"""What an order stops: one run, a developer, a site, a party, a class, or everything.

Scope + RunFacts -> whether the order covers the run

    {"kind":"site","site":"site-nairobi-1"}
    {"flop_above":"10000000000000000000000000","kind":"class"}

What is not known counts as covered: a gate that cannot tell whose a run is stops it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assent.authorisation.permit.fields import NAME, count_of, mapping_of, text_of
from assent.authorisation.treaty import Matter
from assent.vocabulary import DocumentInvalid, Plain, parse_count
from assent.vocabulary.envelope import parse_public_key


class ScopeKind(StrEnum):
    """Which runs an order speaks of."""

    RUN = "run"
    DEVELOPER = "developer"
    SITE = "site"
    PARTY = "party"
    CLASS = "class"
    EVERYTHING = "everything"


MATTERS = {  # the ordinary procedure that may stop each
    ScopeKind.RUN: Matter.PAUSE_RUN,
    ScopeKind.DEVELOPER: Matter.PAUSE_DEVELOPER,
    ScopeKind.SITE: Matter.PAUSE_SITE,
    ScopeKind.PARTY: Matter.PAUSE_PARTY,
    ScopeKind.CLASS: Matter.PAUSE_CLASS,
    ScopeKind.EVERYTHING: Matter.PAUSE_EVERYTHING,
}
_NAMED = {  # kind: the field that names what is stopped
    ScopeKind.RUN: "run_id",
    ScopeKind.DEVELOPER: "key",
    ScopeKind.SITE: "site",
    ScopeKind.PARTY: "party",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a gate knows of a run, or of a job that is exempt; None for unknown.

    Attributes:
        run_id: the run, as its permit names it.
        permit_id: the permit.
        developers: the Ed25519 keys by which agencies know whose it is, each as 64
            hexadecimal digits in lower case; empty if it is known to be nobody's.
        site: where it runs.
        party: the code of the state where that is.
        flop: the permit's cap; of an exempt job, what it is charged.
        is_exempt: whether it is a job that needs no permit, as the gate has verified.

    """

    run_id: str | None = None
    permit_id: str | None = None
    developers: frozenset[str] | None = None
    site: str | None = None
    party: str | None = None
    flop: int | None = None
    is_exempt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an order stops.

    Attributes:
        kind: which kind of scope.
        name: the run, key, site or party; None for a class and for everything.
        flop_above: of a class: caps and charges above this many FLOP; None otherwise.

    """

    kind: ScopeKind
    name: str | None = None
    flop_above: int | None = None

    @property
    def plain(self) -> dict[str, Plain]:
        """The scope as plain values."""
        plain: dict[str, Plain] = {"kind": self.kind.value}
        if self.kind is ScopeKind.CLASS:
            plain["flop_above"] = str(self.flop_above)
        elif self.kind in _NAMED:
            plain[_NAMED[self.kind]] = self.name
        return plain

    @property
    def words(self) -> str:
        """The scope in words; a foreign name in it is as it came."""
        match self.kind:
            case ScopeKind.EVERYTHING:
                return "EVERYTHING: every run and every job at every site"
            case ScopeKind.CLASS:
                return (
                    "every run whose permit allows, and every exempt job that is"
                    f" charged, more than {self.flop_above:,} FLOP"
                )
            case ScopeKind.DEVELOPER:
                return f"every run of the developer with the key {self.name}"
            case ScopeKind.RUN:
                return f"the run {self.name}"
            case ScopeKind.PARTY:
                return f"everything that runs in the party {self.name}"
            case ScopeKind.SITE:
                return f"everything that runs at the site {self.name}"

    def covers(self, facts: RunFacts) -> bool:
        """Tell whether a run is stopped; what is not known counts as covered.

        An exempt job belongs to no run and need not say whose it is: a run's or
        developer's order stops it only if it names that run or key.
        """
        match self.kind:
            case ScopeKind.EVERYTHING:
                return True
            case ScopeKind.CLASS:
                return (
                    facts.flop is None
                    or self.flop_above is None
                    or (facts.flop > self.flop_above)
                )
            case ScopeKind.DEVELOPER:
                if facts.developers is None:
                    return not facts.is_exempt
                return self.name in facts.developers
            case ScopeKind.RUN:
                found, may_be_silent = facts.run_id, facts.is_exempt
            case ScopeKind.SITE:
                found, may_be_silent = facts.site, False
            case ScopeKind.PARTY:
                found, may_be_silent = facts.party, False
        return not may_be_silent if found is None else found == self.name


def scope_of(value: Any) -> Scope:  # noqa: ANN401 - any plain value
    """Return the scope that plain values describe.

    Raises:
        DocumentInvalid, SignatureInvalid, ValueError: if they describe none.

    """
    kind = ScopeKind(str(value.get("kind")) if isinstance(value, dict) else "")
    if kind is ScopeKind.EVERYTHING:
        mapping_of(value, "scope", {"kind"})
        return Scope(kind=kind)
    if kind is ScopeKind.CLASS:
        given = mapping_of(value, "scope", {"kind", "flop_above"})
        return Scope(
            kind=kind, flop_above=count_of(given["flop_above"], "scope.flop_above")
        )
    field = _NAMED[kind]
    given = mapping_of(value, "scope", {"kind", field})
    return Scope(kind=kind, name=_name(kind, given[field]))


def parse_scope(text: str) -> Scope:
    """Return the scope that a person wrote: `site=NAME`, `class=1e25`, `everything`.

    Raises:
        DocumentInvalid: if it is none.

    """
    word, equals, rest = text.partition("=")
    try:
        kind = ScopeKind(word)
        if kind is ScopeKind.EVERYTHING and not equals:
            return Scope(kind=kind)
        if kind is ScopeKind.CLASS:
            return Scope(kind=kind, flop_above=parse_count(rest, name="class"))
        if kind in _NAMED:
            return Scope(kind=kind, name=_name(kind, rest))
    except ValueError:
        pass
    raise DocumentInvalid(
        f"{text!r:.120} is no scope.",
        remedy="Write run=NAME, developer=KEY (64 hexadecimal digits), site=NAME,"
        " party=CODE, class=FLOP such as class=1e25, or everything.",
    )


def _name(kind: ScopeKind, value: object) -> str:
    if kind is ScopeKind.DEVELOPER:
        return parse_public_key(value).text
    return text_of(value, NAME, f"scope.{_NAMED[kind]}")
