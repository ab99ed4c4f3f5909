"""Complete the card of a trained model: figures by slice, and known failures.

``python scripts/complete_card.py --data claims_real.jsonl:dev --data corpora/wellness:test
[--model models/default]`` judges the given splits and the catalogue's examples with the
model, stores a summary in its ``model.json`` under ``evaluation``, and writes the card
(``README.md``) anew from it. Heads and encoder keep their bytes; the folder is replaced as a
whole or not at all. Of sets that were not written for the project, figures are stored and
no sentence.

A newly trained model has no ``evaluation``, so run this after ``claimcheck train``.
"""

from __future__ import annotations

import argparse
import logging
import shlex
import sys
from pathlib import Path

from check_examples import catalogue_items
from claimcheck import Checker, make_settings
from claimcheck.errors import ClaimcheckError, UsageError
from claimcheck.judge import find_model, read_manifest
from claimcheck.judge.artefact import describe_anew
from claimcheck.training.card import model_card
from claimcheck.training.card_facts import card_evaluation, catalogue_failures
from claimcheck.training.evaluate import Trial, evaluate_catalogue, judge_data, read_data

log = logging.getLogger("complete_card")


def set_of(given: str) -> tuple[Path, str]:
    """A corpus and a split from ``PATH:SPLIT``.

    :raises UsageError: there is no split in it.
    """
    path, colon, split = given.rpartition(":")
    if not (path and colon and split.isalpha()):
        raise UsageError(
            f"--data {given!r} names no split; give it as PATH:SPLIT, such as corpora/wellness:test"
        )
    return Path(path), split


def trials_of(sets: list[tuple[Path, str]], *, model: Path, profile: str) -> list[Trial]:
    """The model's judgement of every set."""
    found = []
    for path, split in sets:
        log.info("judging %s, %s", path, split)
        data = read_data(path, split=split)
        found.append(judge_data(data, model=str(model), profile=profile))
    return found


def complete(model: Path, sets: list[tuple[Path, str]], *, profile: str) -> str:
    """Evaluate, and write the folder anew; returns the SHA-256 of the new model."""
    items = catalogue_items()
    trials = trials_of(sets, model=model, profile=profile)
    checker = Checker(make_settings({"model": str(model), "profile": profile}))
    evaluation = card_evaluation(
        trials,
        profiles=read_manifest(model).profiles,
        catalogue=catalogue_failures(evaluate_catalogue(checker, items), items),
    )
    return describe_anew(model, more={"evaluation": evaluation}, card=model_card).sha256


def main() -> int:
    """Complete one card and say how to do it again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default", help="name or folder [default: default]")
    parser.add_argument("--profile", default="balanced")
    parser.add_argument(
        "--data", action="append", required=True, metavar="PATH:SPLIT", help="may be repeated"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        sets = [set_of(given) for given in options.data]
        folder = find_model(options.model)
        digest = complete(folder, sets, profile=options.profile)
    except ClaimcheckError as error:
        print(f"complete_card: error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"complete_card: error: {folder}: cannot be written ({error})", file=sys.stderr)
        return 2
    print(f"wrote {folder}, SHA-256 of model.json {digest}")
    print(f"to do it again: {shlex.join(['python', *sys.argv])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
