"""No URL, name, address or redirect leads inside. Nothing here touches a network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from claimcheck.errors import SourceError
from claimcheck.fetch import Fetcher, FetchOptions, fetch, host_of
from claimcheck.fetch.addresses import check_url, is_public

PUBLIC = "93.184.216.34"

# Each a way to write an address inside, or to be taken for another host than one is.
HOSTILE = {
    "loopback": "http://127.0.0.1/",
    "loopback-upper-scheme": "HTTP://127.0.0.1/",
    "loopback-other": "http://127.8.9.10/",
    "short": "http://127.1/",
    "three-parts": "http://127.0.1/",
    "decimal": "http://2130706433/",
    "decimal-public": "http://1572395042/",
    "hex": "http://0x7f000001/",
    "hex-upper": "http://0X7F000001/",
    "hex-parts": "http://0x7f.0.0.1/",
    "hex-short": "http://0x7f.1/",
    "hex-last": "http://127.0.0.0x1/",
    "hex-empty": "http://127.0.0.0x/",
    "octal": "http://0177.0.0.1/",
    "octal-whole": "http://017700000001/",
    "octal-padded": "http://127.0.0.001/",
    "zero": "http://0/",
    "zeros": "http://0.0.0.0/",
    "five-parts": "http://1.2.3.4.5/",
    "overflow": "http://127.0.0.257/",
    "dot-after": "http://127.0.0.1./",
    "two-dots-after": "http://127.0.0.1../",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata-decimal": "http://2852039166/",
    "metadata-azure": "http://168.63.129.16/",
    "metadata-alibaba": "http://100.100.100.200/",
    "metadata-oracle": "http://192.0.0.192/",
    "metadata-ipv6": "http://[fd00:ec2::254]/",
    "private-10": "http://10.0.0.1/",
    "private-172": "http://172.31.255.254/",
    "private-192": "http://192.168.0.1/",
    "shared": "http://100.64.0.1/",
    "benchmark": "http://198.18.0.1/",
    "documentation": "http://203.0.113.9/",
    "multicast": "http://224.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "reserved": "http://240.0.0.1/",
    "ipv6-loopback": "http://[::1]/",
    "ipv6-loopback-long": "http://[0:0:0:0:0:0:0:1]/",
    "ipv6-unspecified": "http://[::]/",
    "ipv6-link-local": "http://[fe80::1]/",
    "ipv6-unique-local": "http://[fc00::1]/",
    "ipv6-site-local": "http://[fec0::1]/",
    "ipv6-multicast": "http://[ff02::1]/",
    "zone": "http://[fe80::1%eth0]/",
    "zone-escaped": "http://[fe80::1%25eth0]/",
    "zone-on-public": "http://[2606:4700::1111%251]/",
    "mapped": "http://[::ffff:127.0.0.1]/",
    "mapped-hex": "http://[::ffff:7f00:1]/",
    "mapped-long": "http://[0:0:0:0:0:ffff:a00:1]/",
    "mapped-public": "http://[::ffff:93.184.216.34]/",
    "translated-siit": "http://[::ffff:0:7f00:1]/",
    "compatible": "http://[::127.0.0.1]/",
    "nat64": "http://[64:ff9b::7f00:1]/",
    "nat64-dotted": "http://[64:ff9b::169.254.169.254]/",
    "nat64-local": "http://[64:ff9b:1::a00:1]/",
    "nat64-own-96": "http://[2606:4700::a9fe:a9fe]/",
    "nat64-own-64": "http://[2606:4700:1:2:7f:0:100:0]/",
    "nat64-own-56": "http://[2606:4700:1:a:0:1::]/",
    "nat64-own-48": "http://[2606:4700:1:c0a8:0:100::]/",
    "nat64-own-40": "http://[2606:4700:a:0:1::]/",
    "nat64-own-32": "http://[2606:4700:a9fe:a9fe::]/",
    "6to4": "http://[2002:7f00:1::]/",
    "6to4-public": "http://[2002:5db8:d822::1]/",
    "teredo": "http://[2001:0:5db8:d822:0:0:80ff:fffe]/",
    "isatap": "http://[2606:4700::5efe:10.0.0.1]/",
    "isatap-universal": "http://[2606:4700::200:5efe:7f00:1]/",
    "name-local": "http://localhost/",
    "name-local-upper": "http://LocalHost/",
    "name-local-dot": "http://localhost./",
    "name-below-local": "http://a.localhost/",
    "name-mdns": "http://printer.local/",
    "name-metadata": "http://metadata.google.internal/computeMetadata/v1/",
    "name-home": "http://router.home.arpa/",
    "name-localdomain": "http://localhost.localdomain/",
    "name-bare": "http://intranet/",
    "name-ace-bare": "http://xn--/",
    "wide-digits": "http://\uff11\uff12\uff17.0.0.1/",
    "circled-digits": "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
    "ideographic-stop": "http://127\u30020\u30020\u30021/",
    "wide-stop": "http://127\uff0e0\uff0e0\uff0e1/",
    "halfwidth-stop": "http://127\uff610\uff610\uff611/",
    "wide-letters": "http://\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54/",
    "circled-letter": "http://\u24dbocalhost/",
    "soft-hyphen": "http://loca\u00adlhost/",
    "zero-width": "http://local\u200bhost/",
    "long-s": "http://localho\u017ft/",
    "wide-slash": "http://example.com\uff0f@127.0.0.1/",
    "user": "http://user@example.com/",
    "user-and-password": "http://user:secret@127.0.0.1/",
    "host-as-user": "http://example.com@127.0.0.1/",
    "host-as-user-escaped": "http://example.com%2f@127.0.0.1/",
    "empty-user": "http://@127.0.0.1/",
    "two-ats": "http://a@b@127.0.0.1/",
    "backslash": "http://example.com\\@127.0.0.1/",
    "backslash-first": "http://127.0.0.1\\@example.com/",
    "backslash-slash": "http:\\\\127.0.0.1/",
    "fragment-at": "http://127.0.0.1#@example.com/",
    "query-at": "http://127.0.0.1?@example.com/",
    "escaped-digit": "http://127.0.0.%31/",
    "escaped-host": "http://%31%32%37.0.0.1/",
    "escaped-letter": "http://exa%6dple.com/",
    "escaped-null": "http://example.com%00.example.org/",
    "escaped-space": "http://127.0.0.1%20/",
    "null": "http://example.com\x00.example.org/",
    "tab": "http://127.0.0.1\t/",
    "line-break": "http://example.com/\r\nHost: 127.0.0.1",
    "space-before": " http://127.0.0.1/",
    "port-ssh": "http://example.com:22/",
    "port-smtp": "http://example.com:25/",
    "port-redis": "http://example.com:6379/",
    "port-proxy": "https://example.com:8443/",
    "port-zero": "http://example.com:0/",
    "port-overflow": "http://example.com:65616/",
    "port-too-large": "http://example.com:99999/",
    "port-wide": "http://example.com:\uff16\uff13\uff17\uff19/",
    "port-twice": "http://example.com:80:22/",
    "port-negative": "http://example.com:-80/",
    "file": "file:///etc/passwd",
    "file-host": "file://localhost/etc/passwd",
    "gopher": "gopher://127.0.0.1:6379/_INFO",
    "ftp": "ftp://example.com/",
    "dict": "dict://127.0.0.1:11211/stats",
    "data": "data:text/html,hello",
    "no-scheme": "//127.0.0.1/",
    "no-slashes": "http:127.0.0.1",
    "no-host": "http:///127.0.0.1/",
    "nothing": "http://",
    "open-bracket": "http://[::1",
    "bracketed-ipv4": "http://[127.0.0.1]/",
    "bare-ipv6": "http://::1/",
    "ipv6-future": "http://[v1.127.0.0.1]/",
    "empty-label": "http://example..com/",
}

INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "168.63.129.16", "0.0.0.0", "::1", "fe80::1%2", "fd00:ec2::254", "::ffff:10.0.0.1",
    "64:ff9b::a00:1", "2002:a00:1::", "2001:0:1::1", "2606:4700::5efe:a00:1", "2606:4700::a00:1",
    "3fff::1", "5f00::1", "0x7f.1", "2130706433", "",
]  # fmt: skip


class Rebinding:
    """Safe at the first look-up of a name, inside at every later one."""

    def __init__(self, inside: str = "127.0.0.1") -> None:
        self.looked_up: list[str] = []
        self._inside = inside

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        return [PUBLIC if self.looked_up.count(host) == 1 else self._inside]


def polite(resolver: Any, **options: Any) -> Fetcher:
    return Fetcher(FetchOptions(delay=0.0, timeout=5, **options), resolver=resolver)


def test_the_table_is_long_enough() -> None:
    assert len(set(HOSTILE.values())) == len(HOSTILE) > 60


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_urls_are_refused_before_any_look_up(name: str, canned: Any, tools: Any) -> None:
    url, resolver = HOSTILE[name], Rebinding()
    with polite(resolver) as fetcher:
        for call in (
            lambda: fetch(url, resolver=resolver),
            lambda: fetcher.attempt(url),
            lambda: fetcher.attempt(url, accept="xml"),
            lambda: fetcher.fetch(url),
        ):
            assert tools.kind_of(call) in ("unsafe-address", "not-found")
    assert canned.connected == []
    assert resolver.looked_up == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_urls_are_refused_as_redirects(name: str, canned: Any, tools: Any) -> None:
    location = HOSTILE[name].encode("utf-8").replace(b"\r\n", b"%0d%0a").replace(b"\0", b"%00")
    canned.replies[PUBLIC] = [moved(location)]
    resolver = Rebinding()
    with polite(resolver) as fetcher:
        call = lambda: fetcher.attempt("http://start.example/")  # noqa: E731
        error = tools.error_of(call)
        assert tools.error_of(lambda: fetch("http://start.example/", resolver=Rebinding()))
    assert error.kind in ("unsafe-address", "not-found", "redirect", "blocked", "connection")
    # Some are relative to the first host, or stay there: never anywhere else.
    assert {address for address, _ in canned.connected} == {PUBLIC}
    assert set(resolver.looked_up) <= {"start.example", "example.com"}


def moved(location: bytes) -> bytes:
    return (
        b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n"
        b"Connection: close\r\n\r\n"
    )


@pytest.mark.parametrize("address", INSIDE)
def test_names_that_resolve_inside(address: str, canned: Any, tools: Any) -> None:
    for addresses in ([address], [PUBLIC, address], [address, PUBLIC]):
        with polite(lambda host, port, found=addresses: found) as fetcher:
            call = lambda: fetcher.attempt("http://name.example/")  # noqa: E731
            assert tools.kind_of(call) == "unsafe-address"
    assert canned.connected == []


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe"])
def test_a_name_that_rebinds_between_robots_and_page(address: str, canned: Any, tools: Any) -> None:
    canned.replies[PUBLIC] = [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    ]
    resolver = Rebinding(address)
    with polite(resolver) as fetcher:
        call = lambda: fetcher.attempt("http://rebinds.example/")  # noqa: E731
        assert tools.kind_of(call) == "unsafe-address"
    assert resolver.looked_up == ["rebinds.example"] * 2
    assert canned.connected == [(PUBLIC, 80)]


def test_a_kept_connection_goes_to_the_address_that_was_vetted(canned: Any) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"
    canned.replies[PUBLIC] = [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", page]
    resolver = Rebinding()
    with polite(resolver) as fetcher:
        assert fetcher.attempt("http://rebinds.example/").data == b"hello"
    assert resolver.looked_up == ["rebinds.example"]
    assert canned.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize("hop", range(1, 6))
@pytest.mark.parametrize("inside", ["name", "literal"])
@pytest.mark.parametrize("how", ["fetch", "fetcher"])
def test_every_hop_is_vetted(hop: int, inside: str, how: str, canned: Any, tools: Any) -> None:
    """Hop 1 is the first redirect; those before lead through public hosts."""
    last = "http://inside.example/" if inside == "name" else "http://[::ffff:10.0.0.8]/"
    table = {"inside.example": "10.0.0.8"}
    for number in range(hop):
        table[f"h{number}.example"] = address = f"93.184.216.{number + 1}"
        target = f"http://h{number + 1}.example/" if number + 1 < hop else last
        missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        canned.replies[address] = [missing] * (how == "fetcher") + [moved(target.encode())]
    resolver = lambda host, port: [table[host]]  # noqa: E731
    with polite(resolver) as fetcher:
        if how == "fetch":
            kind = tools.kind_of(lambda: fetch("http://h0.example/", resolver=resolver))
        else:
            kind = tools.kind_of(lambda: fetcher.attempt("http://h0.example/"))
    assert kind == "unsafe-address"
    assert [address for address, _ in canned.connected] == [
        f"93.184.216.{number + 1}" for number in range(hop)
    ]


def test_robots_that_redirect_inside_close_the_site(canned: Any, tools: Any) -> None:
    canned.replies[PUBLIC] = [moved(b"http://10.0.0.1/robots.txt")]
    with polite(lambda host, port: [PUBLIC]) as fetcher:
        call = lambda: fetcher.attempt("http://name.example/")  # noqa: E731
        assert tools.kind_of(call) == "unsafe-address"
    assert canned.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34", "8.8.8.8", "192.175.48.1", "2001:4860:4860::8888",
        "2a00:1450:4001:82b::200e", "2606:4700::6810:84e5", "2620:0:862:ed1a::1",
        "2a03:2880:f10a:83:face:b00c:0:25de",
    ],
)  # fmt: skip
def test_ordinary_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("http://example.com./a", "http://example.com/a"),
        ("http://B\u00fccher.example/", "http://xn--bcher-kva.example/"),
        ("https://example.com:443/", "https://example.com/"),
        ("http://example.com:443/", "http://example.com:443/"),
        ("http://-a_b.example.com/", "http://-a_b.example.com/"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        ("http://[2606:4700:0:0::6810:84e5]/", "http://[2606:4700:0:0::6810:84e5]/"),
    ],
)
def test_ordinary_urls_pass(url: str, normal: str) -> None:
    assert str(check_url(url, allow_private=False)) == normal


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Example.COM:443/a", "www.example.com"),
        ("http://example.com.:8080/", "example.com"),
        ("http://b\u00fccher.example/", "xn--bcher-kva.example"),
        ("http://[2606:4700::1]:80/", "2606:4700::1"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
    ],
)
def test_the_key_of_politeness(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize("url", ["", "no url", "http://", "http://[", "mailto:a@b.example"])
def test_what_has_no_host_has_no_key(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        host_of(url)
    assert caught.value.kind == "not-found"


def test_allow_private_lifts_names_numbers_and_ports(site: Any, tools: Any) -> None:
    site.on("localhost", "/", tools.answer())
    page = fetch(site.url("localhost"), allow_private=True, resolver=tools.loopback)
    assert page.data == tools.PAGE
    call = lambda: fetch("http://u:p@localhost/", allow_private=True)  # noqa: E731
    assert tools.kind_of(call) == "unsafe-address"
