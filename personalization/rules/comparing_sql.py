"""The operators of a rule as SQL; each answers true or false, never NULL."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from personalization.rules.dates import DATE, LENGTH, window
from personalization.rules.folding import fold
from personalization.rules.geography import METRES, Point, box_around
from personalization.rules.patterns import written_out
from personalization.rules.reading_acts import FOLLOWED, FOLLOWED_BEFORE, NOT_FOLLOWED
from personalization.rules.reading_sql import MEMBER
from personalization.rules.sql import Reading, Sql, decimal, filled, joined

METRES_A_KM: Final = 1_000

Compare = Callable[[Reading, Any, datetime], Sql]


def _is_set(reading: Reading, *_: object) -> Sql:
    present = [
        Sql(f"{one.text} IS NOT NULL", one.params)
        for one in (reading.number, reading.text, reading.boolean, reading.latitude)
        if not one.text.startswith("NULL::")
    ]
    return joined(("", " OR "), [*present, reading.is_list])


def _is_not_set(reading: Reading, *_: object) -> Sql:
    return joined(("NOT ", ""), [_is_set(reading)])


def _among(reading: Reading, values: Any, *_: object) -> Sql:
    """Return SQL for "equals one of these", each in the column of its own kind."""
    texts = [fold(one) for one in values if isinstance(one, str)]
    booleans = [one for one in values if isinstance(one, bool)]
    numbers = [decimal(one) for one in values if not isinstance(one, str | bool)]
    columns = (
        (reading.text, "text", texts),
        (reading.boolean, "boolean", booleans),
        (reading.number, "numeric", numbers),
    )
    tests = [_one_of(column, kind, wanted) for column, kind, wanted in columns if wanted]
    if texts and reading.ascii and all(map(str.isascii, texts)):
        tests[0] = _among_ascii(*reading.ascii, texts)
    return joined(("", " OR "), tests)


def _one_of(column: Sql, kind: str, wanted: Sequence[Any]) -> Sql:
    # Looking into an array takes three times as long as comparing.
    if len(wanted) == 1:
        return Sql(f"COALESCE({column.text} = %s::{kind}, FALSE)", (*column.params, *wanted))
    return Sql(f"COALESCE({column.text} = ANY(%s::{kind}[]), FALSE)", (*column.params, wanted))


def _among_ascii(text: Sql, is_text: Sql, wanted: list[str]) -> Sql:
    # The kind is asked last: few get so far.
    return filled(
        "COALESCE({text} = ANY({wanted}) AND {is_text}, FALSE)",
        text=text,
        wanted=Sql("%s::text[]", (wanted,)),
        is_text=is_text,
    )


def _not_among(reading: Reading, values: Any, *_: object) -> Sql:
    refused = joined(("NOT ", ""), [_among(reading, values)])
    return joined(("", " AND "), [_is_set(reading), refused])


def _number(operator: str) -> Compare:
    def compare(reading: Reading, value: Any, _: datetime) -> Sql:
        text = f"COALESCE({reading.number.text} {operator} %s::numeric, FALSE)"
        return Sql(text, (*reading.number.params, decimal(value)))

    return compare


def _between(reading: Reading, value: Any, _: datetime) -> Sql:
    text = f"COALESCE({reading.number.text} BETWEEN %s::numeric AND %s::numeric, FALSE)"
    return Sql(text, (*reading.number.params, *map(decimal, value)))


def _text(function: str) -> Compare:
    def compare(reading: Reading, value: Any, _: datetime) -> Sql:
        text = f"COALESCE({function.format(reading.text.text)}, FALSE)"
        return Sql(text, (*reading.text.params, fold(value)))

    return compare


def _ends(reading: Reading, value: Any, _: datetime) -> Sql:
    wanted = fold(value)
    text = f"COALESCE(right({reading.text.text}, %s) = %s, FALSE)"
    return Sql(text, (*reading.text.params, len(wanted), wanted))


def _pattern(reading: Reading, value: Any, _: datetime) -> Sql:
    text = f'COALESCE({reading.text.text} COLLATE "C" ~ %s, FALSE)'
    return Sql(text, (*reading.text.params, written_out(fold(value))))


def _date(reading: Reading) -> Sql:
    """Return SQL for the date with which the text begins, or NULL."""
    text = reading.text
    return Sql(
        f'(CASE WHEN {text.text} ~ %s THEN left({text.text}, {LENGTH}) COLLATE "C" END)',
        (*text.params, DATE, *text.params),
    )


def _dated(operator: str) -> Compare:
    def compare(reading: Reading, value: Any, _: datetime) -> Sql:
        date = _date(reading)
        return Sql(f"COALESCE({date.text} {operator} %s, FALSE)", (*date.params, value))

    return compare


def _last_days(operator: str) -> Compare:
    def compare(reading: Reading, value: Any, now: datetime) -> Sql:
        date = _date(reading)
        text = f"COALESCE({date.text} {operator} %s AND %s, FALSE)"
        return Sql(text, (*date.params, *window(value, now=now)))

    return compare


def _has_some(reading: Reading, values: Any, *_: object) -> Sql:
    among = _among(MEMBER, values)
    return filled(
        "EXISTS (SELECT FROM jsonb_array_elements({members}) AS m(member) WHERE {among})",
        members=reading.members,
        among=among,
    )


def _has_all(reading: Reading, values: Any, *_: object) -> Sql:
    return joined(("", " AND "), [_has_some(reading, (one,)) for one in values])


def _has_none(reading: Reading, values: Any, *_: object) -> Sql:
    refused = joined(("NOT ", ""), [_has_some(reading, values)])
    return joined(("", " AND "), [_is_set(reading), refused])


def _distance(operator: str, *, is_far: str) -> Compare:
    def compare(reading: Reading, value: Any, _: datetime) -> Sql:
        latitude, longitude, km = value
        metres = filled(
            METRES,
            latitude=reading.latitude,
            longitude=reading.longitude,
            to_latitude=Sql("%s", (latitude,)),
            to_longitude=Sql("%s", (longitude,)),
        )
        # Without a place, LEAST within would take the other of its two for the least. Most places
        # are so far away that a box tells, and no sine is asked for.
        return filled(
            f"(CASE WHEN {{latitude}} IS NULL THEN FALSE WHEN {{outside}} THEN {is_far}"
            f" ELSE {{metres}} {operator} {{limit}} END)",
            latitude=reading.latitude,
            outside=_outside(reading, Point(latitude, longitude), km * METRES_A_KM),
            metres=metres,
            limit=Sql("%s::float8", (km * METRES_A_KM,)),
        )

    return compare


def _outside(reading: Reading, centre: Point, metres: float) -> Sql:
    south, north, west, east = box_around(centre, metres)
    sides = [(reading.latitude, south, north)]
    if west is not None and east is not None:
        sides.append((reading.longitude, west, east))
    beyond = [
        Sql(f"{degrees.text} NOT BETWEEN %s::float8 AND %s::float8", (*degrees.params, low, high))
        for degrees, low, high in sides
    ]
    return joined(("", " OR "), beyond)


def _text_in(*values: str) -> Compare:
    return lambda reading, *_: _among(reading, values)


def _granted(*, value: bool) -> Compare:
    return lambda reading, *_: _among(reading, (value,))


COMPARE_SQL: Final[dict[str, Compare]] = {
    "equals": lambda reading, value, _: _among(reading, (value,)),
    "not_equals": lambda reading, value, _: _not_among(reading, (value,)),
    "greater": _number(">"),
    "at_least": _number(">="),
    "less": _number("<"),
    "at_most": _number("<="),
    "between": _between,
    "in": _among,
    "not_in": _not_among,
    "contains": _text("strpos({}, %s) > 0"),
    "begins": _text("starts_with({}, %s)"),
    "ends": _ends,
    "matches": _pattern,
    "before": _dated("<"),
    "after": _dated(">"),
    "in_last": _last_days("BETWEEN"),
    "not_in_last": _last_days("NOT BETWEEN"),
    "has_some": _has_some,
    "has_all": _has_all,
    "has_none": _has_none,
    "within_km": _distance("<=", is_far="FALSE"),
    "beyond_km": _distance(">", is_far="TRUE"),
    "granted": _granted(value=True),
    "not_granted": _granted(value=False),
    "done": _text_in(FOLLOWED, FOLLOWED_BEFORE),
    "not_followed": _text_in(NOT_FOLLOWED, FOLLOWED_BEFORE),
    "is_set": _is_set,
    "is_not_set": _is_not_set,
}
