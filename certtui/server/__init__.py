"""The REST API: a thin skin over any Backend. Needs the extra `server`; imported by `certtui serve` alone."""
