"""Forms: what was typed is kept, and what is wrong with it is said at the field."""

from collections.abc import Mapping
from types import TracebackType
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi import Form as FormField
from pydantic import BaseModel, ValidationError

from learning_platform.core.errors import Conflict, Invalid, Refusal, TooManyRequests, TryLater, Unauthorized
from learning_platform.core.languages import N_, Language, translate
from learning_platform.core.versions import Seen, VersionConflict
from learning_platform.snapshots.failures import failure_text
from learning_platform.snapshots.rules import FreezeFailed
from learning_platform.web.http.formatting import format_refusal
from learning_platform.web.http.validation import readable_errors
from learning_platform.web.pages.kit.edit_conflict import SavedField, saved_fields
from learning_platform.web.pages.kit.viewer import CurrentViewer
from learning_platform.web.schemas.common import MAX_ID
from learning_platform.web.schemas.texts import MACHINE

MAX_FIELD_COUNT = 1000
LOOK_AT_FIELDS = N_("Please fix the highlighted fields.")
CHOOSE_TIME = N_("Enter a date and time.")
Schema = TypeVar("Schema", bound=BaseModel)
Fields = Mapping[type[Refusal], str]


class Form:
    """What was typed into a form, by field, and what is wrong with it.

    `with form.refusing({EmailTaken: "email"}) as fields: new = fields.read(Registration)` catches invalid input and
    refusals: the first is said at its field, a refusal at the field named for its kind, or above the form. Outside of
    that context there is nothing to read a schema with, so input that does not fit is always answered with the form.
    """

    def __init__(self, language: Language, values: Mapping[str, str] | None = None) -> None:
        self.language = language
        self.values = dict(values or {})
        self.errors: dict[str, str] = {}
        self.problem: str | None = None
        self.refusal: Refusal | None = None
        # Where the person is at work, when nothing is wrong.
        self.focus = ""
        self.status = 200
        self.headers: dict[str, str] = {}
        self.saved: list[SavedField] = []

    def __getitem__(self, name: str) -> str:
        """Return what was typed into a field."""
        return self.values.get(name, "")

    @property
    def seen(self) -> Seen:
        """Return the version that the form was filled in from, if it names one; what is no number matches none."""
        if "version" not in self.values:
            return None
        version = self["version"]
        return [int(version)] if version.isascii() and version.isdecimal() and len(version) < 10 else []

    def show_saved(self, changed: VersionConflict) -> None:
        """Show what is stored beside what was typed; sent again, the form replaces it."""
        self.saved = saved_fields(changed.current, typed=self.values)
        self.values["version"] = str(changed.version)

    @property
    def first_error(self) -> str | None:
        """Return the name of the field to go to: browsers send the fields in the order in which they stand."""
        return next((name for name in self.values if name in self.errors), next(iter(self.errors), None))

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a list, as fields named `name-0-part` say; a part left blank counts as not given."""
        found: dict[int, dict[str, str]] = {}
        for field, value in self.values.items():
            list_name, _, rest = field.partition("-")
            number, _, part = rest.partition("-")
            if list_name == name and number.isascii() and number.isdecimal() and len(number) < 4 and part:
                row = found.setdefault(int(number), {})
                if value != "":
                    row[part] = value
        return [row for _, row in sorted(found.items())]

    def refusing(self, fields: Fields | None = None, *, failures_at: str | None = None) -> "Refusing":
        """Return the context in which the form can be read: it catches what is wrong with it.

        `failures_at`: the field of a file, at which is said why its code cannot be kept.
        """
        return Refusing(self, fields or {}, failures_at)

    def raise_refusal(self) -> None:
        """Raise what was refused, if anything was: it has a page of its own. Invalid input stays with the form."""
        if self.refusal is not None:
            raise self.refusal

    def refuse(self, field: str, message: str) -> None:
        """Say what is wrong with a field."""
        self.errors.setdefault(field, message)
        self.problem = translate(LOOK_AT_FIELDS, self.language)
        self.status = 422


class TypedFields:
    """The fields of a form, to be read as a schema wants them; it exists where what is wrong with them is caught."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values: Mapping[str, str] | None = values

    def read(self, schema: type[Schema], **others: Any) -> Schema:
        """Read the fields as `schema` wants them; an optional field left blank counts as not given."""
        values = self._values
        assert values is not None, "a form is read in the context that catches what is wrong with it"
        given = {
            name: values[name]
            for name, field in schema.model_fields.items()
            if name in values and (values[name] != "" or field.is_required())
        }
        return schema.model_validate(given | others)

    def close(self) -> None:
        """Let nothing be read any more."""
        self._values = None


class Refusing:
    """Catches invalid input and refusals, and notes them on the form."""

    def __init__(self, form: Form, fields: Fields, failures_at: str | None) -> None:
        self._form = form
        self._failures_at = failures_at
        self._fields = fields
        self._typed = TypedFields(form.values)

    def __enter__(self) -> TypedFields:
        return self._typed

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> bool:
        self._typed.close()
        if isinstance(error, ValidationError):
            found, language = error.errors(), self._form.language
            for kind, each in zip((one["type"] for one in found), readable_errors(found, language), strict=True):
                # The field for a date and a time has a format of its own, which programs do not use.
                message = translate(CHOOSE_TIME, language) if kind.startswith("datetime_") else each["msg"]
                self._form.refuse("-".join(str(part) for part in each["loc"]), message)
            return True
        if isinstance(error, FreezeFailed) and self._failures_at is not None:
            self._form.refuse(self._failures_at, failure_text(error, self._form.language))
            return True
        if isinstance(error, Conflict | Invalid | TryLater | Unauthorized):
            self._note_refusal(error)
            return True
        return False

    def _note_refusal(self, refusal: Refusal) -> None:
        form = self._form
        form.refusal = refusal
        if isinstance(refusal, VersionConflict):
            form.show_saved(refusal)
        message = format_refusal(refusal, form.language)
        field = self._fields.get(type(refusal))
        if isinstance(refusal, Invalid):
            field = field or "-".join(str(part) for part in refusal.loc[1:])
        if field:
            form.refuse(field, message)
        else:
            form.problem = message
        form.status = 422 if isinstance(refusal, Invalid) else 409 if isinstance(refusal, Conflict) else 401
        if isinstance(refusal, TryLater):
            form.status = 429 if isinstance(refusal, TooManyRequests) else 503
            form.headers["Retry-After"] = str(refusal.retry_after)


async def typed_form(request: Request, viewer: CurrentViewer) -> Form:
    """Return what was typed into the form that was sent."""
    async with request.form(max_files=0, max_fields=MAX_FIELD_COUNT) as fields:
        # Forms write lines with CRLF; where a length is limited, both browser and reader count a line's end once.
        values = {name: value.replace("\r\n", "\n") for name, value in fields.multi_items() if isinstance(value, str)}
    return Form(viewer.language, values)


# What buttons and hidden fields send. It is not typed, so there is no field at which an error could be shown.
TypedId = Annotated[int, FormField(ge=1, le=MAX_ID)]
TypedFlag = Annotated[bool, FormField()]
TypedPath = Annotated[str, FormField(max_length=2000), MACHINE]
TypedForm = Annotated[Form, Depends(typed_form)]
