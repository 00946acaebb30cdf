"""How each kind of server is asked and read: pure translations between turns and the wire."""
