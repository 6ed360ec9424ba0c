"""Signing in the way the host does it, and what a signed-in page knows about itself."""
