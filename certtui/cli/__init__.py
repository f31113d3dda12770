"""The command line: data on standard output, words on standard error, exit codes as an interface (docs/cli.md)."""
