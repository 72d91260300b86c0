"""The rights to ask, answer and change questions, and what other participants see of them. Pure functions.

Until names are shown, other participants see a post without the name of its writer, with the day for its time, and
masked: a question must not reveal whose submission is whose. Names are shown to a participant when the reviews of the
assignment are due and the participant has no reviews of it left to do; to staff who do not take part, always.
"""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Literal

from learning_platform.core.errors import Conflict, Forbidden, NotFound
from learning_platform.core.languages import N_
from learning_platform.snapshots.masking.mask import MARK

Role = Literal["participant", "staff"]
MAX_POSTS = 200
MENTION = re.compile(r"(?<![\w.@-])@([A-Za-z0-9_.-]{3,32})")
# A link may lead to the repository that is handed in, so all are masked, also those without a scheme.
LINK = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.|\bgit@|\b(?=[a-z0-9.-]+\.[a-z]{2,}/))[^\s<>()\[\]`\"']+", re.IGNORECASE
)


# A user of one of these names is mentioned as the author of code is named in it, and what follows would be hidden.
NAMES_OF_TAGS = frozenset({"author", "authors"})
MENTION_LIKE_TAG = re.compile(r"@(?=authors?\b)", re.IGNORECASE)
WORD_JOINER = "\u2060"


class QuestionNotFound(NotFound):
    code = "question_not_found"
    message = N_("Question not found.")


class NotYourPost(Forbidden):
    code = "not_your_post"
    message = N_("Only its writer can change this.")


class OwnPost(Conflict):
    code = "own_post"
    message = N_("You wrote this yourself.")


class PostReported(Conflict):
    code = "already_reported"
    message = N_("You have already reported this.")


class HasAnswers(Conflict):
    code = "has_answers"
    message = N_("This question has answers, so it cannot be deleted.")


class TooManyPosts(Conflict):
    code = "too_many_posts"
    message = N_("A question can have at most {max} answers.")


def are_names_shown(*, reviews_due_at: datetime | None, has_done_reviews: bool, now: datetime) -> bool:
    """Say whether a participant sees who wrote the questions under an assignment."""
    return reviews_due_at is not None and reviews_due_at <= now and has_done_reviews


def mentioned_names(text: str) -> set[str]:
    """Return the names after an @, in lower case, also without a full stop or hyphen that ends a sentence."""
    names = {name.lower() for name in MENTION.findall(text)}
    return names | {name.rstrip(".-") for name in names}


def marked_mentions(text: str) -> str:
    """Return a text in which a mention of a user called “author” does not look like the tag of a document comment."""
    return MENTION_LIKE_TAG.sub(f"@{WORD_JOINER}", text)


def without_marks(text: str) -> str:
    """Return what `marked_mentions` marked as it was."""
    return text.replace(f"@{WORD_JOINER}", "@")


def masked(text: str, *, names: Collection[str], hides_links: bool) -> str:
    """Return a text without these names, and without links."""
    if hides_links:
        text = LINK.sub(MARK, text)
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    return re.sub(rf"(?<!\w)@?(?:{known})(?!\w)", MARK, text, flags=re.IGNORECASE) if known else text


def ensure_own(*, is_own: bool) -> None:
    """Raise NotYourPost unless a user wrote a post."""
    if not is_own:
        raise NotYourPost


def ensure_few_posts(count: int) -> None:
    """Raise TooManyPosts if a question has as many posts as it may have."""
    if count >= MAX_POSTS:
        raise TooManyPosts(max=MAX_POSTS - 1)
