"""Where tools look for the programs of their machine."""

# The PATH of every action and of the host interpreter's wrapper: fixed, so that the user's own PATH and the
# interpreter's place are in no action key.
TOOL_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/opt/local/bin"
