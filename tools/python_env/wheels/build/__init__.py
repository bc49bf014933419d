"""From a locked source to a wheel, in an action, without the network."""
