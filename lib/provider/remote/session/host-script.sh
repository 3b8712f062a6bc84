# The far side of a session with a mail host: POSIX sh, coreutils, grep, flock and timeout.
#
# It is read from standard input, followed by one `{ call VERB ARGUMENT…; }` a line; so contents, keys among them, are
# never arguments of a process. Each call prints what it has to say, then a line of a record separator (octal 036)
# and its exit status. It decides nothing: what to do is decided by whoever calls, from what `facts` says.

set -u
LC_ALL=C
export LC_ALL
umask 022

# A line that was cut off together with its connection lacks its brace, and is not run.
call() { # verb, arguments
  "$@" </dev/null 2>&1
  printf '\n\036%s\n' "$?"
}

there() {
  [ -e "$1" ] || [ -L "$1" ]
}

# A line for each. Those that are there are looked for once, since a session is used for many changes.
missing_tools() {
  [ -z "${has_tools-}" ] || return 0
  has_tools=yes
  for tool in base64 cat chmod chown cp date flock grep head ln mkdir mv rm rmdir sha256sum stat sync tail timeout tr; do
    command -v "$tool" >/dev/null || lacks "$tool"
  done
  # What BusyBox has of that name cannot say what is asked of it.
  stat --printf '' / 2>/dev/null || lacks 'the stat of coreutils'
  # Of any other, contents would be arguments.
  [ "$(command -v printf)" = printf ] || lacks 'a shell with a printf of its own'
}

lacks() { # tool
  has_tools=''
  printf '%s\n' "$1"
}

# The public host keys of this machine's sshd, by which a copied disk image is told from its original.
identity() {
  for file in /etc/ssh/ssh_host_*_key.pub; do
    [ -r "$file" ] || continue
    read -r _ key _ <"$file" && printf '%s\n' "$key"
  done
}

# In seconds since 1970.
clock() {
  date +%s
}

# Held until `unlock`, or the end of the session: that has a time limit, so that a cut link cannot hold it for ever.
lock() { # state directory, seconds to wait
  [ -d "$1" ] || mkdir -p -- "$1" || return
  # `exec` would end the shell where the file cannot be opened.
  true >>"$1/lock" || return
  exec 9>>"$1/lock"
  flock -w "$2" 9
}

unlock() {
  exec 9>&-
}

# What of the ledger the caller does not know yet: first its inode and size, then the bytes from an offset, or all of
# them where it is another file by now. It may grow or be replaced meanwhile: no more is read than was said, and all
# of one file.
ledger() { # file, known inode, known size, most bytes
  there "$1" || return 0
  [ -f "$1" ] || { echo 'it is not a file'; return 1; }
  news "$2" "$3" "$4" <"$1"
}

news() { # known inode, known size, most bytes
  found=$(stat -c '%i %s' -) || return
  size=${found#* }
  [ "$size" -le "$3" ] || { printf 'it has %s bytes, and a ledger never more than %s\n' "$size" "$3"; return 1; }
  printf '%s\n' "$found"
  if [ "${found% *}" != "$1" ] || [ "$size" -lt "$2" ]; then
    head -c "$size" | base64 -w 0
  elif [ "$size" -gt "$2" ]; then
    tail -c "+$(($2 + 1))" | head -c "$((size - $2))" | base64 -w 0
  fi
}

# By the shell itself, since each change does this twice. Prints the inode and size of a file that was not there before.
append() { # file, text
  [ -e "$1" ]
  is_new=$?
  if ! printf '%s' "$2" 2>/dev/null >>"$1"; then
    # A shell calls a full disk an input/output error; cat has the system's words for it.
    printf '\n' | cat >>"$1"
    return 1
  fi
  [ "$is_new" -eq 0 ] || stat -c '%i %s' -- "$1"
}

# One line for each path that exists, with its name in quotes and C escapes, and the hash of each that is a file.
facts() { # paths
  QUOTING_STYLE=c stat --printf '%f\t%u\t%g\t%U\t%G\t%N\n' -- "$@"
  files='' number=0
  for path do
    number=$((number + 1))
    if [ -f "$path" ] && [ ! -L "$path" ]; then files="$files \"\${$number}\""; fi
  done
  [ -z "$files" ] || eval "sha256sum -- $files"
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

# A link to a directory gives way to a directory with what was reached through it: nothing is missing for longer than
# it takes to rename twice.
replace_link() { # link, previous version, staged, names that are reached through it
  link=$1 previous=$2 staged=$3
  shift 3
  rm -rf -- "$staged" && mkdir -- "$staged" || return
  for name do
    [ ! -f "$link/$name" ] || cp -pL -- "$link/$name" "$staged/$name" || return
  done
  mv -fT -- "$link" "$previous" || return
  mv -fT -- "$staged" "$link" && return
  mv -fT -- "$previous" "$link"
  return 1
}

put_link_back() { # directory, previous version, staged
  there "$2" || return 0
  mv -fT -- "$1" "$3" && mv -fT -- "$2" "$1" && rm -rf -- "$3"
}

# The mode is that of creation, never a later change: at no moment is a key readable by more than it should be.
stage() { # temporary file, umask, contents
  if there "$1"; then rm -rf -- "$1" || return; fi
  umask "$2"
  # What somebody else puts there meanwhile is not followed, and no file is overwritten.
  set -C
  fill "$3" 8>"$1"
  status=$?
  set +C
  umask 022
  return "$status"
}

fill() { # contents, for what is open as 8
  # Somebody else may have put a pipe there, and read what comes out of it.
  [ -f /proc/self/fd/8 ] || { echo 'what is there now is not the file that was begun'; return 1; }
  printf '%s' "$1" 2>/dev/null >&8 && return
  # A shell calls a full disk an input/output error; cat has the system's words for it.
  printf '%s' "$1" | cat >&8
  return 1
}

stage_link() { # temporary name, target of the link
  if there "$1"; then rm -rf -- "$1" || return; fi
  ln -sT -- "$2" "$1"
}

own() { # owner:group, files or directories
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

# A link where nothing is needs no other name first.
link_in() { # path, target of the link
  ln -sT -- "$2" "$1"
}

# Links to files and names for staged ones, all by one process, where nothing is. Prints the numbers of those that are not
# there afterwards: to be made one by one, which also tells why. A link may be somebody else's by now.
appear() { # directory, archive, then for each name in it: path, staged file or nothing
  command -v tar >/dev/null && printf '%s' "$2" | base64 -d | tar -xkPomf - -C "$1" 2>/dev/null
  shift 2
  number=0
  while [ "$#" -ge 2 ]; do
    if [ -n "$2" ]; then [ "$1" -ef "$2" ]; else [ -L "$1" ]; fi || printf '%s\n' "$number"
    number=$((number + 1))
    shift 2
  done
}

# One rename; what was there before stays under a name of its own until the end. Where nothing is, what somebody else
# puts there meanwhile is not replaced; only a file system without hard links needs a rename for that as well.
swap_in() { # staged, target, previous version
  if there "$2"; then
    if there "$3"; then rm -f -- "$3" || return; fi
    ln -T -- "$2" "$3" 2>/dev/null || cp -pP -- "$2" "$3" || return
    mv -fT -- "$1" "$2"
  else
    ln -T -- "$1" "$2" 2>/dev/null || mv -fT -- "$1" "$2"
  fi
}

take_away() { # target, previous version
  ! there "$1" || mv -fT -- "$1" "$2"
}

# Undoes `swap_in` and `take_away`. What was swapped in is kept as staged, for another attempt.
put_back() { # target, previous version, staged or nothing
  if [ -n "$3" ] && there "$1" && ! there "$3"; then ln -T -- "$1" "$3" || cp -pP -- "$1" "$3"; fi
  if there "$2"; then mv -fT -- "$2" "$1"; else rm -f -- "$1"; fi
}

# What a run that was killed has left beside a path. A link to a directory goes back where nothing is in its place. A
# file does not: it was being removed, and by now nobody may remember that it has to go.
clear_leftovers() { # path, staged and previous version of it; and again
  while [ "$#" -ge 3 ]; do
    if [ -L "$3" ] && [ -d "$3" ] && ! there "$1"; then mv -fT -- "$3" "$1" || return; fi
    if there "$2" || there "$3"; then rm -rf -- "$2" "$3" || return; fi
    shift 3
  done
}

rename() { # file, its new name
  mv -fT -- "$1" "$2"
}

discard() { # names of our own making
  rm -rf -- "$@"
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
# `errors` leaves standard output alone: `doveconf -x` prints keys there. `private` is for commands that write files,
# which may hold keys: nobody else can read them.
run() { # state directory, seconds, all | errors | answer | private, command
  log=$1/output seconds=$2 wanted=$3
  shift 3
  rm -f -- "$log"
  umask 077
  true >"$log"
  status=$?
  umask 022
  [ "$status" -eq 0 ] || return "$status"
  case $wanted in
    all) timeout -k 5 "$seconds" "$@" 9>&- >"$log" 2>&1 ;;
    errors) timeout -k 5 "$seconds" "$@" 9>&- >/dev/null 2>"$log" ;;
    answer) timeout -k 5 "$seconds" "$@" 9>&- >"$log" 2>/dev/null ;;
    private) (umask 077 && exec timeout -k 5 "$seconds" "$@" 9>&- >"$log" 2>&1) ;;
  esac
  status=$?
  if [ "$wanted" = answer ]; then
    tr -d '\036' <"$log"
  else
    [ "$(stat -c %s -- "$log")" -le 8000 ] || printf '... '
    tail -c 8000 -- "$log" | tr -d '\036'
  fi
  rm -f -- "$log"
  return "$status"
}
