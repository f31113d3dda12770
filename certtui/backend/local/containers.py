"""Containers: `backend.base_containers.Containers` on the local store, each act in a module of its own."""

from __future__ import annotations

from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.local.open_store import OpenStore
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


class LocalContainers:
    """Named bundles with a stable reference, and their consumers."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def search(self, query: Query) -> Listing[ContainerRow]:
        from certtui.backend.local.read.containers import open_containers

        return open_containers(self._store.readers, self._store.clock, query)

    def get(self, container_id: int) -> Container:
        from certtui.backend.local.containers_page import container_page

        with self._store.readers.use() as connection:
            return container_page(connection, self._store.clock.now(), container_id)

    def resolve(self, reference: str) -> int:
        from certtui.backend.local.read.lookup import resolve_container

        return resolve_container(self._store.readers, reference)

    def create(self, form: ContainerForm) -> Container:
        from certtui.backend.local.containers_make import create

        return self.get(create(self._store, form))

    def edit(self, container_id: int, version: int, changes: ContainerEdit) -> Container:
        from certtui.backend.local.containers_make import edit

        edit(self._store, container_id, version, changes)
        return self.get(container_id)

    def update(self, container_id: int, version: int, content: ContainerContent) -> Container:
        from certtui.backend.local.containers_make import update

        update(self._store, container_id, version, content)
        return self.get(container_id)

    def rollback(self, container_id: int, version: int, *, to: int | None = None) -> Container:
        from certtui.backend.local.containers_make import rollback

        rollback(self._store, container_id, version, to)
        return self.get(container_id)

    def delete(self, container_id: int, version: int, *, consumers: Sequence[int] = ()) -> None:
        from certtui.backend.local.containers_make import delete

        delete(self._store, container_id, version, consumers)

    def check(self, container_id: int) -> ContainerCheck:
        from certtui.backend.local.containers_fetch import check

        return check(self._store, container_id)

    def fetch(
        self, container_id: int, *, have: str = "", consumer: ConsumerForm | None = None
    ) -> ContainerPayload | None:
        from certtui.backend.local.containers_fetch import fetch

        return fetch(self._store, container_id, have=have, consumer=consumer)

    def consumers(self, container_id: int | None = None) -> Sequence[Consumer]:
        from certtui.backend.local.containers_rows import consumers_in

        if container_id is not None:
            return self.get(container_id).consumers
        with self._store.readers.use() as connection:
            return consumers_in(connection)

    def add_consumer(self, container_id: int, form: ConsumerForm) -> Consumer:
        from certtui.backend.local.consumers import add_consumer, gone

        consumer_id = add_consumer(self._store, container_id, form)
        for one in self.get(container_id).consumers:
            if one.id == consumer_id:
                return one
        raise gone(consumer_id)

    def remove_consumer(self, consumer_id: int) -> None:
        from certtui.backend.local.consumers import remove_consumer

        remove_consumer(self._store, consumer_id)
