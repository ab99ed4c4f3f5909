"""Web addresses in the one form that tells whether two of them name the same page."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from claimcheck.errors import SourceError

__all__ = ["TRACKING_PARAMETERS", "is_address", "normalise_url"]

TRACKING_PARAMETERS: Final = frozenset(
    """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh li_fat_id
    mc_cid mc_eid mkt_tok _hsenc _hsmi hsctatracking vero_id _openstat oly_anon_id oly_enc_id
    _ga _gl
    """.split()
)
"""Query parameters that say who sent the reader and never what is read; ``utm_*`` beside them."""

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# An escape, or a character that must be one. "?" and "/" are allowed in a query, "?" never
# gets into a path.
_TO_ENCODE: Final = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?]")


def is_address(text: str) -> bool:
    """Whether it begins like a web address, whatever the scheme."""
    return _ADDRESS.match(text) is not None


def normalise_url(url: str) -> str:
    """The address in the form by which duplicates are found; the same for its own result.

    Scheme and host in lower case, the host in its ASCII form (IDNA) without a closing dot,
    no default port, no fragment, no dot segments, escapes in capitals and only where needed,
    ``/`` for an empty path, and neither an empty query nor :data:`TRACKING_PARAMETERS`. The
    order of the other parameters, ``www.``, a closing slash and http against https stay:
    servers may answer differently.

    :raises SourceError: ``unsafe-address`` for another scheme than http and https or for a
        name and password in the address, ``not-found`` for what is no address.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _no_address(url, str(error)) from error
    if parts.scheme not in _PORTS:
        raise SourceError(
            f"{url}: only http and https addresses are fetched", kind="unsafe-address"
        )
    if "@" in parts.netloc:
        raise SourceError(
            f"{url}: holds a user name or password; give the address without it",
            kind="unsafe-address",
        )
    netloc = _host(url, host)
    if port is not None and port != _PORTS[parts.scheme]:
        netloc += f":{port}"
    path = _without_dots(_escaped(parts.path))
    query = _query(parts.query)
    return f"{parts.scheme}://{netloc}{path}{'?' if query else ''}{query}"


def _no_address(url: str, reason: str) -> SourceError:
    return SourceError(f"{url}: not a valid web address ({reason})", kind="not-found")


def _host(url: str, host: str) -> str:
    if ":" in host:
        return f"[{_ipv6(url, host)}]"
    name = unquote(host)
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise _no_address(url, f"its host name is none: {error}") from error
    name = name.lower().removesuffix(".")
    if not _HOST.fullmatch(name):
        raise _no_address(url, f"{host or 'nothing'!r} is no host name")
    return name


def _ipv6(url: str, host: str) -> str:
    from ipaddress import IPv6Address

    try:
        return str(IPv6Address(host))
    except ValueError as error:
        raise _no_address(url, str(error)) from error


def _escaped(text: str) -> str:
    return _TO_ENCODE.sub(_encode, text)


def _encode(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == 1:
        return "".join(f"%{byte:02X}" for byte in found.encode("utf-8", "replace"))
    character = chr(int(found[1:], 16))
    return character if character in _UNRESERVED else found.upper()


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _query(query: str) -> str:
    pieces = [piece for piece in query.split("&") if piece and not _is_tracking(piece)]
    return _escaped("&".join(pieces))


def _is_tracking(piece: str) -> bool:
    name = unquote(piece.partition("=")[0]).casefold()
    return name.startswith("utm_") or name in TRACKING_PARAMETERS
