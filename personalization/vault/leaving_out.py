"""Take out what says directly who somebody is, wherever it stands, and what addresses carry."""

from typing import Any, Final

from personalization.vault.naming import holds_address, is_personal

# Addresses of pages; behind their path anything may stand, such as what was typed into a form.
PAGE_ADDRESSES: Final = frozenset(
    {
        "url",
        "uri",
        "href",
        "referrer",
        "referer",
        "page",
        "path",
        "page_url",
        "page_path",
        "page_location",
        "page_referrer",
        "landing_page",
        "current_url",
        "initial_referrer",
        "link_url",
    }
)
# What Segment's and Google's libraries call a query by itself.
QUERY: Final = "search"
QUERY_STARTS: Final = "?#"


def without_personal(value: Any, *, path: str, left_out: list[str], within: str = "") -> Any:
    """Return a copy without what is personal; the places of what went are added to `left_out`.

    Of addresses of pages the query goes as well, without a word.
    """
    if isinstance(value, list):
        kept = [one for one in value if not holds_address(one)]
        if len(kept) < len(value):
            left_out.append(path)
        return [without_personal(o, path=path, left_out=left_out, within=within) for o in kept]
    if not isinstance(value, dict):
        return value
    kept_parts = {}
    for name, part in value.items():
        place = f"{path}.{name}".lstrip(".")
        written = without_query(name, part)
        # Of a list only those go that are addresses, unless its name is personal.
        asked = None if isinstance(written, list) else written
        if holds_address(name):
            left_out.append(path)
        elif is_personal(name, asked, within=within):
            left_out.append(place)
        elif written != "" or part == "":
            kept_parts[name] = without_personal(written, path=place, left_out=left_out, within=name)
    return kept_parts


def without_query(name: str, value: Any) -> Any:
    """Return the address of a page without query and fragment; anything else as it is."""
    if not isinstance(value, str) or not (
        name in PAGE_ADDRESSES or (name == QUERY and value.startswith("?"))
    ):
        return value
    ends = [at for sign in QUERY_STARTS if (at := value.find(sign)) >= 0]
    return value[: min(ends)] if ends else value
