"""The comments on the code page: below which lines they stand, and where the form for a new one is asked for."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from learning_platform.core.database import Connection
from learning_platform.reviews.author.submissions import SubmissionHead
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.reviews.compared_code import ComparedCode
from learning_platform.reviews.queries import criteria
from learning_platform.reviews.threads.on_code import places_of, threads_on
from learning_platform.reviews.threads.queries import Thread, reader_of
from learning_platform.reviews.threads.rules import Side as CommentSide
from learning_platform.web.pages.kit.code_rows import Place, Side
from learning_platform.web.pages.kit.code_view import Choices, FileView
from learning_platform.web.pages.kit.threads import CommentsView, comments_view, threads_by_place
from learning_platform.web.pages.kit.viewer import Viewer

# The key of a file; then a side, a line and, of a range, the last line.
ASKED = re.compile(r"(f[0-9a-f]{10})(?:-([LR])([0-9]{1,7})(?:-([0-9]{1,7}))?)?")
SIDES = {"L": "old", "R": "new"}


@dataclass(frozen=True, slots=True)
class AskedPlace:
    """The place for which the form is asked for; without lines it is the file."""

    text: str
    key: str
    side: Side | None
    first_line: int | None
    last_line: int | None

    @property
    def place(self) -> Place | None:
        """Return the line below which the form stands."""
        return None if self.side is None or self.last_line is None else (self.side, self.last_line)


@dataclass(frozen=True, slots=True)
class CodeComments:
    """The comments on the iteration that is shown.

    `places`: the lines below which something stands, by the key of their file. `gone`: comments on files that this
    iteration does not have.
    """

    view: CommentsView
    may_comment: bool
    may_review: bool
    asked: AskedPlace | None
    places: Mapping[str, Collection[Place]]
    counts: Counter[tuple[str | None, CommentSide | None]]
    gone: Sequence[Thread]

    def left_out(self) -> "CodeComments":
        """Return a page without comments."""
        view = replace(self.view, threads=(), by_place={})
        return replace(self, view=view, may_comment=False, asked=None, places={}, counts=Counter())

    def count_at(self, file: FileView) -> int:
        """Return the number of comments on a file."""
        return sum(self.counts[place] for place in places_of(file.change))

    def is_asked(self, file: FileView, place: Place | None) -> bool:
        """Say whether the form is to stand here."""
        return self.asked is not None and self.asked.key == file.key and self.asked.place == place

    def side_of(self, place: Place) -> str:
        """Return the side of a place as comments name it."""
        return SIDES[place[0]]

    def path_of(self, file: FileView, place: Place) -> str:
        """Return the path of a file on the side of a place."""
        entry = file.change.old if place[0] == "L" else file.change.new
        return file.path if entry is None else entry.path

    def threads_at(self, file: FileView, place: Place) -> Sequence[Thread]:
        """Return the comments at a line."""
        return self.view.at(self.path_of(file, place), "old" if place[0] == "L" else "new", place[1])

    def lines_of(self, file: FileView) -> str | None:
        """Return the lines that are asked about, from which a suggestion begins; of removed lines there is none."""
        asked = self.asked
        if asked is None or asked.side != "R" or asked.first_line is None or file.text is None:
            return None
        return "\n".join(file.text.new_lines[asked.first_line - 1 : asked.last_line])


async def code_comments(
    db: Connection,
    access: CodeAccess,
    head: SubmissionHead,
    code: ComparedCode,
    choices: Choices,
    files: Sequence[FileView],
    *,
    viewer: Viewer,
) -> CodeComments:
    """Return the comments that a user may see on the code that is shown."""
    assert viewer.session is not None
    view = await comments_view(
        db,
        access,
        await reader_of(db, access, user_id=viewer.session.user_id, now=viewer.now),
        rubric=await criteria(db, assignment_id=access.assignment_id),
        track=head,
        viewer=viewer,
        back=f"/submissions/{access.submission_id}/code{choices.address(start=choices.start, line=choices.line)}",
    )
    found = await threads_on(db, access, code, view.threads)
    view = replace(view, by_place=threads_by_place(found.shown))
    may_comment = view.may_comment and code.iteration == 1
    asked = _asked(choices.comment) if may_comment else None
    places = _places(files, found.shown, asked)
    may_review = view.may_comment and access.claim_id is not None and access.review_id is None
    return CodeComments(view, may_comment, may_review, asked, places, found.counts(), found.gone)


def _asked(text: str | None) -> AskedPlace | None:
    match = ASKED.fullmatch(text or "")
    if match is None:
        return None
    key, side, first, last = match.groups()
    if side is None:
        return AskedPlace(key, key, None, None, None)
    lines = sorted((int(first), int(last or first)))
    return AskedPlace(match[0], key, "L" if side == "L" else "R", *lines)


def _places(
    files: Sequence[FileView], threads: Sequence[Thread], asked: AskedPlace | None
) -> Mapping[str, Collection[Place]]:
    lines: defaultdict[tuple[str | None, str | None], set[int]] = defaultdict(set)
    for thread in threads:
        if thread.last_line is not None:
            lines[thread.path, thread.side].add(thread.last_line)
    places: dict[str, set[Place]] = {}
    for file in files:
        found: set[Place] = set()
        for name, where in zip(("R", "L"), places_of(file.change), strict=True):
            side: Side = "L" if name == "L" else "R"
            found |= {(side, line) for line in lines.get(where, ())}
        if asked is not None and asked.key == file.key and asked.place is not None:
            found.add(asked.place)
        places[file.key] = found
    return places
