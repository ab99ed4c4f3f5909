"""The page of worst errors: right order, whole context, nothing that runs or loads."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from claimcheck.training.errors_page import errors_page, worst_errors
from claimcheck.training.evaluate import Trial
from claimcheck.training.pages import marked

MakeTrial = Callable[..., Trial]


def test_worst_errors_come_first(trial: Trial) -> None:
    assert worst_errors(trial) == {"false alarm": (3,), "miss": (5, 11), "wrong reason": (4,)}
    assert worst_errors(trial, most=1)["miss"] == (5,)


def test_an_error_stands_in_its_context(trial: Trial) -> None:
    page = errors_page(trial)
    assert '<p class="near">The gym opens at six.</p>' in page
    assert "Rope pulling <mark>rebuilds</mark> bone." in page
    assert "<u>Always</u> stretch." in page
    assert "<mark><u>Doctors</u></mark><mark> hate</mark>" in page
    assert "FLAG, efficacy, strength direct, severity 1: hype, popularity" in page
    assert "flagged: vague-evidence; score 0.700, threshold 0.500" in page


def test_neighbours_are_of_the_same_passage(trial: Trial) -> None:
    page = errors_page(trial)
    assert "Zinc possibly" not in page, "the page before the heading of another document"


def test_hostile_text_is_inert(make_trial: MakeTrial, sentences: list[dict[str, Any]]) -> None:
    sentences[3] |= {"text": 'Always <script>alert("x")</script>\u202e &amp;', "cue": "Always <"}
    page = errors_page(make_trial(sentences, name="<img src=x>"))
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "&amp;amp;" in page


def test_the_page_allows_only_its_own_style(trial: Trial) -> None:
    page = errors_page(trial)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "prefers-color-scheme: dark" in page


def test_no_errors_is_said(make_trial: MakeTrial) -> None:
    right = make_trial([{"doc": "a", "text": "Good morning.", "label": "NONE", "score": 0.0}])
    assert errors_page(right).count("<p>None.</p>") == 3


def test_marks_nest_where_spans_overlap() -> None:
    assert marked("abcdef", cue=[(1, 4)], evidence=[(2, 6)]) == (
        "a<mark>b</mark><mark><u>cd</u></mark><u>ef</u>"
    )
    assert marked("ab", cue=[(-3, 1)], evidence=[(1, 9)]) == "<mark>a</mark><u>b</u>"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(trial: Trial, tmp_path: Path, scheme: Literal["light", "dark"]) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from axe_playwright_python.sync_playwright import Axe
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        missing = "the browser tests need Chromium and Playwright; see scripts/system-deps"
        if "browser" in os.environ.get("CLAIMCHECK_REQUIRE", "").split(","):
            pytest.fail(missing)
        pytest.skip(missing)
    path = tmp_path / "errors.html"
    path.write_text(errors_page(trial), encoding="utf-8")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        # The page's own policy would keep the checker's script out.
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        view = context.new_page()
        view.goto(path.as_uri())
        found = Axe().run(view)
        assert found.violations_count == 0, found.generate_report()
        context.close()
        browser.close()
