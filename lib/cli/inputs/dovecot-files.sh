# The lines of Dovecot's configuration files that name files, blocks and includes, in the order in which Dovecot reads them. POSIX
# sh; $root is in front of all paths. What may hold a secret is left out: of a setting only its name and a path are printed.

dovecot_files() { # directory
  [ ! -f "$1/dovecot.conf" ] || dovecot_file "$1/dovecot.conf" 0
}

dovecot_file() ( # file, depth
  printf 'F\tdovecot\t%s\n' "$1"
  wanted='^[[:space:]]*(!include|ssl_|(alt_)?(cert|key)_file|(ca|dh)_file|dovecot_config_version|[^#=]*[{}])'
  head -c 16777216 -- "$1" | grep -nE -e "$wanted" | while IFS=: read -r number line; do
    line=${line#"${line%%[![:space:]]*}"}
    case $line in
      '!include'*)
        pattern=${line#*[[:space:]]}
        pattern=${pattern#"${pattern%%[![:space:]]*}"}
        pattern=${pattern%%[[:space:]]*}
        case $pattern in /*) pattern=$root$pattern ;; *) pattern=${1%/*}/$pattern ;; esac
        [ "$2" -lt 4 ] || continue
        IFS=''
        for found in $pattern; do
          case $found in *[[:cntrl:]]*) continue ;; esac
          [ ! -f "$found" ] || dovecot_file "$found" $(($2 + 1))
        done
        ;;
      dovecot_config_version*) printf 'L\t%s\t%s\n' "$number" "$line" ;;
      *password*) ;;
      *=*)
        # A name and a path, perhaps after < or in quotes: a key never is one.
        case ${line%%=*} in *[!a-z_[:space:]]*) continue ;; esac
        value=${line#*=}
        case $value in */*) ;; *) continue ;; esac
        case ${value%%/*} in *[!\"\<[:space:]]*) continue ;; esac
        printf 'L\t%s\t%s\n' "$number" "$line"
        ;;
      *) printf 'L\t%s\t%s\n' "$number" "$line" ;;
    esac
  done
)
