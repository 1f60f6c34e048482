"""Salesforce, asked through simple-salesforce for what changed since the last time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

import requests
from django import forms
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from personalization.connectors.connecting import Asked, Connector, Page, register
from personalization.connectors.converting import Column
from personalization.connectors.mapping import SourceMapping
from personalization.connectors.reaching import SourceFailed, fetch_json
from personalization.connectors.settings_forms import address_field, text_field
from personalization.outbound.reaching import reason_of

VERSION: Final = "61.0"
NAME: Final = re.compile(r"[A-Za-z]\w{0,79}(\.[A-Za-z]\w{0,79}){0,5}")
STAMP: Final = "SystemModstamp"
ALWAYS: Final = ("Id", STAMP, "IsDeleted")
# A record is visible some time after its stamp: what was asked for before is asked for again.
OVERLAP: Final = timedelta(minutes=10)


class SalesforceForm(forms.Form):
    """Where, as whom, and of which object."""

    login_url = address_field("My Domain address", "Such as https://acme.my.salesforce.com.")
    client_id = text_field(
        "Consumer key",
        "Of a connected app with the client credentials flow and the scope `api`.",
    )
    object = text_field("Object", "Such as Contact or Lead.", initial="Contact")

    def clean_object(self) -> str:
        """Refuse what is no name of an object."""
        name: str = self.cleaned_data["object"]
        if not NAME.fullmatch(name):
            raise forms.ValidationError("Use the API name, such as Contact or Customer__c.")
        return name


@register
class SalesforceConnector(Connector):
    """Records of one object, by SystemModstamp, deleted ones included.

    The columns that the mapping names are asked for.
    """

    key = "salesforce"
    title = "Salesforce"
    form = SalesforceForm
    secret_help = "The consumer secret of the connected app."  # noqa: S105  # words, no secret

    def completed(self, mapping: SourceMapping) -> SourceMapping:
        """Return the mapping with Salesforce's own words for changed and deleted."""
        return replace(
            mapping,
            changed_at=mapping.changed_at or Column(STAMP, kind="time"),
            deleted=mapping.deleted or Column("IsDeleted", kind="boolean"),
        )

    def fetch(self, asked: Asked, *, since: str) -> Iterator[Page]:
        """Yield pages in the order of their stamps; the cursor is the latest stamp taken in."""
        client = _client(asked)
        try:
            answer = client.query(_soql(asked, since=since), include_deleted=True)
            latest = since
            while True:
                records = [_record(raw) for raw in answer["records"]]
                latest = max(chain([latest], (record[STAMP] for record in records)))
                yield Page(records, latest)
                if answer["done"]:
                    return
                answer = client.query_more(answer["nextRecordsUrl"], identifier_is_url=True)
        except SalesforceError as error:
            raise SourceFailed(_words(error)) from error
        except requests.RequestException as error:
            raise SourceFailed(reason_of(error)) from error
        except (KeyError, TypeError, ValueError) as error:
            raise SourceFailed("Salesforce answered in a form that is not known.") from error


def _client(asked: Asked) -> Salesforce:
    granted, _ = fetch_json(
        asked.session,
        "POST",
        f"{asked.settings['login_url'].rstrip('/')}/services/oauth2/token",
        data={
            "grant_type": "client_credentials",
            "client_id": asked.settings["client_id"],
            "client_secret": asked.secret,
        },
    )
    try:
        return Salesforce(
            instance_url=granted["instance_url"],
            session_id=granted["access_token"],
            session=asked.session,
            version=VERSION,
        )
    except (KeyError, TypeError) as error:
        raise SourceFailed("Salesforce granted no token. Check the connected app.") from error


def _soql(asked: Asked, *, since: str) -> str:
    names = list(dict.fromkeys((*ALWAYS, *asked.mapping.columns)))
    if odd := [name for name in names if not NAME.fullmatch(name)]:
        raise SourceFailed(f"{odd[0]!r} is no name of a Salesforce field. Mend the mapping.")
    where = f" WHERE {STAMP} >= {_overlapping(since)}" if since else ""
    return f"SELECT {', '.join(names)} FROM {asked.settings['object']}{where} ORDER BY {STAMP}, Id"  # noqa: S608  # names are checked


def _overlapping(since: str) -> str:
    moment = datetime.fromisoformat(since) - OVERLAP
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _record(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record without Salesforce's remarks about it."""
    return {
        name: _record(value) if isinstance(value, Mapping) else value
        for name, value in raw.items()
        if name != "attributes"
    }


def _words(error: SalesforceError) -> str:
    """Return Salesforce's own message; the query and the address are left out."""
    content = getattr(error, "content", None)
    said = content[0] if isinstance(content, list) and content else {}
    message = said.get("message", "") if isinstance(said, Mapping) else ""
    code = said.get("errorCode", "") if isinstance(said, Mapping) else ""
    return f"Salesforce refuses: {code or type(error).__name__}. {message}"[:500].strip()
