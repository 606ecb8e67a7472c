#!/usr/bin/env bash
# launch.sh NAME: finds, verifies and becomes the pinned binary of one primitive (see README.md beside it).
# The runner signals one process id only: so this shell turns into the binary by `exec`, and what takes long
# before that runs in the background under `wait`, which a trap can interrupt.
set -eu -o pipefail
name=${1:?usage: launch.sh NAME} here=${BASH_SOURCE[0]%/*} part=''
own='build the workspace and give the folder of its binaries as the input bin-dir'

finish() { # RESULT CODE: an end before the binary began
  trap - EXIT
  rm -f -- "$part" || true
  printf 'result=%s\n' "$1" >>"${GITHUB_OUTPUT:-/dev/null}" || true
  exit "$2"
}
fail() { # WHAT HINT: text from outside comes through printf %q, so that it can hold no workflow command
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  printf '::error title=%s did not start::%s%%0Ahint: %s\n' "$name" "${1//\%/%25}" "${2//\%/%25}" >&2
  finish bug 70
}
# shellcheck disable=SC2329 # only traps call it
stop() { # CODE: a signal came before the binary began
  for child in $(jobs -p); do kill -9 "$child" || true; done 2>/dev/null
  wait 2>/dev/null
  finish cancelled "$1"
}
trap 'stop 130' INT; trap 'stop 143' TERM # never trap '': what is ignored here stays ignored after exec
trap 'fail "the launcher broke off, see above" "$own"' EXIT
digest() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi <"$1" | cut -d ' ' -f 1; }
become() { trap - INT TERM; set +e; shopt -s execfail; exec -- "$1"; fail "cannot execute $(printf %q "$1")" "$own"; }
patiently() { "$@" & wait "$!"; }

if [ -n "${GREENROOM_BIN_DIR:-}" ]; then
  file=$GREENROOM_BIN_DIR/$name shown=$(printf %q "$GREENROOM_BIN_DIR/$name")
  if [ ! -f "$file" ] || [ ! -x "$file" ]; then fail "$shown is no executable file" "$own"; fi
  printf '::notice title=%s is not the pinned release::%s, sha256 %s\n' "$name" "${shown//\%/%25}" "$(digest "$file")" >&2
  become "$file"
fi
platform="$(uname -s)/$(uname -m)" version='' base='' wanted=''
case $platform in
  Linux/x86_64) target=x86_64-unknown-linux-gnu ;; Linux/aarch64) target=aarch64-unknown-linux-gnu ;;
  Darwin/arm64) target=aarch64-apple-darwin ;; *) fail "nothing is released for $(printf %q "$platform")" "$own" ;;
esac
while read -r key one two three; do
  case $key/$one/$two in version/*) version=$one ;; base-url/*) base=$one ;; "bin/$name/$target") wanted=$three ;; esac
done <"$here/manifest.txt"
if [ -z "$wanted" ]; then fail "this checkout has no released binary of $name for $target" "use a released commit, or $own"; fi
file=${RUNNER_TOOL_CACHE:?}/greenroom/$version/$target/$name-$wanted url=$base/bin-v$version/$name-$target
if [ ! -x "$file" ] || [ "$(digest "$file")" != "$wanted" ]; then
  mkdir -p -- "${file%/*}"; part=$(mktemp "$file.XXXXXX") tries=''
  case $base in http://127.0.0.1:*) scheme='=http' ;; *) scheme='=https' ;; esac
  until patiently curl -qfgLsS --proto "$scheme" --connect-timeout 15 --speed-time 30 --max-time 300 -o "$part" -- "$url"; do
    tries+=x
    if [ "$tries" = xxx ]; then fail "cannot download $url" "let this runner reach it, or $own"; fi
    patiently sleep "${#tries}"
  done
  if [ "$(digest "$part")" != "$wanted" ]; then fail "$url does not have the sha256 $wanted" "do not trust it; $own"; fi
  chmod 755 "$part"; mv -f -- "$part" "$file"
fi
become "$file"
