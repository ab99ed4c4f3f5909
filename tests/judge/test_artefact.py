"""Model folders: what is written can be loaded, and whatever was touched is refused."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from claimcheck.errors import ModelError
from claimcheck.judge import Judge, Manifest, find_model, load_heads, read_manifest, save_model
from claimcheck.judge.artefact import _manifest_bytes, load_encoder

ROOT = Path(__file__).resolve().parents[2]
LOGISTIC = LogisticRegression().fit(np.array([[0.0], [1.0], [2.0], [3.0]]), [0, 0, 1, 1])
HEADS: dict[str, Any] = {
    "flag": LOGISTIC,
    "claim": LOGISTIC,
    "kind": LOGISTIC,
    "strength": LOGISTIC,
    "kind_temperature": np.ones(1),
    "strength_temperature": np.ones(1),
    "reason_names": ["cure"],
    "reason_heads": [LOGISTIC],
    "reason_calibration": LOGISTIC,
    "family_names": ["certainty"],
    "family_heads": [LOGISTIC],
    "family_calibration": LOGISTIC,
    "flag_calibration": LOGISTIC,
    "claim_calibration": LOGISTIC,
    "dense_scale": np.ones(1, np.float32),
}
DESCRIPTION: dict[str, Any] = {
    "name": "small",
    "version": "1",
    "labels": ["NONE", "OK", "FLAG"],
    "kinds": ["none", "efficacy"],
    "profiles": {
        "careful": {"threshold": 0.8, "precision": 0.8, "recall": 0.1},
        "balanced": {"threshold": 0.5, "precision": 0.6, "recall": 0.3},
    },
    "training": {"sentences": 4},
    "metrics": {},
}


def save(folder: Path, **options: Any) -> Manifest:
    return save_model(
        folder,
        heads=options.pop("heads", HEADS),
        description=DESCRIPTION | options.pop("description", {}),
        card="# small\n",
        **options,
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound model with two further files, which this test does not have read."""
    folder = tmp_path_factory.mktemp("models") / "small"
    save(folder, extra={"encoder.onnx": b"not a network " * 9, "tokenizer.json": b'{"a": 1}'})
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(original, tmp_path / "small"))


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return found


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest, as someone would who means to be believed."""
    data = manifest_of(folder)
    change(data)
    (folder / "model.json").write_bytes(_manifest_bytes(data))


def vouch_for(folder: Path, name: str, content: bytes) -> None:
    """Put a file into the folder together with its hash."""
    (folder / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    rewrite(folder, lambda data: data["files"].__setitem__(name, digest))


# ---------------------------------------------------------------------- sound


def test_what_is_saved_is_loaded(folder: Path) -> None:
    manifest = read_manifest(folder)
    raw = (folder / "model.json").read_bytes()
    assert manifest.sha256 == hashlib.sha256(raw).hexdigest()
    assert (manifest.name, manifest.version) == ("small", "1")
    assert manifest.labels == ("NONE", "OK", "FLAG")
    assert manifest.threshold("careful") == 0.8
    assert set(load_heads(manifest)) == set(HEADS)
    assert set(manifest.data["files"]) == {
        "heads.skops",
        "README.md",
        "encoder.onnx",
        "tokenizer.json",
    }
    assert {"scikit-learn", "skops", "numpy"} <= set(manifest.data["libraries"])


def test_the_same_heads_give_the_same_files(tmp_path: Path) -> None:
    one = save(tmp_path / "one")
    two = save(tmp_path / "two", heads=copy.deepcopy(HEADS))
    assert one.sha256 == two.sha256
    for name in ("model.json", "heads.skops", "README.md"):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes()


def test_saving_again_leaves_nothing_of_the_old_model(folder: Path) -> None:
    manifest = save(folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "heads.skops",
        "model.json",
    ]
    assert load_encoder(manifest) is None


def test_a_profile_that_the_model_lacks(folder: Path) -> None:
    with pytest.raises(ModelError, match="no profile 'sensitive'; it has careful, balanced"):
        read_manifest(folder).threshold("sensitive")


def test_the_model_that_ships_is_sound() -> None:
    manifest = Judge.load("default").manifest
    assert manifest.folder == ROOT / "models" / "default"
    assert set(manifest.profiles) == {"careful", "balanced", "sensitive"}
    thresholds = [manifest.threshold(name) for name in ("careful", "balanced", "sensitive")]
    assert thresholds == sorted(thresholds, reverse=True)
    for values in manifest.profiles.values():
        assert set(values) >= {"threshold", "precision", "recall"}


# ---------------------------------------------------------------------- touched


@pytest.mark.parametrize("name", ["heads.skops", "encoder.onnx", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["flip", "drop", "add", "empty"])
def test_a_changed_file_is_refused(folder: Path, name: str, damage: str) -> None:
    path = folder / name
    sound = path.read_bytes()
    if damage == "flip":
        step = max(1, len(sound) // 150)
        changes = [
            sound[:at] + bytes([sound[at] ^ 1 << at % 8]) + sound[at + 1 :]
            for at in sorted({*range(0, len(sound), step), len(sound) - 1})
        ]
    elif damage == "drop":
        changes = [sound[1:], sound[:-1], sound[: len(sound) // 2]]
    else:
        changes = [sound + b"\0", sound + b"\n"] if damage == "add" else [b""]
    for content in changes:
        path.write_bytes(content)
        with pytest.raises(ModelError, match="its hash is not the one"):
            read_manifest(folder)
    path.write_bytes(sound)
    assert read_manifest(folder)


def test_a_changed_manifest_is_refused_or_is_another_model(folder: Path) -> None:
    """No file vouches for ``model.json``: its values are checked, and its hash is reported."""
    path = folder / "model.json"
    sound = path.read_bytes()
    expected = read_manifest(folder).sha256
    refused = 0
    for at in range(len(sound)):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 1 << at % 7]) + sound[at + 1 :])
        try:
            manifest = read_manifest(folder)
        except ModelError:
            refused += 1
            continue
        assert manifest.sha256 != expected
        for profile in manifest.profiles:
            assert 0 <= manifest.threshold(profile) <= 1
    assert refused > len(sound) / 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(key=st.sampled_from([*DESCRIPTION, "format", "files", "libraries", "features"]), value=JSON)
@settings(max_examples=150)
def test_any_value_in_the_manifest_is_used_or_refused(
    key: str, value: object, original: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any") / "small"
    shutil.copytree(original, folder)
    rewrite(folder, lambda data: data.__setitem__(key, value))
    try:
        manifest = read_manifest(folder)
    except ModelError as error:
        message = str(error)
        assert "model.json" in message
    else:
        assert all(isinstance(kind, str) for kind in manifest.kinds)
        assert all(0 <= manifest.threshold(name) <= 1 for name in manifest.profiles)
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("format", 4, "newer than this claimcheck reads"),
        ("format", 10**9, "upgrade claimcheck-health"),
        ("format", 0, "not a claimcheck model"),
        ("format", "1", "not a claimcheck model"),
        ("format", True, "not a claimcheck model"),
        ("features", "0" * 16, "made for other features"),
        ("labels", "NONE", "labels cannot be used"),
        ("kinds", [], "kinds cannot be used"),
        ("profiles", {}, "profiles cannot be used"),
        ("profiles", {"balanced": 0.5}, "profiles cannot be used"),
        ("profiles", {"balanced": {"threshold": float("nan")}}, "profiles cannot be used"),
        ("profiles", {"balanced": {"threshold": 1.5}}, "profiles cannot be used"),
        ("files", [], "files cannot be used"),
        ("files", {}, "names no heads.skops"),
    ],
)
def test_a_manifest_with_a_wrong_value(folder: Path, key: str, value: object, words: str) -> None:
    rewrite(folder, lambda data: data.__setitem__(key, value))
    with pytest.raises(ModelError, match=words):
        read_manifest(folder)


@pytest.mark.parametrize("key", [*DESCRIPTION, "format", "files", "libraries", "features"])
def test_a_manifest_without_a_key(folder: Path, key: str) -> None:
    rewrite(folder, lambda data: data.pop(key))
    with pytest.raises(ModelError, match="not a claimcheck model" if key == "format" else key):
        read_manifest(folder)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b" " * 1_000_001]
)
def test_a_manifest_that_is_none(folder: Path, content: bytes) -> None:
    (folder / "model.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.json"):
        read_manifest(folder)


# ---------------------------------------------------------------------- incomplete


@pytest.mark.parametrize("name", ["heads.skops", "encoder.onnx", "tokenizer.json"])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}: cannot be read \(No such file"):
        read_manifest(folder)


def test_a_half_written_folder_is_no_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is interrupted, an old manifest never stands beside new files."""
    real = Path.write_bytes

    def interrupted(self: Path, data: bytes) -> int:
        if self.name == "heads.skops":
            real(self, data[: len(data) // 2])
            raise OSError("no space left on device")
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(OSError, match="no space"):
        save(folder)
    monkeypatch.undo()
    assert not (folder / "model.json").exists()
    with pytest.raises(ModelError, match="no model"):
        find_model(folder)
    with pytest.raises(ModelError, match=r"model\.json: cannot be read"):
        read_manifest(folder)
    (folder / "heads.skops").rename(folder / "model.json.partial")
    with pytest.raises(ModelError, match="no model"):
        Judge.load(folder)


def test_an_encoder_needs_its_tokenizer(folder: Path) -> None:
    rewrite(folder, lambda data: data["files"].pop("tokenizer.json"))
    with pytest.raises(ModelError, match=r"without tokenizer\.json"):
        load_encoder(read_manifest(folder))


def test_an_encoder_that_is_none(folder: Path) -> None:
    with pytest.raises(ModelError, match="encoder cannot be loaded"):
        load_encoder(read_manifest(folder))


def test_a_tokenizer_that_is_not_text(folder: Path) -> None:
    vouch_for(folder, "tokenizer.json", b"\xff\xfe\xfd")
    with pytest.raises(ModelError, match=r"tokenizer\.json: not UTF-8"):
        load_encoder(read_manifest(folder))


# ---------------------------------------------------------------------- hostile


@pytest.mark.parametrize(
    "name",
    ["../secret", "/etc/hostname", "a/b", "..", ".", "", "..\\secret", "C:secret", "x\0y", "./x"],
)
def test_a_file_outside_the_folder_is_not_looked_at(folder: Path, name: str) -> None:
    (folder.parent / "secret").write_bytes(b"secret")
    digest = hashlib.sha256(b"secret").hexdigest()
    rewrite(folder, lambda data: data["files"].__setitem__(name, digest))
    with pytest.raises(ModelError, match="names a file outside the folder"):
        read_manifest(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("name", ["heads.skops", "model.json"])
def test_a_pipe_is_not_waited_for(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ModelError, match=f"{name}: is not an ordinary file"):
        read_manifest(folder)


def test_a_file_that_is_too_large(folder: Path) -> None:
    with (folder / "encoder.onnx").open("wb") as stream:
        stream.truncate(64_000_001)  # sparse: takes no space
    with pytest.raises(ModelError, match=r"encoder\.onnx: larger than"):
        read_manifest(folder)


class Stranger:
    """A type that is on nobody's list; ``made`` says whether one has come to life."""

    made: ClassVar[int] = 0

    def __init__(self) -> None:
        self.what = "payload"

    def __setstate__(self, state: dict[str, Any]) -> None:
        type(self).made += 1
        self.__dict__.update(state)


@pytest.mark.parametrize("place", ["flag", "extra"])
def test_a_type_that_is_not_trusted_is_refused_before_it_is_made(folder: Path, place: str) -> None:
    Stranger.made = 0
    vouch_for(folder, "heads.skops", skops.io.dumps(HEADS | {place: Stranger()}))
    with pytest.raises(ModelError, match=r"types that claimcheck does not trust \(.*Stranger"):
        load_heads(read_manifest(folder))
    assert Stranger.made == 0


def test_a_function_is_not_trusted(folder: Path) -> None:
    vouch_for(folder, "heads.skops", skops.io.dumps(HEADS | {"flag": os.system}))
    with pytest.raises(ModelError, match="does not trust"):
        load_heads(read_manifest(folder))


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x80\x04\x8c\x05posix\x94.", b"cos\nsystem\n(S'true'\ntR."]
)
def test_heads_that_are_no_archive(folder: Path, content: bytes) -> None:
    vouch_for(folder, "heads.skops", content)
    with pytest.raises(ModelError, match=r"heads\.skops: cannot be loaded"):
        load_heads(read_manifest(folder))


def test_heads_that_unpack_without_end(folder: Path) -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("schema.json", "w") as stream,
    ):
        for _ in range(26):
            stream.write(b" " * 10_000_000)
    vouch_for(folder, "heads.skops", packed.getvalue())
    with pytest.raises(ModelError, match="unpacks to 260000000 bytes"):
        load_heads(read_manifest(folder))


@pytest.mark.parametrize("heads", [{"flag": LOGISTIC}, [LOGISTIC], LOGISTIC])
def test_heads_that_are_not_all_there(folder: Path, heads: object) -> None:
    vouch_for(folder, "heads.skops", skops.io.dumps(heads))
    with pytest.raises(ModelError, match="lacks one of the heads"):
        load_heads(read_manifest(folder))


def test_what_is_loaded_is_what_was_hashed(folder: Path) -> None:
    manifest = read_manifest(folder)
    (folder / "heads.skops").write_bytes(skops.io.dumps(HEADS | {"more": 1}))
    with pytest.raises(ModelError, match="changed while it was being loaded"):
        load_heads(manifest)


# ---------------------------------------------------------------------- name or folder


def test_a_name_is_the_model_that_ships(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    shutil.copytree(folder, "default")
    assert find_model("default") == ROOT / "models" / "default"
    # A folder of that name is used where it is asked for as one.
    assert find_model("./default") == Path("default")
    assert find_model(Path.cwd() / "default") == Path.cwd() / "default"


def test_a_folder_by_its_bare_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert find_model("small") == Path("small")
    monkeypatch.chdir(folder)
    assert find_model(".") == Path()


@pytest.mark.parametrize("name", ["no-such-model", "no/such/model", "..", "", "models", "\0"])
def test_a_model_that_is_not_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    with pytest.raises(ModelError, match=r"neither a model folder with a model\.json nor"):
        find_model(name)
