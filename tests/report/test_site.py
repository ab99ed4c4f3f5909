"""The site of a run: its files, what they say, and how the folder takes its place."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
import tracemalloc

import lxml.html
import pytest

from claimcheck.errors import UsageError
from claimcheck.records import Report
from claimcheck.report import View, overview, site
from claimcheck.report.inert import REPLACEMENT
from claimcheck.report.narrow import at_least
from claimcheck.report.site import INPUT_COLUMNS, About, IndexRow, check_folder, write


@pytest.fixture
def entries(clinic, walnut, failure):
    """Two articles, a failure and two duplicates."""
    return [
        (
            IndexRow(seq=0, uri="absent.html", state="failed", reason="not-found", message="no"),
            failure,
        ),
        (IndexRow(seq=1, uri="https://gazette.example/walnuts?ref=1", state="done"), walnut),
        (IndexRow(seq=2, uri="folder/lantern.html", state="done"), clinic),
        (IndexRow(seq=3, uri="copy.html", state="skipped", reason="duplicate-content", of=2), None),
        (
            IndexRow(seq=4, uri="again.html", state="skipped", reason="duplicate-address", of=3),
            None,
        ),
        (IndexRow(seq=5, uri="gone.html", state="skipped", reason="duplicate-address", of=0), None),
    ]


def written(folder, entries, titles=(), **about):
    view = View(titles=dict(titles))
    return write(folder, entries, about=About(**{"name": "a run", **about}), view=view)


def index(folder):
    return (folder / "index.html").read_text(encoding="utf-8")


def tree(folder):
    return lxml.html.document_fromstring(index(folder))


def data(page):
    rows = []
    for block in page.xpath("//script[@class='rows']"):
        rows += json.loads(block.text)
    return rows, json.loads(page.xpath("//script[@id='names']")[0].text)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def words(node):
    return " ".join(node.text_content().split())


def test_the_folder_holds_what_it_should(tmp_path, entries, clinic, walnut, failure, titles):
    folder = tmp_path / "report"
    totals = written(folder, entries, titles, generation="20261124T211500Z")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    assert names == [
        "articles",
        "articles/1.html",
        "articles/2.html",
        "findings.csv",
        "index.html",
        "inputs.csv",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert totals.inputs == 6
    assert totals.states == {"done": 2, "failed": 1, "skipped": 3}
    assert sum(totals.severities.values()) == len(clinic.findings)
    assert "2026-11-24 21:15 UTC" in index(folder)
    article = lxml.html.parse(folder / "articles" / "2.html").getroot()
    assert article.xpath("//p[@class='home']/a/@href") == ["../index.html"]
    findings = rows_of(folder / "findings.csv")
    assert [row["row"] for row in findings] == ["failure"] + ["finding"] * len(clinic.findings)


def test_the_table_is_the_worst_first_and_links_to_pages(tmp_path, entries, titles):
    folder = tmp_path / "report"
    written(folder, entries, titles)
    page = tree(folder)
    rows = page.xpath("//table[@id='table']/tbody/tr")
    assert [row[0].text for row in rows] == ["2", "1", "0", "3", "4", "5"]
    links = [row.xpath(".//span[@class='name']/a/@href") for row in rows]
    # Duplicates lead to the page of their original, where that was read.
    lantern = ["articles/2.html"]
    assert links == [lantern, ["articles/1.html"], [], lantern, lantern, []]
    assert rows[1].xpath(".//span[@class='where']/a/@href") == [
        "https://gazette.example/walnuts?ref=1"
    ]
    assert words(rows[2][3]) == "unread: not-found"
    assert words(rows[2].xpath(".//span[@class='message']")[0]) == "no"
    assert [cell.text for cell in rows[2][4:]] == [None] * 6
    heads = page.xpath("//table[@id='table']/thead//th")
    assert [head.get("data-sort") for head in heads] == [name for name, _, _ in overview.COLUMNS]
    assert [head.get("data-sort") for head in heads if head.get("aria-sort")] == ["serious"]
    assert page.xpath("//table[@id='table']/@aria-rowcount") == ["7"]


def test_the_summary_counts_everything(tmp_path, entries, titles, clinic):
    folder = tmp_path / "report"
    written(folder, entries, titles, pending=4)
    page = tree(folder)
    tiles = [
        words(tile) for tile in page.xpath("//div[contains(@class, 'tile ') or @class='tile']")
    ]
    assert tiles[0] == "Inputs10"
    assert tiles[1].startswith("Articles read2")
    assert tiles[2] == "Could not be read1not-found 1"
    assert tiles[3] == "Skipped3duplicate-address 2duplicate-content 1"
    assert tiles[4].startswith("Still to do4")
    assert tiles[5].startswith(f"Flags{len(clinic.findings)}")
    assert titles["hype"] in words(page.xpath("//section[@aria-labelledby='issues-title']")[0])
    most = page.xpath("//section[@aria-labelledby='most-title']//li")
    assert [words(item) for item in most] == [
        f"The Lantern Drip: what it does and what to expect {len(clinic.findings)}"
    ]
    assert page.xpath("//select[@id='reason']//option/@value") == [
        "",
        "not-found",
        "duplicate-address",
        "duplicate-content",
    ]


def test_the_policy_allows_one_style_and_one_script(tmp_path, entries):
    folder = tmp_path / "report"
    written(folder, entries)
    page = tree(folder)
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    run = [node.text for node in page.xpath("//style | //script[not(@type)]")]
    assert len(run) == 2
    assert allowed == {
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run
    }
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert {node.get("type") for node in page.xpath("//script[@type]")} == {"application/json"}
    assert not page.xpath("//@src | //@style | //link")


def test_the_data_says_what_the_rows_say(tmp_path, entries, clinic):
    folder = tmp_path / "report"
    written(folder, entries)
    rows, names = data(tree(folder))
    assert [row[0] for row in rows] == list(range(6))
    assert names["reasons"] == ["not-found", "duplicate-content", "duplicate-address"]
    assert names["sites"] == [".", "gazette.example", "folder"]
    assert rows[1][5] == 1  # the address is itself the link
    assert rows[2][5] is None
    assert sum(rows[2][10:13]) == len(clinic.findings)
    assert {names["issues"][number] for number in rows[2][14]} == {
        finding.issue for finding in clinic.findings
    }


def test_the_inputs_are_a_spreadsheet_that_runs_nothing(tmp_path, entries, hostile):
    odd = IndexRow(seq=6, uri="=HYPERLINK(1)", state="failed", reason="internal", message="@x\x00")
    more = [*entries, (odd, None), (IndexRow(seq=7, uri="+1", state="done"), hostile)]
    folder = tmp_path / "report"
    written(folder, more)
    rows = rows_of(folder / "inputs.csv")
    assert list(rows[0]) == list(INPUT_COLUMNS)
    assert len(rows) == len(more)
    assert rows[3]["same_as"] == "2"
    assert rows[3]["page"] == "articles/2.html"
    assert rows[2]["serious"] != ""
    assert rows[0]["serious"] == ""
    assert rows[6]["address"] == "'=HYPERLINK(1)"
    assert rows[6]["message"] == f"'@x{REPLACEMENT}"
    assert rows[7]["address"] == "'+1"


def test_foreign_text_ends_no_element(tmp_path, hostile):
    evil = "</script><script>alert(1)</script><!-- <!--data--> \u202e $name \udc80"
    rows = [
        (IndexRow(seq=0, uri=evil, state="failed", reason=evil, message=evil), None),
        (IndexRow(seq=1, uri="javascript:alert(1)", state="done"), hostile),
    ]
    folder = tmp_path / "report"
    written(folder, rows, name=evil, generation=evil)
    page = tree(folder)
    assert len(page.xpath("//script")) == 3
    assert data(page)[0][0][4].startswith("</script><script>alert(1)</script><!-- <!--data-->")
    assert "\u202e" not in index(folder)
    assert all(not link.startswith("javascript") for link in page.xpath("//a/@href"))


def test_more_rows_than_a_block_and_more_than_a_page_without_script(tmp_path):
    many = 2 * site._CHUNK + 1
    rows = (IndexRow(seq=seq, uri=f"{seq}.txt", state="skipped", reason="x") for seq in range(many))
    folder = tmp_path / "report"
    written(folder, ((row, None) for row in rows))
    page = tree(folder)
    assert len(page.xpath("//script[@class='rows']")) == 3
    assert [row[0] for row in data(page)[0]] == list(range(many))
    assert len(page.xpath("//tbody/tr")) == 200
    assert "first 200 of 4,001" in words(page.xpath("//p[@class='no-js']")[0])


def test_two_runs_give_the_same_bytes(tmp_path, entries, titles):
    for name in ("one", "two"):
        written(tmp_path / name, entries, titles)
    for path in (tmp_path / "one").rglob("*.*"):
        assert (
            path.read_bytes()
            == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()
        )


def test_memory_does_not_grow_with_the_text(tmp_path, article, report):
    def entries(number):
        for seq in range(number):
            text = f"Page {seq} says little. " * 1_000
            yield (
                IndexRow(seq=seq, uri=f"{seq}.txt", state="done"),
                report(article([("paragraph", text)])),
            )

    peaks = []
    for number in (2, 8):
        tracemalloc.start()
        written(tmp_path / str(number), entries(number))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


# ---------------------------------------------------------------------- the folder


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_report_leaves_nothing(tmp_path, entries, error):
    def broken():
        yield entries[2]
        raise error

    with pytest.raises(error):
        written(tmp_path / "report", broken())
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_report_leaves_the_earlier_one(tmp_path, entries):
    folder = tmp_path / "report"
    written(folder, entries)
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}

    def broken():
        yield entries[1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(folder, broken())
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_failed_exchange_puts_the_earlier_report_back(tmp_path, entries, monkeypatch):
    folder = tmp_path / "report"
    written(folder, entries)
    rename = type(folder).rename

    def refuse(self, target):
        if self.name.endswith(".tmp"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(type(folder), "rename", refuse)
    with pytest.raises(UsageError, match="No space left"):
        written(folder, entries[:1])
    assert (folder / "articles" / "2.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_an_earlier_report_is_replaced_whole(tmp_path, entries):
    folder = tmp_path / "report"
    written(folder, entries)
    written(folder, entries[:2])
    assert [path.name for path in (folder / "articles").iterdir()] == ["1.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_place_that_is_not_free_is_refused_before_any_work(tmp_path, entries):
    def untouched():
        pytest.fail("work was begun")
        yield

    (tmp_path / "file").write_text("x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.html").write_text("<title>mine</title>")
    written(tmp_path / "ours", entries)
    (tmp_path / "ours" / "notes.txt").write_text("keep me")
    for name, reason in {
        "file": "is a file",
        "other": "not a report of claimcheck",
        "ours": "not a report of claimcheck",
        "no/where": "there is no folder",
    }.items():
        with pytest.raises(UsageError, match=reason):
            written(tmp_path / name, untouched())
    (tmp_path / "empty").mkdir()
    check_folder(tmp_path / "empty")


def test_a_run_that_no_browser_holds_is_refused_with_a_remedy(tmp_path, entries, monkeypatch):
    monkeypatch.setattr(site, "MOST_ROWS", 5)
    with pytest.raises(UsageError, match=r"more than 5 inputs.*csv"):
        written(tmp_path / "report", entries)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------- smaller parts


def test_the_site_of_an_input():
    assert overview.site_of("https://News.Example:8080/a/b?c") == "news.example"
    assert overview.site_of("a/b/c.html") == "a/b"
    assert overview.site_of("-") == "."
    assert overview.site_of("http://[bad") == "(not an address)"


def test_narrowing_keeps_a_report_whole(clinic):
    narrowed = at_least(clinic, 3)
    assert 0 < len(narrowed.findings) < len(clinic.findings)
    assert {finding.severity for finding in narrowed.findings} == {3}
    assert Report.model_validate(narrowed.to_json_dict()) == narrowed
    assert narrowed.summary.by_severity == {"1": 0, "2": 0, "3": len(narrowed.findings)}
    assert narrowed.summary.flagged == sum(claim.label == "flag" for claim in narrowed.claims)
    assert at_least(clinic, 1) is clinic
