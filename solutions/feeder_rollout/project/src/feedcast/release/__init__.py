"""From a version in the registry to pods that answer."""
