# Does what `mail-sni eject` does on a host, besides writing its texts. POSIX sh and awk. Each step can be repeated.

LC_ALL=C
export LC_ALL
mode=$1 root=$2
shift 2

# Has dehydrated know the certificates that are installed, so that it orders none before they are due. Keys stay on the host.
seed() { # work directory, then for each row: its name, a file with key and certificates
  umask 077
  work=$1
  shift
  mkdir -p -- "$work/certs" && chmod 700 -- "$work" "$work/certs" || return
  # cron starts dehydrated under this lock.
  exec 8>>"$work/run.lock"
  flock -w 60 8 || { printf 'a run of dehydrated holds %s/run.lock: wait until it has ended\n' "$work"; return 1; }
  while [ "$#" -ge 2 ]; do
    seed_row "$1" "$2" || printf 'E\t%s\n' "$2"
    shift 2
  done
}

seed_row() { # name, file
  made=$work/certs/.$1.new
  former=$work/certs/.$1.former
  rm -rf -- "$made" "$former" && mkdir -- "$made" && cd -- "$made" || return
  awk '
    { sub(/\r$/, "") }
    /^-----BEGIN .*PRIVATE KEY-----$/ { file = "privkey.pem" }
    /^-----BEGIN CERTIFICATE-----$/ { count++; file = count == 1 ? "cert.pem" : "chain.pem" }
    file != "" { print > file; if (file != "privkey.pem") print > "fullchain.pem" }
    /^-----END / { file = "" }
    END { printf "" > "chain.pem" }
  ' "$2" && [ -s privkey.pem ] && [ -s cert.pem ] && sync -- privkey.pem cert.pem chain.pem fullchain.pem && cd / || return
  [ ! -e "$work/certs/$1" ] || mv -T -- "$work/certs/$1" "$former" || return
  mv -T -- "$made" "$work/certs/$1" && rm -rf -- "$former"
}

# Writes what dehydrated reads after its configuration, for the rows that need it, and replaces what was written here before.
# Prints `K` of the rows that need it and have another file there, which stays: an administrator has written it.
row_settings() { # directory, the first line of such files, then for each row: its name, yes or no, its text
  umask 022
  directory=$1 title=$2
  shift 2
  mkdir -p -- "$directory" || return
  while [ "$#" -ge 3 ]; do
    write_settings "$directory/$1" "$2" "$3" || return
    shift 3
  done
}

write_settings() { # file, yes or no, text
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    [ "$2" = yes ] || return 0
  elif ! has_title "$1"; then
    [ "$2" = no ] || has_settings "$1" "$3" || printf 'K\t%s\n' "${1##*/}"
    return 0
  fi
  new=${1%/*}/.${1##*/}.new
  rm -f -- "$new" && printf '%s' "$3" >"$new" && sync -- "$new" && mv -fT -- "$new" "$1"
}

# Makes the directory of tokens, without which dehydrated ends each run. The web server has to be able to read it.
token_directory() { # the web server's directory, the directory of tokens
  umask 022
  [ -d "$1" ] || {
    printf 'there is no directory %s: have the web server serve it, or name another one with --webroot\n' "$1"
    return 1
  }
  mkdir -p -- "$2"
}

has_title() { # file
  [ -f "$1" ] && [ ! -L "$1" ] && [ "$(head -n 1 -- "$1" | tr -d '\0')" = "$title" ]
}

has_settings() { # file, text
  [ -f "$1" ] && printf '%s' "$2" | grep -v '^#' | {
    while IFS= read -r line; do grep -qxF -e "$line" -- "$1" || exit 1; done
  }
}

# Prints where a program is that cron is to start.
found() { # the PATH of cron, program
  PATH=$1 command -v "$2" || return 0
}

# Makes what was written executable.
executable() { # files
  chmod 755 -- "$@"
}

# The ledger says which stack owns which file: this one owns none from now on. Other stacks keep theirs.
let_go() { # state directory, stack
  [ -e "$1/ledger" ] || return 0
  umask 077
  exec 8>>"$1/lock"
  flock -w 60 8 || { printf 'a deploy or a renewal holds %s/lock: wait until it has ended\n' "$1"; return 1; }
  [ -e "$1/ledger" ] || return 0
  released=$(STACK=$2 awk "$released_awk" "$1/ledger") || return
  case $released in
    others*) ;;
    *) mv -f -- "$1/ledger" "$1/ledger.ejected" && return ;;
  esac
  released=${released#others}
  [ -z "$released" ] || { printf '%s\n' "$released" >>"$1/ledger" && sync -- "$1/ledger"; }
}

# Prints `others` if other stacks have files, and then what a ledger says when a stack has none any more. A line that was cut off
# has no dot at its end, and the first line that is added ends it.
# shellcheck disable=SC2016
released_awk='
  BEGIN { FS = OFS = "\t" }
  $NF != "." { next }
  $1 == "claim" && NF == 5 { owner[$4] = $2; token[$4] = $3 }
  $1 == "release" && NF == 4 && token[$3] == $2 { delete owner[$3]; delete token[$3] }
  ($1 == "begun" || $1 == "kept") && $3 == ENVIRON["STACK"] { states[$2] = 1 }
  $1 == "lost" { delete states[$2] }
  END {
    for (path in owner) if (owner[path] != ENVIRON["STACK"]) others = 1
    if (!others) exit
    print "others"
    for (path in owner) if (owner[path] == ENVIRON["STACK"]) print "release", token[path], path, "."
    for (state in states) print "lost", state, "."
  }
'

"$mode" "$@"
