"""Param files whose reader can tell how they were encoded."""

def param_file_args(ctx):
    """Makes the arguments of an action, for `read_words` of the tools.

    Bazel 4.2.3 takes every byte of a letter for one and encodes it once more; the letter shows whether it did.

    Args:
      ctx: the rule's context.

    Returns:
      Args that are always written to a file, one a line, behind a known letter.
    """
    args = ctx.actions.args()
    args.use_param_file("@%s", use_always = True)
    args.set_param_file_format("multiline")
    args.add("--encoding=é")
    return args
