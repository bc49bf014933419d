"""Is every member of a wheel what the wheel says of it?"""
