"""Clients under test, each in a process of its own: they print what they believe when they are asked."""
