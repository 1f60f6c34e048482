"""What Segment's libraries say of a page."""

from msgspec.structs import replace

from tests.doors.test_segment_translating import accepted


def test_of_the_address_of_a_page_no_query_is_kept_wherever_it_is_stated() -> None:
    properties = {
        "url": "https://shop.example/lamps?utm_source=mail&email=anna@example.com",
        "path": "/lamps?email=anna@example.com",
        "search": "?email=anna@example.com",
        "referrer": "https://www.google.com/search?q=anna@example.com",
        "title": "Lamps",
    }

    (event,) = accepted({"properties": properties}, "page")

    assert "anna" not in repr(replace(event, user_id=""))
    assert event.properties["url"] == "https://shop.example/lamps"
    assert event.properties["referrer"] == "https://www.google.com/search"
    assert (event.context["referrer"], event.context["source"]) == ("search", "mail")


def test_a_path_and_a_relative_referrer_lose_their_query() -> None:
    page = {"path": "/a?email=anna@example.com", "referrer": "/b?q=anna@example.com"}

    (event,) = accepted({"context": {"page": page}}, "page")

    assert "anna" not in repr(replace(event, user_id=""))
    assert event.context["page"] == "/a"
