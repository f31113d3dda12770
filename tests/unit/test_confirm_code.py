"""The code that is typed before what can't be undone."""

from __future__ import annotations

from certtui import confirm_code


def test_a_code_has_six_digits_and_is_hardly_ever_the_same() -> None:
    codes = [confirm_code.new() for _ in range(200)]
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(set(codes)) > 190


def test_it_is_typed_with_or_without_its_spaces() -> None:
    assert confirm_code.spaced("048151") == "0 4 8 1 5 1"
    for typed in ("048151", "0 4 8 1 5 1", " 048 151 "):
        assert confirm_code.fits(typed, "048151")
    for typed in ("", "48151", "048152", "0481511"):
        assert not confirm_code.fits(typed, "048151")
