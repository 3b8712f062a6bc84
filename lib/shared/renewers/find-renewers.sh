# Finds on a host what runs a client of a CA from time to time, what such a client runs after a renewal, and which of that is
# switched off. POSIX sh, awk, find (GNU) and xargs. It changes nothing. Of lines that may hold secrets it prints numbers and
# words that it was asked for. Needs `root`, the directory that all paths are below, and `programs`, the names of the clients.

# What `retire.sh` leaves in a crontab in front of a line, and beside a service.
RETIRED_LINE='#mail-sni-retired '
RETIRED_UNIT=zz-mail-sni-retired.conf

# Crontabs, scripts of cron that are executable, and units. With `own_only`, only files of this user: cron runs those of others
# as others.
run_files() {
  # cron and run-parts of Debian leave out names with a dot, which is how files are switched off there.
  dotted=''
  [ ! -e "$root/etc/debian_version" ] || dotted=no
  find -L "$root"/etc/crontab "$root"/etc/anacrontab "$root"/etc/cron.d "$root"/etc/cron.hourly "$root"/etc/cron.daily "$root"/etc/cron.weekly \
    "$root"/etc/cron.monthly "$root"/var/spool/cron "$root"/etc/systemd/system "$root"/lib/systemd/system \
    "$root"/usr/lib/systemd/system "$root"/usr/local/lib/systemd/system "$root"/run/systemd/system -maxdepth 2 -type f -readable -size -1025k ${own_only:+-user "$(id -u)"} \
    ! -path '*[[:cntrl:]]*' ! -name '.*' ! -name '*~' ! -name '*.dpkg-*' ! -name '*.rpm*' ! -name 'mail-sni-*' \
    \( ! -path '*/cron.*ly/*' -o -perm /111 \) ${dotted:+! -path "*/etc/cron.*/*.*"} \
    \( ! -path '*/systemd/*' -o -name '*.service' -o -name '*.timer' -o -path '*.service.d/*.conf' -o -path '*.timer.d/*.conf' \) \
    ! -path '*/systemd/system/*.wants/*' ! -path '*/systemd/system/*.requires/*' -print0 2>/dev/null
}

# A line is about a client if it has its name as a word, or as a part of a path, in a command that may run it. The snap of certbot
# runs `certbot.renew`. What is not understood counts as a run.
# shellcheck disable=SC2016
line_awk='
  function known(text) {
    gsub(/[^A-Za-z0-9_.-]+/, " ", text); text = " " text " "
    sub(/ certbot\.renew /, " certbot ", text)
    for (i = 1; i <= total; i++) if (index(text, " " names[i] " ")) return names[i]
    return ""
  }
  # The clients of commands, each once.
  function all_known(text,   parts, count, k, name, all) {
    all = " "; count = split(text, parts, / ; /)
    for (k = 1; k <= count; k++) if ((name = known(parts[k])) != "" && !index(all, " " name " ")) all = all name " "
    return substr(all, 2)
  }
  function print_each(programs, before, behind,   each, count, k) {
    count = split(programs, each, " ")
    for (k = 1; k <= count; k++) print before each[k] behind
  }
  # The clients that a line of a crontab, of a script or of `Exec…=` runs, one for each command. `kind` is table, script, joined (a script of several
  # lines, in which a comment may end before its end), or unit (which has no comments).
  function runs(text, kind,   before) {
    if (known(text) == "") return ""
    before = ""
    if (kind == "table" && match(text, /^[ \t]*(@[a-z]+|[^@ \t][^ \t]*[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+)[ \t]+/)) {
      before = substr(text, 1, RLENGTH); text = substr(text, RLENGTH + 1)
    }
    return all_known(before " " commands(text, kind))
  }
  # The commands of a line without its comment, and without those that only show, test, copy or remove something.
  function commands(text, kind,   all, at, c, quote, word, count, kept, k) {
    all = text; count = 1; part[1] = ""; piped[1] = 0; quote = ""; word = 0
    gsub(/[0-9]*>&[0-9-]/, "", text); gsub(/&>/, ">", text)
    for (at = 1; at <= length(text); at++) {
      c = substr(text, at, 1)
      if (c == "\\" && quote != "\047") { part[count] = part[count] substr(text, at, 2); at++; word = 1; continue }
      if (quote != "") { if (c == quote) quote = "" }
      else if (c == "\"" || c == "\047") quote = c
      else if (c == "#" && !word && (kind == "table" || kind == "script")) break
      else if (index(";|&()", c)) {
        piped[count] = c == "|" && substr(text, at + 1, 1) != "|" && substr(text, at - 1, 1) != "|"
        part[++count] = ""; piped[count] = 0; word = 0
        continue
      }
      word = c != " " && c != "\t"
      part[count] = part[count] c
    }
    if (quote != "") return all
    for (k = 1; k <= count; k++) if (!harmless(part[k], k == 1 ? kind : "") || (piped[k] && !passes(part[k + 1]))) kept = kept " ; " part[k]
    return kept
  }
  # The first word of a command, behind what may stand before it: without its directory and quotes.
  function name_of(text) {
    while (sub(/^[ \t]*(if|then|else|elif|do|while|until|!|\{|[A-Za-z_][A-Za-z0-9_]*=[^ \t"\047]*)[ \t]+/, "", text)) ;
    sub(/^[ \t]+/, "", text); sub(/[ \t<>].*$/, "", text); gsub(/["\047]/, "", text); sub(/^.*\//, "", text)
    return text
  }
  function in_list(word, list) { return word != "" && index(" " list " ", " " word " ") }
  function harmless(text, kind,   name, rest) {
    if (text ~ /[`]|\$\(/ || text ~ /--(to-command|checkpoint-action|use-compress-program|rsh)/) return 0
    name = name_of(text)
    # A table of the system has a user in front of the command.
    if (kind == "table" && !in_list(name, quiet " " shows) && name ~ /^[a-z_][a-z0-9_-]*$/ && known(name) == "") {
      rest = text; sub(/^[ \t]*[^ \t]+[ \t]+/, "", rest); text = rest; name = name_of(rest)
    }
    if (name == "find") return text !~ /-(exec|ok)/
    if (name == "command") return text ~ /[ \t]-[vV][ \t]/
    # What is written to a file may be run later.
    if (in_list(name, shows)) { gsub(/>>?[ \t]*\/(dev|var\/log)\/[^ \t]*/, "", text); return text !~ />/ }
    return in_list(name, quiet)
  }
  # Whether a command behind a pipe does not run what it reads.
  function passes(text) { return in_list(name_of(text), quiet " " filters) && text !~ /[`]|\$\(/ }
  # A line of a unit, with those that continue it.
  function unit_line(text, file, number,   key, program) {
    if (text ~ /^[ \t]*[#;]/) return
    if (file ~ /\.timer(\.d\/[^\/]*)?$/) {
      if (mode == "list" && sub(/^[ \t]*Unit[ \t]*=[ \t]*/, "", text)) { sub(/[ \t].*$/, "", text); print "U\t\t" text "\t" file }
      return
    }
    if (!match(text, /^[ \t]*Exec[A-Za-z]*[ \t]*=/)) return
    key = substr(text, 1, RLENGTH); gsub(/[ \t=]/, "", key); text = substr(text, RLENGTH + 1)
    sub(/^[ \t]*[-@:+!|]*/, "", text)
    if (text ~ /^[ \t]*$/) { if (mode == "list") print "Z\t" key "\t\t" file; return }
    if ((program = runs(text, "unit")) == "") return
    if (mode == "list") print_each(program, "R\t" key "\t", "\t" file)
    if (mode == "text") print_each(program, "", "\t" file ":" number "\t" substr(file, length(ENVIRON["ROOT"]) + 1) " " substr(text, 1, 8000))
  }
  function script_line(text, file, kind,   program) {
    # Such a line of a package does nothing where systemd runs.
    if (text ~ /^[ \t]*#/ || (ENVIRON["SYSTEMD"] != "" && text ~ /-d \/run\/systemd\/system/) || (program = runs(text, kind)) == "") return
    if (mode == "list") print_each(program, "R\t\t", "\t" file)
    if (mode == "text") print_each(program, "", "\t" file "\t" substr(file, length(ENVIRON["ROOT"]) + 1) " " substr(text, 1, 8000))
  }
  function ended() {
    if (held != "" && is_unit) unit_line(held, last, held_at)
    else if (held != "") script_line(held, last, "joined")
    held = ""
  }
  BEGIN {
    total = split(ENVIRON["PROGRAMS"], names, " "); mark = ENVIRON["RETIRED_LINE"]
    shows = "echo printf cat"
    quiet = "tar rsync scp cp mv ln rm rmdir mkdir touch chmod chown chgrp du df ls stat borg restic rclone gzip xz bzip2 zip " \
      "grep egrep fgrep head tail wc sort diff cmp md5sum sha256sum logger mail mailx true false : [ [[ test which type hash pgrep pkill " \
      "killall apt apt-get dpkg dnf yum"
    filters = "tee sendmail systemd-cat uniq cut tr nl"
  }
  FILENAME != last {
    ended()
    last = FILENAME; is_unit = FILENAME ~ /\/systemd\/system\//
    is_table = mode == "mark" || FILENAME ~ /\/etc\/((ana)?crontab|cron\.d\/[^\/]*)$|\/spool\/cron\//
  }
  index($0, mark) == 1 && split(substr($0, length(mark) + 1), parts, "#") > 1 && parts[1] ~ /^[A-Za-z0-9_.,-]+$/ {
    if (mode == "list") print "C\t" FNR "\t" parts[1] "\t" FILENAME
    next
  }
  FILENAME ~ /\/zz-mail-sni-retired\.conf$/ {
    if (/^# mail-sni-retired [A-Za-z0-9_.,-]+$/) retired = $3
    if (/^ConditionPathExists=!\/$/ && mode == "list") print "D\t\t" retired "\t" FILENAME
    next
  }
  is_table {
    # A variable of a crontab, such as PATH or MAILTO: it is for all lines below it. Such a line of a package does nothing where
    # systemd runs.
    if (/^[ \t]*["\047A-Za-z_#]/ || (ENVIRON["SYSTEMD"] != "" && /-d \/run\/systemd\/system/) || (program = runs($0, "table")) == "") next
    if (mode == "list") print_each(program, "R\t" FNR "\t", "\t" FILENAME)
    if (mode == "text") print_each(program, "", "\t" FILENAME ":" FNR "\t" substr(FILENAME, length(ENVIRON["ROOT"]) + 1) " " substr($0, 1, 8000))
    if (mode == "mark") print_each(program, FNR "\t", "")
    next
  }
  # A comment goes on in no other line; between the lines of a unit it does not count.
  /^[ \t]*#/ || (is_unit && /^[ \t]*;/) { if (!is_unit) ended(); next }
  /\\$/ { if (held == "") held_at = FNR; held = held substr($0, 1, length($0) - 1) " "; next }
  held != "" { held = held $0; ended(); next }
  is_unit { unit_line($0, FILENAME, FNR); next }
  { script_line($0, FILENAME, "script") }
  END { ended() }
'

matching() { # mode
  systemd=''
  [ ! -d "$root/run/systemd/system" ] || systemd=yes
  run_files | ROOT=$root PROGRAMS=$programs RETIRED_LINE=$RETIRED_LINE SYSTEMD=$systemd xargs -0 -r awk -v "mode=$1" "$line_awk"
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
  said=$({ printf '%s\n' "$lines"; setting_lines $(printf '%s\n' "$lines" | named_configurations); for path do printf 'dehydrated\t%s\t%s\n' "$path" "${path#"$root"}"; done; } | head -c 4000000)
  printf '%s\n' "$said" | WORDS=$words awk -F '\t' "$word_awk"'
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
    small "$@" | PROGRAM=$program WORDS=$words xargs -0 -r awk "$word_awk"'
      FNR == 1 && !started++ { print "F\t" ENVIRON["PROGRAM"] "\t" FILENAME }
      !/^[ \t]*#/ { seek("", $0) }
    '
  done
}

# shellcheck disable=SC2016
word_awk='
  BEGIN { total = split(ENVIRON["WORDS"], words, "\n") }
  function seek(place, text) {
    for (i = 1; i <= total; i++) if (!((place, i) in found) && words[i] != "" && index(text, words[i])) {
      if (place != "" && place != last) print "F\t" place
      last = place; found[place, i] = 1; print "W\t" words[i]
    }
  }
'
