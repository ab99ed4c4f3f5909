"""The model card, generated from ``model.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from claimcheck.training.heads import PROFILE_PRECISION
from claimcheck.training.publish import with_interval

__all__ = ["model_card"]

_SOURCES = """\
Labels were made for this project by the annotation guidelines
(`corpora/GUIDELINES.md`). The real sentences are from wellness pages, health news
and press releases whose rights stay with their owners; they are not redistributed,
and the model folder holds none of them. Written examples are from the issue catalogue
and the allow-list of this project."""

_LIMITS = """\
- It judges wording against the support in the article. It never says whether a claim
  is true, and a low score is no sign of quality.
- English only. Labels follow one scheme by one group of annotators.
- It flags less than a careful editor would. See recall above before relying on silence.
- It reads a sentence with what stands beside it. Support given further off, in a box, a
  footnote or behind a link, is not seen.
- Not for deciding about people, for moderation without a human, or for medical advice."""

_NOT_FOR = """\
- **Saying what is true.** A flag does not mean that a claim is false or a treatment
  useless, and no flag does not mean that either is sound or safe.
- **Clearing a text.** It misses part of what a careful editor marks; a page without flags
  has not been approved.
- **Medical advice.** Nobody should start, stop or change a treatment because of a score.
- **Judging people or houses.** A count of flags is no measure of an author's honesty, and
  error rates differ too much between kinds of text for a ranking of publishers.
- **Legal verdicts.** Advertising and drug law are named as benchmarks; a flag is no
  finding that a rule was broken.
- **Acting without a person.** Not for removing, demoting, rejecting or paying for texts
  unless someone reads the flagged sentence and its reason first.
- **Labelling data as if it were gold.** Its errors are systematic and would be learnt.
- **Other text than it was measured on:** other languages, patient leaflets, transcripts,
  social media, scientific papers."""

_REASONS: Mapping[str, str] = {
    "careful": "for a text that goes out today: a flag should hold up four times in five, and "
    "most of what is wrong is let pass",
    "balanced": "the default: three flags in five hold up; a lower threshold has the higher F1, "
    "but an editor would then check nearly one false alarm for each right flag",
    "sensitive": "for a second reading with time for it: every other flag is a false alarm, "
    "and fewer sentences are missed",
}
"""Why each profile stands where it does; the precision itself is in ``PROFILE_PRECISION``."""

_SLICE_COLUMNS = (
    ("precision", "precision"),
    ("recall", "recall"),
    ("F1", "f1"),
    ("AP", "average_precision"),
    ("calibration error", "calibration_error"),
)


def model_card(description: Mapping[str, Any]) -> str:
    """The card as Markdown; every figure in it comes from ``description``.

    Without ``evaluation`` in it, which ``scripts/complete_card.py`` adds, the card has the
    out-of-fold figures of training alone.
    """
    training = description["training"]
    evaluation: Mapping[str, Any] = description.get("evaluation", {})
    lines = [
        "---",
        "license: apache-2.0",
        "language: en",
        "library_name: claimcheck",
        "tags: [health, claims, hedging, text-classification]",
        "---",
        "",
        f"# claimcheck model `{description['name']}`",
        "",
        "<!-- generated; do not edit -->",
        "",
        "Gives each sentence of a health article a calibrated probability that a careful",
        "health editor would want to see it, and a claim kind.",
        "",
        "## Data",
        "",
        _SOURCES,
        "",
        "| corpus | documents | train sentences | flagged | licence | SHA-256 |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{one['name']}` | {one['documents']} | {one['sentences']} | {one['flagged']} "
            f"| {one['licence']} | `{one['sha256'][:16]}…` |"
            for one in training["data"]
        ),
        "",
        f"Besides, {training['written_examples']} sentences of the issue catalogue and the",
        "allow-list. Dev and test splits were read by no part of the training.",
        "",
        *_encoder(training.get("encoder")),
        *_profiles(description["profiles"], evaluation.get("sets", ())),
        *_metrics(description["metrics"]),
        *_sets(evaluation.get("sets", ())),
        *_failures(evaluation),
        "## Limits",
        "",
        _LIMITS,
        "",
        "## What it must not be used for",
        "",
        _NOT_FOR,
        "",
    ]
    return "\n".join(lines)


def _encoder(base: Mapping[str, str] | None) -> list[str]:
    if base is None:
        return ["The sentence is read as hashed words and characters; there is no encoder.", ""]
    return [
        f"`encoder.onnx` is `{base['name']}` ({base['license']}; {base['parameters']}),",
        "fine-tuned four times on the train splits, each time without a quarter of the",
        "documents, and averaged. The heads were fitted on the outputs of the network that had",
        "not seen a sentence's document (`held_out.npz`); one document in ten was kept from",
        "all four.",
        "",
    ]


def _profiles(
    profiles: Mapping[str, Mapping[str, float]], sets: Sequence[Mapping[str, Any]]
) -> list[str]:
    lines = [
        "## Profiles",
        "",
        "A threshold is the lowest at which precision on the train split, cross-validated by",
        "document on natural sentences, is still what the profile asks for; the precision and",
        "recall beside it are those of the out-of-fold scores. No dev or test sentence had a",
        "say in it.",
        "",
        "| profile | threshold | precision asked for | precision | recall | why |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in profiles.items():
        asked = PROFILE_PRECISION.get(name)
        lines.append(
            f"| {name} | {one['threshold']} | {'–' if asked is None else f'{asked:.2f}'} "
            f"| {one['precision']} | {one['recall']} | {_REASONS.get(name, '–')} |"
        )
    if sets:
        lines += [
            "",
            "The same thresholds on documents that training has not seen:",
            "",
            "| profile | set | flagged | precision | recall | F1 |",
            "|---" * 6 + "|",
        ]
        for name in profiles:
            for held in sets:
                row = held["profiles"][name]
                figures = " | ".join(_plain(row[key]) for key in ("precision", "recall", "f1"))
                where = f"`{held['data']}` {held['split']}"
                lines.append(f"| {name} | {where} | {row['flagged']:,} | {figures} |")
    return [*lines, ""]


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _metrics(metrics: Mapping[str, Mapping[str, Any]]) -> list[str]:
    lines = ["## Metrics", "", "From training, on the train split:", ""]
    for split, values in metrics.items():
        shown = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
        lines += [f"- {split}: {shown}"]
    return [*lines, ""]


def _sets(sets: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in sets:
        yield f"### `{one['data']}`, {one['split']}"
        yield ""
        yield (
            f"{one['sentences']:,} sentences of {one['documents']:,} documents that no part of "
            f"training has seen, profile {one['profile']}, threshold {one['threshold']}. In "
            "brackets: 95 % bootstrap intervals by document. “few” marks figures on fewer than "
            "20 gold sentences. A slice by severity holds gold flags only, so it has a recall "
            f"and nothing else. Texts and labels: `{one['data_sha256'][:16]}…`."
        )
        yield ""
        yield from _slices(one["slices"])
        yield ""
        yield "Other figures: " + "; ".join(
            f"{name.replace('_', ' ')} {_figure(figure)}, n {figure['n']:,}"
            for name, figure in one["figures"].items()
        )
        yield ""
        yield from _types(one["issues"])
        yield ""


def _slices(slices: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "| slice | n | gold flags | flagged | " + " | ".join(h for h, _ in _SLICE_COLUMNS) + " |"
    yield "|---" * (4 + len(_SLICE_COLUMNS)) + "|"
    for name, row in slices.items():
        figures = " | ".join(with_interval(row, key) for _, key in _SLICE_COLUMNS)
        gold = f"{row['positive']:,}" + (" (few)" if row["few"] else "")
        shown = name.replace("=", " ")
        yield f"| {shown} | {row['n']:,} | {gold} | {row['flagged']:,} | {figures} |"


def _figure(one: Mapping[str, Any]) -> str:
    return with_interval({"v": one["value"], "intervals": {"v": one["interval"]}}, "v")


def _types(issues: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "| issue type | n | raised | precision | recall | F1 | F1 given a gold flag |"
    yield "|---" * 7 + "|"
    for name, row in issues.items():
        few = " (few)" if row["few"] else ""
        figures = " | ".join(
            with_interval(row, key) for key in ("precision", "recall", "f1", "f1_given_flag")
        )
        yield f"| {name} | {row['n']:,}{few} | {row['raised']:,} | {figures} |"


def _failures(evaluation: Mapping[str, Any]) -> Iterator[str]:
    """Examples of what goes wrong; ``evaluation`` holds sentences of the project only."""
    if not evaluation:
        return
    yield from ("## Known failures", "")
    yield (
        "All sentences here were written for this project. Why the judge misses what it "
        "misses on published text is in `docs/error-analysis.md`."
    )
    yield ""
    for one in evaluation["sets"]:
        found = one["failures"]
        name = f"`{one['data']}` {one['split']}"
        if found["worst_false_alarms"] or found["worst_misses"]:
            yield from _worst(name, found)
        else:
            yield f"{name}: {found['false_alarms']:,} false alarms, {found['misses']:,} misses."
            yield ""
    yield from _catalogue(evaluation["catalogue"])


def _worst(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    alarms, misses = found["worst_false_alarms"], found["worst_misses"]
    yield f"**False alarms** on {name}: the {len(alarms)} surest of {found['false_alarms']:,}."
    yield ""
    yield from (_example(one, "raised", one["raised"]) for one in alarms)
    yield ""
    yield f"**Misses** on {name}: the {len(misses)} lowest scores of {found['misses']:,}."
    yield ""
    yield from (_example(one, "wanted", one["issues"]) for one in misses)
    yield ""


def _example(one: Mapping[str, Any], what: str, issues: Sequence[str]) -> str:
    about = f"{one['kind']}; score {one['score']:.2f}, {what}: {', '.join(issues) or 'no type'}"
    return f"- {_quoted(one['text'])} ({about})"


def _catalogue(found: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"**Examples of the issue catalogue.** Training has seen them, and still "
        f"{found['flagged']:,} of {found['must_flag']:,} are flagged, "
        f"{found['flagged_with_the_right_issue']:,} of them with the right reason, and "
        f"{found['quiet']:,} of {found['must_stay_quiet']:,} hard negatives stay quiet. "
        "What goes wrong, by issue type:"
    )
    yield ""
    for one in found["wrong"]:
        fault = "not flagged, or for another reason" if one["flag"] else "flagged and should not be"
        yield f"- `{one['issue']}`, {fault}: {_quoted(one['text'])}"
    yield ""


def _quoted(text: str) -> str:
    """A sentence as Markdown text: its own punctuation must not become markup."""
    plain = "".join(f"\\{char}" if char in "\\`*_[]<>|@#" else char for char in text)
    return f"“{plain}”"
