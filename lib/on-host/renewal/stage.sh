# Writes new files beside their targets, with their final mode and owner. Nothing is replaced yet.

# The names of temporary files beside a path, as the provider chooses them, in "$new_path" and "$old_path".
temporaries() { # path
  temporary_name=.${1##*/}.mail-sni-
  [ "${#temporary_name}" -le 252 ] || temporary_name=.$(printf '%s' "${1##*/}" | sha256sum | cut -c -64).mail-sni-
  new_path=${1%/*}/${temporary_name}new old_path=${1%/*}/${temporary_name}old
}

# Puts a directory in the place of a link to one, with copies of those files that the row is about to replace.
replace_links() {
  awk -F "$tab" '$1 == "replace"' "$now/plan" >"$now/links"
  while IFS=$tab read -r _ row path <&3; do
    if has_failed "$row" || [ ! -L "$path" ]; then continue; fi
    row=$row path=$path awk -F "$tab" '$1 == "step" && $2 == ENVIRON["row"] && index($6, ENVIRON["path"] "/") == 1 {
      name = substr($6, length(ENVIRON["path"]) + 2)
      if (name !~ /\//) print name
    }' "$now/plan" >"$now/reached"
    temporaries "$path"
    set -- "$path" "$old_path" "$new_path"
    while IFS= read -r reached <&4; do set -- "$@" "$reached"; done 4<"$now/reached"
    why=$(replace_link "$@" 2>&1) || fail_row "$row" "$path cannot be made: $why"
  done 3<"$now/links"
}

# Makes the directories of the plan, and stages every file and link. A row with a problem fails alone.
stage_all() {
  replace_links
  awk -F "$tab" '$1 == "make"' "$now/plan" >"$now/makes"
  while IFS=$tab read -r _ row path <&3; do
    why=$(make_directories "$path" 2>&1) || fail_row "$row" "$path cannot be made: $why"
  done 3<"$now/makes"
  awk -F "$tab" '$1 == "step" && $4 <= 4' "$now/plan" >"$now/stages"
  [ -s "$now/stages" ] || return 0
  why=$(open_staging "$state" 1 2>&1) || { refuse_all "$why"; return 1; }
  while IFS=$tab read -r _ row _ _ type path replaces mode owner_wanted group_wanted extra <&3; do
    ! has_failed "$row" || continue
    if [ "$type" = link ]; then stage_new_link "$path" "$replaces" "$extra"; else stage_file "$row"; fi >"$now/why" 2>&1 ||
      fail_row "$row" "$path cannot be written: $(legible <"$now/why")"
  done 3<"$now/stages"
  close_staging "$state"
}

# A link where nothing is needs no temporary name.
stage_new_link() { # path, whether it replaces something, target
  [ "$2" != no ] || return 0
  temporaries "$1"
  stage_link "$new_path" "$3"
}

# Uses the fields of the step: `type`, `path`, `mode`, `owner_wanted`, `group_wanted`, `extra`.
stage_file() { # row
  temporaries "$path"
  at=$new_path
  own_copy=$state/staged/0/${at##*/}
  mask=$(printf '%o' "$((0777 & ~mode))")
  if [ "$type" = pem ]; then
    # The command substitution takes the last line break.
    pem=$(combined "$work/certs/$1/privkey.pem" "$work/certs/$1/fullchain.pem") || return
    stage "$own_copy" "$mask" "$pem
" || return
    unset pem
    expected=$(awk -F "$tab" -v row="$1" '
      $1 == "seen" && $2 == row { hash = $5 }
      END { print hash }
    ' "$work/installed" "$now/inspected")
  else
    cp -T -- "$extra" "$own_copy" || return
    expected=$(sha256sum <"$extra") && expected=${expected%% *}
  fi
  written=$(sha256sum <"$own_copy")
  [ "${written%% *}" = "$expected" ] || { echo 'it was not written completely: the disk may be full'; return 1; }
  give_owner "$own_copy" && set_mode "$mode" "$own_copy" || return
  takes_group=yes
  [ "$group_wanted" = - ] || takes_group=no
  place "${path%/*}" "$takes_group" "$state/staged/0" "${at##*/}" && rm -f -- "$own_copy"
}

give_owner() { # file
  wanted_owner=${owner_wanted#-}
  [ "$group_wanted" = - ] || wanted_owner=$wanted_owner:$group_wanted
  [ -z "$wanted_owner" ] || own "$wanted_owner" "$1"
}

# All of it reaches the disk before the first is swapped in.
sync_staged() {
  set --
  while IFS=$tab read -r _ row _ _ type path _ <&3; do
    if [ "$type" = link ] || has_failed "$row"; then continue; fi
    temporaries "$path"
    set -- "$@" "$new_path"
  done 3<"$now/stages"
  sync_files "$state/ledger" "$state" "$@"
}
