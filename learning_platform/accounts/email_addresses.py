"""What an email address may be, wherever it comes from."""

from email_validator import EmailNotValidError, validate_email

from learning_platform.accounts.rules import MAX_EMAIL_LENGTH


class UnusableAddress(ValueError):
    """It is an address, but no email can be sent to it from here."""


def normalized_address(text: str) -> str:
    """Return an address as it is stored. Raises EmailNotValidError, UnusableAddress."""
    # Addresses of a local network are valid, though they cannot be reached from the internet.
    found = validate_email(text, check_deliverability=False, test_environment=True)
    if found.ascii_email is None:
        raise UnusableAddress
    return found.normalized


def usable_address(value: object) -> str | None:
    """Return an address that another system names as it is stored, or None if it is not usable here."""
    if not isinstance(value, str) or len(value) > MAX_EMAIL_LENGTH:
        return None
    try:
        return normalized_address(value)
    except (EmailNotValidError, UnusableAddress):
        return None
