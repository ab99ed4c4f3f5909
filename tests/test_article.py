"""``article``: blocks, metadata, gates and offsets, on pages written for the tests."""

from __future__ import annotations

import contextlib
import html as markup
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimcheck.article import extract
from claimcheck.errors import SourceError
from claimcheck.records import Article
from claimcheck.sources import html_document, text_document

PARAGRAPHS = (
    "Peppermint oil may ease the cramps of irritable bowel syndrome, according to a trial of "
    "118 adults at two hospitals in Leeds. Fifty-two of sixty people given the capsules had less "
    "pain after four weeks, against thirty-one of fifty-eight given a dummy pill.",
    "The capsules can cause heartburn. People who take medicines for acid reflux should ask a "
    "pharmacist first, because the coating may dissolve too early in the gut.",
    "Nobody yet knows how long the effect lasts. The researchers plan a second study with a "
    "follow-up of one year, and the results are due in the spring.",
)
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def page(body: str = f"<h1>Mint for the gut</h1>{BODY}", head: str = "") -> Article:
    return extract(html_document(f"<html lang='en'><head>{head}</head><body>{body}</body></html>"))


def blocks(article: Article) -> list[tuple[str, str]]:
    return [(b.kind, article.text[b.start : b.end]) for b in article.blocks]


def failure(document: str, *, is_html: bool = True) -> SourceError:
    with pytest.raises(SourceError) as caught:
        extract(html_document(document) if is_html else text_document(document))
    return caught.value


# ---------------------------------------------------------------------- HTML: blocks


def test_title_comes_first_and_once_and_blocks_are_a_blank_line_apart() -> None:
    article = page(
        f"<h1>Mint for the gut</h1><h2>Mint for the gut</h2>{BODY}",
        "<title>Mint for the gut | Gut Feeling</title>",
    )
    assert blocks(article) == [
        ("title", "Mint for the gut"),
        *(("paragraph", paragraph) for paragraph in PARAGRAPHS),
    ]
    assert article.text == "\n\n".join(text for _, text in blocks(article))
    assert article.sentences == ()


def test_every_kind_of_block() -> None:
    article = page(
        f"<h1>Mint for the gut</h1>{BODY}<h2>What to ask</h2><ul><li>Is it <b>safe</b>?</li>"
        f"<li>What does it cost?</li></ul><blockquote><p>I felt better at once.</p></blockquote>"
        f"<table><tr><th>Group</th><th>Pain</th></tr><tr><td>Mint</td><td>52 of 60</td></tr>"
        f"</table><p>{PARAGRAPHS[0]} Again.</p>"
    )
    assert blocks(article)[4:-1] == [
        ("heading", "What to ask"),
        ("list-item", "Is it safe?"),
        ("list-item", "What does it cost?"),
        ("quote", "I felt better at once."),
        ("table", "Group | Pain\nMint | 52 of 60"),
    ]
    assert [b.level for b in article.blocks if b.kind == "heading"] == [2]


def test_text_is_kept_as_displayed() -> None:
    article = page(
        f"<h1>Mint</h1>{BODY}<p>It&rsquo;s  500&nbsp;mg\n of pepper&shy;mint<sup>2</sup> &amp; "
        "cafe\u0301, &lt;b&gt; for H<sub>2</sub>O, say <em>two</em><i>authors</i> in a letter.</p>"
    )
    assert blocks(article)[-1][1] == (
        "It’s 500 mg of peppermint2 & cafe\u0301, <b> for H2O, say twoauthors in a letter."
    )


def test_line_breaks_part_paragraphs_only_in_pairs() -> None:
    article = page(
        f"<h1>Mint</h1><div>{PARAGRAPHS[0]}<br><br>{PARAGRAPHS[1]}<br>{PARAGRAPHS[2]}</div>"
    )
    assert [text for kind, text in blocks(article) if kind == "paragraph"] == [
        PARAGRAPHS[0],
        f"{PARAGRAPHS[1]} {PARAGRAPHS[2]}",
    ]


def test_a_bold_line_is_a_heading() -> None:
    article = page(f"<h1>Mint</h1>{BODY}<p><b>Side effects</b><br>{PARAGRAPHS[0]} Really.</p>")
    assert blocks(article)[-2:] == [
        ("heading", "Side effects"),
        ("paragraph", f"{PARAGRAPHS[0]} Really."),
    ]


def test_links_lie_in_the_text_and_are_absolute() -> None:
    article = page(
        f"<h1>Mint</h1>{BODY}<p>Read the <a href='/trial?a=1'>full <b>report</b></a> or write to "
        "<a href='mailto:a@b.example'>us</a>, not <a href='javascript:x()'>here</a>, today.</p>",
        "<link rel=canonical href='https://gut.example/mint'>",
    )
    assert [(article.text[x.start : x.end], x.href) for x in article.links] == [
        ("full report", "https://gut.example/trial?a=1"),
        ("us", "mailto:a@b.example"),
    ]


FURNITURE = """
<div class="cookie-bar" role="dialog">We use cookies. They make our tea cure everything.</div>
<nav><ul><li><a href="/">Home</a></li><li>Navigation remedy heals all</li></ul></nav>
<div class="breadcrumb"><a href="/">Home</a> &gt; Crumb remedy</div>
<article><h1>Mint for the gut</h1><p class="byline">By Jo March</p>
<div class="share-bar"><p>Share remedy with friends today</p></div>
{body}
<aside><p>Aside remedy reverses ageing, says a new book from our shop.</p></aside>
<div class="newsletter-signup"><p>Newsletter remedy: join ten thousand readers.</p></div>
<div class="author-bio"><p>Jo March is the author of Bio remedy and lives in Leeds.</p></div>
<div class="ad-slot"><p>Advert remedy melts fat overnight.</p></div></article>
<div class="related"><h3>Related articles</h3><a href="/x">Related remedy cures colds</a></div>
<section id="comments"><h3>Leave a reply</h3><p>Comment remedy cured my dog of everything it had,
and I would tell anybody who asks me that it works.</p><form><p>Please enter your name</p></form>
</section><footer><p>Footer remedy, results guaranteed or your money back.</p></footer>
"""


def test_what_is_not_the_article_is_left_out() -> None:
    article = page(FURNITURE.format(body=BODY))
    assert "remedy" not in article.text
    assert article.byline == "Jo March"
    assert [kind for kind, _ in blocks(article)] == ["title"] + ["paragraph"] * 3


def test_comments_go_however_many_there_are() -> None:
    comments = "".join(
        f"<div class='comment'><p>Comment {n}: this cured my knee within a week or two, and my "
        f"neighbour, who is {n}, swears by it as well.</p></div>"
        for n in range(60)
    )
    article = page(f"<h1>Mint</h1>{BODY}<div id='comments'>{comments}</div>")
    assert "cured my knee" not in article.text
    article = page(f"<h1>Mint</h1>{BODY}<h2>12 comments</h2>{comments.replace('comment', 'c')}")
    assert "cured my knee" not in article.text


def test_an_article_in_a_comment_body_is_kept() -> None:
    article = page(f"<h1>Mint</h1><div class='commentBody'>{BODY}</div>")
    assert PARAGRAPHS[2] in article.text


def test_the_page_text_names_itself_a_source_list() -> None:
    article = page(
        f"<h1>Mint</h1>{BODY}<h2>References</h2><ol><li>Mint oil cures the gut. J Mint 2019.</li>"
        "<li>Oil of mint: a review. Gut Letters 2020.</li></ol>"
    )
    assert "J Mint" not in article.text
    assert blocks(article)[-1] == ("paragraph", PARAGRAPHS[2])


def test_a_blockquote_round_everything_is_no_quotation() -> None:
    article = page(f"<h1>Mint</h1><blockquote>{BODY}</blockquote>")
    assert {kind for kind, _ in blocks(article)} == {"title", "paragraph"}


# ---------------------------------------------------------------------- HTML: facts


@pytest.mark.parametrize(
    ("head", "h1", "title"),
    [
        ("<title>Mint for the gut | Gut Feeling</title>", "Mint for the gut", "Mint for the gut"),
        ("<title>Mint for the gut | Gut Feeling</title>", "", "Mint for the gut"),
        ("<title>Gut Feeling: Mint for the gut</title>", "Mint for the gut", "Mint for the gut"),
        (
            "<title>Mint for the gut - Gut Feeling</title>"
            "<meta property='og:site_name' content='Gut Feeling'>",
            "",
            "Mint for the gut",
        ),
        ("<title>Fish oil - what trials say</title>", "", "Fish oil - what trials say"),
        ("<meta property='og:title' content='Mint &amp; you'>", "", "Mint & you"),
        ("", "Mint for the gut", "Mint for the gut"),
        ("", "", None),
    ],
)
def test_titles(head: str, h1: str, title: str | None) -> None:
    heading = f"<h1>{h1}</h1>" if h1 else ""
    assert page(heading + BODY, head).title == title


def test_the_site_in_an_h1_is_not_the_title() -> None:
    article = page(
        f"<div><h1>Gut Feeling</h1></div><div><h2>Mint for the gut</h2>{BODY}</div>",
        "<title>Mint for the gut « Gut Feeling</title>",
    )
    assert article.title == "Mint for the gut"


JSON_LD = """<script type="application/ld+json">{"@graph": [{"@type": ["NewsArticle"],
"headline": "Mint for the gut", "datePublished": "2025-03-04T09:00:00Z", "author":
[{"name": "Jo March"}, {"name": "Amy March"}], "publisher": {"name": "Gut Feeling"}}]}</script>"""


def test_facts_from_json_ld() -> None:
    article = page(head=JSON_LD)
    assert (article.byline, article.published, article.site) == (
        "Jo March, Amy March",
        "2025-03-04",
        "Gut Feeling",
    )


def test_facts_from_meta_elements() -> None:
    article = page(
        head="<meta name=author content='By Jo March'><meta property='article:published_time' "
        "content='2025-03-04'><meta property='og:site_name' content='Gut Feeling'>"
        "<meta property='og:url' content='https://gut.example/mint'>"
    )
    assert article.byline == "Jo March"
    assert article.published == "2025-03-04"
    assert article.site == "Gut Feeling"
    assert article.url == "https://gut.example/mint"
    assert article.language == "en"


@pytest.mark.parametrize(
    "script",
    ["{broken", "[" * 5000, '"text"', '{"@type": 3}', '{"author": {"name": null}}', "\x00"],
)
def test_broken_json_ld_is_passed_over(script: str) -> None:
    assert page(head=f'<script type="application/ld+json">{script}</script>').byline is None


@pytest.mark.parametrize(
    ("shown", "published"),
    [
        ("<time datetime='2025-03-04T10:00'>4 March</time>", "2025-03-04"),
        ("<p class='published'>Published: 4th March 2025</p>", "2025-03-04"),
        ("<span class='post-date'>March 4, 2025 at 9:30 am</span>", "2025-03-04"),
        ("<time>yesterday</time>", None),
        ("<p>In March 2025 nothing happened.</p>", None),
    ],
)
def test_dates_in_the_page(shown: str, published: str | None) -> None:
    assert page(f"<h1>Mint</h1>{shown}{BODY}").published == published


# ---------------------------------------------------------------------- HTML: gates


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ("<html></html>", "no-article"),
        ("<html><body></body></html>", "no-article"),
        ("just a few words", "no-article"),
        ("<html><frameset><frame src='a.html'></frameset></html>", "no-article"),
        ("<title>404 Not Found</title><h1>Not Found</h1><p>The page you requested was not found on "
         "this server.</p>", "no-article"),
        ("<h1>Tea</h1><p>Tea may help some people to sleep, says a small study that was published "
         "last week in a journal.</p>", "thin"),
        ("<body>" + "".join(f"<li><a href='/{n}'>Mint story number {n} of many</a></li>"
                            for n in range(40)), "no-article"),
        ("<body>" + "".join(f"<h2><a href='/{n}'>Story {n} on mint</a></h2><p>Here is the start of "
                            f"the story, number {n}, which goes on elsewhere, and so on and on.</p>"
                            for n in range(9)), "no-article"),
        ("<h1>Your privacy</h1><p>We and our partners use cookies and process personal data. You "
         "can accept all cookies, reject all or manage your consent preferences under our privacy "
         "policy.</p>", "consent-wall"),
        (f"<title>Mint</title><h1>Mint</h1><p>{PARAGRAPHS[0]}</p><div class='wall'><p>To continue "
         "reading, subscribe today or log in.</p></div>", "paywall"),
        ('<script type="application/ld+json">{"@type":"Article","isAccessibleForFree":"False"}'
         f"</script><h1>Mint</h1><p>{PARAGRAPHS[0]}</p>", "paywall"),
    ],
)  # fmt: skip
def test_pages_that_are_no_article(document: str, kind: str) -> None:
    error = failure(document)
    assert error.kind == kind
    assert str(error).startswith("-: ")


def test_an_article_about_paywalls_and_cookies_is_an_article() -> None:
    text = " ".join(PARAGRAPHS * 2)
    article = page(
        f"<h1>Why we have no paywall</h1><p>Readers who subscribe to read the news see cookies and "
        f"consent forms. {text}</p><p>{text} To continue reading is free.</p>"
    )
    assert article.title == "Why we have no paywall"


GERMAN = (
    "Pfefferminzöl kann die Krämpfe bei einem Reizdarm lindern, wie eine Studie mit 118 Menschen "
    "zeigt. Nach vier Wochen hatten die meisten weniger Schmerzen als die Gruppe, die nur ein "
    "Scheinmedikament bekam. Wie lange die Wirkung anhält, ist noch nicht bekannt, und die "
    "Forscher planen eine weitere Studie, die ein Jahr dauern soll und die auch Kosten erfasst. "
)


def test_another_language_is_named() -> None:
    for document in (f"<html lang=en><body><h1>Minze</h1><p>{GERMAN}</p><p>{GERMAN * 2}</p>",):
        error = failure(document)
        assert error.kind == "unsupported-language"
        assert "German" in str(error)
    assert failure(GERMAN, is_html=False).kind == "unsupported-language"


def test_english_under_a_wrong_label_is_read() -> None:
    article = extract(html_document(f"<html lang=fr><body><h1>Mint</h1>{BODY}"))
    assert article.language == "en"


# ---------------------------------------------------------------------- plain text, Markdown


def test_plain_text_keeps_every_offset_of_the_file() -> None:
    text = (
        "\ufeffMint for the gut\r\n\r\nPeppermint oil may ease cramps, a trial\r\nof 118 adults "
        "suggests.\r\n\r\nSide Effects\r\n\r\n- It can cause heartburn.\r\n- It tastes of mint.\r\n"
        "\r\n> It worked for me.\r\n"
    )
    article = extract(text_document(text))
    assert article.text == text[1:]
    assert blocks(article) == [
        ("title", "Mint for the gut"),
        ("paragraph", "Peppermint oil may ease cramps, a trial\r\nof 118 adults suggests."),
        ("heading", "Side Effects"),
        ("list-item", "It can cause heartburn."),
        ("list-item", "It tastes of mint."),
        ("quote", "It worked for me."),
    ]


def test_one_sentence_is_read() -> None:
    article = extract(text_document("Ginger cures nausea"))
    assert blocks(article) == [("paragraph", "Ginger cures nausea")]
    assert article.title is None
    assert article.language is None


def markdown(text: str) -> Article:
    return extract(replace(text_document(text), media_type="text/markdown"))


def test_markdown_markup_lies_outside_the_blocks() -> None:
    article = markdown(
        '---\ntitle: "Mint"\nauthor: Jo March\ndate: 2025-03-04\n---\n\n<!-- draft -->\n\n'
        '## What it *does* ##\n\nMint oil [may help](https://gut.example/a "b").\n\nRisks\n-----\n'
        "1. Heartburn,\n   now and then.\n2) Rash.\n* [ ] Ask first.\n\n> > Nested words.\n\n"
        "| Group | Pain |\n|---|---|\n| Mint | 52 |\n\n```\ncode cures\n```\n\n***\n\n"
        "![alt](x.png)\n\n**Bottom line**\n\nShort text\n"
    )
    assert blocks(article) == [
        ("title", "Mint"),
        ("heading", "What it *does*"),
        ("paragraph", 'Mint oil [may help](https://gut.example/a "b").'),
        ("heading", "Risks"),
        ("list-item", "Heartburn,\n   now and then."),
        ("list-item", "Rash."),
        ("list-item", "Ask first."),
        ("quote", "Nested words."),
        ("table", "| Group | Pain |\n|---|---|\n| Mint | 52 |"),
        ("heading", "Bottom line"),
        ("paragraph", "Short text"),
    ]
    assert [b.level for b in article.blocks if b.kind == "heading"] == [2, 2, 3]
    assert (article.byline, article.published) == ("Jo March", "2025-03-04")
    assert [(article.text[x.start : x.end], x.href) for x in article.links] == [
        ("may help", "https://gut.example/a")
    ]


def test_a_first_heading_is_the_title_in_markdown() -> None:
    assert markdown("# Mint\n\nIt may help.").title == "Mint"
    assert markdown("## Mint\n\nIt may help.").title is None
    assert markdown("Mint may help.\n\nOr not.").title is None


PASTED = f"""Monday, June 24, 2024
HomeHealthMint for the tired gut

Mint for the tired gut

By Jo March

{PARAGRAPHS[0]}

{PARAGRAPHS[1]}

Please enter your comment!
Please enter your name here

- Advertisement -

Most Popular
One weird mint that melts fat
"""


def test_a_pasted_web_page_loses_its_site() -> None:
    article = extract(text_document(PASTED))
    assert article.text == PASTED
    assert article.byline == "Jo March"
    assert blocks(article) == [
        ("title", "Mint for the tired gut"),
        ("paragraph", PARAGRAPHS[0]),
        ("paragraph", PARAGRAPHS[1]),
    ]


def test_prose_under_a_heading_like_a_site_s_is_kept() -> None:
    text = f"Mint\n\n{' '.join(PARAGRAPHS)}\n\nComments\n\n{PARAGRAPHS[1]}"
    assert blocks(extract(text_document(text)))[-1] == ("paragraph", PARAGRAPHS[1])


@pytest.mark.parametrize("text", ["!!!", "\n\n—\n", "***\n\n---"])
def test_text_without_a_word(text: str) -> None:
    assert failure(text, is_html=False).kind == "no-article"


# ---------------------------------------------------------------------- properties


def check_invariants(article: Article) -> None:
    previous = -1
    for block in article.blocks:
        assert previous < block.start < block.end <= len(article.text)
        words = article.text[block.start : block.end]
        assert words == words.strip() != ""
        previous = block.end
    for link in article.links:
        assert article.text[link.start : link.end].strip()


@given(st.text())
def test_any_text_keeps_the_invariants(text: str) -> None:
    try:
        article = extract(text_document(text))
    except SourceError:
        return
    check_invariants(article)
    assert article == extract(text_document(text))


MARKS = st.sampled_from([
    "# ", "- ", "1. ", "> ", "| a | b |", "\n", "\n\n", "\r\n", "---\n", "```\n", "**", "<!--",
    "-->", "=====\n", "[x](http://a.b)", "word ", "Word. ", "\u2028", "\x0b", "\u00a0", "  ",
])  # fmt: skip


@given(st.lists(MARKS, max_size=40).map("".join), st.booleans())
def test_any_markup_keeps_the_invariants(text: str, is_markdown: bool) -> None:
    try:
        article = markdown(text) if is_markdown else extract(text_document(text))
    except SourceError:
        return
    check_invariants(article)
    for block in article.blocks:
        if block.kind in ("heading", "list-item", "quote"):
            assert not article.text[block.start : block.end].startswith(("# ", "> "))


CELLS = st.text(min_size=1, max_size=60)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(CELLS, min_size=1, max_size=6), st.sampled_from(["p", "div", "li", "h2", "td", "b"])
)
def test_arbitrary_text_in_html_comes_through_unharmed(texts: list[str], tag: str) -> None:
    inner = "".join(f"<{tag}>{markup.escape(text)}</{tag}>" for text in texts)
    document = html_document(f"<html><body><h1>Mint</h1>{BODY}{inner}{BODY.upper()}</body></html>")
    try:
        article = extract(document)
    except SourceError:
        return
    check_invariants(article)
    assert article == extract(document)
    assert article.text == "\n\n".join(text for _, text in blocks(article))
    displayed = "".join(texts)
    assert "<p>" not in article.text or "<" in displayed
    assert PARAGRAPHS[0] in article.text


TAGS = st.sampled_from([
    "<p>", "</p>", "<div>", "</div>", "<li>", "<table>", "<td>", "<br>", "<!--", "-->", "<b>",
    "<a href=x>", "</a>", "<h1>", "</h1>", "<script>", "</script>", "&amp;", "&#0;", "&bogus;",
    "<", ">", '"', "\0", PARAGRAPHS[0], PARAGRAPHS[1], "<?xml version='1.0' encoding='x'?>",
    "<pre>", "<title>", "<form>",
])  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(TAGS, max_size=30).map("".join))
def test_any_heap_of_tags_is_survived(text: str) -> None:
    try:
        article = extract(html_document(text))
    except SourceError:
        return
    check_invariants(article)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_survived(data: bytes) -> None:
    with contextlib.suppress(SourceError):
        check_invariants(extract(html_document(b"<p>" + data)))


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 200_000 + "x",
        f"<div>{'<div>' * 600}{BODY}",
        "<p><font><b>" * 3000 + PARAGRAPHS[0],
        "<ul><li>item " * 3000 + PARAGRAPHS[0],
        "<div>a</div>" * 40_000,
        "<p>" + "google+ " * 28 + "x" + BODY,
        "<p>" + "1" * 200 + BODY,
        "<p>" + "." * 300_000 + "x" + BODY,
    ],
    ids=range(8),
)
def test_hostile_pages_take_bounded_time(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(SourceError):
        check_invariants(extract(html_document(text)))
    assert time.process_time() - start < 5


def test_deep_nesting_loses_no_text() -> None:
    article = page(f"<h1>Mint</h1>{'<div>' * 600}{BODY}{'</div>' * 600}<p>{PARAGRAPHS[0]} End.</p>")
    assert PARAGRAPHS[2] in article.text
    assert article.text.endswith("End.")


@pytest.mark.parametrize(
    "text", ["# " + " " * 90_000 + "x", "```\n" * 30_000, "<!--\n" * 30_000, "> a\n" * 30_000]
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(SourceError):
        check_invariants(extract(text_document(text)))
    assert time.process_time() - start < 5


def test_the_same_article_as_html_and_as_text_has_the_same_blocks() -> None:
    from_html = page(
        f"<h1>Mint for the gut</h1><h2>What the Trial Found</h2><p>{PARAGRAPHS[0]}</p>"
        f"<h3>Side Effects Are Few</h3><p>{PARAGRAPHS[1]}</p><p>{PARAGRAPHS[2]}</p>"
    )
    from_text = extract(text_document(from_html.text + "\n"))
    assert blocks(from_text) == blocks(from_html)
    assert from_text.title == from_html.title
