"""Addresses of this room."""

from django.urls import path

from personalization.segments.views import arrange, preview

app_name = "segments"
urlpatterns = [
    path("preview", preview, name="preview"),
    path("arrange", arrange, name="arrange"),
]
