"""What marketers paste or upload is read line by line, and what is no identifier is refused."""

import tracemalloc
from itertools import chain, repeat

import pytest

from consent.subjects import Identifier
from personalization.segments.list_lines import Refused, Unfit
from personalization.segments.list_reading import ListTooLong, read_members


def read(text: str, kind: str = "user") -> list[str | Refused]:
    lines = text.encode().splitlines(keepends=True)
    found = read_members(lines, kind=kind)
    return [one.value if isinstance(one, Identifier) else one for one in found]


@pytest.mark.parametrize(
    "text",
    [
        "a, b, c",
        "a,b,c",
        "a ; b; c",
        "a\tb\tc",
        "a\nb\nc",
        " a \r\n\r\n b\r\nc,\r\n",
        '"a", "b","c"',
    ],
)
def test_a_blank_after_a_comma_does_not_break_a_list(text: str) -> None:
    assert read(text) == ["a", "b", "c"]


def test_a_first_line_that_names_columns_says_which_one_is_read() -> None:
    text = 'Name;User ID;E-mail\n"Doe; Ann";u1;ann@example.com\nBob;u2;\n'

    assert read(text) == ["u1", "u2"]
    assert read(text, "email") == ["ann@example.com"]


def test_a_file_from_a_spreadsheet_may_begin_with_a_mark() -> None:
    assert read("\ufeffuser_id\nu1\n") == ["u1"]


def test_what_is_no_identifier_is_refused_with_its_line() -> None:
    found = read("ann@example.com\nbob\ncarl@example.com,@\n", "email")

    assert found == [
        "ann@example.com",
        Refused(2, "It is no e-mail address."),
        "carl@example.com",
        Refused(3, "It is no e-mail address."),
    ]


def test_other_encodings_nul_bytes_and_endless_lines_are_refused_line_by_line() -> None:
    lines = [b"a\n", b"M\xfcller\n", b"b\x00c\n", b"x" * 201 + b"\n", b"d\n"]

    found = list(read_members(lines, kind="user"))

    assert [one.value for one in found if isinstance(one, Identifier)] == ["a", "d"]
    refused = [one for one in found if isinstance(one, Refused)]
    assert [one.line for one in refused] == [2, 3, 4]
    assert "UTF-8" in refused[0].reason


def test_a_phone_number_of_nobody_is_refused_by_its_line() -> None:
    found = list(read_members([b"(000) 000-0000", b"+49 30 1234567"], kind="phone"))

    assert found == [Refused(1, "It is no phone number."), Identifier("phone", "+49 30 1234567")]


def test_a_phone_number_has_digits() -> None:
    assert read("+49 170 1234567, none", "phone")[0] == "+49 170 1234567"
    assert isinstance(read("none", "phone")[0], Refused)


def test_more_than_a_million_are_refused_whole() -> None:
    lines = chain(repeat(b"a\n", 1_000_000), [b"one too many\n"])

    with pytest.raises(ListTooLong, match="1,000,000"):
        for _ in read_members(lines, kind="user"):
            pass


def refusal(text: str | bytes, kind: str = "user") -> str:
    lines = (text if isinstance(text, bytes) else text.encode()).splitlines(keepends=True)
    with pytest.raises(Unfit) as refused:
        list(read_members(lines, kind=kind))
    return str(refused.value)


def test_a_cell_in_quotes_may_have_line_breaks() -> None:
    text = 'user_id,address\n13748,"1 High St\nLondon"\n15100,"2 Low ""St""\r\n\r\nLeeds"\n\n7,x\n'

    assert read(text) == ["13748", "15100", "7"]
    assert read('name,"User\nID"\nAnna,13748\n') == ["13748"]


def test_a_quote_inside_a_cell_opens_nothing() -> None:
    assert read('user_id,pipe\n13748,5" long\n15100, "6"" long"\n7,"8" long\n') == [
        "13748",
        "15100",
        "7",
    ]


def test_a_quote_that_is_not_closed_costs_its_own_line_only() -> None:
    lines = chain([b'user_id,note\n1,"open\n'], (b"%d,x\n" % n for n in range(2, 20_000)))

    found = list(read_members(chain.from_iterable(one.splitlines() for one in lines), kind="user"))

    refused = [one for one in found if isinstance(one, Refused)]
    assert [one.line for one in refused] == [2]
    assert "not closed" in refused[0].reason
    assert len(found) - len(refused) == 19_998


def test_a_quote_that_is_not_closed_takes_no_more_memory() -> None:
    lines = chain([b"user_id,note", b'0,"open'], (b"%d,%s" % (n, b"x" * 990) for n in range(5_000)))
    tracemalloc.start()

    for _ in read_members(lines, kind="user"):
        pass

    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        "id,name,city\n13748,Anna,Paris\n15100,Bert,Rome\n",
        "sep=;\nid;name\n13748;Anna\n15100;Bert\n",
        '"sep=;"\n"Customer-ID";name\n13748;Anna\n15100;Bert\n',
        "sep=|\nuser id|name\n13748|Anna\n15100|Bert\n",
        "CustomerID|name\n13748|Anna\n15100|Bert\n",
        "\nid,,\n13748,,\n15100,,\n",
        "id\n13748\n15100\n",
        "13748\r15100\r",
        "13748,\n15100,\n",
        '"13748"\t"15100"\n',
        '="13748"\n="15100"\n',
    ],
)
def test_what_spreadsheets_write_is_read(text: str) -> None:
    assert read(text) == ["13748", "15100"]


def test_a_column_called_id_is_taken_where_no_other_could_be_meant() -> None:
    assert read("id,user_id\n1,anna\n") == ["anna"]
    assert read("id,email\n1,ann@example.com\n", "crm") == ["1"]
    assert "crm_id" in refusal("id,user_id\n1,anna\n", "crm")
    assert "id, name" in refusal("id,name\n1,anna\n", "email")


def test_columns_without_a_known_heading_are_refused_whole() -> None:
    said = refusal("name,country\nAnna,FR\n")

    assert "names these columns: name, country." in said
    assert "user_id, user, customer_id or id" in said
    assert refusal("kunde\tort\n13748\tParis\n").startswith("The first line names these columns")
    assert "email, city" in refusal("email,city\nann@example.com,Paris\n")
    assert "telefon, ort" in refusal("telefon,ort\n+4917012345,Bonn\n", "phone")


def test_a_table_without_headings_is_refused_and_not_repeated() -> None:
    said = refusal("13748,Anna,Paris\n15100,Bert,Rome\n")

    assert "the first line names none of them" in said
    assert "Anna" not in said
    assert "Report" not in refusal("Report\nid,name\n13748,Anna\n")


def test_one_row_of_a_spreadsheet_is_a_list() -> None:
    assert read("13748\t15100\t15200\n") == ["13748", "15100", "15200"]
    assert read("ann@example.com; bob@example.com;\ncarl@example.com", "email") == [
        "ann@example.com",
        "bob@example.com",
        "carl@example.com",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04\x14\x00rest\nanna\n", "a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\nanna\n", "an old workbook"),
        ("user_id\nanna\n".encode("utf-16"), "UTF-16"),
        ("user_id\nanna\n".encode("utf-16-le"), "no text"),
        (b"\x1f\x8b\x08\nanna\n", "compressed"),
        (b"%PDF-1.7\n1 0 obj\n", "a PDF"),
        (b'["anna",\n"bert"]', "JSON"),
        (b'{"user_id": "anna"}', "JSON"),
        (b"<!doctype html>\n<p>anna\n", "a web page"),
    ],
)
def test_another_format_is_refused_whole(content: bytes, said: str) -> None:
    assert said in refusal(content)
    assert "CSV UTF-8" in refusal(content)


def test_a_number_that_a_spreadsheet_shortened_is_refused() -> None:
    found = read("1.37E+04\n15100\n4.91701E+11")

    assert [one for one in found if isinstance(one, str)] == ["15100"]
    assert all("shortened" in one.reason for one in found if isinstance(one, Refused))
    assert "shortened" in str(read('user_id;x\n"1,37E+04";y\n'))


def test_another_encoding_in_other_columns_does_not_matter() -> None:
    lines = [b"user_id,city\n", b"13748,M\xfcnchen\n", b'15100,"M\xfcn\n', b'chen"\n']

    assert [*read_members(lines, kind="user")] == [
        Identifier("user", "13748"),
        Identifier("user", "15100"),
    ]


def test_an_endless_cell_is_refused() -> None:
    [found] = read(f"user_id,note\n13748,{'x' * 200_000}\n")

    assert isinstance(found, Refused)


def test_a_name_around_an_address_is_refused() -> None:
    assert isinstance(read("<ann@example.com>", "email")[0], Refused)
