"""TBD by its owner: one line of what stands here."""
