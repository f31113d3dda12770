"""The seam over HTTP: a server of certtui somewhere else. Imported by `factory.open_remote` alone, since httpx is heavy."""
