"""The HTML report in a real browser."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest

from claimcheck.report import View
from claimcheck.report.html import page as render

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(browser, tmp_path, titles):
    """Opens a report and collects what the browser complains of."""
    contexts = []

    def open_page(*outcomes, width=1440, height=1000, fragment="", **options):
        path = tmp_path / "report.html"
        path.write_text(render(outcomes, view=View(titles=titles)), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.requests = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: page.requests.append(request.url))
        page.goto(path.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()


def in_hand(page):
    return page.evaluate("document.querySelector('.card.on')?.id ?? null")


def visible_cards(page):
    return page.evaluate(
        "[...document.querySelectorAll('.card')].filter(c => c.offsetHeight).length"
    )


def test_filters_hide_cards_and_marks_and_announce_the_number(visit, clinic):
    from playwright.sync_api import expect

    page = visit(clinic)
    expect(page.locator("#status")).to_have_text("13 findings")
    page.uncheck(".toolbar input[value='2']")
    expect(page.locator("#status")).to_have_text("5 of 13 findings shown")
    assert visible_cards(page) == 5
    # The mark of a sentence with a minor finding left now says minor.
    shared = page.locator("mark", has_text="Studies show")
    expect(shared).to_have_class("s1")
    expect(shared.locator("sup")).to_have_text("1")
    expect(page.locator("mark", has_text="game-changing")).to_have_class("s2 off")
    page.click(".issues summary")
    page.uncheck(".toolbar input[value='minimised-harm']")
    expect(page.locator("#status")).to_have_text("4 of 13 findings shown")
    page.keyboard.press("Escape")
    page.click("#reset")
    expect(page.locator("#status")).to_have_text("13 findings")
    assert visible_cards(page) == 13
    assert page.get_attribute("#status", "role") == "status"
    assert page.complaints == []


def test_j_and_k_move_through_what_is_shown(visit, clinic):
    page = visit(clinic)
    for expected in ("a1-f1", "a1-f2", "a1-f3"):
        page.keyboard.press("j")
        assert in_hand(page) == expected
        assert page.evaluate("document.activeElement.id") == expected
    page.keyboard.press("k")
    assert in_hand(page) == "a1-f2"
    page.uncheck(".toolbar input[value='2']")
    page.keyboard.press("j")
    first = in_hand(page)
    assert page.get_attribute(f"#{first}", "data-severity") != "2"
    for _ in range(20):
        page.keyboard.press("j")
    assert in_hand(page) == "a1-f13"
    page.click("#previous")
    assert in_hand(page) != "a1-f13"
    assert page.complaints == []


def test_the_card_in_hand_is_open_and_level_with_its_sentence(visit, clinic):
    page = visit(clinic)
    for _ in range(8):
        page.keyboard.press("j")
    card = page.locator(".card.on")
    assert card.locator(".more").is_visible()
    key = page.evaluate("document.querySelector('.card.on').closest('.note').dataset.for")
    mark = page.locator(f"mark[data-mark='{key}']").bounding_box()
    assert abs(card.bounding_box()["y"] - mark["y"]) < 12
    assert card.bounding_box()["x"] > mark["x"] + 300


def test_cards_do_not_cover_one_another(visit, clinic):
    page = visit(clinic)
    page.keyboard.press("j")
    page.click("#open-all")
    boxes = page.evaluate(
        "[...document.querySelectorAll('.note')].map(n => n.getBoundingClientRect())"
        ".map(r => [r.top, r.bottom])"
    )
    for (_, bottom), (top, _) in pairwise(boxes):
        assert top >= bottom - 1


def test_few_findings_are_all_open_beside_the_text(visit, article, report, flag):
    long = "The clinic is open on weekdays and closes for lunch. " * 40
    made = report(
        article([("paragraph", "It cures colds. " + long), ("paragraph", long)]),
        [flag("It cures colds.", "cures", "cure", 3, "why", "It may ease [symptom].")],
    )
    page = visit(made)
    assert page.locator(".card .more").is_visible()


def test_help_opens_and_letters_can_be_switched_off(visit, clinic):
    page = visit(clinic)
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("j")
    assert in_hand(page) is None
    page.uncheck("#single-keys")
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("j")
    assert in_hand(page) is None


def test_letters_do_nothing_while_typing(visit, clinic):
    page = visit(clinic)
    page.evaluate(
        "document.querySelector('main').append(document.createElement('textarea'));"
        "document.querySelector('textarea').focus()"
    )
    page.keyboard.type("jjk?")
    assert in_hand(page) is None
    assert page.input_value("textarea") == "jjk?"


def test_marks_and_more_buttons_open_cards(visit, clinic):
    page = visit(clinic)
    page.click("mark:has-text('virtually no side effects')", position={"x": 5, "y": 5})
    chosen = in_hand(page)
    assert "virtually" in page.inner_text(f"#{chosen}")
    other = page.locator(".card:not(.open) .toggle").first
    other.click()
    assert in_hand(page) != chosen
    assert page.locator(".card.on .toggle").get_attribute("aria-expanded") == "true"
    page.locator(".card.on .toggle").click()
    assert page.locator(".card .more:visible").count() == 0


def test_an_address_with_a_finding_opens_it(visit, clinic):
    page = visit(clinic, fragment="#a1-f9")
    assert in_hand(page) == "a1-f9"


def test_the_rewording_is_copied(visit, clinic):
    from playwright.sync_api import expect

    page = visit(clinic, permissions=["clipboard-read", "clipboard-write"])
    page.keyboard.press("j")
    page.locator(".card.on .copy").click()
    expect(page.locator(".card.on .copied")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("Delete 'game-changing'")


def test_the_theme_can_be_chosen(visit, clinic):
    page = visit(clinic, color_scheme="light")
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.click("#theme")
    assert page.evaluate(colour) == light
    page.click("#theme")
    dark = page.evaluate(colour)
    assert dark != light
    page.reload()
    assert page.evaluate(colour) == dark
    assert visit(clinic, color_scheme="dark").evaluate(colour) == dark


@pytest.mark.parametrize("width", [320, 390, 768, 1183, 1184, 1440, 2200])
def test_nothing_scrolls_sideways(visit, clinic, hostile, failure, width):
    for outcomes in ([clinic], [clinic, failure, hostile]):
        page = visit(*outcomes, width=width)
        for _ in range(3):
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.keyboard.press("j")
        page.click("#open-all")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_text_is_inert(visit, hostile):
    page = visit(hostile, hostile)
    page.keyboard.press("j")
    page.click("#open-all")
    page.wait_for_timeout(200)
    assert page.complaints == []
    assert len(page.requests) == 1
    assert page.locator("main script, main img").count() == 0


def test_a_megabyte_sentence_can_be_read(visit, article, report, flag):
    words = "very " * 100_000 + "it cures colds " + "x" * 500_000 + "."
    made = report(
        article([("paragraph", words)], url="https://a.example/"),
        [flag(words, "cures", "cure", 3, "why", "It may.")],
    )
    page = visit(made, width=390)
    page.keyboard.press("j")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.complaints == []


def test_without_script_everything_is_shown(visit, clinic):
    page = visit(clinic, java_script_enabled=False)
    assert page.locator(".card .more:visible").count() == 13
    assert page.locator(".toolbar:visible, .toggle:visible, .copy:visible").count() == 0


def test_on_paper_every_card_is_in_line(visit, clinic):
    page = visit(clinic)
    page.uncheck(".toolbar input[value='2']")
    page.emulate_media(media="print")
    assert page.locator(".card .more:visible").count() == 13
    assert page.locator(".toolbar:visible").count() == 0
    below = page.evaluate(
        "[...document.querySelectorAll('.notes')].every(n => n.getBoundingClientRect().top >="
        " (n.previousElementSibling || n.previousSibling.parentNode).getBoundingClientRect().top)"
    )
    assert below
    positions = page.evaluate(
        "[...document.querySelectorAll('.note')].map(n => getComputedStyle(n).position)"
    )
    assert set(positions) == {"static"}


def test_fifty_articles_stay_quick(visit, clinic):
    start = time.perf_counter()
    page = visit(*[clinic] * 50)
    page.keyboard.press("j")
    assert time.perf_counter() - start < 15
    start = time.perf_counter()
    for _ in range(10):
        page.keyboard.press("j")
    assert in_hand(page) == "a1-f11"
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing(visit, axe, clinic, failure, walnut, scheme, width):
    for outcomes in ([clinic], [clinic, failure, walnut], [walnut], [failure]):
        page = visit(*outcomes, width=width, color_scheme=scheme, bypass_csp=True)
        page.keyboard.press("j")
        if len(outcomes) == 1 and outcomes[0] is clinic:
            page.click("#open-all")
        found = axe.run(page).response["violations"]
        assert not found, [(item["id"], [n["html"] for n in item["nodes"]][:3]) for item in found]
    page = visit(clinic, width=width, color_scheme=scheme, bypass_csp=True)
    page.keyboard.press("?")
    found = axe.run(page).response["violations"]
    assert not [item["id"] for item in found]


def test_the_skip_link_leads_to_the_article(visit, clinic):
    page = visit(clinic)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert re.search(r"#main$", page.url)
