"""Reading files: every form that certificates, keys and requests come in, and a sentence for everything else."""

from __future__ import annotations

import base64
import contextlib
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from certtui.errors import CerttuiError, Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.pki import pem, pkcs7
from certtui.pki.read import looks_like, may_hold_secrets, read
from tests import hostile
from tests.certs import Made, make_cert, make_chain, make_csr

SECRET = [Secret("secret")]


@pytest.fixture(scope="module")
def chain() -> tuple[Made, ...]:
    return make_chain()


@pytest.fixture(scope="module")
def leaf(chain: tuple[Made, ...]) -> Made:
    return chain[0]


def fingerprints(data: bytes, *passwords: Secret) -> list[str]:
    return [c.fingerprint_sha256 for c in read("f", data, passwords).certificates]


def sentence(data: bytes, *passwords: Secret) -> str:
    with pytest.raises(CerttuiError) as caught:
        read("f", data, passwords)
    return caught.value.message


def test_pem_with_several_blocks_is_read_in_order(chain: tuple[Made, ...]) -> None:
    material = read("f", b"".join(m.pem for m in chain))
    assert [c.der for c in material.certificates] == [m.der for m in chain]
    assert (material.form, material.warnings, material.unread) == ("pem", (), ())


@pytest.mark.parametrize("maker", [hostile.pem_with_text, hostile.pem_crlf_without_end])
def test_pem_as_mail_and_editors_leave_it_is_read(maker, leaf: Made) -> None:
    assert fingerprints(maker(leaf)) == [leaf.facts.fingerprint_sha256]


def test_pem_saved_as_utf_16_is_read(leaf: Made) -> None:
    assert fingerprints(leaf.pem.decode().encode("utf-16")) == [leaf.facts.fingerprint_sha256]


def test_bare_base64_is_read(leaf: Made) -> None:
    assert fingerprints(base64.encodebytes(leaf.der)) == [leaf.facts.fingerprint_sha256]


def test_der_is_read(leaf: Made) -> None:
    material = read("f", leaf.der)
    assert (material.form, material.certificates) == ("der", (leaf.facts,))


def test_a_trusted_certificate_of_openssl_gives_the_certificate(leaf: Made) -> None:
    trusted = pem.encode("TRUSTED CERTIFICATE", leaf.der + bytes.fromhex("300c300a06082b06010505070301"))
    assert fingerprints(trusted) == [leaf.facts.fingerprint_sha256]


@pytest.mark.parametrize("armour", [True, False])
def test_pkcs7_gives_its_certificates(armour: bool, chain: tuple[Made, ...]) -> None:
    data = pkcs7.encode([m.der for m in chain])
    data = pem.encode("PKCS7", data) if armour else data
    assert fingerprints(data) == [m.facts.fingerprint_sha256 for m in chain]


def test_a_request_is_read_in_pem_and_der() -> None:
    text, _ = make_csr(sans=("a.example",))
    block = next(pem.blocks(text))
    assert read("f", text).requests == read("f", block.der).requests
    assert read("f", text).requests[0].sans == ("DNS:a.example",)


@pytest.mark.parametrize("kind", ["rsa-2048", "ec-256", "ec-521", "ed25519", "ed448", "dsa-1024", "ml-dsa-65"])
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize("sealed", [True, False])
def test_pkcs8_keys_of_every_kind_are_read(kind: str, encoding: Encoding, sealed: bool) -> None:
    made = make_cert(kind=kind)
    seal = BestAvailableEncryption(b"secret") if sealed else NoEncryption()
    data = made.key.private_bytes(encoding, PrivateFormat.PKCS8, seal)
    (key,) = read("f", data, SECRET).keys
    assert (key.key_algorithm, key.spki_sha256) == (kind, made.facts.spki_sha256)


@pytest.mark.parametrize("kind", ["rsa-2048", "ec-256"])
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_traditional_keys_are_read(kind: str, encoding: Encoding) -> None:
    made = make_cert(kind=kind)
    data = made.key.private_bytes(encoding, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert read("f", data).keys == (made.key_facts,)


def test_a_traditional_encrypted_key_needs_its_password() -> None:
    made = make_cert(kind="rsa-2048")
    data = made.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"secret"))
    assert b"DEK-Info" in data
    assert read("f", data, SECRET).keys == (made.key_facts,)
    with pytest.raises(PasswordNeeded) as caught:
        read("f", data)
    assert not caught.value.wrong


def test_the_second_of_several_passwords_may_be_the_right_one(leaf: Made) -> None:
    assert read("f", leaf.encrypted_key_pem(), [Secret("first"), *SECRET]).keys == (leaf.key_facts,)


def test_a_wrong_password_is_told_apart_from_a_missing_one(leaf: Made) -> None:
    for data in (leaf.encrypted_key_pem(), leaf.pfx()):
        with pytest.raises(PasswordNeeded) as missing:
            read("f", data)
        with pytest.raises(PasswordNeeded) as wrong:
            read("f", data, [Secret("guess")])
        assert (missing.value.wrong, wrong.value.wrong) == (False, True)


def test_ec_parameters_before_a_key_are_skipped(leaf: Made) -> None:
    parameters = pem.encode("EC PARAMETERS", bytes.fromhex("06082a8648ce3d030107"))
    material = read("f", parameters + leaf.key_pem)
    assert (material.keys, material.warnings) == ((leaf.key_facts,), ())


def test_a_key_in_openssh_format_is_refused_with_the_command_that_converts_it(leaf: Made) -> None:
    data = leaf.key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    with pytest.raises(Invalid) as caught:
        read("f", data)
    assert "ssh-keygen" in caught.value.hint


def test_a_bad_block_among_good_ones_is_named_and_the_rest_is_read(leaf: Made) -> None:
    material = read("f", leaf.pem + pem.encode("CERTIFICATE", b"\x30\x03\x02\x01\x01") + leaf.pem)
    assert len(material.certificates) == 2
    assert len(material.unread) == 1


def test_a_block_cut_off_in_the_middle_does_not_swallow_the_next(leaf: Made) -> None:
    material = read("f", leaf.pem[:200] + b"\n" + leaf.pem)
    assert (len(material.certificates), len(material.unread)) == (1, 1)


def test_a_crl_beside_a_certificate_is_left_out_and_said(leaf: Made) -> None:
    assert read("f", leaf.pem + pem.encode("X509 CRL", b"\x30\0")).warnings == (
        "A revocation list (CRL) was left out.",
    )


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_hostile_bytes_get_a_sentence(name: str) -> None:
    assert sentence(hostile.REFUSED[name]()).endswith(".")


def test_a_revocation_list_is_called_by_its_name(chain: tuple[Made, ...]) -> None:
    for entries in (0, 2):
        crl = hostile.crl(chain[-1], entries)
        assert sentence(crl) == "This is a revocation list (CRL), not a certificate."


def test_an_empty_file_and_one_too_large_are_said_to_be() -> None:
    assert sentence(b" \n") == "The file is empty."
    assert sentence(hostile.oversized()) == "The file is larger than 32 MiB."


def test_trailing_bytes_are_refused_for_every_binary_form(leaf: Made) -> None:
    for data in (leaf.der, leaf.key_der, leaf.pfx(), pkcs7.encode([leaf.der])):
        assert "follow" in sentence(data + b"\0", *SECRET)


def test_truncated_files_of_every_form_are_refused(leaf: Made) -> None:
    for data in (leaf.der, leaf.pem, leaf.key_der, leaf.pfx(), pkcs7.encode([leaf.der])):
        assert "cut off" in sentence(data[: len(data) * 2 // 3], *SECRET)


def test_a_java_keystore_is_refused_with_the_command_that_converts_it() -> None:
    with pytest.raises(Invalid) as caught:
        read("f", b"\xfe\xed\xfe\xed" + bytes(40))
    assert "keytool" in caught.value.hint


def test_a_pfx_gives_certificate_key_chain_and_name(chain: tuple[Made, ...]) -> None:
    leaf, *rest = chain
    material = read("f", leaf.pfx(chain=tuple(rest), name="my server"), SECRET)
    assert [c.der for c in material.certificates] == [m.der for m in chain]
    assert (material.form, material.keys, material.friendly_name) == ("pfx", (leaf.key_facts,), "my server")


def test_a_pfx_without_encryption_needs_no_password(leaf: Made) -> None:
    assert read("f", leaf.pfx(None)).keys == (leaf.key_facts,)


def test_a_pfx_with_several_leaves_gives_every_key() -> None:
    makers = tuple(make_cert(f"{n}.example.com", number=n) for n in range(3))
    material = read("f", hostile.pfx_by_hand(makers, keys=makers), SECRET)
    assert [k.spki_sha256 for k in material.keys] == [m.facts.spki_sha256 for m in makers]
    assert len(material.certificates) == 3


def test_a_pfx_without_a_mac_is_read_and_warned_of(leaf: Made) -> None:
    material = read("f", hostile.no_mac_pfx(leaf), SECRET)
    assert material.keys == (leaf.key_facts,)
    assert "no integrity check" in material.warnings[0]


def test_a_pfx_without_a_mac_still_knows_a_wrong_password(leaf: Made) -> None:
    with pytest.raises(PasswordNeeded):
        read("f", hostile.no_mac_pfx(leaf), [Secret("guess")])


@pytest.mark.parametrize("password", [b"", None])
def test_the_empty_password_and_none_are_tried_by_themselves(password: bytes | None, leaf: Made) -> None:
    data = hostile.pfx_by_hand((leaf,), keys=(leaf,), password=password)
    assert read("f", data).keys == (leaf.key_facts,)


def test_a_pfx_in_rc2_with_40_bits_is_read() -> None:
    material = read("f", hostile.rc2_pfx(), SECRET)
    assert material.certificates[0].common_name == "old.example.com"
    assert material.keys[0].spki_sha256 == material.certificates[0].spki_sha256
    assert material.friendly_name == "old file"


def test_a_pfx_with_the_mac_of_rfc_9579_is_read(leaf: Made) -> None:
    data = hostile.pfx_by_hand((leaf,), keys=(leaf,), pbmac1=True)
    assert read("f", data, SECRET).keys == (leaf.key_facts,)
    with pytest.raises(PasswordNeeded):
        read("f", data, [Secret("guess")])


def test_a_pfx_that_was_changed_on_its_way_does_not_open(leaf: Made) -> None:
    data = bytearray(hostile.pfx_by_hand((leaf,), keys=(leaf,), encrypted=False))
    at = data.index(b"www.example.com")
    data[at : at + 3] = b"xxx"
    with pytest.raises(PasswordNeeded):
        read("f", bytes(data), SECRET)


def test_a_pfx_with_endless_lengths_and_strings_in_pieces_is_read(chain: tuple[Made, ...]) -> None:
    data = hostile.ber_of(hostile.pfx_by_hand(chain, keys=chain[:1]))
    assert b"\x30\x80" in data[:2]
    assert len(read("f", data, SECRET).certificates) == 3
    assert read("f", data, SECRET).keys == (chain[0].key_facts,)


def test_a_pkcs7_with_endless_lengths_keeps_its_certificates_as_they_were(chain: tuple[Made, ...]) -> None:
    outer = pkcs7.encode([m.der for m in chain])
    header = outer[: outer.index(chain[0].der)]
    assert fingerprints(outer) == [m.facts.fingerprint_sha256 for m in chain]
    assert header in outer
    loose = b"\x30\x80" + outer[4:] + b"\0\0"
    assert fingerprints(loose) == fingerprints(outer)


def test_ten_thousand_blocks_without_an_end_take_no_time() -> None:
    material = read("f", b"-----BEGIN CERTIFICATE-----\n" * 10_000 + make_cert().pem)
    assert len(material.certificates) == 1
    assert material.unread[-1] == "9,800 more parts like these."


@pytest.mark.real
@pytest.mark.parametrize("sealed", [True, False])
def test_a_key_for_pss_alone_is_that_of_its_certificate(sealed: bool, tmp_path: Path) -> None:
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa-pss",
        "-pkeyopt",
        "rsa_keygen_bits:2048",
        "-subj",
        "/CN=pss.example",
    ]
    secret = ["-passout", "pass:secret"] if sealed else ["-nodes"]
    subprocess.run(
        [*command, *secret, "-keyout", "k.pem", "-out", "c.pem"], cwd=tmp_path, capture_output=True, check=True
    )
    material = read("f", (tmp_path / "c.pem").read_bytes() + (tmp_path / "k.pem").read_bytes(), SECRET)
    assert material.keys[0].spki_sha256 == material.certificates[0].spki_sha256
    assert material.keys[0].key_algorithm == "rsa-2048"


@pytest.mark.parametrize("where", ["mac", "encryption"])
def test_ten_million_iterations_are_refused_before_any_is_done(where: str, leaf: Made) -> None:
    assert "10,000,000 rounds" in sentence(hostile.iteration_bomb_pfx(leaf, where=where), *SECRET)


def test_an_encrypted_key_with_ten_million_iterations_is_refused(leaf: Made) -> None:
    block = next(pem.blocks(leaf.encrypted_key_pem()))
    at = block.der.index(b"\x02\x02\x08\x00")
    bomb = block.der[:at] + b"\x02\x02\x7f\xff" + block.der[at + 4 :]
    assert "password" in sentence(pem.encode("ENCRYPTED PRIVATE KEY", bomb), *SECRET)
    absurd = hostile.seq(
        hostile.seq(
            hostile.oid("1.2.840.113549.1.5.13"),
            hostile.seq(
                hostile.seq(
                    hostile.oid("1.2.840.113549.1.5.12"),
                    hostile.seq(hostile.octets(b"salt"), hostile.integer(10_000_000)),
                ),
                hostile.seq(hostile.oid("2.16.840.1.101.3.4.1.42"), hostile.octets(bytes(16))),
            ),
        ),
        hostile.octets(bytes(64)),
    )
    assert "10,000,000 rounds" in sentence(absurd, *SECRET)


def test_what_may_hold_secrets_is_known_without_parsing_it(leaf: Made) -> None:
    assert not may_hold_secrets(leaf.der)
    assert not may_hold_secrets(leaf.pem)
    for data in (leaf.key_der, leaf.key_pem, leaf.pfx()):
        assert may_hold_secrets(data)


def test_binary_shapes_are_told_apart(leaf: Made) -> None:
    request = next(pem.blocks(make_csr()[0])).der
    version_1 = hostile.CERTIFICATES["version 1"]()
    encrypted = next(pem.blocks(leaf.encrypted_key_pem())).der
    kinds = [looks_like(d) for d in (leaf.der, version_1, request, leaf.key_der, encrypted, leaf.pfx())]
    assert kinds == ["certificate", "certificate", "request", "key", "key", "pfx"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_material_or_an_error_of_the_family(data: bytes) -> None:
    with contextlib.suppress(CerttuiError):
        read("f", data, SECRET)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["pem", "key", "pfx", "p7", "csr"]),
    st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), min_size=1, max_size=3),
    st.integers(0, 100),
)
def test_damaged_files_give_material_or_an_error_of_the_family(
    form: str, damage: list[tuple[int, int]], cut: int
) -> None:
    made = make_cert()
    files = {
        "pem": made.pem + made.key_pem,
        "key": made.key_der,
        "pfx": hostile.pfx_by_hand((made,), keys=(made,)),
        "p7": pkcs7.encode([made.der]),
        "csr": make_csr()[0],
    }
    data = bytearray(files[form])
    for where, octet in damage:
        data[where % len(data)] = octet
    with contextlib.suppress(CerttuiError):
        read("f", bytes(data[: len(data) - cut]), SECRET)


@pytest.mark.real
@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-legacy"],
        ["-legacy", "-descert"],
        ["-legacy", "-certpbe", "PBE-SHA1-RC2-128", "-keypbe", "PBE-SHA1-2DES"],
        ["-legacy", "-certpbe", "PBE-SHA1-RC4-128", "-keypbe", "PBE-SHA1-RC4-40"],
        ["-nomac"],
        ["-certpbe", "NONE", "-keypbe", "NONE"],
        ["-certpbe", "AES-128-CBC", "-keypbe", "AES-192-CBC", "-macalg", "sha512"],
    ],
)
def test_every_pfx_that_openssl_writes_is_read(options: list[str], tmp_path: Path, leaf: Made) -> None:
    (tmp_path / "k.pem").write_bytes(leaf.key_pem)
    (tmp_path / "c.pem").write_bytes(leaf.pem)
    command = ["openssl", "pkcs12", "-export", *options, "-inkey", "k.pem", "-in", "c.pem", "-passout", "pass:secret"]
    made = subprocess.run([*command, "-out", "out.p12"], cwd=tmp_path, capture_output=True)
    if made.returncode:
        pytest.skip(f"this openssl cannot write it: {made.stderr.decode()[:80]}")
    material = read("f", (tmp_path / "out.p12").read_bytes(), SECRET)
    assert (material.certificates, material.keys) == ((leaf.facts,), (leaf.key_facts,))
