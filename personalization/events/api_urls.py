"""API addresses of this room."""

from django.urls import path

from personalization.events.api import EventsView

urlpatterns = [path("events", EventsView.as_view(), name="events")]
