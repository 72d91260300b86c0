"""What makes an account acceptable. No database."""

import re

import pytest

from learning_platform.accounts.rules import USERNAME_PATTERN, UnknownTimeZone, ensure_time_zone


@pytest.mark.parametrize("name", ["Europe/Moscow", "UTC", "Asia/Kathmandu", "America/Argentina/Ushuaia"])
def test_a_time_zone_of_the_iana_database_is_known(name: str) -> None:
    ensure_time_zone(name)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "europe/moscow ", "+03:00", "\x00"])
def test_any_other_time_zone_is_refused_at_its_field(name: str) -> None:
    with pytest.raises(UnknownTimeZone) as caught:
        ensure_time_zone(name)
    assert caught.value.loc == ("body", "time_zone")


@pytest.mark.parametrize("username", ["bob", "A-b_c.9", "x" * 32, "...", "000"])
def test_a_username_may_be(username: str) -> None:
    assert re.search(USERNAME_PATTERN, username)


@pytest.mark.parametrize("username", ["", "ab", "x" * 33, "with space", "боб", "a/b/c", "a@b.c", "abc\x00"])
def test_a_username_may_not_be(username: str) -> None:
    assert not re.search(USERNAME_PATTERN, username)
