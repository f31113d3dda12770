"""The seam of containers, their consumers, and the secrets that are stored as their parts."""

from __future__ import annotations

from collections.abc import Sequence

from certtui.typed import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.consumer import Consumer, ConsumerForm
    from certtui.model.container import (
        Container,
        ContainerCheck,
        ContainerContent,
        ContainerEdit,
        ContainerForm,
        ContainerPayload,
        ContainerRow,
    )
    from certtui.model.query import Query
    from certtui.model.stored_secret import StoredSecret, StoredSecretCheck, StoredSecretForm, StoredSecretRow


class Containers(Protocol):
    """Named bundles with a stable reference. A container of a certificate lies in that certificate's scope."""

    def search(self, query: Query) -> Listing[ContainerRow]:
        """Open a list; free words match name, certificate, reference and consumers; `type: status: group: used unused …` narrow it."""

    def get(self, container_id: int) -> Container:
        """One container with parts, versions and consumers. Raises `NotFound`."""

    def resolve(self, reference: str) -> int:
        """A reference (`containers/<ref>`, its URL, the 32 digits), an id or a unique name. Raises `NotFound`, `Ambiguous`."""

    def create(self, form: ContainerForm) -> Container:
        """Make one of an entry or of stored secrets: complete and matching, or `Invalid` with the part that is wrong as the field.

        Raises `Locked` where keys have to be looked at, `NotFound`, `PolicyRefused` and `ReasonNeeded` for a certificate that
        is not in the inventory yet, which it comes into.
        """

    def edit(self, container_id: int, version: int, changes: ContainerEdit) -> Container:
        """Change the name, or whether renewals are followed. Raises `NotFound`, `Conflict`, `Invalid`."""

    def update(self, container_id: int, version: int, content: ContainerContent) -> Container:
        """Give out something else from now on, as a new version. Raises as `create`, and `Conflict` where nothing would change."""

    def rollback(self, container_id: int, version: int, *, to: int | None = None) -> Container:
        """Give out again what an earlier version held (by default the one before), as a new version.

        Raises `Conflict` where its certificate or key is gone, or where there is no earlier one.
        """

    def delete(self, container_id: int, version: int, *, consumers: Sequence[int] = ()) -> None:
        """Remove it with its versions. Raises `Conflict`, listing them, unless the ids of all its consumers are confirmed."""

    def check(self, container_id: int) -> ContainerCheck:
        """Whether it is whole: parts complete and matching, chain complete, not expired. Gives nothing out. Raises `Locked`."""

    def fetch(
        self, container_id: int, *, have: str = "", consumer: ConsumerForm | None = None
    ) -> ContainerPayload | None:
        """What is in it, for a consumer; audited as `container.fetch.success` before it is handed out.

        None where `have` is the digest of what would be given: no key is touched then. With `consumer` it is registered, and
        which version it has. Raises `Conflict` where a part is missing or does not belong to the others, `Locked`, `Denied`.
        """

    def consumers(self, container_id: int | None = None) -> Sequence[Consumer]:
        """The consumers of a container, or all, by service and resource."""

    def add_consumer(self, container_id: int, form: ConsumerForm) -> Consumer:
        """Register one; one that is registered stays as it is. Raises `NotFound`, `Invalid`."""

    def remove_consumer(self, consumer_id: int) -> None:
        """Take one away. Raises `NotFound`."""


class StoredSecrets(Protocol):
    """Secrets beside certificates. Their payload comes out only as a part of a container that is fetched."""

    def search(self, query: Query) -> Listing[StoredSecretRow]:
        """Open a list; free words match name and description; `type: algorithm: group: used unused days` narrow it."""

    def get(self, secret_id: int) -> StoredSecret:
        """One secret with the containers that use it. Raises `NotFound`."""

    def resolve(self, reference: str) -> int:
        """Id or unique name. Raises `NotFound`, `Ambiguous`."""

    def store(self, form: StoredSecretForm) -> StoredSecret:
        """Seal it. Raises `Invalid` (field) for what is not of its type or larger than 64 KiB, `Locked`."""

    def check(self, secret_id: int) -> StoredSecretCheck:
        """Whether it has expired: by its certificate's end, or the date given with it. Raises `NotFound`."""

    def delete(self, secret_id: int, version: int) -> None:
        """Destroy it. Raises `Conflict` while a container has it as a part."""
