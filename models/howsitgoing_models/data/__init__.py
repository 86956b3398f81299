"""Faces and labels, whatever they came in."""
