"""Our cheap dataclasses behave as those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys

import pytest

from certtui import record


@record.dataclass(frozen=True, slots=True)
class Ours:
    """A point."""

    x: int
    y: str = "why"
    """Said about y."""
    z: tuple[int, ...] = ()
    made: dict[str, int] = record.field(default_factory=dict)

    @property
    def twice(self) -> int:
        return 2 * self.x


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    x: int
    y: str = "why"
    z: tuple[int, ...] = ()
    made: dict[str, int] = dataclasses.field(default_factory=dict)


def test_it_is_made_from_positions_and_names_with_defaults() -> None:
    assert (Ours(1).x, Ours(1).y, Ours(x=2, y="a").y, Ours(1).twice) == (1, "why", "a", 2)
    assert Ours(1).made is not Ours(1).made
    with pytest.raises(TypeError):
        Ours()  # type: ignore[call-arg]  # that is the point
    with pytest.raises(TypeError):
        Ours(1, w=2)  # type: ignore[call-arg]  # that is the point


def test_it_reads_as_the_standard_librarys_does() -> None:
    assert repr(Ours(1)) == repr(Theirs(1)).replace("Theirs", "Ours")


def test_it_is_equal_by_value_and_only_to_its_kind() -> None:
    assert Ours(1) == Ours(1) != Ours(2)
    assert Ours(1) != Theirs(1)


def test_equal_ones_have_one_hash() -> None:
    @record.dataclass(frozen=True, slots=True)
    class Pair:
        a: int
        b: str

    assert len({Pair(1, "a"), Pair(1, "a"), Pair(2, "a")}) == 2


def test_it_is_frozen_and_slotted() -> None:
    one = Ours(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.x = 2  # type: ignore[misc]  # that is the point
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.x
    assert not hasattr(one, "__dict__")


def test_the_standard_librarys_tools_take_it() -> None:
    assert dataclasses.is_dataclass(Ours)
    assert [each.name for each in dataclasses.fields(Ours)] == [each.name for each in dataclasses.fields(Theirs)]
    assert dataclasses.replace(Ours(1), y="b") == Ours(1, "b")
    assert dataclasses.asdict(Ours(1, z=(2,))) == dataclasses.asdict(Theirs(1, z=(2,)))
    with pytest.raises(TypeError):
        dataclasses.replace(Ours(1), w=1)  # type: ignore[call-arg]  # that is the point


def test_it_is_pickled_and_copied() -> None:
    one = Ours(1, made={"a": 1})
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.copy(one) == copy.deepcopy(one) == one
    assert one.__replace__(x=2) == dataclasses.replace(one, x=2)  # type: ignore[attr-defined]  # what copy.replace calls


def test_it_is_matched_by_position_and_name() -> None:
    match Ours(1, "b"):
        case Ours(1, y=second):
            assert second == "b"
        case _:
            pytest.fail("it did not match")


def test_a_field_may_be_left_out_of_what_is_compared_and_of_what_is_shown() -> None:
    @record.dataclass(frozen=True, slots=True)
    class Word:
        text: str
        start: int = record.field(default=0, compare=False)
        secret: str = record.field(default="", repr=False)

    assert Word("a", 1) == Word("a", 2) != Word("b", 1)
    assert hash(Word("a", 1)) == hash(Word("a", 2))
    assert "hidden" not in repr(Word("a", secret="hidden"))
    assert dataclasses.replace(Word("a", 1, "s"), start=2).secret == "s"


def test_one_that_is_not_frozen_is_changed_and_has_no_hash() -> None:
    @record.dataclass(slots=True)
    class Open:
        a: int
        b: list[int] = record.field(default_factory=list)

    one = Open(1)
    one.a = 2
    assert one == Open(2)
    with pytest.raises(TypeError):
        hash(one)


def test_a_class_without_fields_works() -> None:
    @record.dataclass(frozen=True, slots=True)
    class Nothing:
        """There."""

    assert Nothing() == Nothing()
    assert repr(Nothing()).endswith("Nothing()")


def test_what_happens_after_making_it_happens() -> None:
    seen = []

    @record.dataclass(frozen=True, slots=True)
    class Checked:
        a: int

        def __post_init__(self) -> None:
            seen.append(self.a)

    Checked(3)
    assert seen == [3]


def test_the_model_is_defined_without_the_standard_librarys_dataclasses() -> None:
    script = "import sys, certtui.model.certificate, certtui.model.query; print('dataclasses' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=20)
    assert done.stdout == b"False\n"


def test_its_init_is_compiled_when_the_first_object_is_made() -> None:
    @record.dataclass(frozen=True, slots=True)
    class Late:
        a: int
        b: str = "b"

    before = Late.__init__
    assert str(inspect.signature(Late)) == "(a, b='b')"
    assert Late.__init__ is before
    assert (Late(1).a, Late(2, b="c").b) == (1, "c")
    assert Late.__init__ is not before
    assert str(inspect.signature(Late)) == "(a, b='b')"


def test_one_that_inherits_is_made_before_the_one_it_inherits_from() -> None:
    @record.dataclass(frozen=True, slots=True)
    class Above:
        a: int

    class Below(Above):
        __slots__ = ()

    assert Below(1).a == 1
    assert Above(2).a == 2
