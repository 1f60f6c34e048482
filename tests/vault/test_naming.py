"""Which traits are personal, however they are spelled."""

import pytest

from personalization.vault.naming import canonical


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("email", "email"),
        ("E-Mail", "email"),
        ("emailAddress", "email"),
        ("E-Mail Address", "email"),
        ("mail", "email"),
        ("Phone Number", "phone"),
        ("phoneNumber", "phone"),
        ("First Name", "first_name"),
        ("lastname", "last_name"),
        ("ZIP code", "postcode"),
        ("plan", None),
        ("mailing_list", None),
        ("mobile_app", None),
        ("", None),
    ],
)
def test_a_personal_trait_is_known_however_it_is_spelled(spelled: str, name: str | None) -> None:
    assert canonical(spelled) == name
