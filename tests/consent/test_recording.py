"""What is kept of a choice, and that nobody can change it."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from consent.models import Consent, ConsentRecord, Notice, Privilege
from consent.recording import record_choices
from consent.subjects import Subject

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
ANNA = Subject.of(user_id="anna")


def choose(**choices: bool) -> None:
    record_choices(subject=ANNA, choices=choices, mechanism="API", now=NOON)


def test_the_seven_purposes_are_there_from_the_start() -> None:
    assert set(Privilege.objects.values_list("key", flat=True)) >= {
        "necessary",
        "functional",
        "analytics",
        "personalization",
        "training",
        "advertising",
        "sale_or_sharing",
    }


def test_a_refusal_is_denied_at_first_and_withdrawn_after_a_grant() -> None:
    choose(analytics=False)
    choose(analytics=True)
    choose(analytics=False)

    states = ConsentRecord.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["denied", "granted", "withdrawn"]


def test_the_necessary_is_no_choice() -> None:
    choose(necessary=False)

    assert not ConsentRecord.objects.exists()


def test_a_record_says_what_was_shown_and_truncates_where_from() -> None:
    record_choices(
        subject=ANNA,
        choices={"analytics": True},
        mechanism="banner",
        jurisdiction="FR",
        notice_version=1,
        request_meta={"REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": "M" * 500},
        now=NOON,
    )

    record = ConsentRecord.objects.get()
    notice = Notice.objects.get(version=1)
    assert (record.notice_version, record.notice_hash) == (1, notice.sha256)
    assert (record.ip, len(record.user_agent)) == ("203.0.113.0/24", 100)
    assert "anna" not in str(record.__dict__)


def test_a_forwarded_address_counts_only_behind_proxies_of_ours(settings: Settings) -> None:
    meta = {"REMOTE_ADDR": "2001:db8:1:2::3", "HTTP_X_FORWARDED_FOR": "1.2.3.4, 198.51.100.9"}
    kept = []
    for proxies in (0, 1):
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
        record_choices(
            subject=ANNA,
            choices={"analytics": True},
            mechanism="API",
            request_meta=meta,
            now=NOON,
        )
        kept.append(ConsentRecord.objects.latest("pk").ip)

    assert kept == ["2001:db8:1::/48", "198.51.100.0/24"]


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["consent_consentrecord", "consent_notice"])
def test_the_database_refuses_to_change_or_delete_proof(statement: str, table: str) -> None:
    choose(analytics=True)

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_an_account_shows_what_its_person_chose_elsewhere() -> None:
    anna = User.objects.create_user("anna")

    choose(analytics=True, training=False)
    granted = set(Consent.objects.granted(anna).values_list("privilege__key", flat=True))
    choose(analytics=False)

    assert granted == {"analytics"}
    assert not Consent.objects.granted(anna).exists()
    assert ConsentRecord.objects.count() == 3
