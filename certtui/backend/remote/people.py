"""Tokens and client certificates of a server, for its admins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.wire_forms import MappingBody
from certtui.model.access import Access, CertificateMapping, NewToken, TokenForm, TokenInfo

if TYPE_CHECKING:
    from certtui.backend.remote.view import View


class RemotePeople:
    """`backend.base.People` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def create_token(self, form: TokenForm) -> NewToken:
        self._view.may_change()
        found: NewToken = self._http.change("POST", "/tokens", form, NewToken)
        return found

    def list_tokens(self) -> Sequence[TokenInfo]:
        found: tuple[TokenInfo, ...] = self._http.read("/tokens", tuple[TokenInfo, ...])
        return found

    def revoke_token(self, token_id: int) -> TokenInfo:
        self._view.may_change()
        found: TokenInfo = self._http.change("DELETE", f"/tokens/{token_id}", None, TokenInfo)
        return found

    def add_mapping(self, match: str, actor: str, access: Access) -> CertificateMapping:
        self._view.may_change()
        found: CertificateMapping = self._http.change(
            "POST", "/mappings", MappingBody(match, actor, access), CertificateMapping
        )
        return found

    def list_mappings(self) -> Sequence[CertificateMapping]:
        found: tuple[CertificateMapping, ...] = self._http.read("/mappings", tuple[CertificateMapping, ...])
        return found

    def remove_mapping(self, mapping_id: int) -> None:
        self._view.may_change()
        self._http.change("DELETE", f"/mappings/{mapping_id}", None, None)
