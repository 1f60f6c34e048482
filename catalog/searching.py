"""Finding items by what a visitor types."""

from typing import Final

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from catalog.models import Item

LONGEST_QUERY: Final = 100
MOST_WORDS: Final = 8


def searchable(text: str) -> str:
    """Return what was typed, fit for searching: one line, no control characters, not too long."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_QUERY]


def search_items(text: str) -> QuerySet[Item]:
    """Return available items that have every word in name, tags, category or code, best first."""
    words = searchable(text).split()[:MOST_WORDS]
    if not words:
        return Item.objects.none()
    matching = Q()
    for word in words:
        matching &= (
            Q(name__icontains=word)
            | Q(tags__icontains=word)
            | Q(category__name__icontains=word)
            | Q(item_id__iexact=word)
        )
    # An exact code comes first, then names with the phrase as it was typed.
    rank = Case(
        When(item_id__iexact=" ".join(words), then=Value(0)),
        When(name__icontains=" ".join(words), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = Item.objects.filter(matching, is_available=True).select_related("category")
    return found.order_by(rank, "name", "item_id")
