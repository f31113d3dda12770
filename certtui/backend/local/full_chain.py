"""The chain that an export gives along: what came with the entry, completed by intermediates that are here anyway."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Connection

from certtui.backend.local.page import chain_material_by_subject, entries_by_subject
from certtui.model.x509 import X509Facts

_DEEPEST = 10
_MOST_OF_ONE_NAME = 20


def full_chain(connection: Connection, leaf: X509Facts, own: Sequence[X509Facts]) -> tuple[X509Facts, ...]:
    """Its own chain material, then intermediates of the inventory that really signed the end of it; roots are not added.

    A server that is given a chain with a hole fails for half of its clients, and the missing link is often just here.
    """
    end = _end_of(leaf, own)
    found: list[X509Facts] = []
    seen = {leaf.fingerprint_sha256, *(one.fingerprint_sha256 for one in own)}
    while not end.self_issued and len(found) < _DEEPEST:
        issuer = _issuer(connection, end, seen)
        if issuer is None or issuer.self_issued:
            break
        found.append(issuer)
        seen.add(issuer.fingerprint_sha256)
        end = issuer
    return (*own, *found)


def missing_issuer(connection: Connection, leaf: X509Facts, chain: Sequence[X509Facts]) -> str:
    """The RFC 4514 name of the issuer that a client could not find from this chain on, "" where it leads to a root."""
    end = _end_of(leaf, chain)
    if end.self_issued:
        return ""
    seen = {leaf.fingerprint_sha256, *(one.fingerprint_sha256 for one in chain)}
    issuer = _issuer(connection, end, seen)
    if issuer is not None and issuer.self_issued:
        return ""
    from certtui.pki.roots import system_trust_store

    return "" if end.issuer_id in system_trust_store().by_subject else end.issuer


def _end_of(leaf: X509Facts, own: Sequence[X509Facts]) -> X509Facts:
    """The last certificate that one reaches from the leaf by names within its own chain material."""
    by_subject = {one.subject_id: one for one in reversed(own)}
    end = leaf
    for _ in own:
        above = None if end.self_issued else by_subject.get(end.issuer_id)
        if above is None or above is end:
            break
        end = above
    return end


def _issuer(connection: Connection, end: X509Facts, seen: set[str]) -> X509Facts | None:
    from certtui.pki.signatures import signature_problem

    candidates = [facts for _, facts in entries_by_subject(connection, end.issuer_id, _MOST_OF_ONE_NAME)]
    candidates += chain_material_by_subject(connection, end.issuer_id, _MOST_OF_ONE_NAME)
    fitting = [one for one in candidates if one.fingerprint_sha256 not in seen and not signature_problem(end, one)]
    # The one that lasts longest of several; a root ends the search, so it comes last.
    return min(fitting, key=lambda one: (one.self_issued, -one.not_after.timestamp()), default=None)
