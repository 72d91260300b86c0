"""Convert DATABASE_URL, in the forms that other tools accept, to the form that asyncpg reads."""

import os
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode

EXAMPLE = "DATABASE_URL must look like postgresql://user:password@host:5432/name"
UNREADABLE = (
    "DATABASE_URL is invalid. In the password write % as %25, / as %2F, ? as %3F, # as %23, @ as %40 and : as %3A"
)
ADDRESS = re.compile(
    r"(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?://(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?", re.IGNORECASE
)
SCHEME = re.compile(r"(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?://", re.IGNORECASE)
HOST = re.compile(r"(?:\[[0-9a-fA-F:.%]+\]|[^:\[\]@]*)(?::(?P<port>\d{1,5}))?")
# Options of libpq and other clients that asyncpg would send to the server, which refuses them. Time limits and probes
# of connections are set by core/connecting.py; asyncpg has no channel binding, and `sslmode` controls TLS.
IGNORED_OPTIONS = frozenset(
    {"channel_binding", "client_encoding", "connect_timeout", "fallback_application_name", "gssdelegation"}
    | {"keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "tcp_user_timeout"}
    | {"load_balance_hosts", "max_protocol_version", "min_protocol_version"}
    | {"sslcertmode", "sslcompression", "sslsni"}
    # Options of Prisma and similar tools.
    | {"connection_limit", "pgbouncer", "pool_timeout"}
)
# Security options that are not supported: an error is safer than ignoring them.
UNSUPPORTED_OPTIONS = frozenset({"require_auth", "requirepeer", "sslcrldir", "replication"})
# Values of Node and JDBC for what libpq calls `sslmode`.
SSL_MODES = {"true": "require", "1": "require", "false": "disable", "0": "disable", "no-verify": "require"}
MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address that may be shown: all but the password."""

    host: str
    database: str
    user: str


def normalise(text: str) -> str:
    """Return the address as asyncpg reads it. Raises ValueError with a message that has no part of a password."""
    found = ADDRESS.fullmatch(text.strip())
    if found is None:
        raise ValueError(UNREADABLE if SCHEME.match(text.strip()) else EXAMPLE)
    path, query = found["path"] or "", _options(found["query"] or "")
    credentials, at, hosts = found["authority"].rpartition("@")
    if "@" in path:
        raise ValueError(UNREADABLE)
    _ensure_ports(hosts)
    user, colon, password = credentials.partition(":")
    quoted = f"{_quoted(user)}{colon}{_quoted(password)}{at}"
    options = f"?{urlencode(query, safe='/,', quote_via=quote)}" if query else ""
    return f"postgresql://{quoted}{hosts}{path}{options}"


def address_of(url: str) -> Address:
    """Return what may be shown of a normalised address; omitted parts come from the variables of libpq."""
    found = ADDRESS.fullmatch(url)
    assert found is not None
    options = dict(parse_qsl((found["query"] or "").removeprefix("?")))
    credentials, _, hosts = found["authority"].rpartition("@")
    user = unquote(credentials.partition(":")[0]) or options.get("user") or os.environ.get("PGUSER") or ""
    database = unquote((found["path"] or "").removeprefix("/")) or options.get("dbname") or options.get("database")
    host = unquote(hosts) or options.get("host") or os.environ.get("PGHOST") or "this machine"
    return Address(host, database or os.environ.get("PGDATABASE") or user, user)


def _options(query: str) -> dict[str, str]:
    pairs = [pair for pair in query.removeprefix("?").split("&") if pair]
    if any("=" not in pair for pair in pairs):
        raise ValueError(UNREADABLE)
    options = {name: value for name, value in parse_qsl("&".join(pairs)) if name not in IGNORED_OPTIONS}
    for name in sorted(UNSUPPORTED_OPTIONS & set(options)):
        raise ValueError(f"DATABASE_URL has the option {name}, which is not supported. Remove it")
    if options.pop("gssencmode", "prefer") == "require":
        raise ValueError("DATABASE_URL has gssencmode=require, which is not supported. Use sslmode=require")
    _ensure_ports(",".join(f":{port}" for port in options.get("port", "1").split(",")))
    if "hostaddr" in options:
        options.setdefault("host", options.pop("hostaddr"))
        options.pop("hostaddr", None)
    if "ssl" in options:
        options.setdefault("sslmode", options.pop("ssl"))
        options.pop("ssl", None)
    return _with_ssl(options)


def _with_ssl(options: dict[str, str]) -> dict[str, str]:
    if "sslmode" in options:
        options["sslmode"] = SSL_MODES.get(options["sslmode"], options["sslmode"])
    if options.get("sslrootcert") == "system":
        options["sslrootcert"] = _system_certificates()
    return options


def _system_certificates() -> str:
    paths = ssl.get_default_verify_paths()
    for path in (paths.cafile, paths.openssl_cafile, "/etc/ssl/certs/ca-certificates.crt"):
        if path and Path(path).exists():
            return path
    raise ValueError("DATABASE_URL: the certificates of the system were not found. Set sslrootcert to their file")


def _ensure_ports(hosts: str) -> None:
    for host in hosts.split(",") if hosts else ():
        found = HOST.fullmatch(host)
        if found is None or int(found["port"] or 1) not in range(1, MAX_PORT + 1):
            raise ValueError(UNREADABLE)


def _quoted(text: str) -> str:
    return quote(unquote(text), safe="")
