"""Which exact files, for each platform tag?"""
