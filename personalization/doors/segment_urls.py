"""The addresses that Segment's libraries call."""

from typing import Final

from django.urls import path

from personalization.doors.segment import KINDS
from personalization.doors.segment_api import SegmentView

# Libraries of different age call the same door "batch", "import" and "b"; those for browsers and
# telephones call a message by its first letter.
BATCHES: Final = ("batch", "import", "b")
urlpatterns = [
    *(path(f"v1/{name}", SegmentView.as_view(), name=f"segment-{name}") for name in BATCHES),
    *(
        path(f"v1/{name}", SegmentView.as_view(kind=kind), name=f"segment-{name}")
        for kind in KINDS
        for name in (kind, kind[0])
    ),
]
