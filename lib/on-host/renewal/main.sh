# The verbs of the command line.

# dehydrated calls the hook at its end. If it was started by hand, only this hook installs what it ordered. If it could not take
# its lock, another dehydrated is running.
on_exit_hook() { # reason, if dehydrated has failed
  chain exit_hook "$@"
  status=$?
  [ -z "${MAIL_SNI_RENEWAL_RUN-}" ] || return "$status"
  case ${1-} in *[Ll]ock\ file*) return "$status" ;; esac
  ready && install_only
  [ "$?" -ne 75 ] || return "$status"
}

# dehydrated itself writes tokens to a directory of the work directory, which only root can change. It would follow links of the
# user of a web server, also to make readable what they lead to; this program does not.
tokens() { # publish | withdraw, then for each name: name, token, contents
  action=$1
  shift
  while [ "$#" -ge 3 ]; do
    case $2 in '' | *[!A-Za-z0-9_-]*) say "$1: the CA has sent a token that no file can be named after"; return 1 ;; esac
    "$action" "$webroot/$2" "$webroot/.$2.mail-sni-new" "$3" >&2 || return
    shift 3
  done
}

withdraw() { # file, temporary name
  discard "$1" "$2"
}

# Whether the table can be used.
ready() {
  lacking=$(missing_tools; own_tools)
  [ -z "$lacking" ] || { say "missing on this host: $(printf '%s' "$lacking" | tr '\n' ' ')"; return 1; }
  [ -r "$table" ] || { say "$table cannot be read: apply the stack again"; return 1; }
  why=$(table_problem)
  [ -z "$why" ] || { say "$table: $why"; return 1; }
  [ -n "${state:+$work}" ] || { say "$table has no directories"; return 1; }
}

# Has systemd read the units, and starts the timer. cron reads its files by itself. A timer that does not start fails, or nothing
# would say so until the certificates expire.
activate_timer() {
  unit=mail-sni-dehydrated.timer
  if [ "$timer" = systemd ]; then start_timer; else stop_timer; fi
}

start_timer() {
  why=$(systemd_problem)
  [ -z "$why" ] || { say "$why"; return 1; }
  systemctl daemon-reload || return
  if ! systemctl cat "$unit" >/dev/null 2>&1; then
    say "systemd does not read $timer_file: declare a directory of units that it reads, such as /etc/systemd/system"
    return 1
  fi
  if ! systemctl restart "$unit" || ! systemctl is-active --quiet "$unit"; then
    say "systemd does not start $unit: see \`systemctl status $unit\` on this host"
    return 1
  fi
}

# An earlier table may have had a timer of systemd. Stopped before its unit is forgotten, or it would count as failed.
stop_timer() {
  [ -d /run/systemd/system ] || return 0
  systemctl stop "$unit" 2>/dev/null || true
  systemctl reset-failed "$unit" 2>/dev/null || true
  systemctl daemon-reload
}

# A run that cannot begin is no success: the result keeps what it says of the rows, and has another end.
cannot_begin() {
  [ -f "$work/result" ] || return 0
  { grep -v '^end' -- "$work/result" && printf 'end\t1\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"; } | write_whole "$work/result"
}

case ${1-} in
  run)
    ready || { cannot_begin; exit 1; }
    command -v dehydrated >/dev/null || say 'dehydrated is not installed: install it (Debian: apt install dehydrated)'
    run_all
    ;;
  install) ready && install_only ;;
  check) check ;;
  activate) activate_timer ;;
  exit_hook) shift && on_exit_hook "$@" ;;
  deploy_challenge) (shift && tokens publish "$@") && chain "$@" ;;
  clean_challenge)
    (shift && tokens withdraw "$@")
    chain "$@"
    ;;
  *)
    echo 'usage: renewal run | install | check | activate' >&2
    exit 2
    ;;
esac
