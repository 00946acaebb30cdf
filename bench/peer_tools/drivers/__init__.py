"""What runs in a peer's own environment and answers over lines; see `serving`."""
