"""The nouns of certtui as frozen, slotted dataclasses. No I/O, no heavy import; raw text, aware UTC times."""
