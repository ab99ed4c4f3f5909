"""``robots.txt``: what a site asks of programs (RFC 9309)."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from claimcheck.errors import FailureKind, SourceError
from claimcheck.fetch.gates import LONGEST_PAUSE

if TYPE_CHECKING:
    from protego import Protego

__all__ = ["LONGEST_ROBOTS", "RobotsMemory", "Rules", "read_rules", "refused_rules"]

LONGEST_ROBOTS = 512_000
"""Bytes of a ``robots.txt`` that are read; the standard asks for 500 KiB at least."""

_TOKEN = "claimcheck"  # noqa: S105 - our name in a robots.txt, no secret
_KNOWN_SECONDS = 86_400.0  # the standard's longest time to go by a copy
_REMEMBERED_SITES = 2_000
_REMEMBERED_BYTES = 4_000_000  # of text; parsed it takes some twenty times as much
_ENTRY_BYTES = 500  # counted for a site with an empty file
_AGENT_LINE = re.compile(r"\s*user[ -]?agent(?:\s*:|\s)\s*(.*)", re.IGNORECASE)
_OTHER_LINE = re.compile(r"\s*(?:site-?maps?|host)\s*:", re.IGNORECASE)


@dataclass(slots=True)
class Rules:
    """What one site asks of us; null ``file`` asks nothing.

    ``delay`` is in seconds between requests, null where none is named. ``failure`` says
    why the file could not be had; then nothing may be retrieved, and after ``hold``
    seconds the file is asked for again.
    """

    file: Protego | None = None
    delay: float | None = None
    size: int = 0
    failure: SourceError | None = None
    hold: float = _KNOWN_SECONDS
    learnt: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds for which they stand."""
        return self.hold - (time.monotonic() - self.learnt)

    def check(self, url: str) -> None:
        """:raises SourceError: ``robots``, or why the site could not be reached."""
        if self.failure is not None:
            kind: FailureKind = "connection" if self.failure.kind == "connection" else "robots"
            retryable = self.failure.retryable
            raise SourceError(
                f"{url}: not retrieved, for the site's robots.txt could not be read "
                f"({self.failure})",
                kind=kind,
                retryable=retryable,
                retry_after=max(0.0, self.left) if retryable else None,
            )
        if self.file is not None and not self.file.can_fetch(url, _TOKEN):
            raise SourceError(
                f"{url}: the site's robots.txt asks programs not to retrieve it; "
                "save the page in a browser and check the file",
                kind="robots",
            )


def read_rules(data: bytes) -> Rules:
    """What a ``robots.txt`` asks of us. Whatever is no rule is passed over."""
    from protego import Protego

    text = _relevant(data[:LONGEST_ROBOTS].decode("utf-8", "replace"))
    if not text:
        return Rules()
    file = Protego.parse(text)
    delay = file.crawl_delay(_TOKEN)
    if (rate := file.request_rate(_TOKEN)) is not None:
        delay = max(delay or 0.0, rate.seconds / rate.requests)
    return Rules(file, delay, len(text))


def refused_rules(error: SourceError, *, earlier: Rules | None, first_hold: float) -> Rules:
    """What holds where the file could not be had.

    A page that the server says is not there, or not for us (4xx), or that redirects for
    ever, asks nothing. Anything else closes the site, for a time that doubles with each
    failure in a row: many pages of a site that is down must not each wait for it.

    :param earlier: what was known of the site before.
    :param first_hold: seconds.
    """
    if error.kind in ("not-found", "blocked", "redirect"):
        return Rules()
    hold = first_hold
    if earlier is not None and earlier.failure is not None:
        hold = earlier.hold * 2
    hold = min(max(hold, error.retry_after or 0.0), LONGEST_PAUSE)
    return Rules(failure=error, hold=hold)


class RobotsMemory:
    """The rules of the sites asked last, each for a day, in bounded memory; thread-safe."""

    def __init__(self) -> None:
        self._sites: OrderedDict[str, Rules] = OrderedDict()
        self._asking: set[str] = set()
        self._bytes = 0
        self._changed = threading.Condition()

    def rules(self, site: str, learn: Callable[[Rules | None], Rules]) -> Rules:
        """The rules of a site; ``learn`` is called where none are known that stand.

        One thread learns, the others wait for it.

        :param site: scheme, host and port.
        :param learn: is given what was known before; what it raises is raised here, and
            nothing is remembered.
        """
        with self._changed:
            while True:
                known = self._sites.get(site)
                if known is not None and known.left > 0:
                    self._sites.move_to_end(site)
                    return known
                if site not in self._asking:
                    break
                self._changed.wait()
            self._asking.add(site)
        try:
            rules = learn(known)
            with self._changed:
                self._remember(site, rules)
            return rules
        finally:
            with self._changed:
                self._asking.discard(site)
                self._changed.notify_all()

    def _remember(self, site: str, rules: Rules) -> None:
        if (old := self._sites.pop(site, None)) is not None:
            self._bytes -= old.size + _ENTRY_BYTES
        self._sites[site] = rules
        self._bytes += rules.size + _ENTRY_BYTES
        while len(self._sites) > _REMEMBERED_SITES or (
            self._bytes > _REMEMBERED_BYTES and len(self._sites) > 1
        ):
            _, dropped = self._sites.popitem(last=False)
            self._bytes -= dropped.size + _ENTRY_BYTES


def _relevant(text: str) -> str:
    """The groups that speak to us or to everybody, each under one name.

    The parser keeps the rules once for every name above them, so a file of ten thousand
    names and ten thousand rules would take gigabytes. It also takes "claim" for us.
    """
    kept: list[str] = []
    ours = everybody = False
    in_names = False
    for line in re.split(r"[\r\n]+", text.removeprefix("\ufeff")):
        statement = line.partition("#")[0].strip()
        if not statement or _OTHER_LINE.match(statement):
            continue
        if match := _AGENT_LINE.fullmatch(statement):
            if not in_names:
                ours = everybody = False
            in_names = True
            name = match[1].strip().lower()
            everybody = everybody or name == "*"
            ours = ours or re.match("[a-z_-]*", name)[0] == _TOKEN  # type: ignore[index]
            continue
        if in_names:
            kept += _names(ours=ours, everybody=everybody)
        in_names = False
        if ours or everybody:
            kept.append(statement)
    if in_names:  # a group without rules at the end: it allows everything
        kept += _names(ours=ours, everybody=everybody)
    return "\n".join(kept)


def _names(*, ours: bool, everybody: bool) -> list[str]:
    return ["user-agent: *"] * everybody + [f"user-agent: {_TOKEN}"] * ours
