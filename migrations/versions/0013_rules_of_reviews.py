"""State in one place what is owed, what reviews add up to and when their recipient may see them.

Each function has a pure rule beside it in Python, and a test compares the two. The bodies are parsed when they are made
(`begin atomic`), so that they follow a column that is renamed; all of them are inlined into the statements that call them.
"""

from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

# attempts.rules.reviews_owed: how many reviews somebody owes, and how many a submission can get.
REVIEWS_OWED = """
create function reviews_owed(submissions_by_others bigint) returns bigint language sql immutable parallel safe
return least(3, submissions_by_others)
"""
# reviews.rules.is_short: a submission in review that lacks reviews it could have.
IS_SHORT = """
create function is_short(
    review_pending boolean, is_withdrawn boolean, reviews_count bigint, submissions_count bigint
) returns boolean language sql immutable parallel safe
return not review_pending and not is_withdrawn and reviews_count < reviews_owed(submissions_count - 1)
"""
# attempts.rules.has_done_reviews: leaving ends what is owed without its being done.
HAS_DONE_REVIEWS = """
create function has_done_reviews(finished_at timestamptz, left_at timestamptz)
returns boolean language sql immutable parallel safe
return coalesce(finished_at < coalesce(left_at, 'infinity'), false)
"""
# reviews.rules.may_see_reviews: of their own submission.
MAY_SEE_REVIEWS = """
create function may_see_reviews(
    finished_at timestamptz, left_at timestamptz, reviews_due_at timestamptz, now timestamptz
) returns boolean language sql immutable parallel safe
return has_done_reviews(finished_at, left_at) or coalesce(reviews_due_at <= now, false)
"""
# How many reviews somebody owes as others are shown it: of what happened before `shown` (shown_before, 0009). What they
# were let off since is still owed in the eyes of others.
SHOWN_REVIEWS_REQUIRED = """
create function shown_reviews_required(
    opened_at timestamptz, reviews_required bigint, excused_at timestamptz, excused_reviews bigint, shown timestamptz
) returns bigint language sql immutable parallel safe
return case when opened_at < shown
    then reviews_required + case when excused_at >= shown then excused_reviews else 0 end end
"""
# The median of each criterion, of the reviews written before `shown` and of those by one reader, who knows their own.
CRITERION_MEDIANS = """
create function criterion_medians(submission_id bigint, shown timestamptz, reader_id bigint)
returns table (criterion_id bigint, scores_count bigint, median double precision)
language sql stable parallel safe begin atomic
    select s.criterion_id, count(*), percentile_cont(0.5) within group (order by s.score)
    from reviews r join scores s on s.review_id = r.id
    where r.submission_id = $1 and (r.created_at < $2 or r.reviewer_id = $3)
    group by s.criterion_id;
end
"""
# reviews.results.result: the total in percent, of what happened before `shown`. Scores that an appeal corrected count
# instead of the medians. It is null while a criterion has neither.
SUBMISSION_TOTAL = """
create function submission_total(submission_id bigint, track_id bigint, shown timestamptz)
returns table (total double precision) language sql stable parallel safe begin atomic
    select case when bool_and(coalesce(k.score, m.median) is not null)
        then round(100 * sum(coalesce(k.score, m.median)::numeric) / sum(c.max_score), 2)::double precision end
    from criteria c
        left join criterion_medians($1, $3, null) m on m.criterion_id = c.id
        left join (appeals p join corrected_scores k on k.appeal_id = p.id)
            on p.submission_id = $1 and p.settled_at < $3 and k.criterion_id = c.id
    where c.track_id = $2;
end
"""
# reviews.results.result: by how many percentage points the most generous review exceeds the most severe one.
SUBMISSION_SPREAD = """
create function submission_spread(submission_id bigint) returns table (spread double precision)
language sql stable parallel safe begin atomic
    select round(100 * (max(points) - min(points))::numeric / max(max_points), 2)::double precision from (
        select sum(s.score) as points, sum(c.max_score) as max_points
        from reviews r join scores s on s.review_id = r.id join criteria c on c.id = s.criterion_id
        where r.submission_id = $1 group by r.id) totals;
end
"""
FUNCTIONS = (
    REVIEWS_OWED,
    IS_SHORT,
    HAS_DONE_REVIEWS,
    MAY_SEE_REVIEWS,
    SHOWN_REVIEWS_REQUIRED,
    CRITERION_MEDIANS,
    SUBMISSION_TOTAL,
    SUBMISSION_SPREAD,
)


def upgrade() -> None:
    for function in FUNCTIONS:
        op.execute(function)


def downgrade() -> None:
    for name in (
        "submission_spread",
        "submission_total",
        "criterion_medians",
        "shown_reviews_required",
        "may_see_reviews",
        "has_done_reviews",
        "is_short",
        "reviews_owed",
    ):
        op.execute(f"drop function {name}")
