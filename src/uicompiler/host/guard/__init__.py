"""What stands between the network and everything else: keys, tokens, headers, limits."""
