"""Threads and what joins them: slots, workers, supervision, timing."""
