"""Segments are chosen among thousands by searching, or by typing their names."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from personalization.segments.kind_forms import CombineForm
from personalization.segments.models import Segment
from personalization.segments.picking import SHOWN, segments_named
from tests.rules.test_contradicting import country

pytestmark = pytest.mark.django_db
Queries = Callable[[int], Any]
FRENCH = {"all": [country("equals", "France")]}
SEARCH = "/admin/segments/search"


def make_segments(*names: str) -> None:
    for name in names:
        Segment.objects.create(name=name, rule=FRENCH)


def combined(**sent: str) -> CombineForm:
    data = QueryDict(mutable=True)
    data.update({"name": "New", "description": "", **sent})
    return CombineForm(data)


def test_a_search_asks_for_every_word_and_shows_first_what_begins_with_it() -> None:
    make_segments("High value, France", "France", "France, lapsing", "Spain")

    found, more = segments_named("fra")

    assert ([one.name for one in found], more) == (
        ["France", "France, lapsing", "High value, France"],
        False,
    )
    assert [one.name for one in segments_named("value fra")[0]] == ["High value, France"]


def test_a_search_shows_some_of_thousands_and_says_that_there_are_more(
    admin_client: Client, django_assert_max_num_queries: Queries
) -> None:
    Segment.objects.bulk_create(
        Segment(name=f"S {n:04}", key=f"s-{n}", rule=FRENCH) for n in range(5_000)
    )
    admin_client.get(SEARCH)

    with django_assert_max_num_queries(4):
        answer = admin_client.get(SEARCH, {"q": "s 00"}).json()

    assert (len(answer["found"]), answer["more"]) == (SHOWN, True)
    assert answer["found"][0] == {
        "key": "s-0",
        "name": "S 0000",
        "called": "S 0000",
        "kind": "Rule",
    }


@pytest.mark.parametrize(
    ("page", "query"),
    [("add", {"kind": "combined"}), ("add", {"kind": "static"}), ("overlap", {})],
)
def test_a_page_with_a_picker_does_not_grow_with_the_number_of_segments(
    admin_client: Client, page: str, query: dict[str, str]
) -> None:
    sizes = []
    for number in (5, 5_000):
        Segment.objects.all().delete()
        Segment.objects.bulk_create(
            Segment(name=f"S {n:04}", key=f"s-{n}", rule=FRENCH) for n in range(number)
        )
        answer = admin_client.get(reverse(f"admin:segments_segment_{page}"), query)
        assert answer.status_code == 200
        sizes.append(len(answer.content))

    assert abs(sizes[1] - sizes[0]) < 1_000


def test_names_can_be_typed_without_a_script() -> None:
    make_segments("Gold", "Silver; old", "French")

    form = combined(**{"in_all": "gold", "in_all-typed": "french", "in_any-typed": "Silver; old"})

    assert form.is_valid(), form.errors
    assert form.instance.rule["all"][0]["value"] == "french"
    assert {one["value"] for one in form.instance.rule["all"][:2]} == {"gold", "french"}
    several = combined(**{"in_all-typed": "gold; French"})
    assert several.is_valid()
    assert len(several.cleaned_data["in_all"]) == 2


def test_an_exact_name_means_its_own_segment_in_a_picker() -> None:
    make_segments("VIPs", "Vips")
    keys = dict(Segment.objects.values_list("name", "key"))

    for name, key in keys.items():
        form = combined(**{"in_all-typed": name})
        assert form.is_valid(), form.errors
        assert [one.key for one in form.cleaned_data["in_all"]] == [key]


def test_a_name_that_is_none_stays_in_the_field_and_is_told_what_is_meant() -> None:
    make_segments("Gold customers")

    form = combined(**{"in_all-typed": "gold"})

    assert not form.is_valid()
    assert "There is no segment “gold”. Do you mean “Gold customers”?" in str(form.errors)
    assert 'value="gold"' in str(form["in_all"])


def test_what_is_chosen_is_shown_as_ticked_after_an_error() -> None:
    make_segments("Gold")

    form = combined(in_all="gold", **{"in_any-typed": "nonsense"})

    assert not form.is_valid()
    assert 'name="in_all" value="gold" checked' in str(form["in_all"])


def test_a_made_up_key_is_refused() -> None:
    assert "There is no segment “gone”." in str(combined(in_all="gone").errors)


def test_only_who_may_see_segments_searches(client: Client) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    assert client.get(SEARCH, {"q": "a"}).status_code == 403
