"""The rules, family by family, on sentences of their own.

Each case names the issue that must, or must not, be among those proposed.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claimcheck.issues import Candidate

Found = Callable[..., dict[str, Candidate]]
Names = Callable[..., set[str]]

FIRES = [
    # certainty
    ("cure", "Birch tea cures gout."),
    ("cure", "Our barley drink treats cystitis that keeps coming back."),
    ("cure", "The protocol puts rheumatoid arthritis into remission."),
    ("absolute", "Every patient who finishes the course sleeps through the night."),
    ("absolute", "The brace is proven to ease back pain."),
    ("absolute", "The drops will definitely clear your sinuses."),
    ("impossible-weight-loss", "Lose a stone a month without giving up cake."),
    ("bare-assertion", "Walking barefoot strengthens the ankles."),
    ("bare-assertion", "Sage can reduce sweating."),
    # harm
    ("minimised-harm", "The implant has no side effects."),
    ("minimised-harm", "Any soreness is mild and gone by morning."),
    ("minimised-harm", "The tablets are safe and effective for migraine."),
    ("minimised-harm", "There is no evidence that vaping does any harm."),
    ("natural-fallacy", "Because it is herbal, the syrup is gentle on a child's stomach."),
    ("net-benefit", "All told, the benefits of the injections far outweigh the risks."),
    # source
    ("vague-evidence", "Research has shown that peppermint calms the gut."),
    ("vague-evidence", "Experts agree that cold baths ease inflammation."),
    ("popularity", "Top surgeons swear by the collagen powder."),
    ("anecdote", "Three weeks later, she was off her pain medication."),
    ("anecdote", "After two sessions of hypnosis my migraines disappeared."),
    ("single-study", "A pilot study of 14 nurses proves that yoga ends back pain."),
    # inference
    ("causal-overreach", "Tea protects the heart, a cohort study of 900 clerks has found."),
    ("preclinical", "In rats the extract restored hearing, so take it with breakfast."),
    ("surrogate", "By lowering cortisol, the tea lifts depression."),
    ("extrapolation", "The spray works for asthma, eczema, hay fever and just about any allergy."),
    ("extrapolation", "The splint helped goalkeepers, so everyone should wear one."),
    # numbers
    ("relative-risk", "Daily walks cut the risk of stroke by 25 per cent."),
    ("relative-risk", "The pill doubles the risk of a clot."),
    ("unquantified", "Acupuncture brings a significant reduction in hot flushes."),
    ("unquantified", "Most patients feel less pain after the injection."),
    # comparison
    ("misleading-comparison", "Swimming eases back pain better than any painkiller."),
    ("misleading-comparison", "It is the most effective remedy for hay fever."),
    ("misleading-comparison", "The herb works just as well as statins."),
    # language
    ("hype", "A revolutionary gel is transforming arthritis care."),
    ("hype", "The results of the new splint for arthritis are remarkable."),
    ("disease-mongering", "If you yawn after lunch, you almost certainly have adrenal fatigue."),
    # advice
    ("strong-advice", "Ditch your antidepressants and take saffron instead."),
    ("strong-advice", "Take 2,000 mg of magnesium every night to sleep better."),
    ("strong-advice", "Women over 50 should take a collagen supplement."),
]

QUIET = [
    ("cure", "No herb cures gout."),
    ("cure", "The fund was set up to find a cure for gout."),
    ("cure", "Does birch tea cure gout?"),
    ("cure", "Antibiotics treat cystitis."),
    ("absolute", "No brace is guaranteed to straighten a spine."),
    ("absolute", "Always ask your pharmacist before you take sage."),
    ("impossible-weight-loss", "Losing weight without trying can be a sign of illness."),
    ("bare-assertion", "Sage may reduce sweating."),
    ("bare-assertion", "Sage did not reduce sweating."),
    ("minimised-harm", "The implant can cause infections."),
    ("minimised-harm", "Whether the implant is safe is not known."),
    ("minimised-harm", "In the trial, 4 of 90 people on the tablets had headaches."),
    ("natural-fallacy", "Natural does not mean safe: the root can damage the liver."),
    ("natural-fallacy", "Deaths from natural causes fell that year."),
    ("net-benefit", "Whether the benefits outweigh the risks depends on your age."),
    ("vague-evidence", "Few studies have looked at peppermint."),
    ("vague-evidence", "A 2020 trial of 84 adults found that peppermint eased cramps."),
    ("popularity", "The play won an award for its portrait of depression."),
    ("anecdote", "Case reports describe liver injury in people taking the powder."),
    ("anecdote", "Two weeks later, the clinic closed."),
    ("single-study", "A pilot study will test whether yoga eases back pain."),
    (
        "single-study",
        "A study of 14 nurses linked yoga to less pain, but it was too small to show cause.",
    ),
    ("causal-overreach", "Tea drinkers in the cohort had fewer heart attacks."),
    ("preclinical", "The extract restored hearing in rats; it has not been tested in people."),
    ("preclinical", "Rats spread the disease through their droppings."),
    ("surrogate", "Cortisol is highest in the early morning."),
    ("extrapolation", "The spray may not work for everyone."),
    ("relative-risk", "The drink has 30 per cent less sugar."),
    ("relative-risk", "Walks cut the risk of stroke by 25 per cent, from 4 in 100 to 3 in 100."),
    ("unquantified", "Most clinics close at noon."),
    ("unquantified", "How effective acupuncture is has not been settled."),
    ("misleading-comparison", "The herb worked no better than placebo."),
    ("misleading-comparison", "Patches cost more than tablets."),
    ("misleading-comparison", "It is one of the most painful diseases known."),
    ("hype", "There is no magic pill for arthritis."),
    ("hype", "Breakthrough bleeding is common on this pill."),
    ("disease-mongering", "Yawning after lunch is normal."),
    ("strong-advice", "Do not stop your antidepressants without asking your doctor."),
    ("strong-advice", "Take the leaflet with you."),
    ("strong-advice", "Guidelines advise women over 50 to have a scan."),
]


@pytest.mark.parametrize(("issue", "text"), FIRES)
def test_the_issue_is_proposed(issues_of: Names, issue: str, text: str) -> None:
    assert issue in issues_of(text)


@pytest.mark.parametrize(("issue", "text"), QUIET)
def test_the_issue_is_not_proposed(issues_of: Names, issue: str, text: str) -> None:
    assert issue not in issues_of(text)


@pytest.mark.parametrize(
    ("issue", "text", "variant"),
    [
        ("cure", "The serum reverses hearing loss and eczema.", "reverses"),
        ("minimised-harm", "The implant has no side effects.", "denied"),
        (
            "minimised-harm",
            "There is no evidence that vaping does any harm.",
            "no-evidence-of-harm",
        ),
        ("strong-advice", "Ditch your antidepressants and take saffron instead.", "stop-care"),
        ("relative-risk", "The pill doubles the risk of a clot.", "multiple"),
        ("relative-risk", "Daily walks cut the risk of stroke by 25 per cent.", "percent"),
        ("misleading-comparison", "It is the most effective remedy for hay fever.", "superlative"),
        ("misleading-comparison", "The herb works just as well as statins.", "equal"),
        (
            "preclinical",
            "In rats the extract restored hearing, so take it with breakfast.",
            "advice",
        ),
        ("hype", "It is the first major advance in arthritis care.", "novelty"),
    ],
)
def test_the_variant_says_what_is_wrong(found: Found, issue: str, text: str, variant: str) -> None:
    assert found(text)[issue].variant == variant


def test_absence_types_say_what_is_missing(found: Found) -> None:
    assert found("Sage reduces sweating.")["bare-assertion"].missing == "source"
    assert found("The pill doubles the risk of a clot.")["relative-risk"].missing == "baseline"
    text = "Acupuncture brings a significant reduction in hot flushes."
    assert found(text)["unquantified"].missing == "number"


def test_a_number_beside_it_excuses_a_size_word(found: Found) -> None:
    text = "Sage markedly reduces sweating."
    figures = " Of 40 women, 26 sweated less, against 14 of 40 on placebo."
    assert "unquantified" in found(text)
    assert "unquantified" not in found(text + figures)


def test_an_absolute_figure_two_sentences_on_excuses_a_relative_one(found: Found) -> None:
    text = "The pill doubles the risk of a clot. It is taken daily."
    figures = " The risk rose from 3 in 10,000 to 6 in 10,000."
    assert "relative-risk" in found(text)
    assert "relative-risk" not in found(text + figures)


def test_a_limit_in_the_next_sentence_excuses_a_single_study(found: Found) -> None:
    text = "A pilot study of 14 nurses proves that yoga ends back pain."
    assert "single-study" in found(text)
    limited = text + " The study was small, and larger trials are needed."
    assert "single-study" not in found(limited)


def test_work_on_animals_in_the_sentence_before_carries_over(found: Found) -> None:
    text = "The extract was given to 30 mice. It restores hearing."
    assert "preclinical" in found(text, 1)
    assert "preclinical" not in found("The extract is sold as drops. It restores hearing.", 1)


ARTICLE = (
    "Sage tea relieves hot flushes. It is sold in most chemists. A box costs about £4. "
    "Sage interacts with medicines for epilepsy and diabetes. Sage tea relieves hot flushes."
)


def test_a_limit_elsewhere_makes_a_missing_caveat(found: Found) -> None:
    caveat = found(ARTICLE)["missing-caveat"]
    assert caveat.missing == "caveat"
    assert caveat.variant == "interaction"
    limit = caveat.evidence[1]
    assert "interact" in ARTICLE[limit[0] : limit[1]]


def test_a_missing_caveat_is_told_once_and_only_of_the_same_thing(found: Found) -> None:
    assert "missing-caveat" not in found(ARTICLE, 4)
    other = ARTICLE.replace("Sage interacts", "Grapefruit interacts")
    assert "missing-caveat" not in found(other)
    assert "missing-caveat" not in found("Sage tea relieves hot flushes.")
