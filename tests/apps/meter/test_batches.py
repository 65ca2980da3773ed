"""Whatever a batch is made of, its shape is told exactly or not at all."""

from typing import Any

import numpy as np
import pytest
import torch

from assent.apps.meter import shape_of
from assent.supervision.metering import BatchShape, ShapeUnknown

IDS = torch.ones((4, 10), dtype=torch.long)
MASK = torch.tensor([[1] * 10, [1] * 7 + [0] * 3, [1] * 10, [0] * 10])
TEXT = BatchShape.of_rows(4, 10)
PADDED = BatchShape.of_rows(4, 10, padding_tokens=13)


@pytest.mark.parametrize(
    ("batch", "shape"),
    [
        ((4, 10), TEXT),
        (TEXT, TEXT),
        (IDS, TEXT),
        (IDS.numpy(), TEXT),
        (IDS[0], BatchShape.of_rows(1, 10)),
        ([IDS, IDS], TEXT),
        ((IDS, None), TEXT),
        ({"input_ids": IDS}, TEXT),
        ({"input_ids": IDS, "labels": IDS}, TEXT),
        ({"input_ids": IDS, "attention_mask": MASK}, PADDED),
        ({"input_ids": IDS.numpy(), "attention_mask": MASK.numpy()}, PADDED),
        ({"input_ids": IDS, "attention_mask": MASK.bool()}, PADDED),
        ({"input_ids": IDS, "attention_mask": np.ones((4, 1, 10, 10))}, TEXT),
        ({"text": (4, 10)}, TEXT),
    ],
)
def test_the_shape_of_a_batch(batch: object, shape: BatchShape) -> None:
    assert shape_of(batch) == shape


@pytest.mark.parametrize(
    "batch",
    [None, 7, "text", b"bytes", [], {}, {"labels": IDS}, object(), (1.5, 2), [[]]],
)
def test_refuses_what_shows_no_shape(batch: object) -> None:
    with pytest.raises(ShapeUnknown) as raised:
        shape_of(batch)
    assert raised.value.remedy


@pytest.mark.parametrize("name", ["labels", "decoder_input_ids"])
def test_a_model_with_a_source_reads_two_streams(name: str) -> None:
    batch: dict[str, Any] = {"input_ids": IDS, name: IDS[:, :4], "attention_mask": MASK}
    shape = shape_of(batch, ("source", "text"))
    assert dict(shape.streams) == {"source": (4, 10), "text": (4, 4)}
    assert (shape.training_tokens, shape.padding_tokens) == (56 - 13, 13)
    del batch[name]
    with pytest.raises(ShapeUnknown):
        shape_of(batch, ("source", "text"))
