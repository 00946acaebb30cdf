"""The schemas, as plain SQL."""
