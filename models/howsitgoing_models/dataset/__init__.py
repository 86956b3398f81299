"""From what the cloud collected to a dataset: export, its forms, and keeping earlier exports up to date."""
