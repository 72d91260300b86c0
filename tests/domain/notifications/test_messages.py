"""The words of notifications, in the reader's language and time zone. No database."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from learning_platform.core.languages import LANGUAGES, Language
from learning_platform.notifications.message_texts import text, title
from learning_platform.notifications.messages import WORDINGS, NotificationType

DUE = datetime(2030, 1, 3, 12, tzinfo=UTC)
WORDS = {"track": "Основы {Python}", "assignment": "Hello {0} %s"}
TYPES: tuple[NotificationType, ...] = get_args(NotificationType)


def text_of(
    type: NotificationType,
    language: Language = "en",
    *,
    submitted: bool | None = None,
    due_at: datetime | None = DUE,
    at: datetime = DUE - timedelta(days=1),
    time_zone: str = "UTC",
) -> str:
    return text(
        type,
        language,
        parameters=WORDS,
        due_at=due_at,
        submitted=submitted,
        at=at,
        time_zone=time_zone,
    )


def titled(type: NotificationType, language: Language) -> str:
    return title(type, language, parameters=WORDS, due_at=DUE, submitted=None, at=DUE - timedelta(days=1))


def test_every_type_of_the_contract_has_its_words() -> None:
    assert set(WORDINGS) == set(TYPES)
    assert {
        "track_started",
        "assignment_opened",
        "deadline_warning",
        "deadline_moved",
        "review_started",
        "review_received",
        "reviews_overdue",
        "appeal_settled",
        "track_finished",
        "track_cancelled",
    } <= set(TYPES)


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_has_a_title_and_a_text_with_the_names_in_it_as_they_are(
    type: NotificationType, language: Language
) -> None:
    heading = titled(type, language)
    assert "Основы {Python}" in heading or "Hello {0} %s" in heading
    assert "Основы {Python}" in text_of(type, language) or "Hello {0} %s" in text_of(type, language)


@pytest.mark.parametrize("type", TYPES)
def test_the_two_languages_say_it_differently(type: NotificationType) -> None:
    assert titled(type, "en") != titled(type, "ru")
    assert text_of(type, "en") != text_of(type, "ru")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_warning_says_whether_something_was_handed_in(language: Language) -> None:
    assert text_of("deadline_warning", language, submitted=True) != text_of(
        "deadline_warning", language, submitted=False
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_user_who_comes_to_an_assignment_after_its_deadline_is_not_asked_to_submit(language: Language) -> None:
    in_time, late = text_of("assignment_opened", language), text_of("assignment_opened", language, at=DUE)
    assert in_time != late


def test_a_time_is_in_the_readers_language_and_time_zone() -> None:
    assert "Thu, 3 Jan, 12:00" in text_of("deadline_warning")
    assert "чт, 3 янв., 15:00" in text_of("deadline_warning", "ru", time_zone="Europe/Moscow")
    assert "Thu, 3 Jan, 04:00" in text_of("deadline_warning", time_zone="America/Los_Angeles")
    assert "Thu, 3 Jan, 17:45" in text_of("deadline_warning", time_zone="Asia/Kathmandu")


def test_more_time_for_one_person_has_a_title_of_its_own() -> None:
    parameters = {**WORDS, "only_you": "yes"}
    heading = title(
        "deadline_moved", "en", parameters=parameters, due_at=DUE, submitted=None, at=DUE - timedelta(days=1)
    )
    assert heading == "More time for “Hello {0} %s”"
