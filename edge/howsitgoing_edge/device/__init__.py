"""The machine itself: its identity, preferences, health and parts."""
