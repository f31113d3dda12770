"""What can be done where certificates are filed, given out and opened to people: a part of `certtui.actions`."""

from __future__ import annotations

from certtui.action import Action

ACCESS = (
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

REPOSITORIES = (
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

CONTAINERS = (
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

SECRETS = (
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
