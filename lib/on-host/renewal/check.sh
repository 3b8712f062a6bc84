# What is missing on this host before the program can run.

check() {
  problems=''
  for tool in $(missing_tools | tr ' ' '_') $(own_tools); do
    lack "$(printf '%s' "$tool" | tr '_' ' ') is missing: install it"
  done
  check_version
  [ -r "$table" ] || lack "$table cannot be read: apply the stack again"
  [ ! -r "$table" ] || { why=$(table_problem) && [ -z "$why" ]; } || lack "$table: $why: apply the stack again"
  [ -r "$directory_of_program/config" ] || lack "$directory_of_program/config cannot be read: apply the stack again"
  [ -z "$user_hook" ] || [ -x "$user_hook" ] || lack "the hook $user_hook is not there, or not executable"
  (exec 8</dev/null && sh -c 'true <&8') 2>/dev/null ||
    lack 'this shell does not hand locks on to commands: make /bin/sh dash, bash or busybox sh'
  check_timer
  [ -z "$problems" ]
}

lack() { # what
  problems=yes
  printf '%s\n' "$1"
}

# A timer that nothing reads would never start a renewal, and nothing would say so until the certificates expire.
check_timer() {
  why=''
  case $timer:$timer_file in
    systemd:*) why=$(systemd_problem) ;;
    cron:/etc/cron.d/*)
      has_cron || why='no cron is installed, which would start the renewals: install it (Debian: apt install cron), or declare'
      [ -z "$why" ] || why="$why RenewalTimer.systemd()"
      ;;
  esac
  [ -z "$why" ] || lack "$why"
}

systemd_problem() {
  [ -d /run/systemd/system ] ||
    printf 'systemd does not run on this host, so its timer would never start: declare RenewalTimer.cron()'
}

has_cron() {
  command -v cron >/dev/null || command -v crond >/dev/null || [ -e /lib/systemd/system-generators/systemd-crontab-generator ]
}

own_tools() {
  for tool in awk sed xargs cut od sort openssl curl bash; do command -v "$tool" >/dev/null || echo "$tool"; done
}

# Earlier versions of dehydrated do not know `--no-lock` with `--keep-going`, nor rows with an alias.
check_version() {
  command -v dehydrated >/dev/null || { lack 'dehydrated is not installed: install it (Debian: apt install dehydrated)'; return; }
  version=$(dehydrated --version </dev/null 2>/dev/null | sed -n -e 's/^Dehydrated version: *//p' | head -n 1)
  case $version in
    0.[0-6] | 0.[0-6].* | '') lack "dehydrated ${version:-of an unknown version} is installed, and 0.7.0 or later is needed" ;;
  esac
}
