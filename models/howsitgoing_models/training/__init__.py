"""From labelled faces to trained weights, by Keras (docs/adr/0004)."""
