"""How fast certtui is, as ratios against something bare, so that the machine cancels out: `make bench`."""
