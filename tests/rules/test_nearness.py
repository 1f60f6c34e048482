"""How near a miss was, in English."""

import pytest

from personalization.rules.comparing import shortfall
from personalization.rules.nearness import ACTUAL, NEARNESS, actual_sentence, nearness_sentence
from personalization.rules.parsing import PARAMETERS, Scalar, parse_condition

PURCHASES = {"fact": "count", "event": "purchase", "days": 30}
MONEY = {"fact": "sum", "event": "purchase"}
LATEST = {"fact": "days_since", "event": "purchase"}
LOT = {"fact": "percentage", "name": "spring"}
SCORE = {"fact": "score", "name": "churn"}
AGE = {"fact": "trait", "name": "age"}


@pytest.mark.parametrize(
    ("fact", "test", "actual", "shortfall", "sentence"),
    [
        (PURCHASES, ("greater", 3), 3, 1, "one purchase short"),
        (PURCHASES, ("at_least", 3), 1, 2, "2 purchases short"),
        (PURCHASES, ("at_most", 3), 4, 1, "one purchase too many"),
        (PURCHASES, ("equals", 3), 5, 2, "2 purchases too many"),
        (PURCHASES, ("equals", 3), 2, 1, "one purchase short"),
        (MONEY, ("at_least", 100), 87.5, 12.5, "purchases worth 12.5 short"),
        (MONEY, ("less", 100), 100, 0.01, "purchases worth 0.01 too many"),
        (LATEST, ("greater", 180), 177, 4, "4 days too early"),
        (LATEST, ("at_most", 7), 8, 1, "one day too late"),
        (AGE, ("at_least", 18), 16, 2, "2 short"),
        (AGE, ("greater", 18), 18, 0, "exactly at the limit"),
        (SCORE, ("at_least", 0.8), 0.797, 0.003, "0.003 short"),
        (PURCHASES, ("between", [3, 5]), 1, 2, "2 purchases short"),
        (PURCHASES, ("between", [3, 5]), 6, 1, "one purchase too many"),
        (LOT, ("less", 20), 43.2, 23.2, ""),
        (PURCHASES, ("greater", 3), 4, None, ""),
    ],
)
def test_a_miss_is_told_in_the_unit_of_its_fact(
    fact: dict[str, Scalar],
    test: tuple[str, int | list[int]],
    actual: float,
    shortfall: float | None,
    sentence: str,
) -> None:
    operator, value = test
    condition = parse_condition({**fact, "operator": operator, "value": value})

    assert nearness_sentence(condition, actual=actual, shortfall=shortfall) == sentence


@pytest.mark.parametrize(
    ("wanted", "actual", "sentence"),
    [
        (0.8, 0.797, "0.003 short"),
        (0.8, 0.7973284619274, "0.0027 short"),
        (0.3, 0.1, "0.2 short"),
        (0.8, 0.123456, "0.68 short"),
        (1_000.2, 1_000.1, "0.1 short"),
        (1e-7, 0, "0.0000001 short"),
        (5, 0, "5 short"),
    ],
)
def test_a_miss_has_as_many_digits_as_tell_it(wanted: float, actual: float, sentence: str) -> None:
    condition = parse_condition({**SCORE, "operator": "at_least", "value": wanted})
    missing = shortfall(condition, actual)

    assert nearness_sentence(condition, actual=actual, shortfall=missing) == sentence


@pytest.mark.parametrize(
    ("fact", "actual", "sentence"),
    [
        (PURCHASES, 0, "no purchases"),
        (PURCHASES, 1, "1 purchase"),
        (MONEY, 12.5, "purchases worth 12.5"),
        (LATEST, None, "no purchase ever"),
        (LATEST, 0, "latest purchase today"),
        (LATEST, 12, "latest purchase 12 days ago"),
        (AGE, None, "not known"),
        ({"fact": "context", "name": "weekday"}, 0, "Monday"),
    ],
)
def test_what_a_fact_was_is_said_in_words(
    fact: dict[str, Scalar], actual: Scalar | None, sentence: str
) -> None:
    condition = parse_condition({**fact, "operator": "equals", "value": 1})

    assert actual_sentence(condition.fact, actual) == sentence


def test_there_are_words_only_for_facts_that_exist() -> None:
    assert ACTUAL.keys() <= PARAMETERS.keys()
    assert NEARNESS.keys() <= PARAMETERS.keys()
