"""Ways for alerts out of certtui: webhook, mail, command, calendar. They know messages and settings, and no store."""
