"""X.509 itself on `cryptography`: parse, match, chain, make, export. No store, no screen, no network but `fetch`."""

import warnings

# `cryptography` warns of what strangers wrote: a serial that is zero or negative, a country of three letters. That is said
# in the facts, not on someone's terminal or in the log. Its warnings are of this category, and come from where we ask it.
warnings.filterwarnings("ignore", category=UserWarning, module=r"certtui\.pki\.")
