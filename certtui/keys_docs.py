"""`docs/keys.md`, made from the registry of acts: `python -m certtui.keys_docs`."""

from __future__ import annotations

from certtui.actions import ACTIONS, Action
from certtui.keys import key_label

_WHERE = {
    "global": "Everywhere",
    "place": "In every place and page",
    "list": "In every list",
    "lines": "In every view of fields",
    "inventory": "Inventory",
    "certificate": "The page of a certificate",
    "orders": "Orders",
    "order": "The page of an order",
    "order-form": "The form of an order",
    "order-preview": "Before an order is sent",
    "order-many": "The lines of a file of orders",
    "alerts": "Alerts",
    "alert": "The page of an alert",
    "thresholds": "Days of warning",
    "access": "Access of one thing",
    "channels": "Channels",
    "channel": "The page of a channel",
    "containers": "Containers",
    "container": "The page of a container",
    "secrets": "Stored secrets",
    "stored-secret": "The page of a stored secret",
    "resources": "Resources",
    "repositories": "Repositories",
    "repository": "The page of a repository",
    "authorities": "Authorities",
    "authority": "The page of an authority",
    "account": "The page of an account at a CA",
    "cas": "The built-in PKI",
    "ca": "The page of a CA",
    "policies": "Policies",
    "policy": "The page of a policy",
    "policy-run": "What a dry run found",
    "policy-form": "The form of a policy",
    "audit": "Audit",
    "renewals": "Renewals",
    "page": "Pages to read: log, store",
    "secret": "A revealed key",
    "form": "Forms",
    "csr": "A saved CSR",
    "report": "The report of an import",
    "server": "From a server",
    "match": "Does this belong together?",
    "lock": "While locked",
}


def page() -> str:
    """docs/keys.md: all acts with their keys, by context; made by `python -m certtui.keys_docs`."""
    lines = [
        "# Keys",
        "",
        "<!-- Made from certtui/actions.py by `python -m certtui.keys_docs`; a test compares. -->",
        "",
        "Keys can be changed by the act's id in the configuration:",
        "",
        "```toml",
        "[keys]",
        '"certificate.export" = ["E", "ctrl+e"]',
        "```",
        "",
        "A key that would mean two acts on one screen is refused, and so is a destructive act on a key that differs only by",
        "case from a harmless one.",
    ]
    for context, title in _WHERE.items():
        acts = [action for action in ACTIONS if context in action.contexts]
        if acts:
            lines += ["", f"## {title}", "", "| key | act | id | |", "|---|---|---|---|"]
            lines += [_row(action) for action in acts]
    return "\n".join(lines) + "\n"


def _row(action: Action) -> str:
    keys = " ".join(f"`{key_label(key)}`" for key in action.keys) or "in the palette"
    marks = " ".join(word for word, holds in (("changes", action.changes), ("destroys", action.danger)) if holds)
    return f"| {keys} | {action.help} | `{action.id}` | {marks} |"


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
