"""TXT records by dynamic update with TSIG (RFC 2136, RFC 8945), over TCP."""

from __future__ import annotations

from certtui.authorities.acme.dns_ask import Resolver, resolve, text_of
from certtui.errors import Invalid, Unreachable
from certtui.model.secret import Secret
from certtui.record import dataclass

ALGORITHMS = ("hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha224", "hmac-sha1", "hmac-md5")
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class DynamicUpdate:
    """A primary server that takes updates. `zone` without the last dot; an empty `key_name` sends them unsigned."""

    address: str
    port: int
    zone: str
    key_name: str = ""
    key: Secret = Secret("")
    """As BIND's configuration has it: base64."""
    algorithm: str = "hmac-sha256"
    ttl: int = 60

    def add(self, name: str, value: str) -> None:
        self._send(name, value, present=True)

    def remove(self, name: str, value: str) -> None:
        self._send(name, value, present=False)

    def _send(self, name: str, value: str, *, present: bool) -> None:
        import dns.exception
        import dns.name
        import dns.query
        import dns.rcode
        import dns.rdataclass
        import dns.rdatatype
        import dns.tsig
        import dns.update
        from dns.rdtypes.ANY.TXT import TXT

        where = f"The name server {self.address}"
        update = dns.update.UpdateMessage(self.zone, keyring=self._keyring())
        full = dns.name.from_text(name)
        octets = value.encode()
        text = TXT(dns.rdataclass.IN, dns.rdatatype.TXT, [octets[at : at + 255] for at in range(0, len(octets), 255)])
        if present:
            update.add(full, self.ttl, text)
        else:
            update.delete(full, text)
        try:
            answer = dns.query.tcp(update, self.address, timeout=_SECONDS, port=self.port)
        except dns.tsig.PeerBadKey:
            raise Invalid(
                f"{where} does not know the TSIG key “{self.key_name}”.", "Check its name.", field="tsig_name"
            ) from None
        except (dns.tsig.PeerBadSignature, dns.tsig.BadSignature, dns.tsig.BadKey):
            raise Invalid(
                f"{where} does not accept the signature of the TSIG key “{self.key_name}”.",
                "Check the key and its algorithm.",
                field="tsig_key",
            ) from None
        except (dns.tsig.PeerBadTime, dns.tsig.BadTime):
            raise Unreachable(
                f"{where} says that this machine's clock is wrong (TSIG, BADTIME).", "Set the clocks of both."
            ) from None
        except dns.exception.Timeout:
            raise Unreachable(
                f"{where} did not answer an update within {_SECONDS:g} seconds.", "It is tried again."
            ) from None
        except dns.exception.DNSException as error:
            raise Unreachable(
                f"{where} answers an update in no form that can be read ({type(error).__name__})."
            ) from None
        except OSError as error:
            raise Unreachable(
                f"{where} could not be reached by TCP on port {self.port}: {error.strerror or error}.",
                "It is tried again.",
            ) from None
        if answer.rcode() != dns.rcode.NOERROR:
            code = dns.rcode.to_text(answer.rcode())
            raise Unreachable(f"{where} refused to change {name}: {code}.", _MEANINGS.get(code, "See its log."))

    def _keyring(self) -> object:
        import binascii

        import dns.name
        import dns.tsig

        if not self.key_name:
            return None
        try:
            return dns.tsig.Key(self.key_name, self.key.reveal().decode("ascii"), self.algorithm)
        except (binascii.Error, ValueError):
            raise Invalid(
                "The TSIG key is no base64.", "Copy it as it stands in the server's file.", field="tsig_key"
            ) from None


def primary_of(resolver: Resolver, zone: str) -> tuple[str, int]:
    """Name and port of the server that takes a zone's updates: the one in its SOA (RFC 2136, 4.3). Raises `Unreachable`."""
    import dns.rdatatype

    answer = resolve(resolver, zone, "SOA")
    for each in answer.answer:
        if each.rdtype == dns.rdatatype.SOA:
            return text_of(each[0].mname), resolver.port
    raise Unreachable(f"{zone} has no SOA record: it is no zone.", "Name the zone and its server in the profile.")


_MEANINGS = {
    "REFUSED": "Its update policy does not let this key change this name.",
    "NOTAUTH": "It is not the primary server of this zone, or the zone is named otherwise.",
    "NOTZONE": "The name does not lie in this zone.",
    "NOTIMP": "It takes no updates.",
    "SERVFAIL": "Its log says why; often it can't write its journal.",
}
