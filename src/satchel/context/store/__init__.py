"""Where passages and records are kept."""
