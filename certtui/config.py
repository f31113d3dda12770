"""What a person may set, in TOML: contexts, theme, columns, keys, idle lock, clipboard.

Every field is a dataclass field with its docstring under it; `docs/configuration.md` is made from these by
`certtui.config_docs`. Read only when there is a file; an unknown field is refused with the nearest name.
"""

from __future__ import annotations

import os

from certtui import paths
from certtui.errors import Invalid, NotFound, Unreachable
from certtui.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

THEMES = ("dark", "light", "colour-blind", "no-colour")
CLIPBOARDS = ("auto", "osc52", "tmux", "desktop", "none")


@dataclass(frozen=True, slots=True)
class Context:
    """One place with certificates, chosen by its name: `certtui --context NAME`, or `default_context`."""

    store: str = ""
    """Path or URL of a store on this machine. Empty: the store in your data folder. `~` is your home."""
    key_file: str = ""
    """The file with the store key. Empty: the one that was made beside the store."""
    passphrase_file: str = ""
    """A file whose first line is the passphrase of the store, for scripts. Empty: it is asked when a key is needed."""
    url: str = ""
    """A server instead of a store: `https://certs.example.com:8443`. The fields below are for one."""
    token_file: str = ""
    """A file, 0600, whose first line is your token. Read again when the server no longer takes it."""
    token_command: str = ""
    """A command that prints your token: `pass show certtui`. With neither file nor command nor client certificate it is asked."""
    ca_file: str = ""
    """The CA certificates (PEM) by which the server is trusted, in place of the system's."""
    pin: str = ""
    """The SHA-256 of the server's public key, `sha256//BASE64` or hex; several with blanks between. Without `ca_file` it is the only proof."""
    client_cert: str = ""
    """A client certificate (PEM) to show to the server, perhaps with its key in the same file."""
    client_key: str = ""
    """The key of the client certificate, where it has a file of its own; without a passphrase."""
    proxy: str = ""
    """An HTTP proxy: `http://proxy.example.com:3128`, or `none`. Empty: what `HTTPS_PROXY` and `NO_PROXY` say."""
    timeout: int = 30
    """Seconds to wait for an answer of the server."""
    read_only: bool = False
    """Open without the right to change anything."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set."""

    default_context: str = ""
    """The context to open when none is asked for. Empty: the store in your data folder."""
    contexts: dict[str, Context] = field(default_factory=dict)
    """Places with certificates by name, each a table `[contexts.NAME]`."""
    theme: str = "dark"
    """`dark`, `light`, `colour-blind` or `no-colour`. `NO_COLOR` in the environment means `no-colour`, whatever stands here."""
    ascii: bool = False
    """Draw with ASCII alone, for terminals without line-drawing characters; like `--ascii`."""
    idle_lock_minutes: int = 15
    """Minutes without a key press until the console locks the store and blanks the screen. 0: never."""
    clipboard: str = "auto"
    """How to copy: `osc52` (through the terminal), `tmux`, `desktop`, `none` (you select it yourself), or `auto`: what fits."""
    clipboard_clear_seconds: int = 30
    """Seconds until a copied secret is taken back out of the clipboard. 0: it stays."""
    worker: bool = True
    """Do what is due (orders, CRLs, alerts) on a store of this machine while the console or the server runs. `certtui worker` does it without."""
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns of a place's list, in order: `inventory = ["name", "status", "not_after"]`. What you hide or show in the console comes before it."""
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Keys of an act by its id (`certtui` lists ids under `?`): `"certificate.export" = ["e", "ctrl+e"]`. A clash is refused."""


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration in a file, by default that of `paths.config_file`; no file there means every default.

    Raises `NotFound` for a named file (`path` or `CERTTUI_CONFIG`) that is not there, `Unreachable` for one that can't
    be read, `Invalid` for one that is wrong: the sentence names file, line and the nearest field.
    """
    named = path is not None or bool(environ.get("CERTTUI_CONFIG"))
    place = path or paths.config_file(environ)
    try:
        raw = place.read_bytes()
    except FileNotFoundError:
        if not named:
            return Config()
        raise NotFound(
            f"There is no configuration file {place}.", "Name another one, or unset CERTTUI_CONFIG."
        ) from None
    except OSError as error:
        raise Unreachable(
            f"The configuration file {place} can't be read: {error.strerror}.", "Check its permissions."
        ) from None
    return parse(raw, str(place))


def parse(raw: bytes, name: str = "config.toml") -> Config:
    """The configuration in the bytes of a TOML file; `name` is for messages. Raises `Invalid`."""
    import tomllib

    try:
        text = raw.decode("utf-8")
        table = tomllib.loads(text)
    except UnicodeDecodeError:
        raise Invalid(f"{name} is not UTF-8 text.", "Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{name} is not TOML: {str(error)[:1].lower()}{str(error)[1:]}.", "Correct that place.") from None
    from certtui.config_reader import config_from

    return config_from(table, text, name)


def context(config: Config, name: str = "") -> tuple[str, Context]:
    """The context of that name, else the default one, as (name, context); ("local", defaults) when neither is set.

    Raises `NotFound` with the nearest name.
    """
    wanted = name or config.default_context
    if not wanted:
        return "local", config.contexts.get("local", Context())
    if wanted in config.contexts:
        return wanted, config.contexts[wanted]
    from certtui.config_reader import nearest

    known = ", ".join(sorted(config.contexts)) or "none"
    raise NotFound(
        f"There is no context {wanted!r} in the configuration{nearest(wanted, config.contexts)}.",
        f"Contexts there: {known}.",
    )


def resolved(
    config: Config,
    environ: Mapping[str, str] = os.environ,
    *,
    name: str = "",
    store: str = "",
    read_only: bool = False,
) -> tuple[str, Context]:
    """The context that is really meant: flag before environment before configuration before default.

    `name` and `store` are the flags. `CERTTUI_CONTEXT`, `CERTTUI_URL`, `CERTTUI_TOKEN_FILE`, `CERTTUI_STORE`,
    `CERTTUI_KEY_FILE`, `CERTTUI_PASSPHRASE_FILE` are read. A store or a server that is named by flag or environment is not
    that of the context, so the context's keys, passphrase and token don't go with it. Raises `NotFound`, `Invalid`.
    """
    url = ""
    if not name and not store:
        places = ("CERTTUI_CONTEXT", "CERTTUI_URL", "CERTTUI_STORE")
        if len(named := [each for each in places if environ.get(each)]) > 1:
            raise Invalid(f"{' and '.join(named)} are set, and each names another place.", "Unset all but one of them.")
        name, url, store = (environ.get(each, "") for each in places)
    if url:
        label, chosen = url.rpartition("//")[2].partition("/")[0].rpartition("@")[2], Context(url=url)
    elif store:
        label, chosen = "local", Context(store=store)
    else:
        label, chosen = context(config, name)
    read_only = read_only or chosen.read_only
    if chosen.url:
        from dataclasses import replace  # not on the way of a store of one's own: it costs a tenth of a short command

        token_file = environ.get("CERTTUI_TOKEN_FILE", "")
        if token_file:
            chosen = replace(chosen, token_file=token_file, token_command="")
        return label, replace(chosen, read_only=read_only)
    return label, Context(
        store=chosen.store,
        key_file=environ.get("CERTTUI_KEY_FILE") or chosen.key_file,
        passphrase_file=environ.get("CERTTUI_PASSPHRASE_FILE") or chosen.passphrase_file,
        read_only=read_only,
    )


def known_fields(kind: type) -> tuple[str, ...]:
    """The names of the fields of `Config` or `Context`, in order."""
    from dataclasses import fields

    return tuple(each.name for each in fields(kind))
