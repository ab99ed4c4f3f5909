from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.records import Source
from claimcheck.report.inert import cell, page_text, terminal_text
from claimcheck.report.links import live_url, safe_url, text_fragment_url


@given(st.text())
def test_terminal_text_has_no_control_character(text):
    shown = terminal_text(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs")]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028")


@given(st.text(st.sampled_from("\x1b[]\x07\x9b\x9d\\;0m1Ax \u202e")))
def test_no_mixture_of_escape_pieces_survives(text):
    assert not set(terminal_text(text)) & set("\x1b\x07\x9b\x9d\u202e")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jgone", "gone"),
        ("a\tb\r\nc\u2028d", "a b  c d"),
        ("family \U0001f469\u200d\U0001f52c", "family \U0001f469\u200d\U0001f52c"),
        ("naïve – “so”", "naïve – “so”"),
    ],
)
def test_escape_sequences_go_whole(text, shown):
    assert terminal_text(text) == shown


def test_unfinished_sequences_are_read_in_linear_time():
    start = time.perf_counter()
    terminal_text("\x1b]" * 300_000 + "\x90" * 300_000)
    assert time.perf_counter() - start < 2


@given(st.text())
def test_page_text_cannot_leave_its_place(text):
    shown = page_text(text)
    assert not set(shown) & set("<>\"'\x00\x1b\u202e\u2066")
    shown.encode("utf-8")


@given(st.text())
def test_a_cell_never_begins_a_formula(text):
    assert cell(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example/x",
        "/relative",
        "http:///nohost",
        "https://bank.example@evil.example/",
        "https://evil.example/\u202egnp.exe",
        "https://evil.example\\@bank.example/",
        "http://[::1",
    ],
)
def test_addresses_that_are_not_linked(url):
    assert safe_url(url) is None


def test_addresses_that_are_linked():
    assert safe_url("https://a.example/x?y=1&z=2#s") == "https://a.example/x?y=1&z=2#s"
    assert safe_url('https://a.example/"x"') == "https://a.example/%22x%22"
    assert safe_url("http://a.example/café") == "http://a.example/caf%C3%A9"
    assert safe_url("https://a.example/%20") == "https://a.example/%20"


@pytest.mark.parametrize(
    ("sentence", "directive"),
    [
        ("It works.", "It%20works."),
        (
            "Well-known, safe & “natural”",
            "Well%2Dknown%2C%20safe%20%26%20%E2%80%9Cnatural%E2%80%9D",
        ),
        ("two\n  lines", "two%20lines"),
        (
            " ".join(f"word{n}" for n in range(40)),
            "word0%20word1%20word2%20word3%20word4%20word5,"
            "word34%20word35%20word36%20word37%20word38%20word39",
        ),
    ],
)
def test_text_fragments(sentence, directive):
    assert text_fragment_url("https://a.example/x", sentence) == (
        f"https://a.example/x#:~:text={directive}"
    )


def test_text_fragments_keep_a_fragment_and_replace_a_directive():
    assert text_fragment_url("https://a.example/#top", "Hi.") == "https://a.example/#top:~:text=Hi."
    assert text_fragment_url("https://a.example/#:~:text=old", "Hi.") == (
        "https://a.example/#:~:text=Hi."
    )


def test_a_sentence_without_ends_has_no_fragment():
    assert text_fragment_url("https://a.example/", "x" * 1_000_000) is None
    assert text_fragment_url("https://a.example/", "  ") is None


def test_the_fetched_address_comes_before_the_canonical_one(clinic, walnut, hostile):
    assert live_url(walnut) == "https://gazette.example/walnuts?ref=1"
    assert live_url(clinic) == "https://lantern.example/drip"
    assert live_url(hostile) is None
    typed = clinic.model_copy(update={"source": Source(kind="text", uri="https://x.example/")})
    assert live_url(typed) == "https://lantern.example/drip"
