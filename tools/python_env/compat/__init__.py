"""What other packages offer, under their own names and with their own results: users move by changing an import."""
