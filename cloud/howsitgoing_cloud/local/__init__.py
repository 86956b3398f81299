"""The whole cloud side on one machine, for development and tests; nothing here runs in the cloud."""
