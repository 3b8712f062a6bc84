# The far side of a session with a mail host: what only sessions need, behind the verbs of `host-verbs.sh`.
#
# The shell reads both from standard input, then one line `{ call VERB ARGUMENT…; }` for each call. So contents, such as keys, are
# never arguments of a process. Each call prints its output, then a line with a record separator (octal 036) and its exit status.
# The script decides nothing: the caller decides what to do from the output of `facts`.

start=${PWD:-/}

# A line that a lost connection has cut off lacks its closing brace, so the shell does not run it.
call() { # verb, arguments
  "$@" </dev/null 2>&1
  printf '\n\036%s\n' "$?"
  # Verbs change the directory; commands of services run where the shell was started.
  [ "${PWD-}" = "$start" ] || cd -- "$start" 2>/dev/null || cd /
}

# Prints the public host keys of this machine's sshd. They distinguish a copied disk image from its original.
identity() {
  for file in /etc/ssh/ssh_host_*_key.pub; do
    [ -r "$file" ] || continue
    read -r _ key _ <"$file" && printf '%s\n' "$key"
  done
}

# Prints the time in seconds since 1970.
clock() {
  date +%s
}

# Prints the part of the ledger that the caller does not know: its inode and size, then the bytes from an offset, or the whole
# file if it was replaced. The ledger may grow or be replaced meanwhile: all bytes are of one file, and no more than the size.
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

# Waits until no run holds the lock, for a caller that changes nothing. Fails if one holds it for longer.
await_unlocked() { # state directory, seconds to wait
  [ -f "$1/lock" ] && [ -r "$1/lock" ] || return 0
  flock -s -w "$2" "$1/lock" true
}

# Prints a line for each path that exists, with its name in quotes and C escapes, then the hash of each file that is not larger.
facts() { # size in bytes, paths without line breaks
  largest=$1
  shift
  QUOTING_STYLE=c stat --printf '%f\t%u\t%g\t%U\t%G\t%N\n' -- "$@"
  hash_files "$largest" "$@"
  return 0
}

hash_files() ( # size in bytes, paths
  largest=$1
  shift
  set -f
  IFS='
'
  set -- $(stat --printf '%f %s %n\n' -- "$@" 2>/dev/null)
  files='' number=0
  for line do
    number=$((number + 1)) size=${line#* }
    # The mode of a file that is no link begins with 8.
    if [ "${line#8}" != "$line" ] && [ "${size%% *}" -le "$largest" ]; then files="$files \"\${$number#* * }\""; fi
  done
  # Another user may have replaced a file with a pipe, on which a read would hang, or with a larger one.
  [ -z "$files" ] || eval "timeout 10 sha256sum -- $files" ||
    [ "$?" -ne 124 ] || echo 'sha256sum: Connection timed out'
)

# Prints a file in base64, up to 4 MiB. Refuses a link or a pipe that another user has put there meanwhile.
fetch() { # file
  [ -f "$1" ] || { printf '%s: No such file or directory\n' "$1"; return 1; }
  [ -r "$1" ] || { printf '%s: Permission denied\n' "$1"; return 1; }
  dd if="$1" iflag=nonblock,nofollow,count_bytes count=4194304 bs=65536 status=none 2>/dev/null |
    base64 -w 0
}

hashes() { # files
  sha256sum -- "$@"
}

own_directory() { # owner:group, directory
  enter "$2" && chown -- "$1" .
}

set_directory_mode() { # mode, directory
  enter "$2" && chmod -- "$1" .
}

# Creates links, and swaps staged files in, with one process, where nothing exists. Prints the numbers of those that are missing
# afterwards; the caller creates them one by one, and gets the errors. Only for directories in which no other user can create
# entries.
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

rename() { # file, its new name, in a directory in which no other user can create entries
  mv -fT -- "$1" "$2"
}

# The same with one process, for directories in which no other user can create entries.
discard_safely() { # temporary files and directories of the provider
  rm -rf -- "$@"
}

# Runs a command without a file and without the lock, so that a plan can run it beside other runs. The last line is the exit
# status; without it, the command took too long or printed too much. The time limit also ends a pipe that a child keeps open.
ask() { # seconds, bytes, command
  seconds=$1
  shift
  timeout -k 5 "$seconds" sh -c "$attended" sh sh -c '
    most=$1
    shift
    { "$@" 2>/dev/null; printf "\n%s\n" "$?"; } | head -c "$most" | tr -d "\036"
  ' sh "$@" 9>&-
}

# Prints the lines of a configuration and of the files that it includes that contain a word, as `FILE:LINE:TEXT`.
mentions() ( # file, root, expression that matches lines whose second word is an included file, word
  root=$2 expression=$3 word=$4 depth=0 IFS=''
  set -- "$1"
  while [ "$#" -gt 0 ] && [ "$depth" -lt 8 ]; do
    depth=$((depth + 1))
    grep -nHiF -e "$word" -- "$@" 2>/dev/null | head -n 100 | cut -c -4000
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
