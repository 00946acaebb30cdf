"""Layer 3, where the user works: what connects their tools to the daemon."""
