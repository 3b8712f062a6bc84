# A first installation may have thousands of rows. The host's lock is held for a batch of them at a time, so that a deploy which
# waits for it gets it. What a run does not get to is left to the next one.

# The rows of a batch, at most.
most_rows=100
# How long a batch holds the lock and still tries rows apart, begins with a further service, or counts as short: a deploy waits
# for 360 seconds. And how long a run installs.
halving_seconds=180 service_seconds=240 long_seconds=120 install_seconds=1800

# Restricts the plan to the rows of a batch. Those that are left are in `remaining`.
choose_batch() {
  awk -F "$tab" "$rows_in_order" "$now/failed" "$table" "$now/plan" >"$now/to_do"
  : >"$now/remaining"
  awk -F "$tab" -v most="$batch_rows" -v remaining="$now/remaining" '
    NR > most && $2 != group { is_full = 1 }
    { group = $2 }
    is_full { print $1 >remaining; next }
    { print $1 }
  ' "$now/to_do" >"$now/batch"
  { cat -- "$now/remaining" && cut -f 1 -- "$now/failed"; } >"$now/skipped"
  [ ! -s "$now/skipped" ] || join_with "$plan" >"$now/plan"
}

# Each row with its group. Rows that go come first. A row is in the group of those that take over names of its files: two rows
# cannot both serve a name, and between two batches no row would.
# shellcheck disable=SC2016 # the words are those of awk
rows_in_order='
  function give(path, giver,    line, words, i, n) {
    while ((getline line <path) > 0) {
      n = split(line, words, /[^A-Za-z0-9._*-]+/)
      for (i = 1; i <= n; i++) if (words[i] in row_of) pair(giver, row_of[words[i]])
    }
    close(path)
  }
  function pair(giver, taker) {
    if (giver == taker || !(taker in met) || (giver, taker) in paired) return
    paired[giver, taker]
    link(giver, taker)
    link(taker, giver)
  }
  function link(row, other) { linked[row, ++links[row]] = other }
  function gather(row,    i) {
    if (row in printed) return
    printed[row]
    print row, group
    for (i = 1; i <= links[row]; i++) gather(linked[row, i])
  }
  BEGIN { OFS = FS }
  FILENAME == ARGV[1] { failed[$1]; next }
  FILENAME == ARGV[2] { if ($1 == "row") for (i = 3; i <= NF; i++) row_of[$i] = $2; next }
  $1 ~ /^(step|claim|replace)$/ { row = $2 }
  $1 == "used" { row = $5 }
  $1 !~ /^(step|claim|replace|used)$/ || row in failed { next }
  $1 == "step" && $5 ~ /^(remove-)?text$/ && $7 == "yes" { text[++texts] = $6; text_of[texts] = row }
  row in met { next }
  { met[row] }
  $1 == "step" && $5 ~ /^remove-/ { going[++n] = row; next }
  { staying[++m] = row }
  END {
    for (i = 1; i <= texts; i++) give(text[i], text_of[i])
    for (i = 1; i <= n; i++) { group++; gather(going[i]) }
    for (i = 1; i <= m; i++) { group++; gather(staying[i]) }
  }
'

# Whether there is time to try rows apart, or with a further service.
has_time() { # seconds
  [ "$(($(uptime) - locked_at))" -le "$1" ]
}

# Leaves rows to a later batch. Until then they are as those that fail: their files and claims are those of before.
postpone() { # why, rows
  why=$1
  shift
  for row do
    has_failed "$row" && continue
    fail_row "$row" "$why"
    printf '%s\n' "$row" >>"$now/postponed"
  done
}

# Rows that were left, in this batch or before it, are still to be done. The others that failed are not tried again in this run.
sum_up_batch() {
  # A batch that was refused as a whole. If it is the first, so is everything.
  if [ -n "$refusal_of_all" ] && [ "$batches" -gt 0 ]; then cat -- "$now/batch" >>"$now/remaining"; fi
  awk -F "$tab" -v apart="$now/reasons" 'FILENAME == ARGV[1] { postponed[$1]; next }
    $1 in postponed { print >>apart; next }
    { print }
  ' "$now/postponed" "$now/failed" >"$now/still"
  mv -f -- "$now/still" "$now/failed"
  cat -- "$now/postponed" >>"$now/remaining"
  # Smaller batches find out which rows hold the others back.
  if [ -s "$now/postponed" ] || ! has_time "$long_seconds"; then
    batch_rows=$(((batch_rows + 3) / 4))
  else
    batch_rows=$((batch_rows * 4))
  fi
  [ "$batch_rows" -le "$most_rows" ] || batch_rows=$most_rows
  awk -F "$tab" '$1 == "noted" { print $2 "\t" $3 }' "$now/plan" >>"$now/notes"
  cat -- "$now/paid" >>"$now/all_paid"
}

# Whether another batch follows, after a second without the lock: another process that waits for it gets it.
goes_on() {
  [ -z "$refusal_of_all" ] && [ -s "$now/remaining" ] && [ "$(($(uptime) - install_began))" -le "$install_seconds" ] && sleep 1
}

# What was not reached stays as it was, and is pending. What refuses a later batch is no failure of the earlier ones.
leave_rest() {
  [ -s "$now/remaining" ] && [ "$batches" -gt 0 ] || return 0
  reason=${refusal_of_all:-there was no more time} refusal_of_all=''
  reason=$reason awk -F "$tab" -v OFS="$tab" '
    FILENAME == ARGV[1] { if (!($1 in reasons)) reasons[$1] = $2; next }
    { print $1, "it was not installed yet: " ($1 in reasons ? reasons[$1] : ENVIRON["reason"]) ". The next run tries again" }
  ' "$now/reasons" "$now/remaining" >"$now/left"
}
