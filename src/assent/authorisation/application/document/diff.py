"""What changed from one document to the next, in lines that people read.

plain document + plain document -> Changes, in the order of their paths

A path is a JSON Pointer (RFC 6901). Items that have an `id` are compared by it, and
their place in the path is the id, not the number; any other list is one value. What is
sealed shows as sealed: its digest says that it changed, and nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assent.vocabulary import Plain, canonical_bytes

SEALED_KEYS = frozenset({"_sd", "..."})  # RFC 9901, sections 4.2.4.1 and 4.2.4.2
SEALED = "sealed"
SHOWN_LENGTH_MAX = 160  # of a value in a line of text; the change holds it whole


class ChangeKind(StrEnum):
    """How two documents differ at a path."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"
    SEALED = "sealed field changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference: where, how, and the values before and after.

    A value that is not there is None, and so are both of a sealed field. Digests of
    sealed fields inside a value read `sealed`.
    """

    path: str
    kind: ChangeKind
    before: Plain = None
    after: Plain = None

    @property
    def plain(self) -> dict[str, Plain]:
        """The change as plain values."""
        return {
            "path": self.path,
            "kind": self.kind.value,
            "before": self.before,
            "after": self.after,
        }

    @property
    def text(self) -> str:
        """The change in one line."""
        path = self.path or "the whole document"
        match self.kind:
            case ChangeKind.ADDED:
                return f"{path}: added {_show(self.after)}"
            case ChangeKind.REMOVED:
                return f"{path}: removed {_show(self.before)}"
            case ChangeKind.SEALED:
                return f"{path}: {ChangeKind.SEALED.value}"
            case _:
                return (
                    f"{path}: {self.kind.value} from {_show(self.before)} to"
                    f" {_show(self.after)}"
                )


def diff(before: Plain, after: Plain) -> tuple[Change, ...]:
    """Return every difference between two documents; none if they are the same."""
    return tuple(sorted(_diff("", before, after), key=lambda change: change.path))


def _diff(path: str, before: Any, after: Any) -> Iterator[Change]:  # noqa: ANN401 - walks plain values of any shape
    if canonical_bytes(before) == canonical_bytes(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _diff_mappings(path, before, after)
    elif _is_keyed(before) and _is_keyed(after):
        former = {str(item["id"]): item for item in before}
        later = {str(item["id"]): item for item in after}
        yield from _diff_mappings(path, former, later)
        kept_before = [key for key in former if key in later]
        kept_after = [key for key in later if key in former]
        if kept_before != kept_after:
            yield Change(
                path=path,
                kind=ChangeKind.REORDERED,
                before=kept_before,
                after=kept_after,
            )
    else:
        yield _replaced(path, before, after)


def _diff_mappings(
    path: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    for key in sorted(before.keys() | after.keys()):
        here = f"{path}/{_escape(key)}"
        if key in SEALED_KEYS:
            sides = [[side[key]] if key in side else [] for side in (before, after)]
            if canonical_bytes(sides[0]) != canonical_bytes(sides[1]):
                yield Change(path=path, kind=ChangeKind.SEALED)
        elif key not in before:
            yield from _one_sided(here, ChangeKind.ADDED, after[key])
        elif key not in after:
            yield from _one_sided(here, ChangeKind.REMOVED, before[key])
        else:
            yield from _diff(here, before[key], after[key])


def _one_sided(path: str, kind: ChangeKind, value: Any) -> Iterator[Change]:  # noqa: ANN401 - any plain value
    is_added = kind is ChangeKind.ADDED
    if isinstance(value, Mapping) and SEALED_KEYS & value.keys():
        sides = ({}, value) if is_added else (value, {})
        yield from _diff_mappings(path, *sides)
    elif is_added:
        yield Change(path=path, kind=kind, after=_veiled(value))
    else:
        yield Change(path=path, kind=kind, before=_veiled(value))


def _replaced(path: str, before: Any, after: Any) -> Change:  # noqa: ANN401 - any plain values
    former, later = _veiled(before), _veiled(after)
    if canonical_bytes(former) == canonical_bytes(later):
        return Change(path=path, kind=ChangeKind.SEALED)
    return Change(path=path, kind=ChangeKind.CHANGED, before=former, after=later)


def _veiled(value: Any) -> Any:  # noqa: ANN401 - walks plain values of any shape
    """Write `sealed` in the place of digests of sealed values."""
    if isinstance(value, Mapping):
        return {
            key: SEALED if key in SEALED_KEYS else _veiled(item)
            for key, item in value.items()
        }
    return [_veiled(item) for item in value] if _is_list(value) else value


def _is_keyed(value: object) -> bool:
    """Tell whether a value is a list of which every item has an id of its own."""
    if not _is_list(value):
        return False
    ids = [item.get("id") for item in value if isinstance(item, Mapping)]  # type: ignore[attr-defined] # a list
    return (
        len(ids) == len(value)  # type: ignore[arg-type] # likewise
        and all(isinstance(one, str) for one in ids)
        and len(set(ids)) == len(ids)
    )


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _show(value: Plain) -> str:
    text = canonical_bytes(value).decode()
    if len(text) <= SHOWN_LENGTH_MAX:
        return text
    return f"{text[: SHOWN_LENGTH_MAX - 1]}…"
