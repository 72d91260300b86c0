"""What is wrong with input, in words a person understands, in their language.

Pydantic names each kind of error; its own texts are English only and speak to programmers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from learning_platform.core.languages import N_, Language, Message, translate

MESSAGES: Mapping[str, Message] = {
    "missing": N_("This is missing."),
    "json_invalid": N_("The body is not valid JSON."),
    "string_type": N_("This must be a text."),
    "string_too_short": N_("At least {min_length} characters are needed."),
    "string_empty": N_("This must not be empty."),
    "string_too_long": N_("At most {max_length} characters are allowed."),
    "string_pattern_mismatch": N_("This contains characters that are not allowed, or has the wrong form."),
    "string_unicode": N_("This is not valid Unicode text."),
    "int_type": N_("This must be a whole number."),
    "int_parsing": N_("This must be a whole number."),
    "int_parsing_size": N_("This number is too large."),
    "int_from_float": N_("This must be a whole number."),
    "float_type": N_("This must be a number."),
    "float_parsing": N_("This must be a number."),
    "finite_number": N_("This must be a finite number."),
    "bool_type": N_("This must be true or false."),
    "bool_parsing": N_("This must be true or false."),
    "greater_than": N_("This must be more than {gt}."),
    "greater_than_equal": N_("This must be at least {ge}."),
    "less_than": N_("This must be less than {lt}."),
    "less_than_equal": N_("This must be at most {le}."),
    "literal_error": N_("This must be one of: {expected}."),
    "list_type": N_("This must be a list."),
    "too_short": N_("At least {min_length} are needed."),
    "too_long": N_("At most {max_length} are allowed."),
    "dict_type": N_("This must be an object."),
    "model_type": N_("This must be an object."),
    "model_attributes_type": N_("This must be an object."),
    "datetime_type": N_("This must be a moment such as 2030-01-03T12:00:00Z."),
    "datetime_parsing": N_("This must be a moment such as 2030-01-03T12:00:00Z."),
    "datetime_from_date_parsing": N_("This must be a moment such as 2030-01-03T12:00:00Z."),
    "timezone_aware": N_("This moment needs a time zone, such as the Z in 2030-01-03T12:00:00Z."),
    "text_direction": N_("This contains characters that change the direction of text. Remove them."),
    "moment_out_of_range": N_("This date is too far away."),
    "value_error": N_("This is not valid."),
    "email": N_("This is not an e-mail address."),
    "email_letters": N_(
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
    kind = "string_empty" if _asks_for_anything(error) else error["type"]
    message = MESSAGES.get(kind, MESSAGES["value_error"])
    values = {name: value for name, value in error.get("ctx", {}).items() if name != "language"}
    if "expected" in values:
        # Pydantic joins the choices in English: "'en' or 'ru'".
        values["expected"] = str(values["expected"]).replace(" or ", ", ")
    return translate(message, language, **values)


def _asks_for_anything(error: Mapping[str, Any]) -> bool:
    return error["type"] == "string_too_short" and bool(error["ctx"]["min_length"] == 1)
