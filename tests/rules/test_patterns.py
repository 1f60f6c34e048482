"""Regular expressions are the small language two engines share."""

import time

import pytest
from django.db import connection

from personalization.rules.patterns import PatternError, compiled, written_out


@pytest.mark.parametrize(
    ("pattern", "made"),
    [
        ("^Fr[A-z]?".replace("A-z", "A-Z"), "^fr[a-z]?"),
        (r"\d{2,4}\.\w+$", r"[0-9]{2,4}\.[0-9a-z_]+$"),
        ("a|(b|c)*", "a|(?:b|c)*"),
        (r"[^\w\-.]", "[^0-9a-z_.-]"),
        ("É+", "é+"),
        ("a{2,}", "a{2,}"),
    ],
)
def test_an_expression_is_written_out(pattern: str, made: str) -> None:
    assert written_out(pattern) == made


@pytest.mark.parametrize(
    "pattern",
    [
        *["(a)\\1", "(?=a)", "(?i)a", "a**", "a+?", "*a", "***=a", "a|", "()", "(a", "a)", "[a"],
        *[
            "[]",
            "[A-z]",
            "[z-a]",
            "[[:alpha:]]",
            "[a^]",
            "\\b",
            "\\D",
            "\\",
            "a{",
            "a{x}",
            "a{2,1}",
        ],
        *["a{26}", "(a){2}", "((a{2})b){0,2}", "^*", "]", "}", "a{٢}", "(" * 12 + "a" + ")" * 12],
    ],
)
def test_what_the_two_might_read_differently_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        written_out(pattern)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "pattern",
    [
        "(a*)*$",
        "(a|a)*b",
        "(x+x+)+y",
        "(" + "a?" * 98 + ")*",
        "(" + "[ab]*" * 39 + ")*c",
        ".{25}" * 40,
    ],
)
def test_no_expression_runs_away(pattern: str) -> None:
    made = written_out(pattern)
    started = time.monotonic()

    compiled(made).search("a" * 2_000)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")
        cursor.execute("SELECT %s ~ %s", ["a" * 2_000, made])

    assert time.monotonic() - started < 5
