"""Records of one person are found by what they have in common, without labels."""

import pytest

from personalization.linkage.scoring import CannotLink, Field, Model, link
from tests.linkage.people import mistyped, people

MODEL = Model(
    fields=(
        Field("first_name", "name"),
        Field("last_name", "name"),
        Field("street", "text"),
        Field("city", "text"),
        Field("postcode", "code"),
        Field("birthday", "code"),
    ),
    blockings=(
        ("birthday",),
        ("street",),
        ("first_name", "last_name"),
        ("postcode", "last_name"),
        ("postcode", "first_name"),
        ("city", "last_name"),
    ),
)
ORIGINALS = people(400)
AGAIN = [mistyped(person, seed=number) for number, person in enumerate(ORIGINALS[:200])]
TRUTH = {(one["record_id"].removesuffix("-again"), one["record_id"]) for one in AGAIN}


def test_duplicates_are_found_and_strangers_left_alone() -> None:
    pairs = link(records=[*ORIGINALS, *AGAIN], model=MODEL, least=0.9)

    found = {tuple(sorted((pair.left, pair.right))) for pair in pairs}
    right = len(found & TRUTH)
    assert right / len(found) >= 0.97
    assert right / len(TRUTH) >= 0.97


def test_the_weight_is_the_prior_and_what_each_field_adds() -> None:
    pair = link(records=[*ORIGINALS, *AGAIN], model=MODEL, least=0.5)[0]

    assert pair.weight == pytest.approx(pair.prior + sum(share.weight for share in pair.shares))
    assert pair.probability == pytest.approx(2**pair.weight / (1 + 2**pair.weight))
    assert [share.field for share in pair.shares] == [field.name for field in MODEL.fields]
    assert {share.finding for share in pair.shares} <= {
        "the same",
        "spelled almost the same",
        "spelled alike",
        "somewhat alike",
        "one slip apart",
        "two slips apart",
        "different",
        "not known of both",
    }
    assert all(share.weight > 0 for share in pair.shares if share.finding == "the same")
    assert all(share.weight == 0 for share in pair.shares if share.finding == "not known of both")


def test_two_lists_are_compared_with_each_other_only() -> None:
    pairs = link(records=ORIGINALS, others=AGAIN, model=MODEL, least=0.9)

    assert pairs
    assert all(
        {pair.left.endswith("-again"), pair.right.endswith("-again")} == {True, False}
        for pair in pairs
    )


def test_the_same_records_give_the_same_weights() -> None:
    first, second = (link(records=[*ORIGINALS, *AGAIN], model=MODEL, least=0.9) for _ in range(2))

    assert [(p.left, p.right) for p in first] == [(p.left, p.right) for p in second]
    assert [p.weight for p in first] == pytest.approx([p.weight for p in second])


def test_a_field_that_nobody_has_is_named() -> None:
    nameless = [{**person, "city": ""} for person in ORIGINALS]

    with pytest.raises(CannotLink, match="city"):
        link(records=nameless, model=MODEL, least=0.9)
