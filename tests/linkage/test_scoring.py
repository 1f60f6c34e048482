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


WITH_MAIL = Model(
    fields=(*MODEL.fields, Field("email", "exact")),
    blockings=(*MODEL.blockings, ("email",)),
)


@pytest.mark.parametrize("count", [2, 10, 60, 300])
def test_people_whose_every_mail_address_differs_are_compared(count: int) -> None:
    originals = [{**one, "email": f"{one['record_id']}@shop.example"} for one in people(count)]
    again = [mistyped(one, seed=7, slips=1) for one in originals[: max(count // 3, 1)]]
    records = [*originals, *({**one, "email": f"{one['record_id']}@home.example"} for one in again)]

    pairs = link(records=records, model=WITH_MAIL, least=0.5)

    assert all(
        [share.field for share in pair.shares] == [f.name for f in WITH_MAIL.fields]
        for pair in pairs
    )
    found = {tuple(sorted((pair.left, pair.right))) for pair in pairs}
    true = {(one["record_id"].removesuffix("-again"), one["record_id"]) for one in again}
    if count >= 10:
        assert len(found & true) >= 0.9 * len(true)


@pytest.mark.parametrize("count", [2, 10, 60])
def test_records_that_are_all_equal_are_pairs_nobody_is_sure_of(count: int) -> None:
    person = people(1)[0]

    pairs = link(
        records=[{**person, "record_id": f"{number:03}"} for number in range(count)],
        model=MODEL,
        least=0.5,
    )

    assert len(pairs) == count * (count - 1) // 2
    assert {round(pair.probability, 6) for pair in pairs} == {0.9}


@pytest.mark.parametrize("count", [2, 10, 60, 300])
def test_records_that_have_nothing_in_common_are_no_pairs(count: int) -> None:
    records = [
        {"record_id": n, **{field.name: f"{field.name}{n * 7919:x}" for field in MODEL.fields}}
        for n in range(count)
    ]

    assert link(records=records, model=MODEL, least=0.5) == []


def test_pairs_that_agree_in_all_that_is_compared_teach_nothing_and_are_found() -> None:
    model = Model(
        (Field("first_name", "name"), Field("last_name", "name")), (("first_name", "last_name"),)
    )
    named = [{k: one[k] for k in ("record_id", "first_name", "last_name")} for one in people(300)]

    pairs = link(records=named, model=model, least=0.0001)

    assert pairs
    assert all(share.weight > 0 for pair in pairs for share in pair.shares)
