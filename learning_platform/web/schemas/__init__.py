"""What programs send and receive: the contract's JSON, described well enough to generate a client from."""
