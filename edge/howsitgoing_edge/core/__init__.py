"""Pure decisions: who is in front, what the face shows, when that is news, and in which words. No I/O, no threads, no clock."""
