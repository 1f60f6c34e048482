"""A sealed value opens where it was put, and nowhere else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.vault.carrying import open_from_stream, seal_for_stream
from personalization.vault.sealing import Tampered, UnknownKey, key_id_of, seal, unseal

KEY = bytes(range(32))
PLACE = ("vault_sealedvalue", "sealed", "7", "email")
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()


def key_of(key_id: str) -> bytes:
    if key_id != "k1":
        raise UnknownKey(key_id)
    return KEY


def opened(sealed: bytes, place: tuple[str, ...] = PLACE) -> bytes:
    return unseal(sealed, key_of=key_of, place=place)


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_again(plain: bytes) -> None:
    sealed = seal(plain, key_id="k1", key=KEY, place=PLACE)

    assert opened(sealed) == plain
    assert key_id_of(sealed) == "k1"
    assert len(plain) < 4 or plain not in sealed


def test_the_same_value_is_never_sealed_alike() -> None:
    assert seal(b"a", key_id="k1", key=KEY, place=PLACE) != seal(
        b"a", key_id="k1", key=KEY, place=PLACE
    )


@given(st.data())
def test_a_changed_value_never_opens(data: st.DataObject) -> None:
    sealed = bytearray(seal(b"anna@example.com", key_id="k1", key=KEY, place=PLACE))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= data.draw(st.integers(1, 255))

    with pytest.raises((Tampered, UnknownKey)):
        opened(bytes(sealed))


@given(st.integers(0, 45))
def test_a_value_cut_short_never_opens(length: int) -> None:
    sealed = seal(b"anna@example.com", key_id="k1", key=KEY, place=PLACE)

    with pytest.raises((Tampered, UnknownKey)):
        opened(sealed[:length])


@pytest.mark.parametrize(
    "place",
    [
        ("vault_sealedvalue", "sealed", "8", "email"),
        ("vault_sealedvalue", "sealed", "7", "phone"),
        ("vault_sealedvalue", "other", "7", "email"),
        ("other", "sealed", "7", "email"),
        ("vault_sealedvalue", "sealed", "7e", "mail"),
        ("vault_sealedvalue", "sealed", "7"),
    ],
)
def test_a_value_opens_in_no_other_row_column_or_table(place: tuple[str, ...]) -> None:
    with pytest.raises(Tampered):
        opened(seal(b"anna", key_id="k1", key=KEY, place=PLACE), place)


def test_an_unknown_key_raises_and_never_returns_what_is_sealed() -> None:
    sealed = seal(b"anna", key_id="k2", key=KEY, place=PLACE)

    with pytest.raises(UnknownKey):
        opened(sealed)


@given(st.dictionaries(st.sampled_from(["email", "name", "city"]), SCALARS), st.text(min_size=1))
def test_what_an_event_carries_opens_for_its_message_only(
    values: dict[str, Any], message_id: str
) -> None:
    sealed = seal_for_stream(values, message_id=message_id)

    assert open_from_stream(sealed, message_id=message_id) == values
    if values:
        with pytest.raises(Tampered):
            open_from_stream(sealed, message_id=f"{message_id}x")
