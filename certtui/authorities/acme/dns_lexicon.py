"""TXT records by a provider of dns-lexicon (the extra `lexicon`): some ninety DNS services behind one interface.

Its code runs in a child (`dns_lexicon_child`): it waits without limit, logs what it sends, reads `~/.netrc` and the environment.
The child has none of these, a time limit, and gets the secrets by a pipe; what it says goes through `redacted`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from certtui.errors import Invalid, Unreachable
from certtui.model.secret import Secret
from certtui.record import dataclass
from certtui.text import clipped

_INSTALL = "Install it on this host: pip install 'certtui[lexicon]'."
_ARGUMENTS = ("-P", "-m", "certtui.authorities.acme.dns_lexicon_child")
_MOST_SHOWN = 300
_KEY = re.compile(r"[a-z][a-z0-9_]{0,60}\Z")
_SECRET = re.compile(
    r"token|secret|pass|psw|totp|(api|access|consumer|application|auth|private)_key$|key_content|^auth_key"
)
_QUERY = re.compile(r"\?[^\s'\")]+")
_SHORTEST_REDACTED = 3


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One provider and the zone that it keeps; `seconds` is how long one change may take."""

    provider: str
    zone: str
    options: Mapping[str, str]
    secrets: Mapping[str, Secret]
    seconds: float = 60.0

    def add(self, name: str, value: str) -> None:
        self._call("create", name, value)

    def remove(self, name: str, value: str) -> None:
        self._call("delete", name, value)

    def _call(self, act: str, name: str, value: str) -> None:
        import json

        require(self.provider, "lexicon_provider")
        given = {key: secret.reveal().decode("utf-8", "replace") for key, secret in self.secrets.items()}
        asked = {
            "act": act,
            "provider": self.provider,
            "zone": self.zone,
            "options": {"ttl": "300", **self.options, **given},
            "name": name,
            "value": value,
            "seconds": self.seconds,
        }
        answer = _asked(json.dumps(asked).encode(), self.seconds)
        if answer is None:
            raise Unreachable(
                f"The provider {self.provider} did not end within {self.seconds:g} seconds.", "It is tried again."
            )
        if answer:
            raise Unreachable(
                f"The provider {self.provider} did not {act} the record {name}: {redacted(answer, self.secrets.values())}.",
                "Check its options and secrets; it is tried again.",
            )


def _asked(question: bytes, seconds: float) -> str | None:
    """What the child says: "" when it is done, None when it was ended."""
    import os
    import signal
    import subprocess
    import sys
    import tempfile
    from contextlib import suppress
    from pathlib import Path

    package = str(Path(__file__).resolve().parents[3])
    with tempfile.TemporaryDirectory(prefix="certtui-lexicon-") as home:
        child = subprocess.Popen(
            [sys.executable, *_ARGUMENTS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=home,
            env={**_surroundings(), "PYTHONPATH": package, "HOME": home},
            start_new_session=True,
        )
        try:
            said, _ = child.communicate(question, timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.communicate()
    text = said.decode("utf-8", "replace")
    if text.startswith("done"):
        return ""
    return text.removeprefix("failed ").strip() or f"it ended with status {child.returncode} and said nothing"


def _surroundings() -> dict[str, str]:
    """What Python needs to start, and the proxies; nothing that a provider takes for its own configuration."""
    import os

    keep = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
    return {name: os.environ[name] for name in keep if name in os.environ}


@cache
def providers() -> tuple[str, ...]:
    """The providers of the lexicon that is installed here; without importing any of it."""
    from importlib.util import find_spec
    from pathlib import Path

    found = find_spec("lexicon")
    folders = [] if found is None else list(found.submodule_search_locations or ())
    names = {each.stem for folder in folders for each in Path(folder, "_private", "providers").glob("*.py")}
    return tuple(sorted(names - {"__init__", "base", "auto"}))


def require(provider: str, field: str) -> None:
    """Raises `Invalid` for a provider that is not here."""
    known = providers()
    if not known:
        raise Invalid("dns-lexicon is not installed here.", _INSTALL, field="dns")
    if provider not in known:
        from difflib import get_close_matches

        near = get_close_matches(provider, known, 3) or known
        raise Invalid(f"Lexicon has no provider “{provider}”.", f"There are {', '.join(near)}.", field=field)


def checked_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that are lexicon's own, as they are kept. Raises `Invalid` naming the setting."""
    provider = settings.get("lexicon_provider", "").strip().lower()
    require(provider, "lexicon_provider")
    options = options_of(settings)
    return {
        "lexicon_provider": provider,
        **({"lexicon_options": "\n".join(f"{key}={value}" for key, value in options.items())} if options else {}),
    }


def options_of(settings: Mapping[str, str]) -> dict[str, str]:
    """`key=value` on each line. Raises `Invalid` (field `lexicon_options`)."""
    found = {}
    for line in settings.get("lexicon_options", "").splitlines():
        if not line.strip():
            continue
        key, equals, value = line.partition("=")
        key = _key(key, equals, "lexicon_options", "Write key=value on each line, as auth_username=ada.")
        if _SECRET.search(key):
            raise Invalid(
                f"{key} is a secret, and options can be read.",
                f"Give it among the secrets, as {key}=….",
                field="lexicon_options",
            )
        found[key] = value.strip()
    return found


def secrets_of(typed: Secret | None) -> dict[str, Secret]:
    """`key=value`, with blanks or lines between them, quoted where they hold some. Raises `Invalid` (field `lexicon_secrets`)."""
    import shlex

    if typed is None:
        return {}
    try:
        words = shlex.split(typed.reveal().decode())
    except ValueError:
        raise Invalid(
            "The provider's secrets can't be read: a quote is not closed.", _QUOTE, field="lexicon_secrets"
        ) from None
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            # What stands there may be the secret itself: it is not said again.
            raise Invalid("One of the provider's secrets has no name.", _QUOTE, field="lexicon_secrets")
        key = _key(key, equals, "lexicon_secrets", _QUOTE)
        if value.startswith("file:"):
            raise Invalid(f"{key} names a file.", "Give what is in it.", field="lexicon_secrets")
        found[key] = Secret(value)
    return found


_QUOTE = "Write them as auth_token=…, with blanks between; quote what holds a blank."


def _key(typed: str, equals: str, field: str, hint: str) -> str:
    key = typed.strip().lstrip("-").replace("-", "_").lower()
    if not equals or not _KEY.match(key):
        what = f"“{clipped(typed, 60)}” is no option." if field == "lexicon_options" else "A secret has no good name."
        raise Invalid(what, hint, field=field)
    return key


def touches_files(settings: Mapping[str, str]) -> bool:
    """Whether the provider reads or writes files of the host that it runs on."""
    if settings.get("lexicon_provider") == "localzone":
        return True
    return any(value.startswith(("/", "~", ".", "file:")) or "../" in value for value in options_of(settings).values())


def redacted(words: str, secrets: Iterable[Secret]) -> str:
    """What a provider says, safe to be shown: one line, cut, without secrets in any common writing, without queries of addresses."""
    from base64 import b64encode
    from urllib.parse import quote, quote_plus

    hidden: set[str] = set()
    for secret in secrets:
        value = secret.reveal().decode("utf-8", "replace")
        for part in {value, *re.split(r"[:\s]", value)}:
            hidden |= {
                part,
                quote(part, safe=""),
                quote_plus(part),
                b64encode(part.encode()).decode().rstrip("="),
                repr(part)[1:-1],
            }
    for part in sorted((each for each in hidden if len(each) >= _SHORTEST_REDACTED), key=len, reverse=True):
        words = words.replace(part, "…")
    words = _QUERY.sub("?…", words)
    return clipped(" ".join(words.split()).rstrip("."), _MOST_SHOWN)
