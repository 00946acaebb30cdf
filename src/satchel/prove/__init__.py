"""The proof: the whole walk in a world where only loopback exists, and the kernel's own count.

`python -m satchel.prove walk SCRATCH ASSETS` is the child that `satchel prove` starts under
`unshare --user --net --mount`. It brings loopback up, reads the kernel's counters of packets that
found no route (OutNoRoutes, Ip6OutNoRoutes), walks, reads them again, and then tries on purpose to
leave, so that a counter which cannot move proves nothing. A packet to any address but loopback has
no route there, whoever sends it: Python, native code or a child process.

With `--open` it runs without that world, for machines that do not allow it; then only what
`base.witness` saw of Python's own connections can be told.
"""
