"""Where Home Assistant looks for components; a package, so that tests find ours before others of the same name."""
