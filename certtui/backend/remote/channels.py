"""The channels of a server: it sends, and keeps their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import ASKING, asked
from certtui.backend.wire_forms import Id
from certtui.errors import NotFound
from certtui.model.channel import Calendar, Channel, ChannelForm, Delivery, DeliveryResult

if TYPE_CHECKING:
    from certtui.backend.remote.view import View


class RemoteChannels:
    """`backend.base_alerts.Channels` over HTTP; a secret goes there and never comes back."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def get(self, channel_id: int) -> Channel:
        found: Channel = self._http.read(_path(channel_id), Channel)
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/channels/resolve", Id, reference=asked(reference))
        return found.id

    def add(self, form: ChannelForm) -> Channel:
        self._view.may_change()
        found: Channel = self._http.change("POST", "/channels", form, Channel)
        return found

    def edit(self, channel_id: int, version: int, form: ChannelForm) -> Channel:
        self._view.may_change()
        found: Channel = self._http.change("PUT", _path(channel_id), form, Channel, version=version)
        return found

    def remove(self, channel_id: int, version: int) -> None:
        self._view.may_change()
        self._http.change("DELETE", _path(channel_id), None, None, version=version)

    def test(self, channel_id: int) -> DeliveryResult:
        self._view.may_change()
        path = f"{_path(channel_id)}/test"
        found: DeliveryResult = self._http.change("POST", path, None, DeliveryResult, slow=ASKING)
        return found

    def deliveries(self, channel_id: int, limit: int = 100) -> Sequence[Delivery]:
        path = f"{_path(channel_id)}/deliveries"
        found: tuple[Delivery, ...] = self._http.read(path, tuple[Delivery, ...], limit=limit)
        return [*found]

    def calendar(self) -> Calendar:
        found: Calendar = self._http.read("/channels/calendar", Calendar)
        return found

    def list(self) -> Sequence[Channel]:
        found: tuple[Channel, ...] = self._http.read("/channels", tuple[Channel, ...])
        return [*found]


def _path(channel_id: int) -> str:
    if channel_id < 0:
        raise NotFound(f"There is no channel {channel_id}.", "`certtui channel list` tells what there is.")
    return f"/channels/{channel_id}"
