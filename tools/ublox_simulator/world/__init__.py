"""What lies outside the module: the network, peers, servers."""
