"""Which hosts, ports and addresses a link may lead to: public ones, and what FETCH_ALLOW adds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Self, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
HTTPS_PORT = 443
HOST = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?", re.IGNORECASE | re.ASCII)
# IANA has given out no other addresses of version 6 to hosts of the internet.
GLOBAL_UNICAST = IPv6Network("2000::/3")
# An address of version 4 stands in the last four bytes: mapped, compatible (RFC 4291) and translated (NAT64, RFC 6052).
EMBEDDING_NETWORKS = (IPv6Network("::ffff:0:0/96"), IPv6Network("::/96"), IPv6Network("64:ff9b::/96"))


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """What FETCH_ALLOW adds to port 443 of public hosts: `hosts` with a port, and private `networks` for those hosts.

    A network is allowed for the named hosts only, so that no other name can be made to lead into it.
    """

    hosts: frozenset[tuple[str, int]] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `git.school.example:8443,10.1.0.0/16`. Raises ValueError with a sentence for the administrator."""
        hosts: set[tuple[str, int]] = set()
        networks: list[Network] = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            if "/" in part:
                networks.append(_network(part))
            else:
                hosts.add(_host(part))
        if networks and not hosts:
            raise ValueError("FETCH_ALLOW names a network but no host; a network is allowed for the named hosts only")
        return cls(frozenset(hosts), tuple(networks))

    def permits(self, host: str, port: int) -> bool:
        """Say whether links may lead to this port of a host, whatever its addresses are."""
        return port == HTTPS_PORT or self.names(host, port)

    def names(self, host: str, port: int) -> bool:
        """Say whether the setting names this host with this port."""
        return (canonical_host(host), port) in self.hosts

    def permits_address(self, address: Address, *, host: str, port: int) -> bool:
        """Say whether a connection to this address of a host may be made."""
        is_known = self.names(host, port) and any(address in network for network in self.networks)
        return is_known or is_public(address)


PUBLIC_HOSTS = AllowedHosts()


def canonical_host(host: str) -> str:
    """Return a host name as it is compared: without case, a dot at its end, or the brackets of an address."""
    return host.lower().removesuffix(".").strip("[]")


def is_public(address: Address) -> bool:
    """Say whether an address, and every address inside it, is one of a host on the internet."""
    return all(_is_public(form) for form in _forms(address))


def _is_public(address: Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _forms(address: Address) -> Iterator[Address]:
    """Yield what is connected to in the end: addresses of version 4 that a gateway takes out of one of version 6."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if any(address in network for network in EMBEDDING_NETWORKS):
        yield IPv4Address(int(address) & 0xFFFFFFFF)
        return
    # Anything outside is local, multicast or not given out; the address "::" stands for what is refused.
    yield address if address in GLOBAL_UNICAST else IPv6Address("::")
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"FETCH_ALLOW: {error}") from None


def _host(text: str) -> tuple[str, int]:
    found = HOST.fullmatch(text)
    port = HTTPS_PORT if found is None or found["port"] is None else int(found["port"])
    if found is None or not 0 < port < 1 << 16:
        raise ValueError(f"FETCH_ALLOW must list host:port and networks such as 10.1.0.0/16, not “{text}”")
    return canonical_host(found["host"]), port
