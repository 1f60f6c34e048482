"""Addresses of this room."""

from django.urls import path

from personalization.segments.views import arrange, preview, search, session

app_name = "segments"
urlpatterns = [
    path("preview", preview, name="preview"),
    path("search", search, name="search"),
    path("session", session, name="session"),
    path("arrange", arrange, name="arrange"),
]
