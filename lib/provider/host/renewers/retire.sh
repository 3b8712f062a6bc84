# Switches off what runs clients of CAs, and on again; behind `find-renewers.sh`. Each step is one rename or one chmod, is done
# already if it is repeated, and leaves on the host what undoes it. So this may be killed anywhere, and run again.
#
# What is left: a mark in front of a line of a crontab, a drop-in by which systemd does not start a service, and in
# `retired-modes` of the state directory the mode of each executable: CLIENTS MODE PATH. Each names all clients that it runs, with
# commas in between: it may be off only as long as all of them are to be. `retired-by` there has what each stack wants off: STACK
# program NAME, or STACK hook PATH. What two stacks want off comes back with the second of them.

LC_ALL=C
export LC_ALL
umask 022
mode=$1 root=$2 state=$3
shift 3
# shellcheck disable=SC2034
own_only=yes
record=$state/retired-modes owners=$state/retired-by

refuse() { # path, why
  printf 'E\t%s\t%s\n' "$1" "$2"
  failed=yes
  return 1
}

# Other users can neither put something else at the path nor change what it leads to.
ours() { # path
  [ ! -L "$1" ] && [ "$(readlink -f -- "$1")" = "$1" ] || refuse "$1" 'there is a link in its path' || return
  [ -f "$1" ] && [ -O "$1" ] || refuse "$1" 'it is not a file of the user that the provider works as' || return
  directory=${1%/*}
  while :; do
    found=$(stat -c '%u %a' -- "${directory:-/}") || return
    [ "${found% *}" = 0 ] || [ "${found% *}" = "$(id -u)" ] || refuse "$1" "${directory:-/} belongs to another user" || return
    # In a sticky directory others can create files, but not replace one of this user.
    [ "$((0${found#* } & 022))" -eq 0 ] || [ "$((0${found#* } & 01000))" -ne 0 ] ||
      refuse "$1" "other users can change ${directory:-/}" || return
    [ -n "$directory" ] || return 0
    directory=${directory%/*}
  done
}

# Creates a file beside another, without those that a killed run has left. Cron ignores such names.
beside() { # file
  rm -f -- "${1%/*}"/.mail-sni-retired.* && mktemp -- "${1%/*}/.mail-sni-retired.XXXXXX"
}

# Replaces a file by what a sed script makes of it, with its owner, mode and label. The script is made of a copy: the file may
# change meanwhile. What is made is never readable for more users than the file.
edit() { # file, function that prints the script
  { copy=$(beside "$1") && made=$(mktemp -- "$copy.XXXXXX"); } || refuse "$1" 'its directory cannot be written' || return
  if ! { cp -a -- "$1" "$copy" && script=$("$2" "$copy") && cp -a -- "$copy" "$made" &&
    printf '%s\n' "$script" | sed -f - -- "$copy" >"$made"; }; then
    refuse "$1" 'it cannot be read, or its directory cannot be written'
  elif ! cmp -s -- "$copy" "$made"; then
    # Larger ones are not found again.
    if [ "$(stat -c %s -- "$made")" -gt 1048576 ]; then
      refuse "$1" 'it is too large: more than 1 MiB with its marks'
    elif ! cmp -s -- "$copy" "$1"; then
      refuse "$1" 'it was changed meanwhile'
    else
      # The copy first: a run that is killed after the rename is not repeated.
      { sync -- "$made" && rm -f -- "$copy" && mv -fT -- "$made" "$1"; } || refuse "$1" 'it cannot be written'
    fi
  fi
  rm -f -- "$copy" "$made"
}

# The lines that run exactly the clients.
marking() { # copy
  systemd=''
  [ ! -d "$root/run/systemd/system" ] || systemd=yes
  PROGRAMS=$programs RETIRED_LINE=$RETIRED_LINE SYSTEMD=$systemd awk -v mode=mark "$commands_awk$lines_awk" "$1" |
    CLIENTS=$clients MARK=$RETIRED_LINE awk -F '\t' '
      BEGIN { total = split(ENVIRON["CLIENTS"], names, ","); for (i = 1; i <= total; i++) wanted[names[i]] }
      $2 in wanted { found[$1]++; next }
      { others[$1] }
      END {
        for (n in found) if (found[n] == total && !(n in others)) print n "s/^/" ENVIRON["MARK"] ENVIRON["CLIENTS"] "# /"
      }
    '
}

unmarking() {
  names=$(printf '%s' "$clients" | sed 's/[.]/\\./g') && [ -n "$names" ] && printf 's/^%s%s# //\n' "$RETIRED_LINE" "$names"
}

retire_line() { ours "$1" && edit "$1" marking; }
restore_line() { [ ! -e "$1" ] || { ours "$1" && edit "$1" unmarking; }; }

retire_service() { # the file of the service
  drop_ins=$root/etc/systemd/system/${1##*/}.d
  { mkdir -p -- "$drop_ins" && file=$(beside "$drop_ins/$RETIRED_UNIT") &&
    printf '%s\n' "# mail-sni-retired $clients" \
      '# A deploy of mail-sni has switched this service off, and removes this file when it switches it on again.' \
      '[Unit]' 'ConditionPathExists=!/' >"$file" &&
    chmod 644 -- "$file" && sync -- "$file" && mv -fT -- "$file" "$drop_ins/$RETIRED_UNIT"; } ||
    refuse "$drop_ins/$RETIRED_UNIT" 'it cannot be written'
}

restore_service() { # the drop-in of the service
  rm -f -- "$1" || refuse "$1" 'it cannot be removed' || return
  rmdir -- "${1%/*}" 2>/dev/null
  return 0
}

# Writes the record without a path, and with a line more if there is one.
note() { # path, line
  {
    {
      { [ ! -f "$record" ] || THIS=$1 awk -F '\t' '$3 != ENVIRON["THIS"]' "$record"; } &&
        { [ -z "$2" ] || printf '%s\n' "$2"; }
    } >"$record.new" && sync -- "$record.new" && mv -fT -- "$record.new" "$record"
  } || refuse "$record" 'it cannot be written'
}

retire_script() { # executable
  [ -e "$1" ] || return 0
  ours "$1" || return
  found=$(stat -c %a -- "$1") || return
  # One that is not executable has its line already, or needs none.
  case $((0$found & 0111)) in 0) return 0 ;; esac
  note "${1#"$root"}" "$(printf '%s\t%s\t%s' "$clients" "$found" "${1#"$root"}")" || return
  chmod a-x -- "$1" || refuse "$1" 'its mode cannot be changed'
}

restore_script() { # executable
  [ -f "$record" ] || return 0
  noted=$(THIS=${1#"$root"} awk -F '\t' '$3 == ENVIRON["THIS"] && $2 ~ /^[0-7]+$/ { print $2; exit }' "$record")
  if [ -n "$noted" ] && [ -e "$1" ]; then
    ours "$1" || return
    found=$(stat -c %a -- "$1") || return
    case $((0$found & 0111)) in 0) chmod -- "$noted" "$1" || refuse "$1" 'its mode cannot be changed' || return ;; esac
  fi
  note "${1#"$root"}" ''
}

# Records what a stack wants off, in place of what it wanted before.
own() { # its lines
  {
    {
      { [ ! -f "$owners" ] || STACK=$stack awk -F '\t' '$1 != ENVIRON["STACK"]' "$owners"; } && printf '%s' "$1"
    } >"$owners.new" && sync -- "$owners.new" && mv -fT -- "$owners.new" "$owners"
  } || refuse "$owners" 'it cannot be written'
}

# Whether another stack wants all of it off as well. Says which.
wanted_elsewhere() { # path
  [ -f "$owners" ] || return 1
  case $clients in
    -) kind=hook all=$1 names=$1 ;;
    *) kind=program all=$clients names=$(printf '%s' "$clients" | tr , '\n') ;;
  esac
  STACK=$stack KIND=$kind ALL=$all NAMES=$names awk -F '\t' '
    BEGIN { total = split(ENVIRON["NAMES"], names, "\n"); for (i = 1; i <= total; i++) wanted[names[i]] }
    $1 != ENVIRON["STACK"] && $2 == ENVIRON["KIND"] && $3 in wanted && !(($1, $3) in seen) {
      seen[$1, $3]
      if (++has[$1] == total) { print "S\t" $1 "\t" ENVIRON["ALL"]; found = 1; exit }
    }
    END { exit !found }
  ' "$owners"
}

# Prints `K` of the hooks in the configuration of a dehydrated: it ends with an error if it cannot run its hook.
needed() {
  lines=$(matching text)
  # shellcheck disable=SC2046
  setting_lines $(printf '%s\n' "$lines" | named_configurations) | awk -F '\t' '
    $1 == "dehydrated" { sub(/^[^\t]*\t[^\t]*\tHOOK=/, ""); gsub(/["\047]|[ \t].*$/, ""); print "K\t\t\t" $0 }'
}

# What runs, what is switched off, and which of the hooks may be run.
observe() { # hooks
  renewers
  [ ! -f "$record" ] || awk -F '\t' 'NF == 3 { print "M\t\t" $1 "\t" $3 }' "$record"
  [ ! -f "$owners" ] || awk -F '\t' 'NF == 3 { print "O\t" $0 }' "$owners"
  [ "$#" -eq 0 ] || needed
  for path do
    if [ -f "$root$path" ] && [ -n "$(find -L "$root$path" -maxdepth 0 -perm /111)" ]; then printf 'H\t\tx\t%s\n' "$path"; fi
  done
}

# Creates the state directory, and takes a lock in it until this shell ends.
take_lock() {
  { mkdir -p -- "${state%/*}" && { [ -d "$state" ] || mkdir -m 700 -- "$state"; } && [ -O "$state" ] && [ ! -L "$state" ]; } ||
    refuse "$state" 'it is not a directory of this user' || return
  { (umask 077 && true >>"$state/retired.lock") && exec 8<"$state/retired.lock" && flock -w 30 8; } ||
    refuse "$state/retired.lock" 'it cannot be locked'
}

# For a stack: the number of its wants, and of those that it wants no more, each of these in two words; then for each step: retire or
# restore, kind, clients, path.
change() {
  take_lock || return
  stack=$1 count=$2 former_count=$3
  shift 3
  lines='' former='' left=''
  while [ "$count" -gt 0 ]; do
    lines="$lines$stack	$1	$2
" count=$((count - 1))
    shift 2
  done
  while [ "$former_count" -gt 0 ]; do
    former="$former$stack	$1	$2
" former_count=$((former_count - 1))
    shift 2
  done
  # Before anything changes: what is off then has an owner, even if this is killed.
  own "$lines$former" || return
  while [ "$#" -ge 4 ]; do
    clients=$3 failed=''
    if [ "$1" = retire ] || ! wanted_elsewhere "$4"; then "$1_$2" "$root$4" || failed=yes; fi
    [ "$1" = retire ] || [ -z "$failed" ] || left=yes
    shift 4
  done
  # What could not be switched on again keeps its owner, who tries it again.
  [ -n "$left" ] || [ -z "$former" ] || own "$lines" || return
  # Always: an earlier run may have been killed before this.
  if [ -z "$root" ] && [ -d /run/systemd/system ]; then
    timeout 20 systemctl daemon-reload >/dev/null 2>&1 || refuse /etc/systemd/system 'systemctl daemon-reload has failed'
  fi
  return 0
}

"$mode" "$@"
