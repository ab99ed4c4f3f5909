"""Judge: is a sentence worth an editor's time?

A scikit-learn model over the features of the claims room, loaded from a folder that
it does not trust.
"""

from claimcheck.judge.artefact import Manifest, find_model, load_heads, read_manifest, save_model
from claimcheck.judge.features import FEATURE_NAMES, ISSUE_NAMES, dense_vector, word_view
from claimcheck.judge.model import Judge, Verdict, design_matrix

__all__ = [
    "FEATURE_NAMES",
    "ISSUE_NAMES",
    "Judge",
    "Manifest",
    "Verdict",
    "dense_vector",
    "design_matrix",
    "find_model",
    "load_heads",
    "read_manifest",
    "save_model",
    "word_view",
]
