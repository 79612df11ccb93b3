-- Writes what was committed to its place in the published file, which has no log.
CHECKPOINT published;
