"""Keys as the client libraries of other systems send them."""

import base64
import binascii
from typing import ClassVar

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from personalization.access.keys import find_key
from personalization.access.models import ApiKey


class BasicKeyAuthentication(BaseAuthentication):
    """Read the key as the user name of `Authorization: Basic`; the password is ignored."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        """Return the key's row as `request.auth`; raises AuthenticationFailed on an unknown key."""
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        return None, _usable(_user_name(credentials))

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a missing key is answered with 401 rather than 403."""
        return 'Basic realm="write key"'


class QueryKeyAuthentication(BaseAuthentication):
    """Read the key from a parameter of the address."""

    parameter: ClassVar[str] = "key"

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        """Return the key's row as `request.auth`; raises AuthenticationFailed on an unknown key."""
        stated = request.query_params.get(self.parameter)
        return (None, _usable(stated)) if stated else None

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a missing key is answered with 401 rather than 403."""
        return self.parameter


class ApiSecretAuthentication(QueryKeyAuthentication):
    """Read the key as Google's Measurement Protocol sends it."""

    parameter = "api_secret"


def _user_name(credentials: str) -> str:
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise AuthenticationFailed("The credentials are not base64 of `<write key>:`.") from error
    return decoded.partition(":")[0]


def _usable(stated: str) -> ApiKey:
    key = find_key(stated)
    if key is None:
        raise AuthenticationFailed("This key is unknown, revoked or expired.")
    return key
