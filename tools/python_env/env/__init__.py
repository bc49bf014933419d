"""Which wheels, in which order, for this platform?"""
