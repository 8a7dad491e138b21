"""The command line: `fairlead serve`."""
