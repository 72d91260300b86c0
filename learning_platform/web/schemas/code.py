"""The code of a submission."""

from pydantic import Field

from learning_platform.reviews.compared_code import Base
from learning_platform.snapshots.comparison.trees import FileChangeKind
from learning_platform.snapshots.kinds import Encoding, ShownKind
from learning_platform.web.schemas.attempts import Snapshot
from learning_platform.web.schemas.common import Output


class CodeFile(Output):
    """A file, and what became of it since the base."""

    path: str
    former_path: str | None = Field(description="Where the base has it, if it was renamed.")
    kind: ShownKind
    is_executable: bool
    size: int = Field(description="In bytes. For reviewers the size of a text is rounded up to 1,024.")
    lines: int | None
    change: FileChangeKind
    comments: int = Field(description="The comments on this file that you can see.")


class Code(Output):
    """The files of a submission in the order of their paths."""

    snapshot: Snapshot
    base: Base
    iteration: int
    files: list[CodeFile]


class LineChange(Output):
    """Lines in place of others. `first_line` and `lines` count in the file, `former_…` in the base, both from 1."""

    first_line: int
    lines: int
    former_first_line: int
    removed: list[str] = Field(description="The lines of the base that are no longer there.")


class FileText(Output):
    """The text of a file, line by line, and its changes against the base. `lines` is null for what is no text.

    Of a long file they are a part: the header `Link` leads to the next one.
    """

    path: str
    former_path: str | None
    kind: ShownKind
    change: FileChangeKind
    language: str = Field(description="A name of Pygments; empty for plain text.")
    encoding: Encoding | None
    has_crlf: bool | None
    lines: list[str] | None
    total_lines: int
    changes: list[LineChange]
