"""What does not stay of a person, wherever it stands."""

from typing import Any

import pytest

from personalization.vault.leaving_out import without_personal


def cleaned(part: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    left_out: list[str] = []
    return without_personal(part, path="properties", left_out=left_out), left_out


@pytest.mark.parametrize(
    ("part", "kept", "left_out"),
    [
        (
            {"customer": {"email": "a@b.de", "plan": "pro"}},
            {"customer": {"plan": "pro"}},
            "customer.email",
        ),
        ({"e_mail": "none", "a": 1}, {"a": 1}, "e_mail"),
        ({"zip": 12345}, {}, "zip"),
        ({"user_email": "x"}, {}, "user_email"),
        ({"emails": ["x"]}, {}, "emails"),
        ({"said": ["a@b.de", "red"]}, {"said": ["red"]}, "said"),
        ({"said": [{"name": "Anna", "as": "x"}]}, {"said": [{"as": "x"}]}, "said.name"),
        ({"query": "anna@example.org"}, {}, "query"),
        ({"order_id": "anna@example.org"}, {}, "order_id"),
    ],
)
def test_what_is_personal_goes_and_its_place_is_told(
    part: dict[str, Any], kept: dict[str, Any], left_out: str
) -> None:
    assert cleaned(part) == (kept, [f"properties.{left_out}"])


def test_a_name_that_is_an_address_is_not_told() -> None:
    assert cleaned({"opened": {"anna@example.org": 1}}) == ({"opened": {}}, ["properties.opened"])


@pytest.mark.parametrize(
    ("name", "stated", "kept"),
    [
        ("url", "https://shop.example/a?q=x#y", "https://shop.example/a"),
        ("path", "/a?q=x", "/a"),
        ("referrer", "/search?q=x", "/search"),
        ("page_location", "/a#x", "/a"),
        ("search", "red lamp?", "red lamp?"),
    ],
)
def test_of_the_address_of_a_page_the_query_goes(name: str, stated: str, kept: str) -> None:
    assert cleaned({name: stated}) == ({name: kept}, [])


def test_a_query_by_itself_goes() -> None:
    assert cleaned({"search": "?q=lamp"}) == ({}, [])
