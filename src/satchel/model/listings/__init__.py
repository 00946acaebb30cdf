"""How each kind of server lists its models, read into rows with a verdict each. Pure."""
