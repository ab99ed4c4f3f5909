"""The benchmark scripts on tiny files of our own sentences."""

from __future__ import annotations

import csv
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from claimcheck.errors import CorpusError, UsageError

BENCHMARKS = Path(__file__).resolve().parents[2] / "scripts" / "benchmarks"

BY_CLASS = (
    (
        "The Brackwater survey counted two hundred tea drinkers in spring.",
        "Forty nurses took part in the second round of interviews.",
        "The team measured sleep with a wrist band for nine nights.",
        "No adverse events were recorded in either group.",
        "Sixty volunteers from Ostrand filled in the sleep diary.",
        "The clinic in Velmere opened a second ward last year.",
    ),
    (
        "Tea drinking was associated with a lower risk of stroke.",
        "Longer sleep was linked to fewer colds in nurses.",
        "Rye bread intake correlated with lower cholesterol in the Ostrand group.",
        "Women who walked daily were less likely to report back pain.",
        "Higher zinc levels were associated with shorter colds.",
        "Screen time was linked to poorer sleep in teenagers.",
    ),
    (
        "Tea drinking may lower the risk of stroke.",
        "Longer sleep might prevent colds in nurses.",
        "Rye bread could reduce cholesterol in older men.",
        "A daily walk may relieve back pain in women.",
        "Zinc lozenges might shorten colds.",
        "Less screen time could improve sleep in teenagers.",
    ),
    (
        "Tea drinking lowers the risk of stroke.",
        "Longer sleep prevents colds in nurses.",
        "Rye bread reduces cholesterol in older men.",
        "A daily walk relieves back pain in women.",
        "Zinc lozenges shorten colds.",
        "Less screen time improves sleep in teenagers.",
    ),
)
ROWS = [(text, label) for label, texts in enumerate(BY_CLASS) for text in texts]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import a script by name, as it is imported when it is run."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    return load


def write_csv(path: Path, header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


# --- results ------------------------------------------------------------------------


def test_a_results_file_computes_each_part_once(script: Any, tmp_path: Path) -> None:
    results = script("results")
    path, calls = tmp_path / "r.jsonl", []

    def compute() -> dict[str, int]:
        calls.append(1)
        return {"value": 3}

    results.Results(path, made_from={"set": "a"}).part("fold-0", compute)
    with path.open("a", encoding="utf-8") as out:
        out.write('{"part": "fold-1", "made')  # killed while it wrote
    again = results.Results(path, made_from={"set": "a"})
    assert again.part("fold-0", compute)["value"] == 3
    again.part("fold-1", compute)
    assert len(calls) == 2
    found = results.Results(path, made_from={"set": "a"}).found("fold-")
    assert [line["part"] for line in found] == ["fold-0", "fold-1"]
    with pytest.raises(UsageError, match="choose another folder"):
        results.Results(path, made_from={"set": "b"})


def test_macro_f1_is_that_of_scikit_learn(script: Any) -> None:
    from sklearn.metrics import f1_score

    results = script("results")
    rng = np.random.default_rng(3)
    gold, predicted = rng.integers(4, size=90), rng.integers(4, size=90)
    ours = results.macro_f1(gold, predicted, classes=4)
    assert ours == pytest.approx(f1_score(gold, predicted, average="macro"))
    ours = results.f1_of(gold > 1, predicted > 1)
    assert ours == pytest.approx(f1_score(gold > 1, predicted > 1))


def test_an_interval_draws_whole_groups(script: Any) -> None:
    results = script("results")
    values = np.repeat([0.0, 1.0], 50)
    wide = results.interval(lambda at: float(values[at].mean()), ["a"] * 50 + ["b"] * 50, draws=200)
    narrow = results.interval(lambda at: float(values[at].mean()), range(100), draws=200)
    assert wide == (0.0, 1.0)
    assert 0.35 < narrow[0] < 0.5 < narrow[1] < 0.65


def test_codes_fall_into_four_classes(script: Any) -> None:
    assert [script("results").strength_class(code) for code in range(7)] == [0, 0, 1, 1, 2, 3, 3]


# --- strength -----------------------------------------------------------------------


def test_strength_files_are_read_and_grouped(script: Any, tmp_path: Path) -> None:
    strength = script("strength")
    rows = [("11-a-b-0-title", "Tea &amp; stroke", 1), ("11-a-b-1-sentence", "Tea helps.", 3)]
    path = write_csv(tmp_path / "e.csv", ("sentId", "sentence", "label"), rows)
    data = strength.read_strength(path)
    assert data.texts == ("Tea & stroke", "Tea helps.")
    assert data.labels.tolist() == [1, 3]
    assert data.groups == ("11-a-b", "11-a-b")
    bad = write_csv(tmp_path / "bad.csv", ("sentence", "label"), [("Tea helps.", 7)])
    with pytest.raises(CorpusError, match="0, 1, 2 or 3"):
        strength.read_strength(bad)


def test_near_duplicates_are_taken_out(script: Any) -> None:
    strength = script("strength")
    rows = strength.Labelled(
        (
            "Tea drinking lowers the risk of stroke!",
            "In short, the team says: Rye bread reduces cholesterol in older men, they hope.",
            "Sunlight in the morning shortens the time it takes to fall asleep.",
        ),
        np.array([3, 3, 3]),
        ("a", "b", "c"),
    )
    kept = strength.without_near_duplicates(rows, [text for text, _ in ROWS])
    assert kept.groups == ("c",)


def test_each_row_is_tested_once(script: Any) -> None:
    strength = script("strength")
    labels = np.array([label for _, label in ROWS])
    folds = strength.folds_of(labels, count=5, seed=13)
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(len(ROWS)))
    assert all(not set(train) & set(test) for train, test in folds)


def test_the_head_joins_encoder_and_features() -> None:
    from claimcheck.training.classifier import fit_head, head_input

    rng = np.random.default_rng(1)
    gold = np.repeat(np.arange(4), 20)
    features = np.eye(4)[gold][:, :2]
    logits = rng.normal(size=(80, 4)).astype(np.float32) + 3 * np.eye(4)[gold] * (gold > 1)[:, None]
    inputs = head_input(logits, features)
    assert inputs.shape == (80, 6)
    assert np.exp(inputs[:, :4]).sum(1) == pytest.approx(np.ones(80), abs=0.01)
    head = fit_head(inputs, gold.tolist())
    assert (head.predict(inputs) == gold).mean() > 0.9


def small_encoder(folder: Path) -> Path:
    """An untrained encoder of the public one's make: two narrow layers, our words."""
    remedy = "install the extra: pip install 'claimcheck-health[finetune]'"
    pytest.importorskip("torch", reason=f"torch is missing; {remedy}")
    transformers = pytest.importorskip("transformers", reason=f"transformers is missing; {remedy}")
    import torch

    torch.manual_seed(0)
    words = sorted({word for text, _ in ROWS for word in text.lower().rstrip(".").split()} | {"."})
    folder.mkdir()
    vocabulary = {
        w: i for i, w in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words])
    }
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    from tokenizers.implementations import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer(vocabulary, lowercase=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "pad_token": "[PAD]",
                "unk_token": "[UNK]",
            }
        )
    )
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.mark.filterwarnings("default")
def test_strength_runs_resumes_and_names_its_start(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = small_encoder(tmp_path / "base")
    strength = script("strength")
    data = write_csv(tmp_path / "p.csv", ("sentence", "label"), ROWS)
    other = [
        ("The register lists every birth in Quellin since 1990.", 0),
        ("Loud offices went together with more headaches.", 1),
        ("Cherry juice may ease gout.", 2),
        ("Morning light shortens jet lag.", 3),
    ]
    twin = write_csv(tmp_path / "e.csv", ("sentence", "label"), [*ROWS, *other])
    arguments = [
        "--set", "pubmed", "--data", str(data), "--base", str(base), "-o", str(tmp_path / "out"),
        "--other", str(twin), "--epochs", "1", "--other-epochs", "1", "--inner", "2", "--fold", "0",
    ]  # fmt: skip
    assert strength.main(arguments) == 0
    first = capsys.readouterr().out
    assert "trained first on 4 rows of other sets; 24 near-duplicates out" in first
    assert "starts from weights trained on other sets" in first
    lines = (tmp_path / "out" / "strength_pubmed.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["part"] for line in lines] == ["fold-0"]
    assert strength.main(arguments) == 0
    assert "near-duplicates out" not in capsys.readouterr().out
    assert strength.main([*arguments, "--learning-rate", "0.1"]) == 2
    assert "choose another folder" in capsys.readouterr().err


@pytest.mark.filterwarnings("default")
def test_an_interrupted_training_ends_like_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = small_encoder(tmp_path / "base")
    from claimcheck.training import classifier

    texts, labels = [text for text, _ in ROWS], [label for _, label in ROWS]
    settings = classifier.ClassifierSettings(epochs=3, batch_size=8)

    def train(name: str) -> np.ndarray:
        weights = classifier.fine_tune(
            texts, labels, classes=4, base=base, out=tmp_path / name, settings=settings
        )
        return classifier.logits_of(texts, weights=weights, classes=4, base=base)

    whole = train("whole")
    run_epoch = classifier._epoch
    begun: list[int] = []

    def failing(*arguments: Any) -> None:
        begun.append(1)
        if len(begun) == 3:
            raise KeyboardInterrupt
        run_epoch(*arguments)

    monkeypatch.setattr(classifier, "_epoch", failing)
    with pytest.raises(KeyboardInterrupt):
        train("cut")
    assert train("cut") == pytest.approx(whole, abs=1e-5)
    assert len(begun) == 4
    with pytest.raises(UsageError, match="other texts or settings"):
        classifier.fine_tune(texts[1:], labels[1:], classes=4, base=base, out=tmp_path / "cut")


def test_fine_tuning_without_its_libraries_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from claimcheck.training.classifier import fine_tune

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match=r"claimcheck-health\[finetune\]"):
        fine_tune(["Tea helps."], [3], classes=4, base=tmp_path, out=tmp_path / "out")


# --- cues ---------------------------------------------------------------------------

SPECULATIVE = """<DocumentSet><Document type="Biological_abstract"><DocID type="PMID">x1</DocID>
<DocumentPart type="Text"><sentence id="S1">Zinc -LRB- Zn -RRB- <xcope id="X1"><cue ref="X1"
 type="speculation">may </cue>lower the level of the protein in serum</xcope> . </sentence><sentence
 id="S2">The protein was measured in forty samples . </sentence></DocumentPart></Document>
<Document type="Biological_abstract"><DocID type="PMID">x2</DocID><DocumentPart type="Text">
<sentence id="S3">The two forms are <xcope id="X2"><cue ref="X2" type="speculation">putative
</cue>enzymes</xcope> and do <xcope id="X3"><cue ref="X3" type="negation">not </cue>bind
 zinc</xcope> .</sentence></DocumentPart></Document></DocumentSet>"""


def test_bioscope_cues_and_scopes_are_counted(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cues = script("cues")
    path = tmp_path / "b.xml"
    path.write_text(SPECULATIVE.replace("\n ", " "), encoding="utf-8")
    first, second, third = cues.read_bioscope(path)
    (span, scope) = first.cues[0]
    assert first.text[span[0] : span[1]] == "may"
    assert first.text.startswith("Zinc ( Zn )")
    assert first.text[scope[0] : scope[1]].startswith("may lower")
    assert (second.document, second.cues) == ("x1", ())
    assert [third.text[a:b] for (a, b), _ in third.cues] == ["putative"]
    assert cues.main(["--bioscope", str(path), "-o", str(tmp_path / "out")]) == 0
    line = json.loads((tmp_path / "out" / "cues_bioscope.jsonl").read_text(encoding="utf-8"))
    counts = dict(zip(line["columns"], np.array(line["counts"]).sum(0).tolist(), strict=True))
    assert counts["exact_gold"] == 2
    assert counts["exact_hit"] == 1
    assert counts["scope_hit"] == counts["scope_found"] == counts["scope_gold"] == 1
    assert "3 sentences, 2 documents, 2 cues" in capsys.readouterr().out


def test_weasel_sentences_by_lexicon_and_fitted(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cues = script("cues")
    rows = [(text, int(label == 2)) for text, label in ROWS]
    path = write_csv(tmp_path / "w.csv", ("text", "label"), rows)
    assert cues.main(["--wikiweasel", str(path), "-o", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "24 sentences, 6 uncertain" in printed
    hedges = next(line for line in printed.splitlines() if line.startswith("lexicon, hedge"))
    assert "1.000" in hedges
    lines = (tmp_path / "out" / "cues_wikiweasel.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5


def test_something_must_be_measured(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script("cues").main(["-o", str(tmp_path)]) == 2
    assert "--bioscope" in capsys.readouterr().err


# --- certainty ----------------------------------------------------------------------


def test_certainty_by_rules_and_ridge(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certainty = script("certainty")
    degree = (4.0, 4.0, 2.0, 6.0)
    rows = [
        {
            "finding": text,
            "sentence-level-certainty": degree[label],
            "split": "val" if index % 4 == 0 else "train",
        }
        for index, (text, label) in enumerate(ROWS)
    ]
    path = write_jsonl(tmp_path / "c.jsonl", rows)
    assert certainty.main(["--data", str(path), "-o", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out.splitlines()
    rules = next(line for line in printed if line.startswith("rules, zero-shot, all, spearman"))
    assert float(rules.split()[-3]) > 0.5
    assert any(line.startswith("ridge, dense, five-fold, pearson, n 24") for line in printed)


# --- over-statement -----------------------------------------------------------------


def test_overstatement_by_statement_and_document(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    insciout = script("insciout")
    code = (0, 2, 4, 6)
    rows = [
        {
            "ref": f"family-{index % 6}",
            "source": "news",
            "outlet": f"Paper {label % 2}",
            "text": text,
            "code": code[label],
            "overstated": None if label == 0 else label == 3,
        }
        for index, (text, label) in enumerate(ROWS)
    ]
    path = write_jsonl(tmp_path / "i.jsonl", rows)
    assert insciout.main(["--data", str(path), "-o", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "18 statements of 6 families, 6 over-stated" in printed
    rules = next(line for line in printed.splitlines() if line.startswith("rules, zero-shot, s"))
    assert float(rules.split("F1")[1].split()[0]) > 0.9
    assert "strength: 24 statements of 6 families" in printed


def test_families_stay_in_one_fold(script: Any) -> None:
    insciout = script("insciout")
    families = np.repeat([f"f{n}" for n in range(12)], 2)
    gold = np.tile([0, 1], 12)
    data = insciout.Statements(("x",) * 24, np.zeros((24, 1)), gold, families, families)
    for train, test in insciout.folds_of(data, count=5):
        assert not set(families[train]) & set(families[test])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("strength", ["--set", "pubmed", "--data", "{}", "--base", "x", "-o", "out"]),
        ("cues", ["--bioscope", "{}", "-o", "out"]),
        ("cues", ["--wikiweasel", "{}", "-o", "out"]),
        ("certainty", ["--data", "{}", "-o", "out"]),
        ("insciout", ["--data", "{}", "-o", "out"]),
    ],
)
def test_missing_data_is_named_with_a_remedy(
    script: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    arguments: list[str],
) -> None:
    missing = str(tmp_path / "missing.csv")
    filled = [missing if argument == "{}" else argument for argument in arguments]
    assert script(name).main(filled) == 2
    assert f"{missing}: no such file; download" in capsys.readouterr().err
    assert "docs/benchmarks.md" in script(name).REMEDY
