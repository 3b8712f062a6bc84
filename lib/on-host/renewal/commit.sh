# Swaps staged files in and has a service serve them: what the provider's `commit.ts` does, for the rows of a table. A row that is
# known to be at fault is put back alone. If it is not known, all are put back, and their halves are tried.

# Fails a row, unless it has failed already.
fail_row() { # row, why
  has_failed "$1" || printf '%s\t%s\n' "$1" "$(printf '%s\n' "$2" | legible)" >>"$now/failed"
  failed_rows="$failed_rows$1 "
}

has_failed() { # row
  case $failed_rows in *" $1 "*) return 0 ;; esac
  return 1
}

alive() { # rows
  for row do has_failed "$row" || printf '%s ' "$row"; done
}

# Commits all changed rows for one service: each service of a row succeeds or fails by itself.
# shellcheck disable=SC2046,SC2086 # rows are words without blanks or patterns
commit_service() { # service
  changed_rows=$(service=$1 awk -F "$tab" '
    $1 == "step" && $3 == ENVIRON["service"] && !($2 in met) { met[$2]; print $2 }
  ' "$now/plan")
  failed_rows=$unstaged_rows
  if ! has_time "$service_seconds"; then
    postpone "there was no more time for $1" $changed_rows
    return
  fi
  set -- "$1" $(alive $changed_rows)
  if [ "$#" -gt 1 ]; then try_rows "$@"; else finish_pending "$1"; fi
}

# shellcheck disable=SC2046,SC2086
try_rows() { # service, rows
  attempt "$@" && return
  set -- "$1" $(service=$1; shift; alive "$@")
  if [ "$#" -eq 1 ]; then return; fi
  if [ "$#" -eq 2 ]; then
    fail_row "$2" "$problem. The previous files were restored"
    return
  fi
  if ! has_time "$halving_seconds"; then
    shift
    postpone "$problem. The previous files were restored" "$@"
    return
  fi
  set -- "$1" "$(half front "$@")" "$(half back "$@")"
  try_rows "$1" $2
  try_rows "$1" $3
}

half() { # front | back, service, rows
  which=$1
  shift 2
  middle=$((($# + 1) / 2)) position=0
  for row do
    position=$((position + 1))
    if [ "$position" -le "$middle" ]; then [ "$which" = back ]; else [ "$which" = front ]; fi || printf '%s ' "$row"
  done
}

# Tries rows together. On failure all of them are as they were, and "$problem" says why.
# shellcheck disable=SC2046,SC2086
attempt() { # service, rows
  service_tried=$1
  shift
  rows_tried=$* was_broken=no heard=no
  owe_again "$service_tried" $rows_tried
  swap_steps 1 2 && swap_steps 3 3
  check_rows || return
  swap_steps 4 5
  rows_tried=$(alive $rows_tried)
  build "$service_tried" || { undo $rows_tried; return 1; }
  if [ "$was_broken" = yes ] && ! check_live "$service_tried"; then
    warn_service "$service_tried" "$problem, as it did before. The new files are in place, and are not served yet"
    return 0
  fi
  tell_rows || return
  rows_tried=$(alive $rows_tried)
  swap_steps 6 6
}

# Checks the future configuration. If it was broken without these files, they are not at fault.
# shellcheck disable=SC2086
check_rows() {
  check_candidate "$service_tried" $rows_tried && return
  refusal=$problem
  put_back_rows $rows_tried
  if check_live "$service_tried"; then
    undo $rows_tried
    problem=$refusal
    return 1
  fi
  was_broken=yes
  swap_steps 1 2 && swap_steps 3 3
}

# Has the service load the files, and asks for them.
# shellcheck disable=SC2086
tell_rows() {
  if has_command activate "$service_tried"; then
    if ! is_running "$service_tried"; then
      warn_service "$service_tried" "$service_tried is not running: it loads the new files when it starts" settled
      settle_all "$service_tried"
      return 0
    fi
    heard=yes
    activate "$service_tried" || { undo $rows_tried; return 1; }
  fi
  judge_handshakes $rows_tried
}

# shellcheck disable=SC2086
judge_handshakes() { # rows
  asked=$(with_pem "$service_tried" "$@")
  [ -z "$asked" ] || confirm "$service_tried" $asked
  refuted='' presented=no
  for row in $asked; do
    case $(cat -- "$now/asked/$row" 2>/dev/null) in
      confirmed | deaf) presented=yes ;;
      open*)
        note_row "$row" "whether $service_tried presents its certificate is not known: $(cut -d ' ' -f 2- "$now/asked/$row")"
        ;;
      *) refuted="$refuted$row " ;;
    esac
  done
  set -- $refuted
  if [ "$presented" = no ] && [ "$#" -gt 1 ]; then
    problem="$service_tried does not present the new certificates: $(cat -- "$now/asked/$1")"
    undo $rows_tried
    return 1
  fi
  for row do
    why="$service_tried does not present its new certificate: $(cat -- "$now/asked/$row"). The previous files were restored"
    undo "$row"
    fail_row "$row" "$why"
  done
  if [ "$presented" = yes ] || [ "$#" -eq 0 ]; then settle_all "$service_tried"; fi
}

# The rows that have a PEM for the service.
with_pem() { # service, rows
  service=$1
  shift
  rows=" $* " service=$service awk -F "$tab" '
    $1 == "pem" && $3 == ENVIRON["service"] && index(ENVIRON["rows"], " " $2 " ") && !($2 in met) { met[$2]; printf "%s ", $2 }
  ' "$table"
}

# A service without changes, for which an earlier run was killed before it was told.
finish_pending() { # service
  awk -F "$tab" -v service="$1" '
    $1 == "pending" && $3 == service { print $2; found = 1 }
    END { exit !found }
  ' "$now/plan" >"$now/ids" || return 0
  service_tried=$1 rows_tried='' was_broken=no heard=no
  if ! check_live "$1" || ! build "$1"; then
    warn_service "$1" "$problem"
    return
  fi
  rows_tried=$(awk -F "$tab" -v service="$1" '
    $1 == "pending" && $3 == service && $4 != "-" && !($4 in met) { met[$4]; printf "%s ", $4 }
  ' "$now/plan")
  tell_rows || warn_service "$1" "$problem"
}

# Everything that is pending for the service was loaded with what it has loaded just now.
settle_all() { # service
  awk -F "$tab" -v service="$1" '$3 == service { print $2 }' "$now/owed" >"$now/ids"
  if [ -s "$now/kept" ]; then grep -vxF -f "$now/kept" -- "$now/ids"; else cat -- "$now/ids"; fi >>"$now/paid"
}

# Takes the steps of these orders for the rows that are tried. A row with a failed step is put back, and fails.
# shellcheck disable=SC2086
swap_steps() { # first order, last order
  rows=" $rows_tried " service=$service_tried awk -F "$tab" -v first="$1" -v last="$2" '
    $1 == "step" && $3 == ENVIRON["service"] && $4 >= first && $4 <= last && index(ENVIRON["rows"], " " $2 " ")
  ' "$now/plan" >"$now/steps"
  while IFS=$tab read -r _ row _ _ type path replaces _ _ _ extra <&3; do
    has_failed "$row" && continue
    if take_step >"$now/why" 2>&1; then
      printf '%s\t%s\t%s\t%s\t%s\n' "$row" "$service_tried" "$type" "$path" "$replaces" >>"$now/done"
    else
      case $type in remove-*) why='cannot be removed' ;; *) why='cannot be replaced' ;; esac
      why="$path $why: $(legible <"$now/why"). The previous files were restored"
      undo "$row"
      fail_row "$row" "$why"
    fi
  done 3<"$now/steps"
}

# Uses the fields of the step.
take_step() {
  temporaries "$path"
  case $type:$replaces in
    remove-*) take_away "$path" "$old_path" ;;
    link:no) link_in "$path" "$extra" ;;
    *) swap_in "$new_path" "$path" "$old_path" ;;
  esac
}

# Restores the previous files of rows, and has the service load them if it may have loaded the new ones.
# shellcheck disable=SC2086
undo() { # rows
  put_back_rows "$@"
  [ "$was_undone" = yes ] || { settle "$service_tried" "$@"; return; }
  first_problem=$problem problem=''
  if build "$service_tried" && { [ "$heard" = no ] || ! is_running "$service_tried" || activate "$service_tried"; }; then
    settle "$service_tried" "$@"
  else
    activations_of "$service_tried" "$@" >>"$now/kept"
    warn_service "$service_tried" "$problem: it may still serve files that were put back"
  fi
  problem=$first_problem
}

# Restores what was taken, the last first. Swapped files are staged again, for another attempt.
put_back_rows() { # rows
  was_undone=no
  [ -s "$now/done" ] || return 0
  rows=" $* " service=$service_tried awk -F "$tab" -v others="$now/others" '
    $2 == ENVIRON["service"] && index(ENVIRON["rows"], " " $1 " ") { lines[++n] = $0; next }
    { print >others }
    END { for (; n; n--) print lines[n] }
  ' "$now/done" >"$now/undo"
  if [ -f "$now/others" ]; then mv -f -- "$now/others" "$now/done"; else : >"$now/done"; fi
  while IFS=$tab read -r row_put_back _ type path replaces <&4; do
    was_undone=yes
    temporaries "$path"
    waits=$new_path
    case $type:$replaces in link:no | remove-*) waits='' ;; esac
    put_back "$path" "$old_path" "$waits" >"$now/why" 2>&1 || {
      printf '%s\n' "$path" >>"$now/stuck"
      fail_row "$row_put_back" "$path could not be put back, its previous version is $old_path: $(legible <"$now/why")"
    }
  done 4<"$now/undo"
}

note_row() { # row, what
  printf '%s\t%s\n' "$1" "$(printf '%s\n' "$2" | legible)" >>"$now/notes"
}

# A warning about a service is in the result of each row whose activation is pending.
warn_service() { # service, what
  say "$2"
  printf '%s\t%s\n' "$1" "$(printf '%s\n' "$2" | legible)" >>"$now/warnings"
}

# A row that was not installed before, and that has failed for one service, leaves the host as it was for the others too.
# shellcheck disable=SC2016 # the words are those of awk
take_back_new() {
  awk -F "$tab" -v OFS="$tab" '
    FILENAME == ARGV[1] { if ($1 == "row") known[$2]; next }
    FILENAME == ARGV[2] { failed[$1]; next }
    $1 in failed && !($1 in known) && !(($1, $2) in met) { met[$1, $2]; print $1, $2 }
  ' "$work/installed" "$now/failed" "$now/done" >"$now/new"
  was_broken=no heard=yes
  while IFS=$tab read -r row service_tried <&3; do undo "$row"; done 3<"$now/new"
}

# The links that new rows which failed have replaced by directories, unless another row needs the directory.
# shellcheck disable=SC2016
put_links_back() {
  awk -F "$tab" '
    FILENAME == ARGV[1] { if ($1 == "row") known[$2]; next }
    FILENAME == ARGV[2] { failed[$1]; next }
    $1 == "replace" { if ($2 in failed && !($2 in known)) back[$3]; else needed[$3] }
    END { for (path in back) if (!(path in needed)) print path }
  ' "$work/installed" "$now/failed" "$now/plan" >"$now/back"
  while IFS= read -r path <&3; do
    temporaries "$path"
    if put_link_back "$path" "$old_path" "$new_path" >"$now/why" 2>&1; then
      printf 'removed\t%s\t.\n' "$path" >>"$now/after"
    else
      printf '%s\n' "$path" >>"$now/stuck"
      say "$path could not be put back, its previous version is $old_path: $(legible <"$now/why")"
    fi
  done 3<"$now/back"
}
