"""Where the services are put together: the only package that knows all concrete classes."""
