"""Where systems call us."""

from django.urls import path

from personalization.connectors.webhook_api import SourceView

urlpatterns = [path("v1/sources/<slug:key>", SourceView.as_view(), name="source")]
