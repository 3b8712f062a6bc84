# Installs what dehydrated has and the servers do not: everything that differs from the table, and nothing else.

# Installs, and writes the result. Takes the host's lock only if there is something to do, and for a batch of rows at a time.
install_all() {
  for file in failed notes warnings owed kept stuck remaining reasons left all_paid; do : >"$now/$file" || return; done
  true >>"$work/installed" || return
  failed_rows=' ' refusal_of_all='' problem='' was_undone=no batch_rows=$most_rows install_began=$(uptime) batches=0
  if ! take_table || ! survey; then
    refuse_all 'the files on this host cannot be examined'
    return
  fi
  if has_work; then
    change_batch
    while goes_on; do change_batch; done
    leave_rest
  fi
  [ -n "$refusal_of_all" ] || keep_record
}

change_batch() {
  # As long as another run may hold it.
  lock "$state" 360 >"$now/why" 2>&1 || { refuse_all "the lock in $state cannot be taken: $(cat -- "$now/why")"; return; }
  locked_at=$(uptime)
  for file in paid after 'done' postponed batch; do : >"$now/$file" || return; done
  change
  sum_up_batch
  unlock
  batches=$((batches + 1))
}

# Whether something is to be changed, claimed, or repeated.
has_work() {
  read_refusal && return 1
  grep -q -e '^step' -e '^claim' -e '^used' -e '^pending' -e '^release' -- "$now/plan"
}

# Whether nothing can be installed, and why.
read_refusal() {
  why=$(awk -F "$tab" '$1 == "refused" { print $2; exit }' "$now/plan")
  [ -n "$why" ] && refuse_all "$why"
}

refuse_all() { # why
  refusal_of_all=$(printf '%s\n' "$1" | legible)
}

# Examines the host again: it and the table may have changed while this run waited for the lock.
change() {
  why=''
  if ! take_table || ! why=$(table_problem) || [ -n "$why" ]; then
    refuse_all "the table was replaced, and cannot be used: ${why:-apply the stack again}"
    return
  fi
  clear_after_kill
  survey && ! read_refusal && choose_batch || return
  awk -F "$tab" '
    $1 == "seen" { last[$2] = $0 }
    END { for (row in last) print last[row] }
  ' "$work/installed" "$now/inspected" >"$now/record"
  write_ahead || { refuse_all "$state/ledger cannot be written: nothing was changed"; return; }
  if ! stage_all || ! sync_staged; then
    refuse_all "${refusal_of_all:-nothing could be written}"
    return
  fi
  settle_unstaged
  unstaged_rows=$failed_rows
  # Services in the order of the table, then those that are no longer in it.
  awk -F "$tab" 'FILENAME == ARGV[1] { if ($1 == "service") take($2); next } $1 == "step" { take($3) }
    function take(service) { if (!(service in met)) { met[service]; print service } }' "$table" "$now/plan" >"$now/services"
  while IFS= read -r service <&5; do commit_service "$service"; done 5<"$now/services"
  take_back_new
  put_links_back
  clean_up
}

# Removes the temporary files of a killed run, before the host is examined.
clear_after_kill() {
  : >"$now/facts" && : >"$now/hashes"
  join_with "$plan" | awk -F "$tab" '$1 == "leftover" { print $2 }' >"$now/leftovers"
  [ -s "$now/leftovers" ] || return 0
  set --
  while IFS= read -r path <&3; do temporaries "$path" && set -- "$@" "$path" "$new_path" "$old_path"; done 3<"$now/leftovers"
  clear_leftovers "$@" && close_staging "$state" && note "closed$tab."
}

# Removes temporary files and empty directories, and notes what is true now.
clean_up() {
  while IFS=$tab read -r row _ <&3; do
    awk -F "$tab" -v row="$row" '$1 == "step" && $2 == row && !($3 in met) { met[$3]; print $3 }' "$now/plan" >"$now/its"
    while IFS= read -r service <&4; do awk -F "$tab" -v row="$row" -v service="$service" '
      $1 == row && $2 == service { found = 1 } END { exit found }' "$now/done" && give_back "$service" "$row"; done 4<"$now/its"
  done 3<"$now/failed"
  released >>"$now/after"
  discarded=yes
  discard_temporary || discarded=no
  remove_empty
  sort -u -- "$now/paid" | awk -v OFS="$tab" 'NF { print "paid", $0, "." }' >>"$now/after"
  sync_touched
  printf 'closed\t.\n' >>"$now/after"
  # The next run removes these. Not those that could not be put back: their previous versions have to stay.
  [ "$discarded" = yes ] || awk -v OFS="$tab" 'FILENAME == ARGV[1] { stuck[$0]; next }
    !($0 in stuck) { print "stage", $0, "." }' "$now/stuck" "$now/paths" >>"$now/after"
  note "$(cat -- "$now/after")" || { say "$state/ledger cannot be written: the next run repeats what was not noted"; return; }
  shorten_ledger
}

# Claims on what was removed, or is to stay without an owner.
# shellcheck disable=SC2016 # the words are those of awk
released() {
  awk -F "$tab" -v OFS="$tab" 'FILENAME == ARGV[1] { if ($3 ~ /^remove-/) gone[$4]; next }
    $1 == "own" { token = $3 }
    $1 == "release" { print "release", token, $2, "." }
    $1 == "step" && $5 ~ /^remove-/ && $6 in gone { print "release", token, $6, "." }' "$now/done" "$now/plan"
}

discard_temporary() {
  awk -F "$tab" '$1 == "step" { print $6 } $1 == "replace" { print $3 }' "$now/plan" >"$now/paths"
  set --
  while IFS= read -r path <&3; do
    temporaries "$path"
    set -- "$@" "$new_path"
    if [ -s "$now/stuck" ] && grep -qxF -e "$path" -- "$now/stuck"; then continue; fi
    set -- "$@" "$old_path"
  done 3<"$now/paths"
  [ "$#" -eq 0 ] || discard "$@"
}

# Directories that were made here or by the provider, and that are empty now: also those that a killed run has emptied.
# shellcheck disable=SC2016
remove_empty() {
  awk -F "$tab" '
    function climb(path) {
      for (sub(/\/[^\/]*$/, "", path); path != ""; sub(/\/[^\/]*$/, "", path))
        if (path in ours) print gsub(/\//, "/", path) "\t" path
    }
    FILENAME == ARGV[1] { failed[$1]; next }
    $1 == "ours" { ours[$2] }
    $1 == "make" || $1 == "replace" { ours[$3] }
    { lines[++n] = $0 }
    END {
      for (i = 1; i <= n; i++) {
        split(lines[i], f, "\t")
        if (f[1] == "release") climb(f[2])
        else if (f[1] == "step" && (f[5] ~ /^remove-/ || f[2] in failed)) climb(f[6])
      }
    }
  ' "$now/failed" "$now/plan" | sort -u | sort -rn | cut -f 2- >"$now/directories"
  [ -s "$now/directories" ] || return 0
  set --
  while IFS= read -r path <&3; do set -- "$@" "$path"; done 3<"$now/directories"
  # Not from within one of them: a shell complains when it is started in a directory that is gone.
  cd / || return
  remove_directories "$@" | awk -v OFS="$tab" '{ print "removed", $0, "." }' >>"$now/after"
}

# Names reach the disk before the ledger says that they are complete.
sync_touched() {
  set --
  while IFS= read -r path <&3; do set -- "$@" "${path%/*}"; done 3<"$now/paths"
  [ "$#" -eq 0 ] || sync_directories "$@"
}

# Replaces the record: what is known of certificates, which of them is in place, and to which rows pending activations belong.
# It can be lost: who owns which path is in the ledger. A row that has failed keeps what it had.
# shellcheck disable=SC2016
keep_record() {
  awk -F "$tab" -v OFS="$tab" '
    FILENAME == ARGV[1] { failed[$1]; next }
    FILENAME == ARGV[2] { failed[$1]; next }
    FILENAME == ARGV[3] { if ($1 == "held" || $1 == "absent") failed[$2]; next }
    FILENAME == ARGV[4] { if ($1 == "row") order[++rows] = $2; next }
    FILENAME == ARGV[7] { paid[$1]; next }
    $NF != "." { next }
    FILENAME == ARGV[5] { if ($1 == "seen") seen[$2] = $0; next }
    $1 == "seen" && !($2 in seen) { seen[$2] = $0 }
    $1 == "row" { place[$2] = $0 }
    $1 == "owed" { owed[$2] = $0 }
    END {
      print "mail-sni-installed", 1, "."
      for (i = 1; i <= rows; i++) if (order[i] in seen) print seen[order[i]]
      for (i = 1; i <= rows; i++) {
        if (!(order[i] in failed) && (order[i] in seen)) {
          split(seen[order[i]], f, "\t")
          print "row", order[i], f[6], f[7], "."
        } else if (order[i] in place) print place[order[i]]
      }
      for (id in owed) if (!(id in paid)) print owed[id]
    }
  ' "$now/failed" "$now/left" "$now/plan" "$table" "$now/inspected" "$work/installed" "$now/all_paid" >"$now/installed" &&
    write_whole "$work/installed" <"$now/installed"
}
