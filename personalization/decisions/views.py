"""The page that takes answers."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from consent.choice_views import NOT_OUR_PAGE
from consent.choosing import may_choose, way_back
from personalization.content.asking import AnswerRefused
from personalization.content.rendering import ANSWERED
from personalization.decisions.answering import take_answer
from personalization.streams.stream import StreamUnavailable


# As with the banner, no cookie proves where the form was; `may_choose` stands in.
@csrf_exempt
@never_cache
@require_POST
def answer_question(request: HttpRequest) -> HttpResponse:
    """Take the answer, and go back to where the question stood."""
    if not may_choose(request):
        return _text(NOT_OUR_PAGE, status=403)
    activity = request.POST.get("activity", "")
    try:
        is_taken = take_answer(
            activity=activity,
            variation=request.POST.get("variation", ""),
            stated=request.POST.get("answer", ""),
            visitor=request.visitor,  # type: ignore[attr-defined]
            knowledge=request.page.knowledge,  # type: ignore[attr-defined]
            now=timezone.now(),
        )
    except AnswerRefused as refusal:
        return _text(str(refusal), status=400)
    except StreamUnavailable as error:
        return _text(str(error), status=503)
    back = way_back(request)
    return HttpResponse(
        status=303, headers={"Location": _answered(back, activity) if is_taken else back}
    )


def _answered(address: str, activity: str) -> str:
    # Until the consumer has stored it the question would stand there as if nothing had happened.
    parts = urlsplit(address)
    query = "&".join(filter(None, (parts.query, urlencode({ANSWERED: activity}))))
    return urlunsplit(parts._replace(query=query))


def _text(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
