"""Dates and times as people write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from learning_platform.core.time_formatting import format_day, format_time

NINE = datetime(2030, 11, 28, 9, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def test_a_time_has_one_format_in_each_language() -> None:
    assert format_time(NINE, "en", LONDON, now=NINE) == "Thu, 28 Nov, 09:00"
    assert format_time(NINE, "ru", LONDON, now=NINE) == "чт, 28 нояб., 09:00"


def test_a_time_is_shown_in_the_readers_zone() -> None:
    assert format_time(NINE, "en", ZoneInfo("Asia/Kathmandu"), now=NINE) == "Thu, 28 Nov, 14:45"


def test_the_year_is_shown_when_it_is_not_the_current_one_in_the_readers_zone() -> None:
    new_year = datetime(2030, 12, 31, 21, tzinfo=UTC)
    assert format_time(new_year, "en", ZoneInfo("Europe/Moscow"), now=NINE) == "Wed, 1 Jan 2031, 00:00"
    assert format_time(new_year, "ru", ZoneInfo("Europe/Moscow"), now=NINE) == "ср, 1 янв. 2031, 00:00"
    assert format_time(new_year, "en", LONDON, now=NINE) == "Tue, 31 Dec, 21:00"


def test_seconds_are_never_shown() -> None:
    assert format_time(NINE + timedelta(seconds=59), "en", LONDON, now=NINE) == "Thu, 28 Nov, 09:00"


def test_a_day_is_the_same_for_all_readers() -> None:
    assert format_day(NINE, "en", now=NINE) == "Thu, 28 Nov"
    assert format_day(NINE, "ru", now=NINE - timedelta(days=400)) == "чт, 28 нояб. 2030"
