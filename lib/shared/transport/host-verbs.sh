# What the provider, the command and the renewal program do on a mail host: POSIX sh, coreutils, grep, flock and timeout.
#
# `host-script.sh` calls these verbs for a session of the provider or the command, and the renewal program for itself. They decide
# nothing: the caller decides what to do. Contents, such as keys, are never arguments of a process: `printf` is a built-in.

# By options that a login file exports as SHELLOPTS, a shell would end early, or show what it does.
set -u +aCefvx
# bash takes over functions that a login file exports, also as sh: an `rm` that moves to a trash, or a `cd` that prints.
case ${BASH_VERSION-} in
  ?*)
    unset -f command env sed
    for inherited in $(env | sed -n 's/^BASH_FUNC_\([A-Za-z_][A-Za-z0-9_]*\|\[\)\(%%\|()\)=.*/\1/p'); do
      unset -f "$inherited"
    done
    ;;
esac
LC_ALL=C
export LC_ALL
umask 022
# By POSIXLY_CORRECT, `--` behind an operand would be a file.
unset CDPATH POSIXLY_CORRECT

there() {
  [ -e "$1" ] || [ -L "$1" ]
}

# Prints each missing tool on a line. If none is missing, later calls of the session check nothing.
missing_tools() {
  [ -z "${has_tools-}" ] || return 0
  has_tools=yes
  for tool in base64 cat chgrp chmod chown cp date dd flock grep head id ln ls mkdir mv readlink rm rmdir sha256sum stat sync tail \
    timeout tr; do
    command -v "$tool" >/dev/null || lacks "$tool"
  done
  # The stat and ls of BusyBox lack these options.
  stat --printf '' / 2>/dev/null || lacks 'the stat of coreutils'
  ls -d --time-style=+ / >/dev/null 2>&1 || lacks 'the ls of coreutils'
  # If printf is not a built-in, contents would be arguments of a process.
  [ "$(command -v printf)" = printf ] || lacks 'a shell with a printf of its own'
}

lacks() { # tool
  has_tools=''
  printf '%s\n' "$1"
}

# Changes into a directory, and refuses to end up in another one. The owner of a directory can replace an entry with a link
# at any time, also between a check and the change that follows it. So each verb that changes a name, a mode or an owner first
# enters the directory, and makes sure that no link led elsewhere. Then it changes entries by name, with -T: without it, a link
# to a directory at that name would redirect the file. A link is followed only if no one but root and the current user can
# change it.
enter() { # directory
  cd -P -- "$1" 2>/dev/null || { cannot_enter "$1"; return 1; }
  [ "$PWD" != "$1" ] || return 0
  # The same links were followed before.
  if [ "$1" = "${linked-}" ] && [ "$PWD" = "$led_to" ]; then return 0; fi
  cd / && follow "$1" || return
  linked=$1 led_to=$PWD
}

cannot_enter() { # directory
  why='No such file or directory'
  [ ! -e "$1" ] || why='Not a directory'
  [ ! -d "$1" ] || why='Permission denied'
  printf '%s: %s\n' "$1" "$why"
}

# The same as `enter`, for a path with links: one component at a time.
follow() { # path
  rest=$1/ links=0
  while [ -n "$rest" ]; do
    step=${rest%%/*} rest=${rest#*/} here=${PWD%/}
    case $step in
      '' | .) continue ;;
      ..) there=${here%/*} ;;
      *) there=$here/$step ;;
    esac
    if [ -L "./$step" ]; then
      links=$((links + 1))
      [ "$links" -le 40 ] || { printf '%s: Too many levels of symbolic links\n' "$1"; return 1; }
      is_firm "./$step" || { not_followed "$there"; return 1; }
      target=$(readlink -- "./$step") || return
      rest=$target/$rest
      case $target in /*) cd / || return ;; esac
    else
      cd -P -- "./$step" 2>/dev/null || { cannot_enter "$there"; return 1; }
      [ "$PWD" = "${there:-/}" ] || { not_followed "$there"; return 1; }
    fi
  done
}

not_followed() { # path
  printf '%s is a link that another user than root can change, so it is not followed. Declare the directory that it ' "$1"
  printf 'leads to. Or make root the owner of the link and of its directory, and the directory writable for root only\n'
}

# Whether only root and the current user can replace an entry of the current directory.
is_firm() { # name
  me=${me:-$(id -u)}
  # shellcheck disable=SC2046
  set -- $(stat -c '%u %g %a' -- . "$1")
  [ "$#" -eq 6 ] && is_ours "$1" && is_ours "$4" && is_closed "$2" "$3" .
}

is_ours() { # uid
  [ "$1" = 0 ] || [ "$1" = "$me" ]
}

# In a directory with the sticky bit, users cannot rename the entries of others. With an ACL, the bits of the group say what any of
# those may do whom the ACL names.
is_closed() { # gid, mode, directory
  case $2 in
    1??? | 3??? | 5??? | 7???) return 0 ;;
    *[2367]) return 1 ;;
    *[2367]?) [ "$1" = 0 ] && ! has_acl "$3" ;;
  esac
}

has_acl() { # directory
  case $(list "$1") in ??????????+*) return 0 ;; esac
  return 1
}

# Enters the directory of a path. "$name" is the path's last component.
go_to() { # path
  parent=${1%/*} name=./${1##*/}
  enter "${parent:-/}"
}

# The first path and those that follow it in the same directory, as words for `eval` there: "$siblings", "$count" of them.
siblings_of() { # paths
  parent=${1%/*} siblings='' count=0
  for path do
    [ "${path%/*}" = "$parent" ] || break
    count=$((count + 1))
    siblings="$siblings \"./\${$count##*/}\""
  done
}

# Takes the lock until `unlock` or the end of the session, which has a time limit: a lost connection cannot hold it for ever.
# A user who can open the file could hold the lock, so the file is closed to others.
lock() { # state directory, seconds to wait
  [ "${private-}" = "$1" ] || make_private "$1" || return
  # `exec` would end the shell if the file cannot be opened.
  true >>"$1/lock" || return
  exec 9>>"$1/lock"
  flock -w "$2" 9
}

# Once a session. Earlier versions left the directory and the lock open to all users.
make_private() { # state directory
  make_way "$1" && is_held "$1" || return
  [ ! -O . ] || chmod 700 . || return
  for name in lock ledger; do
    there "./$name" || continue
    if [ ! -f "./$name" ] || [ -L "./$name" ]; then printf '%s/%s is not a file: move it away\n' "$1" "$name"; return 1; fi
    [ ! -O "./$name" ] || chmod 600 -- "./$name" || return
  done
  [ -f ./lock ] || (umask 077 && true >>./lock) || return
  private=$1
}

# Whether only root and the current user can replace the directory or create entries in it.
is_held() { # directory
  me=${me:-$(id -u)}
  held=$1
  while [ -n "$held" ]; do
    # shellcheck disable=SC2046
    set -- $(stat -c '%u %g %a' -- "$held")
    [ "$#" -eq 3 ] || return
    if ! is_ours "$1"; then
      printf '%s belongs to another user (uid %s), who could change what is recorded there: ' "$held" "$1"
      printf 'make uid %s its owner, or declare another state directory\n' "$me"
      return 1
    fi
    if ! is_closed "$2" "$3" "$held" && { ! is_closed 0 "$3" "$held" || ! is_own_group "$2"; }; then
      who="the group $(stat -c %G -- "$held")"
      ! has_acl "$held" || who='those whom its ACL names'
      case $3 in *[2367]) who='all users' ;; esac
      printf '%s is writable for %s, who could replace what is below it: make it writable for its owner only ' "$held" "$who"
      printf '(chmod go-w %s), or declare another state directory\n' "$held"
      return 1
    fi
    held=${held%/*}
  done
}

# Whether a group is one that the current user, who is not root, has alone: some systems let it write to what its user creates.
is_own_group() { # gid
  [ "$me" != 0 ] && [ "$1" = "$(id -g)" ] && own_name=$(id -un 2>/dev/null) && [ "$own_name" = "$(id -gn)" ]
}

unlock() {
  exec 9>&-
}

# Appends without a process, since each change does this twice. Prints the inode and size of a new file.
append() { # file, text
  [ -e "$1" ]
  is_new=$?
  umask 077
  if ! printf '%s' "$2" 2>/dev/null >>"$1"; then
    # A shell reports a full disk as an input/output error; cat prints the system's own message.
    printf '\n' | cat >>"$1"
    umask 022
    return 1
  fi
  umask 022
  [ "$is_new" -eq 0 ] || stat -c '%i %s' -- "$1"
}

# Prints a line for each directory that exists, with its name in quotes at the end. Column 11 is + if it has an ACL: then its
# mode does not say who can read new files in it.
list() { # directories
  ls -ldgoU --time-style=+ --quoting-style=c -- "$@" 2>/dev/null
  return 0
}

# The explicit mode overrides a default ACL of the parent, which could let others write there.
make_directories() { # directories, parents first
  while [ "$#" -gt 0 ]; do
    siblings_of "$@"
    enter "${parent:-/}" || return
    eval "mkdir -p -m 755 -- $siblings" || return
    shift "$count"
  done
}

# Enters a directory, and first creates it and its parents if they are missing.
make_way() { # directory
  [ -z "$1" ] || [ -d "$1" ] || { make_way "${1%/*}" && mkdir -m 755 -- "./${1##*/}" || [ -d "$1" ] || return; }
  enter "${1:-/}"
}

# Creates a file with its final mode, so that a key is never readable by others. Only for directories in which no other user
# can create entries, and without an ACL.
stage() { # temporary file, umask, contents
  if there "$1"; then rm -rf -- "$1" || return; fi
  umask "$2"
  # With -C, neither follows a link that another user creates meanwhile, nor overwrites a file.
  set -C
  fill "$3" 8>"$1"
  status=$?
  set +C
  umask 022
  return "$status"
}

fill() { # contents, written to file descriptor 8
  # Another user may have put a pipe there, to read the contents.
  [ -f /proc/self/fd/8 ] || { echo 'the file was replaced while it was written'; return 1; }
  printf '%s' "$1" 2>/dev/null >&8 && return
  # A shell reports a full disk as an input/output error; cat prints the system's own message.
  printf '%s' "$1" | cat >&8
  return 1
}

# Writes a public file, and creates its directories. cp writes it: a redirection of the shell would follow a link of another
# user, or hang on a pipe.
publish() { # file, temporary name beside it, text
  make_way "${1%/*}" || return
  name=./${1##*/} staged=./${2##*/}
  # shellcheck disable=SC2216 # cp reads it by its name
  printf '%s' "$3" | cp -T --remove-destination --no-preserve=mode -- /dev/stdin "$staged" || return
  mv -fT -- "$staged" "$name"
}

stage_link() { # temporary name, target of the link
  go_to "$1" || return
  if there "$name"; then rm -rf -- "$name" || return; fi
  ln -sT -- "$2" "$name"
}

# Creates private directories for files that `place` copies later. Removes what a killed run has left there.
open_staging() { # state directory, number of directories
  [ ! -e "$1/staged" ] || rm -rf -- "$1/staged" || return
  directories='' number=0
  while [ "$number" -lt "$2" ]; do
    directories="$directories \"\$1/staged/$number\"" number=$((number + 1))
  done
  eval "mkdir -p -m 700 -- \"\$1/staged\" $directories"
}

close_staging() { # state directory
  rm -rf -- "$1/staged"
}

# Copies staged files, which already have their mode and owner, beside their targets. It neither follows nor overwrites existing
# entries. An ACL of the directory does not open the copy: cp creates it for its owner only, then sets the original's mode.
place() { # directory, yes if the files get the group of new files in it, staging directory, names
  enter "$1" || return
  from=$3 preserved=mode,ownership
  if [ "$2" = yes ] && [ -g . ]; then set_group "$@" || preserved=mode; fi
  if [ "$preserved" = mode ]; then
    # shellcheck disable=SC2016 # the backquotes are those of the message
    ! has_acl . || { printf '%s has an ACL that would open the file: remove it with `setfacl -b`\n' "$1"; return 1; }
  fi
  shift 3
  each "$@"
  eval "cp --remove-destination --preserve=$preserved -t . -- $words"
}

set_group() { # the arguments of `place`, in its directory
  # shellcheck disable=SC2034 # for `words`
  from=$3
  shift 3
  each "$@"
  eval "chgrp --reference=. -- $words" 2>/dev/null
}

# The files in the directory "$from", as words for `eval`: "$words".
each() { # names
  words='' number=0
  while [ "$number" -lt "$#" ]; do
    number=$((number + 1))
    words="$words \"\$from/\${$number}\""
  done
}

own() { # owner:group, files in directories in which no other user can create entries
  owner=$1
  shift
  chown -h -- "$owner" "$@"
}

set_mode() { # mode, files in directories in which no other user can create entries
  mode=$1
  shift
  chmod -- "$mode" "$@"
}

# Writes all files to disk, before the first is swapped in.
sync_files() {
  sync -- "$@" 2>/dev/null || sync
}

# Writes directories to disk: afterwards created and renamed entries survive a power failure.
sync_directories() { # directories, which may be missing
  present='' number=0
  for path do
    number=$((number + 1))
    [ ! -d "$path" ] || present="$present \"\${$number}\""
  done
  [ -z "$present" ] || eval "sync -- $present" 2>/dev/null || sync
}

# Creates a link where nothing exists, without a temporary name.
link_in() { # path, target of the link
  go_to "$1" && ln -sT -- "$2" "$name"
}

# Swaps a staged file in by one rename, and keeps the previous version under another name. If nothing exists at the target,
# a hard link is used, which does not replace what another user creates there meanwhile; a file system without hard links needs
# a rename.
swap_in() { # staged, target, previous version
  go_to "$2" || return
  staged=./${1##*/} previous=./${3##*/}
  if there "$name"; then
    if there "$previous"; then rm -f -- "$previous" || return; fi
    ln -T -- "$name" "$previous" 2>/dev/null || cp -pPT --remove-destination -- "$name" "$previous" || return
    mv -fT -- "$staged" "$name"
  else
    ln -T -- "$staged" "$name" 2>/dev/null || mv -fT -- "$staged" "$name"
  fi
}

take_away() { # target, previous version
  go_to "$1" || return
  ! there "$name" || mv -fT -- "$name" "./${2##*/}"
}

# Undoes `swap_in` and `take_away`. Keeps the new version as a staged file, for another attempt.
put_back() { # target, previous version, staged or nothing
  go_to "$1" || return
  previous=./${2##*/} staged=./${3##*/}
  if [ -n "$3" ] && there "$name" && ! there "$staged"; then
    ln -T -- "$name" "$staged" || cp -pPT --remove-destination -- "$name" "$staged"
  fi
  if there "$previous"; then mv -fT -- "$previous" "$name"; else rm -f -- "$name"; fi
}

# Replaces a link to a directory with a directory that contains copies of the given files. The name is missing only between
# two renames.
replace_link() { # link, previous version, staged, names that are reached through it
  go_to "$1" || return
  link=$1 previous=./${2##*/} staged=./${3##*/}
  shift 3
  rm -rf -- "$staged" && mkdir -m 755 -- "$staged" && enter "${link%/*}/${staged#./}" || return
  for reached do
    [ ! -f "../${link##*/}/$reached" ] ||
      timeout 20 cp -pLT --remove-destination -- "../${link##*/}/$reached" "./$reached" || return
  done
  go_to "$link" || return
  mv -fT -- "$name" "$previous" || return
  mv -fT -- "$staged" "$name" && return
  mv -fT -- "$previous" "$name"
  return 1
}

put_link_back() { # directory, previous version, staged
  go_to "$1" || return
  there "./${2##*/}" || return 0
  mv -fT -- "$name" "./${3##*/}" && mv -fT -- "./${2##*/}" "$name" && rm -rf -- "./${3##*/}"
}

# Removes what a killed run has left beside a path. A previous link to a directory is restored if the path is missing. A
# previous file is not: the killed run was removing it, and no later run may know that.
clear_leftovers() { # path, staged version, previous version; repeated
  failed=0
  while [ "$#" -ge 3 ]; do
    ! there "$2" && ! there "$3" || clear_beside "$1" "$2" "$3" || failed=1
    shift 3
  done
  return "$failed"
}

clear_beside() { # path, staged and previous version of it
  go_to "$1" || return
  staged=./${2##*/} previous=./${3##*/}
  if [ -L "$previous" ] && [ -d "$previous" ] && ! there "$name"; then mv -fT -- "$previous" "$name" || return; fi
  if there "$staged" || there "$previous"; then rm -rf -- "$staged" "$previous"; fi
}

discard() { # temporary files and directories of the provider
  failed=0
  while [ "$#" -gt 0 ]; do
    siblings_of "$@"
    if there "${parent:-/}"; then
      if enter "${parent:-/}"; then eval "rm -rf -- $siblings" || failed=1; else failed=1; fi
    fi
    shift "$count"
  done
  return "$failed"
}

# Removes empty directories. Prints those that are gone.
remove_directories() { # directories, deepest first
  remove_siblings "$@"
  for directory do [ -d "$directory" ] || printf '%s\n' "$directory"; done
}

remove_siblings() { # directories, deepest first
  while [ "$#" -gt 0 ]; do
    siblings_of "$@"
    if [ -d "${parent:-/}" ] && enter "${parent:-/}" >/dev/null; then eval "rmdir -- $siblings" 2>/dev/null; fi
    shift "$count"
  done
}

candidate() { # file, file to copy lines from or nothing, expression that matches those lines, text
  rm -f -- "$1" || return
  umask 077
  { if [ -n "$2" ]; then grep -E -e "$3" -- "$2"; fi; printf '%s' "$4"; } >"$1"
  status=$?
  umask 022
  return "$status"
}

# Runs a command for timeout(1), and ends when none of its processes is left after SIGTERM. Without it, timeout would end with the
# first process, and never send SIGKILL to others that ignore SIGTERM. All are in one group, which timeout leads, and which does
# not depend on this shell: so it does not matter how the connection ends. A process that leaves the group, as daemons do, stays.
# shellcheck disable=SC2016
attended='
exec 3>&2 2>/dev/null
late=""
trap "late=yes" HUP INT QUIT TERM
(exec "$@" 2>&3 3>&-)
status=$?
read_process() {
  read -r stat <"$1/stat" || return
  set -- ${stat##*) }
  state=$1 group=$3
}
is_alone() {
  for process in /proc/[0-9]*; do
    case ${process#/proc/} in "$own" | "$$") continue ;; esac
    if read_process "$process" && [ "$group" = "$own" ] && [ "$state" != Z ]; then return 1; fi
  done
}
if [ -n "$late" ] && read_process "/proc/$$"; then
  own=$group
  until is_alone; do sleep 1 || break; done
fi
exit "$status"
'

# Runs a command. Its output goes to a file: a daemon that the command starts would keep a pipe open. It does not inherit the
# lock. `errors` discards standard output: `doveconf -x` prints keys there. `private` sets umask 077, for commands whose files
# may contain keys. The status is 125, as that of timeout, if the command was not started.
run() { # state directory, seconds, all | errors | answer | private, command
  log=$1/output seconds=$2 wanted=$3
  shift 3
  rm -f -- "$log" || return 125
  umask 077
  true >"$log"
  status=$?
  umask 022
  [ "$status" -eq 0 ] || return 125
  set -- timeout -k 5 "$seconds" sh -c "$attended" sh "$@"
  case $wanted in
    all) "$@" 9>&- >"$log" 2>&1 ;;
    errors) "$@" 9>&- >/dev/null 2>"$log" ;;
    answer) "$@" 9>&- >"$log" 2>/dev/null ;;
    private) (umask 077 && exec "$@" 9>&- >"$log" 2>&1) ;;
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
