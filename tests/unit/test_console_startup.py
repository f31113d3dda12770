"""What the console does not pay for before its first paint."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import sys
import certtui.cli.console, certtui.app, certtui.screens.inventory
from certtui import redact
print(redact._rules.cache_info().currsize)
modules = [module for name, module in sorted(sys.modules.items()) if name.startswith("certtui.")]
slow = {
    f"{each.__module__}.{each.__qualname__}"
    for module in modules
    for each in vars(module).values()
    if isinstance(each, type) and each.__module__ == module.__name__ and "__dataclass_params__" in vars(each)
}
print(*sorted(slow))
"""


def test_the_start_makes_no_dataclass_of_the_standard_library_and_compiles_no_pattern_of_the_log() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, check=True, timeout=60, text=True)
    compiled, slow = done.stdout.split("\n")[:2]
    # Each costs half a millisecond; `certtui.record` makes one for a tenth of that.
    assert slow == ""
    assert compiled == "0"
