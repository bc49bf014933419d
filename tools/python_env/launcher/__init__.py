"""How must the cluster start an artifact?"""
