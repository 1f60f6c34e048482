"""API addresses of this room."""

from django.urls import path

from personalization.profiles.api import LookupView, ProfilesView, ProfileView

urlpatterns = [
    path("profiles", ProfilesView.as_view(), name="profiles"),
    path("profiles/lookup", LookupView.as_view(), name="profile-lookup"),
    path("profiles/<str:named>", ProfileView.as_view(), name="profile"),
]
