"""What an author sees of the masking of their code: how much is hidden, where, and what else they want to hide."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from learning_platform.core.database import Connection
from learning_platform.core.languages import N_, Language, translate
from learning_platform.reviews.author.submissions import SubmissionHead
from learning_platform.reviews.code_access import CodeAccess
from learning_platform.reviews.mask_terms import shown_comments
from learning_platform.reviews.masking_preview import HiddenPlaces, contents_to_count, hidden_places
from learning_platform.reviews.shown_code import ShownFiles, ShownTexts
from learning_platform.snapshots.hidden_terms import hidden_terms
from learning_platform.snapshots.masking.mask import MARK
from learning_platform.web.pages.kit import formatted_cells
from learning_platform.web.pages.kit.code_rows import Part
from learning_platform.web.pages.kit.code_view import FileView
from learning_platform.web.pages.kit.forms import Form

HIDDEN = N_("hidden:")
# Tags are passed over: an address may contain the name of a file.
TAG_OR_MARK = re.compile(rf"<(?:[^\">]|\"[^\"]*\")*>|{MARK}")
LINE_OF_TERMS = re.compile(r"terms-(\d+)")


@dataclass(frozen=True, slots=True)
class Counted:
    """What is read for a preview before the connection is given back. `terms` are the author's own; None for staff."""

    files: ShownFiles
    contents: Mapping[str, bytes]
    terms: Sequence[str] | None
    note: str | None


@dataclass(frozen=True, slots=True)
class MaskingPreview:
    """`form` has the author's own terms, one in a line; None for staff. `note`: what reviewers get with the code."""

    hidden: HiddenPlaces
    form: Form | None
    note: str | None
    mark: Markup


async def read_counted(db: Connection, access: CodeAccess, head: SubmissionHead, files: ShownFiles) -> Counted:
    """Read what a preview is made of; `access` is that of the user, `files` are those that reviewers see."""
    terms = None
    if access.role == "author":
        terms = await hidden_terms(db, track_id=access.track_id, user_id=access.author_id)
    notes = await shown_comments(db, {head.id: head.comment})
    return Counted(files, await contents_to_count(db, files), terms, notes[head.id])


async def preview_of(shown: ShownTexts, counted: Counted, language: Language, form: Form | None) -> MaskingPreview:
    """Return what stands above the code; `form` is one that was refused."""
    hidden = await hidden_places(shown, counted.files, counted.contents)
    if form is None and counted.terms is not None:
        form = Form(language, {"terms": "\n".join(counted.terms)})
    return MaskingPreview(hidden, form, counted.note, mark_of(language))


def typed_terms(form: Form) -> list[str]:
    """Return what was typed, one term in a line."""
    return [line for line in form["terms"].splitlines() if line.strip()]


def say_at_the_field(form: Form) -> None:
    """Say what is wrong with a line of the field at the field, with the line."""
    terms, errors = typed_terms(form), dict(form.errors)
    form.errors.clear()
    for name, message in errors.items():
        line = LINE_OF_TERMS.fullmatch(name)
        form.errors.setdefault("terms", message if line is None else f"{terms[int(line[1])].strip()[:40]}: {message}")


def mark_of(language: Language) -> Markup:
    """Return what stands where something is hidden; programs that read pages aloud say so."""
    label = Markup.escape(translate(HIDDEN, language))
    return Markup('<mark class="masked"><span class="quiet-text">{} </span>{}</mark>').format(label, MARK)


def mark_places(files: Sequence[FileView], mark: Markup) -> None:
    """Mark what is hidden in the lines of files. It may take some 10 ms."""
    for file in files:
        if file.rows is not None:
            file.rows = [Part(_marked(part.html, mark), part.place) for part in file.rows]
        if file.cells is not None:
            formatted_cells.marked(file.cells, lambda html: _marked(html, mark))


def _marked(html: Markup, mark: Markup) -> Markup:
    marked = TAG_OR_MARK.sub(lambda found: str(mark) if found[0] == MARK else found[0], str(html))
    return Markup(marked)  # noqa: S704  # Both parts were escaped.
