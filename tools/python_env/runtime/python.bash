#!/usr/bin/env bash
# The interpreter of this environment: runs the python@PYTHON@ of this machine with the environment's own sys.prefix.
# CPython takes argv[0] for its place, and the pyvenv.cfg above it for its prefix: no path is written down anywhere.
self=$0
while [[ ! -e ${self%/*}/../pyvenv.cfg && -L $self ]]; do
  link=$(readlink "$self")
  [[ $link == /* ]] && self=$link || self=${self%/*}/$link
done
[[ $self == */* ]] || self=$(command -v -- "$self")
here=$(cd "${self%/*}" && pwd -P)

IFS=: read -r -a folders <<< "$PATH"
for folder in "${folders[@]}"; do
  python=${folder:-.}/python@PYTHON@
  # a script is a version manager's shim, or another environment of this kind: it would lose argv[0]
  [[ -f $python && -x $python ]] && IFS= LC_ALL=C read -r -n 2 head 2>/dev/null < "$python" && [[ $head != '#!' ]] || continue
  # one that was moved since it was built (python-build-standalone, uv) does not find its library under another name
  [[ ! -L $python && $folder =~ ^(/usr(/local)?)?/bin$ ]] || (exec -a "$here/python" "$python" -I -S -c '') 2>/dev/null || continue
  exec -a "$here/python" "$python" "$@"
done

echo "error: there is no python@PYTHON@ that can be used on this machine's PATH ($PATH)
  where: $here/python, an environment without an interpreter inside
  fix:   install python@PYTHON@ on this machine (scripts of version managers and moved builds do not count), or put its folder on PATH" >&2
exit 127
