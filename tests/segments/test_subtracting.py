"""Whoever may not see profiles cannot find a hidden number by subtracting what is shown."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.segments.admin.funnel import told_steps
from personalization.segments.admin.members import told_overlap
from personalization.segments.composing import Composition, Share
from personalization.segments.disclosing import EXACT, VAGUE
from personalization.segments.funnel_steps import Step
from personalization.segments.funnelling import Reached
from personalization.segments.overlapping import Combination, Overlaps

NAMES: Final = {"a": "A", "b": "B", "c": "C", "d": "D"}
FEW: Final = range(1, 10)
few = st.integers(1, 9)
number = st.one_of(few, st.integers(0, 60), st.integers(0, 5_000))


def overlaps_of(parts: Mapping[int, int]) -> Overlaps:
    """Return overlaps by who is in which: bit by bit, and 0 for those who are in none."""
    keys = list(NAMES)[: max(parts).bit_length()]
    sets = {
        mask: frozenset(key for bit, key in enumerate(keys) if mask >> bit & 1) for mask in parts
    }
    found = [Combination(sets[mask], n) for mask, n in parts.items() if mask and n]
    return Overlaps(
        total=sum(parts.values()),
        sizes={key: sum(one.profiles for one in found if key in one.keys) for key in keys},
        combinations=tuple(found),
    )


def told(parts: Mapping[int, int]) -> dict[str, Any]:
    return told_overlap(overlaps_of(parts), NAMES, VAGUE)


@pytest.mark.parametrize("alone", FEW)
def test_an_overlap_does_not_tell_what_is_hidden(alone: int) -> None:
    """The totals less the parts that are shown were 9 and 1."""
    page = told({0: 500, 0b01: 283, 0b10: alone, 0b11: 10 - alone})

    assert page["sizes"] == [("A", "280+", "36 %"), ("B", "under 20", "-")]
    assert [(one["said"], one["profiles"]) for one in page["rows"]] == [
        ("A", "280+"),
        ("A and B", "under 10"),
        ("B", "under 10"),
    ]


@given(
    parts=st.integers(2, 4).flatmap(
        lambda segments: st.fixed_dictionaries(dict.fromkeys(range(1 << segments), number))
    ),
    data=st.data(),
)
def test_every_number_that_a_hidden_part_can_be_shows_the_same_overlap(
    parts: dict[int, int], data: st.DataObject
) -> None:
    hidden = [mask for mask, profiles in parts.items() if profiles in FEW]
    changed = {mask: data.draw(few) for mask in hidden}

    assert told({**parts, **changed}) == told(parts)


@given(parts=st.fixed_dictionaries(dict.fromkeys(range(8), number)))
def test_what_is_told_of_an_overlap_is_true(parts: dict[int, int]) -> None:
    found = overlaps_of(parts)

    for (_, said, _), size in zip(told(parts)["sizes"], found.sizes.values(), strict=True):
        assert is_true(said, size)
    both = {(NAMES[one], NAMES[other]): both for one, other, both in found.pairs()}
    for pair in told(parts)["pairs"]:
        assert is_true(pair["both"], both[pair["one"], pair["other"]])


def is_true(said: str, size: int) -> bool:
    limit = int(re.sub(r"\D", "", said) or 0)
    if said.startswith("under"):
        return 0 < size < limit
    return size >= limit if said.endswith("+") else said == "nearly all" or size == limit


def steps_of(ended: list[tuple[int, int]]) -> list[Reached]:
    """Return a funnel by how many dropped, and how many have time still, after each step."""
    found: list[Reached] = []
    for number_, (dropped, open_) in enumerate(reversed(ended)):
        following = found[-1].visitors if found else 0
        is_last = number_ == 0
        visitors = dropped if is_last else following + dropped + open_
        found.append(
            Reached(Step("page_view"), visitors, 0 if is_last else dropped, 0 if is_last else open_)
        )
    return found[::-1]


@given(ended=st.lists(st.tuples(number, number), min_size=2, max_size=5), data=st.data())
def test_every_number_that_a_hidden_step_can_be_shows_the_same_funnel(
    ended: list[tuple[int, int]], data: st.DataObject
) -> None:
    changed = [
        (data.draw(few) if one in FEW else one, data.draw(few) if other in FEW else other)
        for one, other in ended
    ]

    def rows(of: list[tuple[int, int]]) -> list[dict[str, Any]]:
        return told_steps(steps_of(of), steps_of(of), VAGUE)

    assert rows(changed) == rows(ended)


@given(inside=few, outside=few, rest=number)
def test_a_composition_does_not_tell_what_few_have(inside: int, outside: int, rest: int) -> None:
    def known(inside: int, outside: int) -> Composition:
        members, everybody = 120 + inside + rest, 1_000 + rest
        french = Share("France", 120, 120 + outside, 0.0, 0.0)
        maltese = Share("Malta", inside, inside + 40, 0.0, 0.0)
        made = Composition(members, everybody, {"Country": (french, maltese), "Device": None})
        return made.known(VAGUE)

    [french] = known(inside, outside).shares["Country"] or ()
    assert french.value == "France"
    if rest == 0:
        assert known(inside, outside).shares == known(9, 1).shares


def test_whoever_may_see_profiles_is_shown_all_of_it() -> None:
    parts = {0: 500, 0b01: 283, 0b10: 1, 0b11: 9}

    page = told_overlap(overlaps_of(parts), NAMES, EXACT)

    assert [size for _, size, _ in page["sizes"]] == ["292", "10"]
    assert [one["profiles"] for one in page["rows"]] == ["283", "9", "1"]
