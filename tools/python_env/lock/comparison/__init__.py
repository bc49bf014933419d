"""Do the resolvers choose the same?"""
