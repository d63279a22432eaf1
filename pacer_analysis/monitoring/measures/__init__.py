"""The measures of central monitoring, each a function of the open tables in a module of its own."""
