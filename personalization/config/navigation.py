"""The admin's sidebar: one group for each kind of work, and in it only what the role may see."""

from collections.abc import Mapping
from typing import Any, Final

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse

# Model label: icon (Material Symbols).
GROUPS: Final[Mapping[str, Mapping[str, str]]] = {
    "Marketing": {
        "segments.segment": "groups",
        "segments.funnel": "filter_alt",
        "content.activity": "campaign",
        "content.placement": "dashboard",
        "segments.proposal": "approval_delegation",
        "segments.publication": "history",
        "segments.goldenvisitor": "stars",
    },
    "Activation": {
        "activation.trigger": "bolt",
        "activation.audience": "group_add",
        "activation.destination": "webhook",
        "activation.delivery": "outbox",
        "activation.audiencerun": "receipt_long",
        "activation.watchedsegment": "radar",
    },
    "Recommendations": {
        "learning.modelversion": "model_training",
        "learning.trainingrun": "timer",
    },
    "Visitors": {
        "profiles.profile": "person_search",
        "profiles.wantedtrait": "checklist",
        "profiles.profilemerge": "merge",
        "linkage.candidate": "join",
        "linkage.linkagerun": "join_inner",
        "linkage.linkagesettings": "tune",
        "identifiers.identifierkind": "fingerprint",
    },
    "Data": {
        "insights.qualityreport": "monitor_heart",
        "insights.alert": "notifications",
        "events.eventschema": "schema",
        "events.eventmapping": "translate",
        "events.exchangerate": "currency_exchange",
        "events.intakepolicy": "door_front",
        "events.refusedevent": "unpublished",
        "events.deadletter": "mark_email_unread",
    },
    "Privacy": {
        "consent.privacyrequest": "assignment",
        "consent.consentrecord": "fact_check",
        "consent.consent": "how_to_reg",
        "consent.privilege": "policy",
        "consent.notice": "article",
        "consent.suppression": "block",
        "vault.look": "visibility",
        "segments.historyentry": "history_edu",
    },
    "Catalogue": {"catalog.item": "sell", "catalog.category": "category"},
    "Sources": {"connectors.connection": "sync", "connectors.run": "receipt_long"},
    "Access": {
        "access.apikey": "key",
        "auth.user": "badge",
        "auth.group": "shield_person",
        "segments.publishingpolicy": "rule_settings",
        "admin.logentry": "manage_history",
    },
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar of the person asking; groups without anything to see are left out."""
    groups = [
        {"title": title, "separator": True, "items": _items(models, request)}
        for title, models in GROUPS.items()
    ]
    return [group for group in groups if group["items"]]


def _items(models: Mapping[str, str], request: HttpRequest) -> list[dict[str, str]]:
    found = []
    for label, icon in models.items():
        options = apps.get_model(label)._meta
        if request.user.has_perm(f"{options.app_label}.view_{options.model_name}"):
            link = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
            title = str(options.verbose_name_plural)
            found.append({"title": title[0].upper() + title[1:], "icon": icon, "link": link})
    return found
