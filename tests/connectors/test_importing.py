"""Files of a CRM become profiles: mapped, refused row by row, and safe to import twice."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.core.management import CommandError, call_command

from catalog.feeds import read_feed
from consent.checking import choices_of
from consent.models import ConsentRecord
from consent.subjects import Identifier, Subject
from personalization.connectors.importing import ImportedProfiles, Taking, import_profiles
from personalization.connectors.mapping import MappingError, read_mapping
from personalization.events.models import Event
from personalization.profiles.models import Profile, ProfileIdentifier
from tests.factories import NOON

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent / "data"
MAPPING = (DATA / "crm.toml").read_text()
BOTH = frozenset({"analytics", "personalization"})
SHORT = """
key = "id"
[identifiers]
crm = "id"
email = "email"
[traits]
plan = "plan"
"""


def imported(path: Path, mapping: str = MAPPING, **how: Any) -> ImportedProfiles:
    taking = Taking(read_mapping(mapping), how.pop("vouched", frozenset()), **how)
    return import_profiles(read_feed(path), taking=taking, clock=lambda: NOON)


def written(folder: Path, *rows: dict[str, Any], name: str = "people.jsonl") -> Path:
    text = "\n".join(json.dumps(row) for row in rows).encode()
    path = folder / name
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return path


def profile_of(kind: str, value: str) -> Profile:
    pseudonym = Identifier(kind, value).pseudonym
    return ProfileIdentifier.objects.get(pseudonym=pseudonym).profile


def test_a_row_becomes_a_profile_with_converted_traits(consume: Callable[[], None]) -> None:
    imported(DATA / "crm.csv")
    consume()

    profile = profile_of("crm", "4711")
    assert profile.facts["traits"] == {
        "country": "DE",
        "plan": "pro",
        "points": 1234.5,
        "member_since": "2024-03-01",
        "newsletter": True,
        "known_to_crm": True,
    }
    assert profile == profile_of("user", "anna") == profile_of("email", "anna@example.org")
    assert profile.facts["provenance"]["plan"][0] == "crm"


def test_somebody_whom_only_the_crm_knows_is_a_profile(consume: Callable[[], None]) -> None:
    imported(DATA / "crm.csv")
    consume()

    assert profile_of("email", "bo@example.org") == profile_of("crm", "4712")


def test_a_bad_row_is_named_by_line_and_column_and_the_rest_goes_on() -> None:
    done = imported(DATA / "crm.csv")

    assert (done.read, done.created, done.reasons.total()) == (9, 2, 7)
    assert sorted((one.line, one.field) for one in done.refused) == [
        (4, "Country"),
        (5, "E-Mail"),
        (6, "Points"),
        (7, "Since"),
        (8, "consent"),
        (9, "Customer No"),
        (10, ""),
    ]


def test_the_choices_of_the_file_are_recorded() -> None:
    imported(DATA / "crm.csv")

    assert choices_of(Subject.of(email="anna@example.org")).granted == BOTH
    assert choices_of(Subject.of(email="gil@example.org")).denied == BOTH


def test_who_is_in_a_file_twice_is_created_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("personalization.connectors.importing.BATCH", 2)
    anna = {"id": "1", "email": "anna@example.org"}
    rows = [{**anna, "plan": plan} for plan in ("free", "pro", "gold")]

    done = imported(written(tmp_path, *rows, {"id": "2", "plan": "pro"}), SHORT, vouched=BOTH)

    assert (done.created, done.updated) == (2, 2)


def test_a_number_that_its_column_made_a_fraction_names_the_same_customer(
    tmp_path: Path, consume: Callable[[], None]
) -> None:
    imported(written(tmp_path, {"id": 4711.0, "plan": "pro"}), SHORT, vouched=BOTH)
    consume()

    assert profile_of("crm", "4711").facts["traits"] == {"plan": "pro"}


def test_importing_twice_changes_nothing(consume: Callable[[], None]) -> None:
    imported(DATA / "crm.csv")
    consume()
    before = list(Profile.objects.order_by("pk").values_list("facts", flat=True))

    again = imported(DATA / "crm.csv")
    consume()

    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert list(Profile.objects.order_by("pk").values_list("facts", flat=True)) == before


@pytest.mark.parametrize("name", ["people.jsonl", "people.jsonl.gz"])
def test_a_row_that_changed_is_taken_again(
    tmp_path: Path, name: str, consume: Callable[[], None]
) -> None:
    rows = [{"id": 1, "email": "a@example.org", "plan": "free"}, {"id": 2, "plan": "free"}]
    imported(written(tmp_path, *rows, name=name), SHORT, vouched=BOTH)
    consume()

    done = imported(
        written(tmp_path, {**rows[0], "plan": "pro"}, rows[1], name=name), SHORT, vouched=BOTH
    )
    consume()

    assert (done.created, done.updated, done.unchanged) == (0, 1, 1)
    assert profile_of("crm", "1").facts["traits"] == {"plan": "pro"}


def test_a_parquet_file_says_the_same_as_json_lines(
    tmp_path: Path, consume: Callable[[], None]
) -> None:
    path = tmp_path / "people.parquet"
    duckdb.execute(
        "COPY (SELECT 1 AS id, 'a@example.org' AS email, 'free' AS plan) TO ?", [str(path)]
    )
    imported(path, SHORT, vouched=BOTH)
    consume()

    same = written(tmp_path, {"id": 1, "email": "a@example.org", "plan": "free"})

    assert imported(same, SHORT, vouched=BOTH).unchanged == 1


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(consume: Callable[[], None]) -> None:
    done = imported(DATA / "crm.csv", dry=True)
    consume()

    assert (done.created, done.reasons.total()) == (2, 7)
    assert done.sample[0].traits["country"] == "DE"
    assert not Event.objects.exists()
    assert not ConsentRecord.objects.exists()


def test_a_dry_run_after_the_import_finds_all_unchanged(consume: Callable[[], None]) -> None:
    imported(DATA / "crm.csv")
    consume()

    done = imported(DATA / "crm.csv", dry=True)

    assert (done.created, done.updated, done.unchanged) == (0, 0, 2)


def test_the_command_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mapping = str(DATA / "crm.toml")

    call_command("import_profiles", str(DATA / "crm.csv"), mapping=mapping, dry_run=True)

    told = capsys.readouterr().out
    assert "9 rows: would be 2 created, 0 updated, 0 unchanged, 7 refused." in told
    assert "line 6, Points: It is no number." in told
    assert '"country": "DE"' in told


def test_the_command_says_what_is_wrong_with_file_and_mapping(tmp_path: Path) -> None:
    mapping = str(DATA / "crm.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("key = 'x'\n[identifiers]\npassport = 'y'")

    with pytest.raises(CommandError, match="No such file"):
        call_command("import_profiles", str(tmp_path / "none.csv"), mapping=mapping)
    with pytest.raises(CommandError, match=r"identifiers\.passport: There is no such entry"):
        call_command("import_profiles", str(DATA / "crm.csv"), mapping=str(bad))
    with pytest.raises(CommandError, match="no purpose bogus"):
        call_command("import_profiles", str(DATA / "crm.csv"), mapping=mapping, vouch="bogus")


@pytest.mark.parametrize("name", ["people.csv", "people.parquet"])
def test_a_misspelt_column_is_named_before_anything_is_kept(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith(".csv"):
        path.write_text("id;email;Plan;Points\n1;anna@example.org;;3\n")
    else:
        people = "SELECT 1 AS id, 'anna@example.org' AS email, NULL AS Plan"
        duckdb.sql(f"COPY ({people}) TO '{path}' (FORMAT parquet)")
    wrong = SHORT.replace('plan = "plan"', 'plan = "Plann"')

    with pytest.raises(MappingError) as told:
        imported(path, wrong, vouched=BOTH)

    assert "traits.plan: There is no column 'Plann'. Did you mean 'Plan'?" in str(told.value)
    assert not ConsentRecord.objects.exists()
    assert imported(path, SHORT, vouched=BOTH).created == 1


def test_a_column_that_no_row_of_json_had_is_told_afterwards(tmp_path: Path) -> None:
    path = written(tmp_path, {"id": 1, "Plan": "pro"}, {"id": 2, "Plan": None})
    wrong = SHORT.replace('plan = "plan"', 'plan = "Plann"').replace('email = "email"', "")

    done = imported(path, wrong, vouched=BOTH)

    assert done.absent == ["traits.plan: No row has column 'Plann'. Did you mean 'Plan'?"]
    assert done.created == 2


def test_the_command_fails_where_every_row_was_refused_or_a_column_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "map.toml").write_text(SHORT)
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("id,email,plan\n1,no address,pro\n2,,pro\n")
    bad.write_text("id,mail,plan\n1,anna@example.org,pro\n")

    with pytest.raises(CommandError, match="Every row was refused"):
        call_command("import_profiles", good, mapping=tmp_path / "map.toml")
    call_command("import_profiles", good, mapping=tmp_path / "map.toml", vouch="analytics")
    with pytest.raises(CommandError, match=r"identifiers.email: .*Did you mean 'mail'"):
        call_command("import_profiles", bad, mapping=tmp_path / "map.toml", dry_run=True)
