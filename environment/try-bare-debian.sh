#!/usr/bin/env bash
# Tries the last commit on a bare Debian, in a temporary folder that is removed at the end, also after an interrupt.
# Without the tools, an ordinary user must be told what to install; root's setup must install it; then the commands
# run as root and as that user, each in a copy of the project.
#
#   sudo environment/try-bare-debian.sh [bookworm|trixie] [COMMAND…]
#   sudo environment/try-bare-debian.sh bookworm make demo MAX_EPOCH=2 DATASET_LIMIT=520
#
# Default: trixie, and the README's make demo and make test. Settings: MIRROR (of Debian); CERTIFICATES (a folder of
# .crt files to trust, for a network that inspects TLS); PIP_INDEX_URL and the proxies' variables are passed on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'try-bare-debian: %s\n' "$*" >&2; exit 1; }

SUITE=trixie
case ${1:-} in
  bookworm | trixie) SUITE=$1; shift ;;
esac

# -- outside: a folder, and a namespace whose mounts end with its processes ----------------------

outside() {
  local tool
  [[ $(id -u) == 0 ]] || fail "Expected root, found $(id -un). Use sudo."
  for tool in debootstrap git unshare; do
    command -v "$tool" >/dev/null || fail "Expected $tool, found none. On Debian or Ubuntu:
  sudo apt-get install debootstrap git util-linux"
  done
  FOLDER=$(mktemp -d)
  namespace=
  trap remove EXIT
  trap 'exit 130' INT TERM HUP
  # In the background, because Bash heeds a signal only when a command in the foreground has ended.
  unshare --mount --pid --fork --kill-child --mount-proc \
    env BARE_DEBIAN="$FOLDER/debian" environment/try-bare-debian.sh "$SUITE" "$@" &
  namespace=$!
  wait "$namespace"
}

remove() {
  { kill -KILL "$namespace"; wait; } 2>/dev/null || true
  # After a kill the last processes may write for a moment.
  rm -rf --one-file-system "$FOLDER" 2>/dev/null || { sleep 2; rm -rf --one-file-system "$FOLDER"; }
}

# -- inside --------------------------------------------------------------------------------------

bare_debian() {
  local home
  say "$SUITE: debootstrap"
  debootstrap --variant=minbase "$SUITE" "$BARE_DEBIAN" ${MIRROR:+"$MIRROR"} >"$BARE_DEBIAN.log" \
    || fail "Expected debootstrap to make a Debian, found:
$(tail -5 "$BARE_DEBIAN.log")
Check the network, or name another MIRROR."
  mount -t proc proc "$BARE_DEBIAN/proc"
  if [[ -n ${CERTIFICATES:-} ]]; then
    install -D -m 644 -t "$BARE_DEBIAN/usr/local/share/ca-certificates" "$CERTIFICATES"/*.crt
  fi
  chroot "$BARE_DEBIAN" useradd --create-home user
  for home in root home/user; do
    mkdir "$BARE_DEBIAN/$home/project"
    git -c safe.directory="$PWD" archive HEAD | tar -x --no-same-owner -C "$BARE_DEBIAN/$home/project"
  done
  chroot "$BARE_DEBIAN" chown -R user:user /home/user
}

as() { # USER COMMAND...
  local user=$1 variable environment=()
  shift
  for variable in PIP_INDEX_URL http_proxy https_proxy no_proxy; do
    [[ -z ${!variable:-} ]] || environment+=("$variable=${!variable}")
  done
  say "$SUITE, as $user: $*"
  # shellcheck disable=SC2016 # for the shell inside
  chroot --userspec="$user:$user" "$BARE_DEBIAN" env -i "${environment[@]}" PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    bash -c 'HOME=~ && cd ~/project && export HOME && exec "$@"' bash "$@"
}

inside() {
  local user
  bare_debian
  ! as user environment/setup.sh || fail "Expected setup to name what is missing, found none. It has not been tried."
  as root environment/setup.sh
  for user in root user; do
    if [[ $# -gt 0 ]]; then
      as "$user" "$@"
    else
      as "$user" make demo
      as "$user" make test
    fi
  done
  say "$SUITE: done"
}

if [[ -z ${BARE_DEBIAN:-} ]]; then outside "$@"; else inside "$@"; fi
