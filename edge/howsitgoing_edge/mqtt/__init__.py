"""The contract's topics on a broker."""
