"""The keys under which systems know segments."""

import pytest
from django.utils import timezone

from personalization.segments.models import HistoryEntry, LiveEntry, Segment, SegmentSize
from personalization.segments.publishing import publish_segment, unpublish_segment
from tests.factories import NOON
from tests.rules.test_contradicting import bought

pytestmark = pytest.mark.django_db
RULE = {"all": [bought("greater", 3)]}


def made(name: str) -> str:
    return Segment.objects.create(name=name, rule=RULE).key


def test_a_name_without_latin_letters_has_a_key_of_its_own_and_always_the_same() -> None:
    buyers, others = made("买家 🛒"), made("买家二")

    assert buyers != others
    assert buyers.startswith("name-")
    Segment.objects.all().delete()
    assert made("买家 🛒") == buyers


def test_a_key_that_was_published_is_not_given_again() -> None:
    segment = Segment.objects.create(name="Regulars", rule=RULE)
    publish_segment(segment=segment, by="ann", now=NOON)
    unpublish_segment(segment=segment, by="ann", now=NOON)
    segment.delete()
    HistoryEntry.objects.all().delete()
    assert LiveEntry.objects.filter(key="regulars").exists()

    assert made("Regulars") == "regulars-2"


def test_a_key_with_a_history_or_sizes_is_not_given_again() -> None:
    today = timezone.now()
    HistoryEntry.objects.create(key="lapsing", at=today, by="ann", said="Made.")
    SegmentSize.objects.create(key="fresh", day=today.date(), matched=1, total=2)

    assert made("Lapsing") == "lapsing-2"
    assert made("Fresh") == "fresh-2"
    assert made("Fresh!") == "fresh-3"
