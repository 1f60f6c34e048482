"""What a caller of the decision API may state of the context."""

import pytest
from rest_framework.exceptions import ValidationError

from personalization.decisions.asking import read_question
from tests.factories import NOON


def context_of(**stated: object) -> object:
    return read_question({"placements": ["hero"], "context": stated}, now=NOON).context


def test_the_hour_is_the_visitors_where_the_time_zone_is_stated() -> None:
    assert context_of(timezone="Pacific/Auckland", country="NZ") == {
        "timezone": "Pacific/Auckland",
        "country": "NZ",
        "time": "00:00",
        "hour": 0,
        "weekday": 1,
    }


def test_what_is_stated_of_the_hour_itself_goes_before_it() -> None:
    assert context_of(timezone="Europe/Paris", hour=3) == {
        "timezone": "Europe/Paris",
        "time": "14:00",
        "hour": 3,
        "weekday": 0,
    }


def test_without_a_time_zone_it_is_utc() -> None:
    assert context_of() == {"time": "12:00", "hour": 12, "weekday": 0}


@pytest.mark.parametrize("wrong", ["Nowhere/Land", "", 7])
def test_a_time_zone_that_is_none_is_named(wrong: object) -> None:
    with pytest.raises(ValidationError) as refused:
        context_of(timezone=wrong)

    assert "context.timezone" in str(refused.value.detail)
