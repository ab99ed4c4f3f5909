"""The HTML report, read as markup. What a browser makes of it is in test_html_browser.py."""

from __future__ import annotations

import base64
import hashlib
import re
import time

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck.records import Article, Block, Finding, Report, Source, Tool
from claimcheck.report import View
from claimcheck.report.html import page
from claimcheck.report.inert import REPLACEMENT, page_text


def parsed(*outcomes, **view):
    return lxml.html.document_fromstring(page(outcomes, view=View(**view)))


def texts(nodes):
    return [" ".join(node.text_content().split()) for node in nodes]


def test_the_article_is_a_page_of_real_elements(clinic):
    tree = parsed(clinic)
    assert tree.get("lang") == "en-GB"
    assert texts(tree.xpath("//h1")) == ["The Lantern Drip: what it does and what to expect"]
    heads = [node.tag for node in tree.xpath("//*[@class='body']//*[self::h2 or self::h3]")]
    assert heads == ["h2", "h2", "h2", "h3", "h2"]
    assert len(tree.xpath("//*[@class='body']/ul/li")) == 3
    assert len(tree.xpath("//blockquote")) == 1
    assert texts(tree.xpath("//th")) == ["Course", "Price", "What you can expect"]
    assert [len(row) for row in tree.xpath("//tr")] == [3, 3, 3]


def test_heading_levels_never_skip(article, report):
    kinds = [("title", "T"), ("heading:2", "a"), ("heading:5", "b"), ("heading:2", "c")]
    kinds += [("heading:4", "d"), ("heading:1", "e")]
    made = report(article(kinds))
    one = [node.tag for node in parsed(made).xpath("//article//*[starts-with(name(), 'h')]")]
    assert [tag for tag in one if tag[1:].isdigit()] == ["h1", "h2", "h3", "h2", "h3", "h2"]
    two = parsed(made, made).xpath("//article[1]//*[starts-with(name(), 'h')]")
    assert [node.tag for node in two if node.tag[1:].isdigit()] == [
        "h2",
        "h3",
        "h4",
        "h3",
        "h4",
        "h3",
    ]


def test_each_finding_has_a_mark_a_cue_and_a_card(clinic, titles):
    tree = parsed(clinic, titles=titles)
    cards = tree.xpath("//*[@role='note']")
    assert len(cards) == len(clinic.findings)
    marks = tree.xpath("//article//mark")
    assert len(marks) == 12  # two findings share the sentence that begins "Studies show"
    shared = next(mark for mark in marks if "Studies show" in mark.text_content())
    assert texts(shared.xpath(".//b[@class='cue']")) == ["Studies show", "switches off"]
    stack = tree.xpath(f"//*[@data-for='{shared.get('data-mark')}']/*[@role='note']")
    assert [card.get("data-severity") for card in stack] == ["2", "1"]
    card = next(card for card in cards if "virtually" in card.text_content())
    words = " ".join(card.text_content().split())
    assert "3 serious Minimised or denied harm'virtually no side effects' denies harm" in words
    assert "An editor would want to see this: very likely" in words
    assert texts(card.xpath(".//*[@class='blank']"))[:2] == ["[list]", "[study]"]
    assert card.xpath(".//a[@class='live']/@href") == [
        "https://lantern.example/drip#:~:text=Infusions%20have%20virtually%20no%20side"
        "%20effects%20in%20healthy%20adults."
    ]


def test_cards_follow_the_block_of_their_sentence(clinic):
    tree = parsed(clinic)
    for mark in tree.xpath("//article//mark"):
        note = tree.xpath(f"//*[@data-for='{mark.get('data-mark')}']")[0]
        block = mark.xpath("ancestor::*[parent::*[@class='body'] or self::li][1]")[0]
        holder = note.getparent()
        assert holder.getprevious() is block or holder.getparent() is block


def test_severity_does_not_rest_on_colour(clinic):
    tree = parsed(clinic)
    for mark in tree.xpath("//article//mark"):
        digit = mark.xpath(".//a[@class='ref']/sup")[0].text
        assert f"s{digit}" == mark.get("class")
        assert re.match(
            r"\d findings?: (serious|moderate|minor), ", mark.xpath(".//a")[-1].get("aria-label")
        )


def test_the_top_says_what_this_is_and_what_made_it(walnut, clinic):
    words = " ".join(parsed(walnut).xpath("//*[@class='about']")[0].text_content().split())
    assert "judges wording against the support the article itself gives" in words
    assert "never medical truth" in words
    assert "model default 4f2a4f2a4f2a · profile balanced, threshold 0.50" in words
    assert "lexicon house-hype.jsonl, 14 entries" in words
    assert "allow-list settled.toml, 6 entries" in words
    tally = texts(parsed(clinic, hidden={"lantern.html": 4}).xpath("//*[@class='tally']"))
    assert tally == [
        "3 serious 8 moderate 2 minor 13 flags on 12 claims; 290 words, 27 sentences, 15 claims. "
        "4 more hidden by filters."
    ]


def test_a_clean_article_says_so_and_has_no_toolbar(walnut):
    tree = parsed(walnut)
    assert "Well worded" in tree.xpath("//*[@class='clean']")[0].text_content()
    assert not tree.xpath("//*[contains(@class, 'toolbar')]")
    assert not tree.xpath("//mark")


def test_several_outcomes_have_an_index(clinic, failure, walnut):
    tree = parsed(clinic, failure, walnut)
    links = tree.xpath("//nav//a/@href")
    assert links == ["#a1", "#unread", "#a2"]
    for link in links:
        assert tree.xpath(f"//*[@id='{link[1:]}']")
    assert texts(tree.xpath("//h1")) == ["2 articles and 1 that could not be read"]
    assert "absent.html: no such file" in tree.xpath("//*[@id='unread']")[0].text_content()
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_one_failure_and_none_at_all_are_pages_too(failure):
    assert texts(parsed(failure).xpath("//h1")) == ["Could not be read"]
    assert texts(parsed().xpath("//h1")) == ["0 articles"]


def test_the_policy_allows_the_two_assets_and_nothing_else(clinic):
    text = page([clinic], view=View())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    for name, tag in (("style-src", "style"), ("script-src", "script")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert directives[name] == f"'sha256-{digest}'"
    tree = lxml.html.document_fromstring(text)
    assert not tree.xpath("//@style | //@src | //link | //iframe | //form | //object | //base")
    assert not [name for name in tree.xpath("//@*") if getattr(name, "attrname", "")[:2] == "on"]


def test_hostile_text_is_text(hostile):
    text = page([hostile], view=View())
    tree = lxml.html.document_fromstring(text)
    assert len(tree.xpath("//script")) == 1
    assert not tree.xpath("//img")
    assert not set(text) & set("\x00\x07\x1b\u202e\u202c")
    for url in tree.xpath("//@href"):
        assert re.match(r"#|https?://", url)
    assert set(tree.xpath("//@lang")) == {"en-GB", "en"}


def test_only_web_addresses_become_links(clinic):
    tree = parsed(clinic)
    body = tree.xpath("//*[@class='body']//p//a[not(@class)]")
    assert [(a.text_content(), a.get("href")) for a in body] == [
        ("the leaflet", "https://lantern.example/leaflet.pdf?a=1&b=2")
    ]


def test_an_article_without_blocks_is_still_read(flag, report, article):
    made = article([("paragraph", "One thing."), ("paragraph", "It cures colds.")])
    full = report(made, [flag("It cures colds.", "cures", "cure", 3, "why")])
    bare = full.model_copy(
        update={"article": Article(text=made.text, title="Two things", language="en")}
    )
    tree = parsed(bare)
    assert texts(tree.xpath("//*[@class='body']/p")) == ["One thing.", "It cures colds.3"]
    assert texts(tree.xpath("//h1")) == ["Two things"]


def test_a_finding_outside_every_block_keeps_its_card(flag, report, article):
    made = article([("paragraph", "One thing."), ("paragraph", "It cures colds.")])
    full = report(made, [flag("It cures colds.", "cures", "cure", 3, "why")])
    bare = full.model_copy(
        update={"article": made.model_copy(update={"blocks": made.blocks[:1], "sentences": ()})}
    )
    assert len(parsed(bare).xpath("//*[@role='note']")) == 1


def overlapping(text, spans):
    """A report with a finding for each span, whatever they are."""
    claims, findings = [], []
    for number, (start, end) in enumerate(spans, 1):
        shared = {"start": start, "end": end, "quote": text[start:end], "score": 0.5}
        claims.append(
            {
                "id": f"c{number}",
                "sentence": (0, len(text)),
                "kind": "efficacy",
                "polarity": "+",
                "strength": "direct",
                "hedge": "none",
                "stance": "asserted",
                "label": "flag",
                **shared,
            }
        )
        findings.append(
            Finding(
                id=f"f{number}",
                claim=f"c{number}",
                issue="cure",
                severity=1 + number % 3,
                evidence=((start, end),),
                message="why",
                standard="s",
                fingerprint="0",
                **shared,
            )
        )
    return Report(
        tool=Tool(version="0", model="m", model_sha256="0"),
        source=Source(kind="text", uri="-"),
        article=Article(text=text, blocks=(Block(kind="paragraph", start=0, end=len(text)),)),
        claims=claims,
        findings=findings,
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_character_of_the_article_is_lost_or_doubled(data):
    text = data.draw(st.text(min_size=1, max_size=60).filter(str.strip))
    spot = st.integers(0, len(text))
    spans = [
        (min(a, b), max(a, b))
        for a, b in data.draw(st.lists(st.tuples(spot, spot), max_size=5))
        if a != b
    ]
    html = page([overlapping(text, spans)], view=View())
    body = html[html.index('<div class="body"') : html.index("</article>")]
    paragraph = body[body.index("<p>") + 3 : body.index("</p>")]
    stripped = re.sub(r'<a class="ref".*?</a>', "", paragraph, flags=re.DOTALL)
    assert re.sub(r"</?(mark|b)\b[^>]*>", "", stripped) == page_text(text)
    assert html.count('role="note"') == len(spans)


def test_fifty_articles_are_written_fast(clinic):
    start = time.perf_counter()
    text = page([clinic] * 50, view=View())
    assert time.perf_counter() - start < 5
    assert text.count('class="sheet"') == 50


def test_a_damaged_character_is_shown_as_such(article, report):
    made = report(article([("paragraph", "A \x00 and \u202e here.")]))
    (words,) = texts(parsed(made).xpath("//*[@class='body']/p"))
    assert words == f"A {REPLACEMENT} and {REPLACEMENT} here."


@pytest.mark.parametrize("asset", ["report.css", "report.js"])
def test_the_assets_cannot_end_their_element(asset):
    from importlib import resources

    content = (resources.files("claimcheck.report") / "assets" / asset).read_text("utf-8")
    assert "</" not in content
    assert "\r" not in content
    assert "http" not in content
    assert "innerHTML" not in content
