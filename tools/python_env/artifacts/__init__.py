"""What single file ships an environment?"""
