"""Pictures lose what their files say beside the picture."""

import io
from base64 import b64decode, b64encode

import pytest
from PIL import Image, PngImagePlugin

from learning_platform.snapshots import pictures

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


@pytest.mark.parametrize("format", MEDIA_TYPES)
def test_a_picture_stays_and_its_metadata_goes(format: str) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Alice Author"
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Alice Author")
    saved = io.BytesIO()
    about = {"exif": exif} if format in {"JPEG", "WEBP"} else {"pnginfo": text} if format == "PNG" else {}
    picture = Image.new("RGB", (4, 3), (200, 30, 30))
    picture.save(saved, format, **about, **({"comment": b"Alice Author"} if format in {"GIF", "JPEG"} else {}))
    assert b"Alice" in saved.getvalue()

    content, media_type = pictures.stripped(b64encode(saved.getvalue()).decode())

    assert b"Alice" not in b64decode(content)
    assert media_type == MEDIA_TYPES[format]
    with Image.open(io.BytesIO(b64decode(content))) as shown:
        assert shown.size == (4, 3)


def test_a_picture_too_large_for_memory_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 11)
    saved = io.BytesIO()
    Image.new("1", (4, 3)).save(saved, "PNG")

    with pytest.raises(pictures.TooManyPixels):
        pictures.stripped(b64encode(saved.getvalue()).decode())


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(OSError):
        pictures.stripped(b64encode(content).decode())
