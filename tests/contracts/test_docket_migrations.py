"""The tables of the cases are made in steps, and Django waits until it is needed."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assent.adapters.docket import open_docket
from assent.vocabulary import AssentError, InputError

_RECORDS_MATCH = """
from assent.adapters.docket.aliases import configure
configure()
configure()
from django.core.management import call_command
call_command("makemigrations", "docket", check=True, dry_run=True)
call_command("check")
"""
_HELP = """
import sys
from assent.apps.cli.main import run
sys.argv = ["assent", "--help"]
try:
    run()
except SystemExit:
    pass
sys.exit("django" in sys.modules)
"""
_WEB_APP = """
import sys
import django
from django.conf import settings
settings.configure(INSTALLED_APPS={apps}, USE_TZ={zones}, DATABASES={{"default": {{
    "ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}})
django.setup()
from django.db import connections
from assent.adapters.docket import open_docket
from assent.vocabulary import ComponentMissing
try:
    with open_docket(sys.argv[1], create=True) as docket:
        assert len(list(connections)) == 3
        with docket.reading() as transaction:
            assert transaction.case_ids() == []
except ComponentMissing:
    sys.exit(3)
assert list(connections) == ["default"]
assert connections["default"].introspection.table_names() == []
"""


def _python(source: str, *arguments: str) -> int:
    command = [sys.executable, "-W", "error", "-c", source, *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - ours


def test_no_record_was_changed_without_a_migration() -> None:
    assert _python(_RECORDS_MATCH) == 0


@pytest.mark.parametrize("module", ["assent.adapters.docket", "assent.apps.cli.main"])
def test_what_needs_no_store_never_imports_django(module: str) -> None:
    source = f"import sys, {module}\nsys.exit('django' in sys.modules)"
    assert _python(source) == 0


def test_help_never_imports_django() -> None:
    assert _python(_HELP) == 0


@pytest.mark.parametrize(
    ("apps", "zones", "expected"),
    [
        (["assent.adapters.docket.apps.DocketConfig"], "True", 0),
        (["assent.adapters.docket"], "True", 0),
        ([], "True", 3),
        (["assent.adapters.docket"], "False", 3),
    ],
)
def test_a_web_app_that_set_django_up_must_have_the_app(
    tmp_path: Path, apps: list[str], zones: str, expected: int
) -> None:
    source = _WEB_APP.format(apps=apps, zones=zones)
    assert _python(source, str(tmp_path / "cases.db")) == expected


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the place of an empty database."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgresql_url")
    else:
        yield str(tmp_path / "cases.db")


def test_threads_that_make_a_database_at_once_find_it_made(place: str) -> None:
    errors: list[AssentError] = []

    def make() -> None:
        try:
            open_docket(place, create=True).close()
        except AssentError as error:
            errors.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    open_docket(place).close()


_LATER = (
    "INSERT INTO django_migrations (app, name, applied)"
    " VALUES ('docket', '9999_later', '2026-01-01')"
)
_RENAMED = "UPDATE django_migrations SET name = '0000' WHERE app = 'docket'"


@pytest.mark.parametrize("statement", [_LATER, _RENAMED])
def test_tables_of_a_newer_program_are_left_alone(place: str, statement: str) -> None:
    with (
        open_docket(place, create=True) as docket,
        docket._used(docket._writer) as connection,  # noqa: SLF001 - as nobody else may
    ):
        connection.cursor().execute(statement)
    for create in (False, True):
        with pytest.raises(InputError, match="newer"):
            open_docket(place, create=create)


def test_cases_are_ordered_by_code_points_on_any_server(postgresql_url: str) -> None:
    with (
        open_docket(postgresql_url, create=True) as docket,
        docket._used(docket._writer) as connection,  # noqa: SLF001 - it is there
    ):
        cursor = connection.cursor()
        cursor.execute(
            "SELECT DISTINCT collation_name FROM information_schema.columns"
            " WHERE table_name LIKE 'docket%' AND data_type = 'text'"
        )
        assert cursor.fetchall() == [("C",)]
