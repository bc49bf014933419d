"""Analysis tests: what a rule declares, and how it fails, without building anything."""

load("//rules:providers.bzl", "PyEnvAllPlatformsInfo")

_ActionsInfo = provider(doc = "Actions of a target.", fields = {"actions": "list of Action"})

def _actions_aspect_impl(target, _ctx):
    return [_ActionsInfo(actions = target.actions)]

_actions_aspect = aspect(implementation = _actions_aspect_impl, doc = "Hands a target's actions to the test.")

def _verdict(faults):
    return AnalysisTestResultInfo(success = not faults, message = "\n".join(faults))

def _action_faults(ctx, action):
    argv = action.argv or []
    faults = []
    for word in ctx.attr.words:
        if word not in argv:
            faults.append("the command line lacks %r: %s" % (word, argv))
    names = [file.basename for file in action.inputs.to_list()]
    for name, count in ctx.attr.inputs.items():
        if len([each for each in names if each == name]) != int(count):
            faults.append("%d inputs are named %s, expected %s" % (len([each for each in names if each == name]), name, count))
    if sorted(action.env.items()) != sorted(ctx.attr.env.items()):
        faults.append("the environment is %s, expected %s" % (action.env, ctx.attr.env))
    return faults

def _action_test_impl(ctx):
    target = ctx.attr.target
    actions = [action for action in target[_ActionsInfo].actions if action.mnemonic == ctx.attr.mnemonic]
    if len(actions) != 1:
        return [_verdict(["%d actions with mnemonic %s, expected one" % (len(actions), ctx.attr.mnemonic)])]
    faults = _action_faults(ctx, actions[0])
    outputs = sorted([file.basename for file in actions[0].outputs.to_list()])
    if outputs != sorted(ctx.attr.outputs):
        faults.append("the outputs are %s, expected %s" % (outputs, ctx.attr.outputs))
    return [_verdict(faults)]

action_test = rule(
    implementation = _action_test_impl,
    doc = "Checks the one action of a mnemonic: its outputs, environment and some words of its command line.",
    attrs = {
        "env": attr.string_dict(doc = "The action's whole environment."),
        "inputs": attr.string_dict(doc = "Base name of inputs to how many of them there are."),
        "mnemonic": attr.string(doc = "The action's mnemonic.", mandatory = True),
        "outputs": attr.string_list(doc = "Base names of its outputs.", mandatory = True),
        "target": attr.label(doc = "The target under test.", mandatory = True, aspects = [_actions_aspect]),
        "words": attr.string_list(doc = "Words that its command line has."),
    },
    analysis_test = True,
)

def _script_test_impl(ctx):
    target = ctx.attr.target
    texts = [action.content or "" for action in target[_ActionsInfo].actions if action.mnemonic == "FileWrite"]
    text = "\n".join(texts)
    files = [file.basename for file in target[DefaultInfo].default_runfiles.files.to_list()]
    return [_verdict(
        ["the script lacks %r: %s" % (word, text) for word in ctx.attr.words if word not in text] +
        ["the script has %r: %s" % (word, text) for word in ctx.attr.without if word in text] +
        ["the runfiles lack %s: %s" % (name, files) for name in ctx.attr.files if name not in files],
    )]

script_test = rule(
    implementation = _script_test_impl,
    doc = "Checks the script of an executable target, and what lies beside it when it runs.",
    attrs = {
        "files": attr.string_list(doc = "Base names of files among its runfiles."),
        "target": attr.label(doc = "The target under test.", mandatory = True, aspects = [_actions_aspect]),
        "without": attr.string_list(doc = "Texts that the script has not."),
        "words": attr.string_list(doc = "Texts that the script has.", mandatory = True),
    },
    analysis_test = True,
)

def _failure_test_impl(ctx):
    target = ctx.attr.target[0] if type(ctx.attr.target) == "list" else ctx.attr.target
    if AnalysisFailureInfo not in target:
        return [_verdict(["the analysis was expected to fail, and did not"])]
    messages = "\n".join([cause.message for cause in target[AnalysisFailureInfo].causes.to_list()])
    return [_verdict(["the failure does not say %r: %s" % (text, messages) for text in ctx.attr.says if text not in messages])]

failure_test = rule(
    implementation = _failure_test_impl,
    doc = "Checks that a target fails in analysis, and what the error says.",
    attrs = {
        "says": attr.string_list(doc = "Texts that the error has.", mandatory = True),
        "target": attr.label(
            doc = "The target under test.",
            mandatory = True,
            cfg = analysis_test_transition(settings = {"//command_line_option:allow_analysis_failures": "True"}),
        ),
    },
    analysis_test = True,
)

def _text_test_impl(ctx):
    return [_verdict(["expected %r, found %r" % (ctx.attr.expected[key], ctx.attr.found.get(key)) for key in ctx.attr.expected if ctx.attr.found.get(key) != ctx.attr.expected[key]])]

text_test = rule(
    implementation = _text_test_impl,
    doc = "Checks results of pure Starlark functions, which the BUILD file has called.",
    attrs = {
        "expected": attr.string_dict(doc = "Case to expected text.", mandatory = True, allow_empty = False),
        "found": attr.string_dict(doc = "Case to found text.", mandatory = True),
    },
    analysis_test = True,
)

def _all_platforms_test_impl(ctx):
    target = ctx.attr.target
    files = {tag: files.to_list() for tag, files in target[PyEnvAllPlatformsInfo].files.items()}
    found = {tag: ",".join(sorted([file.short_path for file in files[tag]])) for tag in files}
    faults = [] if found == ctx.attr.files else ["the files are %s, expected %s" % (found, ctx.attr.files)]
    default = target[DefaultInfo].files.to_list()
    for tag in ctx.attr.files:
        if [file for file in files.get(tag, []) if file not in default]:
            faults.append("files of %s are none of the target's" % tag)
        if not hasattr(target[OutputGroupInfo], tag):
            faults.append("there is no output group " + tag)
    return [_verdict(faults)]

all_platforms_test = rule(
    implementation = _all_platforms_test_impl,
    doc = "Checks what a target says of its platforms: their files, which are the target's own, and output groups.",
    attrs = {
        "files": attr.string_dict(doc = "Platform tag to the paths of its files, sorted, with commas between them.", mandatory = True),
        "target": attr.label(doc = "The target under test.", mandatory = True, providers = [PyEnvAllPlatformsInfo]),
    },
    analysis_test = True,
)
