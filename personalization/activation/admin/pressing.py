"""Buttons on a row's page that do something at once: pressed, never followed as a link."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin


class PressedActs(ModelAdmin):
    """Adds a button for each of `pressed`: the name of a method that takes request and number."""

    pressed: Mapping[str, str] = {}
    change_form_template = "admin/activation/change_form.html"

    def may_press(self, request: HttpRequest) -> bool:
        """Whether this person is offered the buttons."""
        return bool(self.has_change_permission(request))

    def get_urls(self) -> list[URLPattern]:
        """Add an address for each button."""
        acts = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(partial(self._press, name)),
                name=self._named(name),
            )
            for name in self.pressed
        ]
        urls: list[URLPattern] = super().get_urls()
        return [*acts, *urls]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the buttons to whoever may press them."""
        shown = self.pressed if object_id and self.may_press(request) else {}
        buttons = [
            (reverse(f"admin:{self._named(name)}", args=[object_id]), label)
            for name, label in shown.items()
        ]
        context = {**(extra_context or {}), "buttons": buttons}
        return super().changeform_view(request, object_id, form_url, context)

    def _press(self, name: str, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.may_press(request):
            raise PermissionDenied
        if request.method == "POST":
            getattr(self, name)(request, object_id)
        else:
            messages.info(request, f"Nothing was done yet: press “{self.pressed[name]}”.")
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(page, args=[object_id]))

    def _named(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"
