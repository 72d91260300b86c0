"""Where a person pushes to."""


def push_address(public_url: str, username: str) -> str:
    """Return the beginning of the addresses that a person pushes to; git then asks for the token only."""
    scheme, _, host = public_url.partition("://")
    return f"{scheme}://{username}@{host}/hand-in"
