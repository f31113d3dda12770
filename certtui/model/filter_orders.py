"""The keys that filters know in the places Orders, Authorities and Renewals. Data only."""

from __future__ import annotations

from certtui.model.authority import AuthorityType
from certtui.model.filter_fields import AUTO_RENEW_DAYS, Field, Kind
from certtui.model.order import REQUESTER_KINDS, OrderStatus
from certtui.model.renewal_calendar import STATES

_TYPES = tuple(kind.value for kind in AuthorityType)
_DATES = "Write YYYY, YYYY-MM or YYYY-MM-DD, for instance `{0}:2027-03` or `{0}<2027-03-15`."
_TYPE = Field("type", Kind.ENUM, "the type of its authority", "For instance `type:local`.", _TYPES, {"pki": "local"})

_ORDER = (
    Field(
        "status", Kind.ENUM, "where it stands", "For instance `status:pending,processing`.",
        tuple(status.value for status in OrderStatus), {"canceled": "cancelled"},
    ),
    Field("open", Kind.FLAG, "something can still come of it", ""),
    _TYPE,
    Field("authority", Kind.PATTERN, "the name of its authority", "For instance `authority:internal`."),
    Field("group", Kind.PATTERN, "the business group", 'For instance `group:payments`; `group:""` is none.'),
    Field("by", Kind.PATTERN, "who asked for it, or what kind of requester that is", "For instance `by:ada` or `by:token`.",
          suggestions=REQUESTER_KINDS),
    Field("name", Kind.TEXT, "its name", "For instance `name:api`."),
    Field("cn", Kind.NAME, "the common name", "For instance `cn:www.example.com`."),
    Field("san", Kind.NAME, "one of its names", "For instance `san:*.example.com`."),
    Field("created", Kind.DATE, "the day it was made", _DATES.format("created")),
    Field("submitted", Kind.DATE, "the day it was sent", _DATES.format("submitted")),
    Field("id", Kind.NUMBER, "the order's number", "For instance `id:17,18`."),
)  # fmt: skip
ORDER = {field.key: field for field in _ORDER}
"""Keys of the place Orders."""

_AUTHORITY = (
    _TYPE,
    Field("name", Kind.TEXT, "the name", "For instance `name:internal`."),
    Field("enabled", Kind.ENUM, "whether it takes orders", "`enabled:yes` or `enabled:no`.", ("yes", "no")),
    Field("id", Kind.NUMBER, "the profile's number", "For instance `id:3`."),
)
AUTHORITY = {field.key: field for field in _AUTHORITY}
"""Keys of the place Authorities."""

_RENEWAL = (
    Field("state", Kind.ENUM, "where its renewal stands", "For instance `state:blocked,due`.", STATES,
          {"under_way": "under-way", "running": "under-way"}),
    Field("overdue", Kind.FLAG, "its time has come", ""),
    Field("due", Kind.DATE, "the day it is renewed", _DATES.format("due")),
    Field("expires", Kind.DATE, "the day it expires", _DATES.format("expires")),
    Field("authority", Kind.PATTERN, "the name of the authority that renews it",
          'For instance `authority:le-*`; `authority:""` is none.'),
    AUTO_RENEW_DAYS,
    Field("group", Kind.PATTERN, "the business group", 'For instance `group:payments`; `group:""` is none.'),
    Field("name", Kind.TEXT, "its name", "For instance `name:api`."),
    Field("id", Kind.NUMBER, "the certificate's number", "For instance `id:17,18`."),
)  # fmt: skip
RENEWAL = {field.key: field for field in _RENEWAL}
"""Keys of the place Renewals."""
