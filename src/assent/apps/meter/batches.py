"""What shape a batch has, whatever it is made of.

tensors, arrays, a mapping of them, or numbers -> BatchShape

Nothing is imported: whatever has a `shape` is an array, and an attention mask is
whatever can be summed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from assent.supervision.metering import BatchShape, ShapeUnknown

_MATRIX = 2  # dimensions of rows of tokens
_TEXT, _SOURCE = "text", "source"


def shape_of(batch: object, streams: Sequence[str] = (_TEXT,)) -> BatchShape:
    """Return the shape of a batch.

    Args:
        batch: a `BatchShape`; `(rows, length)`; an array of tokens, rows × length; a
            sequence whose first item is one; a mapping with `input_ids` and, if there
            is padding, an `attention_mask` of the same shape; or a mapping from each
            of the streams to `(rows, length)`.
        streams: that the model has. Of a model with a source, `input_ids` are the
            source, and `decoder_input_ids` or `labels` the text.

    Raises:
        ShapeUnknown: if it is none of these.

    """
    if isinstance(batch, BatchShape):
        return batch
    if isinstance(batch, Mapping) or hasattr(batch, "keys"):
        return _of_mapping(batch, streams)
    if hasattr(batch, "shape"):
        return BatchShape.of_rows(*_rows(batch))
    if isinstance(batch, Sequence) and not isinstance(batch, str) and batch:
        pair = _pair(batch)
        if pair is not None:
            return BatchShape.of_rows(*pair)
        return shape_of(batch[0], streams)
    raise _unknown(batch)


def _of_mapping(batch: Any, streams: Sequence[str]) -> BatchShape:  # noqa: ANN401 - a mapping, or what works like one
    pairs = {str(name): _pair(batch[name]) for name in batch}
    given = {name: pair for name, pair in pairs.items() if pair is not None}
    if given and given.keys() == set(streams):
        tokens = sum(rows * length for rows, length in given.values())
        return BatchShape(streams=given, training_tokens=tokens)
    if "input_ids" not in batch:
        raise _unknown(batch)
    found = {_TEXT: _rows(batch["input_ids"])}
    if _SOURCE in streams:
        target = next(
            (batch[name] for name in ("decoder_input_ids", "labels") if name in batch),
            None,
        )
        if target is None:
            raise _unknown(batch)
        found = {_SOURCE: found[_TEXT], _TEXT: _rows(target)}
    padding = _padding(batch.get("attention_mask"), found.get(_SOURCE, found[_TEXT]))
    tokens = sum(rows * length for rows, length in found.values())
    return BatchShape(
        streams=found, training_tokens=tokens - padding, padding_tokens=padding
    )


def _rows(array: Any) -> tuple[int, int]:  # noqa: ANN401 - anything with a shape
    shape = tuple(int(size) for size in getattr(array, "shape", ()))
    if not shape or 0 in shape:
        raise _unknown(array)
    if len(shape) == 1:  # one packed row
        return 1, shape[0]
    return shape[0], shape[1]


def _padding(mask: Any, rows: tuple[int, int]) -> int:  # noqa: ANN401 - an array, or None
    if mask is None or tuple(getattr(mask, "shape", ())) != rows:
        return 0
    return rows[0] * rows[1] - int(mask.sum())


def _pair(value: object) -> tuple[int, int] | None:
    if isinstance(value, tuple | list) and len(value) == _MATRIX:
        rows, length = value
        if type(rows) is int and type(length) is int:
            return rows, length
    return None


def _unknown(batch: object) -> ShapeUnknown:
    return ShapeUnknown(
        f"A batch of type {type(batch).__name__} does not show how many rows of how"
        " many tokens it has.",
        remedy="Give (rows, tokens in a row), a mapping with input_ids, or a"
        " flop_per_batch of your own.",
    )
