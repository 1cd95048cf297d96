"""News for the programs of organisations: signed, tried again, never sent to an inner address."""
