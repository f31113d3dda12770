"""What would become of a form for a certificate: problems beside fields, what was found, and the sentence at the bottom.

Called in a thread, after every pause in typing; changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from certtui.errors import CerttuiError, Invalid, PasswordNeeded
from certtui.given import Absent
from certtui.model.certificate import NewCertificate
from certtui.model.csr import SavedCsr
from certtui.model.secret import Secret
from certtui.model.x509 import KeyFacts, Material
from certtui.screens.add.sentence import already_there, entry_in, found_in, identity, outlook
from certtui.screens.add.verdict import AddVerdict, World
from certtui.screens.verdict import Typed
from certtui.whose_key import owners

FAULTY = "As it stands this can't be saved; what is wrong stands beside the field."


@dataclass(slots=True)
class _Findings:
    """What is gathered while the fields are looked at."""

    problems: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    encrypted: bool = False

    def verdict(self, sentence: str) -> AddVerdict:
        if self.problems:
            sentence = FAULTY
        return AddVerdict(sentence, self.problems, self.missing, self.notes, self.absent, self.encrypted)


def judge_pfx(typed: Typed, world: World) -> AddVerdict:
    """A PFX: one file with certificate, key and chain."""
    found = _Findings()
    material = _read(typed, world, found, "file", "the PFX", "password", "Give the PFX file.")
    if material is None:
        return found.verdict("Will add what is in the PFX file: certificate, private key and chain.")
    return _judged([material], typed, world, found, {"certificate": "file", "key": "file", "chain": "file"})


def judge_pair(typed: Typed, world: World) -> AddVerdict:
    """A certificate with its private key, and a chain in any order."""
    found = _Findings()
    parts = {
        "certificate": _read(
            typed, world, found, "certificate", "the certificate", "key_password", "Give the certificate."
        ),
        "key": _read(typed, world, found, "key", "the key", "key_password"),
        "chain": _read(typed, world, found, "chain", "the chain", "key_password"),
    }
    materials = [part for part in parts.values() if part is not None]
    certificate, key, chain = parts["certificate"], parts["key"], parts["chain"]
    if certificate is not None and not certificate.certificates:
        found.problems["certificate"] = f"There is no certificate in it, but {found_in(certificate)}."
    if key is not None and not key.keys:
        found.problems["key"] = f"There is no private key in it, but {found_in(key)}."
    if chain is not None and not chain.certificates:
        found.problems["chain"] = f"There is no certificate in it, but {found_in(chain)}."
    unread = [name for name, part in parts.items() if part is None and typed.given(name, "")]
    if found.problems or unread or certificate is None:
        return found.verdict("Will add the certificate with its private key and chain.")
    return _judged(materials, typed, world, found, {"certificate": "certificate", "key": "key", "chain": "chain"})


def judge_saved(typed: Typed, world: World) -> AddVerdict:
    """A signed certificate for a CSR that was saved here."""
    found = _Findings()
    chosen = next((each for each in world.saved if str(each.id) == typed.value("csr")), None)
    if chosen is None:
        found.missing["csr"] = "Choose the saved CSR."
        if not world.saved:
            return found.verdict("There is no saved CSR. “New CSR” makes one.")
    waiting = f"Will complete the saved CSR “{chosen.name}”; its key is here." if chosen else "Choose the saved CSR."
    certificate = _read(typed, world, found, "certificate", "the certificate", "", "Give the signed certificate.")
    chain = _read(typed, world, found, "chain", "the chain", "")
    if certificate is None or chosen is None:
        return found.verdict(waiting)
    if not certificate.certificates:
        found.problems["certificate"] = f"There is no certificate in it, but {found_in(certificate)}."
        return found.verdict(waiting)
    owner = _owner(chosen, certificate, world)
    if owner is not None and owner is not chosen:
        found.problems["certificate"] = (
            f"It belongs to the saved CSR “{owner.name}” (same public key), not to “{chosen.name}”."
        )
        sentence = f"This certificate is for “{owner.name}”: saving asks whether to give it to that one."
        return replace(found.verdict(""), sentence=sentence, saved=owner)
    if owner is None:
        found.problems["certificate"] = (
            f"It was not made from this CSR: its key is {identity(certificate.certificates[0])}, "
            f"that of “{chosen.name}” is sha256:{chosen.spki_sha256[:8]}… ({chosen.key_algorithm})."
        )
        return found.verdict(waiting)
    materials = [_as_pair(certificate, chosen), *([chain] if chain is not None else [])]
    verdict = _judged(materials, typed, world, found, {"certificate": "certificate", "chain": "chain"}, csr=chosen)
    return replace(verdict, saved=chosen)


def _read(
    typed: Typed, world: World, found: _Findings, name: str, what: str, password: str, wanted: str = ""
) -> Material | None:
    given = typed.given(name, what)
    if not given:
        if wanted:
            found.missing[name] = wanted
        return None
    try:
        material = world.reader.read(given, typed.password(password) if password else ())
    except PasswordNeeded as error:
        found.encrypted = True
        if not password:
            found.problems[name] = error.message
        elif error.wrong:
            found.problems[password] = error.message
        else:
            found.missing[password] = str(error)
            found.notes[password] = error.message
        return None
    except Absent as error:
        found.absent[name] = str(error)
        return None
    except CerttuiError as error:
        found.problems[name] = str(error)
        return None
    if password and typed.password(password) and world.reader.encrypted(given):
        found.encrypted = True
    found.notes[name] = _sentence_of(material)
    return material


def _sentence_of(material: Material) -> str:
    text = found_in(material)
    said = [f"{text[:1].upper()}{text[1:]}.", *material.warnings, *material.unread]
    return " ".join(said)


def _judged(
    materials: Sequence[Material],
    typed: Typed,
    world: World,
    found: _Findings,
    fields: dict[str, str],
    *,
    csr: SavedCsr | None = None,
) -> AddVerdict:
    try:
        pairing = world.inspect.pair(materials)
    except Invalid as error:
        whose = owners(materials, world.certificates) if error.field == "key" else ""
        problem = f"{error.message} {whose}" if whose else str(error)
        found.problems[fields.get(error.field, fields["certificate"])] = problem
        return found.verdict(FAULTY)
    if csr is not None:
        pairing = replace(pairing, key=None)
    if fields.get("key") == "file":
        found.notes["file"] = " ".join([entry_in(pairing), *materials[0].warnings, *materials[0].unread])
    for sentence in pairing.unused:
        name = fields.get("chain", fields["certificate"])
        found.notes[name] = f"{found.notes.get(name, '')} {sentence}".strip()
    sentence, ask = outlook(pairing, world, csr)
    if csr is not None and (there := already_there(pairing.leaf, world)):
        found.problems[fields["certificate"]] = f"This certificate is in the inventory already, as “{there.name}”."
        return found.verdict(sentence)
    new = NewCertificate(
        x509=pairing.leaf,
        chain=pairing.chain,
        key=pairing.key,
        labels=typed.labels,
        csr_id=None if csr is None else csr.id,
    )
    return replace(found.verdict(sentence), new=new, ask=ask)


def _owner(chosen: SavedCsr, material: Material, world: World) -> SavedCsr | None:
    """The saved CSR that a file (which may hold the chain too) has the certificate of: the chosen one if it can be."""
    held = {each.spki_sha256 for each in material.certificates}
    return next((each for each in (chosen, *world.saved) if each.spki_sha256 in held), None)


def _as_pair(material: Material, chosen: SavedCsr) -> Material:
    """The file with the saved CSR's public key in the place of a private one, so that its certificate is the one meant.

    Keys in the file are left out: the key that counts is in the store.
    """
    return replace(material, keys=(KeyFacts(chosen.spki_sha256, chosen.key_algorithm, Secret(b"")),))
