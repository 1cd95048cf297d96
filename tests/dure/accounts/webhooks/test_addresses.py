"""No webhook leads behind our own door, however its address is written."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dure.accounts.webhooks.addresses import Unreachable, is_open, judged

OPEN = "93.184.216.34"


def _always(*addresses: str):  # type: ignore[no-untyped-def]  # a resolver that knows one answer
    return lambda _host, _port: list(addresses)


@pytest.mark.parametrize(
    "inner",
    [
        "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "2001:0:7f00:1::", "2001:db8::1", "fec0::1",
    ],
)  # fmt: skip
def test_an_inner_address_is_refused_alone_and_beside_an_open_one(inner: str) -> None:
    for addresses in ([inner], [OPEN, inner], [inner, OPEN]):
        with pytest.raises(Unreachable, match="inner-address"):
            judged("https://firm.example/", loopback=False, resolver=_always(*addresses))


@given(st.ip_addresses(v=4))
def test_private_networks_are_never_open(address: ipaddress.IPv4Address) -> None:
    """Against the list of RFC 6890 written out, bit by bit, beside the library's word."""
    number = int(address)
    closed = any(
        number >> (32 - bits) == int(ipaddress.IPv4Address(start)) >> (32 - bits)
        for start, bits in (
            ("0.0.0.0", 8), ("10.0.0.0", 8), ("100.64.0.0", 10), ("127.0.0.0", 8),
            ("169.254.0.0", 16), ("172.16.0.0", 12), ("192.168.0.0", 16), ("198.18.0.0", 15),
            ("224.0.0.0", 4), ("240.0.0.0", 4),
        )
    )  # fmt: skip
    if closed:
        assert not is_open(address, loopback=False)
        assert not is_open(ipaddress.IPv6Address(f"::ffff:{address}"), loopback=False)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://firm.example/", "not-https"), ("ftp://firm.example/", "not-https"),
        ("file:///etc/passwd", "address-invalid"), ("https://", "address-invalid"),
        ("https://user:secret@firm.example/", "address-invalid"),
        ("https://firm.example:99999/", "address-invalid"),
        ("https://firm.example:0/", "address-invalid"),
        ("https://firm.example/\r\nHost: inner", "address-invalid"),
        ("https://한빛.example/", "address-invalid"), ("https://a b/", "address-invalid"),
        ("https://[::1", "address-invalid"), ("javascript:alert(1)", "address-invalid"),
        ("https://firm.example/" + "x" * 500, "address-invalid"), ("", "address-invalid"),
        ("https://firm.example\\@inner/", "address-invalid"),
    ],
)  # fmt: skip
def test_what_is_no_open_address_is_refused(url: str, code: str) -> None:
    with pytest.raises(Unreachable, match=code):
        judged(url, loopback=False, resolver=_always(OPEN))


def test_numbers_in_disguise_are_judged_by_where_they_lead() -> None:
    """The system's own resolver reads such spellings as addresses; they are looked at after it."""
    for host in ("2130706433", "0x7f.1", "127.1", "[::ffff:7f00:1]", "localhost"):
        with pytest.raises(Unreachable, match=r"inner-address|name-unknown"):
            judged(f"https://{host}/", loopback=False)


def test_loopback_is_open_where_the_setting_says_so_and_nothing_else_is() -> None:
    target = judged("http://127.0.0.1:8000/hook?x=1", loopback=True)
    assert (target.address, target.port, target.path) == ("127.0.0.1", 8000, "/hook?x=1")
    with pytest.raises(Unreachable, match="inner-address"):
        judged("http://firm.example/", loopback=True, resolver=_always("10.0.0.1"))
    with pytest.raises(Unreachable, match="not-https"):
        judged("http://firm.example/", loopback=True, resolver=_always(OPEN))


def test_the_judged_address_is_the_one_that_is_spoken_to() -> None:
    target = judged("https://firm.example/a", loopback=False, resolver=_always(OPEN, "1.1.1.1"))
    assert (target.host, target.address) == ("firm.example", OPEN)
