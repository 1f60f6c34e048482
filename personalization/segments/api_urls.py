"""API addresses of this room."""

from django.urls import path

from personalization.segments.api import SegmentsView, SegmentView
from personalization.segments.lists_api import ListView
from personalization.segments.live_api import LiveView
from personalization.segments.members_api import MembershipsView, MembersView

urlpatterns = [
    path("segments", SegmentsView.as_view(), name="segments"),
    path("segments/<slug:key>", SegmentView.as_view(), name="segment"),
    path("segments/<slug:key>/live", LiveView.as_view(), name="segment-live"),
    path("segments/<slug:key>/members", MembersView.as_view(), name="segment-members"),
    path("segments/<slug:key>/list", ListView.as_view(), name="segment-list"),
    path("profiles/<path:who>/segments", MembershipsView.as_view(), name="memberships"),
]
