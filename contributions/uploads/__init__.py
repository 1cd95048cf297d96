"""Resumable uploads: a file arrives in pieces, and an interruption costs only the last one."""
