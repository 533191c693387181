"""Transport: decode, call `core`, encode. Two planes that do not know each other."""
