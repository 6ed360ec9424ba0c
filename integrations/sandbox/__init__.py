"""The stage on which the pretend hosts play: a company, faults on demand, and a console for people.

Nothing here imports the adapters, crypto included: a simulator that shared code with what it tests
would happily agree with the same mistake.
"""
