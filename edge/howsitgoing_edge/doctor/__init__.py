"""Looks at everything the agent needs, with the agent's own parts, and says what works, what does not, and what to do."""
