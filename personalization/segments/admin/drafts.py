"""Pages whose script keeps in the browser what is typed, until it is saved."""

import re
from typing import Any, Final

from django.conf import settings
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin

DRAFT: Final = "draft"
COOKIE: Final = "saved_draft"
DAY: Final = 24 * 60 * 60
NAMES_DRAFT: Final = re.compile(r"[0-9a-f-]{1,40}")


class TellsWhatWasSaved(ModelAdmin):
    """Tells the script which draft was saved, so that it forgets it."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Name the draft in a cookie that the script may read, where it was saved."""
        answer = super().changeform_view(request, object_id, form_url, extra_context)
        draft = request.POST.get(DRAFT, "")
        if (
            isinstance(answer, HttpResponseRedirect)
            and NAMES_DRAFT.fullmatch(draft)
            # Who saves what somebody else deleted is sent away, too, and has not saved it.
            and (object_id is None or self.get_object(request, unquote(object_id)))
        ):
            answer.set_cookie(
                COOKIE,
                draft,
                max_age=DAY,
                path=reverse("admin:index"),
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return answer
