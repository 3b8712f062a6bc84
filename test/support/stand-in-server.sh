# A mail server's commands without the server: what it was told and what it has loaded is written down.
#
# Its main configuration is /etc/mail/main.conf. A configuration consists of the lines
#
#     serve NAME PATH     clients that ask for NAME are shown the PEM in PATH
#     includes DIRECTORY  all of its *.conf
#     include PATH        one other file
#
# and anything else is an error, as is a PEM that does not exist.

set -eu
directory=$1 root=$2 verb=$3

# Ends the provider that has this command run, as an administrator's `kill -9` would.
kill_provider() {
  pid=$$
  until tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q terraform-provider-mailsni; do
    [ "$pid" -gt 1 ] || exit 1
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status")
  done
  kill -9 "$pid"
}

# Waits until the test says so.
wait_at_gate() {
  printf 'waiting\n' >>"$directory/journal"
  read -r _ <"$directory/gate"
}

lines() { # file
  while IFS= read -r line; do
    case $line in
      'include '*) lines "$root${line#include }" ;;
      'includes '*)
        for file in "$root${line#includes }"/*.conf; do
          if [ -f "$file" ]; then lines "$file"; fi
        done ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$1"
}

served() { # file
  lines "$1" | while read -r word name path; do
    case $word in
      serve)
        if [ ! -f "$root$path" ]; then printf '%s does not exist\n' "$path" >&2; exit 1; fi
        hash=$(sha256sum <"$root$path")
        printf '%s %s\n' "$name" "${hash%% *}" ;;
      *) printf 'unknown setting %s\n' "$word" >&2; exit 1 ;;
    esac
  done
}

# Only what the provider asks for is written down, and can be interfered with.
if [ "$verb" != would-serve ]; then
  printf '%s\n' "$verb" >>"$directory/journal"
  if [ -f "$directory/on-$verb" ]; then . "$directory/on-$verb"; fi
fi

case $verb in
  check) served "$root$4" >/dev/null ;;
  running) [ ! -e "$directory/stopped" ] ;;
  activate) served "$root/etc/mail/main.conf" >"$directory/loading" && mv "$directory/loading" "$directory/loaded" ;;
  would-serve) served "$root/etc/mail/main.conf" ;;
esac
