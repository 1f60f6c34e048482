"""Half-written rules: what is finished is judged already, and what is not is named."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile
from personalization.segments.models import Segment
from personalization.segments.starting import templates

from .test_builder import ADD, country, group, sent

pytestmark = pytest.mark.django_db
FRENCH = {"all": [{"fact": "trait", "name": "country", "operator": "equals", "value": "France"}]}


@pytest.fixture(autouse=True)
def people() -> None:
    for name, number in (("France", 3), ("Spain", 2)):
        facts = {**empty_facts(), "traits": {"country": name}}
        Profile.objects.bulk_create(Profile(facts=facts) for _ in range(number))


def said_of(client: Client, *rows: dict[str, Any]) -> Any:
    return client.post(reverse("segments:preview"), sent(*rows)).json()


UNFINISHED = [
    ({"fact": "count"}, "event"),
    ({"fact": "count", "event": "purchase", "operator": "greater", "value": "many"}, "value"),
    ({"fact": "segment", "operator": "in_segment", "value": "nowhere"}, "value"),
    ({"fact": "trait:", "operator": "equals", "value": "x"}, "name"),
]


@pytest.mark.parametrize(("row", "field"), UNFINISHED)
def test_the_finished_rows_are_judged_while_another_is_written(
    admin_client: Client, row: dict[str, Any], field: str
) -> None:
    said = said_of(admin_client, country("France"), row)

    assert "Country is France." in said["html"]
    assert "3 of 5 profiles" in said["html"]
    assert "Condition 2 is not finished yet, and left out here." in said["html"]
    assert [*said["errors"]] == ["rule-1"]
    assert field in said["errors"]["rule-1"]
    assert said["rule"] is None


def test_what_is_left_out_of_a_group_is_named_by_its_number(admin_client: Client) -> None:
    rows = (group("any"), {"depth": 1, "fact": "count"}, country("Spain", 1), country("France"))

    said = said_of(admin_client, *rows)

    assert "(country is Spain) and country is France." in said["html"]
    assert "Condition 1.1 is not finished yet" in said["html"]


def test_all_segments_that_are_missing_are_named_at_once(admin_client: Client) -> None:
    rows = [{"fact": "segment", "operator": "in_segment", "value": one} for one in ("a", "b")]

    said = said_of(admin_client, *rows, country("France"))

    assert said["errors"] == {
        "rule-0": {"value": ["There is no segment “a”."]},
        "rule-1": {"value": ["There is no segment “b”."]},
    }
    assert "3 of 5 profiles" in said["html"]


def test_where_nothing_is_finished_the_panel_says_what_is_missing(admin_client: Client) -> None:
    said = said_of(admin_client, {"fact": "count"})

    assert "Fill in a condition" in said["html"]
    assert "Condition 1 is not finished yet. " in said["html"]


def test_a_finished_rule_complains_about_nothing(admin_client: Client) -> None:
    said = said_of(admin_client, country("France"))

    assert said["errors"] == {}
    assert said["rule"] == FRENCH


@pytest.mark.parametrize("typed", ["1,000", "1 000", "1'000", "1\u202f000", "1000", "1,000.0"])
def test_thousands_may_be_set_apart(admin_client: Client, typed: str) -> None:
    row = {"fact": "sum", "event": "purchase", "operator": "greater", "value": typed}

    assert said_of(admin_client, row)["rule"]["all"][0]["value"] == 1000


@pytest.mark.parametrize("typed", ["12,5", "1,00", "1,0000"])
def test_a_comma_that_sets_no_thousands_apart_is_explained(
    admin_client: Client, typed: str
) -> None:
    row = {"fact": "sum", "event": "purchase", "operator": "greater", "value": typed}

    [said] = said_of(admin_client, row)["errors"]["rule-0"]["value"]

    assert "Write it with a point, as in 12.5." in said


def test_a_trait_that_looks_like_a_large_number_stays_the_text_it_is(admin_client: Client) -> None:
    said = said_of(admin_client, country("1,000"))

    assert said["rule"]["all"][0]["value"] == "1,000"


@pytest.mark.parametrize("typed", ["The French", "the french", "the-french"])
def test_a_segment_may_be_named_as_people_call_it(admin_client: Client, typed: str) -> None:
    Segment.objects.create(name="The French", rule=FRENCH)
    row = {"fact": "segment", "operator": "in_segment", "value": typed}

    admin_client.post(ADD, sent(row))

    made = Segment.objects.get(name="Nested")
    assert made.rule["all"][0]["value"] == "the-french"


def test_every_template_opens_with_whom_it_matches(admin_client: Client) -> None:
    for template in templates():
        page = admin_client.get(f"{ADD}?template={template.key}").content.decode()

        assert f'<p class="rule__sentence">{template.sentence}</p>' in page, template.key
        assert "of 5 profiles" in page, template.key


def test_the_panel_stays_when_saving_failed(admin_client: Client) -> None:
    unnamed = sent(country("France"), {"fact": "count"}, name="")

    page = admin_client.post(ADD, unnamed).content.decode()

    assert "3 of 5 profiles" in page
    assert "Condition 2 is not finished yet" in page
    assert 'aria-describedby="id_rule-1-event_error"' in page


def test_the_panel_stays_when_a_button_arranged_the_rows(admin_client: Client) -> None:
    pressed = sent(country("France"), country("Spain"), **{"rule-do": "remove:1"})

    page = admin_client.post(ADD, pressed).content.decode()

    assert "3 of 5 profiles" in page


def test_a_new_form_complains_about_nothing(admin_client: Client) -> None:
    page = admin_client.get(ADD).content.decode()

    assert "Fill in a condition to see who matches." in page
    assert "rule-row__error" not in page
