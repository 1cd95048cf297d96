"""Which addresses news may be sent to: the open internet, and nothing behind our own door.

A name is resolved once, every address it has is judged, and the connection goes to an address that
was judged, so that a name that changes its mind between the two gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

URL_LENGTH_MAX = 500
#: Addresses that carry an IPv4 address inside: NAT64 (RFC 6052, RFC 8215).
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]


class Unreachable(Exception):
    """No news may or can be sent there; ``code`` is one of the outcomes of an attempt."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Target:
    """A judged place: connect to ``address``, speak to ``host``."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name. Raises Unreachable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("name-unknown") from None
    return [str(each[4][0]) for each in found]


def is_open(address: Address, *, loopback: bool) -> bool:
    """Whether an address is on the open internet; loopback where the setting allows it."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_open(inner, loopback=loopback)
        if (
            address.is_site_local
            or address.teredo is not None
            or any(address in network for network in _TRANSLATED)
        ):
            return False
    if address.is_loopback:
        return loopback
    return address.is_global and not (
        address.is_multicast
        or address.is_private
        or address.is_link_local
        or address.is_reserved
        or address.is_unspecified
    )


def judged(url: str, *, loopback: bool, resolver: Resolver = resolve) -> Target:
    """The place that a URL means. Raises Unreachable.

    Refused are other schemes than https (http where loopback is allowed, to loopback alone), user
    names and passwords, and names of which any address is not on the open internet.
    """
    if len(url) > URL_LENGTH_MAX or not url.isascii() or not url.isprintable() or " " in url:
        raise Unreachable("address-invalid")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unreachable("address-invalid") from None
    host = parts.hostname or ""
    if not host or parts.username is not None or parts.password is not None or "\\" in url:
        raise Unreachable("address-invalid")
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not loopback):
        raise Unreachable("not-https")
    number = port if port is not None else (443 if parts.scheme == "https" else 80)
    if number == 0:
        raise Unreachable("address-invalid")
    addresses = []
    for text in resolver(host, number):
        try:
            addresses.append(ipaddress.ip_address(text.partition("%")[0]))
        except ValueError:
            raise Unreachable("address-invalid") from None
    if not addresses:
        raise Unreachable("name-unknown")
    # One inner address is enough to refuse the name: which one is taken is not ours to choose.
    if not all(is_open(each, loopback=loopback) for each in addresses):
        raise Unreachable("inner-address")
    if parts.scheme == "http" and not all(each.is_loopback for each in addresses):
        raise Unreachable("not-https")
    path = parts.path or "/"
    return Target(
        parts.scheme,
        host,
        number,
        f"{path}?{parts.query}" if parts.query else path,
        str(addresses[0]),
    )
