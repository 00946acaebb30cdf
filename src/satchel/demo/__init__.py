"""A made-up shop with a history, for the first minute with Satchel and for the proof."""
