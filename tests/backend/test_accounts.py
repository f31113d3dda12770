"""Accounts at CAs as far as no CA is asked: who has none, what was overtaken, what is refused. `tests/acme/test_accounts.py` asks one."""

from __future__ import annotations

import pytest

from certtui.errors import Conflict, NotFound
from certtui.model.authority import AuthorityForm, AuthorityType
from tests.backend.issuing import external_authority


def acme(backend):
    settings = {"server": "letsencrypt", "tech_zone": "acme.example.net", "email": "ops@example.com", "agree": "yes"}
    return backend.authorities.add(AuthorityForm("le", AuthorityType.ACME, settings=settings))


def test_before_the_first_order_there_is_none(backend) -> None:
    authority = acme(backend)
    account = backend.accounts.get(authority.row.id)
    assert (account.url, account.status, account.closed, account.key_waits) == ("", "", False, False)
    assert (account.version, account.email) == (authority.row.version, ("ops@example.com",))
    assert account.directory == "https://acme-v02.api.letsencrypt.org/directory"
    seen = (authority.row.id, authority.row.version)
    for act in (
        lambda: backend.accounts.look(seen[0]),
        lambda: backend.accounts.roll_over(*seen),
        lambda: backend.accounts.set_contact(*seen, ["a@example.com"]),
        lambda: backend.accounts.deactivate(*seen, open_orders=0),
        lambda: backend.accounts.open_new(*seen),
    ):
        with pytest.raises(Conflict):
            act()
    assert backend.authorities.get(authority.row.id).row.version == authority.row.version


def test_other_authorities_have_none_and_a_stale_version_is_a_conflict(backend) -> None:
    other, authority = external_authority(backend).row, acme(backend).row
    for act in (
        lambda row, version: backend.accounts.roll_over(row.id, version, "ec-384"),
        lambda row, version: backend.accounts.set_contact(row.id, version, []),
        lambda row, version: backend.accounts.agree(row.id, version, "https://ca.example.com/terms"),
        lambda row, version: backend.accounts.deactivate(row.id, version, open_orders=0),
        lambda row, version: backend.accounts.open_new(row.id, version),
    ):
        with pytest.raises(NotFound):
            act(other, other.version)
        with pytest.raises(Conflict, match="changed by somebody else"):
            act(authority, authority.version + 1)
    with pytest.raises(NotFound):
        backend.accounts.get(other.id)
    with pytest.raises(NotFound):
        backend.accounts.get(999)
