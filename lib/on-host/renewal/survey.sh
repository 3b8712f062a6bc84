# Examines the host and decides what to do. The decision is the file `plan` of the work directory.

# Examines every path of the table, and those that it has installed by the ledger, with one process for each question.
survey() {
  : >"$now/facts" && : >"$now/hashes" && : >"$now/skipped" && true >>"$now/inspected" && true >>"$now/fresh" || return
  join_with "$paths_to_stat" | on_each stat --printf '%f\t%u\t%g\t%U\t%G\t%s\t%N\n' >"$now/facts"
  join_with "$files_to_hash" | on_each timeout 60 sha256sum >"$now/hashes"
  join_with "$rows_to_inspect" >"$now/stale"
  inspect_all "$now/stale"
  decide
}

# Decides. A changed row whose certificate was inspected in an earlier run is inspected again: it may have expired.
decide() {
  join_with "$plan" >"$now/plan" || return
  awk -F "$tab" '$1 == "step" && !($2 in met) { met[$2]; print $2 }' "$now/plan" >"$now/changed"
  awk 'FILENAME == ARGV[1] { fresh[$1]; next } !($1 in fresh)' "$now/fresh" "$now/changed" >"$now/again"
  [ -s "$now/again" ] || return 0
  inspect_all "$now/again"
  join_with "$plan" >"$now/plan"
}

# Inspects rows, and notes that this run has done it.
inspect_all() { # file of rows
  while read -r row <&3; do is_leaving "$row" || inspect "$row"; done 3<"$1" >>"$now/inspected"
  cat -- "$1" >>"$now/fresh"
}

# Whether the row is no longer in the table: only removals are left of it.
is_leaving() { # row
  ! awk -F "$tab" -v row="$1" '$1 == "row" && $2 == row { found = 1; exit } END { exit !found }' "$table"
}

# Runs a command on the paths that it reads, a thousand at a time. Missing ones are no failure.
on_each() { # command
  tr '\n' '\0' | QUOTING_STYLE=c xargs -0 -n 1000 sh -c 'exec "$@" 2>/dev/null' sh "$@" --
  return 0
}

# shellcheck disable=SC2016 # the words are those of awk, here and below
paths_to_stat='
  function add(path) { if (path != "" && !(path in listed)) { listed[path]; print path } }
  function climb(path) { for (; path != ""; path = parent(path)) add(path) }
  END {
    for (n = 1; n <= count; n++) climb(path_of[n])
    for (n = 1; n <= met_count; n++) if (is_ours(met_order[n])) climb(met_order[n])
  }
'

# Only regular files: another user may have put a pipe at a target, on which a read would hang. And none that is larger than what is
# installed: to read it could take longer than there is time, and the paths behind it would have no hash. Its own come first.
# shellcheck disable=SC2016
files_to_hash='
  END {
    for (n = 1; n <= row_count; n++) {
      print work "/certs/" rows[n] "/privkey.pem"
      print work "/certs/" rows[n] "/fullchain.pem"
    }
    for (n = 1; n <= count; n++) if (type_of[n] == "text") print extra_of[n]
    for (n = 1; n <= count; n++) if (type_of[n] != "link" && is_readable(path_of[n])) print path_of[n]
  }
'

# shellcheck disable=SC2016
rows_to_inspect='
  END {
    for (n = 1; n <= row_count; n++) {
      alias = rows[n]
      key = hash[work "/certs/" alias "/privkey.pem"]
      chain = hash[work "/certs/" alias "/fullchain.pem"]
      if (key != "" && chain != "" && seen_sources[alias] != key " " chain) print alias
    }
  }
'

# The lines of the plan, each with its fields:
#
#     refused WHY                              nothing can be installed
#     own STACK TOKEN                          by whom claims are made
#     absent ROW                               dehydrated has no certificate for it
#     held ROW WHY                             nothing of it is touched
#     noted ROW WHAT
#     claim ROW SERVICE PATH STACK TOKEN       who had it before: `-` for none
#     used SERVICE TYPE KEEP ROW PATH          what the ledger is to know of a claim
#     make ROW PATH                            a directory
#     replace ROW PATH                         a directory in place of a link to one
#     step ROW SERVICE ORDER TYPE PATH REPLACES MODE OWNER GROUP EXTRA
#     release PATH                             a claim of ours on what is to stay, or what was passed on to another resource
#     pending ID SERVICE ROW                   an activation of an earlier run
#     ours PATH                                a directory that the provider or this program made
#     leftover PATH                            temporary files may be beside it
# shellcheck disable=SC2016
plan='
  function octal_mode(hex,    i, value) {
    for (i = 2; i <= 4; i++) value = value * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
    return sprintf("%04o", value)
  }
  function hold(alias, why) { if (!(alias in held)) { held[alias] = why; print "held", alias, why } }
  function or_none(text) { return text == "" ? "-" : text }

  function is_lost(other) { return state_of[other] != "" && standing[state_of[other]] == "lost" }

  function foreign(path,    other) {
    other = token_of[path]
    if (other == "" || other == token) return ""
    if (is_lost(other)) return ""
    if (stack_of[path] != stack)
      return "the stack \"" stack_of[path] "\" wrote " path " and still declares it: declare the domain in one stack only, " \
        "or destroy it there first"
    if (state_of[other] == "" || state_of[other] == state_of[token] || standing[state_of[other]] == "begun") return ""
    return path " belongs to another state of the stack \"" stack "\""
  }

  function obstacle(n,    path, kind, up) {
    path = path_of[n]; kind = kind_of(path)
    if (kind == "directory") return "a directory is at " path ": move it away"
    if (kind == "other") return "a device, a socket or a pipe is at " path ": move it away"
    for (up = parent(path); up != ""; up = parent(up)) {
      kind = kind_of(up)
      if (kind == "file" || kind == "other") return up " is a file, but a directory is required there: move it away"
    }
    return ""
  }

  function differs(n,    path, name) {
    path = path_of[n]; name = quoted(path)
    if ((alias_of[n], parent(path)) in replaced) return 1
    if (type_of[n] == "link") return kind_of(path) != "link" || leads[name] != quoted(extra_of[n])
    if (kind_of(path) != "file" || hash[path] != wanted(n) || octal_mode(fact[name]) != mode_of[n]) return 1
    if (owner_of[n] != "-" && owner_of[n] != user[name] && owner_of[n] != uid[name]) return 1
    return group_of[n] != "-" && group_of[n] != group[name] && group_of[n] != gid[name]
  }

  function wanted(n) { return type_of[n] == "pem" ? seen_pem[alias_of[n]] : hash[extra_of[n]] }

  function judge_row(alias,    key, chain) {
    key = hash[work "/certs/" alias "/privkey.pem"]; chain = hash[work "/certs/" alias "/fullchain.pem"]
    if (key == "" || chain == "") { absent[alias]; print "absent", alias; return }
    if (bad_sources[alias] == key " " chain) hold(alias, bad[alias])
    else if (seen_sources[alias] != key " " chain) hold(alias, "its certificate has changed while it was read: the next run tries again")
  }

  function judge_path(n,    alias, path, why) {
    alias = alias_of[n]; path = path_of[n]
    if (alias in absent || alias in held) return
    if (type_of[n] == "text" && hash[extra_of[n]] == "") { hold(alias, extra_of[n] " is missing: apply again"); return }
    # What was installed here and has another owner by now was handed over to it.
    if (passed_by[path] == token && !is_lost(token_of[path]) && foreign(path) == "") {
      passed[path]
      if (!(alias in noted)) { noted[alias]; print "noted", alias, path " belongs to another resource of the stack by now" }
      return
    }
    if ((why = foreign(path)) != "" || (why = obstacle(n)) != "") hold(alias, why)
  }

  # A link in a directory that is itself a link would replace the very file that it leads to, so both directories have to be real.
  function replace(n,    alias, path) {
    alias = alias_of[n]; path = path_of[n]
    if (type_of[n] != "link" || alias in absent || alias in held || alias in skipped || path in passed) return
    replace_link(alias, parent(path))
    replace_link(alias, parent(resolved(parent(path), extra_of[n])))
  }

  function replace_link(alias, path) {
    if (kind_of(path) != "link" || (alias, path) in replaced) return
    replaced[alias, path]
    print "replace", alias, path
    if (!(alias in noted)) { noted[alias]; print "noted", alias, path " was a link to a directory, and is a directory now" }
  }

  function resolved(from, target,    parts, n, i, path) {
    n = split(target ~ /^\// ? target : from "/" target, parts, "/")
    for (i = 1; i <= n; i++) {
      if (parts[i] == "..") path = parent(path)
      else if (parts[i] != "" && parts[i] != ".") path = path "/" parts[i]
    }
    return path
  }

  function make(alias, path) {
    if (path == "" || kind_of(path) != "" || path in making) return
    make(alias, parent(path))
    making[path]
    print "make", alias, path
  }

  function order(n) { return type_of[n] == "pem" ? 1 : type_of[n] == "text" ? 4 : (alias_of[n], service_of[n]) in replaces ? 3 : 2 }

  # What is there: nothing (`no`), a file that may be read (`yes`), or something that may not (`other`), such as a link to a pipe.
  function replaced_at(path) {
    if (kind_of(path) == "") return "no"
    return is_readable(path) ? "yes" : "other"
  }

  function put(n,    alias, path) {
    alias = alias_of[n]; path = path_of[n]
    if (alias in absent || alias in held || alias in skipped || path in passed) return
    if (token_of[path] != token || stack_of[path] != stack) {
      print "claim", alias, service_of[n], path, or_none(stack_of[path]), or_none(token_of[path])
      delete used_as[path]
    }
    if (used_as[path] != service_of[n] "\t" type_of[n] "\t" keep_of[n] || used_for[path] != alias)
      print "used", service_of[n], type_of[n], keep_of[n], alias, path
    if (!changes[n]) return
    make(alias, parent(path))
    print "step", alias, service_of[n], order(n), type_of[n], path, replaced_at(path), mode_of[n], \
      owner_of[n], group_of[n], extra_of[n]
  }

  function leave(path,    alias, was) {
    alias = used_for[path]
    if (path in declared || alias in held || alias in skipped) return
    split(used_as[path], was, "\t")
    if (was[3] == "keep" || kind_of(path) == "") { print "release", path; return }
    if (kind_of(path) != "file" && kind_of(path) != "link") {
      hold(alias, "a directory or a device is at " path ": remove it by hand")
      return
    }
    print "step", alias, was[1], (was[2] == "text" ? 5 : 6), "remove-" was[2], path, replaced_at(path), "-", "-", "-", "-"
  }

  END {
    if (other_ledger != "") { print "refused", "the ledger is of version " other_ledger ", and this program knows 1"; exit }
    token = token_of[self]; stack = stack_of[self]
    if (token == "") { print "refused", "the ledger has no owner for " self ": apply the stack first"; exit }
    print "own", stack, token
    for (n = 1; n <= row_count; n++) judge_row(rows[n])
    for (n = 1; n <= count; n++) judge_path(n)
    for (n = 1; n <= count; n++) replace(n)
    for (n = 1; n <= count; n++) {
      changes[n] = differs(n)
      if (changes[n] && type_of[n] == "pem" && kind_of(path_of[n]) != "") replaces[alias_of[n], service_of[n]]
    }
    for (n = 1; n <= count; n++) put(n)
    for (n = 1; n <= met_count; n++) if (is_ours(met_order[n])) leave(met_order[n])
    for (path in passed_by) if (passed_by[path] == token && !(path in declared)) print "release", path
    for (id in owed) if (owed_by[id] == token) print "pending", id, owed[id], or_none(owed_row[id])
    for (path in made) if (token_of[path] == "") print "ours", path
    for (path in unfinished) print "leftover", path
  }
'
