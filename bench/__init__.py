"""Every figure that the documents state is printed by a command here; see bench/README.md."""
