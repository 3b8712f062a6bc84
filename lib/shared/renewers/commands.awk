# Which clients of CAs a command line runs, by their names in PROGRAMS of the environment. A line is about a client if it has its name
# as a word, or as a part of a path, in a command that may run it. What is not understood counts as a run.

BEGIN {
  total = split(ENVIRON["PROGRAMS"], names, " ")
  # What these print, may be run later if it is written to a file.
  shows = "echo printf cat"
  # These run nothing.
  quiet = "tar rsync scp cp mv ln rm rmdir mkdir touch chmod chown chgrp du df ls stat borg restic rclone gzip xz bzip2 zip " \
    "grep egrep fgrep head tail wc sort diff cmp md5sum sha256sum logger mail mailx true false : [ [[ test which type hash pgrep pkill " \
    "killall apt apt-get dpkg dnf yum"
  # These run nothing of what they read behind a pipe, like those above.
  filters = "tee sendmail systemd-cat uniq cut tr nl"
}

# The clients that a line of a crontab, of a script or of `Exec…=` runs, one for each command. `kind` is table, script, joined (a
# script of several lines, in which a comment may end before its end), or unit (which has no comments).
function runs(text, kind,   times) {
  if (known(text) == "") return ""
  times = ""
  if (kind == "table" && match(text, /^[ \t]*(@[a-z]+|[^@ \t][^ \t]*[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+)[ \t]+/)) {
    times = substr(text, 1, RLENGTH)
    text = substr(text, RLENGTH + 1)
  }
  return all_known(times " " commands(text, kind))
}

# The first client in a text; nothing if there is none. The snap of certbot runs `certbot.renew`.
function known(text,   i) {
  gsub(/[^A-Za-z0-9_.-]+/, " ", text)
  text = " " text " "
  sub(/ certbot\.renew /, " certbot ", text)
  for (i = 1; i <= total; i++) if (index(text, " " names[i] " ")) return names[i]
  return ""
}

# The clients of commands, each once.
function all_known(text,   pieces, count, k, name, all) {
  all = " "
  count = split(text, pieces, / ; /)
  for (k = 1; k <= count; k++) {
    name = known(pieces[k])
    if (name != "" && !index(all, " " name " ")) all = all name " "
  }
  return substr(all, 2)
}

# The commands of a line without its comment, and without those that only show, test, copy or remove something.
function commands(text, kind,   count, kept, k) {
  count = split_commands(text, kind)
  if (count == 0) return text
  kept = ""
  for (k = 1; k <= count; k++) {
    if (!harmless(part[k], k == 1 ? kind : "") || (piped[k] && !passes(part[k + 1]))) kept = kept " ; " part[k]
  }
  return kept
}

# Puts the commands of a line into `part`, and into `piped` whether the next one reads what each prints. Returns how many there are; 0
# if a quote does not end in the line.
function split_commands(text, kind,   at, c, quote, in_word, count) {
  gsub(/[0-9]*>&[0-9-]/, "", text)
  gsub(/&>/, ">", text)
  count = 1
  part[1] = ""
  piped[1] = 0
  quote = ""
  in_word = 0
  for (at = 1; at <= length(text); at++) {
    c = substr(text, at, 1)
    if (c == "\\" && quote != "'") {
      part[count] = part[count] substr(text, at, 2)
      at++
      in_word = 1
      continue
    }
    if (quote != "") {
      if (c == quote) quote = ""
    } else if (c == "\"" || c == "'") {
      quote = c
    } else if (c == "#" && !in_word && (kind == "table" || kind == "script")) {
      break
    } else if (index(";|&()", c)) {
      piped[count] = c == "|" && substr(text, at + 1, 1) != "|" && substr(text, at - 1, 1) != "|"
      part[++count] = ""
      piped[count] = 0
      in_word = 0
      continue
    }
    in_word = c != " " && c != "\t"
    part[count] = part[count] c
  }
  return quote == "" ? count : 0
}

# Whether a command runs no client. `kind` is that of the line for its first command.
function harmless(text, kind,   name) {
  if (text ~ /[`]|\$\(/ || text ~ /--(to-command|checkpoint-action|use-compress-program|rsh)/) return 0
  name = name_of(text)
  # A table of the system has a user in front of the command.
  if (kind == "table" && !in_list(name, quiet " " shows) && name ~ /^[a-z_][a-z0-9_-]*$/ && known(name) == "") {
    sub(/^[ \t]*[^ \t]+[ \t]+/, "", text)
    name = name_of(text)
  }
  if (name == "find") return text !~ /-(exec|ok)/
  if (name == "command") return text ~ /[ \t]-[vV][ \t]/
  if (in_list(name, shows)) {
    gsub(/>>?[ \t]*\/(dev|var\/log)\/[^ \t]*/, "", text)
    return text !~ />/
  }
  return in_list(name, quiet)
}

# Whether a command behind a pipe does not run what it reads.
function passes(text) {
  return in_list(name_of(text), quiet " " filters) && text !~ /[`]|\$\(/
}

# The first word of a command, behind what may stand before it: without its directory and quotes.
function name_of(text) {
  while (sub(/^[ \t]*(if|then|else|elif|do|while|until|!|\{|[A-Za-z_][A-Za-z0-9_]*=[^ \t"']*)[ \t]+/, "", text)) ;
  sub(/^[ \t]+/, "", text)
  sub(/[ \t<>].*$/, "", text)
  gsub(/["']/, "", text)
  sub(/^.*\//, "", text)
  return text
}

function in_list(word, list) {
  return word != "" && index(" " list " ", " " word " ")
}
