"""The style sheet, the scripts and the icon, under an address that changes with their contents.

The version is a folder of the address (`/static/3f9a…/app.js`), so that a script imports another (`./drafts.js`) in its
own version.
"""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

KEEP_FOREVER = "public, max-age=31536000, immutable"
CHECK_EVERY_TIME = "no-cache"


class StaticAssets(StaticFiles):
    """Static files that browsers may keep for good.

    During an update another process may ask for a version that this one does not have: it gets what is here, and no
    browser keeps that.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file at `<version>/<name>`."""
        version, _, name = path.partition("/")
        response = await super().get_response(name, scope)
        is_current = self.directory is not None and version == assets_version(Path(self.directory))
        response.headers["Cache-Control"] = KEEP_FOREVER if is_current else CHECK_EVERY_TIME
        return response


@cache
def assets_version(folder: Path) -> str:
    """Return a digest of all files of a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
