"""One resident process a user: it holds the stores and the watcher, and answers on loopback."""
