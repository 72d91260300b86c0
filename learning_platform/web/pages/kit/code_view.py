"""What the code page shows: which files, how much of each, and where everything else is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from urllib.parse import urlencode

from markupsafe import Markup

from learning_platform.reviews.compared_code import Base, ComparedCode, ComparedText, Texts, compared_text
from learning_platform.snapshots.comparison.lines import counts
from learning_platform.snapshots.comparison.trees import FileChange
from learning_platform.snapshots.kinds import (
    ShownKind,
    is_generated,
    is_markdown,
    is_readme,
    language_of,
    says_generated,
    shown_kind,
)
from learning_platform.snapshots.trees import Entry
from learning_platform.web.pages.kit.code_rows import (
    Line,
    Part,
    Place,
    Rows,
    key_of,
    side_by_side,
    unified,
)
from learning_platform.web.pages.kit.formatted_cells import CellView
from learning_platform.web.pages.kit.shown_lines import lines_of, row_of
from learning_platform.web.texts.highlighted_code import Code, ended

View: TypeAlias = Literal["changes", "all"]
# A file that can be formatted, Markdown or a notebook, with its marks or as it is written.
Show: TypeAlias = Literal["formatted", "lines"]
# Why the lines of a file are not on the page.
Folded: TypeAlias = Literal["generated", "viewed", "page_full", "not_ready"]
IN_ADDRESS = {"role": "as"}
MAX_ROWS, MAX_ROWS_OF_FILE = 3000, 400
# Of a file that is read a few lines may be shown: what is read may have more lines than the page has rows.
MAX_READ_BYTES, MAX_READ_LINES = 1_500_000, 3 * MAX_ROWS
# Masking takes 4 µs per byte on each of the workers, and twice as long where lexers are kept busy.
MAX_MASKED_BYTES = 300_000


@dataclass(frozen=True, slots=True)
class Choices:
    """What the address asks for.

    `file` is the path of the only file that is shown: from its row `start` on, or the part that has the line `line`.
    """

    iteration: int | None = None
    base: Base | None = None
    view: View | None = None
    space: Literal["ignore"] | None = None
    sides: Literal[2] | None = None
    file: str | None = None
    start: int = 0
    line: Place | None = None
    show: Show | None = None
    comment: str | None = None
    # As whom the author looks at the code.
    role: Literal["reviewer"] | None = None

    def address(self, **changes: object) -> str:
        """Return the query for these choices with some changed; what goes without saying is left out."""
        left_out = {"start": 0, "line": None, "comment": None}
        chosen = replace(self, **left_out | changes)  # type: ignore[arg-type]  # By name.
        values = {IN_ADDRESS.get(name, name): getattr(chosen, name) for name in self.__slots__}
        if chosen.line is not None:
            values["line"] = "{}{}".format(*chosen.line)
        return "?" + urlencode({name: value for name, value in values.items() if value})


@dataclass(slots=True)
class FileView:
    """A file on the page.

    `rows` is None where its lines are not shown: then it has `cells`, or `folded` or its kind says why. `start` is the
    number of the first row; `elsewhere`, of comments that stand at none of the cells.
    """

    change: FileChange
    key: str
    folded: Folded | None = None
    text: ComparedText | None = None
    lines: Sequence[Line] = ()
    rows: Sequence[Part] | None = None
    cells: Sequence[CellView] | None = None
    elsewhere: int = 0
    start: int = 0
    # Where the following part of a long file is, and how many rows are left.
    more: str | None = None
    left: int = 0
    is_viewed: bool = False
    comments: int = 0
    html: tuple[Sequence[str] | None, Sequence[str] | None] = (None, None)

    @property
    def entry(self) -> Entry:
        """Return the file as it is, or as it was before it was removed."""
        entry = self.change.new or self.change.old
        assert entry is not None
        return entry

    @property
    def path(self) -> str:
        """Return its path."""
        return self.entry.path

    @property
    def kind(self) -> ShownKind:
        """Return how it is shown."""
        return shown_kind(self.entry)

    @property
    def former_path(self) -> str | None:
        """Return where it was before it was renamed."""
        return self.change.old.path if self.change.kind == "renamed" and self.change.old is not None else None

    @property
    def counts(self) -> tuple[int, int]:
        """Return how many lines were added and removed, as far as the page knows."""
        return (0, 0) if self.text is None else counts(self.text.changes)

    @property
    def has_lines(self) -> bool:
        """Say whether lines of it are on the page."""
        return self.text is not None and self.folded is None and self.cells is None

    @property
    def can_be_formatted(self) -> bool:
        """Say whether there is another way to show it than as lines."""
        is_formatted = self.kind == "notebook" or (self.kind == "text" and is_markdown(self.path))
        return is_formatted and self.change.new is not None and self.entry.hash is not None

    def is_to_be_formatted(self, choices: Choices) -> bool:
        """Say whether to show it so: as asked for, or unless it is compared with what it was."""
        if not self.can_be_formatted or choices.start:
            return False
        return self.change.kind in {"unchanged", "added"} if choices.show is None else choices.show == "formatted"

    @property
    def became_executable(self) -> bool:
        """Say whether the file can be run, which it could not before."""
        old, new = self.change.old, self.change.new
        return new is not None and new.mode == "100755" and (old is None or old.mode != "100755")


def selected(code: ComparedCode, choices: Choices, *, viewed: Collection[str]) -> list[FileView]:
    """Return the files of the page in their order: one, those that changed, or all. Raises FileNotFound."""
    if choices.file is not None:
        changes = [code.change_of(choices.file)]
    elif choices.view == "all":
        changes = [change for change in code.changes if change.new is not None]
    else:
        changes = [change for change in code.changes if change.kind != "unchanged"]
    files = [_view(change, choices, viewed=viewed) for change in changes]
    return sorted(
        files, key=lambda file: (not is_readme(file.path), file.path.count("/") if is_readme(file.path) else 0)
    )


def view_of(change: FileChange, *, viewed: Collection[str]) -> FileView:
    """Return a file for the list of files."""
    file = FileView(change, key_of((change.new or change.old or _nothing()).path))
    file.is_viewed = change.new is not None and change.new.hash is not None and change.new.hash in viewed
    return file


def to_be_read(files: Sequence[FileView], *, is_masked: bool) -> list[FileView]:
    """Return the files whose text is needed; those for which the page has no space are folded."""
    max_bytes = MAX_MASKED_BYTES if is_masked else MAX_READ_BYTES
    wanted: list[FileView] = []
    size = lines = 0
    for file in files:
        if file.folded is not None or file.kind not in {"text", "notebook", "symlink", "lfs"}:
            continue
        entries = [entry for entry in (file.change.old, file.change.new) if entry is not None]
        size += sum(entry.size for entry in entries)
        lines += sum(entry.lines or 1 for entry in entries)
        if wanted and (size > max_bytes or lines > MAX_READ_LINES):
            file.folded = "page_full"
        else:
            wanted.append(file)
    return wanted


def compare(
    files: Sequence[FileView],
    code: ComparedCode,
    texts: Texts,
    choices: Choices,
    *,
    places: Mapping[str, Collection[Place]],
) -> None:
    """Find the lines that are shown, as many as the page has space for.

    `places`: the lines below which something stands, by the key of their file.
    """
    left = MAX_ROWS
    for file in files:
        if left <= 0:
            file.folded = "page_full"
            continue
        text = compared_text(code, file.change, texts, ignore_space=choices.space is not None)
        if text is None:
            file.folded = "not_ready"
            continue
        file.text = text
        if choices.file is None and not file.is_to_be_formatted(choices) and says_generated(text.new.text):
            file.folded = "generated"
        else:
            _take_lines(file, choices, places.get(file.key, ()), left=left)
            left -= len(file.lines)


def to_be_highlighted(files: Sequence[FileView], choices: Choices) -> list[Code]:
    """Return the old and the new text of each file that is shown as lines."""
    codes: list[Code] = []
    for file in files:
        if file.text is not None and file.has_lines:
            old = file.change.old.path if file.change.old is not None else ""
            shows_old = choices.sides is not None or _has_removed(file)
            codes.append(Code(language_of(old), ended(file.text.old.text) if shows_old else ""))
            codes.append(Code(language_of(file.path), ended(file.text.new.text)))
    return codes


def fill_rows(
    files: Sequence[FileView],
    html: Sequence[list[str] | None],
    choices: Choices,
    *,
    left_out: str,
    may_comment: bool,
    places: Mapping[str, Collection[Place]],
) -> None:
    """Make the rows of the files; `html` are the lines of what `to_be_highlighted` returned.

    `places`: the lines below which something stands, by the key of their file.
    """
    pairs = iter(zip(html[::2], html[1::2], strict=True))
    for file in files:
        if file.text is None or not file.has_lines:
            continue
        file.html = next(pairs)
        rows = Rows(
            key=file.key,
            text=file.text,
            old_html=file.html[0],
            new_html=file.html[1],
            comment=_escaped(choices.address(start=file.start, comment="-").removesuffix("-")) if may_comment else None,
            whole=_escaped(choices.address(file=file.path)) + f"#{file.key}",
            left_out=left_out,
            places=places.get(file.key, ()),
        )
        file.rows = side_by_side(rows, file.lines) if choices.sides else unified(rows, file.lines)


def _view(change: FileChange, choices: Choices, *, viewed: Collection[str]) -> FileView:
    file = view_of(change, viewed=viewed)
    if choices.file is None and is_generated(file.path):
        file.folded = "generated"
    elif choices.file is None and file.is_viewed and not (choices.comment or "").startswith(file.key):
        file.folded = "viewed"
    return file


def _take_lines(file: FileView, choices: Choices, places: Collection[Place], *, left: int) -> None:
    assert file.text is not None
    is_whole = choices.file is not None or file.change.kind == "unchanged"
    most = MAX_ROWS if choices.file is not None else min(left, MAX_ROWS_OF_FILE)
    file.start = choices.start
    if choices.file is not None and choices.line is not None:
        file.start = (row_of(file.text.changes, choices.line) or 0) // MAX_ROWS * MAX_ROWS
    file.lines, total = lines_of(file.text.changes, is_whole=is_whole, places=places, start=file.start, count=most)
    end = file.start + len(file.lines)
    file.left = max(total - end, 0)
    if file.left:
        is_only = choices.file is not None
        file.more = choices.address(file=file.path, start=end if is_only else 0) + f"#{file.key}"


def _has_removed(file: FileView) -> bool:
    return any(line.new is None for line in file.lines)


def _escaped(address: str) -> str:
    return str(Markup.escape(address))


def _nothing() -> Entry:
    raise AssertionError("a change has a file")
