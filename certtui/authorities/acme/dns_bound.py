"""What of a profile's settings nobody but certtui may change: a program that is run, a folder that is written to, a
provider that secrets are sent to.

Whoever can write the database and has not the store key could else have a worker run a program of theirs, or send a
token to their own address. So these settings are sealed as well, and nothing is used that says something else by now.
"""

from __future__ import annotations

from collections.abc import Mapping

from certtui.authorities.acme.profile import BY_HOOK, BY_LEXICON
from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class Bound:
    """Such settings as one text ("" for none), and whether they are of one host: its programs, its files."""

    text: str
    of_host: bool


def bound_by(settings: Mapping[str, str]) -> Bound:
    """What is bound of these settings, all of it: one must not stand in for another."""
    parts, of_host = [], False
    if root := settings.get("web_root", ""):
        parts.append(f"web root {root}")
        of_host = True
    match settings.get("dns"):
        case way if way == BY_HOOK:
            parts.append(settings.get("hook", ""))
            of_host = True
        case way if way == BY_LEXICON:
            from certtui.authorities.acme.dns_lexicon import touches_files

            parts.append(f"lexicon {settings.get('lexicon_provider', '')}\n{settings.get('lexicon_options', '')}")
            of_host = of_host or touches_files(settings)
    return Bound("\n".join(parts), of_host)


def is_of_host(settings: Mapping[str, str]) -> bool:
    """Whether these settings are for who works on the host alone: its programs, its files, what listens on its loopback."""
    return bound_by(settings).of_host or settings.get("acmedns_url", "").startswith("http://")
