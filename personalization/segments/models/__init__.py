"""What marketers write, what was published of it, and what waits to be."""

from personalization.segments.models.funnel import Funnel
from personalization.segments.models.golden import GoldenVisitor
from personalization.segments.models.lists import ListMember, MemberList
from personalization.segments.models.proposal import (
    OPEN,
    HistoryEntry,
    Proposal,
    PublishingPolicy,
)
from personalization.segments.models.publication import LiveEntry, Publication, SegmentSize
from personalization.segments.models.segment import Kind, Segment, check_rule, free_key, saved_rule
from personalization.segments.models.uploads import FINAL, ListUpload, UploadPart

__all__ = (
    "FINAL",
    "OPEN",
    "Funnel",
    "GoldenVisitor",
    "HistoryEntry",
    "Kind",
    "ListMember",
    "ListUpload",
    "LiveEntry",
    "MemberList",
    "Proposal",
    "Publication",
    "PublishingPolicy",
    "Segment",
    "SegmentSize",
    "UploadPart",
    "check_rule",
    "free_key",
    "saved_rule",
)
