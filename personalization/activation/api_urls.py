"""API addresses of this room."""

from django.urls import path

from personalization.activation.api import PseudonymsView

urlpatterns = [path("pseudonyms", PseudonymsView.as_view(), name="pseudonyms")]
