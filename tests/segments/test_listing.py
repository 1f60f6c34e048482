"""Lists of people: uploaded or frozen, matched now or when somebody is recognised later."""

from collections.abc import Callable

import pytest
from django.db import connection

from consent.erasing_marks import suppress
from consent.stores import Person
from consent.subjects import Identifier
from personalization.profiles.facts import empty_facts
from personalization.profiles.models import Profile, ProfileIdentifier
from personalization.segments.listing import (
    freeze_list,
    forget_old_lists,
    keep_list,
    tell_profiles,
)
from tests.factories import NOON
