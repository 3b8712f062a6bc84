# What the program prints, and writes to syslog.

# Prints a line on standard error, which cron mails. systemd's journal gets it as well; otherwise syslog does.
say() { # words
  printf '%s\n' "$*" >&2
  [ -z "${JOURNAL_STREAM-}" ] && command -v logger >/dev/null || return 0
  logger -t mail-sni-renewal -- "$*" 8>&- 9>&- 2>/dev/null || true
}

# Removes what must not be in a log or a result: keys, control characters, and more than 600 characters of it.
legible() { # reads lines, prints one
  sed -e '/-----BEGIN [A-Z ]*PRIVATE KEY-----/,/-----END [A-Z ]*PRIVATE KEY-----/d' -e '/PRIVATE KEY-----/d' |
    tail -n 5 | tr '\n\t' '  ' | tr -d '\000-\037\177' | cut -c -600 | sed -e 's/  */ /g' -e 's/^ //' -e 's/ $//'
}

# Writes a file of the work directory whole: others read it at any time.
write_whole() { # file; reads the contents
  (umask 077 && cat >"$1.new") && mv -f -- "$1.new" "$1"
}
