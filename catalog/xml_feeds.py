"""Google Merchant feeds as XML: RSS 2.0 and Atom, one item at a time, safe against bombs."""

from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from lxml import etree

from catalog.feed_lines import FeedError, FeedLine

# RSS 1.0 and 2.0 say item, Atom says entry; each with or without a namespace.
ITEMS: Final = ("{*}item", "{*}entry")
LONGEST_TEXT: Final = 10_000


def read_xml(file: IO[bytes]) -> Iterator[FeedLine]:
    """Yield what each item states, under the number of the line it begins in.

    Entities are not expanded, nothing is fetched, and a document that declares a DTD is refused.
    Raises FeedError.
    """
    items = etree.iterparse(
        file,
        events=("end",),
        tag=ITEMS,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for _, element in items:
            _refuse_dtd(element)
            yield FeedLine(element.sourceline or 0, _stated(element))
            _forget(element)
    except etree.XMLSyntaxError as error:
        # What stood before the fault has been read, and stays.
        yield FeedLine(error.lineno or 0, {}, f"is not XML from here on: {error.msg}")


def _refuse_dtd(element: Any) -> None:
    if element.getroottree().docinfo.doctype:
        raise FeedError("The feed declares a DTD. A feed needs none; remove the DOCTYPE.")


def _stated(element: Any) -> Mapping[str, Any]:
    stated: dict[str, Any] = {}
    for child in element.iterchildren("*"):
        name = etree.QName(child).localname
        text = "".join(child.itertext())[:LONGEST_TEXT].strip() or _linked(child)
        if not text:
            continue
        if name in stated:  # as product_type, which may stand several times
            known = stated[name]
            stated[name] = [*known, text] if isinstance(known, list) else [known, text]
        else:
            stated[name] = text
    return stated


def _linked(child: Any) -> str:
    """Return where a link of Atom leads, which says it without a text."""
    is_page = child.get("rel", "alternate") == "alternate"
    return str(child.get("href", "")).strip() if is_page else ""


def _forget(element: Any) -> None:
    """Free the item and those before it: a feed of a million items must not fill the memory."""
    element.clear(keep_tail=False)
    while element.getprevious() is not None:
        del element.getparent()[0]
