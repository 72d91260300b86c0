"""Comments on code as pages show them: by place, with links to the code, and with what a user may do about them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import urlencode

from learning_platform.core.database import Connection
from learning_platform.reviews.author.submissions import SubmissionHead
from learning_platform.reviews.code_access import CodeAccess, Role, code_access
from learning_platform.reviews.results import Criterion
from learning_platform.reviews.threads.queries import Thread, reader_of, threads_for
from learning_platform.reviews.threads.rules import Place, Side, ThreadReader
from learning_platform.tracks.appeal_period import are_appeals_open
from learning_platform.tracks.queries import TrackHead
from learning_platform.web.pages.kit.code_rows import key_of, line_id
from learning_platform.web.pages.kit.forms import Form
from learning_platform.web.pages.kit.viewer import Viewer

# Path, side, and the last line; None stands for the whole submission or the whole file.
PlaceKey: TypeAlias = tuple[str | None, Side | None, int | None]


# Of more comments, only those with something new are unfolded, and their files.
MAX_COMMENTS_OPEN = 10


@dataclass(frozen=True, slots=True)
class CommentsOnFile:
    """The comments on a file, or (`path` is None) on the whole submission. `unresolved`: problems and questions."""

    path: str | None
    threads: Sequence[Thread]
    unresolved: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class CommentsView:
    """The comments on a submission for one user. `back`: where forms lead when they are sent.

    `is_running`: the track; `is_open`: the conversation, which goes on for some days after the end of the track.
    `refused`: a form that was refused, and `refused_at` the thread it belongs to (None: a new comment).
    """

    submission_id: int
    role: Role
    threads: Sequence[Thread]
    criteria: Mapping[int, Criterion]
    back: str
    is_running: bool
    is_open: bool
    has_second_iteration: bool = False
    refused: Form | None = None
    refused_at: int | None = None
    by_place: Mapping[PlaceKey, Sequence[Thread]] = field(default_factory=dict)

    @property
    def may_comment(self) -> bool:
        """Say whether the user may begin a thread."""
        return self.is_running and self.role != "author"

    @property
    def drafts(self) -> Sequence[Thread]:
        """Return what is not sent yet."""
        return [thread for thread in self.threads if thread.is_draft]

    @property
    def sent(self) -> Sequence[Thread]:
        """Return what is sent."""
        return [thread for thread in self.threads if not thread.is_draft]

    def is_folded(self, thread: Thread) -> bool:
        """Say whether a list shows a thread as a line: what is settled, and of many all but the new ones."""
        return not self._is_new(thread) and (not self.are_few or thread.state in {"settled", "fixed", "declined"})

    def _is_new(self, thread: Thread) -> bool:
        return thread.is_draft or awaits_answer(thread) or self.form_at(thread.id) is not None

    def at(self, path: str | None, side: Side | None, line: int | None) -> Sequence[Thread]:
        """Return the threads at a line, at a file (no line), or about the whole submission (no path)."""
        return self.by_place.get((path, side, line), ())

    def about(self, criterion_id: int | None) -> Sequence[Thread]:
        """Return the drafts about a criterion, or about none."""
        return [thread for thread in self.drafts if thread.criterion_id == criterion_id]

    @property
    def on_code(self) -> Sequence[Thread]:
        """Return the comments on the code, without the conversations about whole reviews."""
        return [thread for thread in self.threads if not thread.is_about_review]

    @property
    def are_few(self) -> bool:
        """Say whether there are so few comments on the code that all files are unfolded."""
        return len(self.on_code) <= MAX_COMMENTS_OPEN

    @property
    def files(self) -> Sequence[CommentsOnFile]:
        """Return the comments on the code by file; of many, those with something new stay unfolded."""
        by_path: defaultdict[str | None, list[Thread]] = defaultdict(list)
        for thread in self.on_code:
            by_path[thread.path].append(thread)
        return [
            CommentsOnFile(
                path,
                threads,
                unresolved=sum(is_unresolved(thread) for thread in threads),
                is_open=self.are_few or any(self._is_new(thread) for thread in threads),
            )
            for path, threads in by_path.items()
        ]

    @property
    def unresolved(self) -> Sequence[Thread]:
        """Return the problems and questions that are neither settled nor decided on."""
        return [thread for thread in self.on_code if is_unresolved(thread)]

    @property
    def awaiting(self) -> Sequence[Thread]:
        """Return what was answered after the user's last message in it."""
        return [thread for thread in self.threads if awaits_answer(thread)]

    def about_review_of(self, number: int | None) -> Thread | None:
        """Return the conversation about the review of a reviewer, or (None) about one's own."""
        found = (thread for thread in self.threads if thread.is_about_review and thread.reviewer == number)
        return next(found, None)

    def may_answer(self, thread: Thread) -> bool:
        """Say whether the user may write in a thread."""
        return self.is_open and not thread.is_draft and (thread.is_own or self.role != "reviewer")

    def may_settle(self, thread: Thread) -> bool:
        """Say whether the user may settle a thread or open it again."""
        is_to_settle = thread.kind in {"problem", "question"}
        return self.is_open and is_to_settle and not thread.is_draft and (thread.is_own or self.role == "staff")

    def may_decide(self, thread: Thread) -> bool:
        """Say whether the user, as the author of the submission, may say that a thread is fixed or declined."""
        is_to_settle = thread.kind in {"problem", "question"} and thread.state != "settled"
        return self.is_open and self.role == "author" and is_to_settle and not thread.is_draft

    def form_at(self, thread_id: int | None) -> Form | None:
        """Return the refused form, if it is that of this thread."""
        return self.refused if self.refused is not None and self.refused_at == thread_id else None

    def draft_key(self, place: str) -> str:
        """Return the key of the next comment at a place: pages that show the same comments make one draft of it."""
        numbers = [
            int(number)
            for thread in self.threads
            for name, _, number in [(thread.draft_key or "").rpartition(":")]
            if name == place and number.isascii() and number.isdecimal()
        ]
        return f"{place}:{max(numbers, default=0) + 1}"

    def code_link(self, thread: Thread) -> str:
        """Return the address of a thread's place in the code."""
        address = f"/submissions/{self.submission_id}/code"
        if thread.path is None:
            return address
        key = key_of(thread.path)
        side: Literal["L", "R"] = "L" if thread.side == "old" else "R"
        place, part = key, {}
        if thread.last_line is not None:
            place, part = line_id(key, side, thread.last_line), {"line": f"{side}{thread.last_line}"}
        # Without it the second iteration would be shown, where the line may be another one.
        iteration = {"iteration": 1} if self.has_second_iteration else {}
        return f"{address}?{urlencode({**iteration, 'file': thread.path, **part})}#{place}"


def is_unresolved(thread: Thread) -> bool:
    """Say whether a thread is a problem or a question that is neither settled nor decided on."""
    return thread.kind in {"problem", "question"} and thread.state == "open" and not thread.is_draft


def awaits_answer(thread: Thread) -> bool:
    """Say whether the user has written in a thread that another one wrote in last."""
    is_over = thread.state in {"settled", "fixed", "declined"}
    return not is_over and not thread.messages[-1].is_own and any(message.is_own for message in thread.messages)


def threads_by_place(threads: Iterable[Thread]) -> dict[PlaceKey, list[Thread]]:
    """Return threads by the path, side and last line they are at."""
    found: defaultdict[PlaceKey, list[Thread]] = defaultdict(list)
    for thread in threads:
        found[thread.path, thread.side, thread.last_line].append(thread)
    return dict(found)


async def comments_view(
    db: Connection,
    access: CodeAccess,
    reader: ThreadReader,
    *,
    rubric: Sequence[Criterion],
    track: TrackHead | SubmissionHead,
    viewer: Viewer,
    back: str,
    refused: Form | None = None,
    refused_at: int | None = None,
) -> CommentsView:
    """Return the comments on a submission that a user may see."""
    threads = await threads_for(db, access, reader, now=viewer.now)
    return CommentsView(
        submission_id=access.submission_id,
        role=access.role,
        threads=threads,
        criteria={criterion.id: criterion for criterion in rubric},
        back=back,
        is_running=track.status == "running",
        is_open=are_appeals_open(track, now=viewer.now),
        has_second_iteration=access.second_snapshot_id is not None,
        refused=refused,
        refused_at=refused_at,
        by_place=threads_by_place(threads),
    )


async def comments_on(
    db: Connection, submission_id: int, viewer: Viewer, rubric: Sequence[Criterion], *, track: TrackHead
) -> CommentsView:
    """Return the comments on a submission that the user reviews. Raises SubmissionNotFound."""
    assert viewer.session is not None
    access = await code_access(db, submission_id=submission_id, actor=viewer.session.actor, now=viewer.now)
    reader = await reader_of(db, access, user_id=viewer.session.user_id, now=viewer.now)
    back = f"/submissions/{submission_id}/threads"
    return await comments_view(db, access, reader, rubric=rubric, track=track, viewer=viewer, back=back)


def place_of(form: Form) -> Place:
    """Return the place that a form for a comment names, as far as it can be read; for showing it again."""
    first, last = (
        int(form[name]) if form[name].isascii() and form[name].isdecimal() else None
        for name in ("first_line", "last_line")
    )
    return Place(form["path"] or None, "old" if form["side"] == "old" else "new", first, last)
