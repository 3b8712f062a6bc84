# Reads the table and everything else that the decision depends on. awk does it: a shell would take a second for a hundred rows.

# Says what is wrong with the table, and nothing otherwise. It is data that root installed; still, nothing of it is evaluated.
# shellcheck disable=SC2016 # the words are those of awk
table_problem() {
  awk -F "$tab" '
    function bad(why) { print "line " NR ": " why; failed = 1; exit }
    function is_path(text) { return text ~ /^\// && text !~ /\/\// && text !~ /\/$/ && text !~ /\/\.\.?(\/|$)/ }
    function is_word(text) { return text ~ /^[A-Za-z0-9_*][A-Za-z0-9._*-]*$/ }
    function is_mode(text) { return text ~ /^[0-7][0-7][0-7][0-7]$/ }
    function is_owner(text) { return text == "-" || text ~ /^[A-Za-z0-9_][A-Za-z0-9._-]*[$]?$/ }
    function is_file(text) {
      if (!is_path(text)) bad(text " is not a path")
      if (text in taken) bad(text " is declared twice")
      taken[text]
    }
    /[\001-\010\013-\037\177]/ { bad("it holds a control character") }
    NR == 1 { if ($1 != "mail-sni-renewal" || $2 != "1" || NF != 2) bad("it is not a table of version 1"); next }
    $1 == "state" || $1 == "work" || $1 == "webroot" { if (NF != 2 || !is_path($2)) bad("no path"); next }
    $1 == "timer" { if (NF != 3 || $2 !~ /^(systemd|cron)$/ || !is_path($3)) bad("no timer"); next }
    $1 == "hook" { if (NF != 2 || ($2 != "-" && !is_path($2))) bad("no path"); next }
    $1 == "service" { if (NF != 2 || !is_word($2)) bad("no name"); services[$2]; next }
    $1 == "row" {
      if (NF < 3) bad("no names")
      for (i = 2; i <= NF; i++) if (!is_word($i)) bad("no name")
      if ($2 in rows) bad($2 " is there twice")
      if ($2 ~ /[*]/) bad("no name")
      rows[$2]
      next
    }
    $1 ~ /^(pem|text|link)$/ && !($2 in rows) { bad("no row " $2) }
    $1 ~ /^(config|check|build|activate|running|chosen|endpoint)$/ && !($2 in services) { bad("no service " $2) }
    $1 == "config" { if (NF != 6) bad("config has 6 fields"); next }
    $1 ~ /^(check|build|activate|running|chosen)$/ { if (NF < 3) bad("no command"); next }
    $1 == "endpoint" { if (NF != 5 || $3 !~ /^[0-9]+$/ || $4 !~ /^(tls|smtp|imap|pop3|sieve)$/) bad("no endpoint"); next }
    $1 == "pem" { if (NF != 8 || !is_mode($4) || !is_owner($5) || !is_owner($6)) bad("no PEM"); is_file($8); next }
    $1 == "text" {
      if (NF != 9 || !is_mode($4) || !is_owner($5) || !is_owner($6) || !is_path($9)) bad("no text")
      is_file($8)
      next
    }
    $1 == "link" { if (NF != 5) bad("link has 5 fields"); is_file($4); next }
    { bad($1 " is not a kind of line") }
    END { if (!failed && NR == 0) print "it is empty" }
  ' "$table" 2>&1
}

# The words of a service's command, each with a separator behind it. Without such a command: nothing.
# shellcheck disable=SC2016
command_of() { # kind, service, placeholder, value
  kind=$1 of=$2 placeholder=$3 value=$4 awk -F "$tab" '
    function filled(text,    at, all) {
      while (ENVIRON["placeholder"] != "" && (at = index(text, ENVIRON["placeholder"]))) {
        all = all substr(text, 1, at - 1) ENVIRON["value"]
        text = substr(text, at + length(ENVIRON["placeholder"]))
      }
      return all text
    }
    $1 == ENVIRON["kind"] && $2 == ENVIRON["of"] { for (i = 3; i <= NF; i++) printf "%s\001", filled($i); exit }
  ' "$table"
}

# Reads the table, the ledger, and the program's own files into arrays.
# shellcheck disable=SC2016
readers='
  BEGIN { FS = OFS = "\t"; self = ENVIRON["self"]; work = ENVIRON["work"] }
  function take(type, alias, service, mode, owner, group, keep, path, extra) {
    count++
    type_of[count] = type; alias_of[count] = alias; service_of[count] = service; mode_of[count] = mode; owner_of[count] = owner
    group_of[count] = group; keep_of[count] = keep; path_of[count] = path; extra_of[count] = extra; declared[path] = count
  }
  # As the provider reads the ledger: a path that another resource claims from a program on the host was passed on to it.
  function claim(stack, token, path,    from) {
    from = (path in used_as) ? token_of[path] : passed_by[path]
    unclaim(path)
    if (from != "" && from != token) passed_by[path] = from
    stack_of[path] = stack; token_of[path] = token
  }
  function use(service, type, keep, alias, path) {
    if (!(path in met)) { met[path]; met_order[++met_count] = path }
    used_as[path] = service "\t" type "\t" keep; used_for[path] = alias
  }
  function release(token, path) {
    if (token_of[path] == token) unclaim(path)
    if (passed_by[path] == token) delete passed_by[path]
  }
  function unclaim(path) { delete stack_of[path]; delete token_of[path]; delete used_as[path]; delete passed_by[path] }
  # Whether a path is one that this program has installed and still owns.
  function is_ours(path) { return path in used_as && token_of[path] == token_of[self] }
  function parent(path) { return sub(/\/[^\/]*$/, "", path) ? path : "" }
  kind == "table" && $1 == "row" { rows[++row_count] = $2; is_row[$2] = 1; next }
  kind == "table" && $1 == "activate" { has_activate[$2] = 1; next }
  kind == "table" && $1 == "pem" { take($1, $2, $3, $4, $5, $6, $7, $8, "-"); next }
  kind == "table" && $1 == "text" { take($1, $2, $3, $4, $5, $6, $7, $8, $9); next }
  kind == "table" && $1 == "link" { take($1, $2, $3, "-", "-", "-", "remove", $4, $5); next }
  kind == "ledger" && $NF != "." { next }
  kind == "ledger" && $1 == "mail-sni-ledger" && $2 != "1" { other_ledger = $2; next }
  kind == "ledger" && $1 == "claim" && NF == 5 { claim($2, $3, $4); next }
  kind == "ledger" && $1 == "used" && NF == 7 { if (token_of[$6] != "") use($2, $3, $4, $5, $6); next }
  kind == "ledger" && $1 == "passed" && NF == 4 { if (token_of[$3] != "") passed_by[$3] = $2; next }
  kind == "ledger" && $1 == "release" && NF == 4 { release($2, $3); next }
  kind == "ledger" && $1 == "begun" && NF == 6 { if (standing[$2] == "") standing[$2] = $1; next }
  kind == "ledger" && $1 == "ended" && NF == 4 { if (standing[$2] == "begun") standing[$2] = $1; next }
  kind == "ledger" && $1 == "kept" && NF == 6 { standing[$2] = $1; next }
  kind == "ledger" && $1 == "lost" && NF == 3 { standing[$2] = $1; next }
  kind == "ledger" && $1 == "member" && NF == 4 { state_of[$3] = $2; next }
  kind == "ledger" && $1 == "owe" && NF == 5 { owed[$3] = $2; owed_by[$3] = $4; next }
  kind == "ledger" && $1 == "paid" && NF == 3 { delete owed[$2]; delete owed_by[$2]; next }
  kind == "ledger" && $1 == "directory" && NF == 3 { made[$2] = 1; next }
  kind == "ledger" && $1 == "removed" && NF == 3 { delete made[$2]; next }
  kind == "ledger" && $1 == "stage" && NF == 3 { unfinished[$2] = 1; next }
  kind == "ledger" && $1 == "closed" { split("", unfinished); next }
  # A line that a crash has cut off says nothing, as in the ledger.
  kind == "installed" && $NF != "." { next }
  kind == "installed" && $1 == "seen" && NF == 8 {
    seen_sources[$2] = $3 " " $4; seen_pem[$2] = $5; seen_end[$2] = $6; seen_print[$2] = $7
    next
  }
  kind == "installed" && $1 == "bad" && NF == 6 { bad[$2] = $3; bad_sources[$2] = $4 " " $5; next }
  kind == "installed" && $1 == "row" && NF == 5 { in_place[$2] = $3 "\t" $4; next }
  kind == "installed" && $1 == "owed" && NF == 5 { owed_row[$2] = $4; next }
  kind == "skipped" { skipped[$1]; next }
  kind == "hashes" {
    line = $0
    if (escaped = sub(/^\\/, "", line)) gsub(/\\\\/, "\\", line)
    hash[substr(line, 67)] = substr(line, 1, 64)
    next
  }
  kind == "facts" && NF == 7 {
    name = $7; target = ""
    if (at = index(name, "\" -> \"")) { target = substr(name, at + 5); name = substr(name, 1, at) }
    fact[name] = $1; uid[name] = $2; gid[name] = $3; user[name] = $4; group[name] = $5; leads[name] = target; size[name] = $6
    next
  }
  function quoted(path,    all, i, c) {
    if (path !~ /[^A-Za-z0-9._\/@:,+*=-]/) return "\"" path "\""
    if (!octal_known++) for (i = 128; i < 256; i++) octal[sprintf("%c", i)] = sprintf("\\%o", i)
    for (i = 1; i <= length(path); i++) {
      c = substr(path, i, 1)
      all = all (c == "\\" || c == "\"" ? "\\" c : c in octal ? octal[c] : c)
    }
    return "\"" all "\""
  }
  function kind_of(path) {
    path = fact[quoted(path)]
    if (path == "") return ""
    return path ~ /^8...$/ ? "file" : path ~ /^4...$/ ? "directory" : path ~ /^a...$/ ? "link" : "other"
  }
  # Whether the contents of what is there may be read.
  function is_readable(path) { return kind_of(path) == "file" && size[quoted(path)] + 0 <= 4194304 }
'

# Joins what is known with a program of awk.
join_with() { # program
  set -- "$readers$1" kind=table "$table"
  [ ! -f "$state/ledger" ] || set -- "$@" kind=ledger "$state/ledger"
  for known in installed now/inspected; do [ ! -f "$work/$known" ] || set -- "$@" kind=installed "$work/$known"; done
  for known in hashes facts skipped; do [ ! -f "$now/$known" ] || set -- "$@" "kind=$known" "$now/$known"; done
  self=$self work=$work awk "$@"
}
