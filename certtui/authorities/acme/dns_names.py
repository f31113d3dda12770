"""Which CNAME lets a name be proved from the tech zone, and how it is written for different consoles."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from hashlib import sha256

from certtui.record import dataclass

_TOKEN_BYTES = 10


@dataclass(frozen=True, slots=True)
class Delegation:
    """One CNAME that a person makes once: `name` to `target`, both in A-labels without the last dot."""

    name: str
    target: str

    @property
    def zone_line(self) -> str:
        """As a line of a zone file (RFC 1035, 5.1)."""
        return f"{self.name}. 300 IN CNAME {self.target}."


def challenge_name(domain: str) -> str:
    """Where `dns-01` is looked for (RFC 8555, 8.4); a wildcard is proved at the name that it stands on."""
    return f"_acme-challenge.{domain.removeprefix('*.').rstrip('.').lower()}"


def token(seed: str, domain: str) -> str:
    """The label in the tech zone that belongs to a domain: the same for ever in one store, whatever profile asks.

    It is no secret (DNS is public); it keeps domains apart, and two stores that share a tech zone.
    """
    digest = hmac.digest(seed.encode(), domain.removeprefix("*.").rstrip(".").lower().encode(), sha256)
    return base64.b32encode(digest[:_TOKEN_BYTES]).decode("ascii").lower()


def delegations(sans: Sequence[str], tech_zone: str, seed: str) -> tuple[Delegation, ...]:
    """The CNAMEs for the `DNS:` names among these, each once: a wildcard and its apex share theirs."""
    zone = tech_zone.rstrip(".").lower()
    return tuple(Delegation(challenge_name(each), f"{token(seed, each)}.{zone}") for each in domains_of(sans))


def domains_of(sans: Sequence[str]) -> tuple[str, ...]:
    """What is to be proved for the `DNS:` names among these, each once."""
    return tuple(sorted({san[4:].removeprefix("*.").rstrip(".").lower() for san in sans if san.startswith("DNS:")}))


def for_consoles(made: Delegation, zone: str) -> tuple[tuple[str, str], ...]:
    """The same record as different DNS consoles want it: (console, what to type). `zone` is the domain's own zone, "" if unknown."""
    host = made.name.removesuffix("." + zone) if zone and made.name.endswith("." + zone) else made.name
    return (
        ("Zone file", made.zone_line),
        ("nsupdate", f"update add {made.name}. 300 CNAME {made.target}."),
        ("Host, value", f"host {host}, type CNAME, value {made.target}"),
        (
            "Route 53",
            f'{{"Action":"UPSERT","ResourceRecordSet":{{"Name":"{made.name}","Type":"CNAME","TTL":300,'
            f'"ResourceRecords":[{{"Value":"{made.target}"}}]}}}}',
        ),
        (
            "gcloud",
            f"gcloud dns record-sets create {made.name}. --type=CNAME --ttl=300 --rrdatas={made.target}. --zone=ZONE",
        ),
        (
            "az",
            f"az network dns record-set cname set-record -g GROUP -z {zone or 'ZONE'} -n {host} -c {made.target} --ttl 300",
        ),
    )


def text_line(name: str, value: str) -> str:
    """A TXT record as a line of a zone file."""
    return f'{name}. 60 IN TXT "{value}"'


def text_for_consoles(name: str, values: Sequence[str], zone: str) -> tuple[tuple[str, str], ...]:
    """TXT records as DNS consoles want them, all values of a name at once: (console, what to type)."""
    host = name.removesuffix("." + zone) if zone and name.endswith("." + zone) else name
    quoted = ",".join(f'{{"Value":"\\"{value}\\""}}' for value in values)
    return (
        *(("Zone file", text_line(name, value)) for value in values),
        *(("nsupdate", f'update add {name}. 60 TXT "{value}"') for value in values),
        *(("Host, value", f"host {host}, type TXT, value {value}") for value in values),
        (
            "Route 53",
            f'{{"Action":"UPSERT","ResourceRecordSet":{{"Name":"{name}","Type":"TXT","TTL":60,"ResourceRecords":[{quoted}]}}}}',
        ),
        (
            "gcloud",
            f"gcloud dns record-sets create {name}. --type=TXT --ttl=60 --rrdatas={','.join(values)} --zone=ZONE",
        ),
        *(
            ("az", f"az network dns record-set txt add-record -g GROUP -z {zone or 'ZONE'} -n {host} -v {value}")
            for value in values
        ),
    )
