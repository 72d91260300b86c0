"""The details of a track in its form: tags are one field, in which commas separate them."""

from collections.abc import Mapping
from functools import cache

from learning_platform.core.languages import Language
from learning_platform.tracks.details import DETAILS, LANGUAGE_CODES, DetailsChange
from learning_platform.tracks.queries import Track
from learning_platform.web.pages.kit.forms import Form
from learning_platform.web.schemas.details import GivenDetails


@cache
def language_names(language: Language) -> Mapping[str, str]:
    """Return the name of each language of ISO 639-1 in the reader's language, in the order of the names."""
    from babel import Locale

    names = Locale(language).languages
    named = {code: str(names.get(code, code)) for code in LANGUAGE_CODES}
    capitalized = {code: name[:1].upper() + name[1:] for code, name in named.items()}
    return dict(sorted(capitalized.items(), key=lambda item: item[1]))


def detail_fields(track: Track) -> dict[str, str]:
    """Return the details of a track as fields of the form."""
    return {
        "language": track.language or "",
        "level": track.level or "",
        "tags": ", ".join(track.tags),
        "effort": "" if track.effort is None else str(track.effort),
    }


def typed_tags(form: Form) -> list[str]:
    """Return the tags that were typed."""
    return [tag for tag in form["tags"].split(",") if tag.strip()]


def typed_change(form: Form, given: GivenDetails) -> DetailsChange | None:
    """Return the details that the form has, with what was read from them."""
    named = [name for name in DETAILS if name in form.values]
    return DetailsChange(named, given.details()) if named else None


def gather_errors_of_tags(form: Form) -> None:
    """Say at the one field for tags what is wrong with each of them."""
    for name in [name for name in form.errors if name.startswith("tags-")]:
        form.errors.setdefault("tags", form.errors.pop(name))
