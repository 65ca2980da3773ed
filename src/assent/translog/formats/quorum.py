"""A quorum: which sets of named parties are enough.

lines of `group` and `quorum` + names already known -> Quorum; names -> enough or not

The grammar is that of C2SP tlog-policy, where witnesses have names and a quorum of them
must have cosigned. States that decide together are counted by the same rule. Six of
nine states, and both of two named ones among them:

    group named all FRA KEN
    group others 4 AUS BRA CAN DEU GHA IND JPN
    group decision all named others
    quorum decision

Nobody counts twice, for a name may stand in one group only, once. Groups refer to what
was defined on lines before, so no group contains itself. Who the names are, and whether
they really signed, is for the caller to know.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assent.translog.formats.statements import (
    Statement,
    malformed,
    parse_statements,
    show,
)

NONE = "none"
MEMBERS_MAX = 256  # C2SP asks for 32 at least; there are some 200 states
GROUPS_MAX = 256  # likewise; each costs a count of its members
_GROUP_WORDS_MIN = 4  # group, its name, how many, one member
_NAMES_SHOWN_MAX = 8  # a message that lists more is not read
_THRESHOLD = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Group:
    """A group is met if `needed` of its members are: names, or groups before it."""

    name: str
    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quorum:
    """The name that must be met, of a member, a group or `none`, and the groups."""

    name: str
    groups: tuple[Group, ...] = ()

    @property
    def statements(self) -> list[tuple[str, ...]]:
        """Return the words of its lines, thresholds in digits."""
        rows = [("group", g.name, str(g.needed), *g.members) for g in self.groups]
        return [*rows, ("quorum", self.name)]

    def is_met_by(self, names: Iterable[str]) -> bool:
        """Tell whether these members are enough; names of groups do not count."""
        return self.name == NONE or self.name in self._met(names)

    def lacking(self, names: Iterable[str]) -> str:
        """Return in words what these members lack to be enough; "" if nothing."""
        met = self._met(names)
        if self.name == NONE or self.name in met:
            return ""
        groups = {group.name: group for group in self.groups}
        parts, unmet = [], [self.name]
        for name in unmet:  # grows while it is walked; no name is in two groups
            if (group := groups.get(name)) is None:
                continue
            missing = [member for member in group.members if member not in met]
            parts.append(
                f"{show(name)} has {len(group.members) - len(missing)} of the"
                f" {group.needed} it needs and lacks {_list(missing)}"
            )
            unmet.extend(missing)
        if not parts:
            return f"{show(self.name)} is missing"
        return "; ".join(parts[:_NAMES_SHOWN_MAX])

    def _met(self, names: Iterable[str]) -> set[str]:
        met = set(names).difference(group.name for group in self.groups)
        for group in self.groups:
            if sum(member in met for member in group.members) >= group.needed:
                met.add(group.name)
        return met


class QuorumBuilder:
    """Makes a quorum from the lines of a policy, taken in order."""

    def __init__(self) -> None:
        """Start with no names known."""
        self._known: set[str] = set()
        self._listed: set[str] = set()
        self._groups: list[Group] = []
        self._quorum: str | None = None

    def define(self, name: str, line: int | None = None) -> None:
        """Make a name known, of a member or a group.

        Raises:
            PolicyMalformed: if it is reserved, or known already.

        """
        if name == NONE:
            raise malformed(f"the name {NONE!r} is reserved", line=line)
        if name in self._known:
            raise malformed(f"{show(name)} is defined a second time", line=line)
        self._known.add(name)

    def take(self, statement: Statement) -> None:
        """Take the next `group` or `quorum` line.

        Raises:
            PolicyMalformed: if it is neither, or wrong.

        """
        if statement.keyword == "group":
            self._add_group(statement)
        elif statement.keyword == "quorum":
            self._choose(statement)
        else:
            why = f"nothing starts with the word {show(statement.keyword)}"
            raise statement.malformed(why)

    def finish(self) -> Quorum:
        """Return the quorum.

        Raises:
            PolicyMalformed: if no line chose one.

        """
        if self._quorum is None:
            raise malformed("it has no quorum line; to ask for none, write quorum none")
        return Quorum(self._quorum, tuple(self._groups))

    def _add_group(self, statement: Statement) -> None:
        if len(statement.words) < _GROUP_WORDS_MIN:
            why = "write group, its name, all, any or a number, and its members"
            raise statement.malformed(why)
        if len(self._groups) == GROUPS_MAX:
            raise statement.malformed(f"there are more than {GROUPS_MAX} groups")
        _, name, threshold, *members = statement.words
        for member in members:
            if member not in self._known:
                why = f"no line before defines the member {show(member)}"
                raise statement.malformed(why)
            if member in self._listed:
                why = f"{show(member)} is listed as a member a second time"
                raise statement.malformed(why)
            self._listed.add(member)
        self.define(name, statement.line)
        needed = _needed(threshold, len(members), statement)
        self._groups.append(Group(name, needed, tuple(members)))

    def _choose(self, statement: Statement) -> None:
        if len(statement.words) != 2:  # noqa: PLR2004 - the word and the name
            raise statement.malformed("write quorum and one name")
        if self._quorum is not None:
            raise statement.malformed("it is the second quorum line")
        name = statement.words[1]
        if name != NONE and name not in self._known:
            raise statement.malformed(f"no line before defines {show(name)}")
        self._quorum = name


def parse_quorum(data: bytes, members: Iterable[str]) -> Quorum:
    """Return the quorum in lines of `group` and `quorum`, of members known by name.

    Raises:
        PolicyMalformed: if a line is wrong, the quorum line is missing, or a member's
            name is reserved or stands twice.

    """
    builder = QuorumBuilder()
    for count, name in enumerate(members, start=1):
        if count > MEMBERS_MAX:
            raise malformed(f"there are more than {MEMBERS_MAX} members")
        builder.define(name)
    for statement in parse_statements(data):
        builder.take(statement)
    return builder.finish()


def _needed(threshold: str, count: int, statement: Statement) -> int:
    if threshold == "all":
        return count
    if threshold == "any":
        return 1
    if _THRESHOLD.fullmatch(threshold) is None or int(threshold) > count:
        why = f"of {count} members, {show(threshold)} cannot be how many are needed"
        raise statement.malformed(why)
    return int(threshold)


def _list(names: list[str]) -> str:
    shown = [show(name) for name in names[:_NAMES_SHOWN_MAX]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
