"""Which addresses a fetch may connect to, by themselves and by FETCH_ALLOW."""

from ipaddress import ip_address

import pytest

from learning_platform.snapshots.git.addresses import AllowedHosts, is_public

PUBLIC = ("140.82.121.4", "2606:50c0:8000::153", "64:ff9b::8c52:7904", "::ffff:140.82.121.4")
REFUSED = (
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1", "4000::1"),
    # An address of version 4 inside: mapped, compatible, NAT64 (common and local), 6to4, Teredo.
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::", "2001:0:5db8:d822::80ff:fffe"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", REFUSED)
def test_all_other_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


def test_a_school_allows_its_own_host_with_its_port_and_its_network() -> None:
    allowed = AllowedHosts.parse("git.school.example:8443, 10.1.0.0/16")
    inside, outside = ip_address("10.1.2.3"), ip_address("10.2.0.1")
    assert allowed.permits("git.school.example", 8443)
    assert allowed.permits_address(inside, host="GIT.school.example.", port=8443)
    assert not allowed.permits_address(outside, host="git.school.example", port=8443)
    # Another name, or another port of the same name, does not lead into the network.
    assert not allowed.permits("git.school.example", 22)
    assert not allowed.permits("evil.example", 8443)
    assert not allowed.permits_address(inside, host="evil.example", port=443)
    assert not allowed.permits_address(inside, host="git.school.example", port=443)


def test_without_the_setting_only_port_443_is_allowed() -> None:
    allowed = AllowedHosts.parse("")
    assert allowed.permits("github.com", 443)
    assert not allowed.permits("github.com", 22)


@pytest.mark.parametrize("text", ["10.1.0.0/16", "host:99999", "host:0", "https://host", "host,10.1.0.1/16", "a b"])
def test_a_setting_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="FETCH_ALLOW"):
        AllowedHosts.parse(text)
