"""Sources of frames, one file each."""
