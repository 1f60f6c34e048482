"""What says directly who somebody is or where they live: names of fields, and texts.

One list for all doors: as traits it is sealed, anywhere else left out.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

# Canonical name: what a person reads, and further words for it. Case, blanks and signs between the
# words make no difference: E-Mail, e_mail and eMail are one.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "email": (
        *("email_address", "mail", "mail_address"),
        *("emailadresse", "mailadresse", "adresse_mail", "courriel"),
        *("correo", "correo_electronico", "correo_electrónico", "posta_elettronica"),
        *("correio_eletronico", "correio_eletrónico", "correio_eletrônico"),
        *("emailadres", "mailadres", "epost", "epostadresse", "epostadress"),
    ),
    "phone": (
        *("phone_number", "mobile", "mobile_number", "mobile_phone"),
        *("telephone", "telephone_number", "tel", "cell", "cell_phone"),
        *("telefon", "telefonnummer", "telefonnr", "rufnummer"),
        *("handy", "handynummer", "mobil", "mobilnummer", "mobiltelefon"),
        *("téléphone", "telefono", "teléfono", "telefone", "telefoon", "telefoonnummer"),
        *("movil", "móvil", "celular", "cellulare", "telemovel", "telemóvel"),
        *("telefonu", "komorka", "komórka"),
    ),
    "name": (
        *("full_name", "vollname", "vollständiger_name", "vollstaendiger_name", "nom_complet"),
        *("nombre_completo", "nome_completo", "volledige_naam", "naam", "navn", "namn"),
        *("kundenname", "nom_client", "nombre_cliente", "nome_cliente", "klantnaam"),
    ),
    "first_name": (
        *("given_name", "forename", "vorname", "prénom", "prenom", "nombre", "nome", "voornaam"),
        *("imię", "imie", "fornavn", "förnamn", "fornamn"),
    ),
    "last_name": (
        *("surname", "family_name", "nachname", "familienname", "zuname", "nom", "nom_de_famille"),
        *("apellido", "apellidos", "cognome", "sobrenome", "apelido", "achternaam", "familienaam"),
        *("nazwisko", "efternavn", "etternavn", "efternamn"),
    ),
    "username": (
        *("user_name", "login_name", "benutzername", "nom_utilisateur", "nombre_usuario"),
        *("nombre_de_usuario", "nome_utente", "gebruikersnaam"),
    ),
    "address": (
        *("address_line", "street_address", "postal_address", "adresse", "anschrift", "adres"),
        *("direccion", "dirección", "indirizzo", "endereco", "endereço", "morada", "adress"),
    ),
    "delivery_address": ("lieferadresse", "lieferanschrift", "adresse_de_livraison"),
    "billing_address": ("rechnungsadresse", "rechnungsanschrift", "adresse_de_facturation"),
    "street": ("address_street", "strasse", "straße", "rue", "calle", "rua", "straat", "ulica"),
    "city": (
        *("address_city", "ort", "wohnort", "stadt", "ville", "ciudad", "città", "citta", "cidade"),
        *("woonplaats", "plaats", "miasto"),
    ),
    "postcode": (
        *("postal_code", "zip", "zip_code", "address_postal_code", "plz", "postleitzahl"),
        *("code_postal", "codigo_postal", "código_postal", "kod_pocztowy", "postnummer", "cep"),
    ),
    "birthday": (
        *("birth_date", "date_of_birth", "geburtstag", "geburtsdatum", "date_de_naissance"),
        *("date_naissance", "fecha_de_nacimiento", "fecha_nacimiento", "cumpleaños", "cumpleanos"),
        *("data_di_nascita", "data_nascita", "compleanno", "data_de_nascimento"),
        *("data_nascimento", "geboortedatum", "verjaardag", "data_urodzenia", "urodziny"),
        *("fødselsdato", "fodselsdato", "födelsedatum", "fodelsedatum"),
    ),
}
# What a thing is called by as well.
CALLED: Final = frozenset({"name", "nom", "nombre", "nome", "naam", "navn", "namn"})
# At the end of a longer name these are a person's only behind one of PEOPLE: a `customer_name`
# says who it is, an `item_name` or a `via_mobile` does not.
CALLED_IN_FULL: Final = CALLED | {"fullname"}
COMMON_WORDS: Final = CALLED | {
    *("address", "city", "mail", "mobile", "tel", "cell", "zip", "addressline"),
    *("adresse", "anschrift", "adres", "adress", "direccion", "dirección", "indirizzo", "morada"),
    *("endereco", "endereço", "ort", "stadt", "ville", "ciudad", "città", "citta", "cidade"),
    *("plaats", "miasto", "rue", "calle", "rua", "straat", "ulica", "cep", "apelido"),
    *("handy", "mobil", "movil", "móvil", "celular", "cellulare", "correo"),
}
PEOPLE: Final = frozenset(
    {
        "billing",
        "buyer",
        "client",
        "contact",
        "customer",
        "delivery",
        "guest",
        "home",
        "invoice",
        "maiden",
        "member",
        "middle",
        "my",
        "person",
        "personal",
        "private",
        "recipient",
        "sender",
        "shipping",
        "shopper",
        "subscriber",
        "user",
        "visitor",
        "work",
    }
)
# A "name" inside one of these is not a person's.
NAMED_THINGS: Final = frozenset(
    {
        *("company", "campaign", "product", "products", "items", "plan"),
        *("firma", "produkt", "produkte", "produit", "produits", "producto", "productos"),
        *("prodotto", "prodotti", "produto", "produtos"),
    }
)
# Words that stick to others, as in `useremail`.
STICKING: Final = ("email", "emailaddress", "phonenumber")
LONGEST: Final = 64

BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
WORD_STARTS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
NUMBERED: Final = re.compile(r"\d+$")
# An address wherever it stands in a text, also as browsers write it into a query; lamp@2x.png is
# a picture. Only the sign before the @ is asked for, so that no text takes long.
ADDRESS: Final = re.compile(
    r"[^\s@<>()\[\]\"'`,;:=?&/\\|](?:@|%40)(?!\d+(?:\.\d+)?x\.)[\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+",
    re.IGNORECASE,
)


def _folded(name: str) -> str:
    return BETWEEN_WORDS.sub("", name).lower()


CANONICAL: Final[Mapping[str, str]] = {
    _folded(spelling): name for name, others in NAMES.items() for spelling in (name, *others)
}


@lru_cache(maxsize=10_000)
def canonical(name: str) -> str | None:
    """Return the name under which the vault keeps this; None: the name is no personal one.

    Longer names, such as `contact_email`, and several of a kind, such as `emails`, keep their own.
    """
    if known := CANONICAL.get(_folded(name)):
        return known
    words = [word.lower() for word in BETWEEN_WORDS.split(WORD_STARTS.sub("_", name)) if word]
    return "_".join(words)[:LONGEST] if _ends_personally(words) else None


def holds_address(value: Any) -> bool:
    """Return whether it is a text with an e-mail address in it."""
    if not isinstance(value, str) or not ("@" in value or "%40" in value):
        return False
    return ADDRESS.search(value) is not None


def is_personal(name: str, value: Any, *, within: str = "") -> bool:
    """Return whether a field says directly who somebody is, by its name or by its text.

    within: the name of what it is part of. That something is so (`is_mobile`) names nobody.
    """
    if isinstance(value, bool):
        return False
    if within in NAMED_THINGS and _folded(name) in CALLED_IN_FULL:
        return holds_address(value)
    return canonical(name) is not None or _is_address(value)


def personal_traits(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the personal traits among these, under the names of the vault."""
    return {
        canonical(name) or name[:LONGEST]: value
        for name, value in traits.items()
        if is_personal(name, value)
    }


def _is_address(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(holds_address, value))
    return holds_address(value)


def _ends_personally(words: list[str]) -> bool:
    """Return whether the last words are a personal name: `work_phone`, `emails`, `address_2`."""
    for start in range(len(words)):
        ending = _singular(NUMBERED.sub("", "".join(words[start:])))
        if ending in COMMON_WORDS:
            return start == 0 or words[start - 1] in PEOPLE
        if ending in CANONICAL:
            return True
    return _singular("".join(words)).endswith(STICKING)


def _singular(word: str) -> str:
    forms = (word, word.removesuffix("s"), word.removesuffix("es"))
    return next((form for form in forms if form in CANONICAL), forms[1])
