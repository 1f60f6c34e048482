"""The buttons of the rule form, which change its rows: "act:number:argument"."""

from collections.abc import Mapping
from typing import Final

from personalization.segments.arranging import Arranged, arrange, move
from personalization.segments.rows import Row

# Acts that type into fields what they were given, separated by colons.
FIELDS_SET: Final[Mapping[str, tuple[str, ...]]] = {
    "value": ("value",),
    "low": ("low",),
    "high": ("high",),
    "span": ("low", "high"),
}
# Of the number of a row.
MOST_DIGITS: Final = 4
MOST_TYPED: Final = 50


def pressed(button: str) -> tuple[str, int | None, str]:
    """Return act, number of the row and argument."""
    act, _, rest = button.partition(":")
    number, _, argument = rest.partition(":")
    return act, _number(number), argument


def rows_after(rows: list[Row], *, act: str, number: int | None, argument: str) -> Arranged:
    """Return the rows after a button; raises NotArrangeable."""
    if act in FIELDS_SET and number is not None and number < len(rows):
        changed = [*rows]
        typed = argument[:MOST_TYPED].split(":")
        changed[number] = {**rows[number], **dict(zip(FIELDS_SET[act], typed, strict=False))}
        return Arranged(changed, number)
    if act in ("refresh", "spread"):
        return Arranged(rows, number)
    if act == "move":
        to, _, where = argument.partition(":")
        return move(rows, number=number, to=_number(to), where=where)
    return arrange(rows, act=act, number=number)


def _number(typed: str) -> int | None:
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS
    return int(typed) if is_number else None
