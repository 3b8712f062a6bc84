# The host's ledger, which the provider and this program append to under one lock.

# The size in bytes from which it is shortened: a deploy rewrites it, which may not come for years, and reads no more than 32 MiB.
long_ledger=8388608

# Leaves out what most of a long ledger is: temporary files that are gone, and activations that are done. The lock is held.
shorten_ledger() {
  [ "$(stat -c %s -- "$state/ledger")" -gt "$long_ledger" ] || return 0
  shorter=$state/.ledger.mail-sni-new
  rm -f -- "$shorter"
  # The last line is kept, and shows that all of it was written.
  if (umask 077 && still_true "$state/ledger" >"$shorter") &&
    [ "$(tail -n 1 -- "$shorter")" = "$(tail -n 1 -- "$state/ledger")" ] && sync -- "$shorter"; then
    mv -fT -- "$shorter" "$state/ledger" && sync_directories "$state"
  else
    rm -f -- "$shorter"
  fi
}

# shellcheck disable=SC2016 # the words are those of awk
still_true() { # ledger
  awk -F "$tab" '
    NR == FNR {
      if ($1 == "closed" && NF == 2 && $NF == ".") closed = FNR
      if ($1 == "paid" && NF == 3 && $NF == ".") paid[$2] = FNR
      next
    }
    ($1 == "stage" || $1 == "closed") && FNR < closed { next }
    $1 == "paid" && NF == 3 && $NF == "." { next }
    $1 == "owe" && NF == 5 && ($3 in paid) && FNR < paid[$3] { next }
    { print }
  ' "$1" "$1"
}

# Adds lines. A line that a crash has cut off, or that ends in zeros, must not swallow the first of them.
note() { # text
  [ -n "$1" ] || return 0
  [ ! -s "$state/ledger" ] || [ "$(tail -c 1 -- "$state/ledger" | tr '\n\000' 'nz')" = n ] || set -- "
$1"
  append "$state/ledger" "$1
" >/dev/null
}

# Writes to the ledger what is about to be done, before anything moves: who owns which path, which activations will be pending,
# where temporary files may be. The record has the rows of those activations.
# shellcheck disable=SC2016 # the words are those of awk
write_ahead() {
  base=$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
  awk -F "$tab" -v OFS="$tab" -v base="$base" '
    FILENAME == ARGV[1] { if ($1 == "activate") activates[$2]; next }
    $1 == "own" { stack = $2; token = $3 }
    $1 == "claim" { print "claim", stack, token, $4, "." }
    $1 == "used" { print $0, "." }
    $1 == "make" || $1 == "replace" { print "directory", $3, "." }
    $1 == "replace" { print "stage", $3, "." }
    $1 == "step" { print "stage", $6, "." }
    $1 == "step" && $3 in activates && !(($2, $3) in noted) { noted[$2, $3]; print "owe", $3, base "-" ++number, token, "." }
  ' "$table" "$now/plan" >"$now/ahead"
  # The same activations by row, in the same order.
  awk -F "$tab" -v OFS="$tab" -v base="$base" '
    FILENAME == ARGV[1] { if ($1 == "activate") activates[$2]; next }
    $1 == "step" && $3 in activates && !(($2, $3) in noted) { noted[$2, $3]; print "owed", base "-" ++number, $3, $2, "." }
    $1 == "pending" { print "owed", $2, $3, $4, "." }
  ' "$table" "$now/plan" >"$now/owed"
  # A last line that a crash has cut off must not swallow the first of these.
  { echo && cat -- "$now/owed"; } >>"$work/installed" || return
  note "$(cat -- "$now/ahead")" && sync_files "$state/ledger" "$work/installed"
}

# The ids of the activations of rows for a service, each on a line.
# shellcheck disable=SC2016
activations_of() { # service, rows
  service=$1
  shift
  rows=" $* " service=$service awk -F "$tab" '
    $3 == ENVIRON["service"] && index(ENVIRON["rows"], " " $4 " ") { print $2 }
  ' "$now/owed"
}

settle() { # service, rows
  activations_of "$@" >>"$now/paid"
}

# An attempt that is undone has settled its activations; the next one owes them again.
owe_again() { # service, rows
  activations_of "$@" >"$now/ids"
  [ -s "$now/ids" ] && [ -s "$now/paid" ] || return 0
  grep -vxF -f "$now/ids" -- "$now/paid" >"$now/still"
  mv -f -- "$now/still" "$now/paid"
}

# The claims of a service of a row that failed go back to who had them before: released first, or they would be passed on.
# shellcheck disable=SC2016
give_back() { # service, row
  service=$1 row=$2 awk -F "$tab" -v OFS="$tab" '
    $1 == "own" { token = $3 }
    $1 == "claim" && $2 == ENVIRON["row"] && $3 == ENVIRON["service"] {
      print "release", token, $4, "."
      if ($6 != "-") print "claim", $5, $6, $4, "."
    }
  ' "$now/plan" >>"$now/after"
}

# Nothing will be swapped in for rows that could not be staged. What an earlier run has left pending stays so.
settle_unstaged() {
  awk -F "$tab" '
    FILENAME == ARGV[1] { failed[$1]; next }
    FILENAME == ARGV[2] { if ($1 == "pending") earlier[$2]; next }
    $4 in failed && !($2 in earlier) { print $2 }
  ' "$now/failed" "$now/plan" "$now/owed" >>"$now/paid"
}
