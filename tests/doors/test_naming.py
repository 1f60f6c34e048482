"""Names of other systems, and of other alphabets, as event types."""

from personalization.doors.naming import event_type, label_of


def test_names_of_any_alphabet_stay_apart_and_can_be_read() -> None:
    names = ["購入", "构入", "Покупка", "!!!", "???", "購入" * 40, "購入" * 41]

    kinds = [event_type(name) for name in names]

    assert len(set(kinds)) == len(names)
    assert all(len(kind) <= 64 and kind.isascii() for kind in kinds)
    assert kinds[0].startswith("gou_ru_")
    assert kinds[2].startswith("pokupka_")


def test_a_name_that_its_type_does_not_say_is_kept_beside_it() -> None:
    assert label_of("購入", event_type("購入")) == {"event_name": "購入"}
    assert label_of("Order Completed", "order_completed") == {}
