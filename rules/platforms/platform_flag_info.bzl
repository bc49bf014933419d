"""Provider of the platform flag."""

PlatformFlagInfo = provider(
    doc = "The platform tag to build for. Made by `platform_flag` only.",
    fields = {"value": "string: the tag; empty for the first that matches Bazel's target platform."},
)
