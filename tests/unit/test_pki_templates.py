"""The ready-made templates, and those that a person changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from certtui.errors import Invalid
from certtui.model.template import CUSTOM, SERVER, TEMPLATES, Template, template_named
from certtui.pki.extensions import extended_usages, key_usage_bits, raw_extensions
from certtui.pki.issue import check_template
from tests import authority

USAGES = {
    "server": ("1.3.6.1.5.5.7.3.1",),
    "client": ("1.3.6.1.5.5.7.3.2",),
    "both": ("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"),
    "code-signing": ("1.3.6.1.5.5.7.3.3",),
    "messages": ("1.3.6.1.5.5.7.3.4",),
    "custom": (),
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_every_template_gives_its_usages(template: Template) -> None:
    data = authority.leaf(template).certificate.der
    usages = [extended_usages(each.value) for each in raw_extensions(data) if each.oid == "2.5.29.37"]
    assert tuple(usages) == ((USAGES[template.name],) if USAGES[template.name] else ())
    assert template_named(template.name) is template
    check_template(template)


def _bits(template: Template, kind: str) -> tuple[int, ...]:
    data = authority.leaf(template, key_type=kind).certificate.der
    return next(key_usage_bits(each.value) for each in raw_extensions(data) if each.oid == "2.5.29.15")


def test_key_encipherment_is_for_rsa_keys_alone() -> None:
    assert _bits(SERVER, "rsa-2048") == (0, 2)
    for kind in ("ec-256", "ed25519", "ml-dsa-44"):
        assert _bits(SERVER, kind) == (0,)


def test_key_agreement_is_for_ec_keys_alone() -> None:
    template = replace(CUSTOM, key_usages=("digitalSignature", "keyAgreement"))
    assert _bits(template, "ec-256") == (0, 4)
    assert _bits(template, "rsa-2048") == (0,)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"days": 0}, "days"),
        ({"max_days": 10}, "max_days"),
        ({"key_types": ("rsa-1024",)}, "key_types"),
        ({"key_types": ()}, "key_types"),
        ({"key_usages": ("sign",)}, "key_usages"),
        ({"key_usages": ("keyCertSign",)}, "key_usages"),
        ({"key_usages": ("keyEncipherment",)}, "key_usages"),
        ({"usages": ("tls",)}, "usages"),
        ({"san_kinds": ()}, "san_kinds"),
        ({"san_kinds": ("UPN",)}, "san_kinds"),
    ],
)
def test_a_template_that_cannot_be_issued_by_names_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_template(replace(SERVER, **changes))
    assert caught.value.field == field
