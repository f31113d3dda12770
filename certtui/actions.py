"""One registry of everything a person can do in the console.

Bindings (`certtui.keys`), the key line, the palette, help and `docs/keys.md` are all made from `ACTIONS`. To add an act: add one `Action`
to its context below, or in `actions_issuing` or `actions_filing`, and a method
`do_<id with dots as underscores>` to the screen that has this context, for instance `do_certificate_export` for
`certificate.export`. The screen's gate (`screens.base.Place.action_act`) calls it only when the act is possible here; otherwise it
says why not.

Contexts: `global` holds on every screen, `place` on the places one stands at (not in forms), `list` in every record table,
`lines` in every view of fields (moving and opening alone), and one context per screen: `inventory`, `certificate`, `access`, `orders`,
`order`, `resources`, `resource`, `repositories`, `repository`, `containers`, `container`, `secrets`, `stored-secret`,
`policies`, `policy`, `audit`, `renewals`, `page` (a read-only page of lines), `secret` (a revealed key), `form`, `dialog`.
"""

from __future__ import annotations

from certtui.action import Action as Action
from certtui.actions_filing import ACCESS, CONTAINERS, REPOSITORIES, SECRETS
from certtui.actions_issuing import AUTHORITIES, CAS, ORDER, ORDER_FORM, ORDERS, POLICIES, RENEWALS

_GLOBAL = (
    Action("app.palette", "Palette", "Everything that can be done here, found by typing.", ("ctrl+p",), ("global",)),
    Action(
        "app.help", "Help", "The keys of this screen and the filter language.", ("question_mark", "f1"), ("global",),
        footer=90, short="help",
    ),
    Action(
        "app.back", "Back", "Back to where you came from: same row, same filter.", ("escape",), ("global",), footer=18,
    ),
    Action("order.ended", "The order that ended", "Go to the order whose end was announced.", ("f2",), ("global",)),
    Action("app.redraw", "Redraw", "Paint the whole screen again.", ("ctrl+l",), ("global",)),
    Action("app.suspend", "Suspend", "Put certtui aside; `fg` brings it back.", ("ctrl+z",), ("global",)),
)  # fmt: skip

_PLACE = (
    Action(
        "app.go", "Go to", "Go to a place or run a command by its name.", ("colon",), ("place",), footer=80, short="go"
    ),
    Action("app.quit", "Leave", "Leave certtui; asks first while a job runs.", ("q",), ("place",), footer=95, short="leave"),
    Action("go.inventory", "Inventory", "Go to the inventory of certificates.", ("1",), ("place",)),
    Action("go.orders", "Orders", "Go to the requests to authorities.", ("2",), ("place",)),
    Action("go.alerts", "Alerts", "Go to what needs a person.", ("3",), ("place",)),
    Action("go.repositories", "Repositories", "Go to where certificates are filed.", ("4",), ("place",)),
    Action("go.containers", "Containers", "Go to the bundles that consumers fetch by a reference.", ("5",), ("place",)),
    Action("go.resources", "Resources", "Go to the things that use certificates.", ("6",), ("place",)),
    Action("go.authorities", "Authorities", "Go to whom one orders from, and to the built-in PKI.", ("7",), ("place",)),
    Action("go.policies", "Policies", "Go to the rules that requests and imports pass.", ("8",), ("place",)),
    Action("go.audit", "Audit", "Go to the log of who did what.", ("9",), ("place",)),
    Action("go.renewals", "Renewals", "Go to what renews when, and what it would cost under shorter lifetimes.", ("0",), ("place",)),
    Action(
        "access.reach", "Access of tokens", "Who comes in over a server, and what each token and client certificate reaches.",
        (), ("place",), act="acls.reach", command="certtui acl reach {id}",
    ),
    Action("app.ctx", "Context", "Open another store or server; you stay at the same place.", (), ("place",)),
    Action("app.log", "Log", "The newest lines of certtui's own log.", (), ("place",)),
    Action("app.theme", "Theme", "Choose the colours: dark, light, colour-blind, none.", (), ("place",)),
    Action(
        "store.lock", "Lock", "Forget the store key: lists work, keys do not until it is unlocked.", (), ("place",),
        act="store.lock",
    ),
    Action("store.unlock", "Unlock", "Unlock the private keys of the store.", (), ("place",), act="store.unlock"),
    Action(
        "store.status", "Store", "Where the store is, what it holds, how it is protected.", (), ("place",), act="store.status"
    ),
    Action(
        "store.set-passphrase", "Set a passphrase", "Protect the store key by a passphrase, or go back to a key file.", (),
        ("place",), changes=True, act="store.set_passphrase",
    ),
)  # fmt: skip

_LIST = (
    Action("list.down", "Down", "One row down.", ("j", "down"), ("list", "lines"), rows=True),
    Action("list.up", "Up", "One row up.", ("k", "up"), ("list", "lines"), rows=True),
    Action("list.first", "First", "To the first row.", ("g", "home"), ("list", "lines"), rows=True),
    Action("list.last", "Last", "To the last row.", ("G", "end"), ("list", "lines"), rows=True),
    Action("list.half-down", "Half a page down", "Half a page down.", ("ctrl+d",), ("list", "lines"), rows=True),
    Action("list.half-up", "Half a page up", "Half a page up.", ("ctrl+u",), ("list", "lines"), rows=True),
    Action("list.page-down", "Page down", "One page down.", ("ctrl+f", "pagedown"), ("list", "lines"), rows=True),
    Action("list.page-up", "Page up", "One page up.", ("pageup",), ("list", "lines"), rows=True),
    Action(
        "list.open", "Open", "Open the row under the cursor.", ("enter",), ("list", "lines"), rows=True, footer=10, short="open"
    ),
    Action(
        "list.filter", "Filter", "Type a filter; the list follows.", ("slash",), ("list",), footer=30, short="filter"
    ),
    Action("list.sort", "Sort", "Choose the column to sort by; again for the other way.", ("s",), ("list",), footer=45),
    Action("list.reverse", "Reverse", "Sort the other way round.", ("S",), ("list",)),
    Action("list.columns", "Columns", "Show and hide columns; kept for next time.", ("c",), ("list",), footer=65),
    Action("list.refresh", "Refresh", "Ask again, as of now.", ("r",), ("list",), footer=70),
)  # fmt: skip

_INVENTORY = (
    Action(
        "list.mark", "Mark", "Mark or unmark the row; acts apply to all marked rows.", ("space",), ("inventory", "alerts", "renewals"),
        rows=True, footer=40,
    ),
    Action(
        "list.mark-all", "Mark all", "Mark all rows that match the filter, as they are now.", ("asterisk",), ("inventory", "alerts", "renewals"),
        rows=True, short="all",
    ),
    Action("list.unmark-all", "Unmark all", "Take all marks away.", ("U",), ("inventory", "alerts", "renewals")),
    Action(
        "certificate.add", "Add", "Add a certificate: PFX, certificate and key, new CSR, saved CSR.", ("a",),
        ("inventory",), changes=True, act="certificates.add", footer=20, command="certtui import FILE --key FILE",
    ),
    Action(
        "certificate.import", "Import", "Import a folder or many files.", ("i",), ("inventory",), changes=True,
        act="certificates.add", footer=25, command="certtui import PATH",
    ),
    Action(
        "certificate.from-server", "From a server", "Take the certificate that a running server presents.", ("f",),
        ("inventory",), changes=True, act="certificates.add", command="certtui import --from HOST:PORT",
    ),
    Action(
        "certificate.match", "Does this belong together?",
        "Check keys, certificates, CSRs and chains against each other, files and stored ones.",
        ("m",), ("inventory", "certificate"), command="certtui match PART PART", short="match",
    ),
    Action("inventory.strip", "Status strip", "Into the status strip: left and right choose, enter filters.", ("b",), ("inventory",)),
    Action("inventory.chart", "Expiry chart", "Into the chart of expiries: left and right choose, enter filters.", ("h",), ("inventory",)),
)  # fmt: skip

_ON_CERTIFICATES = (
    Action(
        "certificate.export", "Export", "Write certificate, chain, PFX or key to a file.", ("e",),
        ("inventory", "certificate"), rows=True, act="certificates.export", footer=55,
        command="certtui export {reference} --as {form} --out {path}",
    ),
    Action(
        "certificate.copy", "Copy", "Copy a field to the clipboard.", ("y",), ("inventory", "certificate"), rows=True,
        footer=50,
    ),
    Action(
        "certificate.edit", "Edit", "Change name, business group, description, contact.", ("l",),
        ("inventory", "certificate"), changes=True, rows=True, act="certificates.edit", footer=58,
        command="certtui edit {reference}",
    ),
    Action(
        "certificate.replace", "Update after renewal", "Put a renewed certificate in this one's place.", ("u",),
        ("inventory", "certificate"), changes=True, rows=True, act="certificates.replace", footer=60, short="update",
        command="certtui replace {old} {new}",
    ),
    Action(
        "certificate.order", "Order a replacement", "Order one like it that takes its place; of an entry that waits, go to its order.",
        ("o",), ("inventory", "certificate"), changes=True, rows=True, act="orders.save", footer=62, short="order",
        command="certtui order create --renews {reference}",
    ),
    Action(
        "certificate.renew", "Renew now", "Order one like it from its authority, due or not; says first what is asked of whom.", ("R",),
        ("inventory", "certificate", "renewals"), changes=True, rows=True, act="certificates.renew", footer=61, short="renew",
        command="certtui renew {reference}",
    ),
    Action(
        "certificate.container", "Container", "Make a container of it, which consumers fetch by a reference; or go to the one it has.",
        ("n",), ("inventory", "certificate"), rows=True, act="containers.search",
        command="certtui container create --certificate {reference}",
    ),
    Action(
        "certificate.associate", "Associate", "Say which resources use it.", ("w",), ("inventory", "certificate"),
        changes=True, rows=True, act="resources.associate", command="certtui associate {reference} {resource}",
    ),
    Action(
        "certificate.file", "File in a repository", "Put it, or all that are marked, into a repository; or take it out.", ("F",),
        ("inventory", "certificate"), changes=True, rows=True, act="repositories.add_certificates", short="file",
        command="certtui repository add REPO {reference}",
    ),
    Action(
        "certificate.delete", "Delete", "Remove it from the inventory, with its key.", ("x", "delete"),
        ("inventory", "certificate"), danger=True, changes=True, rows=True, act="certificates.delete",
        command="certtui delete {reference}",
    ),
    Action(
        "certificate.revoke", "Revoke", "Say for good that nobody may trust it any more; what breaks is listed first.",
        ("ctrl+r",), ("inventory", "certificate"), danger=True, changes=True, rows=True, act="certificates.revoke",
        command="certtui revoke {reference}",
    ),
)  # fmt: skip

_CERTIFICATE = (
    Action(
        "certificate.next-tab", "Next tab", "The next part of the page.", ("right", "right_square_bracket"), ("certificate",),
        footer=15,
    ),
    Action("certificate.previous-tab", "Previous tab", "The part before.", ("left", "left_square_bracket"), ("certificate",)),
    Action("certificate.refresh", "Refresh", "Read it again.", ("r",), ("certificate",), footer=70),
    Action(
        "certificate.reveal-key", "Reveal key", "Show the private key after a confirmation; audited.", ("v",),
        ("certificate",), act="certificates.reveal_key", command="certtui export {reference} --as key --out -",
    ),
    Action(
        "certificate.delete-key", "Delete key", "Destroy the private key, keep the certificate.", ("ctrl+k",),
        ("certificate",), danger=True, changes=True, act="certificates.delete_key",
    ),
    Action(
        "certificate.dissociate", "Dissociate", "Say which resources no longer use it.", ("z",), ("certificate",),
        changes=True, act="resources.dissociate", command="certtui dissociate {reference} {resource}",
    ),
    Action(
        "certificate.authority-told", "Authority told", "Note that a person told the authority of the revocation.", ("t",),
        ("certificate",), changes=True, act="certificates.note_authority_told", footer=14, short="told",
        command="certtui revoke --told {reference}",
    ),
)  # fmt: skip

_ALERTS = (
    Action(
        "alert.acknowledge", "Acknowledge", "Take it on, with a note; it opens again if it becomes more urgent.", ("a",),
        ("alerts", "alert"), changes=True, rows=True, act="alerts.acknowledge", footer=20, short="take on",
        command="certtui alert ack {id}",
    ),
    Action(
        "alert.snooze", "Snooze", "Be quiet until a time, or until it becomes more urgent.", ("z",), ("alerts", "alert"),
        changes=True, rows=True, act="alerts.snooze", footer=22, command="certtui alert snooze {id} --until DATE",
    ),
    Action(
        "alert.resolve", "Resolve", "Say that it is done; it stays so until its cause goes away and comes back.", ("d",),
        ("alerts", "alert"), changes=True, rows=True, act="alerts.resolve", footer=24, command="certtui alert resolve {id}",
    ),
    Action(
        "alert.reopen", "Reopen", "Take back what was said of it.", ("o",), ("alerts", "alert"), changes=True, rows=True,
        act="alerts.reopen", command="certtui alert reopen {id}",
    ),
    Action("alert.story", "Story", "What exactly is the matter, and who did what about it.", ("i",), ("alerts",), rows=True, footer=28),
    Action(
        "alert.channels", "Channels", "The ways by which alerts are told outside: mail, webhook, command, calendar.", ("n",),
        ("alerts",), act="channels.list", footer=35, command="certtui channel list",
    ),
    Action(
        "alert.thresholds", "Days of warning", "How many days before the expiry alerts are raised.", ("t",), ("alerts",),
        act="alerts.thresholds", command="certtui alert thresholds",
    ),
    Action(
        "alert.sweep", "Look now", "Look for what needs a person now; the worker does it every few minutes.", ("f",), ("alerts",),
        changes=True, act="alerts.sweep", footer=60, command="certtui alert sweep",
    ),
    Action("thresholds.add", "A group's own", "Give a business group days of its own.", ("a",), ("thresholds",), changes=True,
           act="alerts.set_thresholds", footer=20, short="group"),
    Action("thresholds.edit", "Change", "Change the days of this line.", ("l",), ("thresholds",), changes=True, rows=True,
           act="alerts.set_thresholds", footer=30),
)  # fmt: skip

_CHANNELS = (
    Action(
        "channel.add", "Add", "Add a way for alerts out of the console.", ("a",), ("channels",), changes=True,
        act="channels.add", footer=20, command="certtui channel add NAME --type TYPE",
    ),
    Action(
        "channel.test", "Test", "Send a test message now, and see what comes back.", ("t",), ("channels", "channel"),
        changes=True, rows=True, act="channels.test", footer=30, command="certtui channel test {name}",
    ),
    Action(
        "channel.edit", "Edit", "Change its settings.", ("l",), ("channels", "channel"), changes=True, rows=True,
        act="channels.edit", footer=40,
    ),
    Action(
        "channel.remove", "Remove", "Remove the channel with its secret and what waits for it.", ("x", "delete"),
        ("channels", "channel"), danger=True, changes=True, rows=True, act="channels.remove", footer=50,
        command="certtui channel remove {name}",
    ),
)  # fmt: skip

_RESOURCES = (
    Action(
        "resource.add", "Add", "Add a resource.", ("a",), ("resources",), changes=True, act="resources.add", footer=20,
        command="certtui resource add NAME --type TYPE",
    ),
    Action(
        "resource.certificate", "Give it a certificate", "Say which certificate it uses: as its own, or as the CA of its clients.",
        ("w",), ("resources", "resource"), changes=True, rows=True, act="resources.associate", footer=40, short="certificate",
        command="certtui associate CERT {name}",
    ),
    Action(
        "resource.edit", "Edit", "Change name, type, endpoint, notes.", ("l",), ("resources", "resource"), changes=True,
        rows=True, act="resources.edit", footer=50,
    ),
    Action(
        "resource.delete", "Delete", "Remove the resource.", ("x", "delete"), ("resources", "resource"), danger=True,
        changes=True, rows=True, act="resources.remove", command="certtui resource remove {name}",
    ),
)  # fmt: skip

_AUDIT = (
    Action(
        "audit.verify", "Verify", "Check that no record was changed or taken away.", ("v",), ("audit",), footer=40,
        act="audit.verify", command="certtui audit verify",
    ),
    Action(
        "audit.export", "Export", "Write what the filter shows to a file: JSON lines, CSV, syslog.", ("e",), ("audit",),
        act="audit.search", footer=45, command="certtui audit export --format {format} --out {path}",
    ),
    Action("audit.head", "Head", "The newest record's number and hash, to keep elsewhere.", ("y",), ("audit",), footer=50),
)  # fmt: skip

_PAGE = (
    Action("page.copy", "Copy", "Copy the line under the cursor.", ("y",), ("page",), rows=True, footer=50),
    Action("page.refresh", "Refresh", "Read it again.", ("r",), ("page",), footer=70),
    Action("key.copy", "Copy", "Copy the key; it is taken out of the clipboard again.", ("y",), ("secret",), footer=50),
    Action("key.hide", "Hide", "Hide the key and go back.", ("q",), ("secret",), footer=60),
    Action(
        "store.check", "Check the store", "Look whether the store is whole and every key opens.", ("c",), ("page",), footer=20, short="check",
        act="store.check", command="certtui store check",
    ),
    Action(
        "store.backup", "Back up the store", "A consistent copy while it is in use, without the store key.", ("b",),
        ("page",), footer=30, short="backup",
        act="store.backup", command="certtui store backup FILE",
    ),
)  # fmt: skip

_LOCK = (
    Action("lock.unlock", "Unlock", "Unlock and go on where you were.", ("enter",), ("lock",), footer=10),
    Action("lock.quit", "Leave", "Leave certtui.", ("q",), ("lock",), footer=95, short="leave"),
)  # fmt: skip

_FORM = (
    Action("form.save", "Save", "Save what the form says.", ("ctrl+s",), ("form",), changes=True, footer=10),
    Action("form.browse", "Browse", "Choose a file.", ("ctrl+o",), ("form",), footer=20),
    Action("form.method", "Next method", "The next way to add, from wherever one types.", ("ctrl+n",), ("form",), footer=25, short="method"),
    Action("form.clear", "Start afresh", "Empty the form.", ("ctrl+r",), ("form",)),
    Action("form.next", "Next field", "To the next field.", ("tab",), ("form",), footer=30, short="next"),
    Action("form.previous", "Previous field", "To the field before.", ("shift+tab",), ("form",)),
)  # fmt: skip

_CSR = (
    Action("csr.copy", "Copy the CSR", "Copy the request (PEM) to the clipboard.", ("ctrl+y",), ("csr",), footer=12, short="copy"),
    Action("csr.file", "Save the CSR to a file", "Write the request to a file.", ("ctrl+t",), ("csr",), footer=14, short="to file"),
)  # fmt: skip

_REPORT = (
    Action("report.part", "Next part", "The next part of the report.", ("t",), ("report",), footer=20, short="part"),
    Action("report.copy", "Copy the report", "Copy the whole report to the clipboard.", ("y",), ("report",), footer=40, short="copy"),
    Action("report.file", "Save the report", "Write the whole report to a file.", ("w",), ("report",), footer=45, short="to file"),
    Action(
        "report.password", "Another password", "Try another password on the files that wanted one.", ("p",), ("report",),
        changes=True, act="certificates.add", footer=25, short="password",
    ),
    Action(
        "report.reason", "Say why", "Give a reason for what a soft policy kept out, and take it in with it.", ("n",),
        ("report",), changes=True, act="certificates.add", footer=26, short="say why",
    ),
)  # fmt: skip

_SERVER = (
    Action("server.look", "Look", "Ask the server which certificate it presents.", ("ctrl+g",), ("server",), footer=5, short="look"),
)  # fmt: skip

_MATCH = (
    Action("match.copy", "Copy the answer", "Copy what was found to the clipboard.", ("ctrl+y",), ("match",), footer=40, short="copy"),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    *_GLOBAL, *_PLACE, *_LIST, *_INVENTORY, *_ON_CERTIFICATES, *ACCESS, *_CERTIFICATE, *ORDERS, *ORDER, *ORDER_FORM,
    *_ALERTS, *_CHANNELS, *_RESOURCES, *REPOSITORIES, *CONTAINERS, *SECRETS,
    *AUTHORITIES, *CAS, *POLICIES, *_AUDIT, *RENEWALS, *_PAGE, *_LOCK, *_FORM, *_CSR, *_REPORT, *_SERVER, *_MATCH,
)  # fmt: skip

EVERYWHERE = ("global",)
CONTEXTS = (
    "global",
    "place",
    "list",
    "lines",
    "inventory",
    "certificate",
    "access",
    "orders",
    "order",
    "order-form",
    "order-preview",
    "order-many",
    "alerts",
    "alert",
    "thresholds",
    "channels",
    "channel",
    "resources",
    "resource",
    "repositories",
    "repository",
    "containers",
    "container",
    "secrets",
    "stored-secret",
    "policies",
    "policy",
    "policy-run",
    "policy-form",
    "authorities",
    "authority",
    "account",
    "cas",
    "ca",
    "audit",
    "renewals",
    "page",
    "secret",
    "form",
    "dialog",
    "lock",
    "csr",
    "report",
    "server",
    "match",
)

# What each screen has besides its own context: where keys meet and so may clash.
TOGETHER: tuple[tuple[str, ...], ...] = (
    ("global", "place", "list", "inventory"),
    ("global", "place", "lines", "certificate"),
    ("global", "place", "lines", "page", "access"),
    ("global", "place", "list", "orders"),
    ("global", "place", "lines", "order"),
    ("global", "form", "order-form"),
    ("global", "lines", "form", "order-preview"),
    ("global", "list", "order-many"),
    ("global", "place", "lines", "page", "resource"),
    ("global", "place", "list", "authorities"),
    ("global", "place", "lines", "page", "authority"),
    ("global", "place", "lines", "page", "account"),
    ("global", "place", "lines", "page", "cas"),
    ("global", "place", "lines", "page", "ca"),
    ("global", "lines", "secret"),
    ("global", "place", "list", "resources"),
    ("global", "place", "list", "repositories"),
    ("global", "place", "lines", "page", "repository"),
    ("global", "place", "list", "containers"),
    ("global", "place", "lines", "page", "container"),
    ("global", "place", "list", "secrets"),
    ("global", "place", "lines", "page", "stored-secret"),
    ("global", "place", "list", "alerts"),
    ("global", "place", "lines", "page", "alert"),
    ("global", "place", "lines", "page", "thresholds"),
    ("global", "place", "lines", "page", "channels"),
    ("global", "place", "lines", "page", "channel"),
    ("global", "place", "list", "audit"),
    ("global", "place", "list", "renewals"),
    ("global", "place", "list", "policies"),
    ("global", "place", "lines", "page", "policy"),
    ("global", "list", "policy-run"),
    ("global", "form", "policy-form"),
    ("global", "form", "csr"),
    ("global", "form", "server"),
    ("global", "form", "match"),
    ("global", "list", "report"),
)
