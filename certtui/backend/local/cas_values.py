"""Settings and specification of a CA: checked, and as the JSON of their columns."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import PurePath

from certtui.errors import Invalid
from certtui.model.ca import CaSpec, IssuingUrls
from certtui.model.csr import SubjectFields
from certtui.model.local_ca import CaSettings

MOST_CRL_DAYS = 3650
MOST_DELTA_HOURS = 24 * 365
_MOST_URLS = 10
_MAX_URL = 2_000
_MAX_PATH = 4_000


def checked_settings(settings: CaSettings | None) -> CaSettings:
    """The settings without blanks and doubles, those of the class for None. Raises `Invalid` naming the field."""
    from certtui.pki.profile import url_name

    given = settings or CaSettings()
    if not 1 <= given.crl_days <= MOST_CRL_DAYS:
        raise Invalid(
            f"A CRL is good for 1 to {MOST_CRL_DAYS} days.", "7 is usual for an issuing CA.", field="crl_days"
        )
    if not 0 <= given.delta_hours <= MOST_DELTA_HOURS or given.delta_hours >= given.crl_days * 24:
        raise Invalid(
            "A delta CRL is good for a shorter time than the CRL that it continues.",
            "Give fewer hours; 0 for no delta CRLs.",
            field="delta_hours",
        )
    lists: dict[str, tuple[str, ...]] = {}
    for field in ("crl_urls", "delta_urls", "issuer_urls", "ocsp_urls"):
        urls = tuple(dict.fromkeys(url.strip() for url in getattr(given, field) if url.strip()))
        if len(urls) > _MOST_URLS or any(len(url) > _MAX_URL for url in urls):
            raise Invalid(f"{_MOST_URLS} URLs of {_MAX_URL} characters are the limit.", "Give fewer.", field=field)
        for url in urls:
            try:
                url_name(url)
            except Invalid as problem:
                raise Invalid(problem.message, problem.hint, field=field) from None
        lists[field] = urls
    return CaSettings(
        given.crl_days,
        given.delta_hours,
        _checked_file(given.crl_file.strip()),
        **lists,
        compliant=given.compliant,
    )


def settings_json(settings: CaSettings) -> str:
    """For the column."""
    return json.dumps(asdict(settings), sort_keys=True, separators=(",", ":"))


def settings_of(column: str) -> CaSettings:
    """From the column; what it does not name is as the class has it."""
    values = json.loads(column)
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return CaSettings(**(values | lists))


def issuing_urls(settings: CaSettings) -> IssuingUrls:
    """What goes into the certificates that the CA issues."""
    return IssuingUrls(
        ocsp=settings.ocsp_urls,
        issuer=settings.issuer_urls,
        crl=settings.crl_urls,
        delta_crl=settings.delta_urls if settings.delta_hours else (),
    )


def spec_json(spec: CaSpec | None) -> str:
    """For the column; an imported CA has none."""
    return "{}" if spec is None else json.dumps(asdict(spec), sort_keys=True, separators=(",", ":"))


def spec_of(column: str) -> CaSpec | None:
    """From the column."""
    values = json.loads(column)
    if not values:
        return None
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return CaSpec(**(values | lists | {"subject": SubjectFields(**values["subject"])}))


def _checked_file(path: str) -> str:
    if not path:
        return ""
    if len(path) > _MAX_PATH or "\0" in path or not PurePath(path).is_absolute() or path.endswith("/"):
        raise Invalid(
            "The CRL's file is not a path from the root on.",
            "Give a whole path such as /var/www/pki/ca.crl.",
            field="crl_file",
        )
    if PurePath(path).suffix != ".crl":
        # A CRL is written over what is there: not over anything that is something else by its name.
        raise Invalid("The CRL's file does not end in .crl.", "Give a path that ends in .crl.", field="crl_file")
    return path
