"""Slotted dataclasses that cost next to nothing to define.

`dataclasses` imports `inspect`, `ast` and `dis`, and compiles up to eight functions for each class: on the way of
`certtui list` that took three times as long as a bare Python takes to start (measured). Here one function is compiled,
when the first object of a class is made; the rest is shared. To the type checker, to `replace`, `fields`, `pickle` and to
`match` it is a dataclass: what `dataclasses` itself wants to know of a class is made when it first asks.

    from certtui.record import dataclass, field      # in place of: from dataclasses import dataclass, field
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` costs more than all of this
if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
else:
    from operator import attrgetter

    _ABSENT = object()

    class field:  # noqa: N801  # it stands for dataclasses.field
        """One field that needs more than a default written down: a factory, or to be left out of `==` or `repr`."""

        __slots__ = ("compare", "default", "factory", "repr")

        def __init__(self, *, default=_ABSENT, default_factory=_ABSENT, compare=True, repr=True):
            self.default = default
            self.factory = default_factory
            self.compare = compare
            self.repr = repr

    def dataclass(*, slots, frozen=False):
        """A class decorator; slots must be True, and is written down so that a reader sees what it is."""
        if not slots:
            raise TypeError("this makes slotted dataclasses; take the standard library's for others")
        return lambda cls: _made(cls, frozen)

    def _made(cls, frozen):
        body = dict(cls.__dict__)
        names = tuple(name for name, kind in body.get("__annotations__", {}).items() if not kind.startswith("ClassVar"))
        given = {name: body.pop(name) for name in names if name in body}
        fields = {name: each for name, each in given.items() if type(each) is field}
        compared = [name for name in names if name not in fields or fields[name].compare]
        for unwanted in ("__dict__", "__weakref__"):
            body.pop(unwanted, None)
        body |= {
            "__init__": _first(lambda: made, names, given, frozen),
            "__signature__": _Signature(),
            "__slots__": names,
            "__match_args__": names,
            "__getstate__": _state,
            "__setstate__": _restore,
            "__replace__": _replaced,
            "__dataclass_fields__": _Fields(names, given),
            "_shown": tuple(name for name in names if name not in fields or fields[name].repr),
            "_values": property(attrgetter(*compared) if compared else lambda self: ()),
        }
        if frozen:
            body |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
        for name, method in (("__repr__", _repr), ("__eq__", _equal), ("__hash__", _hash if frozen else None)):
            # A class body that defines __eq__ has __hash__ None by itself.
            if body.get(name) is None:
                body[name] = method
        made = type(cls)(cls.__name__, cls.__bases__, body)
        made.__qualname__ = cls.__qualname__
        return made

    def _first(owner, names, given, frozen):
        """An `__init__` that makes the right one when it is needed: few of the classes that a command imports are."""

        def first(self, *args, **kwargs):
            cls = owner()
            if cls.__init__ is first:
                cls.__init__ = first.compiled()
            cls.__init__(self, *args, **kwargs)

        first.compiled = lambda: _init(owner(), names, given, frozen)
        return first

    class _Signature:
        """`__signature__`, for whoever asks a class before there is an object of it."""

        def __get__(self, instance, owner):
            from inspect import signature

            init = owner.__init__
            found = signature(getattr(init, "compiled", lambda: init)())
            return found.replace(parameters=list(found.parameters.values())[1:])

    def _init(cls, names, given, frozen):
        known = {"_set": object.__setattr__, "_absent": _ABSENT}
        arguments, lines = [], []
        for name in names:
            value = name
            default, factory = _defaults(given.get(name, _ABSENT))
            if factory is not _ABSENT:
                known[f"_make_{name}"] = factory
                arguments.append(f"{name}=_absent")
                value = f"_make_{name}() if {name} is _absent else {name}"
            elif default is not _ABSENT:
                known[f"_default_{name}"] = default
                arguments.append(f"{name}=_default_{name}")
            else:
                arguments.append(name)
            lines.append(f"  _set(self, {name!r}, {value})" if frozen else f"  self.{name} = {value}")
        if hasattr(cls, "__post_init__"):
            lines.append("  self.__post_init__()")
        made = {}
        # The names are those of a class body of ours, as in the standard library's own way of doing this.
        exec(f"def __init__(self, {', '.join(arguments)}):\n" + ("\n".join(lines) or "  pass"), known, made)  # noqa: S102
        made["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
        return made["__init__"]

    def _defaults(given):
        return (given.default, given.factory) if type(given) is field else (given, _ABSENT)

    class _Fields:
        """`__dataclass_fields__`, made and kept at the class when something first asks for it."""

        __slots__ = ("_given", "_names")

        def __init__(self, names, given):
            self._names = names
            self._given = given

        def __get__(self, instance, owner):
            import dataclasses

            found = {}
            for name in self._names:
                given = self._given.get(name, _ABSENT)
                default, factory = _defaults(given)
                options = {"compare": given.compare, "repr": given.repr} if type(given) is field else {}
                if factory is not _ABSENT:
                    options["default_factory"] = factory
                elif default is not _ABSENT:
                    options["default"] = default
                each = found[name] = dataclasses.field(**options)
                each.name = name
                each.type = owner.__annotations__[name]
                each.kw_only = False
                each._field_type = dataclasses._FIELD
            owner.__dataclass_fields__ = found
            return found

    def _repr(self):
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._shown)})"

    def _equal(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self._values == other._values

    def _hash(self):
        return hash(self._values)

    def _state(self):
        return [getattr(self, name) for name in self.__slots__]

    def _replaced(self, /, **changes):
        # copy.replace of Python 3.13.
        from dataclasses import replace

        return replace(self, **changes)

    def _restore(self, state):
        for name, value in zip(self.__slots__, state, strict=True):
            object.__setattr__(self, name, value)

    def _refuse_to_set(self, name, value):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_to_delete(self, name):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")
