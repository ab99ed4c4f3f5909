"""Which addresses lie on the public internet, and which URLs no article has."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

import httpx

from claimcheck.errors import SourceError

__all__ = ["check_url", "host_of", "is_literal", "is_public"]

_ORDINARY_PORTS = (80, 443)
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
# What a browser reads as an IPv4 address in a strange spelling (127.1, 0x7f000001,
# 017700000001): WHATWG URL, "ends in a number". The C library reads them likewise.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names that mean "this machine" or "this network", whatever a look-up says of them
# (RFC 6761, 6762, 8375; .internal is reserved by ICANN and used for cloud metadata).
_LOCAL_NAMES = ("localhost", "local", "internal", "home.arpa", "localdomain")

# Networks that ``ipaddress`` calls global in one version of Python or another.
_REFUSED_IPV4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, also Alibaba's metadata service
        "168.63.129.16/32",  # Azure's metadata and DNS service
        "169.254.0.0/16",  # link-local, the usual metadata service
        "192.0.0.0/24",  # protocol assignments, also Oracle's metadata service
        "192.88.99.0/24",  # 6to4 relays
    )
)
# Only this part of IPv6 is given out for the public internet (RFC 4291 and IANA). What
# lies outside holds loopback, unique local, link-local, site-local and multicast
# addresses, and IPv4 inside IPv6: mapped, compatible and NAT64 (64:ff9b::/96).
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_IPV6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo (an IPv4 address inside) among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
    )
)
# What a translator must not be made to reach. 0.0.0.0/8 is left out: the low bits of
# ordinary addresses such as 2a00:1450:4001:82b::200e would read as it.
_INSIDE = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
    )
)
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # an IPv4 address follows (RFC 5214)


def host_of(url: str) -> str:
    """The host of a URL as the key of politeness: lower case, IDNA, without the port.

    :raises SourceError: ``not-found``: the URL has no host.
    """
    return _ascii_host(url, _parse(url))


def check_url(url: str, *, allow_private: bool) -> httpx.URL:
    """The URL, parsed, unless it is one that no article has.

    A dot at the end of the host is dropped: it names the same host, and no certificate
    has it.

    :raises SourceError: ``not-found`` for what is no address; ``unsafe-address`` for
        another scheme than http(s), credentials, an odd port, a name or a number that
        means this machine or this network.
    """
    parsed = _parse(url)
    if parsed.scheme not in ("http", "https"):
        raise SourceError(
            f"{url}: only http and https addresses are fetched", kind="unsafe-address"
        )
    host = _ascii_host(url, parsed)
    if parsed.userinfo:
        raise SourceError(
            f"{url}: the address carries a user name or password; remove it",
            kind="unsafe-address",
        )
    if not allow_private:
        _check_port(url, parsed.port)
        _check_host(url, host)
    return parsed.copy_with(host=host)


def is_literal(host: str) -> bool:
    """Whether a host is an IPv4 or IPv6 address written out in the ordinary way."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether an address lies on the public internet, whatever form it is written in."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _REFUSED_IPV4)
    return (
        ip.scope_id is None  # a zone chooses the network card: never on the internet
        and ip in _PUBLIC_IPV6
        and not any(ip in network for network in _REFUSED_IPV6)
        and (int(ip) >> 32) & 0xFFFF_FFFF not in _ISATAP
        and not any(inner in network for inner in _translated(int(ip)) for network in _INSIDE)
    )


def _translated(ip: int) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that a NAT64 with a prefix of its own may read in an address.

    RFC 6052 puts them after 32, 40, 48, 56, 64 or 96 bits, leaves bits 64–71 zero and
    fills up with zeros. Of the longest prefix only the usual form with zeros before the
    IPv4 address can be told from an ordinary address.
    """
    if (ip >> 56) & 0xFF:
        return
    if not (ip >> 32) & 0xFFFF_FFFF:
        yield ipaddress.IPv4Address(ip & 0xFFFF_FFFF)
    joined = (ip >> 64) << 56 | ip & ((1 << 56) - 1)  # 120 bits: without bits 64–71
    for prefix in (32, 40, 48, 56, 64):
        behind = 120 - prefix - 32
        if not joined & ((1 << behind) - 1):
            yield ipaddress.IPv4Address((joined >> behind) & 0xFFFF_FFFF)


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        _ = (parsed.host, parsed.port)  # decodes IDNA, as the client will
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise SourceError(f"{url}: not a valid web address ({error})", kind="not-found") from error
    return parsed


def _ascii_host(url: str, parsed: httpx.URL) -> str:
    """The host as it is looked up: not ``parsed.host``, which decodes IDNA."""
    host = parsed.raw_host.decode("ascii", "replace").lower().removesuffix(".")
    if not is_literal(host) and not _NAME.fullmatch(host):
        raise SourceError(f"{url}: {host or 'nothing'!r} is no host name", kind="not-found")
    return host


def _check_port(url: str, port: int | None) -> None:
    if port is not None and port not in _ORDINARY_PORTS:
        raise SourceError(
            f"{url}: port {port} is not an ordinary web port; "
            "--allow-private permits other ports and private addresses",
            kind="unsafe-address",
        )


def _check_host(url: str, host: str) -> None:
    if is_literal(host):
        if is_public(host):
            return
        why = "is not on the public internet"
    elif _NUMBER.fullmatch(host.rpartition(".")[2]):
        why = "is a number in disguise and no name"
    elif "." not in host or any(f".{host}".endswith(f".{name}") for name in _LOCAL_NAMES):
        why = "is a name that only your own network knows"
    else:
        return
    raise SourceError(f"{url}: {host} {why}; --allow-private permits it", kind="unsafe-address")
