"""Whatever happens at the same time, no change is lost."""

from typing import Any

import pytest

from personalization.census.models import Change
from personalization.census.refreshing import refresh_census
from personalization.profiles.models import Profile

from .shop import COUNTRY, FRENCH, NOON, filled, matched, other_connection, people, rule

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_committed_while_a_row_is_written_is_not_lost() -> None:
    [one] = people("Spain")
    filled(COUNTRY)
    french = '{"traits": {"country": "France"}}'
    with other_connection() as other:
        other.execute("UPDATE profiles_profile SET facts = %s WHERE id = %s", [french, one.pk])
        # Its note is not to be seen yet, so that this refreshing finds nothing.
        refresh_census(now=NOON, batches=5)
        assert matched(rule(FRENCH)) == 0
        other.commit()

        assert matched(rule(FRENCH)) == 1
    refresh_census(now=NOON, batches=5)
    assert matched(rule(FRENCH)) == 1
    assert not Change.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_between_taking_the_note_and_reading_the_facts_keeps_its_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [one] = people("Spain")
    filled(COUNTRY)
    Profile.objects.filter(pk=one.pk).update(facts={"traits": {"country": "Italy"}})
    french = '{"traits": {"country": "France"}}'
    read = "personalization.census.refreshing.read_facts"
    with other_connection() as other:

        def read_then_change(ids: Any) -> dict[int, Any]:
            facts = {pk: dict(Profile.objects.get(pk=pk).facts) for pk in ids}
            other.execute("UPDATE profiles_profile SET facts = %s WHERE id = %s", [french, one.pk])
            other.commit()
            return facts

        monkeypatch.setattr(read, read_then_change)
        refresh_census(now=NOON, batches=1)
    monkeypatch.undo()

    assert Change.objects.filter(profile_id=one.pk).exists()
    assert matched(rule(FRENCH)) == 1
    refresh_census(now=NOON, batches=5)
    assert matched(rule(FRENCH)) == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_holds_a_profile_is_not_made_to_wait_for_the_census() -> None:
    [one] = people("Spain")
    with other_connection() as other:
        other.execute("SELECT FROM profiles_profile WHERE id = %s FOR UPDATE", [one.pk])

        done = refresh_census(now=NOON, batches=5)

        assert (done.written, done.is_current) == (0, False)
        assert Change.objects.filter(profile_id=one.pk).exists()
        other.rollback()
    assert refresh_census(now=NOON, batches=5).is_current


@pytest.mark.django_db(transaction=True)
def test_two_refresh_one_after_the_other() -> None:
    people("Spain")
    filled(COUNTRY)
    people("France")
    with other_connection() as other:
        other.execute("SELECT FROM census_layout FOR UPDATE")

        assert refresh_census(now=NOON, batches=5).written == 0
        assert matched(rule(FRENCH)) == 1
        other.rollback()
    assert refresh_census(now=NOON, batches=5).written == 1
