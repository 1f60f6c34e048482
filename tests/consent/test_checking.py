"""Whether something may be done: from Redis, the stricter wins, closed when in doubt."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis
from django.core.management import call_command
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from consent.checking import (
    CHOICES,
    Choices,
    choice_keys,
    choices_of,
    choices_of_many,
    is_allowed,
    read_choices,
    suppressed_since_many,
)
from consent.keyspaces import patient_redis_connection, redis_connection
from consent.mirroring import mirror_what_waits
from consent.models import ConsentRecord, Suppression, Unmirrored
from consent.recording import record_choices, record_missing
from consent.subjects import Subject

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
ANNA = Subject.of(user_id="anna")
BROWSER = Subject.of(anonymous_id="b1")
ANNA_IN_BROWSER = Subject.of(user_id="anna", anonymous_id="b1")


def choose(subject: Subject, *, now: datetime = NOON, **choices: bool) -> None:
    record_choices(subject=subject, choices=choices, mechanism="API", now=now)


@pytest.fixture
def dead_redis(settings: Settings) -> Iterator[None]:
    alive = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis_connection.cache_clear()
    patient_redis_connection.cache_clear()
    yield
    settings.REDIS_URL = alive
    redis_connection.cache_clear()
    patient_redis_connection.cache_clear()


def test_nothing_but_the_necessary_is_allowed_before_a_choice() -> None:
    assert is_allowed(ANNA, "necessary")
    assert not is_allowed(ANNA, "analytics")
    assert not is_allowed(Subject.of(), "analytics")


def test_a_grant_allows_its_purpose_only_and_a_withdrawal_ends_it() -> None:
    choose(ANNA, analytics=True)
    assert is_allowed(ANNA, "analytics")
    assert not is_allowed(ANNA, "personalization")

    choose(ANNA, analytics=False)

    assert choices_of(ANNA) == Choices(frozenset(), frozenset({"analytics"}))


def test_choosing_one_purpose_leaves_the_others_as_they_are() -> None:
    choose(ANNA, analytics=True, training=False)
    choose(ANNA, personalization=True)

    assert choices_of(ANNA) == Choices(
        frozenset({"analytics", "personalization"}), frozenset({"training"})
    )


def test_of_several_identifiers_the_stricter_counts() -> None:
    choose(ANNA, analytics=True, personalization=True)
    choose(BROWSER, analytics=False)

    combined = choices_of(ANNA_IN_BROWSER)

    assert combined.granted == {"personalization"}
    assert not combined.allows("analytics")


def test_many_are_asked_in_one_round_trip() -> None:
    choose(ANNA, analytics=True)

    assert [one.allows("analytics") for one in choices_of_many([BROWSER, ANNA, ANNA])] == [
        False,
        True,
        True,
    ]
    raw = redis_connection().mget(choice_keys(ANNA_IN_BROWSER))
    assert read_choices(raw) == choices_of(ANNA_IN_BROWSER)


def test_a_value_that_makes_no_sense_grants_nothing() -> None:
    redis_connection().set(CHOICES.key(ANNA.pseudonyms[0]), "7 analytics true")

    assert not is_allowed(ANNA, "analytics")


@pytest.mark.usefixtures("dead_redis")
def test_without_redis_only_the_necessary_is_allowed() -> None:
    assert is_allowed(ANNA, "necessary")
    assert not is_allowed(ANNA, "analytics")
    assert choices_of(ANNA) == Choices()
    with pytest.raises(redis.RedisError):
        choices_of_many([ANNA])


def test_a_withdrawal_that_redis_missed_reaches_it_later(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    choose(ANNA, analytics=True)
    alive, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    redis_connection.cache_clear()
    with caplog.at_level(logging.WARNING):
        choose(ANNA, analytics=False)
    settings.REDIS_URL = alive
    redis_connection.cache_clear()
    assert is_allowed(ANNA, "analytics")  # Redis still says what it last heard

    assert mirror_what_waits() == 1

    assert not is_allowed(ANNA, "analytics")
    assert Unmirrored.objects.count() == 0
    assert "Redis will be told later" in caplog.text


def test_an_older_choice_never_replaces_a_newer_one_in_redis() -> None:
    choose(ANNA, analytics=False)
    key = CHOICES.key(ANNA.pseudonyms[0])
    newer = f"{ConsentRecord.objects.latest('pk').pk + 1} +analytics"
    redis_connection().set(key, newer)

    Unmirrored.objects.create(pseudonym=ANNA.pseudonyms[0])
    mirror_what_waits()

    assert redis_connection().get(key) == newer.encode()


def test_redis_is_rebuilt_from_the_records() -> None:
    choose(ANNA, analytics=True)
    choose(BROWSER, analytics=True)
    Suppression.objects.create(pseudonym=BROWSER.pseudonyms[0], erased_at=NOON)
    stranger = CHOICES.key("f" * 32)
    redis_connection().flushdb()
    redis_connection().set(stranger, "999 +analytics")

    call_command("warm_consent", stdout=None)

    assert is_allowed(ANNA, "analytics")
    assert not is_allowed(BROWSER, "analytics")
    assert redis_connection().get(stranger) is None
    assert suppressed_since_many([*ANNA.pseudonyms, *BROWSER.pseudonyms]) == [
        None,
        NOON.timestamp(),
    ]


def test_a_source_that_vouches_is_believed_only_where_nothing_is_known() -> None:
    choose(ANNA, analytics=False)
    erased = Subject.of(user_id="gone")
    Suppression.objects.create(pseudonym=erased.pseudonyms[0], erased_at=NOON)
    known_otherwise = Subject.of(user_id="anna", anonymous_id="new")

    granted = record_missing(
        subjects=[ANNA, BROWSER, BROWSER, erased, known_otherwise],
        purposes=("analytics",),
        mechanism="API",
        now=NOON,
    )

    assert granted == 1
    asked = [ANNA, BROWSER, erased, Subject.of(anonymous_id="new")]
    assert [is_allowed(one, "analytics") for one in asked] == [False, True, False, False]


def test_vouching_fills_what_an_identifier_has_not_said_itself() -> None:
    choose(BROWSER, analytics=True, personalization=False)

    granted = record_missing(
        subjects=[ANNA_IN_BROWSER],
        purposes=("necessary", "analytics", "personalization"),
        mechanism="API",
        now=NOON,
    )

    assert granted == 1
    assert choices_of(ANNA) == Choices(frozenset({"analytics"}))
    assert choices_of(BROWSER) == Choices(frozenset({"analytics"}), frozenset({"personalization"}))


@pytest.mark.parametrize("refused", [(), ("personalization",)])
def test_vouching_again_writes_nothing(
    refused: tuple[str, ...], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    denied = dict.fromkeys(refused, False)
    record_choices(subject=BROWSER, choices=denied, mechanism="API", now=NOON)

    def vouch() -> int:
        return record_missing(
            subjects=[ANNA_IN_BROWSER, BROWSER],
            purposes=("analytics", "personalization"),
            mechanism="API",
            now=NOON,
        )

    vouch()
    recorded = ConsentRecord.objects.count()
    with django_assert_num_queries(0):
        assert vouch() == 0
    assert ConsentRecord.objects.count() == recorded


def test_who_was_erased_may_choose_anew() -> None:
    Suppression.objects.create(pseudonym=ANNA.pseudonyms[0], erased_at=NOON)
    choose(ANNA, personalization=True, now=NOON)
    assert not is_allowed(ANNA, "personalization")

    choose(ANNA, analytics=True, now=NOON + timedelta(days=1))

    assert choices_of(ANNA).granted == {"analytics"}


def test_vouching_leaves_a_refusal_alone_and_adds_only_what_is_unknown() -> None:
    choose(ANNA, analytics=False)
    redis_connection().flushdb()  # the records know, even where Redis has forgotten

    record_missing(
        subjects=[ANNA], purposes=("analytics", "personalization"), mechanism="API", now=NOON
    )

    assert choices_of(ANNA) == Choices(frozenset({"personalization"}), frozenset({"analytics"}))


def test_what_is_both_granted_and_denied_is_denied() -> None:
    assert not Choices(frozenset({"analytics"}), frozenset({"analytics"})).allows("analytics")
