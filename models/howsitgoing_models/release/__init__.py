"""From trained weights to the bundle that the edge loads: convert, calibrate, gate, card."""
