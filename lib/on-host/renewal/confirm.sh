# Handshakes: whether a service presents the certificates that were installed for it.

# How long a service has to present a certificate, in seconds, and when one that fails every handshake counts as broken.
present_seconds=30
broken_seconds=10

# Asks for the certificates of rows until each is presented, or the time is up: first for one name of each row, then for the
# others while there is time. The answer for a row is in `asked/ROW`: `confirmed`, or what was presented instead.
confirm() { # service, rows
  service=$1
  shift
  rm -rf -- "$now/asked" && mkdir -m 700 -- "$now/asked" || return
  questions "$@" >"$now/questions"
  began=$(uptime)
  choose_endpoint "$service" || { choose_by_configuration "$service"; return; }
  while :; do
    ask_each ask_first
    spent=$(($(uptime) - began))
    is_confirmed || [ "$spent" -ge "$present_seconds" ] || { [ "$spent" -ge "$broken_seconds" ] && is_silent; } && break
    sleep 0.3
  done
  ask_each ask_others
}

# For each row: its name, the fingerprint of its leaf, whether it is the first row, and its exact names. The first row is the
# default: it is presented to clients without SNI as well.
# shellcheck disable=SC2016 # the words are those of awk
questions() { # rows
  rows=" $* " awk -F "$tab" -v OFS="$tab" '
    FILENAME == ARGV[1] { if ($1 == "seen") print_of[$2] = $7; next }
    $1 == "row" && !first { first = 1; is_first[$2] }
    $1 == "row" && index(ENVIRON["rows"], " " $2 " ") {
      line = $2 OFS (($2 in print_of) ? print_of[$2] : "-") OFS (($2 in is_first) ? "yes" : "no")
      for (i = 3; i <= NF; i++) if ($i !~ /[*]/) line = line OFS $i
      print line
    }
  ' "$now/record" "$table"
}

# The first endpoint that listens. A restarted service may need a moment.
choose_endpoint() { # service
  awk -F "$tab" -v OFS="$tab" -v service="$1" '$1 == "endpoint" && $2 == service { print $3, $4, $5 }' "$table" >"$now/endpoints"
  IFS=$tab read -r row expected_print is_default names <"$now/questions"
  for try in 1 2 3 4 5 6 7 8 9 10; do
    while IFS=$tab read -r port protocol address <&4; do
      [ "$address" != - ] || address=127.0.0.1
      case $address in *:*) address="[$address]" ;; esac
      look "$names"
      case $(answer_of "$row") in refused | open*) ;; *) return 0 ;; esac
    done 4<"$now/endpoints"
    [ -s "$now/endpoints" ] || break
    has_command activate "$1" || break
    [ "$try" = 10 ] || sleep 0.3
  done
  endpoint_is_open=$(answer_of "$row")
  rm -f -- "$now/asked/$row"
  return 1
}

answer_of() { # row
  cat -- "$now/asked/$1" 2>/dev/null
}

answer() { # what
  printf '%s\n' "$1" >"$now/asked/.$row" && mv -f -- "$now/asked/.$row" "$now/asked/$row"
}

# Servers limit connections from one address, so that eight are asked at a time.
ask_each() { # ask_first | ask_others
  abreast=0
  while IFS=$tab read -r row expected_print is_default names <&4; do
    "$1" "$names" 4<&- &
    abreast=$((abreast + 1))
    [ "$((abreast % 8))" -ne 0 ] || wait
  done 4<"$now/questions"
  wait
}

# The answer for the first name of a row.
look() { # names
  outcome=confirmed name_asked=${1%%"$tab"*}
  [ -z "$name_asked" ] || present -servername "$name_asked"
  [ "$outcome" != confirmed ] || [ "$is_default" = no ] || present -noservername
  answer "$outcome"
}

# The same, unless it is confirmed already. A server that has answered no handshake until the time
# is up is asked no more: the host's lock would be held for as long as hundreds of attempts take.
ask_first() { # names
  case $(answer_of "$row") in confirmed | open*) return ;; esac
  if is_in_vain; then
    answer 'failed: it does not answer'
  else
    look "$1"
  fi
}

# The other names of a row whose first one is confirmed: a block of another file, or another link, may decide about one of them.
# Those for which there is no time, or no answer, prove nothing.
ask_others() { # names
  [ "$(answer_of "$row")" = confirmed ] || return 0
  case $1 in *"$tab"*) others=${1#*"$tab"}$tab ;; *) return 0 ;; esac
  while [ -n "$others" ]; do
    name_asked=${others%%"$tab"*} others=${others#*"$tab"}
    while :; do
      [ "$(($(uptime) - began))" -lt "$present_seconds" ] || return 0
      outcome=confirmed
      present -servername "$name_asked"
      case $outcome in other*) ;; *) break ;; esac
      # A process of the server may still have the previous configuration.
      [ "$(($(uptime) - began))" -ge "$broken_seconds" ] || { sleep 0.3; continue; }
      answer "$outcome for $name_asked"
      return
    done
  done
}

is_confirmed() {
  ! cat -- "$now"/asked/* | grep -qv -e '^confirmed' -e '^open'
}

is_silent() {
  ! cat -- "$now"/asked/* 2>/dev/null | grep -qv '^failed'
}

is_in_vain() {
  [ "$(($(uptime) - began))" -ge "$present_seconds" ] && is_silent
}

# The outcome of a handshake, in "$outcome".
present() { # options of s_client
  [ "$protocol" = tls ] || set -- "$@" -starttls "$protocol"
  said=$(timeout -k 2 10 openssl s_client -connect "$address:$port" "$@" </dev/null 2>&1 8>&- 9>&-)
  status=$?
  shown=$(printf '%s\n' "$said" | openssl x509 -noout -fingerprint -sha256 2>/dev/null |
    sed -e 's/.*=//' | tr -d ':' | tr 'A-F' 'a-f')
  if [ -n "$shown" ]; then
    [ "$shown" = "$expected_print" ] || outcome="other: it presents another certificate (SHA-256 $shown)"
    return 0
  fi
  case $said in
    *'onnection refused'* | *'errno=111'*) outcome=refused ;;
    *'find STARTTLS'* | *'not offered'*) outcome="open: it does not offer STARTTLS on port $port" ;;
    *) outcome="failed: the handshake fails" && [ "$status" -ne 124 ] || outcome="failed: it does not answer" ;;
  esac
}

# If no endpoint listens: asks the service which file its configuration selects, for each name while there is time.
choose_by_configuration() { # service
  while IFS=$tab read -r row _ _ names <&4; do
    case ${endpoint_is_open-} in open*) answer "$endpoint_is_open"; continue ;; esac
    chosen_outcome=deaf others=$names$tab
    while [ -n "$others" ] && [ "$chosen_outcome" = deaf ]; do
      choose_for "$1" "${others%%"$tab"*}"
      others=${others#*"$tab"}
      [ "$(($(uptime) - began))" -lt "$present_seconds" ] || break
    done
    answer "$chosen_outcome"
  done 4<"$now/questions"
}

choose_for() { # service, name
  chosen=$(ask_service chosen "$1" answer '{name}' "$2") || chosen=''
  chosen=$(printf '%s\n' "$chosen" | head -n 1 | sed -e 's/^<//')
  [ -n "$chosen" ] || return 0
  ! awk -F "$tab" -v row="$row" -v service="$1" -v path="$chosen" \
    '$1 == "pem" && $2 == row && $3 == service && $8 == path { found = 1 } END { exit !found }' "$table" || return 0
  chosen_outcome="other: its configuration selects $(printf '%s' "$chosen" | legible) for $2"
}
