"""A roster is read from what spreadsheets and mail programs give."""

import pytest

from learning_platform.people.roster import decoded, read_roster


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("email,name\na@example.com,Ann Lee\n", [("a@example.com", "Ann Lee")]),
        ("Имя;Фамилия;Почта\nИван;Петров;ivan@example.com", [("ivan@example.com", "Иван Петров")]),
        ("b@example.com\tBob\n\nc@example.com\n", [("b@example.com", "Bob"), ("c@example.com", None)]),
        ('Ann "A." Lee <a@example.com>', [("a@example.com", 'Ann "A." Lee')]),
        # A name with line breaks, marks of direction or a formula stays a name in one line.
        ('a@example.com,"Ann\r\nBcc: x@example.com"', [("a@example.com", "Ann Bcc: x@example.com")]),
        ("a@example.com,\u202eevil\u202c", [("a@example.com", "evil")]),
        ("a@example.com,=1+1", [("a@example.com", "=1+1")]),
    ],
)
def test_addresses_and_names_are_found_with_any_separator(text: str, people: list[tuple[str, str | None]]) -> None:
    roster = read_roster(text)
    assert ([(each.email, each.name) for each in roster.people], roster.errors) == (people, [])


def test_errors_say_their_line_and_repeated_addresses_count_once() -> None:
    roster = read_roster("name,email\nAnn,a@example.com\nBob,\nEve,eve@\nANN,A@Example.com")
    assert [each.email for each in roster.people] == ["a@example.com"]
    assert [(each.line, each.problem) for each in roster.errors] == [(3, "no_email"), (4, "bad_email")]
    assert roster.duplicates == 1


@pytest.mark.parametrize(
    "text",
    [
        'a@example.com,"' + "x" * 200_000,
        "a@example.com," * 20_000,
        '"' * 99_999,
        "\0" * 9,
        ",\n" * 100_000,
        "@" * 299_999,
    ],
)
def test_hostile_files_end_in_errors(text: str) -> None:
    roster = read_roster(text)
    assert len(roster.people) <= 1


def test_no_more_than_a_thousand_lines_are_read() -> None:
    roster = read_roster("".join(f"p{number}@example.com\n" for number in range(1500)))
    assert (len(roster.people), roster.errors[0].problem) == (1001, "too_long")


def test_files_of_windows_are_read() -> None:
    assert decoded("Иван;i@example.com".encode("cp1251")) == "Иван;i@example.com"
    assert decoded("\ufeffИван".encode()) == "Иван"


def test_a_first_line_with_one_name_and_no_address_is_an_error_and_no_header() -> None:
    roster = read_roster("Ann Lee\nb@example.com")
    assert [(each.line, each.problem, each.text) for each in roster.errors] == [(1, "no_email", "Ann Lee")]
    assert read_roster("Email\nb@example.com").errors == []
