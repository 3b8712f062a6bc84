# A run of dehydrated. Only one run is in progress at a time.

# How long dehydrated may take, in seconds: it waits without end for a CA that decides nothing. The provider ends a run after six
# hours, and what was ordered is to be installed before that.
ordering_seconds=18000

# Has dehydrated order what is due, without its own lock file: a stale one would abort every later run.
order() {
  : >"$now/ordered" && : >"$now/orders" || return
  forget_damaged
  # dehydrated holds the lock of this run as long as it lives, also if this program is killed. Descriptor 9 is not open yet.
  # Not through a pipe: a daemon that a hook starts would keep it open, and this run would never end. Its temporary files, which
  # hold keys, are removed with this run's, also after a kill.
  MAIL_SNI_RENEWAL_RUN=yes TMPDIR=$now timeout -k 30 "$ordering_seconds" sh -c "$attended" sh \
    dehydrated -c --accept-terms --keep-going --no-lock -f "$directory_of_program/config" </dev/null >"$now/said" 2>&1 &
  ordering=$!
  # timeout leads a process group of its own, which gets no signal from a terminal.
  trap 'kill "$ordering"; wait "$ordering"; exit 143' HUP INT TERM
  wait "$ordering"
  ordering_status=$?
  trap - HUP INT TERM
  case $ordering_status in
    124 | 137) printf '\nERROR: it did not end within %s s, and was ended\n' "$ordering_seconds" >>"$now/said" ;;
  esac
  failures_of_orders >"$now/orders"
}

# What a power failure has emptied. At a certificate of its own that it cannot read, dehydrated would end, and order nothing for the
# rows behind it; and beside one that it can read, it would miss neither the key nor the chain until the next renewal is due.
# Without the names of the certificate and of the key it orders that certificate again.
forget_damaged() {
  awk -F "$tab" '$1 == "row" { print $2 }' "$table" >"$now/rows" || return
  while IFS= read -r row <&3; do
    [ -f "$work/certs/$row/cert.pem" ] || continue
    for file in cert privkey fullchain; do
      file=$work/certs/$row/$file.pem
      ! is_damaged "$file" || { forget_certificate "$file"; break; }
    done
  done 3<"$now/rows"
}

forget_certificate() { # its damaged file
  say "$row: $1 is damaged, and dehydrated orders another certificate"
  rm -f -- "$work/certs/$row/cert.pem"
  # With `reuseKey` dehydrated would go on with this key.
  ! is_damaged "$work/certs/$row/privkey.pem" || rm -f -- "$work/certs/$row/privkey.pem"
}

# Whether a PEM is missing, or a block of it. A file that cannot be read proves nothing.
is_damaged() { # file
  [ -e "$1" ] || return 0
  label=CERTIFICATE
  [ "${1##*/}" != privkey.pem ] || label='PRIVATE KEY'
  begun=$(grep -c -e '^-----BEGIN ' -- "$1")
  [ "$?" -le 1 ] || return
  ended=$(grep -c -e '^-----END ' -- "$1")
  [ "$begun" -ne "$ended" ] || ! grep -q -e "^-----END .*$label-----" -- "$1"
}

# The rows for which dehydrated has no valid certificate after the run, each with its last error. What it says of a row follows
# `Processing NAME`, in the order of the rows; what it says before concerns all.
# shellcheck disable=SC2016 # the words are those of awk
failures_of_orders() {
  awk -F "$tab" '
    # A subscript that was never set is the empty string, not 0.
    BEGIN { current = 0 }
    FILENAME == ARGV[1] { done[$1]; next }
    FILENAME == ARGV[2] { if ($1 == "row") { rows[++count] = $2; name[count] = $3 } next }
    { gsub(/[\001-\037\177]/, " "); line = $0 }
    line ~ /^Processing / {
      split(line, words, " ")
      for (n = current + 1; n <= count && name[n] != words[2]; n++) continue
      if (n <= count) current = n
      next
    }
    # Of a key, the beginning or the end may be cut off.
    line ~ /-----END [A-Z ]*PRIVATE KEY/ { in_key = 0; last = ""; delete said[current]; next }
    line ~ /PRIVATE KEY/ { in_key = 1 }
    in_key { next }
    line ~ /(ERROR|rror:|rror |not |failed|[Ff]ailure|agree)/ && line !~ /^ *[+]/ { said[current] = line }
    # dehydrated says behind it that the hook has failed.
    line ~ /^ERROR: the hook / { hook[current] = line }
    { if (line ~ /[^ ]/) last = line }
    END {
      for (n = 1; n <= count; n++) {
        if (rows[n] in done) continue
        why = hook[n] != "" ? hook[n] : said[n] != "" ? said[n] : said[0] != "" ? said[0] : last != "" ? last : "it said nothing"
        sub(/^ *(ERROR: *)?/, "", why)
        print rows[n] "\tdehydrated has ordered no certificate: " substr(why, 1, 600)
      }
    }
  ' "$now/ordered" "$table" "$now/said"
}

# Makes the work directory, and takes the lock of a run in it.
begin() {
  make_way "$work" && is_held "$work" && chmod 700 . && cd / || return
  umask 077
  true >>"$work/run.lock" || return
  exec 8>>"$work/run.lock"
  flock -n 8 || return 75
  rm -rf -- "$now" && mkdir -m 700 -- "$now" && take_table && mkdir -p -- "$work/tokens" || return
  refusal_of_all=''
}

# Copies the table, which the provider may replace at any time: what belongs together is decided by one of them.
take_table() {
  cp -T -- "$directory_of_program/table" "$now/table.new" && mv -fT -- "$now/table.new" "$now/table" && table=$now/table
}

finish() {
  rm -rf -- "$now"
}

run_all() {
  begin || { refused_start "$?"; return; }
  order
  install_all
  conclude "$ordering_status"
}

install_only() {
  begin || { refused_start "$?"; return; }
  install_all
  conclude 0
}

# Writes and tells the result. The exit status is 1 if a row has failed, and if dehydrated has.
conclude() { # exit status of dehydrated
  outcome=0
  write_result 0 || { say "$work/result cannot be written"; finish; return 1; }
  [ -z "$refusal_of_all" ] || say "nothing was installed: $refusal_of_all"
  if has_failures || [ "$1" -ne 0 ] || [ -n "$refusal_of_all" ]; then outcome=1; fi
  [ "$outcome" -eq 0 ] || write_result 1
  report
  finish
  return "$outcome"
}

refused_start() { # status
  if [ "$1" -eq 75 ]; then say 'another run is in progress'; else say "$work cannot be used"; fi
  return "$1"
}
