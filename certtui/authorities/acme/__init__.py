"""ACME: RFC 8555 with profiles, ARI (RFC 9773), IP identifiers (RFC 8738); spoken here, on httpx and josepy."""
