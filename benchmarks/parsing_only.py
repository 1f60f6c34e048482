"""The project's WSGI application, with one more address: a view that only parses its body."""

import json

import django
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

django.setup()

from personalization.config.urls import urlpatterns as ours  # noqa: E402
from personalization.config.wsgi import application  # noqa: E402


@csrf_exempt
def parse(request: HttpRequest) -> JsonResponse:
    """Answer how many events the body holds."""
    return JsonResponse({"accepted": len(json.loads(request.body)["events"])}, status=202)


urlpatterns = [path("parse-only", parse), *ours]
settings.ROOT_URLCONF = __name__

__all__ = ("application",)
