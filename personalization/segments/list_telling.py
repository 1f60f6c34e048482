"""What is done with a list at once, and what by a worker."""

from django.db import transaction

from personalization.segments.listing import TOLD_AT_ONCE, forget_old_lists, tell_profiles
from personalization.segments.models import ListUpload, MemberList
from personalization.segments.tasks import read_list_upload, tell_list_members


def tell_soon(made: MemberList) -> None:
    """Tell the profiles of a list's members; for a long list, in the background.

    Should nobody be there to do it, beat tries again.
    """
    if made.members > TOLD_AT_ONCE:
        transaction.on_commit(lambda: tell_list_members.delay(made.pk), robust=True)
        return
    tell_profiles(made)
    forget_old_lists(made.segment)


def read_soon(upload: ListUpload) -> None:
    """Have an upload read by a worker. Should nobody be there to do it, beat tries again."""
    transaction.on_commit(lambda: read_list_upload.delay(upload.pk), robust=True)
