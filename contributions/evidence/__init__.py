"""Photographs as evidence to a contribution: added without their metadata, kept encrypted."""
