"""Verbs of effect by what they do to their object.

Closed lists of the language, not of medicine: what decides the direction of a claim,
and which word of a heading must be its verb.
"""

from __future__ import annotations

from claimcheck.claims.tokens import word_set

__all__ = [
    "CAUSE",
    "DOWN",
    "EFFECT_VERBS",
    "HARM",
    "REPORTING",
    "TAKING",
    "UP",
]

DOWN = word_set(
    """reduce lower cut slash decrease relieve alleviate ease soothe stop block inhibit suppress
    prevent cure treat heal reverse eliminate eradicate fight combat kill shrink clear calm halve
    banish beat minimise minimize diminish curb tame erase fade settle slow delay control manage
    lessen ward avert quell vanish disappear fall drop shed lose burn melt trim tackle end destroy
    flush dissolve counter counteract offset dull shorten stave fend weaken blunt dampen"""
)
"""Verbs that make their object less; less of a disease is a benefit."""

UP = word_set(
    """increase raise boost improve enhance strengthen restore repair rebuild regenerate protect
    promote support speed stimulate activate balance regulate sharpen lift extend lengthen help
    benefit aid gain build brighten energise energize deepen double triple triple quadruple
    accelerate prolong nourish replenish encourage facilitate rejuvenate optimise optimize
    elevate add fuel"""
)
"""Verbs that make their object more or better."""

CAUSE = word_set(
    """cause trigger induce produce lead result contribute bring provoke spark drive create
    generate give spread"""
)
"""Verbs that bring their object about."""

HARM = word_set(
    """damage harm worsen ruin impair poison disrupt aggravate erode deplete hurt injure
    exacerbate age irritate inflame clog"""
)
"""Verbs that are bad for their object, whatever it is."""

_ONLY_AS_VERBS = word_set(
    """aid balance block clear control cool curb cut cleanse detox drain dull ease
    fade feed firm fuel guard halt lift mend melt offset plump purge quiet reform relax repair
    replace rescue reset rest rival settle shield smooth soothe spark stop stress support
    target thin tighten tone treat trigger trim warm whiten work regrow unclog hydrate detoxify
    quell hydrate smooth flatten nourish restore worsen weaken rebuild strengthen sharpen
    deepen shorten loosen"""
)

EFFECT_VERBS = frozenset({*DOWN, *UP, *CAUSE, *HARM, *_ONLY_AS_VERBS}) - {
    "add", "age", "bring", "create", "drive", "drop", "end", "fall", "gain", "give", "lead",
    "lose", "manage", "produce", "result", "shed", "spread", "vanish", "disappear", "generate",
    "rest", "stress", "target", "contribute", "ward", "reform", "encourage",
}  # fmt: skip
"""Verbs that on their own say that something has an effect. Many are also nouns or
adjectives ("cures", "lower"), which the small tagger prefers."""

REPORTING = word_set(
    """say tell report find show suggest indicate conclude note add explain warn claim believe
    think argue state announce demonstrate reveal confirm prove write estimate discover observe
    insist promise swear declare describe advise caution maintain assert agree hint imply
    recommend"""
)
"""Verbs that report a claim; they neither hedge nor support it (H4)."""

TAKING = word_set(
    """take try add use eat drink have swap ditch stop skip rub apply wear choose start buy sip
    chew inhale swallow switch replace give consider include keep pop mix massage spray dab
    sprinkle blend book order ask drop avoid quit practise practice do make get"""
)
"""Verbs of which the object is the thing that the reader is told to take or leave."""
