"""Which traits are personal, however they are spelled."""

import pytest

from personalization.vault.naming import canonical, holds_address, is_personal, personal_traits


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
        ("contact_email", "contact_email"),
        ("customerEmail", "customer_email"),
        ("useremail", "useremail"),
        ("emails", "emails"),
        ("work_phone", "work_phone"),
        ("userName", "username"),
        ("customer_name", "customer_name"),
        ("shipping_address_2", "shipping_address_2"),
        ("delivery zip", "delivery_zip"),
        ("Telefon", "phone"),
        ("Telefonnummer", "phone"),
        ("teléfono", "phone"),
        ("numero_di_telefono", "numero_di_telefono"),
        ("E-Mail-Adresse", "email"),
        ("correo electrónico", "email"),
        ("Adresse", "address"),
        ("Anschrift", "address"),
        ("Lieferadresse", "delivery_address"),
        ("straße", "street"),
        ("PLZ", "postcode"),
        ("code_postal", "postcode"),
        ("nachname", "last_name"),
        ("Vorname", "first_name"),
        ("prénom", "first_name"),
        ("apellidos", "last_name"),
        ("cognome", "last_name"),
        ("achternaam", "last_name"),
        ("nazwisko", "last_name"),
        ("imię", "first_name"),
        ("data_de_nascimento", "birthday"),
        ("Geburtsdatum", "birthday"),
        ("plan", None),
        ("ip_adresse", None),
        ("is_handy", None),
        ("produit_nom", None),
        ("via", None),
        ("rabatt_ort", None),
        ("nombre_de_commandes", None),
        ("anniversario_tienda", None),
        ("item_name", None),
        ("company_name", None),
        ("store_city", None),
        ("via_mobile", None),
        ("email_opt_in", None),
        ("mailing_list", None),
        ("mobile_app", None),
        ("", None),
    ],
)
def test_a_personal_trait_is_known_however_it_is_spelled(spelled: str, name: str | None) -> None:
    assert canonical(spelled) == name


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.org",
        " Anna.B+x@mail.example.co.uk ",
        "write to <anna@example.org>!",
        "/login?next=%2F&email=anna%40example.org",
        "jörg@müller.example",
    ],
)
def test_an_address_is_seen_wherever_it_stands(text: str) -> None:
    assert holds_address(text)


@pytest.mark.parametrize(
    "text", ["lamp@2x.png", "lamp@1.5x.webp", "2 @ 3.50", "@anna", "vue@3.4.1", "50 %", "a@", ""]
)
def test_what_only_has_the_sign_is_no_address(text: str) -> None:
    assert not holds_address(text)


def test_that_something_is_so_names_nobody() -> None:
    assert not is_personal("is_mobile", True)
    assert not is_personal("email", True)
    assert not is_personal("name", "Initech", within="company")
    assert is_personal("name", "Anna")


def test_personal_traits_keep_a_name_of_their_own() -> None:
    traits = {"contactEmail": "a@example.org", "nick": "b@example.org", "plan": "pro", "Tel": 1}

    assert personal_traits(traits) == {
        "contact_email": "a@example.org",
        "nick": "b@example.org",
        "phone": 1,
    }
