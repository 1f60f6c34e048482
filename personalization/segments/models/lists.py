"""Lists of people, each known by one identifier, uploaded or frozen from a rule."""

from django.db import models
from django.db.models.functions import Now

from personalization.segments.models.segment import Segment


class MemberList(models.Model):
    """One version of the list of a static segment; it never changes, a new one takes its place.

    `is_ready` once every profile of a member says in its facts that it is on the list.
    """

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="lists")
    key = models.CharField(max_length=80, unique=True)
    note = models.CharField(max_length=200)
    members = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    is_ready = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.key


class ListMember(models.Model):
    """That whoever has this identifier is on the list, known to us yet or not."""

    member_list = models.ForeignKey(MemberList, on_delete=models.CASCADE, related_name="entries")
    pseudonym = models.CharField(max_length=32)

    class Meta:
        constraints = [
            # In this order it also answers which lists an identifier is on.
            models.UniqueConstraint(
                fields=["pseudonym", "member_list"], name="listed_once_on_each_list"
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.pseudonym[-4:]} on {self.member_list_id}"
