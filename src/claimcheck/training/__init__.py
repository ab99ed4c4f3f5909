"""Training: labelled corpora → a model folder with metrics and card."""
