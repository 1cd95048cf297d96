"""E-mail that the platform sends: plain text, and the same as simple HTML."""
