"""What people chose, as PostgreSQL has it, for the rows that are written."""

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from django.db import connection

from consent.checking import Choices

# What `GRANTED` and `GRANTED_TO_ONE` of the rules read, for all purposes at once.
GRANTED: Final = """
SELECT i.profile_id, c.purpose FROM profiles_profileidentifier AS i
CROSS JOIN LATERAL (SELECT DISTINCT ON (purpose) purpose, state, recorded_at
 FROM consent_consentrecord WHERE pseudonym = i.pseudonym ORDER BY purpose, id DESC) AS c
LEFT JOIN consent_suppression AS s USING (pseudonym)
WHERE i.profile_id = ANY(%s) AND (s.erased_at IS NULL OR c.recorded_at > s.erased_at)
GROUP BY i.profile_id, c.purpose HAVING bool_and(c.state = 'granted')
"""


def read_choices(profile_ids: Collection[int]) -> dict[int, Choices]:
    """Return what each of these profiles agreed to, of those who agreed to anything."""
    granted: defaultdict[int, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(GRANTED, [list(profile_ids)])
        for profile_id, purpose in cursor.fetchall():
            granted[profile_id].add(purpose)
    return {profile_id: Choices(frozenset(purposes)) for profile_id, purposes in granted.items()}
