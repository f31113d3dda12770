"""One module per schema revision; never changed once released."""
