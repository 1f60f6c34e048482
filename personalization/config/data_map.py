"""What every field, stream and Redis prefix is for, how long it stays and who erases it.

The record of processing (GDPR 30) starts here. A field that is not named here is an error at
start-up. Which store erases a place is not repeated: the stores say what they cover.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from django.apps import apps

from consent.keyspaces import DECLARED
from consent.stores import personal_data_stores

UNTIL_ERASED: Final = "until the person is erased"
WHILE_USED: Final = "while it is used"
FOR_GOOD: Final = "for good"

# Category: for which purpose, and how long.
CATEGORIES: Final[Mapping[str, tuple[str, str]]] = {
    "direct identifier": ("To know and to give back what a visitor stated", UNTIL_ERASED),
    "key of a person": ("To encrypt direct identifiers", UNTIL_ERASED),
    "pseudonym": ("To recognise a visitor", UNTIL_ERASED),
    "behaviour": ("To adapt pages and to see what works", UNTIL_ERASED),
    "profile": ("To adapt pages", UNTIL_ERASED),
    "model of a person": ("To recommend", UNTIL_ERASED),
    "choice": ("To do only what was agreed to", UNTIL_ERASED),
    "waiting": ("To lose nothing between door and database", "until stored; buried: until erased"),
    "proof": ("To prove what was chosen, asked, shown or done", FOR_GOOD),
    "suppression": ("To keep an erased person from coming back", FOR_GOOD),
    "example": ("To see that a change does not break what works", "until deleted by hand"),
    "staff": ("To sign in, and to know who did what", "while the account exists"),
    "session": ("To stay signed in", "two weeks after the last sign-in"),
    "access key": ("To let partner systems in", WHILE_USED),
    "authored": ("What marketers and officers write", WHILE_USED),
    "catalogue": ("What is sold", WHILE_USED),
    "published": ("What was live when, to explain and to undo", FOR_GOOD),
    "model": ("What was learned of all people together", FOR_GOOD),
    "count": ("Totals without people", FOR_GOOD),
    "technical": ("To run", WHILE_USED),
}

# Place: its fields by category. Redis prefixes and streams have no fields.
MODELS: Final[Mapping[str, Mapping[str, str]]] = {
    "access.ApiKey": {
        "access key": "id prefix hashed_key created name revoked expiry_date scopes"
        " vouched_purposes"
    },
    "admin.LogEntry": {
        "staff": "id action_time user content_type object_id object_repr action_flag change_message"
    },
    "auth.Group": {"technical": "id name permissions"},
    "auth.Group_permissions": {"technical": "id group permission"},
    "auth.Permission": {"technical": "id name content_type codename"},
    "auth.User": {
        "staff": "id password last_login is_superuser username first_name last_name email"
        " is_staff is_active date_joined groups user_permissions"
    },
    "auth.User_groups": {"staff": "id user group"},
    "auth.User_user_permissions": {"staff": "id user permission"},
    "catalog.Category": {"catalogue": "id key name position"},
    "catalog.Item": {
        "catalogue": "id item_id name price currency category tags is_available updated_at"
    },
    "consent.Consent": {
        "choice": "id user privilege granted_on revoked_on revoked",
        "pseudonym": "pseudonym",
    },
    "consent.ConsentRecord": {
        "proof": "id pseudonym purpose state notice_version notice_locale notice_hash mechanism"
        " jurisdiction ip user_agent recorded_at"
    },
    "consent.Notice": {"proof": "id version locale text sha256 published_at"},
    "consent.PrivacyRequest": {
        "proof": "id type regulation subject_kind pseudonym opened_by state received_at"
        " started_at changed_at run attempts person report"
    },
    "consent.PrivacyRequestTransition": {"proof": "id request from_state to_state at by note"},
    "consent.Privilege": {"authored": "id key name description users"},
    "consent.Receipt": {"proof": "id request run body previous_hash hash signature issued_at"},
    "consent.Suppression": {"suppression": "id pseudonym erased_at"},
    "consent.Unmirrored": {"technical": "id pseudonym"},
    "content.Activity": {
        "authored": "id key name segment placement priority starts_at ends_at created_at updated_at"
    },
    "content.Placement": {"authored": "id key name fallback_note"},
    "content.Variation": {
        "authored": "id activity key name weight kind headline text link button_label tone html"
        " title strategy limit trait answers"
    },
    "contenttypes.ContentType": {"technical": "id app_label model"},
    "events.Event": {
        "pseudonym": "profile_id",
        "behaviour": "id occurred_at received_at type item_id value properties context source"
        " flags category counted traits",
        "choice": "purposes",
    },
    "events.SeenMessage": {"technical": "id"},
    "learning.ModelVersion": {
        "model": "id kind number state metrics reason trained_at trained_until artifact checksum"
        " promoted_at"
    },
    "learning.TrainingRun": {
        "model": "id kind state stage percent message created_at finished_at version",
        "staff": "started_by",
    },
    "profiles.Profile": {
        "pseudonym": "id",
        "profile": "facts has_unkept_acts created_at updated_at",
    },
    "profiles.ProfileIdentifier": {"pseudonym": "id profile kind pseudonym created_at"},
    "profiles.ProfileMerge": {"pseudonym": "id kept absorbed_id reason merged_at"},
    "profiles.WantedTrait": {"authored": "id name weight"},
    "recommender.Representation": {
        "pseudonym": "profile_id",
        "model of a person": "id version vector",
    },
    "rest_framework_api_key.APIKey": {
        "access key": "id prefix hashed_key created name revoked expiry_date"
    },
    "segments.GoldenVisitor": {
        "example": "id name facts context frozen_at belongs_to stays_out_of"
    },
    "segments.GoldenVisitor_belongs_to": {"example": "id goldenvisitor segment"},
    "segments.GoldenVisitor_stays_out_of": {"example": "id goldenvisitor segment"},
    "segments.Publication": {
        "published": "id version document checksum changes note published_at",
        "staff": "published_by",
    },
    "segments.Segment": {
        "authored": "id key name description rule created_at updated_at",
        "staff": "created_by",
    },
    "segments.SegmentSize": {"count": "id key day matched total"},
    "sessions.Session": {"session": "session_key session_data expire_date"},
    "vault.Look": {"proof": "id seen_by profile_id fields seen_at"},
    "vault.SealedValue": {
        "pseudonym": "profile_id",
        "direct identifier": "id name sealed source stated_at",
    },
    "vault.SubjectKey": {
        "pseudonym": "profile_id",
        "key of a person": "key_id wrapped master created_at",
    },
}
PREFIXES: Final[Mapping[str, str]] = {
    "consent": "choice",
    "dead": "waiting",
    "events": "waiting",
    "facts": "profile",
    "ident": "pseudonym",
    "mirror": "technical",
    "model": "technical",
    "ruleset": "published",
    "suppressed": "suppression",
    "vector": "model of a person",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the fields of one place that belong together are for."""

    place: str
    fields: tuple[str, ...]
    category: str
    purpose: str
    retention: str
    store: str  # empty where no person can be found in it

    def as_json(self) -> dict[str, object]:
        """Return a JSON-ready form."""
        return asdict(self)


def entries() -> Iterator[Entry]:
    """Yield the whole map, place by place."""
    for label, by_category in MODELS.items():
        for category, fields in by_category.items():
            yield _entry(label, tuple(fields.split()), category)
    for prefix, category in PREFIXES.items():
        yield _entry(f"redis:{prefix}", (), category)


def unmapped() -> list[str]:
    """Return the fields and prefixes that the map does not name."""
    fields = {f"{label}.{name}" for label, name in _fields()}
    named = {f"{one.place}.{name}" for one in entries() for name in one.fields}
    prefixes = {f"redis:{prefix}" for prefix in DECLARED.keys() - PREFIXES.keys()}
    return sorted((fields - named) | prefixes)


def astray() -> list[str]:
    """Return what the map names and does not exist."""
    fields = {f"{label}.{name}" for label, name in _fields()}
    named = {f"{one.place}.{name}" for one in entries() for name in one.fields}
    return sorted(named - fields)


def _fields() -> Iterator[tuple[str, str]]:
    for model in apps.get_models(include_auto_created=True):
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            yield model._meta.label, field.name


def _entry(place: str, fields: tuple[str, ...], category: str) -> Entry:
    stores = [store.name for store in personal_data_stores() if place in store.covers]
    return Entry(place, fields, category, *CATEGORIES[category], store=", ".join(stores))
