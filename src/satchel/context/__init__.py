"""Layer 2, what it should know: the context engine."""
