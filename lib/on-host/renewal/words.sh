# What the program prints, and writes to syslog.

# Prints a line on standard error, which cron mails. systemd's journal gets it as well; otherwise syslog does.
say() { # words
  printf '%s\n' "$*" >&2
  [ -z "${JOURNAL_STREAM-}${is_syslog_deaf-}" ] && command -v logger >/dev/null || return 0
  # It would wait for a syslog that hangs, and who wants the host's lock would wait for it.
  timeout 5 logger -t mail-sni-renewal -- "$*" 8>&- 9>&- 2>/dev/null
  [ "$?" -ne 124 ] || is_syslog_deaf=yes
}

# Seconds since the host was started. The clock may be set in the meantime: a wait has to end all the same.
uptime() {
  read -r since_start _ </proc/uptime && printf '%s' "${since_start%%.*}"
}

# Removes what must not be in a log or a result: keys, of which the beginning or the end may be cut off, control characters, and
# more than 600 characters of it.
# shellcheck disable=SC2016 # the words are those of awk
legible() { # reads lines, prints one
  awk '
    /-----END [A-Z ]*PRIVATE KEY-----/ { if (!in_key) count = 0; in_key = 0; next }
    /PRIVATE KEY-----/ { in_key = 1; next }
    !in_key { lines[++count] = $0 }
    END { for (n = 1; n <= count; n++) print lines[n] }
  ' |
    tail -n 5 | tr '\n\t' '  ' | tr -d '\000-\037\177' | cut -c -600 | sed -e 's/  */ /g' -e 's/^ //' -e 's/ $//'
}

# Writes a file of the work directory whole: others read it at any time.
write_whole() { # file; reads the contents
  (umask 077 && cat >"$1.new") && sync_files "$1.new" && mv -f -- "$1.new" "$1"
}
