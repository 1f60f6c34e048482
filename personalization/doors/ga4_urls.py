"""The addresses of Google's Measurement Protocol."""

from django.urls import path

from personalization.doors.ga4_api import CollectView, DebugView

urlpatterns = [
    path("mp/collect", CollectView.as_view(), name="ga4-collect"),
    path("debug/mp/collect", DebugView.as_view(), name="ga4-debug"),
]
