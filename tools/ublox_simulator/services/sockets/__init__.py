"""Sockets (+USO…)."""
