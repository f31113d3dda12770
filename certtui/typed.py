"""`Generic`, `Protocol` and the like for the type checker alone: at run time they are empty.

`typing` costs a fifth of what a bare Python takes to start, and a `Protocol` class several times an ordinary one. For
modules on the way of `certtui list`; elsewhere take `typing`. Nothing here can be asked with `isinstance`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Generic as Generic
    from typing import NewType as NewType
    from typing import Protocol as Protocol
    from typing import TypeVar as TypeVar
else:

    class Generic:
        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls

    class Protocol(Generic):
        __slots__ = ()

    def TypeVar(name, **_):  # noqa: N802  # it stands for typing.TypeVar
        return name

    def NewType(_name, made):  # noqa: N802  # it stands for typing.NewType
        return made
