"""Async drivers over the pure store and machines: reflectors, shared informers, handlers, delayed types."""
