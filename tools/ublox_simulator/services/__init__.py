"""The services of the modules: one file per concern, handlers marked with `@command`."""
