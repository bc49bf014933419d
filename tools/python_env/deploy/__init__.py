"""Where does an artifact lie, immutably? A plan, then a receipt; channels that point at what was deployed."""
