"""How the admin says that nothing was published."""

from django.contrib import messages
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from personalization.segments.publishing import NotPublishable


def show_objections(model_admin: ModelAdmin, request: HttpRequest, error: NotPublishable) -> None:
    """Tell a marketer why nothing was published."""
    for message in error.messages:
        model_admin.message_user(request, f"Not published. {message}", messages.ERROR)
