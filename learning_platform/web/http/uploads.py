"""Archives that are uploaded: a form is read to a file, by one request of a user at a time, and then as a tree.

No connection to the database is held meanwhile, and no more than a piece of the file is in memory.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

from fastapi import Request
from starlette.datastructures import UploadFile

from learning_platform.core.errors import Conflict, Invalid, Unavailable
from learning_platform.core.languages import N_
from learning_platform.core.workers import NoWorker
from learning_platform.snapshots.archives import tree_of_archive
from learning_platform.snapshots.rules import MAX_WIRE_BYTES, FreezeFailed
from learning_platform.snapshots.trees import Tree
from learning_platform.web.services import Services

# `file`, `comment`, and the version that a page knows.
MAX_FIELDS: Final = 5
BUSY_SECONDS: Final = 10
# How the body of these routes is described in the OpenAPI document; their handlers read it themselves.
MULTIPART: Final[dict[str, Any]] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": {"type": "string", "format": "binary", "description": "A .zip or .tar.gz of at most 32 MiB."}
            },
        }
    }
}


class UploadUnderWay(Conflict):
    code = "upload_under_way"
    message = N_("Another upload of yours has not finished yet. Wait for it, then try again.")


class UploadsBusy(Unavailable):
    code = "uploads_busy"
    message = N_("Too many uploads are under way. Try again in {wait}.")


class NoFile(Invalid):
    code = "no_file"
    message = N_("Choose a .zip or .tar.gz file.")


@dataclass(frozen=True, slots=True)
class UploadedForm:
    """A form with a file, which exists until the form is closed. `received_at`: when the last byte had arrived."""

    file: BinaryIO
    fields: Mapping[str, str]
    received_at: datetime


@asynccontextmanager
async def uploaded_form(request: Request, services: Services, *, user_id: int) -> AsyncIterator[UploadedForm]:
    """Read a form with a file. Raises UploadUnderWay, UploadsBusy, NoFile, BodyTooLarge, BodyTooSlow, FreezeFailed."""
    with services.uploads.turn(user_id) as turn:
        if turn == "under_way":
            raise UploadUnderWay
        if turn == "busy":
            raise UploadsBusy(retry_after=BUSY_SECONDS)
        async with request.form(max_files=1, max_fields=MAX_FIELDS) as form:
            fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.size:
                raise NoFile(loc=("body", "file"))
            if file.size > MAX_WIRE_BYTES:
                raise FreezeFailed("too_large")
            yield UploadedForm(file.file, fields, services.clock())


async def tree_in(form: UploadedForm, services: Services) -> Tree:
    """Return the files of the archive that was uploaded. Raises FreezeFailed, UploadsBusy."""
    folder = await asyncio.to_thread(lambda: TemporaryDirectory(prefix="upload-"))
    try:
        path = Path(folder.name, "archive")
        await asyncio.to_thread(_write, form.file, path)
        return await tree_of_archive(services.archive_readers, path)
    except NoWorker:
        raise UploadsBusy(retry_after=BUSY_SECONDS) from None
    finally:
        await asyncio.to_thread(folder.cleanup)


def _write(source: BinaryIO, path: Path) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(source, target)
