"""Everything the platform refuses a person is seen refused in a browser."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import learning_platform
from learning_platform.core.errors import Refusal

NOT_IMPORTED = "learning_platform.__main__"
# Refused to programs only: a person finds no button for it, or is shown why there is none.
ONLY_TO_PROGRAMS = {
    "AssignmentLocked",
    "BadRefreshToken",
    "BadToken",
    "CriteriaFixed",
    "DeadlineNotLater",
    "MetricsClosed",
    "NotMendable",
    "NotYourself",
    "TakesPart",
    "RefreshTokenReused",
    "ScoreMissing",
    "ScoreOutOfRange",
    "ScoreTwice",
    "TrackCancelled",
    "TrackCompleted",
    "TrackNotStarted",
    "UnknownCriterion",
    "AppealNotFound",
    "ReviewNotFound",
}
# A page says it in words of its own (test_refusals_of_reviews, test_two_tabs), or asks to sign in.
SAID_BY_A_PAGE = {
    "AlreadyReviewed",
    "NoSubmission",
    "NothingToReview",
    "NotSignedIn",
    "OwnReviewsFirst",
    "ReviewNotOpen",
    "ReviewsDone",
}
# The seconds to wait are in the text, or the answer is a page like any other.
SEEN_IN_PART = {"DeadlineTooFar", "TooManyAttempts", "TooManyLetters"}
# Needs another site, another setting, or many requests: tests/web/pages, tests/hostile.
ELSEWHERE = {"CrossSiteRequest", "TrackCreationClosed", "TooManyActions", "PasswordsBusy", "UserBlocked"}


def test_every_refusal_a_person_can_meet_is_seen() -> None:
    others = ONLY_TO_PROGRAMS | SAID_BY_A_PAGE | SEEN_IN_PART | ELSEWHERE
    assert set(_refusals_seen()) | others == set(_refusals())
    assert set(_refusals_seen()) & others == set()


def _refusals() -> Iterator[str]:
    for module in pkgutil.walk_packages(learning_platform.__path__, "learning_platform."):
        if module.name != NOT_IMPORTED:
            importlib.import_module(module.name)
    ahead = [Refusal]
    while ahead:
        kind = ahead.pop()
        ahead += kind.__subclasses__()
        if "code" in vars(kind):
            yield kind.__name__


def _refusals_seen() -> Iterator[str]:
    """Name what stands in calls of `is_refused` in the tests beside this one."""
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "is_refused":
                name = node.args[0]
                assert isinstance(name, ast.Name)
                yield name.id
