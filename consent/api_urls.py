"""Addresses of this room's API, under /api/v1/."""

from django.urls import path

from consent.api import ConsentsView, PrivacyRequestsView, PrivacyRequestView

urlpatterns = [
    path("privacy/requests", PrivacyRequestsView.as_view(), name="privacy-requests"),
    path(
        "privacy/requests/<uuid:request_id>", PrivacyRequestView.as_view(), name="privacy-request"
    ),
    path("consents", ConsentsView.as_view(), name="consents"),
]
