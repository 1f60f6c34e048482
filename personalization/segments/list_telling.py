"""When the profiles are told that they are on a list: at once, or by a worker."""

from django.db import transaction

from personalization.segments.listing import TOLD_AT_ONCE, forget_old_lists, tell_profiles
from personalization.segments.models import MemberList
from personalization.segments.tasks import tell_list_members


def tell_soon(made: MemberList) -> None:
    """Tell the profiles of a list's members; for a long list, in the background.

    Should nobody be there to do it, beat tries again.
    """
    if made.members > TOLD_AT_ONCE:
        transaction.on_commit(lambda: tell_list_members.delay(made.pk), robust=True)
        return
    tell_profiles(made)
    forget_old_lists(made.segment)
