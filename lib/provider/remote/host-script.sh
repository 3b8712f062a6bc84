# The far side of a session with a mail host: POSIX sh, coreutils, flock and timeout.
#
# It is read from standard input, followed by one `call VERB ARGUMENT…` a line; so contents, keys among them, are
# never arguments of a process. Each call prints what it has to say, then a line of a record separator (octal 036)
# and its exit status. It decides nothing: what to do is decided by whoever calls, from what `facts` says.

set -u
LC_ALL=C QUOTING_STYLE=literal
export LC_ALL QUOTING_STYLE
umask 022

call() {
  "$@" </dev/null 2>&1
  printf '\n\036%s\n' "$?"
}

missing_tools() {
  for tool in base64 chown flock grep ln mv rm sha256sum stat sync timeout; do
    command -v "$tool" >/dev/null || printf '%s ' "$tool"
  done
}

# The public host keys of this machine's sshd, by which a copied disk image is told from its original.
identity() {
  for file in /etc/ssh/ssh_host_*_key.pub; do
    [ -r "$file" ] || continue
    read -r _ key _ <"$file" && printf '%s\n' "$key"
  done
}

# Held until the session ends. A time limit is on the whole session, so that a cut link cannot hold it for ever.
lock() { # state directory, seconds to wait
  mkdir -p -- "$1" || return
  { : >>"$1/lock"; } || return
  exec 9>>"$1/lock"
  flock -w "$2" 9
}

# What of the ledger the caller does not know yet: first its inode and size, then the bytes from an offset, or all of
# them where it is another file by now.
ledger() { # file, known inode, known size
  [ -e "$1" ] || return 0
  found=$(stat -c '%i %s' -- "$1") || return
  printf '%s\n' "$found"
  if [ "${found% *}" != "$2" ] || [ "${found#* }" -lt "$3" ]; then
    base64 -w 0 <"$1"
  elif [ "${found#* }" -gt "$3" ]; then
    tail -c "+$(($3 + 1))" -- "$1" | base64 -w 0
  fi
}

append() { # file, text
  printf '%s' "$2" >>"$1" && sync_files "$1"
}

# One line for each path that exists, as `stat` has it, and one for the contents of each that is a file.
facts() { # paths
  stat -c '%f %u %g %U %G %s %N' -- "$@"
  for path do
    shift
    if [ -f "$path" ] && [ ! -L "$path" ]; then set -- "$@" "$path"; fi
  done
  [ $# -eq 0 ] || sha256sum -- "$@"
  return 0
}

fetch() { # file
  base64 -w 0 <"$1"
}

hashes() { # files
  sha256sum -- "$@"
}

make_directories() { # directories, parents first
  mkdir -p -- "$@"
}

# The mode is that of creation, never a later change: at no moment is a key readable by more than it should be.
stage() { # temporary file, umask, contents
  if [ -e "$1" ] || [ -L "$1" ]; then rm -f -- "$1" || return; fi
  umask "$2"
  set -C
  { printf '%s' "$3" >"$1"; }
  status=$?
  set +C
  umask 022
  return "$status"
}

stage_link() { # temporary name, target of the link
  if [ -e "$1" ] || [ -L "$1" ]; then rm -f -- "$1" || return; fi
  ln -s -- "$2" "$1"
}

own() { # owner:group, files
  owner=$1
  shift
  chown -h -- "$owner" "$@"
}

set_mode() { # mode, files or directories, none of them a link
  mode=$1
  shift
  chmod -- "$mode" "$@"
}

# All of them reach the disk before the first is swapped in.
sync_files() {
  sync -- "$@" 2>/dev/null || sync
}

# One rename; what was there before stays under a name of its own until the end.
swap_in() { # staged, target, previous version
  if [ -e "$2" ] || [ -L "$2" ]; then
    rm -f -- "$3" || return
    ln -- "$2" "$3" 2>/dev/null || cp -pP -- "$2" "$3" || return
  fi
  mv -fT -- "$1" "$2"
}

take_away() { # target, previous version
  if [ -e "$1" ] || [ -L "$1" ]; then mv -fT -- "$1" "$2"; fi
}

# Undoes `swap_in` and `take_away`. What was swapped in is kept as staged, where the caller wants to try again.
put_back() { # target, previous version, staged or nothing
  if [ -n "$3" ] && { [ -e "$1" ] || [ -L "$1" ]; }; then
    if [ -e "$2" ] || [ -L "$2" ]; then
      ln -- "$1" "$3" 2>/dev/null || cp -pP -- "$1" "$3" || return
    else
      mv -fT -- "$1" "$3"
      return
    fi
  fi
  if [ -e "$2" ] || [ -L "$2" ]; then mv -fT -- "$2" "$1"; else rm -f -- "$1"; fi
}

# A link to a directory gives way to a real directory.
replace_link() { # link, previous version
  mv -fT -- "$1" "$2" && mkdir -- "$1"
}

rename() { # file, its new name
  mv -fT -- "$1" "$2"
}

discard() { # files
  rm -f -- "$@"
}

# Prints those that are gone: a directory that still holds something stays.
remove_directories() { # directories, deepest first
  rmdir -- "$@" 2>/dev/null
  for directory do [ -d "$directory" ] || printf '%s\n' "$directory"; done
}

candidate() { # file, file to take lines from or nothing, expression that those lines match, text
  rm -f -- "$1" || return
  umask 077
  { if [ -n "$2" ]; then grep -E -e "$3" -- "$2"; fi; printf '%s' "$4"; } >"$1"
  status=$?
  umask 022
  return "$status"
}

# Output goes to a file, not a pipe, which a daemon that the command starts would hold open; the lock is not inherited.
# `errors` leaves standard output alone: `doveconf -x` prints keys there.
run() { # state directory, seconds, all | errors | answer, command
  log=$1/output seconds=$2 wanted=$3
  shift 3
  rm -f -- "$log"
  umask 077
  case $wanted in
    all) timeout -k 5 "$seconds" "$@" 9>&- >"$log" 2>&1 ;;
    errors) timeout -k 5 "$seconds" "$@" 9>&- >/dev/null 2>"$log" ;;
    answer) timeout -k 5 "$seconds" "$@" 9>&- >"$log" 2>/dev/null ;;
  esac
  status=$?
  umask 022
  if [ "$wanted" = answer ]; then tr -d '\036' <"$log"; else tail -c 2000 -- "$log" | tr -d '\036'; fi
  rm -f -- "$log"
  return "$status"
}
