"""How fast certtui is, as ratios against something bare, so that the machine cancels out: `make bench`."""

import os
import sys

# Where it is set, every process would compile its modules anew: that is not what is measured.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
