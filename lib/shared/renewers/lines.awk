# Finds the lines of crontabs, of scripts of cron and of units that run clients of CAs; with `commands.awk`. `mode` says what it prints:
# `list` what `renewers` of `find-renewers.sh` says; `text` CLIENT PLACE and the beginning of the line, behind the path of its file;
# `mark` NUMBER CLIENT, for the lines of a crontab. ROOT is the directory that all paths are below, RETIRED_LINE the mark of a line
# that is switched off, and SYSTEMD is not empty where systemd runs.

BEGIN { mark = ENVIRON["RETIRED_LINE"] }

FILENAME != last {
  end_joined()
  last = FILENAME
  is_unit = FILENAME ~ /\/systemd\/system\//
  is_table = mode == "mark" || FILENAME ~ /\/etc\/((ana)?crontab|cron\.d\/[^\/]*)$|\/spool\/cron\//
}

# Lines and services that are switched off.
index($0, mark) == 1 && split(substr($0, length(mark) + 1), clients, "#") > 1 && clients[1] ~ /^[A-Za-z0-9_.,-]+$/ {
  if (mode == "list") print "C\t" FNR "\t" clients[1] "\t" FILENAME
  next
}
FILENAME ~ /\/zz-mail-sni-retired\.conf$/ {
  if (/^# mail-sni-retired [A-Za-z0-9_.,-]+$/) retired = $3
  if (/^ConditionPathExists=!\/$/ && mode == "list") print "D\t\t" retired "\t" FILENAME
  next
}

is_table { table_line($0, FILENAME, FNR); next }

# A comment goes on in no other line; between the lines of a unit it does not count.
/^[ \t]*#/ || (is_unit && /^[ \t]*;/) {
  if (!is_unit) end_joined()
  next
}
# The lines of a command that goes on are joined.
/\\$/ {
  if (joined == "") joined_at = FNR
  joined = joined substr($0, 1, length($0) - 1) " "
  next
}
joined != "" { joined = joined $0; end_joined(); next }
is_unit { unit_line($0, FILENAME, FNR); next }
{ script_line($0, FILENAME, "script") }

END { end_joined() }

# Takes the lines that were joined for one.
function end_joined() {
  if (joined != "" && is_unit) unit_line(joined, last, joined_at)
  else if (joined != "") script_line(joined, last, "joined")
  joined = ""
}

function table_line(text, file, number) {
  # A variable of a crontab, such as PATH or MAILTO, is for all lines below it.
  if (text ~ /^[ \t]*["'A-Za-z_#]/ || is_left_to_systemd(text)) return
  found(runs(text, "table"), number, file ":" number, file, text)
}

function script_line(text, file, kind) {
  if (text ~ /^[ \t]*#/ || is_left_to_systemd(text)) return
  found(runs(text, kind), "", file, file, text)
}

# Such a line of a package does nothing where systemd runs.
function is_left_to_systemd(text) {
  return ENVIRON["SYSTEMD"] != "" && text ~ /-d \/run\/systemd\/system/
}

function unit_line(text, file, number,   setting) {
  if (text ~ /^[ \t]*[#;]/) return
  if (file ~ /\.timer(\.d\/[^\/]*)?$/) {
    if (mode == "list" && sub(/^[ \t]*Unit[ \t]*=[ \t]*/, "", text)) {
      sub(/[ \t].*$/, "", text)
      print "U\t\t" text "\t" file
    }
    return
  }
  if (!match(text, /^[ \t]*Exec[A-Za-z]*[ \t]*=/)) return
  setting = substr(text, 1, RLENGTH)
  gsub(/[ \t=]/, "", setting)
  text = substr(text, RLENGTH + 1)
  sub(/^[ \t]*[-@:+!|]*/, "", text)
  if (text !~ /^[ \t]*$/) found(runs(text, "unit"), setting, file ":" number, file, text)
  else if (mode == "list") print "Z\t" setting "\t\t" file
}

# Prints each client that a line runs. `first` is the number of the line in a table, or the setting of a unit.
function found(programs, first, place, file, text,   count, each, k) {
  count = split(programs, each, " ")
  for (k = 1; k <= count; k++) {
    if (mode == "list") print "R\t" first "\t" each[k] "\t" file
    if (mode == "text") print each[k] "\t" place "\t" substr(file, length(ENVIRON["ROOT"]) + 1) " " substr(text, 1, 8000)
    if (mode == "mark") print first "\t" each[k]
  }
}
