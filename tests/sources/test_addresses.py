"""Addresses in the form by which duplicates are found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import SourceError
from claimcheck.sources import TRACKING_PARAMETERS, normalise_url


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTPS://Site.Example", "https://site.example/"),
        (" https://site.example/a \n", "https://site.example/a"),
        ("http://site.example:80/", "http://site.example/"),
        ("https://site.example:443", "https://site.example/"),
        ("https://site.example:8443/", "https://site.example:8443/"),
        ("http://site.example:443/", "http://site.example:443/"),
        ("https://site.example./a", "https://site.example/a"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
        ("https://si%74e.example/", "https://site.example/"),
        ("https://[2001:DB8:0:0::1]:443/a", "https://[2001:db8::1]/a"),
        ("https://site.example/a#part", "https://site.example/a"),
        ("https://site.example/a/./b/../c", "https://site.example/a/c"),
        ("https://site.example/../..", "https://site.example/"),
        ("https://site.example/a/..", "https://site.example/"),
        ("https://site.example/a/%2E%2e/b", "https://site.example/b"),
        ("https://site.example//a//b/", "https://site.example//a//b/"),
        ("https://site.example/%7euser/%c3%a9", "https://site.example/~user/%C3%A9"),
        ("https://site.example/é b", "https://site.example/%C3%A9%20b"),
        ("https://site.example/100%", "https://site.example/100%25"),
        ("https://site.example/%2%35", "https://site.example/%2525"),
        ("https://site.example/a%2Fb", "https://site.example/a%2Fb"),
        ("https://site.example/?", "https://site.example/"),
        ("https://site.example/?b=2&a=1", "https://site.example/?b=2&a=1"),
        ("https://site.example/?UTM_Source=x&id=3&fbclid=y", "https://site.example/?id=3"),
        ("https://site.example/?utm%5Fsource=x", "https://site.example/"),
        ("https://site.example/?q=a%2fb&&c", "https://site.example/?q=a%2Fb&c"),
        ("https://site.example/?url=https://a.b/?c", "https://site.example/?url=https://a.b/?c"),
        ("https://site.example/?gclidx=1", "https://site.example/?gclidx=1"),
    ],
)
def test_the_normal_form(url: str, normal: str) -> None:
    assert normalise_url(url) == normal
    assert normalise_url(normal) == normal


@pytest.mark.parametrize("name", sorted(TRACKING_PARAMETERS))
def test_tracking_parameters_are_dropped(name: str) -> None:
    assert normalise_url(f"https://a.example/b?{name}=1&x=2") == "https://a.example/b?x=2"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("http://site.example/", "https://site.example/"),
        ("https://www.site.example/", "https://site.example/"),
        ("https://site.example/a", "https://site.example/a/"),
        ("https://site.example/A", "https://site.example/a"),
        ("https://site.example/?a=1&b=2", "https://site.example/?b=2&a=1"),
    ],
)
def test_what_may_be_another_page_stays_apart(left: str, right: str) -> None:
    assert normalise_url(left) != normalise_url(right)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("ftp://site.example/", "unsafe-address"),
        ("javascript:alert(1)", "unsafe-address"),
        ("site.example/a", "unsafe-address"),
        ("https://user:secret@site.example/", "unsafe-address"),
        ("https://user@site.example/", "unsafe-address"),
        ("https://", "not-found"),
        ("https:///path", "not-found"),
        ("https://site.example:99999/", "not-found"),
        ("https://site.example:port/", "not-found"),
        ("https://[::1", "not-found"),
        ("https://[::zz]/", "not-found"),
        ("https://a b.example/", "not-found"),
        ("https://a..example/", "not-found"),
        ("https://a\\b.example/", "not-found"),
        ("https://-\u0301.example/", "not-found"),
        ("https://a%2fb.example/", "not-found"),
    ],
)
def test_what_is_no_address(url: str, kind: str) -> None:
    with pytest.raises(SourceError) as caught:
        normalise_url(url)
    assert caught.value.kind == kind


PIECE = st.text(
    alphabet=st.sampled_from("aZ09.%/?&=#:@+;~-_é漢 \\\"'<>[]{}|^`25eE\t") | st.characters(),
    max_size=30,
)


@given(PIECE, PIECE, st.sampled_from(["site.example", "BÜCHER.example", "a.b.", "[::1]"]))
def test_it_is_idempotent(path: str, query: str, host: str) -> None:
    url = f"HTTP://{host}/{path}?utm_x=1&{query}"
    try:
        normal = normalise_url(url)
    except SourceError:
        return  # a host that the path changed, as in "a.b./@"
    assert normalise_url(normal) == normal
    assert normal.isascii()
    assert " " not in normal
    assert "#" not in normal


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_source_error(text: str) -> None:
    try:
        normal = normalise_url("https://" + text)
    except SourceError:
        return
    assert normalise_url(normal) == normal
