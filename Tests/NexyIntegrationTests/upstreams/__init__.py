"""Providers that are not real: servers that speak their wire formats over real HTTP, and fail in every way they can."""
