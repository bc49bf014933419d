#!/usr/bin/env bash
# Run Bazel 7 from Debian unstable on a Debian 12 machine. No root, no chroot, no namespaces.
#
#   bazel7.sh [--root DIR] ARGS...      run bazel with ARGS (installs it first if it is not there)
#   bazel7.sh [--root DIR] --install    only install; prints the path of the bazel wrapper
#
# How: download the few .debs Bazel needs (not its compiler, perl and full JDK) with a private apt state,
# unpack them, and make the tree relocatable: ELF interpreter + DT_RPATH of its programs, absolute links, jar list.
# Idempotent: finished trees are stamped; a tree is built aside and renamed into place under a lock.
set -euo pipefail

root=${BAZEL7_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/bazel7}
if [[ ${1:-} == --root ]]; then root=$2; shift 2; fi
mkdir -p "$root"; root=$(cd "$root" && pwd -P)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
recipe=$( { echo "$root"; cat "${BASH_SOURCE[0]}"; cd "$here/registry" && find . -type f | sort | xargs cat; } | sha256sum | cut -c1-16)
tree=$root/$recipe

# Debs to unpack, out of the ~250 of the full dependency closure.
keep='^(bazel-.*|lib[a-z0-9+.-]*-java|libc6|libgcc-s1|libstdc\+\+6|libgrpc.*|libprotobuf32t?.*|libabsl.*|libcares2|libre2-.*|libssl3.*|zlib1g|libzstd1|libzstd-jni1|libasync-profiler-jni|async-profiler-java|openjdk-[0-9]+-jre-headless|velocity)$'
drop='^(libjetty9|libbcprov|libmaven.*|libjgit|libeclipse-.*|libjavaparser|liblog4j.*|libguice|libsisu.*|libplexus.*|libjsch|libhttp.*|libstax.*|liblightcouch|libjunixsocket|libwagon.*|libbsh|libcdi-api|libjackson2-data.*|libservlet.*|libjsp.*|libwebsocket.*|libel-api)-java$'

say() { echo "bazel7: $*" >&2; }

build() {
  local tmp=$1 uri arch multi debs list n f j jdk ld lib t missing=0
  arch=$(dpkg --print-architecture); multi=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch 2>/dev/null || true)
  [[ -n $multi ]] || case $arch in amd64) multi=x86_64-linux-gnu ;; arm64) multi=aarch64-linux-gnu ;; *) say "unknown architecture $arch"; exit 1 ;; esac
  # the Debian mirror is whatever this machine uses
  uri=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(REPO_URI)' 2>/dev/null | awk '$2 ~ /^(bookworm|trixie|forky|stable|testing|unstable|sid)$/ {print $3; exit}')
  [[ -n $uri ]] || uri=$(awk '/^URIs:/{print $2; exit} /^deb /{for(i=2;i<=NF;i++) if($i ~ /:\/\//){print $i; exit}}' /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
  [[ -n $uri ]] || { say "no Debian mirror is configured for apt on this machine"; exit 1; }
  mkdir -p "$tmp"/apt/{state/lists/partial,cache/archives/partial} "$tmp"/tree; : > "$tmp/apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri sid main" > "$tmp/apt/sources.list"
  local apt=(apt-get -qq -o "Dir::Etc::SourceList=$tmp/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State=$tmp/apt/state" -o "Dir::State::status=$tmp/apt/status" -o "Dir::Cache=$tmp/apt/cache"
    -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o APT::Sandbox::User= -o APT::Install-Recommends=false -o Acquire::Retries=3)
  say "reading the package list of Debian unstable"
  "${apt[@]}" update
  list=$("${apt[@]}" install -s bazel-bootstrap | awk -v k="$keep" -v d="$drop" '/^Inst / && $2 ~ k && $2 !~ d {print $2}')
  n=$(wc -w <<<"$list"); (( n > 50 )) || { say "only $n packages selected: unstable has changed, see keep= and drop="; exit 1; }
  say "downloading $n packages (about 160 MB)"
  mkdir "$tmp/debs"; (cd "$tmp/debs" && "${apt[@]}" download $list patchelf)
  say "unpacking"
  for f in "$tmp"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$f" | tar -x -C "$tmp/tree" --no-same-owner --exclude=./usr/share/doc --exclude=./usr/share/man --exclude='./usr/share/maven-repo*' --exclude='./usr/lib/*/gconv' --exclude='./usr/lib/jvm/*/lib/server/classes_*coh.jsa' --exclude='./usr/lib/jvm/*/lib/server/classes_nocoops*.jsa'
  done
  # relocate: $tree is where it will lie
  local t=$tmp/tree
  jdk=$(cd "$t/usr/lib/jvm" && ls -d java-[0-9]*-openjdk-* | grep -E '^java-[0-9]+-openjdk' | sort -V | tail -1)
  lib=usr/lib/$multi; ld=$(cd "$t" && ls $lib/ld-linux*.so.* | head -1)
  for f in "$t"/usr/bin/bazel "$t"/usr/libexec/"$multi"/bazel/* "$t"/usr/lib/jvm/"$jdk"/bin/* "$t"/usr/lib/jvm/"$jdk"/lib/{jspawnhelper,jexec}; do
    [[ $(head -c 4 "$f" | tail -c 3) == ELF ]] || continue
    cp "$f" "$f.new"
    "$t/$ld" --library-path "$t/$lib" "$t/usr/bin/patchelf" --set-interpreter "$tree/$ld" --force-rpath --set-rpath "$tree/$lib:$tree/usr/lib/jvm/$jdk/lib" "$f.new"
    mv "$f.new" "$f"
  done
  find "$t" -type l -lname '/*' | while read -r f; do j=$(readlink "$f"); if [[ -e $t$j ]]; then ln -sfn "$tree$j" "$f"; fi; done
  sed -i "s#^/usr/share/java/#$tree/usr/share/java/#" "$t/usr/share/bazel/bazel_classpath_debian_depends.txt"
  # jar manifests name their siblings by absolute path: make that relative, or the machine's own older jars get loaded
  python3 -I - "$t/usr/share/java" <<'PY'
import os, sys, zipfile
for name in sorted(os.listdir(sys.argv[1])):
    path = os.path.join(sys.argv[1], name)
    if not name.endswith(".jar") or os.path.islink(path):
        continue
    with zipfile.ZipFile(path) as z:
        if "META-INF/MANIFEST.MF" not in z.namelist():
            continue
        text = z.read("META-INF/MANIFEST.MF").decode().replace("\r\n", "\n").replace("\n ", "")
        if "\nClass-Path:" not in text or "/usr/share/java/" not in text:
            continue
        lines = []
        for line in text.replace(" /usr/share/java/", " ").split("\n"):
            lines.append(line[:70])
            lines += [" " + line[i:i + 69] for i in range(70, len(line), 69)]
        with zipfile.ZipFile(path + ".new", "w", zipfile.ZIP_STORED) as out:
            for info in z.infolist():
                body = "\n".join(lines).encode() if info.filename == "META-INF/MANIFEST.MF" else z.read(info)
                out.writestr(zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0)), body)
    os.replace(path + ".new", path)
PY
  # jars that the list names and Debian itself does not ship are optional (netty-tcnative, auto-value-gson)
  while read -r j; do [[ -e $t${j#"$tree"} ]] || { case $j in *netty-tcnative*|*auto-value-gson*) ;; *) say "missing $j"; missing=1 ;; esac; }; done < "$t/usr/share/bazel/bazel_classpath_debian_depends.txt"
  (( missing == 0 )) || exit 1
  # Java's trust store: the machine's, else made from the machine's certificates
  if [[ ! -r ${BAZEL7_CACERTS:-/etc/ssl/certs/java/cacerts} ]]; then trust "$t" "$tree" "$jdk" "$ld" "$lib"; fi
  mkdir -p "$t/registry"; cp -r "$here/registry/." "$t/registry/"
  # Debian's own rc, relocated, without its noise; the overrides only serve machines that cannot reach a module registry
  { grep -E '^common --override_module' "$t/etc/bazel/bazelrc" | sed "s#=/usr/share/bazel/#=$tree/usr/share/bazel/#"
    echo "common --registry=file://$tree/registry"; echo "common --java_runtime_version=local_jdk --tool_java_runtime_version=local_jdk"; } > "$t/etc/bazel7.rc"
  grep -E '^common --override_module' "$t/etc/bazel/bazelrc" | sed -e "s#=/usr/share/bazel/#=$tree/usr/share/bazel/#" -e 's/override_module/override_repository/' > "$t/etc/bazel7_workspace.rc"
  mkdir -p "$t/bin"
  cat > "$t/bin/bazel" <<WRAP
#!/bin/sh
# WORKSPACE mode needs the same modules as repositories: BAZEL7_WORKSPACE=1 (or --bazelrc=$tree/etc/bazel7_workspace.rc)
[ -z "\${BAZEL7_WORKSPACE:-}" ] || set -- --bazelrc=$tree/etc/bazel7_workspace.rc "\$@"
exec $tree/usr/bin/bazel --nosystem_rc --bazelrc=$tree/etc/bazel7.rc --install_base=$tree/usr/share/bazel --trust_install_base --server_javabase=$tree/usr/lib/jvm/$jdk "\$@"
WRAP
  chmod +x "$t/bin/bazel"
}

trust() { # cacerts from the PEM bundle, with the unpacked keytool (run through its own loader: the tree is not in place yet)
  local t=$1 tree=$2 jdk=$3 pem=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt} d i=0
  [[ -r $pem ]] || { say "no certificates in $pem: https downloads by Bazel will fail"; return; }
  rm -f "$t/usr/lib/jvm/$jdk/lib/security/cacerts"
  ln -sfn "$t" "$tree"; d=$(mktemp -d)   # a passing link, so that the patched programs find themselves
  csplit -sz -f "$d/c" -b '%03d.pem' "$pem" '/-----BEGIN CERTIFICATE-----/' '{*}'
  for f in "$d"/c*.pem; do i=$((i+1)); "$tree/usr/lib/jvm/$jdk/bin/keytool" -importcert -noprompt -keystore "$t/usr/lib/jvm/$jdk/lib/security/cacerts" -storepass changeit -alias "c$i" -file "$f" >/dev/null 2>&1 || true; done
  rm -rf "$d" "$tree"
}

if [[ ! -e $tree/.done ]]; then
  exec 9> "$root/.lock"; flock 9
  if [[ ! -e $tree/.done ]]; then
    rm -rf "$root"/tmp.*; tmp=$(mktemp -d "$root/tmp.XXXXXX"); trap 'rm -rf "$tmp"' EXIT
    build "$tmp"
    touch "$tmp/tree/.done"; rm -rf "$tree"; mv "$tmp/tree" "$tree"; rm -rf "$tmp"; trap - EXIT
    say "installed in $tree"
  fi
  exec 9>&-
fi
if [[ ${1:-} == --install ]]; then echo "$tree/bin/bazel"; exit 0; fi
exec "$tree/bin/bazel" "$@"
