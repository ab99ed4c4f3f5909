"""The gate: its file, its verdicts, and the shipped model's floors on our own corpus."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

import claimcheck.training
from claimcheck.cli import main
from claimcheck.errors import UsageError
from claimcheck.training.evaluate import Evaluation, Trial, measure
from claimcheck.training.gate import broken, check_gate, load_gate

SHIPPED = Path(str(resources.files(claimcheck.training) / "gate.toml"))
WHERE = 'data = "pages", split = "dev", profile = "balanced"'


def _gate(tmp_path: Path, *floors: str, more: str = "") -> Path:
    path = tmp_path / "gate.toml"
    lines = ",\n".join(f"{{ {floor} }}" for floor in floors)
    path.write_text(f"format = 1\nfloors = [\n{lines}\n]\n{more}", encoding="utf-8")
    return path


def test_the_shipped_model_holds_its_floors(wellness_test: Evaluation) -> None:
    gate = load_gate(SHIPPED)
    outcomes = check_gate(gate, [wellness_test])
    assert [f"{one.floor} ({one.value}; {one.reason})" for one in broken(outcomes)] == []
    assert sum(one.state == "met" for one in outcomes) >= 10
    left = {one.floor.split()[0].rstrip(":") for one in outcomes if one.state == "not run"}
    assert left <= {"claims_real", "claims_real/dev"}


def test_floors_and_ceilings(trial: Trial, tmp_path: Path) -> None:
    path = _gate(
        tmp_path,
        f'{WHERE}, slice = "all", metric = "precision", minimum = 0.75',
        f'{WHERE}, slice = "all", metric = "precision", minimum = 0.76',
        f'{WHERE}, slice = "all", metric = "brier", maximum = 0.9',
        f'{WHERE}, slice = "all", metric = "brier", maximum = 0.01',
        f'{WHERE}, slice = "all", metric = "kind_accuracy", minimum = 0.9',
        f'{WHERE}, slice = "type=cure", metric = "f1_given_flag", minimum = 1',
        f'{WHERE}, slice = "severity=3", metric = "recall", minimum = 1',
        f'{WHERE}, slice = "severity=3", metric = "precision", minimum = 0',
        f'{WHERE}, slice = "news", metric = "f1", minimum = 0',
        'data = "other", split = "dev", profile = "balanced", slice = "all", metric = "f1", '
        "minimum = 0.5",
    )
    outcomes = check_gate(load_gate(path), [measure(trial)])
    assert [one.state for one in outcomes] == [
        "met", "broken", "met", "broken", "met", "met", "met", "broken", "broken", "not run",
    ]  # fmt: skip
    assert outcomes[1].floor == "pages dev, balanced, all: precision at least 0.76"
    assert outcomes[1].value == 0.75
    assert "no such figure" in outcomes[8].reason


def test_floors_mean_nothing_on_other_data(trial: Trial, tmp_path: Path) -> None:
    floor = f'{WHERE}, slice = "all", metric = "f1", minimum = 0'
    for digest, state in (("1" * 64, "met"), ("2" * 64, "broken")):
        path = _gate(tmp_path, floor, more=f'[sha256]\n"pages/dev" = "{digest}"\n')
        outcomes = check_gate(load_gate(path), [measure(trial)])
        assert [one.state for one in outcomes] == [state, "met"]
        assert check_gate(load_gate(path), [])[0].state == "not run"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("format = 2", "format is not 1"),
        ("format = 1", "holds no floor"),
        ("format = 1\nflors = []", "unknown key 'flors'"),
        ("format", "not TOML"),
        ('format = 1\nfloors = [{ data = "d" }]', "floor 1: unknown keys .* lacking keys"),
        (f'format = 1\nfloors = [{{ {WHERE}, slice = "all", metric = "f1" }}]', "neither"),
        (
            f'format = 1\nfloors = [{{ {WHERE}, slice = "all", metric = "f1", minimum = "x" }}]',
            "minimum is not a number",
        ),
        (
            'format = 1\nfloors = [{ data = "d", split = "s", profile = "bold", slice = "all", '
            'metric = "f1", minimum = 0 }]',
            "profile 'bold'",
        ),
    ],
)
def test_a_broken_gate_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        load_gate(path)


def test_the_command_exits_with_one_and_names_the_floor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "tiny.jsonl"
    corpus.write_text(
        '{"doc": "d", "passage": "p", "n": 0, "text": "It tastes of hay.", "label": "NONE", '
        '"split": "test"}\n',
        encoding="utf-8",
    )
    floor = 'data = "tiny", split = "test", profile = "careful", slice = "all", metric = "brier"'
    path = _gate(tmp_path, f"{floor}, maximum = 1", f"{floor}, maximum = -1")
    assert main(["evaluate", "--data", str(corpus), "--gate", str(path)]) == 1
    out = capsys.readouterr().out
    assert "met: tiny test, careful, all: brier at most 1" in out
    assert "broken: tiny test, careful, all: brier at most -1" in out
    path = _gate(tmp_path, f"{floor}, maximum = 1")
    assert main(["evaluate", "--data", str(corpus), "--gate", str(path), "-q"]) == 0


def test_what_does_not_go_with_a_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gate = str(SHIPPED)
    data = ["--data", str(tmp_path / "wellness")]
    assert main(["evaluate", *data, "--gate", gate, "--split", "dev"]) == 2
    assert "the gate file names it" in capsys.readouterr().err
    assert main(["evaluate", *data, "--gate", gate, "--model", "a", "--model", "b"]) == 2
    assert "measures one model" in capsys.readouterr().err
    assert main(["evaluate", "--data", str(tmp_path / "nothing"), "--gate", gate]) == 2
    assert "no floor for the data set 'nothing'" in capsys.readouterr().err
