"""`docs/configuration.md`, made from the fields of `config` and the docstrings under them: `python -m certtui.config_docs`."""

from __future__ import annotations

import ast
import inspect
import sys

from certtui import config

_HEAD = """# Configuration

<!-- Made from certtui/config.py by `python -m certtui.config_docs`; a test compares. -->

certtui needs none. What you want to be otherwise stands in a TOML file, `~/.config/certtui/config.toml`
(`$XDG_CONFIG_HOME` is honoured), or in the file that `CERTTUI_CONFIG` names. A flag of the command line goes before the
environment, the environment before this file, this file before the defaults. A field that does not exist is refused with
the nearest name that does, and with its line.

```toml
theme = "light"
default_context = "prod"

[contexts.prod]
store = "/srv/certtui/prod.db"
key_file = "~/.keys/certtui-prod.key"

[contexts.audit]
store = "/srv/certtui/prod.db"
read_only = true

[columns]
inventory = ["name", "common_name", "status", "not_after", "days"]

[keys]
"certificate.export" = ["e", "ctrl+e"]
```
"""

_TAIL = """
## Environment

| variable | what it does |
|---|---|
| `CERTTUI_CONFIG` | path of the configuration file; it must be there |
| `CERTTUI_STORE` | store to use, before that of the context |
| `CERTTUI_KEY_FILE` | file with the store key |
| `CERTTUI_PASSPHRASE_FILE` | file whose first line is the store's passphrase |
| `XDG_DATA_HOME`, `XDG_STATE_HOME`, `XDG_CONFIG_HOME` | where the folders `certtui` of data, state and configuration are |
| `NO_COLOR` | not empty: no colour at all |

## Folders

| folder | what is in it | mode |
|---|---|---|
| `~/.local/share/certtui` | the store and its key file: back both up, apart from each other | 0700 |
| `~/.local/state/certtui` | log, crash reports, shown columns, unsaved forms (keys in them are sealed) | 0700 |
| `~/.config/certtui` | `config.toml` | yours |
"""


def page() -> str:
    """The whole page."""
    return "\n".join(
        [
            _HEAD,
            "## Fields",
            "",
            _table(config.Config, skip=("contexts",)),
            "",
            "## Fields of a context, `[contexts.NAME]`",
            "",
            _table(config.Context),
            _TAIL,
        ]
    )


def _table(kind: type, skip: tuple[str, ...] = ()) -> str:
    rows = ["| field | default | what it does |", "|---|---|---|"]
    for name, doc in documented(kind).items():
        if name not in skip:
            rows.append(f"| `{name}` | {_default(getattr(kind(), name))} | {doc.replace('|', chr(92) + '|')} |")
    return "\n".join(rows)


def documented(kind: type) -> dict[str, str]:
    """Each field's name and the docstring that stands under it ("" where there is none)."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101  # what getsource of a class gives
    docs = {}
    for at, node in enumerate(body.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            after = body.body[at + 1] if at + 1 < len(body.body) else None
            is_doc = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            docs[node.target.id] = str(after.value.value) if is_doc else ""  # type: ignore[union-attr]  # narrowed by is_doc
    return docs


def _default(value: object) -> str:
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f'`"{value}"`' if value else "empty"
        case dict():
            return "empty"
        case _:
            return f"`{value}`"


if __name__ == "__main__":
    sys.stdout.write(page())
