"""What all artifact kinds know of wheels: their metadata, and where each file goes."""
