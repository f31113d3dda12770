"""From a profile's type and settings to an authority that can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from certtui.authorities import external, local
from certtui.authorities.acme import profile as acme
from certtui.authorities.acme.books import Books
from certtui.authorities.base import Authority
from certtui.errors import Invalid, Unsupported
from certtui.model.authority import AuthorityType, AuthorityTypeInfo, mattering


def types(ca_names: Sequence[str]) -> tuple[AuthorityTypeInfo, ...]:
    """What can be added here."""
    return (local.info(ca_names), acme.INFO, external.INFO)


def checked_settings(kind: AuthorityType, settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as they are kept: trimmed, without those that are empty or don't matter. Raises `Invalid` naming the setting."""
    fields = {field.key: field for info in types(()) if info.type is kind for field in info.fields}
    if not fields:
        raise _not_here(kind)
    for key in settings:
        if key not in fields or fields[key].kind == "secret":
            raise Invalid(
                f"A profile of the type {kind} has no setting “{key}”.",
                f"It has {', '.join(fields)}." if fields else "It has none.",
                field=key,
            )
    typed = {key: value.strip() for key, value in settings.items() if value.strip()}
    if kind is AuthorityType.ACME:
        typed = acme.completed(typed)
    matter = mattering(tuple(fields.values()), typed)
    # What was left behind by another choice must not stand in the way of this one.
    kept = {field.key: typed[field.key] for field in matter if field.key in typed}
    for field in matter:
        if field.required and field.key not in kept and field.kind != "secret":
            raise Invalid(f"{field.label} is missing.", field.help or "Give one.", field=field.key)
    match kind:
        case AuthorityType.LOCAL:
            return local.checked_settings(kept)
        case AuthorityType.ACME:
            return acme.checked_settings(kept)
    return external.checked_settings(kept)


def secret_names(kind: AuthorityType) -> tuple[str, ...]:
    """The names of the secrets that profiles of a type have."""
    return tuple(
        field.key for info in types(()) if info.type is kind for field in info.fields if field.kind == "secret"
    )


def make(kind: AuthorityType, name: str, settings: Mapping[str, str], pki: local.Pki, books: Books) -> Authority:
    """The authority of a profile. Raises `Unsupported` for a type that this version does not know."""
    match kind:
        case AuthorityType.LOCAL:
            return local.LocalPki(name, settings, pki)
        case AuthorityType.ACME:
            from certtui.authorities.acme.authority import AcmeCa

            return AcmeCa(name, settings, books)
        case AuthorityType.EXTERNAL:
            return external.ExternalCa(name, settings)
    raise _not_here(kind)


def _not_here(kind: AuthorityType) -> Unsupported:
    return Unsupported(f"This version of certtui has no authorities of the type {kind.title}.", "Choose another type.")
