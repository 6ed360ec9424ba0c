"""The pretend WeCom: its API, its sign-in page and its callbacks, for one company and one app.

It shares no code with the adapter, and is deliberately as pedantic as the real one.
"""

from .simulator import WecomSimulator

__all__ = ["WecomSimulator"]
