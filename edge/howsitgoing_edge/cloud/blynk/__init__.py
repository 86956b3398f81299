"""The carer's Blynk dashboard, fed and obeyed by the device itself; see docs/blynk.md."""
