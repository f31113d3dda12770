"""certtui: a terminal console for every TLS certificate an organisation owns."""

__version__ = "0.1.0"
