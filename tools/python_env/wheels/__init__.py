"""Where are the bytes of a locked file?"""
