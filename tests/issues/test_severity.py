"""The severity rule: where it starts, what raises it, what lowers it, and how often."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claimcheck.issues import Context, load_catalogue, propose, severity_of

Severity = Callable[..., int]


@pytest.fixture(scope="session")
def severity(context_of: Callable[..., Context]) -> Severity:
    """The severity of one issue of one sentence."""

    def rate(issue: str, text: str, index: int = 0) -> int:
        context = context_of(text, index)
        candidate = next(c for c in propose(context) if c.issue == issue)
        return severity_of(candidate, load_catalogue().get(issue), context)

    return rate


@pytest.mark.parametrize(
    ("issue", "text", "wanted"),
    [
        ("cure", "Birch tea cures gout.", 3),
        ("minimised-harm", "The balm has no side effects.", 3),
        ("minimised-harm", "Any soreness is mild and gone by morning.", 2),
        ("strong-advice", "Ditch your tablets and take saffron instead.", 3),
        ("strong-advice", "Women over 50 should take a collagen supplement.", 2),
        ("bare-assertion", "Magnesium relieves cramps.", 2),
        ("hype", "It is a promising, revolutionary gel for sore knees.", 1),
        ("natural-fallacy", "Because it is herbal, the tonic has no side effects.", 3),
        ("net-benefit", "All told, the benefits of the surgery far outweigh the risks.", 3),
        ("net-benefit", "All told, the benefits of the tea far outweigh the risks.", 2),
        ("preclinical", "In rats the extract restored hearing, so take it with breakfast.", 3),
        ("absolute", "The balm always soothes dry skin.", 2),
        ("absolute", "The balm always relieves the pain of arthritis.", 3),
    ],
)
def test_each_type_starts_where_the_scheme_says(
    severity: Severity, issue: str, text: str, wanted: int
) -> None:
    assert severity(issue, text) == wanted


def test_mechanism_alone_is_a_matter_of_completeness(severity: Severity) -> None:
    assert severity("bare-assertion", "The root increases nitric oxide.") == 1


def test_a_grave_matter_with_two_size_words_is_raised(severity: Severity) -> None:
    one = "Ketamine brings a significant reduction in low mood."
    two = "Ketamine brings most patients with depression a significant reduction in symptoms."
    assert severity("unquantified", one) == 2
    assert severity("unquantified", two) == 3


def test_a_superlative_about_a_prescribed_treatment_is_raised(severity: Severity) -> None:
    text = "Ketamine is the most effective treatment for low mood."
    assert severity("misleading-comparison", text) == 3
    assert severity("misleading-comparison", text.replace("Ketamine", "Sage")) == 2


def test_a_hedge_in_scope_keeps_it_from_being_raised(severity: Severity) -> None:
    text = "Ketamine may bring a significant reduction in the symptoms of depression."
    assert severity("unquantified", text) == 1


def test_a_harm_is_never_raised_by_the_rule_for_benefits(severity: Severity) -> None:
    assert severity("relative-risk", "The drug doubles the risk of a stroke.") == 2


def test_a_hedged_twin_before_lowers_once(severity: Severity) -> None:
    text = "Magnesium may relieve cramps. Magnesium relieves cramps."
    assert severity("bare-assertion", text, 1) == 1
    assert severity("bare-assertion", "Magnesium is a metal. Magnesium relieves cramps.", 1) == 2


def test_hedges_never_lower_a_harm_made_light_of(severity: Severity) -> None:
    plain = "The balm has no side effects."
    hedged = "The balm seems to have no side effects."
    assert severity("minimised-harm", plain) == severity("minimised-harm", hedged) == 3


def test_praise_weighs_more_in_a_heading_and_in_the_lead(severity: Severity) -> None:
    praise = "A revolutionary gel for sore knees has arrived."
    assert severity("hype", f"# {praise}\n\nIt is sold in tubes.") == 2
    assert severity("hype", f"{praise} It is sold in tubes.") == 2
    assert severity("hype", f"It is sold in tubes for sore knees. {praise}", 1) == 1


def test_severity_stays_between_one_and_three(context_of: Callable[..., Context]) -> None:
    for issue in load_catalogue().issues:
        for example in issue.flag:
            if example.article is None:
                context = context_of(example.text)
                for candidate in propose(context):
                    kind = load_catalogue().get(candidate.issue)
                    assert severity_of(candidate, kind, context) in (1, 2, 3)
