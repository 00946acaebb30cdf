"""What `bench.peers` asks beside our own: how each is installed, started, asked and read."""
