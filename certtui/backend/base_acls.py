"""The seam, continued: access lists, and who reaches what."""

from __future__ import annotations

from collections.abc import Sequence

from certtui.typed import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.acl import Acl, AclForm, Reach, Reacher


class Acls(Protocol):
    """Access lists on certificates, containers, repositories and secrets (`certtui.model.acl.KINDS`)."""

    def get(self, kind: str, object_id: int) -> Acl:
        """The list of one object, as it stands by default where nobody wrote one. Raises `NotFound`, `Invalid` (kind)."""

    def set(self, kind: str, object_id: int, version: int, form: AclForm) -> Acl:
        """Change it; version 0 for the first. Raises `Denied` for who is neither owner nor admin, `Conflict`, `Invalid` (field)."""

    def who(self, kind: str, object_id: int) -> Sequence[Reacher]:
        """Every token and client certificate that is still good, and what it may do with the object. Raises `NotFound`."""

    def reach(self, credential: str) -> Reach:
        """What `token 3` or `mapping 2` reaches. Raises `NotFound`, `Invalid` (credential)."""
