"""docs/segments-api.md tells the truth: each of its snippets is run, in its order."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from consent.subjects import Identifier
from personalization.profiles.facts import SECONDS_PER_DAY, empty_facts
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.segments.models import ListUpload, Segment
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


def answers_in(text: str) -> Iterator[Any]:
    """Yield each of the answers that stand one behind the other."""
    decoder = json.JSONDecoder()
    while text := text.strip():
        answer, end = decoder.raw_decode(text)
        yield answer
        text = text[end:]


@pytest.mark.curl
@pytest.mark.django_db(transaction=True)
def test_every_snippet_does_what_the_page_says(shell: dict[str, str]) -> None:
    make_buyers()
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
        answers.append(list(answers_in(done.stdout)))

    assert "HOST" in setting
    [made], kinds, [changed], [offline, online], [listed], [members], [sent], [state], [held] = (
        answers
    )
    assert (made["key"], made["state"]) == ("regulars", "draft")
    assert (changed["state"], changed["version"]) == ("live", 1)
    assert [one["kind"] for one in kinds] == ["static", "combined", "predictive"]
    assert (kinds[0]["listed"], kinds[1]["in_all"]) == (2, ["regulars", "newsletter"])
    assert (offline["state"], online["state"]) == ("draft", "live")
    assert not Segment.objects.filter(key="leaving").exists()
    assert [one["key"] for one in listed["segments"]] == ["regulars"]
    assert (sent["state"], state["state"], state["refused"]) == ("waiting", "waiting", 0)
    assert ListUpload.objects.get().publishes
    assert (len(members["members"]), members["next_after"]) == (12, None)
    assert [one["is_member"] for one in held["segments"]] == [True]
