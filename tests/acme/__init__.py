"""The ACME client against a real Pebble, and against what servers do wrong."""
