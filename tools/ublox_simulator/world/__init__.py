"""The world outside the module: the network, peers, servers."""
