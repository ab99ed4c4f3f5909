"""Retrieve web pages without being led astray, and without being a burden.

This room is the only door through which claimcheck retrieves anything. A page may name
any address, redirect anywhere, never stop sending, or unpack to a thousand times its
size, so every hop is resolved, vetted and *pinned* here: the address that was vetted is
the address that is connected to, and no second look-up can swap it.

:func:`fetch` retrieves the one page that somebody asked for by name. :class:`Fetcher`
retrieves many, and asks each host as its owner would like to be asked: after its
``robots.txt``, one request at a time, with a delay, and not at all while it is busy.

Modules: ``addresses`` (which addresses are public, which URLs are refused), ``network``
(vetted connections, deadlines, kept connections), ``transport`` (httpx over them),
``body`` (reading and unpacking within limits), ``hops`` (one request, redirects),
``robots``, ``gates`` (whose turn it is), ``cache`` (pages on disk), ``fetcher``
(composes them), ``records``.
"""

from claimcheck.fetch.addresses import host_of
from claimcheck.fetch.fetcher import Fetcher
from claimcheck.fetch.hops import fetch, user_agent
from claimcheck.fetch.records import Accept, Fetched, FetchOptions, HostStats, Resolver

__all__ = [
    "Accept",
    "FetchOptions",
    "Fetched",
    "Fetcher",
    "HostStats",
    "Resolver",
    "fetch",
    "host_of",
    "user_agent",
]
