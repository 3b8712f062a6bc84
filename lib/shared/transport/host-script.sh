# The far side of a session with a mail host: POSIX sh, coreutils, grep, flock and timeout.
#
# It is read from standard input, followed by one `{ call VERB ARGUMENT…; }` a line; so contents, keys among them, are
# never arguments of a process. Each call prints what it has to say, then a line of a record separator (octal 036)
# and its exit status. It decides nothing: what to do is decided by whoever calls, from what `facts` says.

set -u
LC_ALL=C
export LC_ALL
umask 022
unset CDPATH
start=${PWD:-/}

# A line that was cut off together with its connection lacks its brace, and is not run.
call() { # verb, arguments
  "$@" </dev/null 2>&1
  printf '\n\036%s\n' "$?"
  # Verbs go into directories; commands of services run where the shell was started.
  [ "${PWD-}" = "$start" ] || cd -- "$start" 2>/dev/null || cd /
}

there() {
  [ -e "$1" ] || [ -L "$1" ]
}

# A line for each. Those that are there are looked for once, since a session is used for many changes.
missing_tools() {
  [ -z "${has_tools-}" ] || return 0
  has_tools=yes
  for tool in base64 cat chgrp chmod chown cp date dd flock grep head id ln ls mkdir mv readlink rm rmdir sha256sum stat sync tail \
    timeout tr; do
    command -v "$tool" >/dev/null || lacks "$tool"
  done
  # What BusyBox has of that name cannot say what is asked of it.
  stat --printf '' / 2>/dev/null || lacks 'the stat of coreutils'
  ls -d --time-style=+ / >/dev/null 2>&1 || lacks 'the ls of coreutils'
  # Of any other, contents would be arguments.
  [ "$(command -v printf)" = printf ] || lacks 'a shell with a printf of its own'
}

lacks() { # tool
  has_tools=''
  printf '%s\n' "$1"
}

# Goes into a directory, and nowhere else. Who owns a directory can exchange what is in it for a link at any time, also between
# a look and what follows from it: so whatever changes a name, a mode or an owner works in a directory that was entered, and
# that is where its path says, with no link on the way. What is written there has a name, never a directory, for its target
# (-T): a link to a directory at that name would have the file written into that one. A link counts only where nobody but root, or whoever runs this, decides
# where it leads.
enter() { # directory
  cd -P -- "$1" 2>/dev/null || { cannot_enter "$1"; return 1; }
  [ "$PWD" != "$1" ] || return 0
  # Where the same links were followed before.
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

# The same, step by step.
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

# Whether nobody but root, or whoever runs this, can exchange what is at a name of the directory that was entered.
is_firm() { # name
  me=${me:-$(id -u)}
  # shellcheck disable=SC2046
  set -- $(stat -c '%u %g %a' -- . "$1")
  [ "$#" -eq 6 ] && is_ours "$1" && is_ours "$4" && is_closed "$2" "$3"
}

is_ours() { # uid
  [ "$1" = 0 ] || [ "$1" = "$me" ]
}

# In a directory with the sticky bit nobody renames what is another one's.
is_closed() { # gid, mode
  case $2 in
    1??? | 3??? | 5??? | 7???) return 0 ;;
    *[2367]) return 1 ;;
    *[2367]?) [ "$1" = 0 ] ;;
  esac
}

# Into the directory of a path, which is "$name" there.
go_to() { # path
  parent=${1%/*} name=./${1##*/}
  enter "${parent:-/}"
}

# The first of some paths and those behind it in the same directory, as words for `eval` there: "$siblings", "$count" of them.
siblings_of() { # paths
  parent=${1%/*} siblings='' count=0
  for path do
    [ "${path%/*}" = "$parent" ] || break
    count=$((count + 1))
    siblings="$siblings \"./\${$count##*/}\""
  done
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

# Held until `unlock`, or the end of the session: that has a time limit, so that a cut link cannot hold it for ever. Who can
# open the file can hold the lock, so nobody else can.
lock() { # state directory, seconds to wait
  [ "${private-}" = "$1" ] || make_private "$1" || return
  # `exec` would end the shell where the file cannot be opened.
  true >>"$1/lock" || return
  exec 9>>"$1/lock"
  flock -w "$2" 9
}

# Once a session. Earlier versions left the directory, and the lock in it, open to everybody.
make_private() { # state directory
  make_way "$1" && is_held "$1" || return
  [ ! -O . ] || chmod 700 . || return
  for name in lock ledger; do
    there "./$name" || continue
    [ -f "./$name" ] && [ ! -L "./$name" ] || { printf '%s/%s is not a file: move it away\n' "$1" "$name"; return 1; }
    [ ! -O "./$name" ] || chmod 600 -- "./$name" || return
  done
  [ -f ./lock ] || (umask 077 && true >>./lock) || return
  private=$1
}

# Whether nobody but root, or whoever runs this, can exchange the directory for another one, or make a name in it.
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
    held=${held%/*}
  done
}

unlock() {
  exec 9>&-
}

# What of the ledger the caller does not know yet: first its inode and size, then the bytes from an offset, or all of
# them where it is another file by now. It may grow or be replaced meanwhile: no more is read than was said, and all
# of one file.
ledger() { # file, known inode, known size, most bytes
  if [ -d "${1%/*}" ] && [ ! -x "${1%/*}" ]; then printf '%s: Permission denied\n' "${1%/*}"; return 1; fi
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
  umask 077
  if ! printf '%s' "$2" 2>/dev/null >>"$1"; then
    # A shell calls a full disk an input/output error; cat has the system's words for it.
    printf '\n' | cat >>"$1"
    umask 022
    return 1
  fi
  umask 022
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
  # Somebody else may have put a pipe in the place of a file, from which nothing comes.
  [ -z "$files" ] || eval "timeout 10 sha256sum -- $files" ||
    [ "$?" -ne 124 ] || echo 'sha256sum: Connection timed out'
  return 0
}

# Neither a link nor a pipe that somebody has put there meanwhile, nor more than a text has.
fetch() { # file
  [ -f "$1" ] || { printf '%s: No such file or directory\n' "$1"; return 1; }
  [ -r "$1" ] || { printf '%s: Permission denied\n' "$1"; return 1; }
  dd if="$1" iflag=nonblock,nofollow,count_bytes count=4194304 bs=65536 status=none 2>/dev/null |
    base64 -w 0
}

# A line for each that exists: in column 11 a + where it has an ACL, so that its mode does not say who may read what is made
# there; its name last, in quotes.
list() { # directories
  ls -ldgoU --time-style=+ --quoting-style=c -- "$@" 2>/dev/null
  return 0
}

hashes() { # files
  sha256sum -- "$@"
}

# The mode is given, or else an ACL of the directory above may have others write there.
make_directories() { # directories, parents first
  while [ "$#" -gt 0 ]; do
    siblings_of "$@"
    enter "${parent:-/}" || return
    eval "mkdir -p -m 755 -- $siblings" || return
    shift "$count"
  done
}

# Goes into a directory, and makes it, and those above it, where they are missing.
make_way() { # directory
  [ -z "$1" ] || [ -d "$1" ] || { make_way "${1%/*}" && mkdir -m 755 -- "./${1##*/}" || [ -d "$1" ] || return; }
  enter "${1:-/}"
}

# A link to a directory gives way to a directory with what was reached through it: nothing is missing for longer than
# it takes to rename twice.
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

# The mode is that of creation, never a later change: at no moment is a key readable by more than it should be. Only where
# nobody else can make a name, and no ACL has a say.
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
  go_to "$1" || return
  if there "$name"; then rm -rf -- "$name" || return; fi
  ln -sT -- "$2" "$name"
}

# Directories of the session's own for what is staged elsewhere later. What a killed run has left there goes.
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

# Files that have their mode and owner already come beside their targets. No name that is there is followed or written to, and
# no ACL of the directory opens what is made: cp creates a file for its owner alone, and gives it what the original has.
place() { # directory, yes where their group is that of files in it, directory that they are in, names
  enter "$1" || return
  from=$3 preserved=mode,ownership
  if [ "$2" = yes ] && [ -g . ]; then set_group "$@" || preserved=mode; fi
  if [ "$preserved" = mode ]; then
    case $(list .) in
      ??????????+*) printf '%s has an ACL that would open the file: remove it with `setfacl -b`\n' "$1"; return 1 ;;
    esac
  fi
  shift 3
  each "$@"
  eval "cp --remove-destination --preserve=$preserved -t . -- $words"
}

set_group() { # as for `place`, which is where we are
  from=$3
  shift 3
  each "$@"
  eval "chgrp --reference=. -- $words" 2>/dev/null
}

# What is in the directory "$from", as words for `eval`: "$words".
each() { # names
  words='' number=0
  while [ "$number" -lt "$#" ]; do
    number=$((number + 1))
    words="$words \"\$from/\${$number}\""
  done
}

own() { # owner:group, files where nobody else can make a name
  owner=$1
  shift
  chown -h -- "$owner" "$@"
}

set_mode() { # mode, files where nobody else can make a name
  mode=$1
  shift
  chmod -- "$mode" "$@"
}

own_directory() { # owner:group, directory
  enter "$2" && chown -- "$1" .
}

set_directory_mode() { # mode, directory
  enter "$2" && chmod -- "$1" .
}

# All of them reach the disk before the first is swapped in.
sync_files() {
  sync -- "$@" 2>/dev/null || sync
}

# Names that were made or changed survive a loss of power from here on.
sync_directories() { # directories, which may be gone
  present='' number=0
  for path do
    number=$((number + 1))
    [ ! -d "$path" ] || present="$present \"\${$number}\""
  done
  [ -z "$present" ] || eval "sync -- $present" 2>/dev/null || sync
}

# A link where nothing is needs no other name first.
link_in() { # path, target of the link
  go_to "$1" && ln -sT -- "$2" "$name"
}

# Links to files and names for staged ones, all by one process, where nothing is. Prints the numbers of those that are not
# there afterwards: to be made one by one, which also tells why. Only where nobody else can make a name.
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

# Undoes `swap_in` and `take_away`. What was swapped in is kept as staged, for another attempt.
put_back() { # target, previous version, staged or nothing
  go_to "$1" || return
  previous=./${2##*/} staged=./${3##*/}
  if [ -n "$3" ] && there "$name" && ! there "$staged"; then
    ln -T -- "$name" "$staged" || cp -pPT --remove-destination -- "$name" "$staged"
  fi
  if there "$previous"; then mv -fT -- "$previous" "$name"; else rm -f -- "$name"; fi
}

# What a run that was killed has left beside a path. A link to a directory goes back where nothing is in its place. A
# file does not: it was being removed, and by now nobody may remember that it has to go.
clear_leftovers() { # path, staged and previous version of it; and again
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

# A file that everybody may read, with the directories above it. Not by the shell, which would follow a link that somebody
# puts there, or wait at a pipe.
publish() { # file, temporary name beside it, text
  make_way "${1%/*}" || return
  name=./${1##*/} staged=./${2##*/}
  printf '%s' "$3" | cp -T --remove-destination --no-preserve=mode -- /dev/stdin "$staged" || return
  mv -fT -- "$staged" "$name"
}

rename() { # file, its new name, in a directory that is nobody else's
  mv -fT -- "$1" "$2"
}

discard() { # names of our own making
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

# The same by one process, where nobody else can make a name.
discard_safely() { # names of our own making
  rm -rf -- "$@"
}

# Prints those that are gone: a directory that still holds something stays.
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
# which may hold keys: nobody else can read them. The status is 125, as that of timeout, where the command was not begun.
run() { # state directory, seconds, all | errors | answer | private, command
  log=$1/output seconds=$2 wanted=$3
  shift 3
  rm -f -- "$log" || return 125
  umask 077
  true >"$log"
  status=$?
  umask 022
  [ "$status" -eq 0 ] || return 125
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

# As `run … answer`, for whoever only looks: without a file, beside whatever else is run there. The last line is the exit
# status; where it is missing, the command took too long or printed too much. All of it ends when the time is up, a pipe
# too that something holds open.
ask() { # seconds, bytes, command
  seconds=$1
  shift
  timeout -k 5 "$seconds" sh -c '
    most=$1
    shift
    { "$@" 2>/dev/null 9>&-; printf "\n%s\n" "$?"; } | head -c "$most" | tr -d "\036"
  ' sh "$@"
}

# Lines of a configuration, and of what it includes, that have a word: `FILE:LINE:` and what is there.
mentions() ( # file, root, expression of the lines whose second word is included, word
  root=$2 expression=$3 word=$4 depth=0 IFS=''
  set -- "$1"
  while [ "$#" -gt 0 ] && [ "$depth" -lt 8 ]; do
    depth=$((depth + 1))
    grep -nHiF -e "$word" -- "$@" 2>/dev/null | head -n 100 | cut -c -1000
    included=$(grep -HE -e "$expression" -- "$@" 2>/dev/null | head -n 1000)
    set --
    while IFS=: read -r file line; do
      line=${line#"${line%%[![:space:]]*}"}
      pattern=${line#*[[:space:]]}
      pattern=${pattern#"${pattern%%[![:space:]]*}"}
      pattern=${pattern%%[[:space:]]*}
      case $pattern in
        '') continue ;;
        /*) pattern=$root$pattern ;;
        *) pattern=${file%/*}/$pattern ;;
      esac
      for found in $pattern; do
        if [ -f "$found" ]; then set -- "$@" "$found"; fi
      done
    done <<INCLUDED
$included
INCLUDED
  done
  return 0
)
