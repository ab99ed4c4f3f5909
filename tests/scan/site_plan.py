"""What the test site holds: which page stands where, and how a scan of it must end.

The plan is a function of the number of pages, a seed and the port. It says nothing of how
pages are served (``site.py``) or what they say (``site_text.py``).
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

__all__ = [
    "CLOSED",
    "CRAWL_DELAY",
    "DRIPPING",
    "HOSTS",
    "Expected",
    "Page",
    "Plan",
    "Route",
    "make_plan",
]

_STEMS: Final = ("daily", "sleep", "kitchen", "clinic", "garden", "runner", "family", "remedy")
_PLACES: Final = ("north", "south", "harbour", "valley", "hill")
HOSTS: Final = tuple(f"{stem}-{place}.test" for stem in _STEMS for place in _PLACES)
"""Forty hosts; each is one site with one gate."""

CRAWL_DELAY: Final = HOSTS[0]  # asks for more patience than the scan has of its own accord
CLOSED: Final = HOSTS[1]  # lets nobody in
INVITED: Final = HOSTS[2]  # lets in nobody but claimcheck
NO_ROBOTS: Final = frozenset(HOSTS[3:9])  # has no robots.txt
MEMBERS: Final = "/members/"  # what robots.txt of the other hosts keeps to itself

State = Literal["done", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of page: how many of 200, its end, and what it costs its host in requests."""

    share: int
    failure: str | None = None
    cost: int = 1


DRIPPING: Final = 20
"""The cost of a page that holds its host until time is up, again and again."""

KINDS: Final[dict[str, Kind]] = {
    "article": Kind(0),  # all the rest
    "slow": Kind(6),
    "busy-once": Kind(6, cost=2),
    "unavailable-once": Kind(6, cost=2),
    "redirect": Kind(8),
    "redirect-known": Kind(2),
    "latin-as-utf8": Kind(4),
    "utf8-as-latin": Kind(4),
    "latin-undeclared": Kind(3),
    "utf8-undeclared": Kind(3),
    "address-duplicate": Kind(10, cost=0),
    "content-duplicate": Kind(8),
    "thin-duplicate": Kind(2, "thin"),
    "unavailable": Kind(3, "server-error", cost=6),
    "redirect-loop": Kind(3, "redirect", cost=6),
    "redirect-disallowed": Kind(1, "robots"),
    "robots": Kind(6, "robots", cost=0),
    "consent-wall": Kind(5, "consent-wall"),
    "paywall": Kind(5, "paywall"),
    "thin": Kind(4, "thin"),
    "missing": Kind(4, "not-found"),
    "gone": Kind(3, "not-found"),
    "forbidden": Kind(3, "blocked"),
    "pdf": Kind(3, "unsupported-type"),
    "binary": Kind(2, "unsupported-type"),
    "corrupt-gzip": Kind(2, "corrupt", cost=2),
    "cut-gzip": Kind(2, "corrupt", cost=4),
    "broken": Kind(2, "connection", cost=4),
    "hung-up": Kind(1, "connection", cost=4),
    "foreign": Kind(5, "unsupported-language"),
    "empty": Kind(2, "no-article"),
    "gzip-bomb": Kind(2, "too-large"),
    "endless": Kind(1, "too-large"),
    "slow-header": Kind(1, "timeout", cost=DRIPPING),
    "slow-body": Kind(1, "timeout", cost=DRIPPING),
}
_ACCENTED: Final = ("latin-as-utf8", "utf8-as-latin", "latin-undeclared", "utf8-undeclared")
_FEWEST: Final = 100  # pages, so that every kind has its share


@dataclass(frozen=True, slots=True)
class Expected:
    """The final state of one input. ``of`` is the position of a duplicate's original."""

    state: State
    reason: str | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """What one path of one host does.

    ``content`` names the bytes (kind and number); ``location`` is where a redirect leads.
    """

    kind: str
    content: tuple[str, int] | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One input of the scan. ``key`` is the address that its duplicates share."""

    position: int
    kind: str
    url: str
    key: str
    content: tuple[str, int] | None

    @property
    def has_accents(self) -> bool:
        """Whether the article must hold ``site_text.ACCENTED``."""
        return self.kind in _ACCENTED


@dataclass(frozen=True, slots=True)
class Plan:
    """The pages in the order of the list, what is served, and what must come of them."""

    pages: tuple[Page, ...]
    routes: dict[tuple[str, str], Route]
    expected: tuple[Expected, ...]


def make_plan(count: int, *, seed: int, port: int) -> Plan:
    """Spread ``count`` pages over the hosts.

    :raises ValueError: fewer than 100 pages.
    """
    if count < _FEWEST:
        raise ValueError(f"{count} pages: fewer than {_FEWEST} cannot hold every kind of page")
    dice = random.Random(f"plan {seed} {count}")
    builder = _Builder(dice=dice, port=port)
    kinds = _kinds(count)
    dice.shuffle(kinds)
    # Duplicates need somebody to be like, who may stand before or after them in the list.
    later = [index for index, kind in enumerate(kinds) if kind in _PARTNERS]
    pages = {
        index: builder.page(index, kind) for index, kind in enumerate(kinds) if index not in later
    }
    for index in later:
        kind = kinds[index]
        partner = dice.choice([p for p in pages.values() if p.kind == _PARTNERS[kind]])
        pages[index] = builder.page(index, kind, partner)
    ordered = tuple(pages[index] for index in range(count))
    return Plan(ordered, builder.routes, _expected(ordered))


_PARTNERS: Final = {
    "address-duplicate": "article",
    "content-duplicate": "article",
    "redirect-known": "article",
    "thin-duplicate": "thin",
}


def _kinds(count: int) -> list[str]:
    kinds = [
        name
        for name, kind in KINDS.items()
        for _ in range(max(1, round(kind.share * count / 200)) if kind.share else 0)
    ]
    return kinds + ["article"] * (count - len(kinds))


@dataclass
class _Builder:
    """Gives every page a host, in turn the one that has least to do."""

    dice: random.Random
    port: int
    routes: dict[tuple[str, str], Route] = field(default_factory=dict)
    load: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HOSTS, 0))
    dripping: set[str] = field(default_factory=set)
    made: Counter[str] = field(default_factory=Counter)

    def page(self, index: int, kind: str, partner: Page | None = None) -> Page:
        """One page and its routes."""
        self.made[kind] += 1
        if kind == "address-duplicate":
            assert partner is not None
            return replace(partner, position=index, kind=kind, url=_variant(partner.url, index))
        host = self._host_for(index, kind)
        path = f"/{kind}/{index}"
        content: tuple[str, int] | None = (kind, index)
        if kind == "robots":
            path = f"{MEMBERS}{index}" if host != CLOSED else path
        elif kind in ("content-duplicate", "thin-duplicate"):
            assert partner is not None
            content = partner.content
        elif kind.startswith("redirect"):
            content = self._redirects(index, kind, host, path, partner)
        if not kind.startswith("redirect"):
            self.routes[host, path] = Route(kind, content)
        url = self._url(host, path)
        return Page(index, kind, url, url, content)

    def _host_for(self, index: int, kind: str) -> str:
        if kind == "robots" and self.made[kind] % 2:
            return CLOSED
        if kind == "robots":
            return self.dice.choice([h for h in HOSTS[2:] if h not in NO_ROBOTS])
        # A host with a crawl-delay of several times the delay gets fewer pages, all plain.
        if kind == "article" and self.made[kind] % 30 == 1:
            return CRAWL_DELAY
        return self._take(KINDS[kind].cost)

    def _take(self, cost: int) -> str:
        """The host of those open to all that has least to do, and no second page that drips."""
        drips = cost == DRIPPING
        hosts = [name for name in HOSTS[2:] if not (drips and name in self.dripping)]
        host = min(hosts or HOSTS[2:], key=lambda name: (self.load[name], self.dice.random()))
        self.load[host] += cost
        if drips:
            self.dripping.add(host)
        return host

    def _redirects(
        self, index: int, kind: str, host: str, path: str, partner: Page | None
    ) -> tuple[str, int] | None:
        """A chain of hops that begins at ``path``; what its end says."""
        here = (host, path)
        content: tuple[str, int] | None = None
        if kind == "redirect-loop":
            end, hops = self._url(*here), self.made[kind] % 2 + 1
        elif kind == "redirect-known":
            assert partner is not None
            end, hops, content = partner.url, 1, partner.content
        elif kind == "redirect-disallowed":
            end, hops = self._url(HOSTS[-1], f"{MEMBERS}{index}"), 1
        else:
            last = (self._take(1), f"/arrived/{index}")
            content = ("article", index)
            self.routes[last] = Route("article", content)
            end, hops = self._url(*last), self.made[kind] % 4 + 1
        for hop in range(1, hops):
            there = (self._take(1), f"/hop/{index}/{hop}")
            self.routes[here] = Route("redirect", location=self._url(*there))
            here = there
        self.routes[here] = Route("redirect", location=end)
        return content

    def _url(self, host: str, path: str) -> str:
        return f"http://{host}:{self.port}{path}"


def _variant(url: str, index: int) -> str:
    """Another way to write the same address."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    return (
        f"{url}?utm_source=letter&utm_medium=email",
        f"{url}#comments",
        f"{scheme}://{host.upper()}/{path}",
        f"{url}?fbclid=abc{index}",
        f"{scheme.upper()}://{host.title()}/{path}?utm_campaign=spring#top",
    )[index % 5]


_TWINNED: Final = {*_PARTNERS, *_PARTNERS.values()} | {
    name for name, kind in KINDS.items() if not kind.failure
}
"""Kinds whose bytes arrive and may be those of another page."""


def _expected(pages: Sequence[Page]) -> tuple[Expected, ...]:
    """Final states by the rule of the ledger: of several alike, the first is the original."""
    by_key: defaultdict[str, list[Page]] = defaultdict(list)
    for page in pages:
        by_key[page.key].append(page)
    ends: dict[int, Expected] = {}
    by_content: defaultdict[tuple[str, int], list[Page]] = defaultdict(list)
    for first, *others in by_key.values():
        failure = KINDS[first.kind].failure
        ends[first.position] = Expected("failed", failure) if failure else Expected("done")
        for other in others:
            ends[other.position] = Expected("skipped", "duplicate-address", first.position)
        if first.content is not None and first.kind in _TWINNED:
            by_content[first.content].append(first)
    for first, *others in by_content.values():
        failure = KINDS[first.kind].failure
        for other in others:
            # What could not be read the first time is no article the second time either.
            ends[other.position] = (
                Expected("failed", failure, first.position)
                if failure
                else Expected("skipped", "duplicate-content", first.position)
            )
    return tuple(ends[page.position] for page in pages)
