"""Rows of the rule form are added, removed, copied, moved and put into groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.segments.arranging import ACTS, NotArrangeable, arrange, move
from personalization.segments.rows import Row, parents


def rows(text: str) -> list[Row]:
    """Return rows of a text such as "a [b [c] ] d", in which brackets are groups."""
    found: list[Row] = []
    depth = 0
    for word in text.replace("[", " [ ").replace("]", " ] ").split():
        if word == "]":
            depth -= 1
            continue
        is_group = word == "["
        row = {"group": "any"} if is_group else {"group": "", "fact": word}
        found.append({**row, "depth": str(depth)})
        depth += is_group
    return found


def text(found: list[Row]) -> str:
    said: list[str] = []
    depth = 0
    for row in found:
        while depth > int(row["depth"]):
            said.append("]")
            depth -= 1
        if row.get("group"):
            said.append("[")
            depth += 1
        else:
            said.append(row.get("fact") or "_")
    return " ".join(said + ["]"] * depth)


@pytest.mark.parametrize(
    ("before", "act", "number", "after", "focus"),
    [
        ("a [ b ] c", "add", None, "a [ b ] c _", 4),
        ("a [ b ] c", "add", 1, "a [ b _ ] c", 3),
        ("a [ b ] c", "add", 2, "a [ b _ ] c", 3),
        ("a", "group", None, "a [ _ ]", 2),
        ("a [ b ]", "group", 1, "a [ b [ _ ] ]", 4),
        ("a [ b c ] d", "remove", 1, "a d", 1),
        ("a [ b c ] d", "remove", 2, "a [ c ] d", 2),
        ("a [ b ]", "remove", 2, "a [ ]", 1),
        ("a", "remove", 0, "_", 0),
        ("a [ b [ c ] ] d", "duplicate", 1, "a [ b [ c ] ] [ b [ c ] ] d", 5),
        ("a b", "wrap", 1, "a [ b ]", 2),
        ("[ a ] b", "wrap", 0, "[ [ a ] ] b", 1),
        ("a b c", "up", 2, "a c b", 1),
        ("a b c", "down", 0, "b a c", 1),
        ("a b", "up", 0, "a b", 0),
        ("a b", "down", 1, "a b", 1),
        ("a [ b ] c", "up", 3, "a [ b c ]", 3),
        ("a [ b c ]", "up", 2, "a b [ c ]", 1),
        ("a [ b ]", "down", 0, "[ a b ]", 1),
        ("[ a b ] c", "down", 2, "[ a ] b c", 2),
        ("[ a ] [ b ]", "up", 2, "[ b ] [ a ]", 0),
        ("[ [ a ] b ]", "up", 1, "[ a ] [ b ]", 0),
    ],
)
def test_an_act_on_a_row_does_what_its_button_says(
    before: str, act: str, number: int | None, after: str, focus: int
) -> None:
    done = arrange(rows(before), act=act, number=number)

    assert (text(done.rows), done.focus) == (after, focus)


@pytest.mark.parametrize(
    ("before", "drop", "after", "focus"),
    [
        ("a b c", (2, 0, "before"), "c a b", 0),
        ("a b c", (0, 2, "before"), "b a c", 1),
        ("a b c", (0, 1, "after"), "b a c", 1),
        ("a [ b c ]", (0, 1, "into"), "[ b c a ]", 3),
        ("a [ b c ]", (0, 3, "before"), "[ b a c ]", 2),
        ("[ a b ] c", (1, 3, "after"), "[ b ] c a", 3),
        ("[ a ] [ b ]", (0, 2, "into"), "[ b [ a ] ]", 2),
        ("[ a ]", (1, 0, "after"), "[ ] a", 1),
    ],
)
def test_a_row_goes_where_it_is_dropped(
    before: str, drop: tuple[int, int, str], after: str, focus: int
) -> None:
    number, to, where = drop

    done = move(rows(before), number=number, to=to, where=where)

    assert (text(done.rows), done.focus) == (after, focus)


@pytest.mark.parametrize(
    ("number", "to", "where", "said"),
    [
        (0, 2, "into", "cannot go there"),
        (0, 0, "after", "cannot go there"),
        (3, 1, "into", "cannot go there"),
        (0, 9, "after", "not there any more"),
        (None, 1, "after", "not there any more"),
        (0, 1, "beside", "not there any more"),
    ],
)
def test_what_cannot_be_dropped_there_stays(
    number: int | None, to: int, where: str, said: str
) -> None:
    with pytest.raises(NotArrangeable, match=said):
        move(rows("[ a [ b ] ]"), number=number, to=to, where=where)


def test_groups_are_not_dropped_deeper_than_they_may_be() -> None:
    deep = rows("[ a [ b [ c [ d [ e ] ] ] ] ] [ f ]")

    with pytest.raises(NotArrangeable, match="at most"):
        move(deep, number=10, to=8, where="into")


def test_groups_go_no_deeper_than_the_language_allows() -> None:
    deepest = rows("[ [ [ [ [ a ] ] ] ] ]")

    with pytest.raises(NotArrangeable, match="at most 6 deep"):
        arrange(deepest, act="wrap", number=5)


def test_a_hundred_conditions_are_the_most() -> None:
    with pytest.raises(NotArrangeable, match="at most 100"):
        arrange(rows("a " * 100), act="add", number=None)


@pytest.mark.parametrize(("act", "number"), [("up", 7), ("up", None), ("explode", 0)])
def test_what_cannot_be_meant_is_refused(act: str, number: int | None) -> None:
    with pytest.raises(NotArrangeable):
        arrange(rows("a b"), act=act, number=number)


@given(st.data())
def test_moving_never_loses_a_condition(data: st.DataObject) -> None:
    now = rows("a [ b [ c d ] e ] [ f ] g")
    for _ in range(data.draw(st.integers(1, 8))):
        act = data.draw(st.sampled_from(sorted({"up", "down", "wrap"} & set(ACTS))))
        try:
            now = arrange(now, act=act, number=data.draw(st.integers(0, len(now) - 1))).rows
        except NotArrangeable:
            continue

    assert sorted(row["fact"] for row in now if not row.get("group")) == list("abcdefg")
    assert all(
        int(row["depth"]) == (0 if parent is None else int(now[parent]["depth"]) + 1)
        for row, parent in zip(now, parents(now), strict=True)
    )
