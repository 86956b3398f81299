"""Words and tones, from text to the loudspeaker."""
