"""A variation as visitors would see it, for the admin."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from catalog.models import Item
from personalization.content.models import Activity, Kind, Variation
from personalization.content.rendering import render_variation
from personalization.content.rulesets import compile_variation


@dataclass(frozen=True, slots=True)
class VariationPreview:
    """One block, and whether its items stand in for those of a real visitor."""

    name: str
    share: float
    html: SafeString
    has_stand_ins: bool


def preview_variations(activity: Activity) -> list[VariationPreview]:
    """Return the saved variations of the activity, rendered; shares are in percent."""
    variations = list(activity.variations.all())
    total = sum(one.weight for one in variations)
    return [_preview(one, total) for one in variations]


def _preview(variation: Variation, total: int) -> VariationPreview:
    is_list = variation.kind == Kind.RECOMMENDATIONS
    items = Item.objects.filter(is_available=True)[: variation.limit] if is_list else []
    return VariationPreview(
        name=variation.name,
        share=100 * variation.weight / total if total else 0.0,
        html=render_variation(compile_variation(variation.definition()), items=list(items)),
        has_stand_ins=is_list,
    )
