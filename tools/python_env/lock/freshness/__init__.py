"""Does a lock still answer its inputs?"""
