"""Transitions over the platform flag: to several tags at once, and to none."""

# Names the flag from any workspace: in Bazel 4 a plain label here would be one of the main repository.
_FLAG = str(Label("//rules/platforms:platform"))

# What every rule with one of these transitions must have (https://bazel.build/extending/config#user-defined-transitions).
TRANSITION_ATTRS = {
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
}

def _platforms_impl(settings, attr):
    return {tag: {_FLAG: tag} for tag in attr.platforms} or {"": {_FLAG: settings[_FLAG]}}

# For a label of a rule with the attribute `platforms`: once for each of them; for the selected platform where it is empty.
platforms_transition = transition(implementation = _platforms_impl, inputs = [_FLAG], outputs = [_FLAG])

def _no_platform_impl(_settings, _attr):
    return {_FLAG: ""}

# For a rule whose outputs no platform tag changes: analysed and built once for all of them.
no_platform_transition = transition(implementation = _no_platform_impl, inputs = [], outputs = [_FLAG])
