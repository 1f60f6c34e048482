"""The API describes itself."""

import pytest
from django.core.management import call_command
from django.test import Client


@pytest.mark.django_db
def test_the_schema_names_every_call_and_its_key(client: Client) -> None:
    schema = client.get("/api/schema?format=json").json()

    assert {
        "/api/v1/events",
        "/api/v1/decisions",
        "/api/v1/recommendations",
        "/api/v1/privacy/requests",
        "/api/v1/segments",
        "/api/v1/segments/{key}",
        "/api/v1/segments/{key}/members",
        "/api/v1/profiles/{who}/segments",
    } <= schema["paths"].keys()
    assert schema["components"]["securitySchemes"]["ApiKey"]["name"] == "Authorization"
    assert client.get("/api/docs").status_code == 200


def test_the_schema_is_valid_and_complete(tmp_path: object) -> None:
    call_command("spectacular", fail_on_warn=True, validate=True, file=f"{tmp_path}/schema.yaml")
