"""What a report finds in the data."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from personalization.events.learning_usual import learn_usual_values
from personalization.events.models import OrdinaryValue
from personalization.events.standards import announce, standards_now
from personalization.events.tracking import track
from personalization.insights import reporting
from personalization.insights.models import QualityReport
from personalization.insights.reporting import compute, latest_report
from personalization.streams import stream
from tests.factories import NOON, agree, make_event
from tests.insights.conftest import Store

WEEK = timedelta(days=7)


def report() -> QualityReport:
    return compute(QualityReport.objects.create(started_by="test"), now=NOON)


def of_type(made: QualityReport, kind: str = "item_view") -> dict[str, Any]:
    return dict(next(one for one in made.content["types"] if one["type"] == kind))


def kinds(made: QualityReport) -> list[tuple[str, str]]:
    return [(one["kind"], one["about"]) for one in made.findings]


def price(n: int) -> dict[str, Any]:
    return {"price": 1 + n % 20, "category": ("bags", "lanterns")[n % 2]}


def test_steady_data_have_no_findings(store: Store) -> None:
    store(600, properties=price)
    store(2_400, days=28, until=NOON - WEEK, properties=price)

    made = report()

    assert (made.state, made.percent, made.findings) == ("done", 100, [])
    fields = {one["field"]: one["week"]["difference"]["psi"] for one in of_type(made)["fields"]}
    assert fields.keys() == {"properties.price", "properties.category"}
    assert all(psi < 0.1 for psi in fields.values())


def test_a_drifted_number_and_a_drifted_category_are_found(store: Store) -> None:
    store(600, properties=lambda n: {"price": 21 + n % 20, "category": "bags"})
    store(2_400, days=28, until=NOON - WEEK, properties=price)

    made = report()

    assert kinds(made) == [("drift", "item_view")] * 2
    drifted = {one["field"]: one["week"]["difference"] for one in of_type(made)["fields"]}
    assert drifted["properties.price"]["ks"] == 1
    assert set(drifted["properties.category"]["labels"]) == {"bags", "lanterns"}
    assert drifted["properties.category"]["psi"] > 0.25


def test_a_day_is_compared_as_well_as_a_week(store: Store) -> None:
    store(600, properties=price)
    store(400, days=1, properties=lambda n: {"price": 99})
    store(2_400, days=28, until=NOON - WEEK, properties=price)

    field = next(one for one in of_type(report())["fields"] if one["field"] == "properties.price")

    assert field["day"]["difference"]["psi"] > field["week"]["difference"]["psi"] > 0.25


def test_a_field_that_goes_missing_is_found(store: Store) -> None:
    store(600, properties=lambda n: price(n) if n % 2 else {})
    store(2_400, days=28, until=NOON - WEEK, properties=price)

    made = report()

    assert ("missing", "item_view") in kinds(made)
    missing = {one["field"]: one for one in of_type(made)["missing"]}
    assert missing["properties.price"]["share"] == pytest.approx(0.5)
    assert missing["properties.price"]["before"] == 0
    assert missing["properties.item_id"]["share"] == 1


def test_refusals_are_found_unless_they_are_for_want_of_consent(store: Store) -> None:
    store(200)
    agree(user_id="anna")
    track([make_event(properties={"price": "x"}) for _ in range(20)], now=NOON, source="page")
    track([make_event(user_id="stranger") for _ in range(200)], now=NOON, source="segment")

    made = report()

    assert kinds(made) == [("refused", "page")]
    assert {(one["source"], one["field"], one["events"]) for one in made.content["refusals"]} == {
        ("page", "properties.price", 20),
        ("segment", "consent", 200),
    }


def test_lateness_is_found_but_not_of_imports(store: Store) -> None:
    late = NOON - timedelta(hours=1)
    store(200, until=NOON - timedelta(hours=5), days=0, received_at=late)
    store(200, until=NOON - timedelta(hours=5), days=0, received_at=late, source="import")
    store(200, until=NOON - timedelta(hours=5), days=0, received_at=late, source="crm")

    assert ("late", "page") in kinds(report())
    assert ("late", "import") not in kinds(report())
    assert ("late", "crm") not in kinds(report())


def test_flags_are_counted_by_type(store: Store) -> None:
    store(10, flags=["outlier:price"])

    made = report()

    assert made.content["flags"] == [{"type": "item_view", "flag": "outlier:price", "events": 10}]


def test_what_few_people_have_is_not_named(store: Store) -> None:
    store(600, properties=lambda n: {"note": "anna's own" if n % 2 else "common"}, profile_id=7)
    store(
        2_400,
        days=28,
        until=NOON - WEEK,
        properties=lambda n: {"note": "anna's own" if n % 50 == 1 else "common"},
    )

    assert "anna" not in str(report().content)


def test_samples_are_bounded_and_the_same_each_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "SAMPLED", 300)
    store(600, properties=price)
    store(2_400, days=28, until=NOON - WEEK, properties=price)

    first, second = of_type(report()), of_type(report())

    assert (first["events"], first["is_sample"]) == (300, True)
    assert first == second


def test_a_report_of_nothing_is_a_report(db: None) -> None:
    made = report()

    assert (made.state, made.findings) == ("done", [])
    assert latest_report() == made


def test_a_report_that_fails_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**kwargs: Any) -> None:
        raise ValueError("no volumes")

    monkeypatch.setattr(reporting, "volumes", broken)

    with pytest.raises(ValueError):
        report()

    failed = QualityReport.objects.get()
    assert (failed.state, failed.message) == ("failed", "It failed: no volumes")


def test_what_is_usual_is_learned_and_what_is_not_is_flagged_but_kept(store: Store) -> None:
    store(500, days=20, properties=price)
    agree(user_id="anna")

    assert learn_usual_values(now=NOON) == 1
    announce()
    standards_now()
    sent = [make_event(properties={"item_id": "1", "price": number}) for number in (9, 9_000)]
    assert track(sent, now=NOON).accepted == 2

    learned = OrdinaryValue.objects.get()
    assert (learned.field, str(learned)) == ("price", "item_view price: usually about 10.4881")
    flags = [payload[11] for _, _, payloads in stream.waiting() for payload in payloads]
    assert flags == [[], ["outlier:price"]]


def test_the_command_ends_with_an_error_only_when_strict_and_something_is_found(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_data", strict=True)
    agree(user_id="anna")
    now = timezone.now()
    track([make_event(properties={"price": "x"}) for _ in range(200)], now=now)
    call_command("check_data")

    with pytest.raises(SystemExit) as ended:
        call_command("check_data", strict=True)

    assert ended.value.code == 1
    told = capsys.readouterr().out
    assert "refused: api: 100% of the last week's events" in told
    assert "\n1 finding.\n" in told
