"""The command as people run it: real processes, real files, real exit codes."""

import csv
import importlib
import json
import os
import pkgutil
import re
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import assent as package
from assent.adapters.docket.aliases import configure
from assent.apps.cli.exit_codes import EXIT_CODES
from assent.vocabulary import AssentError

ROOT = Path(__file__).parents[2]
ASSENT = Path(sys.executable).with_name("assent")
EXAMPLES = ROOT / "examples"
CONFIG = EXAMPLES / "configs" / "llama-3.1-8b.json"


def assent(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(  # noqa: S603 - our own command
        [ASSENT, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={"COLUMNS": "200", "PATH": ""},
    )
    assert done.returncode == code, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    return done


def test_help_comes_at_once() -> None:
    spent_s = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert "assess" in assent("--help").stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        user = after.ru_utime - before.ru_utime
        spent_s.append(user + after.ru_stime - before.ru_stime)
    assert min(spent_s) < 0.3  # of the processor, whatever else the machine does


def test_starting_imports_nothing_heavy() -> None:
    heavy = {"torch", "transformers", "numpy", "pydantic", "celpy", "jinja2", "lark"}
    code = (
        "import sys, assent.apps.cli.main;"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not heavy & set(done.stdout.split())


def test_assesses_a_bare_config_with_tokens() -> None:
    done = assent("assess", CONFIG, "--tokens", "15e12", "--on", "2026-11-22")
    assert "8,030,261,248 in all" in done.stdout
    assert "◀ headline" in done.stdout


def test_a_bare_config_needs_its_tokens() -> None:
    done = assent("assess", CONFIG, code=5)
    assert "--tokens 15e12" in done.stderr


def test_json_is_json_and_counts_are_texts() -> None:
    options = ["--tokens", "15e12", "--sequence-length", 8192, "--json"]
    document = json.loads(assent("assess", CONFIG, *options).stdout)
    assert document["model"]["weights_total"] == "8030261248"
    low = document["headline"]["flop"]["low"]
    assert isinstance(low, str)
    assert re.fullmatch(r"7\d{23}", low)


def test_writes_one_page(tmp_path: Path) -> None:
    page = tmp_path / "new" / "page.html"
    assent("assess", CONFIG, "--tokens", "1e12", "--html", page)
    assert "<html" in page.read_text()


def test_scaffold_checks_and_assesses(tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    assent("declare", "new", "My own run", "--out", file)
    assent("declare", "new", "My own run", "--out", file, code=3)
    assert "70,600,000,000 weights" in assent("declare", "check", file).stdout
    assert "My own run" in assent("assess", file).stdout


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("assent: declaration/1\nrun: {", 3, "not YAML"),
        ("just a text", 3, "not a declaration"),
        ("assent: declaration/1\n", 3, "is missing"),
        ("\x00\x01", 3, "not YAML"),
    ],
    ids=["broken", "text", "empty", "binary"],
)
def test_a_bad_declaration_is_an_error_with_a_remedy(
    tmp_path: Path, text: str, code: int, said: str
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    done = assent("assess", file, code=code)
    assert said in done.stderr
    assert "remedy: " in done.stderr
    assert str(file) in done.stderr


def test_other_errors_have_their_own_codes(tmp_path: Path) -> None:
    assent("assess", tmp_path / "none.yaml", code=4)
    unknown = tmp_path / "config.json"
    unknown.write_text('{"model_type": "brand_new"}')
    done = assent("assess", unknown, "--tokens", "1e12", code=6)
    assert "weights_total" in done.stderr
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"title: caf\xe9")
    assent("assess", latin, code=4)
    assent("assess", code=5)
    assent("rules", "show", "nothing", code=4)
    assent("assess", CONFIG, "--tokens", "many", code=3)


def test_a_declaration_reads_no_file_outside_its_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"model_type": "llama"}')
    inner = tmp_path / "inner"
    inner.mkdir()
    file = inner / "run.yaml"
    file.write_text(
        "assent: declaration/1\nrun: {id: a, title: A}\ndeveloper: {name: B}\n"
        "model: {config_file: ../secret.json}\n"
        "training: [{id: t, kind: pre_training, training_tokens: 1}]\n"
    )
    assert "outside its folder" in assent("assess", file, code=4).stderr


def test_lists_shows_and_compares_rules() -> None:
    listed = assent("rules", "list", "--on", "2024-06-01").stdout
    assert "us_eo_14110" in listed
    shown = assent("rules", "show", "eu_ai_act").stdout
    assert "51" in shown
    assert "1.00e+25" in shown
    changed = assent("rules", "diff", "2024-06-01", "2026-06-01").stdout
    assert "us_eo_14110" in changed
    assert (
        "Nothing changed" in assent("rules", "diff", "2020-01-01", "2020-01-01").stdout
    )


def test_validates_a_folder_of_instruments(tmp_path: Path) -> None:
    source = ROOT / "src" / "assent" / "rulebook" / "practice"
    for path in source.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text())
    assert "sound" in assent("rules", "validate", tmp_path).stdout
    broken = next(tmp_path.glob("*.yaml"))
    broken.write_text(broken.read_text().replace("run.flop", "run.flopp"))
    assert assent("rules", "validate", tmp_path, code=9).stderr
    assert assent("assess", "--rulebook", tmp_path, CONFIG, "--tokens", 1, code=9)


def test_assesses_a_table_and_loses_no_row(tmp_path: Path) -> None:
    table, results = tmp_path / "table.csv", tmp_path / "results.csv"
    with table.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(
            [
                *("id", "weights_total", "training_tokens", "sequence_length"),
                *("model.outputs", "run.jurisdictions", "model.narrow"),
            ]
        )
        for index in range(1200):
            weights = "oops" if index == 700 else "4e11"
            writer.writerow([index, weights, "16e12", 8192, "text", "EU;US-CA", "no"])
        writer.writerow(["last", "1e9", "1e9", "", "text;hologram", "", ""])
    assent("assess", "--batch", table, "--out", results, "--on", "2026-11-22")
    rows = list(csv.DictReader(results.read_text().splitlines()))
    assert [row["id"] for row in rows] == [*map(str, range(1200)), "last"]
    assert [row["id"] for row in rows if row["error"]] == ["700", "last"]
    assert "eu_ai_act/systemic_risk" in rows[0]["law_binds"]
    assert int(rows[0]["flop_low"]) == 6 * 4 * 10**11 * 16 * 10**12


def test_a_table_is_never_overwritten_nor_good_results_lost(tmp_path: Path) -> None:
    table, results = tmp_path / "table.csv", tmp_path / "results.csv"
    text = "id,weights_total,training_tokens,sequence_length\n=1+1,1e9,1e9,2048\n"
    table.write_text(text)
    assert "itself" in assent("assess", "--batch", table, "--out", table, code=4).stderr
    assert table.read_text() == text
    assent("assess", "--batch", table, "--out", results)
    good = results.read_text()
    assert "'=1+1" in good
    table.write_text("id,colour\n1,red\n")
    assent("assess", "--batch", table, "--out", results, code=3)
    assert results.read_text() == good
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "results.csv",
        "table.csv",
    ]
    assent("assess", "--batch", tmp_path, code=4)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.yaml"
    os.mkfifo(fifo)
    for path in (fifo, tmp_path, "/dev/zero"):
        assert "not a file" in assent("assess", path, code=4).stderr


def test_a_table_of_unknown_columns_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("id,colour\n1,red\n")
    assert "colour" in assent("assess", "--batch", table, code=3).stderr


def test_shows_accelerators() -> None:
    assert "H100" in assent("compute", "hardware").stdout
    assert "dense peak" in assent("compute", "hardware", "H100 SXM").stdout
    assert "remedy" in assent("compute", "hardware", "H1OO", code=4).stderr


def test_counts_on_the_meta_device_and_agrees(tmp_path: Path) -> None:
    config = json.loads(CONFIG.read_text())
    config |= {"num_hidden_layers": 2, "vocab_size": 1000}
    small = tmp_path / "config.json"
    small.write_text(json.dumps(config))
    done = assent("compute", "count", small, "--sequence-length", 64)
    assert "1.000000 (exact)" in done.stdout


def test_every_error_of_ours_has_an_exit_code() -> None:
    configure()  # Django, for the modules that declare tables
    for module in pkgutil.walk_packages(package.__path__, "assent."):
        with suppress(ImportError):  # of an optional part that is not installed
            importlib.import_module(module.name)
    kinds, waiting = {AssentError}, [AssentError]
    while waiting:
        new = set(waiting.pop().__subclasses__()) - kinds
        kinds |= new
        waiting.extend(new)
    assert len(kinds) > 100
    without = {
        kind.__name__
        for kind in kinds - {AssentError}
        if kind.__module__.startswith("assent.")
        and not any(base in EXIT_CODES for base in kind.__mro__)
    }
    assert without == {"MeterFailed"}  # a bug of ours: 1, as any other
