"""Photograph the HTML report of an example article, for the README.

    python scripts/screenshots.py

Writes ``docs/images/report-light.png`` and ``report-dark.png`` (1440 by 1000) and
``report-phone.png`` (390 by 844). Needs Playwright (extra ``[test]``) and Chromium
(``scripts/system-deps browser``); the pictures look best with a book face installed,
such as Debian's ``fonts-noto-core``.
"""

from __future__ import annotations

import argparse
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "01-clinic-infusion.html"
IMAGES = ROOT / "docs" / "images"
SHOWN = "misleading-comparison"
"""The issue whose first card is opened, so that a reader sees reason and rewording."""
LARGEST = 400_000
"""Bytes. A page of documents should load on a slow line."""


class Picture(NamedTuple):
    """One photograph: its file, the window in CSS pixels, and the reader's theme."""

    name: str
    width: int
    height: int
    theme: Literal["light", "dark"]


PICTURES = (
    Picture("report-light.png", 1440, 1000, "light"),
    Picture("report-dark.png", 1440, 1000, "dark"),
    Picture("report-phone.png", 390, 844, "light"),
)


class CannotPhotographError(Exception):
    """Something is missing; the message says what and how to get it."""


def make_report(article: Path, page: Path) -> None:
    """Check an article as a user would, and keep the HTML report."""
    command = (sys.executable, "-m", "claimcheck", "check", "--format", "html", "-o", str(page))
    # From the root of the checkout, so that the report names the file as the README does.
    done = subprocess.run(
        (*command, str(article.relative_to(ROOT))), cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode not in (0, 1):
        raise CannotPhotographError(f"claimcheck could not check {article}:\n{done.stderr.strip()}")


def photograph(page: Path, *, folder: Path) -> list[Path]:
    """Take every picture of a report; the paths, in order.

    :raises CannotPhotographError: there is no browser, or a picture came out too large.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise CannotPhotographError(
            "Playwright is not installed; pip install -e '.[test]' brings it"
        ) from error
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser_path is None:
        raise CannotPhotographError(
            "there is no chromium on the PATH; scripts/system-deps browser installs it on Debian"
        )
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for picture in PICTURES:
            context = browser.new_context(
                viewport={"width": picture.width, "height": picture.height},
                color_scheme=picture.theme,
                reduced_motion="reduce",
            )
            view = context.new_page()
            view.goto(page.as_uri())
            view.evaluate("document.fonts.ready")
            card = view.locator(f".card[data-issue='{SHOWN}']")
            (card if card.count() else view.locator(".card")).first.locator(".toggle").click()
            # The heading of a report is the same in all; what it says of the article is not.
            view.evaluate("scrollTo(0, document.querySelector('.toolbar').offsetTop)")
            path = folder / picture.name
            view.screenshot(path=path)
            context.close()
            taken.append(path)
        browser.close()
    for path in taken:
        if path.stat().st_size > LARGEST:
            raise CannotPhotographError(f"{path}: larger than {LARGEST} bytes")
    return taken


def size_of(path: Path) -> tuple[int, int]:
    """Width and height of a PNG file, from its header."""
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return width, height


def main() -> int:
    """Make the report, take the pictures, say where they are."""
    parser = argparse.ArgumentParser(description="Photograph the HTML report for the README.")
    parser.add_argument(
        "--article", type=Path, default=EXAMPLE, help="an HTML file in the checkout"
    )
    parser.add_argument("-o", "--output", type=Path, default=IMAGES, help="folder for the pictures")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "report.html"
            make_report(options.article.resolve(), page)
            for path in photograph(page, folder=options.output):
                width, height = size_of(path)
                print(f"{path}: {width}x{height}, {path.stat().st_size // 1000} kB")
    except CannotPhotographError as error:
        print(f"screenshots: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
