"""Faces in a frame, and what a face shows."""
