"""The address of the browser script for pages that are not rendered here."""

from django.urls import path

from personalization.decisions.script_views import script

urlpatterns = [path("t.js", script, name="script")]
