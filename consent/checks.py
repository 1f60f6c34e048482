"""Refuse to start while personal data lie where no deletion would look."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db.models import Field, Model
from django.urls import get_resolver
from django.utils.module_loading import import_string

from consent.keyspaces import DECLARED
from consent.stores import PersonalDataStore

ROOMS: Final = ("consent", "catalog", "personalization")
PERSONAL_FIELDS: Final = frozenset(
    {"profile", "profile_id", "pseudonym", "pseudonyms", "subject", "anonymous_id", "user_id"}
)
PROFILE: Final = "profiles.Profile"


def check_personal_data_stores(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Find tables and Redis keys with personal data that no store covers, and broken stores."""
    # Rooms declare their Redis keys when they are imported, and pages and API import most.
    _ = get_resolver().url_patterns
    stores: dict[str, PersonalDataStore] = {}
    problems: list[CheckMessage] = []
    for path in settings.PERSONAL_DATA_STORES:
        try:
            stores[path] = import_string(path)()
        except ImportError as error:
            problems.append(_unimportable(path, error))
    return [*problems, *_astray(stores), *_forgotten(stores)]


def personal_places() -> Iterator[str]:
    """Yield all that leads to a person: model labels, and Redis prefixes as `redis:<prefix>`."""
    for model in apps.get_models(include_auto_created=True):
        if _is_ours(model) and (model._meta.label == PROFILE or _has_personal_field(model)):
            yield model._meta.label
    for prefix, keyspace in sorted(DECLARED.items()):
        if keyspace.personal:
            yield f"redis:{prefix}"


def _is_ours(model: type[Model]) -> bool:
    return model._meta.app_config.name.split(".")[0] in ROOMS


def _has_personal_field(model: type[Model]) -> bool:
    return any(_is_personal(field) for field in model._meta.get_fields(include_hidden=False))


def _is_personal(field: Any) -> bool:
    if not isinstance(field, Field):
        return False  # the other end of a relation; it is asked about at its own end
    related = field.related_model._meta.label if isinstance(field.related_model, type) else ""
    return related == PROFILE or bool({field.name, field.attname} & PERSONAL_FIELDS)


def _forgotten(stores: Mapping[str, PersonalDataStore]) -> Iterator[CheckMessage]:
    covered = frozenset[str]().union(*(store.covers for store in stores.values()))
    for place in personal_places():
        if place not in covered:
            yield Error(
                f"{place} holds personal data that no deletion would reach.",
                hint="Name it in `covers` of a store in settings.PERSONAL_DATA_STORES.",
                id="consent.E001",
            )


def _astray(stores: Mapping[str, PersonalDataStore]) -> Iterator[CheckMessage]:
    for path, store in stores.items():
        for place in sorted(store.covers):
            if not _exists(place):
                yield Error(
                    f"{path} covers {place}, which does not exist.",
                    hint="Write models as app_label.Model and Redis keys as redis:<prefix>.",
                    id="consent.E002",
                )


def _exists(place: str) -> bool:
    if place.startswith("redis:"):
        return place.removeprefix("redis:") in DECLARED
    try:
        return bool(apps.get_model(place))
    except (LookupError, ValueError):
        return False


def _unimportable(path: str, error: ImportError) -> CheckMessage:
    return Error(
        f"The personal-data store {path} cannot be imported: {error}",
        hint="Mend the path in settings.PERSONAL_DATA_STORES.",
        id="consent.E003",
    )
