"""Puts a released network where devices look, signed."""
