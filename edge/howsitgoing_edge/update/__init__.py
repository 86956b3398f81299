"""Newer networks: fetched, verified, tried, put in force while the agent runs, and taken back if they do worse."""
