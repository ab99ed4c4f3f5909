"""What the child processes of the tests do with a page; imported by name in the child.

The folder that holds this module is put on the path for that, so it holds nothing else.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from claimcheck.errors import UsageError
from claimcheck.records import (
    Article,
    Block,
    Failure,
    FailureDetail,
    Report,
    Sentence,
    Summary,
    Tool,
)
from claimcheck.scan import pages
from claimcheck.scan.pages import PageResult, PageTask
from claimcheck.sources import RawDocument

__all__ = ["fake", "judge", "prepare_badly"]


def judge(task: PageTask) -> PageResult:
    """Do what the page's address says: ``good``, ``die``, ``hang``, ``die-once PATH`` …"""
    what, _, rest = task.entry.uri.partition(" ")
    match what:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(int(rest))
        case "die-once":
            if not Path(rest).exists():
                Path(rest).touch()
                os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(3_600)
        case "broken":
            raise UsageError("models/none: there is no such model")
        case "fault":
            raise ZeroDivisionError("boom")
        case _:
            pass
    return PageResult(
        seq=task.seq,
        state="report",
        outcome=f"{os.getpid()}".encode(),
        sha256="0" * 64,
        brief=None,
        seconds=0.0,
        cpu_seconds=0.0,
    )


def prepare_badly() -> None:
    """Die before the first page."""
    os._exit(3)


def fake(task: PageTask) -> None:
    """A page hook: judge without a model, and die, hang or eat as the page's name says."""
    assert pages._room is not None
    pages._room.checker = FakeChecker()  # type: ignore[assignment]
    path = Path(task.entry.uri)
    name = path.stem
    if name.startswith("die-once"):
        died = path.with_suffix(".died")
        if not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    elif name.startswith("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    elif name.startswith("hang"):
        time.sleep(3_600)
    elif name.startswith("eat"):
        held = []
        while True:
            held.append(bytearray(16_000_000))
    elif name.startswith("slow"):
        time.sleep(float(name.rpartition("-")[2]))


class FakeChecker:
    """A report that holds the page's text; a failure where the page says ``thin``."""

    def check(self, document: RawDocument) -> Report | Failure:
        text = document.data.decode()
        if "thin" in text:
            detail = FailureDetail(kind="thin", message=f"{document.source.uri}: too little text")
            return Failure(source=document.source, error=detail)
        return Report(
            tool=Tool(version="0", model="default", model_sha256="0" * 64),
            source=document.source,
            article=Article(
                text=text,
                blocks=(Block(kind="paragraph", start=0, end=len(text)),),
                sentences=(Sentence(start=0, end=len(text), block=0, score=0.1),),
            ),
            summary=Summary(words=len(text.split()), sentences=1),
        )
