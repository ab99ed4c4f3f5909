"""Fine-tuning the sentence encoder (extra ``[finetune]``: torch, transformers).

A six-layer MiniLM is trained on several heads at once: label, kind, strength, issue
families and types, and which words are the cue of a flag. It reads canonical sentences
(:mod:`claimcheck.judge.canonical`), each alone, which keeps them short; what stands
beside a sentence reaches the heads as features. Word embeddings are frozen, batches
are sorted by length, and a checkpoint is written after every epoch, from which
an interrupted run goes on.

Nothing here is imported when claimcheck runs; the result is an ONNX file.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from claimcheck.claims.extract import strength_name
from claimcheck.corpus import LabelledSentence
from claimcheck.errors import UsageError
from claimcheck.judge.encoder import (
    FAMILIES,
    FAMILY_OF,
    HEAD_SIZES,
    KIND_ORDER,
    LABEL_ORDER,
    MAX_TOKENS,
    STRENGTH_ORDER,
)
from claimcheck.judge.features import ISSUE_NAMES
from claimcheck.training.written import CATALOGUE

__all__ = ["EncoderRow", "FinetuneSettings", "averaged", "export_onnx", "finetune"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EncoderRow:
    """One training sentence: its canonical text and its labels."""

    text: str
    gold: LabelledSentence


@dataclass(frozen=True, slots=True)
class FinetuneSettings:
    """How the encoder is trained; ``half`` multiplies matrices in bfloat16."""

    epochs: int = 3
    batch_size: int = 32
    learning_rate: float = 1.5e-4
    head_learning_rate: float = 1e-3
    warmup: float = 0.1
    weight_decay: float = 0.01
    flag_weight: float = 1.5
    none_share: float = 0.7
    frozen_layers: int = 0
    cue_weight: float = 1.0
    half: bool = True
    seed: int = 13
    threads: int = 2


def finetune(
    rows: Iterable[EncoderRow],
    *,
    base: Path,
    out: Path,
    settings: FinetuneSettings | None = None,
) -> Path:
    """Train the encoder and write its weights.

    :param rows: the training part only; the caller keeps dev documents out.
    :param base: folder of the public encoder (``model.safetensors``, ``tokenizer.json``).
    :param out: folder for checkpoints and ``encoder.pt``.
    :returns: the path of ``encoder.pt``.
    :raises UsageError: the extra is not installed.
    """
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        raise UsageError(
            "fine-tuning needs the extra: pip install 'claimcheck-health[finetune]'"
        ) from error
    settings = settings or FinetuneSettings()
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    body = AutoModel.from_pretrained(base, local_files_only=True)
    model = _network(torch, body).to(device)
    frozen = [
        model.body.embeddings.word_embeddings,
        *model.body.encoder.layer[: settings.frozen_layers],
    ]
    for parameter in (p for part in frozen for p in part.parameters()):
        parameter.requires_grad = False
    batches = _batches(_sampled(tuple(rows), settings), tokenizer, settings)
    optimizer, schedule = _optimizer(torch, model, len(batches), settings)
    first = _resume(torch, out, model, optimizer, schedule, settings)
    for epoch in range(first, settings.epochs):
        _epoch(
            torch,
            model,
            batches,
            optimizer,
            schedule,
            epoch=epoch,
            settings=settings,
            device=device,
        )
        _save(torch, out, model, optimizer, schedule, epoch + 1, settings)
    final = out / "encoder.pt"
    torch.save(model.state_dict(), final)
    return final


def _network(torch: Any, body: Any) -> Any:
    """The encoder, one linear layer for all heads on its mean, one for the cue on each piece."""

    class Network(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.body = body
            self.dropout = torch.nn.Dropout(0.1)
            self.heads = torch.nn.Linear(body.config.hidden_size, sum(HEAD_SIZES.values()))
            self.cue = torch.nn.Linear(body.config.hidden_size, 1)

        def forward(self, input_ids: Any, attention_mask: Any) -> tuple[Any, Any]:
            hidden = self.body(input_ids=input_ids, attention_mask=attention_mask)[0]
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return self.heads(self.dropout(pooled)), self.cue(self.dropout(hidden)).squeeze(-1)

    return Network()


def _sampled(rows: Sequence[EncoderRow], settings: FinetuneSettings) -> tuple[EncoderRow, ...]:
    rng = random.Random(settings.seed)  # noqa: S311 - sampling, not secrets
    return tuple(r for r in rows if r.gold.label != "NONE" or rng.random() < settings.none_share)


def _batches(
    rows: Sequence[EncoderRow], tokenizer: Any, settings: FinetuneSettings
) -> list[dict[str, Any]]:
    """Batches of like length, as plain lists; their order is shuffled each epoch."""
    encoded = [_encoded(row, tokenizer) for row in rows]
    order = sorted(range(len(rows)), key=lambda index: (len(encoded[index][0]), index))
    batches = []
    for start in range(0, len(order), settings.batch_size):
        chosen = order[start : start + settings.batch_size]
        width = max(len(encoded[index][0]) for index in chosen)
        gold = [rows[i].gold for i in chosen]
        batches.append(
            {
                "ids": [_filled(encoded[i][0], width, 0) for i in chosen],
                "mask": [_filled([1] * len(encoded[i][0]), width, 0) for i in chosen],
                "cue": [_filled(encoded[i][1], width, _UNKNOWN) for i in chosen],
                "label": [_label(row) for row in gold],
                "kind": [_known(row, KIND_ORDER.index(row.kind or "none")) for row in gold],
                "strength": [
                    _known(row, STRENGTH_ORDER.index(strength_name(row.strength))) for row in gold
                ],
                "family": [_families(row) for row in gold],
                "issue": [_issues(row) for row in gold],
            }
        )
    return batches


def _filled(values: list[int], width: int, filler: int) -> list[int]:
    return values + [filler] * (width - len(values))


def _encoded(row: EncoderRow, tokenizer: Any) -> tuple[list[int], list[int]]:
    """Word pieces, and which of them are the cue of a flag."""
    found = tokenizer(row.text, truncation=True, max_length=MAX_TOKENS, return_offsets_mapping=True)
    return found["input_ids"], _cue_tags(row, found["offset_mapping"])


_UNKNOWN = -100  # what PyTorch's cross entropy leaves out


def _cue_tags(row: EncoderRow, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """1 for word pieces of the annotators' cue, 0 for others, unknown where it is unknown."""
    if row.gold.label != "FLAG":
        return [0 if end > start else _UNKNOWN for start, end in offsets]
    place = row.text.lower().find(row.gold.cue.lower()) if row.gold.cue else -1
    if place < 0:
        return [_UNKNOWN] * len(offsets)
    last = place + len(row.gold.cue)
    return [int(start < last and place < end) if end > start else _UNKNOWN
            for start, end in offsets]  # fmt: skip


def _known(row: LabelledSentence, index: int) -> int:
    return _UNKNOWN if row.source == CATALOGUE else index


def _label(row: LabelledSentence) -> int:
    """Of a catalogue sentence that must stay quiet, only "not FLAG" is known."""
    if row.source == CATALOGUE and row.label != "FLAG":
        return _UNKNOWN
    return LABEL_ORDER.index(row.label)


def _families(row: LabelledSentence) -> list[float]:
    present = {FAMILY_OF[issue] for issue in row.issues}
    return [float(family in present) for family in FAMILIES]


def _issues(row: LabelledSentence) -> list[float]:
    return [float(name in row.issues) for name in ISSUE_NAMES]


def _optimizer(torch: Any, model: Any, steps: int, settings: FinetuneSettings) -> tuple[Any, Any]:
    body = [p for p in model.body.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": body, "lr": settings.learning_rate},
            {
                "params": [*model.heads.parameters(), *model.cue.parameters()],
                "lr": settings.head_learning_rate,
            },
        ],
        weight_decay=settings.weight_decay,
    )
    total = max(1, steps * settings.epochs)
    warm = max(1, int(total * settings.warmup))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm, max(0.0, (total - step) / (total - warm + 1))),
    )
    return optimizer, schedule


def _epoch(
    torch: Any,
    model: Any,
    batches: Sequence[dict[str, Any]],
    optimizer: Any,
    schedule: Any,
    *,
    epoch: int,
    settings: FinetuneSettings,
    device: str,
) -> None:
    rng = random.Random(settings.seed + epoch)  # noqa: S311 - shuffling, not secrets
    order = list(range(len(batches)))
    rng.shuffle(order)
    model.train()
    weights = torch.tensor([1.0, 1.0, settings.flag_weight], device=device)
    began, total = time.monotonic(), 0.0
    for done, index in enumerate(order, start=1):
        batch = {
            name: torch.tensor(values, device=device) for name, values in batches[index].items()
        }
        with torch.autocast(device, dtype=torch.bfloat16, enabled=settings.half):
            logits, tags = model(batch["ids"], batch["mask"])
        logits, tags = logits.float(), tags.float()
        loss = _loss(torch, logits, batch, weights)
        loss = loss + settings.cue_weight * _cue_loss(torch, tags, batch["cue"])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += float(loss.detach())
        if done % 50 == 0 or done == len(order):
            log.info(
                "epoch %d, batch %d of %d, loss %.3f, %.0f s",
                epoch + 1, done, len(order), total / done, time.monotonic() - began,
            )  # fmt: skip


def _loss(torch: Any, logits: Any, batch: dict[str, Any], weights: Any) -> Any:
    cross = torch.nn.functional.cross_entropy
    sparing = {"ignore_index": _UNKNOWN, "reduction": "sum"}
    n = len(logits)
    binary = torch.nn.functional.binary_cross_entropy_with_logits
    label, kind, strength, family, issue = torch.split(logits, list(HEAD_SIZES.values()), dim=1)
    spared = batch["label"] == _UNKNOWN
    not_flag = -torch.log_softmax(label, 1)[:, :2].logsumexp(1)[spared].sum()
    return (
        (cross(label, batch["label"], weight=weights, **sparing) + not_flag) / n
        + 0.3 * cross(kind, batch["kind"], **sparing) / n
        + 0.3 * cross(strength, batch["strength"], **sparing) / n
        + 1.0 * binary(family, batch["family"])
        + 2.0 * binary(issue, batch["issue"])
    )


def _cue_loss(torch: Any, tags: Any, gold: Any) -> Any:
    """Which words make the flag: a rationale beside the label, mean over word pieces."""
    known = gold != _UNKNOWN
    if not bool(known.any()):
        return tags.sum() * 0.0
    return torch.nn.functional.binary_cross_entropy_with_logits(
        tags[known], gold[known].float(), pos_weight=torch.tensor(3.0, device=tags.device)
    )


def _save(
    torch: Any,
    out: Path,
    model: Any,
    optimizer: Any,
    schedule: Any,
    epochs: int,
    settings: FinetuneSettings,
) -> None:
    partial = out / "checkpoint.pt.partial"
    torch.save(
        {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
            "epochs": epochs,
            "settings": json.dumps(asdict(settings), sort_keys=True),
        },
        partial,
    )
    partial.replace(out / "checkpoint.pt")


def _resume(
    torch: Any, out: Path, model: Any, optimizer: Any, schedule: Any, settings: FinetuneSettings
) -> int:
    path = out / "checkpoint.pt"
    if not path.is_file():
        return 0
    state = torch.load(path, weights_only=True, map_location="cpu")
    if state["settings"] != json.dumps(asdict(settings), sort_keys=True):
        raise UsageError(f"{path}: made with other settings; delete it or choose another folder")
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    log.info("going on after epoch %d of %d", state["epochs"], settings.epochs)
    return int(state["epochs"])


def averaged(weights: Sequence[Path], *, out: Path) -> Path:
    """The mean of networks that were trained from one start, written as one network.

    Fine-tuned networks of one start lie close enough for their mean to do at least as
    well as each, at the cost of one (Wortsman et al. 2022, "model soups").
    """
    import torch

    states = [torch.load(path, weights_only=True, map_location="cpu") for path in weights]
    mean = {
        name: (
            torch.stack([state[name] for state in states]).mean(0)
            if first.is_floating_point()
            else first
        )
        for name, first in states[0].items()
    }
    torch.save(mean, out)
    return out


def export_onnx(weights: Path, *, base: Path, out: Path) -> Path:
    """Write the trained encoder as an int8 ONNX file: head logits, and a cue logit a word piece.

    Weights are quantised a tensor at a time (dynamic quantisation of matrix products
    and embeddings); the tokenizer is copied beside it.

    :param out: folder for ``encoder.onnx`` and ``tokenizer.json``.
    """
    import shutil

    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel

    model = _network(torch, AutoModel.from_pretrained(base, local_files_only=True))
    model.load_state_dict(torch.load(weights, weights_only=True, map_location="cpu"))
    model.eval()
    out.mkdir(parents=True, exist_ok=True)
    full = out / "encoder.fp32.onnx"
    ids = torch.ones((2, 8), dtype=torch.int64)
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids)),
        str(full),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits", "cue"],
        dynamic_axes={
            "input_ids": {0: "n", 1: "t"},
            "attention_mask": {0: "n", 1: "t"},
            "logits": {0: "n"},
            "cue": {0: "n", 1: "t"},
        },
        dynamo=False,
    )
    quantize_dynamic(full, out / "encoder.onnx", weight_type=QuantType.QInt8)
    full.unlink()
    shutil.copyfile(base / "tokenizer.json", out / "tokenizer.json")
    return out / "encoder.onnx"
