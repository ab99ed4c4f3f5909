"""Model folders: writing one, and loading one without trusting it.

``models/<name>/`` holds ``model.json`` (format version, label maps, thresholds,
library versions, hashes, metrics), ``heads.skops`` and a generated ``README.md``.
Loading never touches the network, never unpickles, checks every hash against
``model.json``, and refuses unknown types or a newer format.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from claimcheck.errors import ModelError
from claimcheck.judge.encoder import Encoder
from claimcheck.judge.features import FEATURE_NAMES, MODIFIER_NAMES
from claimcheck.replacing import replacing

__all__ = [
    "FORMAT_VERSION",
    "Manifest",
    "describe_anew",
    "find_model",
    "load_encoder",
    "load_heads",
    "read_manifest",
    "save_model",
]

FORMAT_VERSION = 3
MANIFEST = "model.json"
HEADS = "heads.skops"
ENCODER = "encoder.onnx"
TOKENIZER = "tokenizer.json"
CARD = "README.md"
_NEEDED_HEADS = {
    "flag", "claim", "kind", "strength", "flag_calibration", "claim_calibration",
    "kind_temperature", "strength_temperature", "reason_names", "reason_heads",
    "reason_calibration", "family_names", "family_heads", "family_calibration", "dense_scale",
}  # fmt: skip

# Our own allow-list; one read from the file would let the file vouch for itself.
_TRUSTED: frozenset[str] = frozenset()
_SCHEMA = "schema.json"  # of a skops archive
_NUMBERS = re.compile(r'(?<="__id__": )\d+|(?<="file": ")\d+(?=\.)')
_MAX_BYTES = 64_000_000
_MAX_MANIFEST_BYTES = 1_000_000
_MAX_UNPACKED_BYTES = 256_000_000
_REQUIRED = {
    "format", "name", "version", "labels", "kinds", "features", "profiles", "files",
    "libraries", "training", "metrics",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manifest:
    """``model.json``, read and checked.

    ``sha256`` is the hash of the manifest itself, which names the hashes of all other
    files: it identifies the model. ``profiles`` maps a profile name to its threshold
    and its measured precision and recall.
    """

    folder: Path
    name: str
    version: str
    sha256: str
    labels: tuple[str, ...]
    kinds: tuple[str, ...]
    profiles: Mapping[str, Mapping[str, float]]
    data: Mapping[str, Any]

    @property
    def reason_cut(self) -> float:
        """How likely a proposed reason must be, given a flag, to be shown."""
        return float(self.data.get("reason_cut", 0.0))

    @property
    def learnt_cut(self) -> float:
        """How likely a reason must be, given a flag, to be shown though no rule proposes it."""
        return float(self.data.get("learnt_cut", 1.1))

    def threshold(self, profile: str) -> float:
        """The threshold of a profile.

        :raises ModelError: the model has no such profile.
        """
        try:
            return float(self.profiles[profile]["threshold"])
        except KeyError as error:
            raise ModelError(
                f"model {self.name!r} has no profile {profile!r}; it has {', '.join(self.profiles)}"
            ) from error


def find_model(name_or_folder: str | Path) -> Path:
    """The folder of a model given by name or path.

    A bare name is looked for in the package, then in the checkout's ``models/``, and
    only then in the working directory: a folder that happens to lie there must not take
    the place of the model that ships.

    :raises ModelError: there is no such folder.
    """
    given = Path(name_or_folder)
    places = [given]
    if str(name_or_folder) == given.name:
        package = Path(str(files("claimcheck")))
        places = [package / "models" / given, package.parents[1] / "models" / given, given]
    for place in places:
        if (place / MANIFEST).is_file():
            return place
    raise ModelError(
        f"no model {str(name_or_folder)!r}: neither a model folder with a {MANIFEST} nor a "
        "model that ships with claimcheck (there is 'default'); train one with claimcheck train"
    )


def read_manifest(folder: Path) -> Manifest:
    """Read and check ``model.json`` and the hashes of the files that it names.

    :raises ModelError: it is missing, damaged, of a newer format, made for other
        features, or a file differs from its hash.
    """
    path = folder / MANIFEST
    raw = _bytes_of(path, limit=_MAX_MANIFEST_BYTES)
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"{path}: not JSON; the model folder is damaged, fetch it again"
        ) from error
    if not isinstance(data, dict) or type(data.get("format")) is not int or data["format"] < 1:
        raise ModelError(f"{path}: not a claimcheck model")
    if data["format"] > FORMAT_VERSION:
        raise ModelError(
            f"{path}: model format {data['format']} is newer than this claimcheck reads "
            f"({FORMAT_VERSION}); upgrade claimcheck-health"
        )
    lacking = sorted(_REQUIRED - set(data))
    if lacking:
        raise ModelError(f"{path}: lacks {', '.join(lacking)}; the model folder is damaged")
    if data["features"] != _feature_hash():
        raise ModelError(
            f"{path}: the model was made for other features than this version of claimcheck "
            "computes; retrain it with claimcheck train"
        )
    if raw != _manifest_bytes(data):
        raise ModelError(
            f"{path}: was changed after it was written, so the model is not loaded; "
            "fetch it again, or retrain it with claimcheck train"
        )
    _check_shape(path, data)
    _check_files(folder, data["files"])
    return Manifest(
        folder=folder,
        name=str(data["name"]),
        version=str(data["version"]),
        sha256=hashlib.sha256(raw).hexdigest(),
        labels=tuple(data["labels"]),
        kinds=tuple(data["kinds"]),
        profiles=data["profiles"],
        data=data,
    )


def _check_shape(path: Path, data: Mapping[str, Any]) -> None:
    """A hash cannot vouch for the file that holds the hashes, so its values are checked."""
    thresholds = [
        values.get("threshold") if isinstance(values, dict) else None
        for values in (data["profiles"].values() if isinstance(data["profiles"], dict) else ())
    ]
    broken = [
        *(key for key in ("name", "version") if not isinstance(data[key], str)),
        *(
            key
            for key in ("labels", "kinds")
            if not (data[key] and isinstance(data[key], list) and all(map(_is_text, data[key])))
        ),
        *(
            key
            for key in ("files", "libraries")
            if not (isinstance(data[key], dict) and all(map(_is_text, data[key].values())))
        ),
        *(key for key in ("training", "metrics") if not isinstance(data[key], dict)),
        # Written so that NaN, which no comparison holds for, does not pass.
        *(["profiles"] if not thresholds or not all(map(_is_probability, thresholds)) else []),
    ]
    if broken:
        raise ModelError(
            f"{path}: {', '.join(broken)} cannot be used; the model folder is damaged, "
            "fetch it again"
        )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_probability(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]


def _check_files(folder: Path, hashes: Mapping[str, str]) -> None:
    if HEADS not in hashes:
        raise ModelError(f"{folder}: {MANIFEST} names no {HEADS}")
    for name, expected in hashes.items():
        if name in ("", ".", "..") or set(name) & set("/\\:\0"):
            raise ModelError(f"{folder}: {MANIFEST} names a file outside the folder: {name!r}")
        path = folder / name
        if hashlib.sha256(_bytes_of(path, limit=_MAX_BYTES)).hexdigest() != expected:
            raise ModelError(
                f"{path}: its hash is not the one in {MANIFEST}; the file was changed or damaged, "
                "so it is not loaded"
            )


def _bytes_of(path: Path, *, limit: int) -> bytes:
    """The bytes of an ordinary file; a device or pipe could go on for ever."""
    try:
        if path.exists() and not path.is_file():
            raise ModelError(f"{path}: is not an ordinary file")
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error
    if len(data) > limit:
        raise ModelError(f"{path}: larger than {limit} bytes; not a claimcheck model")
    return data


def _manifest_bytes(data: Mapping[str, Any]) -> bytes:
    """The one way in which a manifest is written, with the digest of all else in it."""
    rest = {key: value for key, value in data.items() if key != _DIGEST}
    digest = hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
    return (json.dumps({**rest, _DIGEST: digest}, indent=1, ensure_ascii=False) + "\n").encode()


_DIGEST = "digest"
"""Guards against damage, not against an author: whoever writes a model writes its digest."""


def _feature_hash() -> str:
    return hashlib.sha256("\n".join((*MODIFIER_NAMES, *FEATURE_NAMES)).encode()).hexdigest()[:16]


def load_heads(manifest: Manifest) -> dict[str, Any]:
    """Load the scikit-learn heads.

    :raises ModelError: the file holds a type that is not on our allow-list, or skops
        cannot read it.
    """
    import skops.io

    path = manifest.folder / HEADS
    data = _checked_bytes(manifest, HEADS)
    try:
        _refuse_bomb(data)
        unknown = set(skops.io.get_untrusted_types(data=data)) - _TRUSTED
        heads = skops.io.loads(data, trusted=sorted(_TRUSTED)) if not unknown else None
    except Exception as error:
        # skops raises whatever its reader or a constructor raises; none of it may
        # escape as a traceback for a file that a user was handed.
        raise ModelError(f"{path}: cannot be loaded ({type(error).__name__}: {error})") from error
    if unknown:
        raise ModelError(
            f"{path}: holds types that claimcheck does not trust ({', '.join(sorted(unknown))})"
        )
    if not isinstance(heads, dict) or not set(heads) >= _NEEDED_HEADS:
        raise ModelError(f"{path}: lacks one of the heads {', '.join(sorted(_NEEDED_HEADS))}")
    return heads


def _refuse_bomb(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _MAX_UNPACKED_BYTES:
        raise ValueError(f"unpacks to {unpacked} bytes")


def load_encoder(manifest: Manifest) -> Encoder | None:
    """Load the sentence encoder, if the model has one.

    :raises ModelError: a file is damaged or cannot be read.
    """
    if ENCODER not in manifest.data["files"]:
        return None
    if TOKENIZER not in manifest.data["files"]:
        raise ModelError(f"{manifest.folder}: an encoder without {TOKENIZER}")
    try:
        tokenizer = _checked_bytes(manifest, TOKENIZER).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(f"{manifest.folder / TOKENIZER}: not UTF-8 ({error})") from error
    return Encoder.load(_checked_bytes(manifest, ENCODER), tokenizer)


def _checked_bytes(manifest: Manifest, name: str) -> bytes:
    """The bytes of a file; what is loaded is what was hashed."""
    path = manifest.folder / name
    data = _bytes_of(path, limit=_MAX_BYTES)
    if hashlib.sha256(data).hexdigest() != manifest.data["files"][name]:
        raise ModelError(f"{path}: changed while it was being loaded")
    return data


def save_model(
    folder: Path,
    *,
    heads: Mapping[str, Any],
    description: Mapping[str, Any],
    card: str,
    extra: Mapping[str, bytes] | None = None,
) -> Manifest:
    """Write a model folder; ``model.json`` goes last, so a half-written folder is no model.

    :param description: what goes into ``model.json`` besides format, features, hashes
        and library versions.
    :param extra: further files by name, such as the encoder.
    """
    import numpy
    import sklearn
    import skops.io

    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    payload = _reproducible(skops.io.dumps(dict(heads)))
    contents = {HEADS: payload, CARD: card.encode(), **(extra or {})}
    for name in (ENCODER, TOKENIZER):
        (folder / name).unlink(missing_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    data = {
        "format": FORMAT_VERSION,
        **description,
        "features": _feature_hash(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        "libraries": {
            "scikit-learn": sklearn.__version__,
            "skops": skops.__version__,
            "numpy": numpy.__version__,
        },
    }
    with replacing(folder / MANIFEST) as stream:
        stream.write(_manifest_bytes(data))
    return read_manifest(folder)


def describe_anew(
    folder: Path, *, more: Mapping[str, Any], card: Callable[[Mapping[str, Any]], str]
) -> Manifest:
    """Give a model folder more in ``model.json``, and the card that is made from it.

    Heads, encoder and every other file keep their bytes, and ``libraries`` the versions
    that made them. The new folder is written beside the old one and read back before it
    takes the old one's place, so whatever is interrupted, a sound model stands there.

    :param more: keys of ``model.json`` to add or to replace.
    :param card: makes the card from all that ``model.json`` will hold but hashes.
    :raises ModelError: the folder holds no sound model, or ``more`` would change what the
        files themselves settle.
    :raises OSError: the new folder cannot be written.
    """
    manifest = read_manifest(folder)
    settled = sorted(_SETTLED & set(more))
    if settled:
        raise ModelError(
            f"{folder}: {', '.join(settled)} cannot be described anew, because the files "
            "settle it; train the model again"
        )
    description = {**manifest.data, **more}
    content = card(description).encode()
    files = {**manifest.data["files"], CARD: hashlib.sha256(content).hexdigest()}
    old = folder.resolve()
    new = old.with_name(f".{old.name}.{secrets.token_hex(6)}.tmp")
    try:
        shutil.copytree(old, new)
        (new / CARD).write_bytes(content)
        (new / MANIFEST).write_bytes(_manifest_bytes({**description, "files": files}))
        read_manifest(new)
        _take_place(new, old)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return read_manifest(folder)


_SETTLED = {"format", "features", "files", "libraries", "digest"}


def _take_place(new: Path, old: Path) -> None:
    """Put a folder in the place of another, which comes back if that fails."""
    aside = new.with_suffix(".old")
    old.rename(aside)
    try:
        new.rename(old)
    except BaseException:
        aside.rename(old)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _reproducible(payload: bytes) -> bytes:
    """The same archive with fixed dates and names, compressed: one training gives one hash.

    skops numbers objects, and names their files, by where they lay in memory.
    """
    numbers: dict[str, str] = {}

    def renumbered(match: re.Match[str]) -> str:
        return numbers.setdefault(match[0], str(len(numbers) + 1))

    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(payload)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target,
    ):
        schema = _NUMBERS.sub(renumbered, source.read(_SCHEMA).decode("utf-8"))
        contents = {_SCHEMA: schema.encode("utf-8")}
        for name in source.namelist():
            if name != _SCHEMA:
                stem, dot, suffix = name.partition(".")
                contents[f"{numbers.get(stem, stem)}{dot}{suffix}"] = source.read(name)
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, contents[name])
    return out.getvalue()
