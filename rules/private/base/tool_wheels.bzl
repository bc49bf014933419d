"""The wheels of the tools' own lock, for the machine that runs them."""

# What rich, which prints for people, needs and is.
CONSOLE_WHEELS = ["markdown-it-py", "mdurl", "pygments", "rich"]

def tool_wheels(names):
    """Returns the labels of distributions of the tools' lock.

    Args:
      names: list of string, distributions.

    Returns:
      A list of string.
    """
    return ["@python_env_tools_lock//exec:" + name for name in sorted(names)]
