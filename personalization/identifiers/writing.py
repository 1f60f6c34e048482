"""How an identifier is written that was stored as a number."""


def as_text(value: str | int | float) -> str:
    """Return it as text; a whole number stays one, though its column made it 4711.0."""
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if is_whole else str(value)
