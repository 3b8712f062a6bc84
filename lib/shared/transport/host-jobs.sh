# Jobs: commands whose runs outlive the session, behind `host-script.sh`. Needs setsid and /proc.
#
# Each job has a directory in `jobs` of the state directory, with these files:
#
#     lock     locked while a run begins, and while the state of the job is read
#     run      RUN TRIGGER BOOT TIME: the latest run, noted before it begins
#     process  PID START: the process that leads the run, and when it began, by which it differs from a later one of that number
#     output   the end of what the run prints
#     exit     STATUS TIME: how the run has ended

# Begins a run, unless another run than the known one has begun. The run is noted first. Its process keeps the lock of the job
# until it is noted as well: so a run begins once or not at all, whenever this shell is ended, and its beginning is not missed.
begin_job() { # state directory, job, known run or -, run, trigger, seconds, command
  command -v setsid >/dev/null || { echo 'setsid is missing: install util-linux'; return 1; }
  make_private "$1" && make_job_directory "$1/jobs" && make_job_directory "$1/jobs/$2" && lock_job "$1/jobs/$2" || return
  known=$3 run=$4 trigger=$5
  shift 5
  read_run
  if [ "$known" = "$run_found" ]; then begin_run "$run" "$trigger" "$@"; else true; fi
  status=$?
  exec 7<&-
  return "$status"
}

# Only root and the current user can create entries in the parent directory. Another user may have done so before.
make_job_directory() { # directory
  there "$1" || mkdir -m 700 -- "$1" 2>/dev/null || there "$1" || mkdir -m 700 -- "$1" || return
  if [ ! -d "$1" ] || [ -L "$1" ] || [ ! -O "$1" ]; then
    printf '%s is not a directory of this user: move it away\n' "$1"
    return 1
  fi
  chmod 700 -- "$1"
}

lock_job() { # directory
  enter "$1" || return
  [ -O . ] && [ ! -L "$1" ] || { printf '%s is not a directory of this user: move it away\n' "$1"; return 1; }
  if there ./lock; then
    [ -f ./lock ] && [ ! -L ./lock ] && [ -O ./lock ] || { printf '%s/lock is not a file of this user: move it away\n' "$1"; return 1; }
  else
    (umask 077 && true >>./lock) || return
  fi
  # `exec` would end the shell if the file cannot be opened.
  true <./lock || return
  exec 7<./lock
  flock -w 20 7 || { exec 7<&-; echo 'another run is just beginning'; return 1; }
  # The directory may have been removed while this shell waited.
  [ ./lock -ef /proc/self/fd/7 ] || { exec 7<&-; echo 'the job was removed meanwhile'; return 1; }
}

# Sets the words of the latest run; "-" for none.
read_run() {
  run_found=- trigger_found=- boot_found=- began_found=0
  [ ! -f ./run ] || read -r run_found trigger_found boot_found began_found _ <./run
}

boot() {
  boot_id=-
  read -r boot_id 2>/dev/null </proc/sys/kernel/random/boot_id
  printf '%s\n' "$boot_id"
}

begin_run() { # run, trigger, seconds, command
  rm -rf -- ./run ./process ./output ./exit ./run.new ./process.new ./exit.new ./output.new || return
  umask 077
  printf '%s %s %s %s\n' "$1" "$2" "$(boot)" "$(date +%s)" >./run.new && sync -- ./run.new && mv -fT -- ./run.new ./run
  status=$?
  umask 022
  [ "$status" -eq 0 ] || return
  seconds=$3
  shift 3
  setsid sh -c "$lead_run" sh "$seconds" "$attended" "$@" </dev/null >/dev/null 2>&1 9>&- &
}

# The process that leads a run, in a session of its own. It keeps the end of an output that is too long, and leaves neither a
# lock nor a standard stream of this shell to the command.
# shellcheck disable=SC2016
lead_run='
limit=$1 attended=$2
shift 2
umask 077
read -r stat 2>/dev/null </proc/$$/stat || exit
number_of() { shift 19; printf "%s %s\n" "$$" "$1"; }
number_of ${stat##*) } >./process.new && mv -fT -- ./process.new ./process || exit
true >./output
exec 7<&-
shorten() {
  [ "$(stat -c %s -- ./output)" -gt "$1" ] || return 0
  tail -c 65536 -- ./output >./output.new && cat -- ./output.new >./output
  rm -f -- ./output.new
}
(while sleep 5 && read -r _ _ state _ 2>/dev/null </proc/$$/stat && [ "$state" != Z ]; do shorten 1048576; done) &
guard=$!
(umask 022 && cd / && exec timeout -k 30 "$limit" sh -c "$attended" sh "$@") >>./output 2>&1
status=$?
kill "$guard"
shorten 65536
printf "%s %s\n" "$status" "$(date +%s)" >./exit.new && mv -fT -- ./exit.new ./exit
'

# Prints `RUN TRIGGER TIME` of the latest run, then `running`, `ended STATUS TIME`, `gone` if it has ended without a word, or
# `noted` if it has not begun and never will; nothing if there is no run.
look_at_job() { # state directory, job
  if [ -d "$1" ] && [ ! -x "$1" ]; then printf '%s: Permission denied\n' "$1"; return 1; fi
  there "$1/jobs/$2" || return 0
  lock_job "$1/jobs/$2" || return
  read_run
  [ "$run_found" = - ] || say_run
  exec 7<&-
}

say_run() {
  printf '%s %s %s\n' "$run_found" "$trigger_found" "$began_found"
  if [ -f ./exit ]; then
    say_end
  elif [ ! -f ./process ]; then
    echo noted
  elif runs; then
    echo running
  # It may have ended in the meantime.
  elif [ -f ./exit ]; then
    say_end
  else
    echo gone
  fi
}

say_end() {
  read -r code ended _ <./exit
  printf 'ended %s %s\n' "$code" "$ended"
}

# Whether the run is alive: the process that leads it, or, if that was killed alone, the timeout(1) of its command, which leads a
# process group. A daemon that the command has left behind does not count. No process gets the number of a session that still has
# members.
runs() {
  [ "$boot_found" = "$(boot)" ] && read -r pid start _ <./process || return
  if read_process "$pid"; then
    [ "$start_found" = "$start" ] || return
    [ "$state_found" = Z ] || return 0
  fi
  for directory in /proc/[0-9]*; do
    number=${directory#/proc/}
    read_process "$number" && [ "$session_found" = "$pid" ] && [ "$group_found" = "$number" ] || continue
    [ "$number" = "$pid" ] || [ "$state_found" = Z ] || return 0
  done
  return 1
}

read_process() { # number
  read -r stat 2>/dev/null <"/proc/$1/stat" || return
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  [ "$#" -ge 20 ] || return
  state_found=$1 group_found=$3 session_found=$4
  shift 19
  start_found=$1
}

job_output() { # state directory, job
  [ -f "$1/jobs/$2/output" ] || return 0
  tail -c 8000 -- "$1/jobs/$2/output" | tr -d '\036'
}

# Removes a job, unless another run than the known one has begun.
remove_job() { # state directory, job, known run or -
  there "$1/jobs/$2" || return 0
  lock_job "$1/jobs/$2" || return
  read_run
  [ "$run_found" != "$3" ] || rm -rf -- "$1/jobs/$2"
  status=$?
  exec 7<&-
  cd / || return
  rmdir -- "$1/jobs" 2>/dev/null
  return "$status"
}
