"""What can be done with orders, renewals, authorities, the CAs of the built-in PKI and policies: a part of `certtui.actions`."""

from __future__ import annotations

from certtui.action import Action

ORDERS = (
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

ORDER = (
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

ORDER_FORM = (
    Action("order.to-draft", "Save as a draft order", "Keep it as an order that is not sent.", ("ctrl+t",), ("order-form",), changes=True,
           act="orders.save", footer=12, short="draft"),
    Action("order.to-csr", "Make key and CSR", "Save it, make key and request, and ask no authority yet.", ("ctrl+g",), ("order-form",),
           changes=True, act="orders.generate", footer=14, short="make CSR"),
    Action("order.preflight", "Try at staging", "Order the same at the CA's staging server, and keep nothing of it.", ("ctrl+t",),
           ("order-preview",), changes=True, act="orders.preflight", footer=14, short="try", command="certtui order create --preflight"),
    Action("order.send-many", "Order them", "Order every line that was not ordered yet; the journal goes on where it stopped.", ("ctrl+s",),
           ("order-many",), changes=True, act="orders.save", footer=5, short="order them"),
)  # fmt: skip

RENEWALS = (
    Action("renewals.strip", "Counts", "Into the counts: left and right choose, enter filters.", ("b",), ("renewals",)),
    Action("renewals.chart", "Calendar", "Into the calendar: left and right choose, enter filters.", ("h",), ("renewals",), footer=30,
           short="calendar"),
    Action(
        "renewals.simulate", "Simulator", "The same estate under lifetimes of 200, 100 and 47 days: renewals a day, what nothing renews.",
        ("t",), ("renewals",), act="renewals.simulate", footer=35, short="simulate", command="certtui renewals simulate",
    ),
)  # fmt: skip

AUTHORITIES = (
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
        "authority.account", "Account", "The account at the CA: its key, whom it writes to, terms, its end.", ("u",), ("authority",),
        act="accounts.get", footer=45, command="certtui account show {id}",
    ),
    Action(
        "account.look", "Ask the CA", "Ask the CA how the account is now.", ("t",), ("account",), changes=True,
        act="accounts.look", footer=20, short="ask", command="certtui account show {id} --ask",
    ),
    Action(
        "account.roll-over", "Another key", "Give the account another key; it stays the same account.", ("n",), ("account",),
        changes=True, act="accounts.roll_over", footer=30, short="key", command="certtui account roll-over {id}",
    ),
    Action(
        "account.contact", "Contact", "Tell the CA whom to write to.", ("l",), ("account",), changes=True,
        act="accounts.set_contact", footer=32, command="certtui account contact {id} EMAIL",
    ),
    Action(
        "account.terms", "Terms", "See whether the CA's terms are those that were agreed to, and agree.", ("m",), ("account",),
        changes=True, act="accounts.agree", footer=34, command="certtui account agree {id}",
    ),
    Action(
        "account.new", "Another account", "Make one in place of the one that is closed.", ("a",), ("account",), changes=True,
        act="accounts.open_new", footer=40, short="new", command="certtui account new {id}",
    ),
    Action(
        "account.deactivate", "Close", "Close the account at the CA for ever.", ("x", "delete"), ("account",), danger=True,
        changes=True, act="accounts.deactivate", footer=50, command="certtui account deactivate {id}",
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

CAS = (
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

POLICIES = (
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
