"""Email addresses in the form that mail servers accept. Pure functions."""

from email.utils import formataddr, parseaddr

from email_validator import EmailNotValidError, validate_email


def ascii_address(address: str) -> str | None:
    """Return the address with its domain in Punycode, or None if it cannot be sent to.

    A local part with characters outside ASCII needs SMTPUTF8, which few servers support.
    """
    if address.isascii():
        return address
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).ascii_email
    except EmailNotValidError:
        return None


def ascii_sender(sender: str) -> tuple[str, str]:
    """Return the header `From` and the bare address of `MAIL_FROM`. Raises ValueError if it cannot be sent from."""
    name, address = parseaddr(sender)
    in_ascii = ascii_address(address)
    if not in_ascii or "@" not in in_ascii:
        raise ValueError("MAIL_FROM must look like Learning Platform <learning@example.org>")
    return (formataddr((name, in_ascii)) if name.isascii() else f"{name} <{in_ascii}>"), in_ascii
