"""What people can say to us. A sentence becomes one call of a domain's verb, and one answer."""
