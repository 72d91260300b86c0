"""Extra reviews of volunteers are never counted as reviews that are owed: one rule, attempts.rules.count_reviews."""

import re

from learning_platform.core.settings import PROJECT
from tests.architecture.test_database import statements

TEMPLATES = PROJECT / "learning_platform/web/pages/templates"
# The figure without what was owed: "12 reviews" on all assignments of a track.
BY_ITSELF = "count=track.reviews_done"
# All that reviewers wrote, the extra ones too.
WRITTEN = {"learning_platform.reviews.author.quality.REVIEWER_IDS_BY_COUNT"}
SUM_WITH_EXTRA = re.compile(r"sum\(\s*[\w.]*reviews_done\b")


def test_pages_show_how_many_of_the_owed_reviews_are_done_by_the_rule() -> None:
    raw = {path.name for path in TEMPLATES.iterdir() if "reviews_done" in path.read_text().replace(BY_ITSELF, "")}
    assert raw == set()


def test_sums_over_a_group_leave_out_extra_reviews() -> None:
    assert {name for name, statement in statements().items() if SUM_WITH_EXTRA.search(statement)} == WRITTEN
