"""What can be an identifier, before a digest of it is made."""

import pytest

from consent.subjects import Identifier, NoIdentifier, Subject, named


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("phone", value) for value in ("unknown", "n.a.", "none given", "+", "1234", "")),
        *(("phone", value) for value in ("(000) 000-0000", "11111 11111")),
        *(("email", value) for value in ("n/a", "@", "anna @example.org", "anna@", "")),
        *((kind, "  ") for kind in ("user", "crm", "loyalty")),
    ],
)
def test_what_names_nobody_is_no_identifier(kind: str, value: str) -> None:
    with pytest.raises(NoIdentifier) as refusal:
        Identifier(kind, value)

    assert refusal.value.kind == kind
    assert list(named([(kind, value)])) == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "+44 20 7946 0018"),
        ("phone", "0180-55"),
        ("email", " Anna@Example.org "),
        ("user", "1"),
    ],
)
def test_what_names_somebody_is_an_identifier(kind: str, value: str) -> None:
    assert Identifier(kind, value).pseudonym
    assert list(named([(kind, value)])) == [Identifier(kind, value)]


def test_a_subject_leaves_out_what_is_blank_and_refuses_what_is_none() -> None:
    assert Subject.of(anonymous_id=" ", user_id="anna") == Subject.of(user_id="anna")
    with pytest.raises(NoIdentifier, match="an e-mail address"):
        Subject.of(email="n/a")


@pytest.mark.parametrize("written", ["0049 30 1234567", "(0049) 30/123-4567", " 0049301234567"])
def test_a_number_dialled_with_00_is_the_one_with_a_plus(written: str) -> None:
    assert Identifier("phone", written).pseudonym == Identifier("phone", "+49 30 1234567").pseudonym


def test_a_local_number_stays_as_it_is() -> None:
    numbers = ["030 1234567", "30 1234567", "+49 30 1234567", "000 30 1234567"]

    assert len({Identifier("phone", number).pseudonym for number in numbers}) == 4
