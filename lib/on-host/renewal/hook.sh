# dehydrated's hook. It starts once for every row, so what it needs comes before the rest of the program.

# How long the user's own hook may take, in seconds: there are DNS servers that publish a record after half an hour.
hook_seconds=3600

# Runs the user's own hook, if there is one, without the locks: a daemon that it starts would hold them. The directory of this
# run's temporary files is not for others. A hook that hangs fails its row alone.
chain() { # verb, arguments
  [ -n "$user_hook" ] || return 0
  (
    [ -z "${MAIL_SNI_RENEWAL_RUN-}" ] || unset TMPDIR
    exec timeout --foreground -k 30 "$hook_seconds" "$user_hook" "$@" 8>&- 9>&-
  )
  set -- "$?" "${1-}"
  case $1 in
    124 | 137) printf 'ERROR: the hook %s did not end within %s s (%s), and was ended\n' "$user_hook" "$hook_seconds" "$2" >&2 ;;
  esac
  return "$1"
}

# Notes that dehydrated has a certificate for a row that is valid for longer.
note_ordered() { # path of its key
  [ -n "${MAIL_SNI_RENEWAL_RUN-}" ] || return 0
  certificate_directory=${1%/*}
  printf '%s\n' "${certificate_directory##*/}" >>"$now/ordered"
}

case ${1-} in
  run | install | check | activate | exit_hook | '') ;;
  deploy_cert)
    chain "$@" && note_ordered "${3-}"
    exit
    ;;
  unchanged_cert)
    # With another exit status dehydrated would end, and order nothing for the rows behind this one.
    if chain "$@"; then note_ordered "${3-}"; else printf 'ERROR: the hook %s has failed (%s)\n' "$user_hook" "$1" >&2; fi
    exit 0
    ;;
  deploy_challenge | clean_challenge)
    # What publishes tokens is behind the verbs.
    [ -n "$webroot" ] || { chain "$@"; exit; }
    ;;
  *)
    chain "$@"
    exit
    ;;
esac
