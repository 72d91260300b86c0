"""Comments by file: of a few all are unfolded, of many those with something new."""

from datetime import UTC, datetime

from learning_platform.reviews.threads.queries import Thread, ThreadMessage
from learning_platform.reviews.threads.rules import ThreadKind, ThreadState
from learning_platform.web.pages.kit.threads import MAX_COMMENTS_OPEN, CommentsView


def comment(
    path: str, *, kind: ThreadKind = "problem", state: ThreadState = "open", own_messages: tuple[bool, ...] = (False,)
) -> Thread:
    written = [
        ThreadMessage(
            id=1,
            role="author" if is_own else "reviewer",
            is_own=is_own,
            text="Why?",
            is_hidden=False,
            created_at=datetime(2030, 1, 3, tzinfo=UTC),
            username=None,
            is_reported=False,
        )
        for is_own in own_messages
    ]
    return Thread(
        id=1,
        submission_id=1,
        snapshot_id=1,
        is_draft=False,
        is_own=False,
        role="reviewer",
        reviewer=1,
        path=path,
        side="new",
        blob=None,
        first_line=1,
        last_line=1,
        excerpt=None,
        kind=kind,
        criterion_id=None,
        state=state,
        draft_key=None,
        version=1,
        is_about_review=False,
        messages=written,
    )


def view(*threads: Thread) -> CommentsView:
    return CommentsView(1, "author", threads, {}, "/", is_running=True, is_open=True)


def test_a_few_comments_are_unfolded_except_settled_ones() -> None:
    problem, praise, settled = comment("a.py"), comment("a.py", kind="praise"), comment("b.py", state="settled")
    shown = view(problem, praise, settled)
    assert [(file.path, len(file.threads), file.unresolved, file.is_open) for file in shown.files] == [
        ("a.py", 2, 1, True),
        ("b.py", 1, 0, True),
    ]
    assert [shown.is_folded(thread) for thread in shown.threads] == [False, False, True]


def test_of_many_comments_those_with_a_reply_are_unfolded() -> None:
    many = [comment("a.py") for _ in range(MAX_COMMENTS_OPEN)]
    replied = comment("b.py", own_messages=(False, True, False))
    answered = comment("b.py", own_messages=(False, True))
    shown = view(*many, replied, answered)
    assert [(file.path, file.is_open) for file in shown.files] == [("a.py", False), ("b.py", True)]
    assert [thread for thread in shown.threads if not shown.is_folded(thread)] == [replied]
    assert list(shown.awaiting) == [replied]


def test_a_reply_in_a_settled_thread_awaits_nothing() -> None:
    assert not view(comment("a.py", state="settled", own_messages=(False, True, False))).awaiting
