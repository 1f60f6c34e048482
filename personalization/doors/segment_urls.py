"""The addresses that Segment's libraries call."""

from django.urls import path

from personalization.doors.segment import KINDS
from personalization.doors.segment_api import SegmentView

# Libraries of different age call the same door "batch" and "import".
urlpatterns = [
    *(
        path(f"v1/{name}", SegmentView.as_view(), name=f"segment-{name}")
        for name in ("batch", "import")
    ),
    *(path(f"v1/{kind}", SegmentView.as_view(kind=kind), name=f"segment-{kind}") for kind in KINDS),
]
