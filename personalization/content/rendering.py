"""A variation as the HTML of a page."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from catalog.models import Item
from consent.choosing import make_token
from personalization.content.asking import LONGEST_ANSWER, answers_of
from personalization.content.rulesets import CompiledVariation

# The parameter of an address that says which activity has just had its answer.
ANSWERED: Final = "answered"
TEMPLATES: Final[Mapping[str, str]] = {
    "banner": "personalization/blocks/banner.html",
    "html": "personalization/blocks/html.html",
    "recommendations": "personalization/blocks/recommendations.html",
    "question": "personalization/blocks/question.html",
}


def render_variation(
    variation: CompiledVariation,
    *,
    items: Sequence[Item] | None = None,
    request: HttpRequest | None = None,
    activity: str = "",
) -> SafeString:
    """Return the block; a list without items is empty, so that the page shows its fallback.

    `activity`: the key of the live one, to which a question's answer is sent.
    """
    if variation.kind == "recommendations" and not items:
        return SafeString("")
    context = {"content": variation.content, "items": items or (), "variation": variation}
    if variation.kind == "question":
        context |= _question(variation, request=request, activity=activity)
    return render_to_string(TEMPLATES[variation.kind], context, request=request)


def _question(
    variation: CompiledVariation, *, request: HttpRequest | None, activity: str
) -> dict[str, Any]:
    return {
        "activity": activity,
        "answers": answers_of(variation.content["answers"]),
        "longest": LONGEST_ANSWER,
        # Without a request it is a preview, inside the admin's own form: nothing can be sent.
        "is_live": request is not None,
        "is_answered": request is not None and request.GET.get(ANSWERED) == activity,
        "token": make_token() if request else "",
        "next": request.get_full_path() if request else "",
    }
