"""Whose messages a page can use up: its visitor's, and nobody else's."""

from typing import Any

from django.test import Client

from tests.doors.test_browser_api import key, post, view, waiting_events
from tests.factories import agree, make_event, make_key

__all__ = ["key"]  # the fixture


def test_a_page_of_ours_does_not_use_up_the_message_of_a_server(client: Client, key: str) -> None:
    agree(user_id="anna")
    session = client.session
    session["user_id"] = "anna"
    session.save()
    said = {"message_id": "order-777-0"}

    def by_api(event: Any, *, key: str) -> Any:
        headers = {"Authorization": f"Api-Key {key}"}
        at = "/api/v1/events"
        return client.post(at, event, content_type="application/json", headers=headers)

    for _ in range(2):  # as it comes when the answer was lost
        page = post(client, {"events": [view(**said)]}, key=key, origin=None)
    by_api(make_event(**said), key=key)
    server = by_api(make_event(**said, user_id="anna"), key=make_key("events"))

    assert page.json()["accepted"] == server.json()["accepted"] == 1
    *of_page, of_server = waiting_events()
    assert of_server.message_id == "order-777-0"
    assert len(of_page) == 3
    assert len({event.message_id for event in of_page} | {of_server.message_id}) == 2
