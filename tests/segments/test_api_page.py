"""docs/segments-api.md tells the truth: each of its snippets is run, in its order."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from consent.subjects import Identifier
from personalization.profiles.facts import SECONDS_PER_DAY, empty_facts
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.segments.listing import list_rule
from personalization.segments.models import Segment
from tests.factories import agree, make_key

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "segments-api.md"
SNIPPETS: Final = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture
def shell(live_server: LiveServer) -> dict[str, str]:
    return {**os.environ, "HOST": live_server.url, "KEY": make_key("segments")}


def make_buyers() -> None:
    today = str(int(timezone.now().timestamp()) // SECONDS_PER_DAY)
    for name in ("anna", *(f"u{n}" for n in range(11))):
        facts = {**empty_facts(), "counts": {"purchase": {today: 2}}}
        profile = Profile.objects.create(facts=facts)
        pseudonym = Identifier("user", name).pseudonym
        ProfileIdentifier.objects.create(profile=profile, kind="user", pseudonym=pseudonym)
        agree(user_id=name)


@pytest.mark.curl
@pytest.mark.django_db(transaction=True)
def test_every_snippet_does_what_the_page_says(shell: dict[str, str]) -> None:
    make_buyers()
    rule = list_rule("none-yet")
    newsletter = Segment.objects.create(name="Newsletter", kind="static", rule=rule)
    setting, *calls = SNIPPETS

    answers: list[Any] = []
    for call in calls:
        done = subprocess.run(
            ["bash", "-euc", call],  # noqa: S607
            env=shell,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, (call, done.stdout, done.stderr)
        answers.append(json.loads(done.stdout))

    assert "HOST" in setting
    made, changed, listed, members, sent, state, memberships = answers
    assert (made["key"], made["state"]) == ("regulars", "draft")
    assert (changed["state"], changed["version"]) == ("live", 1)
    assert [one["key"] for one in listed["segments"]] == ["regulars"]
    assert (sent["state"], state["state"], state["refused"]) == ("waiting", "waiting", 0)
    assert newsletter.uploads.get().publishes
    assert (len(members["members"]), members["next_after"]) == (12, None)
    assert [one["is_member"] for one in memberships["segments"]] == [True]
