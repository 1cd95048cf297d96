"""What leaves the city as a file."""
