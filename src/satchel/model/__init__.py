"""Layer 1, who answers: find a local server, or run the embedded model."""
