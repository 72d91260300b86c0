"""Export a track as a file, and import one: what is wrong with a file is named with its place in it."""

import re
from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic_core import from_json
from starlette.datastructures import UploadFile

from learning_platform.core.languages import N_, translate
from learning_platform.tracks.rules import ensure_may_create
from learning_platform.tracks.transfer import export_track, import_track
from learning_platform.web.http.dependencies import Id, Now, Running, Transaction, begin
from learning_platform.web.pages.kit.forms import Form
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.track_file import TrackFile, track_file

router = page_router()
MAX_SHOWN_ERRORS = 50
# Less than a request may have, so that the page can say it.
MAX_FILE_BYTES = 1_000_000
# Where the text of a file cannot be read any further.
PLACE_IN_TEXT = re.compile(r"line (\d+) column (\d+)")
TOO_LARGE = N_("The file is too large: at most 1 MB.")
NO_FILE = N_("Choose a file, or paste its text.")
NO_TEXT = N_("This is not a text file in UTF-8.")
NO_JSON = N_("This is not valid JSON: see line {line}, column {column}.")


async def file_form(request: Request, viewer: CurrentViewer) -> Form:
    """Return the text that was pasted; a file takes its place."""
    async with request.form(max_files=1, max_fields=5, max_part_size=2 * MAX_FILE_BYTES) as fields:
        form = Form(viewer.language, {name: value for name, value in fields.items() if isinstance(value, str)})
        file = fields.get("file")
        if isinstance(file, UploadFile) and file.filename:
            _read(form, await file.read(MAX_FILE_BYTES + 1), viewer)
    return form


FileForm = Annotated[Form, Depends(file_form)]


@router.get("/tracks/{track_id}/export")
async def export(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Hand a track over as a file."""
    file = track_file(await export_track(db, track_id=track_id, actor=user.actor, now=now))
    return Response(
        file.model_dump_json(indent=2),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="track-{track_id}.json"'},
    )


@router.get("/tracks/import")
async def show_import(request: Request, viewer: CurrentViewer, user: SignedIn, services: Running) -> Response:
    """Show the form for a file."""
    ensure_may_create(role=user.role, creation=services.settings.track_creation)
    return _shown(request, Form(viewer.language))


@router.post("/tracks/import")
async def import_file(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: FileForm
) -> Response:
    """Create a draft from a file, or say what is wrong with it."""
    ensure_may_create(role=user.role, creation=services.settings.track_creation)
    if form.errors:
        return _shown(request, form)
    try:
        given = from_json(form["text"])
    except ValueError as error:
        form.refuse("text", _unreadable(form, str(error)))
        return _shown(request, form)
    with form.refusing():
        portable = TrackFile.model_validate(given).as_portable()
        async with begin(services) as db:
            track_id = await import_track(db, author_id=user.user_id, portable=portable, now=viewer.now)
        return redirect_to(f"/tracks/{track_id}", notice="track_imported")
    return _shown(request, form)


def _read(form: Form, content: bytes, viewer: Viewer) -> None:
    if len(content) > MAX_FILE_BYTES:
        form.refuse("file", translate(TOO_LARGE, viewer.language))
        return
    try:
        form.values["text"] = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        form.refuse("file", translate(NO_TEXT, viewer.language))


def _unreadable(form: Form, error: str) -> str:
    if not form["text"].strip():
        return translate(NO_FILE, form.language)
    place = PLACE_IN_TEXT.search(error)
    line, column = place.groups() if place else (1, 1)
    return translate(NO_JSON, form.language, line=line, column=column)


def _shown(request: Request, form: Form) -> Response:
    errors = [(_place(field), message) for field, message in form.errors.items() if field not in {"text", "file"}]
    return page(
        request,
        "track_import.html",
        status=form.status,
        form=form,
        errors=errors[:MAX_SHOWN_ERRORS],
        more_errors=max(len(errors) - MAX_SHOWN_ERRORS, 0),
    )


def _place(field: str) -> str:
    """Return a place in the file as programmers write it: `assignments[3].title`."""
    return re.sub(r"\.(\d+)", r"[\1]", field.replace("-", "."))
