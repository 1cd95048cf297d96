"""Every page of the portal as everybody: found from the addresses, so that a new one is crawled."""
