"""What marketers paste or upload is read line by line, and what is no identifier is refused."""

from itertools import chain, repeat

import pytest

from consent.subjects import Identifier
from personalization.segments.list_reading import ListTooLong, Refused, read_members


def read(text: str, kind: str = "user") -> list[str | Refused]:
    lines = text.encode().splitlines(keepends=True)
    found = read_members(lines, kind=kind)
    return [one.value if isinstance(one, Identifier) else one for one in found]


@pytest.mark.parametrize(
    "text",
    [
        "a, b, c",
        "a,b,c",
        "a ; b; c",
        "a\tb\tc",
        "a\nb\nc",
        " a \r\n\r\n b\r\nc,\r\n",
        '"a", "b","c"',
    ],
)
def test_a_blank_after_a_comma_does_not_break_a_list(text: str) -> None:
    assert read(text) == ["a", "b", "c"]


def test_a_first_line_that_names_columns_says_which_one_is_read() -> None:
    text = 'Name;User ID;E-mail\n"Doe; Ann";u1;ann@example.com\nBob;u2;\n'

    assert read(text) == ["u1", "u2"]
    assert read(text, "email") == ["ann@example.com"]


def test_a_file_from_a_spreadsheet_may_begin_with_a_mark() -> None:
    assert read("\ufeffuser_id\nu1\n") == ["u1"]


def test_what_is_no_identifier_is_refused_with_its_line() -> None:
    found = read("ann@example.com\nbob\ncarl@example.com,@\n", "email")

    assert found == [
        "ann@example.com",
        Refused(2, "It is no e-mail address."),
        "carl@example.com",
        Refused(3, "It is no e-mail address."),
    ]


def test_other_encodings_nul_bytes_and_endless_lines_are_refused_line_by_line() -> None:
    lines = [b"a\n", b"M\xfcller\n", b"b\x00c\n", b"x" * 201 + b"\n", b"d\n"]

    found = list(read_members(lines, kind="user"))

    assert [one.value for one in found if isinstance(one, Identifier)] == ["a", "d"]
    refused = [one for one in found if isinstance(one, Refused)]
    assert [one.line for one in refused] == [2, 3, 4]
    assert "UTF-8" in refused[0].reason


def test_a_phone_number_of_nobody_is_refused_by_its_line() -> None:
    found = list(read_members([b"(000) 000-0000", b"+49 30 1234567"], kind="phone"))

    assert found == [Refused(1, "It is no phone number."), Identifier("phone", "+49 30 1234567")]


def test_a_phone_number_has_digits() -> None:
    assert read("+49 170 1234567, none", "phone")[0] == "+49 170 1234567"
    assert isinstance(read("none", "phone")[0], Refused)


def test_more_than_a_million_are_refused_whole() -> None:
    lines = chain(repeat(b"a,a,a,a,a,a,a,a,a,a\n", 100_000), [b"one too many\n"])

    with pytest.raises(ListTooLong, match="1,000,000"):
        for _ in read_members(lines, kind="user"):
            pass
