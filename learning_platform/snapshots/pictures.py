"""Pictures without what their files say beside the picture: place, camera, author, comments. For worker processes."""

import io
from base64 import b64decode, b64encode

from PIL import Image, ImageOps

from learning_platform.snapshots.notebooks import PICTURES, picture_in

MAX_PIXELS = 25_000_000
MAX_BYTES = 4 * 1024 * 1024
SECONDS = 2.0
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
# Of what a file says, only this is part of the picture.
KEPT = frozenset({"transparency"})


class TooManyPixels(Exception):
    """A small file may hold a picture that no memory holds."""


def stripped(content: str) -> tuple[str, str]:
    """Return a picture, in base 64, without metadata, turned as its metadata says; of a moving one the first frame.

    The second value is its media type. Raises TooManyPixels, and what Pillow raises for files that are no pictures.
    """
    with Image.open(io.BytesIO(b64decode(content)), formats=list(MEDIA_TYPES)) as picture:
        format = str(picture.format)
        if picture.width * picture.height > MAX_PIXELS:
            raise TooManyPixels
        turned = ImageOps.exif_transpose(picture)
    turned.info = {name: value for name, value in turned.info.items() if name in KEPT}
    saved = io.BytesIO()
    turned.save(saved, format, **({"quality": 90} if format == "JPEG" else {}))
    return b64encode(saved.getvalue()).decode(), MEDIA_TYPES[format]


def stripped_of_notebook(text: str, cell: int, output: int) -> tuple[str, str] | None:
    """Return a picture of a notebook as `stripped` does, or None if it has none there."""
    content = picture_in(text, cell=cell, output=output)
    found = None if content is None or len(content) > MAX_BYTES else stripped(content)
    return found if found is not None and found[1] in PICTURES else None
