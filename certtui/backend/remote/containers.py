"""The containers of a server, and their consumers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import asked, listed
from certtui.backend.remote.listing import open_listing
from certtui.backend.wire_forms import Id, RollbackBody
from certtui.errors import NotFound
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

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.query import Query


class RemoteContainers:
    """`backend.base_containers.Containers` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def search(self, query: Query) -> Listing[ContainerRow]:
        return open_listing(self._view, "containers", ContainerRow, query)

    def get(self, container_id: int) -> Container:
        found: Container = self._http.read(_path(container_id), Container)
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/containers/resolve", Id, reference=asked(reference))
        return found.id

    def create(self, form: ContainerForm) -> Container:
        self._view.may_change()
        found: Container = self._http.change("POST", "/containers", form, Container)
        return found

    def edit(self, container_id: int, version: int, changes: ContainerEdit) -> Container:
        self._view.may_change()
        found: Container = self._http.change("PATCH", _path(container_id), changes, Container, version=version)
        return found

    def update(self, container_id: int, version: int, content: ContainerContent) -> Container:
        self._view.may_change()
        path = f"{_path(container_id)}/update"
        found: Container = self._http.change("POST", path, content, Container, version=version)
        return found

    def rollback(self, container_id: int, version: int, *, to: int | None = None) -> Container:
        self._view.may_change()
        path = f"{_path(container_id)}/rollback"
        found: Container = self._http.change("POST", path, RollbackBody(to), Container, version=version)
        return found

    def delete(self, container_id: int, version: int, *, consumers: Sequence[int] = ()) -> None:
        self._view.may_change()
        self._http.change("DELETE", _path(container_id), None, None, version=version, consumers=listed(consumers))

    def check(self, container_id: int) -> ContainerCheck:
        found: ContainerCheck = self._http.read(f"{_path(container_id)}/check", ContainerCheck)
        return found

    def fetch(
        self, container_id: int, *, have: str = "", consumer: ConsumerForm | None = None
    ) -> ContainerPayload | None:
        query: dict[str, str] = {}
        if consumer is not None:
            self._view.may_change()
            query = {
                "service": consumer.service,
                "resource_type": consumer.resource_type,
                "resource": consumer.resource,
            }
        found: ContainerPayload | None = self._http.read_unless(
            f"{_path(container_id)}/payload", ContainerPayload, have=have, **query
        )
        return found

    def consumers(self, container_id: int | None = None) -> Sequence[Consumer]:
        if container_id is not None:
            _path(container_id)
        found: tuple[Consumer, ...] = self._http.read("/consumers", tuple[Consumer, ...], container_id=container_id)
        return found

    def add_consumer(self, container_id: int, form: ConsumerForm) -> Consumer:
        self._view.may_change()
        found: Consumer = self._http.change("POST", f"{_path(container_id)}/consumers", form, Consumer)
        return found

    def remove_consumer(self, consumer_id: int) -> None:
        self._view.may_change()
        if consumer_id < 0:
            raise NotFound(f"There is no consumer {consumer_id}.", "`certtui consumer list` tells who there is.")
        self._http.change("DELETE", f"/consumers/{consumer_id}", None, None)


def _path(container_id: int) -> str:
    if container_id < 0:
        raise NotFound(f"There is no container {container_id}.", "`certtui container list` tells what there is.")
    return f"/containers/{container_id}"
