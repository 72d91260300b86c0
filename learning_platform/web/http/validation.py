"""What is wrong with input, in words a person understands, in their language.

Pydantic names each kind of error; its own texts are English only and speak to programmers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from learning_platform.accounts.rules import USERNAME_PATTERN
from learning_platform.core.languages import N_, Language, Message, translate

MESSAGES: Mapping[str, Message] = {
    "missing": N_("This field is required."),
    "json_invalid": N_("The body is not valid JSON."),
    "string_type": N_("This must be text."),
    "string_too_short": N_("Use at least {min_length} characters."),
    "string_empty": N_("This field cannot be empty."),
    "string_too_long": N_("Use at most {max_length} characters."),
    "string_pattern_mismatch": N_("Remove the characters that cannot be used here."),
    "username": N_("Use only Latin letters, digits, and the characters _ . -"),
    "string_unicode": N_("This is not valid Unicode text."),
    "int_type": N_("Enter a whole number."),
    "int_parsing": N_("Enter a whole number."),
    "int_parsing_size": N_("This number is too large."),
    "int_from_float": N_("Enter a whole number."),
    "float_type": N_("Enter a number."),
    "float_parsing": N_("Enter a number."),
    "finite_number": N_("Enter a finite number."),
    "bool_type": N_("This must be true or false."),
    "bool_parsing": N_("This must be true or false."),
    "greater_than": N_("This must be more than {gt}."),
    "greater_than_equal": N_("This must be at least {ge}."),
    "less_than": N_("This must be less than {lt}."),
    "less_than_equal": N_("This must be at most {le}."),
    "literal_error": N_("This must be one of: {expected}."),
    "list_type": N_("This must be a list."),
    "too_short": N_("Add at least {min_length}."),
    "too_long": N_("Add at most {max_length}."),
    "dict_type": N_("This must be an object."),
    "model_type": N_("This must be an object."),
    "model_attributes_type": N_("This must be an object."),
    "datetime_type": N_("Enter a date and time, for example 2030-01-03T12:00:00Z."),
    "datetime_parsing": N_("Enter a date and time, for example 2030-01-03T12:00:00Z."),
    "datetime_from_date_parsing": N_("Enter a date and time, for example 2030-01-03T12:00:00Z."),
    "timezone_aware": N_("Add a time zone to the date and time, such as the Z in 2030-01-03T12:00:00Z."),
    "text_direction": N_("Remove the characters that change the direction of text."),
    "extra_forbidden": N_("There is no such field."),
    "track_format": N_("The file has another format. Only format {supported} can be imported here."),
    "language_code": N_("Use a language code of ISO 639-1, for example en."),
    "time_out_of_range": N_("This date is out of range."),
    "value_error": N_("This value is not valid."),
    "email": N_("Enter a valid email address."),
    "email_characters": N_(
        "Emails cannot be sent to this address: before the @ only Latin letters, digits and signs are possible."
    ),
}


def readable_errors(errors: Sequence[Mapping[str, Any]], language: Language) -> list[dict[str, Any]]:
    """Turn Pydantic's errors into `loc` and `msg`."""
    return [
        {"loc": [part if isinstance(part, int) else str(part) for part in error["loc"]], "msg": _text(error, language)}
        for error in errors
    ]


def _text(error: Mapping[str, Any], language: Language) -> str:
    message = MESSAGES.get(_kind(error), MESSAGES["value_error"])
    values = {name: value for name, value in error.get("ctx", {}).items() if name != "language"}
    if "expected" in values:
        # Pydantic joins the choices in English: "'en' or 'ru'".
        values["expected"] = str(values["expected"]).replace(" or ", ", ")
    return translate(message, language, **values)


def _kind(error: Mapping[str, Any]) -> str:
    """Return the key in MESSAGES: Pydantic's kind, or a more exact one."""
    if _asks_for_anything(error):
        return "string_empty"
    if error["type"] == "string_pattern_mismatch" and error["ctx"]["pattern"] == USERNAME_PATTERN:
        return "username"
    return str(error["type"])


def _asks_for_anything(error: Mapping[str, Any]) -> bool:
    return error["type"] == "string_too_short" and bool(error["ctx"]["min_length"] == 1)
