"""Master keys come and go; what is sealed stays readable, or raises."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from pytest_django import Settings

from personalization.vault import rotating, subject_keys
from personalization.vault.carrying import open_from_stream, seal_for_stream
from personalization.vault.keeping import Statement, keep, known
from personalization.vault.master_keys import master_keys
from personalization.vault.models import SubjectKey
from personalization.vault.rotating import in_use, rotate
from personalization.vault.sealing import UnknownKey
from tests.factories import NOON

pytestmark = pytest.mark.django_db
Keys = Callable[..., None]
PEOPLE = range(1, 6)


def state(*people: int) -> None:
    keep(Statement(one, "email", f"{one}@example.com", "crm", NOON) for one in people)


def addresses() -> list[Any]:
    return [one.value for one in sorted(known(PEOPLE), key=lambda one: one.profile_id)]


EVERYBODY = [f"{one}@example.com" for one in PEOPLE]


def test_after_a_rotation_the_former_key_is_needed_no_more(vault_keys: Keys) -> None:
    vault_keys("old")
    state(*PEOPLE)
    vault_keys("new", "old")

    assert rotate() == 5
    vault_keys("new")

    assert addresses() == EVERYBODY
    assert in_use() == {"new": 5}
    assert rotate() == 0


def test_a_rotation_that_is_interrupted_leaves_all_readable_and_goes_on(
    vault_keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault_keys("old")
    state(*PEOPLE)
    vault_keys("new", "old")
    monkeypatch.setattr(rotating, "BATCH", 2)
    wrap, left = subject_keys.wrap, iter(range(3))

    def killed(row: SubjectKey, secret: bytes) -> None:
        if next(left, None) is None:
            raise SystemExit
        wrap(row, secret)

    monkeypatch.setattr(rotating, "wrap", killed)
    with pytest.raises(SystemExit):
        rotate()
    assert in_use() == {"new": 2, "old": 3}
    assert addresses() == EVERYBODY

    monkeypatch.setattr(rotating, "wrap", wrap)
    assert rotate() == 3
    assert addresses() == EVERYBODY


def test_new_people_are_put_under_the_current_key(vault_keys: Keys) -> None:
    vault_keys("old")
    state(1)
    vault_keys("new", "old")
    state(2)

    assert in_use() == {"new": 1, "old": 1}
    assert [one.value for one in known([1, 2])] == ["1@example.com", "2@example.com"]


def test_a_missing_master_key_raises_and_shows_nothing(vault_keys: Keys) -> None:
    vault_keys("old")
    state(1)
    vault_keys("new")

    with pytest.raises(UnknownKey):
        known([1])
    with pytest.raises(UnknownKey):
        rotate()


def test_events_that_wait_open_under_the_key_they_were_sealed_with(vault_keys: Keys) -> None:
    vault_keys("old")
    sealed = seal_for_stream({"email": "a@example.com"}, message_id="m")
    vault_keys("new", "old")
    assert open_from_stream(sealed, message_id="m") == {"email": "a@example.com"}

    vault_keys("new")
    with pytest.raises(UnknownKey):
        open_from_stream(sealed, message_id="m")


def test_the_command_says_what_it_did(vault_keys: Keys) -> None:
    vault_keys("old")
    state(1)
    vault_keys("new", "old")
    told = StringIO()

    call_command("rotate_vault_keys", stdout=told)

    assert "1 keys put under the current master key." in told.getvalue()
    assert "new: 1 keys" in told.getvalue()


@pytest.mark.parametrize(
    "stated",
    [[], ["key"], ["1:short"], ["1:" + "A" * 20], ["a b:" + "A" * 43 + "="], ["1:ä" + "A" * 42]],
)
def test_a_master_key_that_is_none_is_refused_without_quoting_it(
    settings: Settings, stated: list[str]
) -> None:
    settings.VAULT_KEYS = stated

    with pytest.raises(ImproperlyConfigured) as refused:
        master_keys()

    assert "VAULT_KEYS" in str(refused.value)
    assert "AAAA" not in str(refused.value)
