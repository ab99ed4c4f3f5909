"""Unpacking within limits."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import SourceError
from claimcheck.sources.packing import (
    DAMAGE,
    PackingError,
    gunzip,
    open_unpacked,
    swells,
    unpack,
)

PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("coding", PACKERS)
def test_unpack_stops_at_the_limit(coding: str) -> None:
    packed = PACKERS[coding](bytes(10_000_000))
    found = unpack(packed, coding=coding, limit=1_000)
    assert (found.too_large, len(found.data)) == (True, 1_000)
    whole = unpack(packed, coding=coding, limit=10_000_000)
    assert (whole.too_large, whole.problem, len(whole.data)) == (False, None, 10_000_000)


@pytest.mark.parametrize("coding", PACKERS)
@given(data=st.binary(max_size=2_000))
def test_unpack_undoes_packing(coding: str, data: bytes) -> None:
    found = unpack(PACKERS[coding](data), coding=coding, limit=2_000)
    assert (found.data, found.problem, found.too_large) == (data, None, False)


@pytest.mark.parametrize("coding", [*PACKERS, "identity"])
@given(data=st.binary(max_size=300))
def test_any_bytes_unpack_to_something(coding: str, data: bytes) -> None:
    assert len(unpack(data, coding=coding, limit=100_000).data) <= 100_000


def test_several_members_and_what_follows_them() -> None:
    packed = gzip.compress(b"a") + gzip.compress(b"b")
    assert gunzip(packed, name="n", limit=10) == b"ab"
    assert gunzip(packed + b"padding", name="n", limit=10) == b"ab"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (gzip.compress(b"abc" * 100)[:-4], "corrupt"),
        (gzip.compress(bytes(2_000)), "too-large"),
        (b"no gzip", "corrupt"),
        (b"", "corrupt"),
    ],
    ids=["cut", "large", "none", "empty"],
)
def test_gunzip_refuses(data: bytes, kind: str) -> None:
    with pytest.raises(SourceError) as caught:
        gunzip(data, name="n", limit=1_000)
    assert caught.value.kind == kind


def test_an_unknown_coding() -> None:
    with pytest.raises(LookupError):
        unpack(b"x", coding="rot13", limit=10)


@pytest.mark.parametrize("packing", ["gzip", "zstd", "none"])
def test_files_are_unpacked_while_they_are_read(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "a"
    data = bytes(range(256)) * 2_000
    path.write_bytes(PACKERS[packing](data) if packing in PACKERS else data)
    with open_unpacked(path) as stream:
        assert stream.read() == data


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_a_cut_file_is_damage_and_no_end(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKERS[packing](bytes(range(256)) * 2_000)[:-6])
    with open_unpacked(path) as stream, pytest.raises(DAMAGE):
        stream.read()


def test_a_window_beyond_what_is_usual_is_refused(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=False)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    path = tmp_path / "a"
    path.write_bytes(packer.compress(b"words" * 100) + packer.flush())
    with open_unpacked(path) as stream, pytest.raises(PackingError):
        stream.read()


def test_what_swells() -> None:
    assert not swells(10, 60 << 20)
    assert swells(100_000, 100 << 20)
    assert not swells(1 << 20, 100 << 20)
