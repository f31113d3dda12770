"""Where certificates are kept: the seam (`base`), the embedded store (`local`), a server (`remote`)."""
