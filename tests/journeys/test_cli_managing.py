"""What is done with certificates that are there: export, match, edit, associate, replace, delete; and the exit codes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.journeys.command_line import certtui, make_estate, openssl, sign_www

pytestmark = pytest.mark.real("openssl")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_estate(tmp_path_factory.mktemp("estate"))


@pytest.fixture
def www(estate: Path) -> str:
    """The server certificate with its key and chain in the inventory: its id."""
    pair = (estate / "fullchain.pem", "--key", estate / "www.key")
    return str(certtui("import", *pair, "--format", "json").json["imported"][0]["id"])


def test_every_form_without_a_key_is_what_openssl_reads(estate: Path, www: str, tmp_path: Path) -> None:
    def export(form: str) -> bytes:
        return certtui("export", www, "--as", form, "--out", "-").raw

    assert openssl("x509", "-outform", "DER", stdin=export("pem")) == (estate / "www.der").read_bytes()
    assert export("der") == (estate / "www.der").read_bytes()
    assert export("fullchain").count(b"BEGIN CERTIFICATE") == 2
    assert openssl("x509", "-noout", "-subject", stdin=export("chain")).strip().endswith(b"CN = Example CA")
    pkcs7 = openssl("pkcs7", "-inform", "DER", "-print_certs", "-noout", stdin=export("pkcs7"))
    assert b"CN = www.example.com" in pkcs7
    assert b"CN = Example CA" in pkcs7


@pytest.mark.parametrize("compat", [False, True])
def test_a_pfx_opens_with_openssl(estate: Path, www: str, tmp_path: Path, compat: bool) -> None:
    out, password = tmp_path / "out.pfx", estate / "password"
    certtui("export", www, "--as", "pfx", "--out", out, "--password-file", password, *["--compat"] * compat)
    legacy = ["-legacy"] * compat
    opened = openssl("pkcs12", "-in", out, "-passin", f"file:{password}", "-nodes", *legacy)
    assert opened.count(b"BEGIN CERTIFICATE") == 2
    assert openssl("pkey", "-pubout", stdin=opened) == openssl("pkey", "-in", estate / "www.key", "-pubout")
    info = openssl("pkcs12", "-in", out, "-passin", f"file:{password}", "-info", "-noout", *legacy)
    assert info == b""
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_generated_password_is_shown_once_and_opens_the_pfx(www: str, tmp_path: Path) -> None:
    done = certtui("export", www, "--as", "pfx", "--out", tmp_path / "out.pfx", "--generate-password")
    (line,) = [line for line in done.err.splitlines() if line.startswith("Password")]
    (tmp_path / "password").write_text(line.rpartition(" ")[2])
    openssl("pkcs12", "-in", tmp_path / "out.pfx", "-passin", f"file:{tmp_path / 'password'}", "-noout")
    assert done.out == ""


def test_a_key_is_encrypted_unless_told_otherwise(estate: Path, www: str, tmp_path: Path) -> None:
    certtui("export", www, "--as", "key", "--out", tmp_path / "none.key", code=2)
    assert not (tmp_path / "none.key").exists()
    certtui("export", www, "--as", "key", "--out", tmp_path / "sealed.key", "--password-file", estate / "password")
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in (tmp_path / "sealed.key").read_bytes()
    openssl("pkey", "-in", tmp_path / "sealed.key", "-passin", f"file:{estate / 'password'}", "-noout")
    certtui("export", www, "--as", "key", "--out", tmp_path / "clear.key", "--no-encryption")
    openssl("pkey", "-in", tmp_path / "clear.key", "-check", "-noout")
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_overwritten_without_being_forced(www: str, tmp_path: Path) -> None:
    out = tmp_path / "www.crt"
    out.write_text("precious")
    assert "--force" in certtui("export", www, "--as", "pem", "--out", out, code=1).err
    assert out.read_text() == "precious"
    certtui("export", www, "--as", "pem", "--out", out, "--force")
    assert "BEGIN CERTIFICATE" in out.read_text()


def test_a_key_over_a_file_that_others_may_read_is_theirs_no_more(www: str, tmp_path: Path) -> None:
    out = tmp_path / "www.key"
    out.write_text("old")
    out.chmod(0o644)
    certtui("export", www, "--as", "key", "--out", out, "--no-encryption", "--force")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_match_answers_yes_and_no_and_says_which_part_is_wrong(estate: Path) -> None:
    certtui("match", estate / "www.key", estate / "www.crt", estate / "www.csr", estate / "chain.pem", code=0)
    no = certtui("match", estate / "ca.key", estate / "www.crt", "--format", "json", code=1).json
    assert no["matches"] is False
    assert any(part["problem"] and part["path"] == str(estate / "ca.key") for part in no["parts"])


def test_match_leaves_no_store_behind(estate: Path, own_home: Path) -> None:
    certtui("match", estate / "www.key", estate / "www.crt")
    assert not list(own_home.rglob("*.db"))


def test_labels_are_edited_and_emptied(www: str) -> None:
    certtui(
        "edit", www, "--name", "shop", "--group", "web", "--description", "the shop", "--contact", "ops@example.com"
    )
    shown = certtui("show", "shop", "--format", "json").json
    assert [shown[key] for key in ("business_group", "description", "contact_email")] == [
        *("web", "the shop", "ops@example.com")
    ]
    certtui("edit", "shop", "--group", "")
    assert certtui("show", "shop", "--format", "json").json["business_group"] == ""


def test_a_certificate_is_named_by_id_name_or_beginning_of_its_fingerprint(www: str) -> None:
    shown = certtui("show", www, "--format", "json").json
    for reference in ("www.example.com", shown["fingerprint_sha256"][:12], shown["fingerprint_sha256"].upper()):
        assert certtui("show", reference, "--format", "json").json["id"] == int(www)


def test_an_ambiguous_name_lists_the_candidates(estate: Path, www: str) -> None:
    certtui("import", estate / "ca.crt", "--name", "twin")
    certtui("edit", www, "--name", "twin")
    done = certtui("show", "twin", code=4)
    assert done.out == ""
    assert sum(line.startswith("  ") for line in done.err.splitlines()) == 2


def test_associations_move_to_the_renewal_and_the_lineage_is_kept(estate: Path, www: str, tmp_path: Path) -> None:
    for name, kind in (("lb-west", "load-balancer"), ("edge-3", "host")):
        certtui("resource", "add", name, "--type", kind, "--endpoint", f"{name}:443")
    certtui("associate", www, "lb-west", "edge-3")
    renewed = _renewed(estate, tmp_path)
    new = str(certtui("import", renewed, "--name", "renewed", "--format", "json").json["imported"][0]["id"])
    plan = certtui("replace", www, new, "--dry-run", "--format", "json").json
    assert (plan["done"], len(plan["moves"])) == (False, 2)
    assert certtui("show", www, "--format", "json").json["resources"] != []
    assert certtui("replace", www, new, "--format", "json").json["done"] is True
    old, after = (certtui("show", each, "--format", "json").json for each in (www, new))
    assert [each["name"] for each in after["resources"]] != []
    assert {each["name"] for each in after["resources"]} == {"lb-west", "edge-3"}
    assert old["resources"] == []
    assert [each["id"] for each in after["lineage"]] == [int(www), int(new)]


def test_a_renewal_may_be_a_file_which_is_imported_with_the_old_ones_labels(
    estate: Path, www: str, tmp_path: Path
) -> None:
    certtui("edit", www, "--group", "web")
    renewed = _renewed(estate, tmp_path)
    certtui("replace", www, renewed, "--dry-run", code=1)
    assert len(certtui("list", "--format", "json").json) == 1
    done = certtui("replace", www, renewed, "--format", "json").json
    assert certtui("show", done["new_id"], "--format", "json").json["business_group"] == "web"


def test_what_is_in_use_is_deleted_only_with_its_associations(www: str) -> None:
    certtui("resource", "add", "lb", "--type", "listener")
    certtui("associate", www, "lb", "--role", "client-ca")
    refused = certtui("delete", www, "--yes", code=1)
    assert "lb" in refused.err
    assert "--dissociate" in refused.err
    certtui("delete", www, "--yes", "--dissociate")
    assert certtui("list", "--format", "json").json == []
    assert certtui("resource", "show", "lb", "--format", "json").json["certificates"] == []


def test_deleting_several_in_part_is_an_exit_code_of_its_own(estate: Path, www: str) -> None:
    done = certtui("delete", www, "nobody", "--yes", code=3)
    assert "nobody" in done.err
    assert certtui("list", "--format", "json").json == []
    certtui("delete", "nobody", "--yes", code=4)


def test_nothing_is_deleted_where_nobody_can_be_asked(www: str) -> None:
    certtui("delete", www, code=2)
    assert len(certtui("list", "--format", "json").json) == 1


def test_resources_are_listed_shown_and_removed(www: str) -> None:
    certtui("resource", "add", "lb", "--type", "load-balancer", "--endpoint", "lb:443")
    certtui("associate", www, "lb")
    (row,) = certtui("resource", "list", "--format", "json").json
    assert [row[key] for key in ("name", "type", "endpoint", "certificate_count")] == [
        "lb",
        "load-balancer",
        "lb:443",
        1,
    ]
    assert certtui("list", "--format", "json").json[0]["resources"] == [
        {"id": row["id"], "name": "lb", "type": "load-balancer"}
    ]
    certtui("resource", "remove", "lb", code=2)
    certtui("dissociate", www, "lb")
    certtui("resource", "remove", "lb")
    assert certtui("resource", "list").out == ""
    certtui("resource", "show", "lb", code=4)


def test_fail_if_any_is_for_cron(www: str) -> None:
    assert certtui("list", "days<365", "--fail-if-any", code=1).out != ""
    assert certtui("list", "days<10", "--fail-if-any", code=0).out == ""


def test_a_filter_or_an_order_that_makes_no_sense_is_a_usage_error() -> None:
    for wrong in (("list", "colour:red"), ("list", "--sort", "-colour"), ("list", "days<many")):
        assert certtui(*wrong, code=2).out == ""


def test_read_only_changes_nothing_and_says_so(www: str, tmp_path: Path) -> None:
    assert certtui("--read-only", "edit", www, "--group", "x", code=5).err.startswith("certtui: ")
    assert certtui("show", www, "--read-only", "--format", "json").json["business_group"] == ""


def _renewed(estate: Path, folder: Path) -> Path:
    for name in ("ca.crt", "ca.key", "www.csr"):
        (folder / name).write_bytes((estate / name).read_bytes())
    return sign_www(folder, "www", days=300)
