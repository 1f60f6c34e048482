"""What each role may do in the admin, written into Django's groups after every migration."""

from collections.abc import Mapping
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

VIEW: Final = ("view",)
WORK: Final = ("view", "add", "change", "delete")

ROLES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "Marketer": {
        "segments.segment": (*WORK, "export"),
        "segments.publication": ("view", "add"),
        "segments.proposal": ("view", "approve"),
        "segments.goldenvisitor": WORK,
        "segments.funnel": WORK,
        "content.placement": WORK,
        "content.activity": WORK,
        "content.variation": WORK,
        "activation.trigger": WORK,
        "activation.audience": WORK,
        "activation.watchedsegment": WORK,
        # Where data leave to is for an administrator to set up.
        "activation.destination": VIEW,
        "activation.delivery": VIEW,
        "activation.audiencerun": VIEW,
        "catalog.category": VIEW,
        "catalog.item": ("view", "change"),
        "learning.modelversion": ("view", "change"),
        "learning.trainingrun": VIEW,
        "profiles.profile": VIEW,
        "connectors.connection": VIEW,
        "connectors.run": VIEW,
        "insights.qualityreport": ("view", "add"),
        "insights.alert": VIEW,
        "events.eventschema": VIEW,
        "events.eventmapping": WORK,
        "events.exchangerate": ("view", "add"),
        "profiles.wantedtrait": WORK,
    },
    "Analyst": {
        "profiles.wantedtrait": VIEW,
        "segments.segment": VIEW,
        "segments.publication": VIEW,
        "segments.proposal": VIEW,
        "segments.goldenvisitor": VIEW,
        "segments.funnel": VIEW,
        "content.placement": VIEW,
        "content.activity": VIEW,
        "content.variation": VIEW,
        "learning.modelversion": VIEW,
        "learning.trainingrun": VIEW,
        "insights.qualityreport": VIEW,
        "insights.alert": VIEW,
    },
    "Privacy officer": {
        "activation.destination": VIEW,
        "activation.delivery": VIEW,
        "activation.audience": VIEW,
        "activation.audiencerun": VIEW,
        "consent.privilege": ("view", "change"),
        "consent.notice": ("view", "add"),
        "consent.consent": ("view", "change"),
        "consent.consentrecord": VIEW,
        "consent.suppression": VIEW,
        "consent.privacyrequest": ("view", "add", "change"),
        "consent.privacyrequesttransition": VIEW,
        "consent.receipt": VIEW,
        "profiles.profile": VIEW,
        "profiles.profileidentifier": VIEW,
        "profiles.profilemerge": ("view", "change"),
        "profiles.unjoinedidentifier": VIEW,
        "identifiers.identifierkind": ("view", "change"),
        "linkage.linkagesettings": ("view", "change"),
        "linkage.comparedfield": WORK,
        "linkage.linkagerun": ("view", "add"),
        "linkage.candidate": ("view", "change"),
        "connectors.connection": VIEW,
        "connectors.run": VIEW,
        "insights.qualityreport": VIEW,
        "insights.alert": VIEW,
        "events.eventschema": VIEW,
        "events.intakepolicy": ("view", "change"),
        "events.refusedevent": ("view", "change", "delete"),
        "events.deadletter": ("view", "change", "delete"),
        "vault.look": VIEW,
        "segments.historyentry": VIEW,
        "admin.logentry": VIEW,
        "vault.sealedvalue": ("unmask",),
    },
    "Auditor": {
        "activation.destination": VIEW,
        "activation.audiencerun": VIEW,
        "consent.consentrecord": VIEW,
        "consent.suppression": VIEW,
        "consent.privacyrequest": VIEW,
        "consent.privacyrequesttransition": VIEW,
        "consent.receipt": VIEW,
        "segments.publication": VIEW,
        "segments.proposal": VIEW,
        "segments.publishingpolicy": VIEW,
        "segments.historyentry": VIEW,
        "learning.modelversion": VIEW,
        "admin.logentry": VIEW,
        "vault.look": VIEW,
    },
}


def write_roles(**kwargs: Any) -> None:
    """Give each role's group exactly its permissions. An administrator has all of them."""
    for role, allowed in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(_permissions(allowed))
    administrators, _ = Group.objects.get_or_create(name="Administrator")
    administrators.permissions.set(Permission.objects.all())


def _permissions(allowed: Mapping[str, tuple[str, ...]]) -> list[Permission]:
    wanted = Q(pk__in=())
    for label, actions in allowed.items():
        model = apps.get_model(label)
        codenames = [f"{action}_{model._meta.model_name}" for action in actions]
        wanted |= Q(content_type__app_label=model._meta.app_label, codename__in=codenames)
    return list(Permission.objects.filter(wanted))
