"""Metamorphic check: edits of a sentence after which the direction of its score is known.

The directions are those of the annotation scheme: a hedge on the claim's own predicate, a
limitation, counts with a comparator, a denial or a question make a benefit claim no
worse; "proven" and the loss of its hedge make it no better; a hedge does not excuse a
denied harm and does not spoil a stated one; names, spaces and quotation marks mean
nothing. Whether an edit applies is read from the sentence, never from a score.

``table`` lists the edits, ``softer``, ``bolder`` and ``indifferent`` make them on top of
``clauses``, ``groups``, ``rewrite`` and ``inflect``; ``pairs`` draws pairs and scores
them through the checker.
"""

from claimcheck.training.metamorphic.clauses import alone
from claimcheck.training.metamorphic.table import TRANSFORMATIONS, Transformation

__all__ = ["TRANSFORMATIONS", "Transformation", "alone"]
