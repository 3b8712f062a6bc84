#!/bin/sh
# A mail server as far as its configuration goes, for tests. It serves what it has loaded, and nothing else:
# `activate` reads the configuration, in which a line is `include FILES`, `serve NAME… PEM` or `default PEM`, and copies
# each PEM to loaded/NAME. The first line that has a name applies. How it is to fail is said by files in the control directory.

root=$1 control=$2 verb=$3
shift 3
# The main file, if it is elsewhere.
main=${SERVED_MAIN:-/etc/served/served.conf}
printf '%s\n' "$verb${1:+ $1}" >>"$control/log"

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

expand() ( # file
  [ -e "$root$1" ] || fail "$1: no such file"
  while read -r word rest; do
    if [ "$word" = include ]; then
      for file in "$root"$rest; do
        if [ -e "$file" ]; then expand "${file#"$root"}" || exit; fi
      done
    else
      printf '%s\n' "$word $rest"
    fi
  done <"$root$1"
)

pem_of() { # line
  printf '%s\n' "${1##* }"
}

check() { # file
  text=$(expand "$1") || exit
  printf '%s\n' "$text" | while read -r line; do
    case $line in
      '' | '#'*) ;;
      'serve '* | 'default '*) [ -e "$root$(pem_of "$line")" ] || fail "$(pem_of "$line"): no such PEM" ;;
      *) fail "syntax error: $line" ;;
    esac
  done
}

case $verb in
  check)
    [ ! -e "$control/check-sleeps" ] || sleep "$(cat "$control/check-sleeps")"
    check "$1"
    ;;
  activate)
    [ ! -e "$control/activate-sleeps" ] || sleep "$(cat "$control/activate-sleeps")"
    while [ -e "$control/activate-waits" ]; do sleep 0.05; done
    [ ! -e "$control/deaf" ] || exit 0
    if [ -e "$control/chokes-on" ] && expand "$main" | grep -qF -f "$control/chokes-on"; then
      fail "out of memory: $(cat "$control/chokes-on")"
    fi
    (check "$main") || exit
    umask >"$control/umask"
    rm -rf "$control/loaded" && mkdir "$control/loaded"
    expand "$main" | while read -r word rest; do
      pem=$(pem_of "$rest")
      case $word in
        default) cp "$root$pem" "$control/loaded/default" ;;
        serve) for name in ${rest% *}; do [ -e "$control/loaded/$name" ] || cp "$root$pem" "$control/loaded/$name"; done ;;
      esac
    done
    ;;
  running) [ ! -e "$control/stopped" ] ;;
  build)
    [ ! -e "$control/build-fails" ] || fail "cannot build"
    cat "$root"/etc/served/conf.d/*.conf >"$control/table" 2>/dev/null
    true
    ;;
  default) expand "$main" | sed -n 's/^default //p' ;;
  chosen)
    expand "$main" | while read -r word rest; do
      case " ${rest% *} " in *" $1 "*) pem_of "$rest" && break ;; esac
    done
    ;;
  blocks)
    expand "$main" | sed -n 's/^serve \(.*\) \([^ ]*\)$/names \1 {\n  pem = \2\n}/p'
    ;;
esac
