"""Pages of the admin on which nobody overwrites unseen what somebody else saved."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin


class SeesWhatOthersSave(ModelAdmin):
    """Carries what was seen in the form, which is a `SeenForm`, and saves one after the other."""

    change_form_before_template = "admin/segments/meanwhile.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Let whoever saves the same row wait until this is saved or refused."""
        with transaction.atomic():
            if request.method == "POST" and object_id is not None:
                found = self.get_object(request, unquote(object_id))
                if found is not None:
                    self.model._default_manager.select_for_update().filter(pk=found.pk).first()
            answer: HttpResponse = super().changeform_view(
                request, object_id, form_url, extra_context
            )
        return answer
