"""The one thing written twice: how to sleep and how to take turns, blocking and with asyncio."""
