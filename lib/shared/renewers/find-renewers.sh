# Finds on a host what runs a client of a CA from time to time, what such a client runs after a renewal, and which of that is
# switched off. POSIX sh, awk, find (GNU) and xargs. It changes nothing. Of lines that may hold secrets it prints numbers and
# words that it was asked for. Needs `root`, the directory that all paths are below, `programs`, the names of the clients, and the
# programs of awk beside this file, as `find-renewers.ts` puts them in front.

# What `retire.sh` leaves in a crontab in front of a line, and beside a service.
RETIRED_LINE='#mail-sni-retired '
RETIRED_UNIT=zz-mail-sni-retired.conf

# Crontabs, scripts of cron that are executable, and units. With `own_only`, only files of this user: cron runs those of others
# as others.
run_files() {
  # cron and run-parts of Debian leave out names with a dot, which is how files are switched off there.
  dotted=''
  [ ! -e "$root/etc/debian_version" ] || dotted=no
  find -L "$root"/etc/crontab "$root"/etc/anacrontab "$root"/etc/cron.d "$root"/etc/cron.hourly "$root"/etc/cron.daily \
    "$root"/etc/cron.weekly "$root"/etc/cron.monthly "$root"/var/spool/cron "$root"/etc/systemd/system \
    "$root"/lib/systemd/system "$root"/usr/lib/systemd/system "$root"/usr/local/lib/systemd/system "$root"/run/systemd/system \
    -maxdepth 2 -type f -readable -size -1025k ${own_only:+-user "$(id -u)"} \
    ! -path '*[[:cntrl:]]*' ! -name '.*' ! -name '*~' ! -name '*.dpkg-*' ! -name '*.rpm*' ! -name 'mail-sni-*' \
    \( ! -path '*/cron.*ly/*' -o -perm /111 \) ${dotted:+! -path "*/etc/cron.*/*.*"} \
    \( ! -path '*/systemd/*' -o -name '*.service' -o -name '*.timer' -o -path '*.service.d/*.conf' -o -path '*.timer.d/*.conf' \) \
    ! -path '*/systemd/system/*.wants/*' ! -path '*/systemd/system/*.requires/*' -print0 2>/dev/null
}

matching() { # mode
  systemd=''
  [ ! -d "$root/run/systemd/system" ] || systemd=yes
  run_files | ROOT=$root PROGRAMS=$programs RETIRED_LINE=$RETIRED_LINE SYSTEMD=$systemd \
    xargs -0 -r awk -v "mode=$1" "$commands_awk$lines_awk"
}

# Prints `R NUMBER PROGRAM FILE` of lines that run a client, with the setting in place of the number in a unit, and `Z SETTING` of
# settings there that are emptied; `C` of lines that are switched off and `D` of such services; `T TYPE TARGET FILE` of services,
# timers and their drop-ins, and of the links that enable or mask them; and `U` of the units that timers start.
renewers() {
  matching list
  find "$root"/etc/systemd/system "$root"/run/systemd/system "$root"/lib/systemd/system "$root"/usr/lib/systemd/system \
    "$root"/usr/local/lib/systemd/system -maxdepth 2 \
    \( -name '*.timer' -o -name '*.service' -o -path '*.service.d/*.conf' -o -path '*.timer.d/*.conf' \) ! -path '*[[:cntrl:]]*' \
    -printf 'T\t%y\t%l\t%p\n' 2>/dev/null
}

small() { # files
  find -L "$@" -maxdepth 0 -type f -readable -size -257k ! -path '*[[:cntrl:]]*' -print0 2>/dev/null
}

# With `own_only`, not those of other users: they could claim anything, have more files than fit into arguments, and put a pipe in
# the place of a file.
acme_sh_settings() {
  set -- "$root"/root/.acme.sh "$root"/etc/acme.sh "$root"/opt/acme.sh
  for directory in "$root"/home/*/.acme.sh; do
    if [ -z "${own_only:-}" ] || { [ -O "$directory" ] && [ ! -L "$directory" ]; }; then set -- "$@" "$directory"; fi
  done
  find -L "$@" -mindepth 2 -maxdepth 2 -name '*.conf' -type f -readable -size -257k ${own_only:+-user "$(id -u)"} \
    ! -path '*[[:cntrl:]]*' -print0 2>/dev/null
}

# Settings of clients that name hooks or files to copy certificates to, and hooks by their place: the client, where, the line.
setting_lines() { # more configurations of dehydrated
  small "$root"/etc/dehydrated/config "$root"/etc/dehydrated/conf.d/*.sh "$root"/usr/local/etc/dehydrated/config "$@" |
    ROOT=$root xargs -0 -r awk '
      { sub(/^[ \t]*(export[ \t]+)?/, "") }
      /^HOOK=/ {
        base = substr(FILENAME, length(ENVIRON["ROOT"]) + 1)
        sub(/\/(conf\.d\/)?[^\/]*$/, "", base)
        gsub(/\$\{?BASEDIR\}?/, base)
        print "dehydrated\t" FILENAME ":" FNR "\t" substr($0, 1, 8000)
      }
    '
  small "$root"/etc/letsencrypt/renewal/*.conf "$root"/etc/letsencrypt/cli.ini |
    xargs -0 -r awk '/^[ \t]*(pre|post|renew|deploy)[-_]hook[ \t]*=/ { print "certbot\t" FILENAME ":" FNR "\t" substr($0, 1, 8000) }'
  find -L "$root"/etc/letsencrypt/renewal-hooks -maxdepth 2 -type f ! -path '*[[:cntrl:]]*' -printf '%p\n' 2>/dev/null |
    ROOT=$root awk '{ print "certbot\t" $0 "\t" substr($0, length(ENVIRON["ROOT"]) + 1) }'
  acme_sh_settings |
    xargs -0 -r awk '/^Le_Real[A-Za-z]*Path=/ { print "acme.sh\t" FILENAME ":" FNR "\t" substr($0, 1, 8000) }'
}

# The configurations that dehydrated is run with, of lines that `matching text` has printed.
named_configurations() {
  ROOT=$root awk -F '\t' '
    $1 == "dehydrated" {
      while (match($0, /[ \t](-f|--config)[ \t=]+["\047]?\/[A-Za-z0-9\/._@+-]+/)) {
        path = substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH)
        sub(/^[^\/]*/, "", path)
        if (!(path in seen) && ++count <= 20) print ENVIRON["ROOT"] path
        seen[path] = 1
      }
    }'
}

# The files beside an executable that it names by their paths, such as a table of what goes where.
tables() { # path
  small "$root$1" | DIRECTORY=${1%/*}/ xargs -0 -r awk '
    !/^[ \t]*#/ {
      while ((at = index($0, ENVIRON["DIRECTORY"])) > 0) {
        $0 = substr($0, at + length(ENVIRON["DIRECTORY"]))
        if (match($0, /^[A-Za-z0-9_.-]+/) && ++count <= 20) print substr($0, 1, RLENGTH)
      }
    }'
}

# Prints `F PROGRAM PLACE` of each line or executable that a client runs and that has one of the words, with `W WORD` after it.
# The executables are those that such lines name, as they are: other variables than dehydrated's BASEDIR are not replaced.
hooks() { # words, one on a line; more executables
  words=$1
  shift
  lines=$(matching text | head -c 2000000)
  # shellcheck disable=SC2046
  said=$({
    printf '%s\n' "$lines"
    setting_lines $(printf '%s\n' "$lines" | named_configurations)
    for path do printf 'dehydrated\t%s\t%s\n' "$path" "${path#"$root"}"; done
  } | head -c 4000000)
  printf '%s\n' "$said" | WORDS=$words awk -F '\t' "$words_awk"'
    NF > 2 { seek($1 "\t" $2, substr($0, length($1 $2) + 3)) }
  '
  printf '%s\n' "$said" | awk -F '\t' '{
    program = $1; gsub(/^[^\t]*\t[^\t]*\t/, ""); gsub(/["'\''`;|&()<>=,{}\t]/, " ")
    count = split($0, words, " ")
    for (i = 1; i <= count; i++) if (words[i] ~ /^\/[^$*?]/ && !((program, words[i]) in seen)) {
      seen[program, words[i]] = 1; print program "\t" words[i]
    }
  }' | head -n 500 | while IFS='	' read -r program path; do
    { [ -f "$root$path" ] && [ -x "$root$path" ]; } || continue
    set -- "$root$path"
    for table in $(tables "$path"); do set -- "$@" "$root${path%/*}/$table"; done
    small "$@" | PROGRAM=$program WORDS=$words xargs -0 -r awk "$words_awk"'
      FNR == 1 && !started++ { print "F\t" ENVIRON["PROGRAM"] "\t" FILENAME }
      !/^[ \t]*#/ { seek("", $0) }
    '
  done
}
