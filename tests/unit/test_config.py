"""The configuration: what it takes, what it refuses and how it says so."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui import config, config_docs
from certtui.config import Config, Context
from certtui.errors import Invalid, NotFound, Unreachable


def refused(text: str) -> str:
    with pytest.raises(Invalid) as caught:
        config.parse(text.encode(), "c.toml")
    return caught.value.message


def test_no_file_means_every_default(tmp_path: Path) -> None:
    assert config.load(environ={"HOME": str(tmp_path)}) == Config()


def test_a_file_is_found_in_the_configuration_folder(tmp_path: Path) -> None:
    (tmp_path / "certtui").mkdir()
    (tmp_path / "certtui" / "config.toml").write_text('theme = "light"\n')
    assert config.load(environ={"XDG_CONFIG_HOME": str(tmp_path)}).theme == "light"


def test_a_named_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no configuration file"):
        config.load(environ={"CERTTUI_CONFIG": str(tmp_path / "x.toml")})
    with pytest.raises(Unreachable, match="can't be read"):
        config.load(tmp_path)


def test_every_field_can_be_set() -> None:
    found = config.parse(
        b"""
default_context = "prod"
theme = "colour-blind"
ascii = true
idle_lock_minutes = 0
clipboard = "tmux"
clipboard_clear_seconds = 5
[contexts.prod]
store = "/srv/p.db"
key_file = "~/k"
passphrase_file = "/p"
read_only = true
[columns]
inventory = ["name", "status"]
[keys]
"certificate.export" = ["e", "ctrl+e"]
certificate.open = "o"
"""
    )
    assert found == Config(
        default_context="prod",
        contexts={"prod": Context("/srv/p.db", "~/k", "/p", read_only=True)},
        theme="colour-blind",
        ascii=True,
        idle_lock_minutes=0,
        clipboard="tmux",
        clipboard_clear_seconds=5,
        columns={"inventory": ("name", "status")},
        keys={"certificate.export": ("e", "ctrl+e"), "certificate.open": ("o",)},
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\nthme = 'dark'", "c.toml:2: there is no field 'thme'; the nearest is 'theme'."),
        ("[contexts.prod]\n\nstor = '/x'", "c.toml:3: there is no field 'stor'; the nearest is 'store'."),
        ("[contexts]\nprod.stor = '/x'", "c.toml:2: there is no field 'stor'; the nearest is 'store'."),
        ("theme = 'lite'", "c.toml:1: theme can't be 'lite'; the nearest is 'light'."),
        ("theme = 3", "c.toml:1: theme can't be 3."),
        ("ascii = 1", "c.toml:1: ascii is true or false, not 1."),
        ("ascii = 'yes'", "c.toml:1: ascii is true or false, not 'yes'."),
        ("idle_lock_minutes = true", "c.toml:1: idle_lock_minutes is a whole number, 0 or more, not true."),
        ("idle_lock_minutes = -1", "c.toml:1: idle_lock_minutes is a whole number, 0 or more, not -1."),
        ("default_context = 1", "c.toml:1: default_context is a text in quotes, not 1."),
        ("default_context = 'prd'\n[contexts.prod]", "c.toml:1: there is no context 'prd'; the nearest is 'prod'."),
        ("contexts = 3", "c.toml:1: contexts is a table [contexts], not 3."),
        ("[contexts]\nprod = 3", "c.toml:2: prod is a table [contexts.prod], not 3."),
        ("[keys]\n'a.b' = [1]", "c.toml:2: a.b is a list of texts, not a list with other things in it."),
        ("[columns]\ninventory = 2020-01-01", "c.toml:2: inventory is a list of texts, not that."),
        ("= 3", "c.toml is not TOML: invalid statement (at line 1, column 1)."),
    ],
)
def test_what_is_wrong_is_said_with_line_and_nearest_name(text: str, sentence: str) -> None:
    assert refused(text) == sentence


def test_a_file_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(Invalid, match="not UTF-8"):
        config.parse(b"theme = '\xff'", "c.toml")


@given(st.text(max_size=200))
def test_any_text_is_a_configuration_or_refused_as_invalid(text: str) -> None:
    with contextlib.suppress(Invalid):
        config.parse(text.encode("utf-8", "surrogatepass"))


PROD = Config(default_context="prod", contexts={"prod": Context(store="/srv/p.db", key_file="/k")})


def test_a_flag_goes_before_the_environment_before_the_configuration() -> None:
    environ = {"CERTTUI_STORE": "/env.db", "CERTTUI_KEY_FILE": "/env.key"}
    assert config.resolved(PROD, {}) == ("prod", Context("/srv/p.db", "/k"))
    assert config.resolved(PROD, environ) == ("local", Context("/env.db", "/env.key"))
    assert config.resolved(PROD, environ, store="/flag.db") == ("local", Context("/flag.db", "/env.key"))
    assert config.resolved(PROD, environ, name="prod")[1].store == "/srv/p.db"


def test_another_store_does_not_get_the_key_file_of_the_context() -> None:
    assert config.resolved(PROD, {}, store="/other.db")[1].key_file == ""


def test_an_unknown_context_names_the_nearest() -> None:
    with pytest.raises(NotFound, match=r"'prd'.*nearest is 'prod'"):
        config.resolved(PROD, {}, name="prd")


def test_read_only_can_be_asked_for_but_not_taken_back() -> None:
    locked = Config(contexts={"local": Context(read_only=True)})
    assert config.resolved(locked, {})[1].read_only
    assert config.resolved(Config(), {}, read_only=True)[1].read_only


def test_every_field_has_a_docstring() -> None:
    for kind in (Config, Context):
        assert [name for name, doc in config_docs.documented(kind).items() if not doc] == []


def test_the_page_in_the_docs_is_the_one_made_from_the_fields() -> None:
    page = Path(__file__).parents[2] / "docs" / "configuration.md"
    assert page.read_text() == config_docs.page(), "run: python -m certtui.config_docs > docs/configuration.md"


def test_the_example_in_the_docs_is_a_configuration() -> None:
    example = config_docs.page().split("```toml\n")[1].split("```")[0]
    assert config.parse(example.encode()).default_context == "prod"


def test_a_start_without_a_file_imports_no_toml_reader() -> None:
    code = (
        "import sys; from certtui import config; config.load(environ={'HOME': '/nonexistent'});"
        "print([m for m in ('tomllib', 'difflib', 'platformdirs', 'certtui.config_reader') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
