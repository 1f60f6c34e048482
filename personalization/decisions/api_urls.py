"""API addresses of this room."""

from django.urls import path

from personalization.decisions.api import DecisionsView, RecommendationsView

urlpatterns = [
    path("decisions", DecisionsView.as_view(), name="decisions"),
    path("recommendations", RecommendationsView.as_view(), name="recommendations"),
]
