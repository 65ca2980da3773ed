"""The folder of an agency: prepared, founded, read, and locked while it publishes."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from assent.adapters.agency import (
    AgencyFolder,
    finish_agency_folder,
    open_agency_folder,
    open_prepared_folder,
    prepare_agency_folder,
    publishing_alone,
)
from assent.translog.errors import StoreUnavailable
from assent.vocabulary import DocumentInvalid, InputError, NotFound


@pytest.fixture
def place(tmp_path: Path) -> AgencyFolder:
    """Return the folder of an agency that is still to be prepared."""
    return AgencyFolder(
        folder=tmp_path / "agency",
        agency="agency.example",
        review_policy="practice",
        rulebook="world",
    )


def test_says_what_it_was_told_before_and_after_it_is_founded(
    place: AgencyFolder,
) -> None:
    with pytest.raises(NotFound, match="no agency"):
        open_prepared_folder(place.folder)
    prepare_agency_folder(place)
    assert open_prepared_folder(place.folder) == place
    with pytest.raises(NotFound) as unfounded:
        open_agency_folder(place.folder)
    assert "assent agency found" in unfounded.value.remedy
    finish_agency_folder(place)
    assert open_agency_folder(place.folder) == place


def test_is_prepared_again_until_it_is_founded(place: AgencyFolder) -> None:
    prepare_agency_folder(place)
    other = replace(place, agency="other.example")
    prepare_agency_folder(other)
    finish_agency_folder(other)
    for again in (prepare_agency_folder, finish_agency_folder):
        with pytest.raises(InputError, match="holds an agency already"):
            again(place)
    with pytest.raises(InputError, match="holds an agency already"):
        open_prepared_folder(place.folder)
    assert open_agency_folder(place.folder) == other


@pytest.mark.parametrize(
    "text",
    [
        "",
        "format: assent agency v1\n",
        "format: assent agency v2\nagency: a\nreview_policy: b\nrulebook: c\n",
        "format: assent agency v1\nagency: [a]\nreview_policy: b\nrulebook: c\n",
        "{",
    ],
)
def test_refuses_damaged_settings(place: AgencyFolder, text: str) -> None:
    finish_agency_folder(place)
    (place.folder / "agency.yaml").write_text(text)
    with pytest.raises(DocumentInvalid):
        open_agency_folder(place.folder)


def test_one_publishes_while_another_waits(place: AgencyFolder) -> None:
    finish_agency_folder(place)
    entered = threading.Event()

    def publish() -> None:
        with publishing_alone(place):
            entered.set()

    with publishing_alone(place):
        other = threading.Thread(target=publish)
        other.start()
        assert not entered.wait(0.2)
    assert entered.wait(10)
    other.join()


def test_a_folder_that_is_not_there_cannot_be_locked(place: AgencyFolder) -> None:
    with (
        pytest.raises(StoreUnavailable, match="cannot be locked"),
        publishing_alone(place),
    ):
        pass
