"""The address that the browser script calls."""

from django.urls import path

from personalization.doors.browser_api import BrowserView

urlpatterns = [path("t", BrowserView.as_view(), name="browser")]
