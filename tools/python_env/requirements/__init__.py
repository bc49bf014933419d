"""What did a person ask for?"""
