"""The policy that pages carry."""

from django.test import Client
from pytest_django import Settings

from personalization.config.page_policy import content_security_policy


def test_pages_load_pictures_from_where_they_are_told_and_from_nowhere_else(
    db: None, client: Client, settings: Settings
) -> None:
    as_it_comes = client.get("/").headers["Content-Security-Policy"]
    settings.CONTENT_SECURITY_POLICY = content_security_policy(
        image_origins=["https://cdn.shop.example"]
    )
    told = client.get("/").headers["Content-Security-Policy"]

    assert "img-src 'self'" in as_it_comes.split("; ")
    assert "img-src 'self' https://cdn.shop.example" in told.split("; ")
