"""Every field and Redis prefix, by what it is for; `data_map.py` says what that means."""

from collections.abc import Mapping
from typing import Final

# Place: its fields by category. Redis prefixes and streams have no fields.
MODELS: Final[Mapping[str, Mapping[str, str]]] = {
    "access.ApiKey": {
        "access key": "id prefix hashed_key created name revoked expiry_date scopes"
        " vouched_purposes",
        "staff": "owner",
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
        "catalogue": "id item_id name price sale_price sale_starts_at sale_ends_at currency"
        " category tags is_available updated_at description url image_url brand gtin"
    },
    "activation.Audience": {
        "authored": "id name segment destination mode every_hours is_active waits proposed",
        "staff": "saved_by approved_by",
        "technical": "failures next_run_at",
    },
    "activation.AudienceMember": {"passed on": "id audience profile_id identifiers is_confirmed"},
    "activation.AudienceRun": {
        "count": "id audience audience_name state started_at seen_at finished_at members added"
        " removed withheld message"
    },
    "activation.Delivery": {
        "news": "id destination type body profile_id transition_id state attempts created_at"
        " next_try_at ended_at response_code excerpt tries"
    },
    "activation.Destination": {
        "authored": "id name kind url purpose identifier_kinds segments tells_entered tells_left"
        " bucket"
        " prefix region access_key sealed_secret is_active created_at waits proposed"
        " proposed_secret",
        "staff": "saved_by approved_by",
        "technical": "failures disabled_because",
    },
    "activation.Destination_segments": {"authored": "id destination segment"},
    "activation.Firing": {"news": "id trigger profile_id fired_at ends_at shown_at"},
    "activation.Membership": {"profile": "id segment_key profile_id since left_at"},
    "activation.Told": {"passed on": "id destination profile_id identifiers at"},
    "activation.Transition": {
        "news": "id kind segment_key profile_id cause ruleset_version at passed_on_at"
    },
    "activation.Trigger": {
        "authored": "id segment kind activity within_hours destination template task every_hours"
        " is_active waits proposed",
        "staff": "saved_by approved_by",
    },
    "activation.WatchedSegment": {
        "authored": "id segment is_kept",
        "technical": "state counted_at ruleset_version started_at seen_at finished_at members error"
        " failures next_run_at",
    },
    "connectors.Connection": {
        "authored": "id key name kind settings mapping secret_variable sealed_secret secret_set_at"
        " vouched_purposes every_minutes is_active created_at",
        "technical": "cursor failures next_run_at",
    },
    "connectors.Run": {
        "count": "id connection state started_at seen_at finished_at read created updated unchanged"
        " refused reasons examples message",
        "staff": "started_by",
    },
    "census.Change": {"technical": "id", "pseudonym": "profile_id"},
    "census.ChoiceChange": {"technical": "id", "pseudonym": "pseudonym"},
    "census.Layout": {"technical": "id version day is_turned cursor"},
    "census.Row": {"profile": "profile day"},
    "census.Slot": {"technical": "id shape number fact made_by is_filled"},
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
    "events.DeadLetter": {"technical": "id"},
    "events.Event": {
        "pseudonym": "profile_id identifier_id",
        "behaviour": "id occurred_at received_at type item_id value properties context source"
        " flags category counted traits",
        "choice": "purposes",
    },
    "events.EventMapping": {"authored": "id kind stated meant"},
    "events.EventSchema": {
        "published": "id type version schema is_active note saved_at",
        "staff": "saved_by",
    },
    "events.ExchangeRate": {"authored": "id currency starts_on rate added_at"},
    "events.IntakePolicy": {"authored": "id unknown_types"},
    "events.OrdinaryValue": {
        "count": "id type field is_log median spread values learned_at",
    },
    "events.RefusedEvent": {
        "refused": "id kind type field reason payload source received_at digest",
        "direct identifier of a refused event": "sealed",
        "pseudonym": "identifiers pseudonyms",
    },
    "events.SeenMessage": {"technical": "id"},
    "identifiers.IdentifierKind": {"authored": "id key name priority limit blocked"},
    "insights.Alert": {"count": "id source silent_since raised_at ended_at message"},
    "insights.HourlyVolume": {
        "count": "id hour source type events flagged late_minute late_hour late_day latest"
    },
    "insights.QualityReport": {
        "count": "id state stage percent message content findings created_at finished_at",
        "staff": "started_by",
    },
    "learning.ModelVersion": {
        "model": "id kind number state metrics reason trained_at trained_until artifact checksum"
        " promoted_at"
    },
    "learning.TrainingRun": {
        "model": "id kind state stage percent message created_at finished_at version",
        "staff": "started_by",
    },
    "linkage.Candidate": {
        "pseudonym": "id profile_id other_id",
        "profile": "probability weight prior shares state found_at decided_at",
        "staff": "decided_by",
    },
    "linkage.ComparedField": {"authored": "id settings name comparison"},
    "linkage.LinkageRun": {
        "count": "id state stage percent message created_at finished_at",
        "staff": "started_by",
    },
    "linkage.LinkageSettings": {"authored": "id blockings automatic_above review_above"},
    "profiles.Profile": {
        "pseudonym": "id",
        "profile": "facts has_unkept_acts created_at updated_at",
    },
    "profiles.KeptApart": {"pseudonym": "id pseudonym other because_of"},
    "profiles.ProfileIdentifier": {"pseudonym": "id profile kind pseudonym beside_id created_at"},
    "profiles.ProfileMerge": {
        "pseudonym": "id kept into_id absorbed_id means reason evidence_kept evidence_absorbed"
        " event_type event_id identifier_ids merged_at undone_at undone_why",
        "staff": "by undone_by",
    },
    "profiles.UnjoinedIdentifier": {"pseudonym": "id profile kind pseudonym reason first_seen"},
    "profiles.WantedTrait": {"authored": "id name weight"},
    "recommender.Representation": {
        "pseudonym": "profile_id",
        "model of a person": "id version vector",
    },
    "rest_framework_api_key.APIKey": {
        "access key": "id prefix hashed_key created name revoked expiry_date"
    },
    "segments.Funnel": {"authored": "id name steps window_minutes created_at"},
    "segments.GoldenVisitor": {
        "example": "id name facts context frozen_at belongs_to stays_out_of"
    },
    "segments.GoldenVisitor_belongs_to": {"example": "id goldenvisitor segment"},
    "segments.GoldenVisitor_stays_out_of": {"example": "id goldenvisitor segment"},
    "segments.HistoryEntry": {"published": "id key at said before after", "staff": "by"},
    "segments.ListMember": {"pseudonym": "id member_list pseudonym"},
    "segments.ListUpload": {
        "authored": "id segment id_kind note size publishes state stage percent message refused"
        " refusals made_at seen_at finished_at member_list",
        "staff": "made_by key_owner",
    },
    "segments.LiveEntry": {"published": "id section key definition version"},
    "segments.MemberList": {
        "authored": "id segment key note members refused is_ready made_at",
        "staff": "made_by",
    },
    "segments.Proposal": {
        "published": "id state about note changes live saved submitted_at publish_at decided_at"
        " comment problem insists version replaced_by",
        "staff": "submitted_by key_owner decided_by",
    },
    "segments.Publication": {
        "published": "id version document checksum changes note published_at",
        "staff": "published_by",
    },
    "segments.PublishingPolicy": {"authored": "id needs_approval"},
    "segments.Segment": {
        "authored": "id key name description kind rule created_at updated_at",
        "staff": "created_by",
    },
    "segments.SegmentSize": {"count": "id key day matched total"},
    "segments.UploadPart": {"uploaded list": "id upload number sealed"},
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
    "asked": "technical",
    "consent": "choice",
    "dead": "waiting",
    "due": "news",
    "events": "waiting",
    "facts": "profile",
    "ident": "pseudonym",
    "identifier_kinds": "authored",
    "mirror": "technical",
    "model": "technical",
    "refusals": "count",
    "refused": "count",
    "ruleset": "published",
    "shown": "news",
    "standards": "published",
    "suppressed": "suppression",
    "transitions": "news",
    "vector": "model of a person",
}
