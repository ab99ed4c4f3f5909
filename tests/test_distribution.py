"""What is built is whole, and works where there is no checkout and no network."""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PREFIX = f"claimcheck_health-{PROJECT['version']}"
INFO = f"{PREFIX}.dist-info"
SECRETS = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    rb"|\bhf_[A-Za-z0-9]{30,}\b|\bxox[abprs]-[0-9A-Za-z-]{10,}"
)
NO_NETWORK = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise RuntimeError(f"the network was asked for: {event} {arguments}")

sys.addaudithook(refuse)
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "CLAIMCHECK_", "VIRTUAL_ENV", "COVERAGE", "PYTEST"))
    }
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=kept | {"PYTHONUTF8": "1"} | environment,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist, and the wheel that was made from that sdist."""
    out = tmp_path_factory.mktemp("dist")
    # A folder of its own: `python -m build` in the checkout could meet one called build/.
    done = run(
        sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT, cwd=out
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def sdist(built: Path) -> Path:
    (found,) = built.glob("*.tar.gz")
    return found


def wheel_files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sdist_files(sdist: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():
            assert member.isfile(), f"{member.name}: neither links nor devices"
            stream = archive.extractfile(member)
            assert stream is not None
            found[member.name.removeprefix(f"{PREFIX}/")] = stream.read()
    return found


def source_files() -> list[Path]:
    """The files of the package in the checkout, without what Python makes of them."""
    return [
        path
        for path in (ROOT / "src" / "claimcheck").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    assert wheel.name == f"{PREFIX}-py3-none-any.whl"
    files = wheel_files(wheel)
    for path in source_files():
        name = path.relative_to(ROOT / "src").as_posix()
        assert files.get(name) == path.read_bytes(), name
    for path in (ROOT / "models" / "default").iterdir():
        assert files.get(f"claimcheck/models/default/{path.name}") == path.read_bytes(), path.name
    assert {"claimcheck/py.typed", "claimcheck/schemas/report.schema.json"} <= set(files)
    assert {name.split("/")[0] for name in files} == {"claimcheck", INFO}
    assert not [name for name in files if name.endswith(".pyc") or "/." in name]
    assert sum(map(len, files.values())) < 90_000_000


def test_the_wheel_carries_licence_notices_and_entry_points(wheel: Path) -> None:
    files = wheel_files(wheel)
    for name in ("LICENSE", "THIRD_PARTY_NOTICES.md"):
        assert files[f"{INFO}/licenses/{name}"] == (ROOT / name).read_bytes()
    metadata = email.message_from_bytes(files[f"{INFO}/METADATA"])
    assert metadata["Name"] == "claimcheck-health"
    assert metadata["Version"] == PROJECT["version"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])
    entries = files[f"{INFO}/entry_points.txt"].decode()
    assert "claimcheck = claimcheck.cli:main" in entries
    for factory in ("claimcheck_cues", "claimcheck_scope", "claimcheck_claims"):
        assert f"{factory} = " in entries


def test_the_sdist_holds_what_the_wheel_is_made_and_tested_from(sdist: Path) -> None:
    assert sdist.name == f"{PREFIX}.tar.gz"
    files = sdist_files(sdist)
    wanted = [
        *source_files(),
        *(ROOT / "models" / "default").iterdir(),
        *(ROOT / "scripts").glob("*"),
        *(ROOT / "examples").glob("*"),
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / name for name in ("LICENSE", "THIRD_PARTY_NOTICES.md", "SECURITY.md")),
        *(ROOT / name for name in ("README.md", "pyproject.toml", "Makefile", ".ci/run")),
    ]
    for path in wanted:
        if path.is_file():
            name = path.relative_to(ROOT).as_posix()
            assert files.get(name) == path.read_bytes(), name
    tops = {name.split("/")[0] for name in files if "/" in name}
    assert tops <= {
        "src", "models", "tests", "scripts", "examples", "docs", "corpora", ".ci"
    }  # fmt: skip
    assert not [name for name in files if name.endswith(".pyc") or "__pycache__" in name]


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_nothing_of_this_machine_is_in_it(kind: str, wheel: Path, sdist: Path) -> None:
    files = wheel_files(wheel) if kind == "wheel" else sdist_files(sdist)
    here = str(ROOT).encode()
    for name, content in files.items():
        assert here not in content, f"{name} names a folder of this machine"
        assert SECRETS.search(content) is None, f"{name} holds a key"
        hidden = [part for part in name.split("/") if part.startswith(".")]
        assert not set(hidden) - {".gitignore", ".ci"}, name


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; its dependencies are seen where they lie here."""
    place = tmp_path_factory.mktemp("fresh")
    environment = place / "env"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    if sys.platform == "win32":
        python = environment / "Scripts" / "python.exe"
    done = run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
        "--no-index", "--disable-pip-version-check", wheel, cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    paths = {"base": str(environment), "platbase": str(environment)}
    site = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    assert (site / "claimcheck").is_dir()
    (site / "beside.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    (site / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    return python


def test_the_wheel_is_what_runs_and_the_network_is_off(installed: Path, tmp_path: Path) -> None:
    program = (
        "import claimcheck, socket\n"
        "from claimcheck.judge import find_model\n"
        "print(claimcheck.__file__)\n"
        "print(claimcheck.__version__)\n"
        "print(find_model('default'))\n"
        "socket.create_connection(('127.0.0.1', 9))\n"
    )
    done = run(installed, "-c", program, cwd=tmp_path)
    home, version, model = done.stdout.splitlines()
    assert Path(home).is_relative_to(installed.parents[1])
    assert Path(model).is_relative_to(installed.parents[1])
    assert version == PROJECT["version"]
    assert "the network was asked for" in done.stderr


def test_an_installed_wheel_checks_offline(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "draft.txt").write_text("The peel has virtually no side effects.\n", "utf-8")
    command = installed.parent / "claimcheck"
    done = run(command, "check", "draft.txt", "--format", "json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert "minimised-harm" in [finding["issue"] for finding in report["findings"]]
    assert report["tool"]["model"] == "default"
    assert report["tool"]["version"] == PROJECT["version"]
    shown = run(command, "--version", cwd=tmp_path)
    assert PROJECT["version"] in shown.stdout


def test_an_installed_wheel_writes_a_page_and_validates(installed: Path, tmp_path: Path) -> None:
    page = ROOT / "examples" / "01-clinic-infusion.html"
    done = run(installed, "-m", "claimcheck", "check", page, "-o", "report.html", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")
    program = (
        "import json, jsonschema\n"
        "from importlib.resources import files\n"
        "from claimcheck import Checker, make_settings\n"
        "schema = files('claimcheck') / 'schemas' / 'report.schema.json'\n"
        "report = Checker(make_settings()).check_text('Tea cures colds.').to_json_dict()\n"
        "report = json.loads(json.dumps(report))\n"
        "jsonschema.validate(report, json.loads(schema.read_text('utf-8')))\n"
    )
    done = run(installed, "-c", program, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
