from __future__ import annotations

import io
import re
from itertools import pairwise

import pytest
from rich.cells import cell_len

from claimcheck.report import View, terminal

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def shown(*outcomes, **view):
    stream = io.StringIO()
    terminal.write(outcomes, stream, view=View(**{"width": 80, **view}))
    return stream.getvalue()


def flat(text):
    return " ".join(text.split())


def test_an_editor_reads_sentence_reason_rewording_and_standard(clinic, titles):
    text = shown(clinic, titles=titles)
    assert text.startswith("The Lantern Drip: what it does and what to expect\n")
    assert "Priya Halloran · The Lantern Rooms · 2026-03-02 · lantern.html" in text
    assert "serious  Minimised or denied harm  minimised-harm" in text
    words = flat(text)
    for finding in clinic.findings:
        assert flat(finding.message) in words
        assert finding.suggestion is None or "Try: " + flat(finding.suggestion) in words
        assert flat(finding.standard) in words


def test_findings_stand_in_text_order_under_their_heading_once(clinic):
    text = shown(clinic)
    assert text.count("§ Is it safe?") == 1
    places = [
        text.index(words)
        for words in (
            "Our game-changing",
            "§ How it works",
            "Studies show that",
            "§ An infusion recharges",
            "It lifts brain fog",
            "§ Is it safe?",
            "§ What guests say",
            "§ Prices",
        )
    ]
    assert places == sorted(places)
    # A flagged heading is its own context: it is not printed a second time.
    assert text.count("An infusion recharges a tired body") == 1


def test_one_sentence_with_two_findings_is_printed_once(clinic):
    text = shown(clinic)
    assert text.count("Studies show that raising glutathione") == 1
    assert text.count("Our game-changing") == 1


def test_carets_stand_under_the_cue_where_there_is_no_colour(clinic):
    lines = shown(clinic).splitlines()
    marked = []
    for above, line in pairwise(lines):
        if re.fullmatch(r"[ ^]+", line) and "^" in line:
            marked += [above[m.start() : m.end()] for m in re.finditer(r"\^+", line)]
    assert "virtually no side effects" in marked
    assert {"Studies show", "switches off"} <= set(marked)


def test_carets_count_wide_characters_as_the_terminal_does(article, report, flag):
    made = report(
        article([("paragraph", "漢方 medicine cures colds.")]),
        [flag("漢方 medicine cures colds.", "cures", "cure", 3, "why")],
    )
    lines = shown(made).splitlines()
    place = next(i for i, line in enumerate(lines) if "^" in line)
    before = lines[place - 1].split("cures")[0]
    assert lines[place].index("^") == cell_len(before)
    assert lines[place].count("^") == 5


def test_colour_underlines_the_cue_and_names_the_severity(clinic):
    text = shown(clinic, colour=True)
    assert re.search(r"\x1b\[1;4;31mvirtually no side effects\x1b\[0m", text)
    assert re.search(r"\x1b\[1;31mserious\x1b\[0m", text)
    assert "^" not in text


def test_no_color_dumb_terminals_and_files_get_no_escape(clinic, monkeypatch):
    class Tty(io.StringIO):
        def isatty(self):
            return True

    def to_tty():
        stream = Tty()
        terminal.write([clinic], stream, view=View())
        return stream.getvalue()

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in to_tty()
    assert "\x1b" not in shown(clinic)
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in to_tty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in to_tty()


@pytest.mark.parametrize(("asked", "width"), [(10, 60), (60, 60), (97, 97), (300, 120)])
def test_lines_keep_to_the_width(clinic, hostile, asked, width):
    text = shown(clinic, hostile, width=asked)
    longest = max(cell_len(line) for line in text.splitlines())
    assert longest <= width
    assert longest > width - 15


def test_the_summary_counts_and_says_what_is_hidden(clinic):
    text = flat(shown(clinic, hidden={"lantern.html": 4}))
    assert text.endswith(
        "290 words · 27 sentences · 15 claims · 13 flags (3 serious, 8 moderate, 2 minor) · "
        "4 more hidden by filters"
    )


def test_a_clean_article_says_so_and_what_it_means(walnut):
    text = flat(shown(walnut))
    assert "Well worded: no claim here says more than the article supports." in text
    assert "whether it is true is for you and your sources" in text
    assert "nothing flagged" in text
    hidden = flat(shown(walnut, hidden={walnut.source.uri: 2}))
    assert "Every flag here was removed by your filters." in hidden
    assert "Well worded" not in hidden


def test_an_article_without_claims_is_not_praised(article, report):
    text = flat(
        shown(report(article([("paragraph", "The clinic opens at nine.")]), quiet_claims=0))
    )
    assert "Nothing to flag: no claim about benefit or harm was found." in text


def test_a_failure_is_clear_and_several_inputs_get_a_total(clinic, walnut, failure):
    text = shown(clinic, failure, walnut)
    assert "could not read absent.html (not-found)\n  absent.html: no such file" in text
    assert "In all: 2 articles read and 1 could not be read · 13 flags" in text
    assert "In all" not in shown(clinic)


def test_quiet_is_one_line_each(clinic, walnut, failure):
    lines = shown(clinic, walnut, failure, quiet=True, width=120).splitlines()
    assert lines == [
        "The Lantern Drip: what it does and what to expect: "
        "13 flags (3 serious, 8 moderate, 2 minor)",
        "A handful of walnuts: what a year-long trial found: nothing flagged",
        "could not read absent.html (not-found)",
        "In all: 2 articles read and 1 could not be read · "
        "13 flags (3 serious, 8 moderate, 2 minor)",
    ]


def test_verbose_adds_score_hedge_stance_and_slots(clinic):
    text = flat(shown(clinic, verbose=True))
    assert "score 0.98 (very likely) · efficacy + · strength direct · hedge none" in text
    assert "stance asserted" in text
    assert "agent “Infusions” · population “healthy adults”" in text
    assert "hedge none" not in shown(clinic)


def test_an_article_cannot_paint_move_or_rename_anything(hostile):
    text = shown(hostile, colour=True)
    assert "\x1b" not in ANSI.sub("", text)
    plain = shown(hostile, verbose=True)
    for bad in ("\x1b", "\x07", "\u202e", "\u202c", "owned"):
        assert bad not in plain
    for kept in ("[bold]for ever[/bold]", ":smile:", "[link=file:///etc/passwd]x[/link]"):
        assert kept in flat(plain)


def test_a_megabyte_sentence_is_shown_around_its_cue(article, report, flag):
    words = "very " * 100_000 + "it cures colds " + "indeed " * 80_000 + "so."
    made = report(article([("paragraph", words)]), [flag(words, "cures", "cure", 3, "why")])
    text = shown(made)
    assert len(text) < 2_000
    assert "… very" in flat(text)
    assert "it cures colds" in flat(text)
    assert "^^^^^" in text


def test_a_stream_that_cannot_write_the_characters_gets_question_marks(clinic):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    terminal.write([clinic], stream, view=View())
    stream.flush()
    assert b"Priya Halloran ? The Lantern Rooms" in raw.getvalue()
