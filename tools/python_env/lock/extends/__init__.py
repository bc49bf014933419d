"""An environment that is derived from another: it keeps all of the other's pins."""
