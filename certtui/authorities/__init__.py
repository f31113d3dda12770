"""Who issues: one small interface, and a module for each type of authority."""
