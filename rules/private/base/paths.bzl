"""Places of files."""

def path_in_repository(file):
    """Returns a file's path below its own repository, be that the main one or another."""
    path = file.short_path
    return path[len("../"):].partition("/")[2] if path.startswith("../") else path
