# What the table says of a service: how its configuration is checked, how it is reloaded, whether it runs.

# Runs a command of a service, if it has one. Prints what it printed.
ask_service() { # kind, service, all | errors | answer | private, placeholder, value
  words=$(command_of "$1" "$2" "${4-}" "${5-}")
  [ -n "$words" ] || return 0
  wanted=$3
  cd /
  set -f
  IFS=$separator
  # shellcheck disable=SC2086 # the words of the command, at their separators
  set -- $words
  unset IFS
  set +f
  run "$state" 60 "$wanted" "$@" 3>&- 4>&- 8>&-
}

has_command() { # kind, service
  [ -n "$(command_of "$1" "$2" '' '')" ]
}

# The same, and on failure the reason in "$problem".
told() { # what has failed, arguments of `ask_service`
  what=$1
  shift
  answer=$(ask_service "$@")
  set -- "$?" "$@"
  case $1 in
    0) return 0 ;;
    124) problem="$what: it did not end within 60 s" ;;
    127) problem="$what: its command was not found" ;;
    *)
      problem=$(printf '%s\n' "$answer" | legible)
      problem="$what: ${problem:-it ended with exit status $1, and printed nothing}"
      ;;
  esac
  return 1
}

# Checks the configuration as it is.
check_live() { # service
  file=$(awk -F "$tab" -v service="$1" '$1 == "config" && $2 == service { print $3 }' "$table")
  told "$1 refuses the configuration" check "$1" errors '{candidate}' "$file"
}

# Checks the configuration as it will be: a file that includes the staged ones and the live one.
# shellcheck disable=SC2016 # the words are those of awk
check_candidate() { # service, rows
  has_command check "$1" || return 0
  service=$1
  shift
  rows=" $* " service=$service awk -F "$tab" '
    $1 == "step" && $3 == ENVIRON["service"] && $5 == "text" && index(ENVIRON["rows"], " " $2 " ") { print $6 }
  ' "$now/plan" >"$now/texts"
  IFS=$tab read -r _ _ file position include head <<CONFIG
$(awk -F "$tab" -v service="$service" '$1 == "config" && $2 == service { print; exit }' "$table")
CONFIG
  if [ ! -s "$now/texts" ] || [ -z "${file-}" ]; then check_live "$service"; return; fi
  text=$(while IFS= read -r path; do temporaries "$path" && printf '%s\n' "$new_path"; done <"$now/texts")
  case $position in first) text="$text
$file" ;; *) text="$file
$text" ;; esac
  text=$(printf '%s\n' "$text" | include=$include awk '
    { line = ENVIRON["include"]; at = index(line, "{path}"); print substr(line, 1, at - 1) $0 substr(line, at + 6) }')
  if [ "${head:--}" = - ]; then set -- '' ''; else set -- "$file" "$head"; fi
  candidate "$state/candidate.conf" "$@" "$text
" || { problem="$state/candidate.conf cannot be written"; return 1; }
  told "$service refuses the new configuration" check "$service" errors '{candidate}' "$state/candidate.conf"
  set -- "$?"
  rm -f -- "$state/candidate.conf"
  return "$1"
}

build() { # service
  told "the tables of $1 cannot be built" build "$1" private
}

activate() { # service
  told "$1 could not be reloaded" activate "$1" all
}

# A command that gives no answer says nothing: the service may be running all the same.
is_running() { # service
  ask_service running "$1" all >/dev/null
  case $? in 0 | 124 | 125 | 126 | 1[3-9][0-9]) ;; *) return 1 ;; esac
}
