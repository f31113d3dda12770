"""The seam of policies: rules over what is issued, renewed and imported, and the waivers from them."""

from __future__ import annotations

from collections.abc import Sequence

from certtui.typed import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.policy import (
        Policy,
        PolicyDryRun,
        PolicyFinding,
        PolicyForm,
        PolicyRow,
        PolicySet,
        PolicySubject,
        PolicyWaiver,
        WaiverForm,
    )
    from certtui.model.progress import Progress
    from certtui.model.query import Query


class Policies(Protocol):
    """The rules that every path passes: what a person adds, a command, a server's client, a renewal.

    They hold for everybody: whoever comes in over a server sees them all, whatever the scope; an admin changes them.
    """

    def search(self, query: Query) -> Listing[PolicyRow]:
        """Open a list; free words match name and description; `outcome: enabled disabled name: id:` narrow it."""

    def get(self, policy_id: int) -> Policy:
        """One policy with its waivers. Raises `NotFound`."""

    def resolve(self, reference: str) -> int:
        """Id or unique name. Raises `NotFound`, `Ambiguous`."""

    def add(self, form: PolicyForm) -> Policy:
        """Raises `Invalid` (field) and `Conflict` for a name that is taken. Not enabled unless the form says so."""

    def edit(self, policy_id: int, version: int, form: PolicyForm) -> Policy:
        """Change what the form gives; enabling is a change too. Raises `NotFound`, `Conflict`, `Invalid`."""

    def remove(self, policy_id: int, version: int) -> None:
        """Remove a policy with its waivers. Raises `NotFound`, `Conflict`."""

    def dry_run(self, policy: PolicyForm | int, progress: Progress | None = None) -> PolicyDryRun:
        """Judge the living inventory by a policy, enabled or not, or by a form that is not saved.

        Streamed: a million entries are never held. `Interrupted` when it is broken off; raises `Invalid`, `NotFound`.
        Each is judged as if it came by an act that the policy is about, by the limits of the day it was issued; its
        authority is its issuer's short name. Changes nothing.
        """

    def judge(self, subject: PolicySubject) -> Sequence[PolicyFinding]:
        """What the enabled policies say of a request: a preview, for nothing is put on record and nothing refused."""

    def sets(self) -> Sequence[PolicySet]:
        """The ready-made sets."""

    def add_set(self, name: str) -> Sequence[Policy]:
        """Add the policies of a set, not enabled; those whose names are taken stay as they are. Raises `NotFound`."""

    def waive(self, form: WaiverForm) -> PolicyWaiver:
        """Let a soft policy not hold for some entries until a time. Raises `Invalid` (field), `NotFound`."""

    def list_waivers(self, policy_id: int | None = None) -> Sequence[PolicyWaiver]:
        """All waivers, newest first, expired ones too."""

    def remove_waiver(self, waiver_id: int) -> None:
        """From now on it counts no more. Raises `NotFound`."""
