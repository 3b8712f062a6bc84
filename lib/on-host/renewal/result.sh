# The result of a run: one line for each row, for the provider and for `mail-sni status`.

# Writes the result. A row is `ok` if its certificate is in place and, as far as that can be known, presented; `pending` if that
# is still to be done, and `failed` if something is wrong with it. A row that has left the table is in it while its files are there.
# shellcheck disable=SC2016 # the words are those of awk
write_result() { # exit status
  ended=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  for file in plan failed left notes warnings owed all_paid orders; do [ -f "$now/$file" ] || : >"$now/$file"; done
  refusal=$refusal_of_all awk -F "$tab" -v OFS="$tab" -v status="$1" -v ended="$ended" '
    FILENAME == ARGV[1] { orders[$1] = $2; next }
    FILENAME == ARGV[2] {
      if ($1 == "held") { failed[$2] = $3; meet($2) }
      if ($1 == "absent") absent[$2]
      if ($1 == "noted") notes[$2] = $3
      next
    }
    FILENAME == ARGV[3] { failed[$1] = $2; meet($1); next }
    FILENAME == ARGV[4] { left[$1] = $2; meet($1); next }
    FILENAME == ARGV[5] { notes[$1] = $2; next }
    FILENAME == ARGV[6] { warnings[$1] = $2; next }
    FILENAME == ARGV[7] { paid[$1]; next }
    FILENAME == ARGV[8] { if (!($2 in paid)) pending[$4] = $3; next }
    FILENAME == ARGV[9] { if ($1 == "row") place[$2] = $3 OFS $4; next }
    function meet(row) { if (!(row in met)) { met[row]; met_order[++count] = row } }
    function write(row, state, expiry, message) { print "row", row, state, expiry, substr(message, 1, 900) }
    $1 == "row" {
      in_table[$2]
      state = "ok"; message = notes[$2]
      if ($2 in pending) {
        state = "pending"
        message = pending[$2] " does not serve it yet" (pending[$2] in warnings ? ": " warnings[pending[$2]] : "")
      }
      if ($2 in left) { state = "pending"; message = left[$2] }
      if (ENVIRON["refusal"] != "") { state = "failed"; message = ENVIRON["refusal"] }
      if ($2 in absent) { state = "pending"; message = "dehydrated has no certificate for it yet" }
      if ($2 in orders) { state = "failed"; message = orders[$2] }
      if ($2 in failed) { state = "failed"; message = failed[$2] (($2 in orders) ? "; " orders[$2] : "") }
      write($2, state, ($2 in place) ? place[$2] : "-" OFS "-", message)
    }
    BEGIN { print "mail-sni-job-result", 1 }
    END {
      for (i = 1; i <= count; i++) {
        row = met_order[i]
        if (row in in_table) continue
        if (row in failed) write(row, "failed", "-" OFS "-", failed[row])
        else write(row, "pending", "-" OFS "-", left[row])
      }
      print "end", status, ended
    }
  ' "$now/orders" "$now/plan" "$now/failed" "$now/left" "$now/notes" "$now/warnings" "$now/all_paid" "$now/owed" \
    "$(record_file)" "$table" |
    tr -d '\001-\010\013-\037\177' >"$work/result.new" &&
    chmod 644 -- "$work/result.new" && mv -f -- "$work/result.new" "$work/result"
}

record_file() {
  if [ -f "$work/installed" ]; then printf '%s' "$work/installed"; else printf '%s' /dev/null; fi
}

# Whether a row has failed, by the result.
has_failures() {
  grep -q "^row${tab}[^${tab}]*${tab}failed${tab}" -- "$work/result"
}

# Says in the log what is wrong with which row.
report() {
  while IFS=$tab read -r first row standing _ _ message <&3; do
    case $first:$standing in
      row:failed | row:pending) say "$row: $standing: $message" ;;
      row:ok) [ -z "$message" ] || say "$row: $message" ;;
    esac
  done 3<"$work/result"
}
