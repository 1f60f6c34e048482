"""The rule form on the server: nested rows, buttons that arrange them, errors where they belong."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse, reverse_lazy

from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile
from personalization.segments.models import Segment

pytestmark = pytest.mark.django_db
ADD = "/admin/segments/segment/add/"
ARRANGE = reverse_lazy("segments:arrange")


def sent(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "name": "Nested",
        "description": "",
        "rule-match": "all",
        "rule-json": "",
        "rule-TOTAL_FORMS": str(len(rows)),
        "rule-INITIAL_FORMS": "0",
    }
    for number, row in enumerate(rows):
        form |= {f"rule-{number}-{name}": str(value) for name, value in row.items()}
    return {**form, **more}


def country(name: str, depth: int = 0) -> dict[str, Any]:
    return {"depth": depth, "fact": "trait:country", "operator": "equals", "value": name}


def group(match: str, depth: int = 0) -> dict[str, Any]:
    return {"group": match, "depth": depth}


def condition(name: str) -> dict[str, Any]:
    return {"fact": "trait", "name": "country", "operator": "equals", "value": name}


def test_nested_rows_are_saved_and_shown_again(admin_client: Client) -> None:
    rows = (
        country("France"),
        group("any"),
        country("Spain", 1),
        group("none", 1),
        country("Malta", 2),
        group("any"),
    )

    admin_client.post(ADD, sent(*rows))

    segment = Segment.objects.get()
    assert segment.rule == {
        "all": [
            condition("France"),
            {"any": [condition("Spain"), {"none": [condition("Malta")]}]},
        ]
    }
    page = admin_client.get(reverse("admin:segments_segment_change", args=[segment.pk]))
    shown = page.content.decode()
    assert "Condition 2.2.1</legend>" in shown
    assert 'name="rule-4-depth" value="2"' in shown
    assert not page.context["adminform"].form.builder.rule_form["use_json"].value()


def test_an_error_deep_inside_stands_at_its_row(admin_client: Client) -> None:
    inner = {"depth": 1, "fact": "segment", "operator": "in_segment", "value": "nowhere"}
    rows = (group("any"), {"depth": 1, "fact": ""}, inner)

    page = admin_client.post(ADD, sent(*rows)).content.decode()

    assert 'id="id_rule-2-value_error">There is no segment “nowhere”.' in page
    assert not Segment.objects.exists()


def test_an_error_in_one_of_two_numbers_stands_at_it(admin_client: Client) -> None:
    row = {"fact": "score", "name": "x", "operator": "between", "low": "1", "high": "many"}

    page = admin_client.post(ADD, sent(row)).content.decode()

    assert 'id="id_rule-0-high_error">' in page
    assert 'value="many"' in page


def test_groups_too_deep_are_refused_at_the_group(admin_client: Client) -> None:
    rows = [group("any", depth) for depth in range(6)]

    page = admin_client.post(ADD, sent(*rows, country("France", 6))).content.decode()

    assert 'id="id_rule-5-group_error">Groups go at most 6 deep.' in page


def test_a_contradiction_inside_a_group_is_shown_at_its_row(admin_client: Client) -> None:
    rows = (group("any"), group("all", 1), country("France", 2), country("Spain", 2))

    said = admin_client.post(reverse("segments:preview"), sent(*rows)).json()

    assert said["warnings"] == {
        "rule-3": ["Nobody can fulfil this and also: country is France."],
    }


def test_what_nobody_sees_is_not_held_against_a_row(admin_client: Client) -> None:
    row = {**country("France"), "days": "soon", "minutes": "x", "of": "planets"}

    admin_client.post(ADD, sent(row))

    assert Segment.objects.get().rule == {"all": [condition("France")]}


def test_a_button_without_javascript_changes_the_rows_and_saves_nothing(
    admin_client: Client,
) -> None:
    typed = {**country("Fra"), "days": "so"}

    page = admin_client.post(ADD, sent(typed, **{"rule-do": "wrap:0"})).content.decode()

    assert "Nothing is saved yet." in page
    assert 'name="rule-TOTAL_FORMS" value="2"' in page
    assert 'name="rule-1-value" value="Fra"' in page
    assert 'name="rule-1-days" value="so"' in page
    assert 'value="Nested"' in page
    assert not Segment.objects.exists()


def test_the_same_button_answers_a_script_with_the_rows(admin_client: Client) -> None:
    answer = admin_client.post(ARRANGE, sent(country("France"), **{"rule-do": "duplicate:0"}))

    said = answer.json()
    assert said["focus"] == "id_rule-1-fact"
    assert said["html"].count('value="France"') == 2


def test_what_cannot_be_done_is_said_and_nothing_is_lost(admin_client: Client) -> None:
    rows = [group("any", depth) for depth in range(5)]
    asked = sent(*rows, country("France", 5), **{"rule-do": "wrap:5"})

    said = admin_client.post(ARRANGE, asked).json()

    assert "at most 6 deep" in said["notice"]
    assert 'value="France"' in said["html"]


def test_only_staff_that_may_see_segments_arranges(client: Client) -> None:
    asked = sent(country("France"), **{"rule-do": "up:0"})
    assert client.post(ARRANGE, asked).status_code == 302

    client.force_login(User.objects.create_user("sam", is_staff=True))
    assert client.post(ARRANGE, asked).status_code == 403


def test_help_is_offered_where_a_number_is_asked_for(admin_client: Client) -> None:
    plain = {"fact": "trait:country", "operator": "in", "values": "France"}
    rows = (plain, {"fact": "trait:age", "operator": "at_least", "value": "x"}, BOUGHT)

    page = admin_client.post(ADD, sent(*rows))

    builder = page.context["adminform"].form.builder
    assert [row.is_spreadable for row in builder.rows] == [False, True, True]


BOUGHT = {"fact": "count", "event": "purchase", "operator": "greater", "value": ""}


def buyers(*numbers: int) -> None:
    Profile.objects.bulk_create(
        Profile(facts={**empty_facts(), "counts": {"purchase": {"20000": number}}})
        for number in numbers
    )


def test_help_with_a_number_shows_the_spread_and_where_it_falls_apart(
    admin_client: Client,
) -> None:
    buyers(*[1] * 30, *[2] * 20, *[20] * 15)

    said = admin_client.post(ARRANGE, sent(BOUGHT, **{"rule-do": "spread:0"})).json()

    assert said["focus"] == "rule-0-spread"
    assert "65 of the 65 newest profiles" in said["html"]
    assert 'aria-label="Use 2; 23 % have more than that"' in said["html"]
    assert "1 to 2: 30 profiles" in said["html"]


@pytest.mark.parametrize(
    ("operator", "number", "said", "bar"),
    [
        ("greater", "2", "23 % have more than that", "19"),
        ("at_least", "20", "23 % have at least that", "20"),
        ("less", "20", "77 % have less than that", "21"),
        ("at_most", "2", "77 % have at most that", "20"),
        ("equals", "20", "23 % have exactly that", "20"),
    ],
)
def test_help_with_a_number_says_what_the_rule_then_says(
    admin_client: Client, operator: str, number: str, said: str, bar: str
) -> None:
    buyers(*[1] * 30, *[2] * 20, *[20] * 15)
    row = {**BOUGHT, "operator": operator}

    html = admin_client.post(ARRANGE, sent(row, **{"rule-do": "spread:0"})).json()["html"]

    assert (
        f'value="value:0:{number}" class="rule__button" aria-label="Use {number}; {said}"' in html
    )
    assert f'aria-label="20 to 21: 15 profiles. Use {bar}"' in html


def test_a_threshold_that_parts_off_a_few_does_not_say_how_many(admin_client: Client) -> None:
    buyers(*[1] * 30, *[20] * 9)

    said = admin_client.post(ARRANGE, sent(BOUGHT, **{"rule-do": "spread:0"})).json()

    assert "Use 1; fewer than ten on one side of it" in said["html"]
    assert "have more than that" not in said["html"]


def test_a_bar_sets_both_ends_of_a_range(admin_client: Client) -> None:
    buyers(*[1] * 30, *[20] * 15)
    row = {**BOUGHT, "operator": "between"}

    html = admin_client.post(ARRANGE, sent(row, **{"rule-do": "spread:0"})).json()["html"]
    assert 'value="span:0:20:20"' in html

    said = admin_client.post(ARRANGE, sent(row, **{"rule-do": "span:0:1:20"})).json()
    assert 'name="rule-0-low" value="1"' in said["html"]
    assert 'name="rule-0-high" value="20"' in said["html"]
    assert said["focus"] == "id_rule-0-low"


def test_pressing_a_break_types_it(admin_client: Client) -> None:
    said = admin_client.post(ARRANGE, sent(BOUGHT, **{"rule-do": "value:0:20"})).json()

    assert 'name="rule-0-value" value="20"' in said["html"]
    assert said["focus"] == "id_rule-0-value"


def test_the_spread_names_no_bar_of_fewer_than_ten(admin_client: Client) -> None:
    buyers(*[1] * 30, 7)

    said = admin_client.post(ARRANGE, sent(BOUGHT, **{"rule-do": "spread:0"})).json()

    assert "7 to 8: under 10 profiles" in said["html"]


@pytest.mark.parametrize(
    ("row", "notice"),
    [
        ({"fact": "trait:", "operator": "greater"}, "Say first what to look at"),
        ({"fact": "count", "operator": "greater"}, "Say first what to look at"),
        ({"fact": "persona", "operator": "equals"}, "a fact that is a number"),
        ({**BOUGHT, "days": "soon"}, "Say first what to look at"),
    ],
)
def test_the_spread_of_nothing_is_explained(
    admin_client: Client, row: dict[str, Any], notice: str
) -> None:
    said = admin_client.post(ARRANGE, sent(row, **{"rule-do": "spread:0"})).json()

    assert notice in said["notice"]


def test_facts_are_explained_with_values_that_profiles_have(admin_client: Client) -> None:
    Profile.objects.bulk_create(
        Profile(facts={**empty_facts(), "traits": {"plan": "gold"}, "scores": {"engagement": 1}})
        for _ in range(10)
    )

    builder = admin_client.get(ADD).context["adminform"].form.builder

    facts = {one["value"]: one for one in builder.facts}
    assert facts["trait:plan"]["examples"] == ["gold"]
    assert facts["score"]["examples"] == ["engagement"]
    assert "purchase" in builder.suggestions.events
    assert all(one["description"] for one in builder.facts)


def test_a_hundred_conditions_in_groups_fit_into_one_form(admin_client: Client) -> None:
    rows = [
        {**country(f"Land {n}"), **dict.fromkeys(("low", "high", "km"), "")} for n in range(100)
    ]
    names = ("name", "of", "event", "category", "then", "minutes", "days", "values", "latitude")

    admin_client.post(ADD, sent(*({**row, **dict.fromkeys(names, "")} for row in rows)))

    assert len(Segment.objects.get().rule["all"]) == 100


def test_who_may_not_see_profiles_sees_no_sample_and_no_small_number(client: Client) -> None:
    buyers(*[4] * 3)
    analyst = User.objects.create_user("ana", is_staff=True)
    analyst.groups.add(Group.objects.get(name="Analyst"))
    client.force_login(analyst)

    said = client.post(reverse("segments:preview"), sent({**BOUGHT, "value": "3"})).json()

    assert "under 10 of 3 profiles" in said["html"]
    assert "Some of them" not in said["html"]
