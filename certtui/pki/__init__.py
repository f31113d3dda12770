"""X.509 itself on `cryptography`: parse, match, chain, make, export. No store, no screen, no network but `fetch`."""
