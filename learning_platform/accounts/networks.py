"""Network addresses as rate limits count them: one for each internet connection, however many addresses it has."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

# A provider assigns a /64 to one site or server (RFC 6177), which can use every address in it.
IPV6_PREFIX = 64


@lru_cache(maxsize=10_000)
def network_of(address: str) -> str:
    """Return the address of an IPv4 host, the /64 of an IPv6 one; anything else is returned unchanged."""
    parsed = _parsed(address)
    if parsed is None or isinstance(parsed, IPv4Address):
        return address if parsed is None else str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> (128 - IPV6_PREFIX) << (128 - IPV6_PREFIX))}/{IPV6_PREFIX}"


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address.partition("%")[0])
    except ValueError:
        return None
