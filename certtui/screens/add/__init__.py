"""Add certificate: PFX, certificate and key, a new CSR, a saved CSR."""

from certtui.screens.add.screen import AddScreen

__all__ = ["AddScreen"]
