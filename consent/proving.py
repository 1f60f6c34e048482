"""Append choices to the record that proves them."""

import ipaddress
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction

from consent.mirroring import mirror_or_leave_for_later
from consent.models.proof import DENIED, GRANTED, WITHDRAWN, ConsentRecord, Notice, Unmirrored
from consent.purposes import NECESSARY
from consent.subjects import Subject

MECHANISM_BANNER: Final = "banner"
MECHANISM_PREFERENCES: Final = "preference page"
MECHANISM_ACCOUNT: Final = "account page"
MECHANISM_API: Final = "API"
# Obtained elsewhere, as a source says; not a choice the person made here.
MECHANISM_VOUCHED: Final = "vouched for"
MECHANISM_GPC: Final = "Sec-GPC"

# Enough to tell a household's network and a kind of browser, not a person.
KEPT_BITS: Final = {4: 24, 6: 48}
USER_AGENT_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a choice came about: what was shown, by which means, from where."""

    mechanism: str
    jurisdiction: str = ""
    notice: Notice | None = None
    ip: str = ""
    user_agent: str = ""


def current_notice() -> Notice | None:
    """Return the notice that visitors are shown now; None before the first is published."""
    return Notice.objects.order_by("-version", "locale").first()


def append(
    *, wanted: Mapping[str, Mapping[str, bool]], circumstances: Circumstances, now: datetime
) -> None:
    """Append one record per pseudonym and purpose; call it in a transaction, after `lock`.

    wanted: {pseudonym: {purpose: whether it is granted}}.
    """
    before = states_of(wanted)
    notice = circumstances.notice
    ConsentRecord.objects.bulk_create(
        ConsentRecord(
            pseudonym=pseudonym,
            purpose=purpose,
            state=_state(is_granted, before.get((pseudonym, purpose))),
            notice_version=notice.version if notice else None,
            notice_locale=notice.locale if notice else "",
            notice_hash=notice.sha256 if notice else "",
            mechanism=circumstances.mechanism,
            jurisdiction=circumstances.jurisdiction,
            ip=circumstances.ip,
            user_agent=circumstances.user_agent,
            recorded_at=now,
        )
        for pseudonym, choices in wanted.items()
        for purpose, is_granted in choices.items()
        if purpose != NECESSARY
    )
    Unmirrored.objects.bulk_create(Unmirrored(pseudonym=pseudonym) for pseudonym in wanted)


def lock(pseudonyms: Iterable[str]) -> None:
    """Let nobody else append for these identifiers until the transaction ends.

    So that per identifier the order of ids is the order of commits.
    """
    keys = sorted(int(pseudonym[:15], 16) for pseudonym in pseudonyms)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def states_of(pseudonyms: Collection[str]) -> dict[tuple[str, str], str]:
    """Return the latest recorded state by (pseudonym, purpose), erased people included."""
    latest = ConsentRecord.objects.filter(pseudonym__in=list(pseudonyms)).current()
    return {(record.pseudonym, record.purpose): record.state for record in latest}


@transaction.atomic
def prove_if_changed(
    *, subject: Subject, choices: Mapping[str, bool], mechanism: str, now: datetime
) -> None:
    """Append what differs from the last record; Redis is told after the commit."""
    lock(subject.pseudonyms)
    states = states_of(subject.pseudonyms)
    changed = {
        pseudonym: {
            purpose: is_granted
            for purpose, is_granted in choices.items()
            if (states.get((pseudonym, purpose)) == GRANTED) != is_granted
        }
        for pseudonym in subject.pseudonyms
    }
    changed = {pseudonym: differing for pseudonym, differing in changed.items() if differing}
    append(wanted=changed, circumstances=Circumstances(mechanism, notice=current_notice()), now=now)
    transaction.on_commit(partial(mirror_or_leave_for_later, list(changed)))


def truncated_ip(meta: Mapping[str, Any]) -> str:
    """Return the network of the client's address: /24 for IPv4, /48 for IPv6; empty: unknown."""
    try:
        address = ipaddress.ip_address(client_address(meta))
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{address}/{KEPT_BITS[address.version]}", strict=False))


def client_address(meta: Mapping[str, Any]) -> str:
    """Return the address that our own proxies saw asking; it may be no address at all."""
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    proxies = int(str(settings.REST_FRAMEWORK["NUM_PROXIES"]))
    # What stands left of our own proxies was written by the client and proves nothing.
    stated = forwarded[-min(proxies, len(forwarded))] if proxies else meta.get("REMOTE_ADDR", "")
    return str(stated).strip()


def _state(is_granted: bool, before: str | None) -> str:
    if is_granted:
        return GRANTED
    return WITHDRAWN if before in {GRANTED, WITHDRAWN} else DENIED
