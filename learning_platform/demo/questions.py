"""Questions that participants of the demo school ask under assignments, and the answers of the author."""

from collections.abc import Mapping
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.languages import Language
from learning_platform.demo.world import World
from learning_platform.questions.actions import answer, ask
from learning_platform.questions.moderation import set_answered

# Title, question, and the answer of the author, or None.
QUESTIONS: Mapping[Language, tuple[tuple[str, str, str | None], ...]] = {
    "en": (
        (
            "What should happen with empty input?",
            "The description does not say. May the program print nothing, or should it report an error?",
            "Nothing is printed, and the exit code is `0`. I will add it to the description.",
        ),
        ("May I use a library for the tests?", "`pytest` would be shorter than what I have now.", "Yes, any."),
        ("Which versions have to be supported?", "Mine needs the newest one. Is that all right?", None),
    ),
    "ru": (
        (
            "Что делать с пустым вводом?",
            "В описании об этом нет ни слова. Ничего не печатать или сообщить об ошибке?",
            "Ничего не печатать, код возврата `0`. Добавлю в описание.",
        ),
        ("Можно взять библиотеку для тестов?", "С `pytest` получится короче, чем сейчас.", "Да, любую."),
        ("Какие версии нужно поддерживать?", "Моя программа требует самую новую. Так можно?", None),
    ),
}


async def ask_about(
    world: World, *, assignment_id: int, asker_id: int, author_id: int, language: Language, number: int, now: datetime
) -> None:
    """Ask the question of this number, and let the author answer it."""
    title, text, said = QUESTIONS[language][number]
    asked = await ask(world.db, assignment_id=assignment_id, actor=Actor(asker_id), title=title, text=text, now=now)
    if said is not None:
        await answer(world.db, question_id=asked.id, actor=Actor(author_id), text=said, now=now)
        await set_answered(world.db, question_id=asked.id, actor=Actor(asker_id), answered=True, now=now)
