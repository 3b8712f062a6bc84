# Handshakes: whether a service presents the certificates that were installed for it.

# How long a service has to present a certificate, in seconds, and when one that fails every handshake counts as broken.
present_seconds=30
broken_seconds=10

# Asks for the certificates of rows until each is presented, or the time is up. The answer for a row is in `asked/ROW`:
# `confirmed`, or what was presented instead.
confirm() { # service, rows
  service=$1
  shift
  rm -rf -- "$now/asked" && mkdir -m 700 -- "$now/asked" || return
  began=$(uptime)
  choose_endpoint "$service" "$1" || { choose_by_configuration "$service" "$@"; return; }
  waiting=$*
  while [ -n "$waiting" ]; do
    # shellcheck disable=SC2086 # rows are words
    ask_for $waiting
    # shellcheck disable=SC2086
    waiting=$(still_waiting $waiting)
    spent=$(($(uptime) - began))
    [ "$spent" -lt "$present_seconds" ] || break
    [ "$spent" -lt "$broken_seconds" ] || cat "$now"/asked/* | grep -qv '^failed' || break
    [ -z "$waiting" ] || sleep 0.3
  done
}

# The first endpoint that listens. A restarted service may need a moment.
choose_endpoint() { # service, row
  awk -F "$tab" -v OFS="$tab" -v service="$1" '$1 == "endpoint" && $2 == service { print $3, $4, $5 }' "$table" >"$now/endpoints"
  for try in 1 2 3 4 5 6 7 8 9 10; do
    while IFS=$tab read -r port protocol address <&4; do
      [ "$address" != - ] || address=127.0.0.1
      case $address in *:*) address="[$address]" ;; esac
      handshake "$2" ''
      case $(cat -- "$now/asked/$2") in refused | open*) ;; *) return 0 ;; esac
    done 4<"$now/endpoints"
    [ -s "$now/endpoints" ] || break
    has_command activate "$1" || break
    [ "$try" = 10 ] || sleep 0.3
  done
  endpoint_is_open=$(cat -- "$now/asked/$2" 2>/dev/null)
  rm -f -- "$now/asked/$2"
  return 1
}

# Servers limit connections from one address. One that has answered no handshake until the time is up is asked no more: the host's lock
# would be held for as long as hundreds of attempts take.
ask_for() { # rows
  abreast=0
  for row do
    case $(cat -- "$now/asked/$row" 2>/dev/null) in confirmed | open*) continue ;; esac
    if is_in_vain; then
      echo 'failed: it does not answer' >"$now/asked/$row"
      continue
    fi
    handshake "$row" '' &
    abreast=$((abreast + 1))
    [ "$((abreast % 8))" -ne 0 ] || wait
  done
  wait
}

is_in_vain() {
  [ "$(($(uptime) - began))" -ge "$present_seconds" ] && ! cat "$now"/asked/* 2>/dev/null | grep -qv '^failed'
}

still_waiting() { # rows
  for row do
    case $(cat -- "$now/asked/$row") in confirmed | open*) ;; *) printf '%s ' "$row" ;; esac
  done
}

# One handshake for the first exact name of a row. The first row is the default: it is presented to clients without SNI as well.
handshake() { # row
  expected_print=$(awk -F "$tab" -v row="$1" '$1 == "seen" && $2 == row { print $7 }' "$now/record")
  name_asked=$(awk -F "$tab" -v row="$1" '$1 == "row" && $2 == row { for (i = 3; i <= NF; i++) if ($i !~ /^\*/) { print $i; exit } }' "$table")
  first_row=$(awk -F "$tab" '$1 == "row" { print $2; exit }' "$table")
  outcome=confirmed
  [ -z "$name_asked" ] || present -servername "$name_asked"
  [ "$outcome" != confirmed ] || [ "$1" != "$first_row" ] || present -noservername
  printf '%s\n' "$outcome" >"$now/asked/.$1" && mv -f -- "$now/asked/.$1" "$now/asked/$1"
}

# The outcome of a handshake, in "$outcome".
present() { # options of s_client
  [ "$protocol" = tls ] || set -- "$@" -starttls "$protocol"
  said=$(timeout -k 2 10 openssl s_client -connect "$address:$port" "$@" </dev/null 2>&1 8>&- 9>&-)
  status=$?
  shown=$(printf '%s\n' "$said" | openssl x509 -noout -fingerprint -sha256 2>/dev/null | sed -e 's/.*=//' | tr -d ':' | tr 'A-F' 'a-f')
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

# If no endpoint listens: asks the service which file its configuration selects.
choose_by_configuration() { # service, rows
  service=$1
  shift
  for row do
    case ${endpoint_is_open-} in open*) printf '%s\n' "$endpoint_is_open" >"$now/asked/$row"; continue ;; esac
    name_asked=$(awk -F "$tab" -v row="$row" '$1 == "row" && $2 == row { for (i = 3; i <= NF; i++) if ($i !~ /^\*/) { print $i; exit } }' "$table")
    chosen=$(ask_service chosen "$service" answer '{name}' "$name_asked") || chosen=''
    chosen=$(printf '%s\n' "$chosen" | head -n 1 | sed -e 's/^<//')
    if [ -z "$chosen" ] || awk -F "$tab" -v row="$row" -v service="$service" -v path="$chosen" \
      '$1 == "pem" && $2 == row && $3 == service && $8 == path { found = 1 } END { exit !found }' "$table"; then
      echo deaf
    else
      printf 'other: its configuration selects %s\n' "$(printf '%s' "$chosen" | legible)"
    fi >"$now/asked/$row"
  done
}
