"""The address of the pixel."""

from django.urls import path

from personalization.doors.pixel_views import pixel

urlpatterns = [path("p.gif", pixel, name="pixel")]
