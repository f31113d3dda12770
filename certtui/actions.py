"""One registry of everything a person can do in the console.

Bindings (`certtui.keys`), the key line, the palette, help and `docs/keys.md` are all made from `ACTIONS`. To add an act: add one `Action`
to its context below and a method `do_<id with dots as underscores>` to the screen that has this context, for instance
`do_certificate_export` for `certificate.export`. The screen's gate (`screens.base.Place.action_act`) calls it only when the
act is possible here; otherwise it says why not.

Contexts: `global` holds on every screen, `place` on the places one stands at (not in forms), `list` in every record table,
`lines` in every view of fields (moving and opening alone), and one context per screen: `inventory`, `certificate`, `access`, `orders`,
`order`, `resources`, `resource`, `repositories`, `repository`, `containers`, `container`, `secrets`, `stored-secret`,
`policies`, `policy`, `audit`, `page` (a read-only page of lines), `secret` (a revealed key), `form`, `dialog`.
"""

from __future__ import annotations

from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One act. `keys` are Textual key names; `act` is the capability id asked of the backend ("" when none is needed)."""

    id: str
    title: str
    help: str
    keys: tuple[str, ...]
    contexts: tuple[str, ...]
    danger: bool = False
    """It destroys something: never on a key that differs from a harmless one by case, never on `ctrl+d`."""
    changes: bool = False
    """It changes the store: not possible under `--read-only`."""
    rows: bool = False
    """It acts on rows, so its keys work only with the list focused."""
    act: str = ""
    footer: int = 0
    """Rank in the key line, 1 first; 0 stays out of it."""
    short: str = ""
    """The word in the key line, the title in lower case when empty."""
    command: str = ""
    """The equivalent command line, a template for `str.format`, shown in dialogs."""

    @property
    def method(self) -> str:
        """The name of the screen's method that does it."""
        return "do_" + self.id.replace(".", "_").replace("-", "_")

    @property
    def word(self) -> str:
        return self.short or self.title.lower()


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
        "list.mark", "Mark", "Mark or unmark the row; acts apply to all marked rows.", ("space",), ("inventory", "alerts"),
        rows=True, footer=40,
    ),
    Action(
        "list.mark-all", "Mark all", "Mark all rows that match the filter, as they are now.", ("asterisk",), ("inventory", "alerts"),
        rows=True, short="all",
    ),
    Action("list.unmark-all", "Unmark all", "Take all marks away.", ("U",), ("inventory", "alerts")),
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

_ACCESS = (
    Action(
        "access.show", "Access", "Who may read it and use its key, and who reaches it.", ("p",),
        ("inventory", "certificate", "repositories", "repository", "containers", "container", "secrets", "stored-secret"),
        rows=True, act="acls.get", command="certtui acl show {kind} {id}",
    ),
    Action(
        "access.edit", "Edit", "Change who may read and who may use it.", ("l",), ("access",), changes=True, act="acls.set",
        footer=20, short="edit", command="certtui acl set {kind} {id}",
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

_ORDERS = (
    Action(
        "order.new", "New order", "Ask an authority for a certificate.", ("a", "n"), ("orders",), changes=True,
        act="orders.save", footer=20, short="new", command="certtui order create",
    ),
    Action(
        "order.import", "Order many", "One order for each line of a CSV file, with a journal that resumes.", ("i",),
        ("orders",), changes=True, act="orders.save", footer=48, short="many", command="certtui order import-csv FILE",
    ),
    Action("orders.strip", "Counts", "Into the counts: left and right choose, enter filters.", ("b",), ("orders",)),
)  # fmt: skip

_ORDER = (
    Action(
        "order.generate", "Make key and CSR", "Make the private key and the request; no authority is asked yet.", ("m",),
        ("order",), changes=True, act="orders.generate", footer=12, short="make CSR", command="certtui order generate {id}",
    ),
    Action(
        "order.submit", "Submit", "Look at what will be asked, then send it to the authority.", ("s",), ("order",),
        changes=True, act="orders.submit", footer=11, command="certtui order submit {id}",
    ),
    Action(
        "order.certificate", "Bring a certificate", "Give what an authority sent back; it is known by its public key.", ("p",),
        ("order", "orders"), changes=True, act="orders.complete", footer=10, short="certificate",
        command="certtui order complete {id} FILE",
    ),
    Action(
        "order.again", "Send again", "The form with the same parameters, as a new order.", ("t",), ("order",),
        changes=True, act="orders.send_again", footer=11, short="send again", command="certtui order retry {id}",
    ),
    Action(
        "order.edit", "Edit", "Change what was asked for: all of it in a draft, after that what is not in the CSR.", ("l",),
        ("order",), changes=True, act="orders.edit", footer=30,
    ),
    Action(
        "order.clone", "Clone", "A new order with the same parameters.", ("d",), ("order", "orders"), changes=True,
        act="orders.save", rows=True, footer=55,
    ),
    Action(
        "order.draft", "Back to draft", "Discard the CSR and keep its sealed key archived; every field can be edited again.",
        ("b",), ("order",), changes=True, act="orders.back_to_draft", footer=58, short="to draft",
    ),
    Action(
        "order.cancel", "Cancel the order", "End it: its entry leaves the inventory, its sealed key is archived.", ("x", "delete"),
        ("order", "orders"), danger=True, changes=True, rows=True, act="orders.cancel", footer=46, short="cancel",
        command="certtui order cancel {id}",
    ),
    Action("order.copy", "Copy", "Copy the line under the cursor, the CSR, or another field.", ("y",), ("order",), footer=50),
    Action("order.csr", "Save the CSR to a file", "Write the request to a file.", ("w",), ("order",), footer=52, short="CSR to file"),
    Action("order.look", "Look now", "Ask the authority now where it waits; else read it again.", ("r",), ("order",), footer=40),
)  # fmt: skip

_ORDER_FORM = (
    Action("order.to-draft", "Save as a draft order", "Keep it as an order that is not sent.", ("ctrl+t",), ("order-form",), changes=True,
           act="orders.save", footer=12, short="draft"),
    Action("order.to-csr", "Make key and CSR", "Save it, make key and request, and ask no authority yet.", ("ctrl+g",), ("order-form",),
           changes=True, act="orders.generate", footer=14, short="make CSR"),
    Action("order.send-many", "Order them", "Order every line that was not ordered yet; the journal goes on where it stopped.", ("ctrl+s",),
           ("order-many",), changes=True, act="orders.save", footer=5, short="order them"),
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

_REPOSITORIES = (
    Action(
        "repository.create", "New repository", "Make a place where certificates are filed, by data source.", ("a",),
        ("repositories",), changes=True, act="repositories.create", footer=20, short="new",
        command="certtui repository create NAME --source SOURCE",
    ),
    Action(
        "repository.put-in", "Put certificates in", "Choose certificates of the inventory, and file them here.", ("i",),
        ("repositories", "repository"), changes=True, rows=True, act="repositories.add_certificates", footer=24, short="put in",
        command="certtui repository add {id} CERT",
    ),
    Action(
        "repository.take-out", "Take out", "The certificate under the cursor leaves; it stays in the inventory.", ("z",),
        ("repository",), changes=True, rows=True, act="repositories.remove_certificates", footer=32,
        command="certtui repository remove {id} CERT",
    ),
    Action(
        "repository.list", "Show in the inventory", "All that is filed here, in the inventory.", ("v",),
        ("repositories", "repository"), rows=True, footer=36, short="show all", command="certtui list repository:NAME",
    ),
    Action(
        "repository.use", "Use keys", "Sign, verify, encrypt or decrypt a file with the keys that are filed here; no key leaves.", ("u",),
        ("repositories", "repository"), rows=True, act="repositories.verify", footer=30, short="use keys",
        command="certtui repository sign {id} FILE --cert CERT",
    ),
    Action(
        "repository.modify", "Modify", "Change its name.", ("l",), ("repositories", "repository"), changes=True, rows=True,
        act="repositories.rename", footer=54, command="certtui repository rename {id} NEW-NAME",
    ),
    Action(
        "repository.enable", "Enable", "Choose a data source anew, after a reset.", ("e",), ("repositories", "repository"),
        changes=True, rows=True, act="repositories.enable", footer=28, command="certtui repository enable {id} --source SOURCE",
    ),
    Action(
        "repository.reset", "Reset", "Take everything out, for good; what will leave is shown first.", ("ctrl+r",),
        ("repositories", "repository"), danger=True, changes=True, rows=True, act="repositories.reset", footer=26,
        command="certtui repository reset {id}",
    ),
    Action(
        "repository.delete", "Delete", "Delete a repository that was reset.", ("x", "delete"), ("repositories", "repository"),
        danger=True, changes=True, rows=True, act="repositories.delete", footer=30, command="certtui repository delete {id}",
    ),
)  # fmt: skip

_CONTAINERS = (
    Action(
        "container.add", "Add", "Make a container, of a certificate whose key is here or of stored secrets.", ("a",), ("containers",),
        changes=True, act="containers.create", footer=20, command="certtui container create --certificate CERT",
    ),
    Action(
        "container.secrets", "Stored secrets", "Secrets that are kept beside certificates, as parts of containers.", ("t",),
        ("containers",), act="secrets.search", footer=22, short="secrets", command="certtui secret list",
    ),
    Action(
        "container.copy", "Copy the reference", "Copy what consumers fetch it by.", ("y",), ("containers",), rows=True,
        footer=50, short="copy",
    ),
    Action(
        "container.update", "Update", "Give out another certificate, or other stored secrets, as a new version.", ("u",),
        ("containers", "container"), changes=True, rows=True, act="containers.update", footer=32,
        command="certtui container update {id} --certificate CERT",
    ),
    Action(
        "container.rollback", "Roll back", "Give out again what an earlier version held.", ("o",), ("containers", "container"),
        changes=True, rows=True, act="containers.rollback", footer=34, command="certtui container rollback {id}",
    ),
    Action(
        "container.check", "Check", "Whether a consumer would get what it needs; gives nothing out.", ("v",),
        ("containers", "container"), rows=True, act="containers.check", footer=36, command="certtui container check {id}",
    ),
    Action(
        "container.consumer", "Add a consumer", "Put on record who uses it.", ("w",), ("containers", "container"), changes=True,
        rows=True, act="containers.add_consumer", footer=38, short="consumer", command="certtui consumer add {id} SERVICE",
    ),
    Action(
        "container.leave", "Remove a consumer", "Say that a consumer uses it no more: the one under the cursor, or one of all.",
        ("z",), ("container",), changes=True, rows=True, act="containers.remove_consumer", footer=39, short="remove",
        command="certtui consumer remove {id}",
    ),
    Action(
        "container.edit", "Edit", "Change its name, and whether renewals are followed.", ("l",), ("containers", "container"),
        changes=True, rows=True, act="containers.edit", footer=54, command="certtui container edit {id}",
    ),
    Action(
        "container.delete", "Delete", "Remove the container with its versions; its consumers are listed first.", ("x", "delete"),
        ("containers", "container"), danger=True, changes=True, rows=True, act="containers.delete",
        command="certtui container delete {id}",
    ),
)  # fmt: skip

_SECRETS = (
    Action(
        "secret.add", "Store", "Store a secret, from a file or typed; it is not shown again.", ("a",), ("secrets",), changes=True,
        act="secrets.store", footer=20, command="certtui secret store NAME FILE --type TYPE",
    ),
    Action(
        "secret.delete", "Destroy", "Destroy a stored secret that no container has as a part.", ("x", "delete"),
        ("secrets", "stored-secret"), danger=True, changes=True, rows=True, act="secrets.delete", footer=40,
        command="certtui secret delete {id}",
    ),
)  # fmt: skip

_AUTHORITIES = (
    Action(
        "authority.add", "Add", "Add an authority to order from.", ("a",), ("authorities",), changes=True,
        act="authorities.add", footer=20, command="certtui authority add NAME --type TYPE",
    ),
    Action(
        "authority.pki", "Built-in PKI", "The CAs that are made here, as a tree.", ("p",), ("authorities", "authority"),
        act="cas.search", footer=22, short="PKI", command="certtui ca list",
    ),
    Action(
        "authority.test", "Test", "Try what can be tried without ordering anything.", ("t",), ("authorities", "authority"),
        changes=True, rows=True, act="authorities.test", footer=40, command="certtui authority test {id}",
    ),
    Action(
        "authority.edit", "Edit", "Change its settings.", ("l",), ("authorities", "authority"), changes=True, rows=True,
        act="authorities.edit", footer=50,
    ),
    Action(
        "authority.toggle", "Disable or enable", "Whether it can be ordered from.", ("d",), ("authorities", "authority"),
        changes=True, rows=True, act="authorities.edit", footer=52, short="disable",
        command="certtui authority disable {id}",
    ),
    Action(
        "authority.remove", "Remove", "Remove the authority; certificates stay.", ("x", "delete"), ("authorities", "authority"),
        danger=True, changes=True, rows=True, act="authorities.remove", command="certtui authority remove {id}",
    ),
)  # fmt: skip

_CAS = (
    Action(
        "ca.add", "Add a CA", "Make a root, a CA under one that is here or offline, or import one.", ("a",), ("cas",), changes=True,
        act="cas.create_root", footer=20, short="add", command="certtui ca create-root NAME",
    ),
    Action(
        "ca.complete", "Bring its certificate", "Give the certificate that the offline root signed.", ("p",), ("ca",), changes=True,
        act="cas.complete", footer=15, short="certificate", command="certtui ca complete {id} FILE",
    ),
    Action(
        "ca.crl", "New CRL", "Sign a new CRL now.", ("n",), ("ca",), changes=True, act="cas.issue_crl", footer=20, short="CRL",
        command="certtui ca crl {id} --new",
    ),
    Action(
        "ca.accept", "Take a CRL in", "The CRL of a CA whose key is not here, from a file.", ("i",), ("ca",), changes=True,
        act="cas.accept_crl", footer=21, short="take CRL", command="certtui ca accept-crl {id} FILE",
    ),
    Action("ca.write", "Write to a file", "Its CSR, certificate or CRL, to a file.", ("w",), ("ca",), act="cas.crl", footer=30,
           short="to file"),
    Action("ca.edit", "Edit", "Change what it publishes, and where.", ("l",), ("ca",), changes=True, act="cas.edit", footer=40),
    Action(
        "ca.rollover", "Roll over", "A successor with a new key issues from then on.", ("o",), ("ca",), changes=True,
        act="cas.roll_over", footer=45, command="certtui ca rollover {id}",
    ),
    Action(
        "ca.retire", "Retire", "Let it issue no more.", ("x",), ("ca",), danger=True, changes=True, act="cas.retire", footer=60,
        command="certtui ca retire {id}",
    ),
)  # fmt: skip

_POLICIES = (
    Action(
        "policy.add", "Add", "Write a policy.", ("a",), ("policies",), changes=True, act="policies.add", footer=20,
        command="certtui policy add NAME",
    ),
    Action(
        "policy.sets", "Ready-made policies", "Add the policies of a ready-made set; they are not in force then.", ("p",),
        ("policies",), changes=True, act="policies.add_set", footer=25, short="ready-made", command="certtui policy add-set SET",
    ),
    Action(
        "policy.edit", "Edit", "Change what a policy is about and what it asks for.", ("l",), ("policies", "policy"),
        changes=True, rows=True, act="policies.edit", footer=50, command="certtui policy edit {reference}",
    ),
    Action(
        "policy.try", "Try it", "A dry run: see what of the inventory it would not pass; changes nothing.", ("t",),
        ("policies", "policy"), rows=True, act="policies.dry_run", footer=40, short="try",
        command="certtui policy dry-run {reference}",
    ),
    Action(
        "policy.try-form", "Try it", "A dry run of what the form says; nothing is kept.", ("ctrl+t",), ("policy-form",),
        act="policies.dry_run", footer=12, short="try", command="certtui policy dry-run --file FILE",
    ),
    Action(
        "policy.switch", "In force or not", "Put it in force, after a dry run if you like, or take it out of force.",
        ("o",), ("policies", "policy", "policy-run"), changes=True, rows=True, act="policies.edit", footer=45, short="on/off",
        command="certtui policy enable {reference}",
    ),
    Action(
        "policy.waive", "Waive", "Let a soft policy not hold for some entries, for a time.", ("w",), ("policies", "policy"),
        changes=True, rows=True, act="policies.waive", footer=55, command="certtui policy waive {reference}",
    ),
    Action(
        "policy.delete", "Delete", "Remove the policy with its waivers.", ("x", "delete"), ("policies", "policy"), danger=True,
        changes=True, rows=True, act="policies.remove", command="certtui policy remove {reference}",
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
    *_GLOBAL, *_PLACE, *_LIST, *_INVENTORY, *_ON_CERTIFICATES, *_ACCESS, *_CERTIFICATE, *_ORDERS, *_ORDER, *_ORDER_FORM,
    *_ALERTS, *_CHANNELS, *_RESOURCES, *_REPOSITORIES, *_CONTAINERS, *_SECRETS,
    *_AUTHORITIES, *_CAS, *_POLICIES, *_AUDIT, *_PAGE, *_LOCK, *_FORM, *_CSR, *_REPORT, *_SERVER, *_MATCH,
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
    "cas",
    "ca",
    "audit",
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
    ("global", "place", "list", "policies"),
    ("global", "place", "lines", "page", "policy"),
    ("global", "list", "policy-run"),
    ("global", "form", "policy-form"),
    ("global", "form", "csr"),
    ("global", "form", "server"),
    ("global", "form", "match"),
    ("global", "list", "report"),
)
