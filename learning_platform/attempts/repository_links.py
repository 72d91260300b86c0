"""Which links to a repository can be handed in, and what to say of those that cannot."""

import re
from urllib.parse import urlsplit

from learning_platform.attempts.rules import MAX_URL_LENGTH, NotARepositoryLink
from learning_platform.core.languages import N_

FIELD = ("body", "repo_url")
NEVER_IN_A_LINK = re.compile(r'[\s<>"\\]')
# `git@host:path` as git itself abbreviates it, or `ssh://git@host:port/path`.
SSH_ADDRESS = re.compile(
    r"(?:(?:git\+)?ssh://(?:[^@/\s]+@)?(?P<host>[\w.-]+)(?::\d+)?/|[\w.+-]+@(?P<short_host>[\w.-]+):)(?P<path>[^\s<>\"\\]+)"
)
WITHOUT_SCHEME = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/[^\s@]+")
CREDENTIALS = re.compile(r"(?P<scheme>https?://)(?P<user>[\w+-]+)?(?P<secret>:[^/@\s]*)?@", re.IGNORECASE)


class SchemeMissing(NotARepositoryLink):
    message = N_("The link must start with https://. Use {url}")


class SshAddress(NotARepositoryLink):
    message = N_("This is an SSH address, which reviewers cannot open. Use the HTTPS link: {url}")


class CredentialsInLink(NotARepositoryLink):
    message = N_(
        "The link contains a password or a token, which reviewers would see. Remove it from the link and revoke it."
    )


def repository_link(url: str) -> str:
    """Return a link as it is kept: a user name in it, which the copy button of Bitbucket adds, is left out.

    Raises NotARepositoryLink unless it is an http(s) link to a host and a path. Where more can be said it is one of
    SchemeMissing, SshAddress and CredentialsInLink, which are of its kind.
    """
    if ssh := SSH_ADDRESS.fullmatch(url):
        raise SshAddress(loc=FIELD, url=f"https://{ssh['host'] or ssh['short_host']}/{ssh['path']}")
    if with_scheme(url) != url:
        raise SchemeMissing(loc=FIELD, url=with_scheme(url))
    if found := CREDENTIALS.match(url):
        if found["secret"] is not None:
            raise CredentialsInLink(loc=FIELD)
        url = found["scheme"] + url[found.end() :]
    if not _is_repository_link(url):
        raise NotARepositoryLink(loc=FIELD)
    return url


def with_scheme(url: str) -> str:
    """Return a link with the `https://` that browsers leave out when they show an address."""
    return f"https://{url}" if WITHOUT_SCHEME.fullmatch(url) else url


def _is_repository_link(url: str) -> bool:
    if len(url) > MAX_URL_LENGTH or not url.isprintable() or NEVER_IN_A_LINK.search(url):
        return False
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        parts.scheme.lower() in {"http", "https"}
        and bool(parts.hostname)
        and port_is_valid
        and "@" not in parts.netloc
        and parts.path.strip("/") != ""
    )
