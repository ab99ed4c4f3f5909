"""spaCy factories (written below the rules)."""


def make_cues(nlp, name): ...  # type: ignore
def make_scope(nlp, name): ...  # type: ignore
def make_claims(nlp, name): ...  # type: ignore
