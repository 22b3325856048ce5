/**
 * The orphan reaper, a POSIX shell script: it starts in a few milliseconds and uses 1 MB, where a second Node would use 40.
 * It reads registrations from stdin, one `<verb> <value>` per line. A process is `<pid>:<start time>` and is left alone if
 * its pid has been reused. End-of-file means that the process that launched the workers is gone, for any reason: the workers
 * are ended. They are also ended when the runner above that process is gone (`+above`), which a subshell checks five times a
 * second; in that case the reaper keeps running, for a process that continues to launch workers without its runner.
 *
 * To end the workers, it first stops (SIGSTOP) everything that belongs to them, so that nothing forks or loses its parent
 * during the search: registered groups and processes, on Linux the processes with a registered token in their environment,
 * and all descendants of those, by parent and session. When a search finds nothing new, all of them are killed.
 *
 * Signals are ignored: Ctrl-C must end the runner, not its reaper. A `grep` that stops at NUL bytes (BusyBox) gets each
 * environment with NULs converted to line breaks.
 */
export const REAPER_SCRIPT = `
trap '' HUP INT QUIT TERM PIPE ALRM USR2 TSTP TTIN TTOU
trap 'orphaned=yes' USR1
trap 'interrupted=yes' CHLD
groups=
processes=
tokens=
orphaned=
interrupted=
above=
watcher=
[ -r /proc/self/stat ] && proc=yes || proc=

without() {
  kept=
  for item in $2; do
    [ "$item" = "$1" ] || kept="$kept $item"
  done
}

is_in() {
  case " $2 " in *" $1 "*) return 0 ;; esac
  return 1
}

# Sets start and session of a process; fails if it is gone, or a zombie.
identify() {
  if [ -n "$proc" ]; then
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    set -- \${stat##*) }
    case $1 in Z | X) return 1 ;; esac
    start=\${20}
    session=$4
  else
    set -- $(LC_ALL=C ps -o state=,pgid=,lstart= -p "$1" 2>/dev/null)
    case \${1:-Z} in Z*) return 1 ;; esac
    session=$2
    shift 2
    start=$(IFS=_; echo "$*")
  fi
}

# Says whether the process of a registration still has its pid.
is_same() {
  identify "\${1%%:*}" && { [ -z "\${1#*:}" ] || [ "$start" = "\${1#*:}" ]; }
}

watch() {
  while kill -0 "$$" 2>/dev/null; do
    is_same "$1" || { sleep 0.05; is_same "$1"; } || kill -USR1 "$$"
    sleep 0.2 || sleep 1
  done
}

start_watching() {
  watch "$above" </dev/null &
  watcher=$!
}

stop_watching() {
  above=
  [ -z "$watcher" ] || kill -9 "$watcher" 2>/dev/null
  watcher=
}

consider() { # pid, parent, group, session
  is_in "$1" "$found" && return
  is_in "$2" "$found" || is_in "$3" "$leaders" || is_in "$4" "$sessions" || return
  found="$found $1"
  [ "$1" != "$4" ] || sessions="$sessions $4"
  kill -STOP "$1" 2>/dev/null
  grew=yes
}

# Prints pid, parent, group and session of every process; without /proc the group again, which never spans two sessions.
list_processes() {
  if [ -n "$proc" ]; then
    sed -n 's/^\\([0-9]*\\) (.*) [A-Za-z] \\([0-9]* [0-9]* [0-9]*\\) .*/\\1 \\2/p' /proc/[0-9]*/stat 2>/dev/null
  else
    ps -A -o pid=,ppid=,pgid=,pgid=
  fi
}

consider_all() {
  set -- $(list_processes)
  while [ $# -ge 4 ]; do
    consider "$1" "$2" "$3" "$4"
    shift 4
  done
}

if printf 'a\\0b\\n' | grep -q b; then
  find_marked() { grep -lsF $patterns /proc/[0-9]*/environ 2>/dev/null; }
else
  find_marked() {
    for file in /proc/[0-9]*/environ; do
      { tr '\\0' '\\n' <"$file" | grep -qF $patterns; } 2>/dev/null && echo "$file"
    done
  }
fi

consider_marked() {
  patterns=
  for token in $tokens; do
    patterns="$patterns -e $token"
  done
  [ -n "$patterns" ] && [ -n "$proc" ] || return
  for file in $(find_marked); do
    pid=\${file#/proc/}
    pid=\${pid%/environ}
    is_in "$pid" "$found" && continue
    found="$found $pid"
    kill -STOP "$pid" 2>/dev/null
    grew=yes
  done
}

consider_registered() {
  for entry in $groups; do
    group=\${entry%%:*}
    # A leader that is gone leaves its group; one with another start time is not the one that was registered.
    identify "$group" && ! is_same "$entry" && continue
    leaders="$leaders $group"
    sessions="$sessions $group"
    kill -STOP "-$group" 2>/dev/null
  done
  for entry in $processes; do
    is_same "$entry" || continue
    found="$found \${entry%%:*}"
    sessions="$sessions $session"
    kill -STOP "\${entry%%:*}" 2>/dev/null
  done
}

end_workers() {
  [ -n "$groups$processes$tokens" ] || return
  rounds=0
  while [ "$rounds" -lt 50 ]; do
    found=
    leaders=
    sessions=
    consider_registered
    grew=yes
    while [ -n "$grew" ]; do
      grew=
      consider_marked
      consider_all
    done
    for group in $leaders; do
      kill -9 "-$group" 2>/dev/null
    done
    killed=
    for pid in $found; do
      kill -9 "$pid" 2>/dev/null && killed=yes
    done
    groups=
    processes=
    [ -n "$killed" ] || return
    rounds=$((rounds + 1))
  done
}

failures=0
while [ "$failures" -lt 2 ]; do
  while read -r verb value; do
    failures=0
    case $verb in
      +group) groups="$groups $value" ;;
      -group) without "$value" "$groups"; groups=$kept ;;
      +process) processes="$processes $value" ;;
      -process) without "$value" "$processes"; processes=$kept ;;
      +token) tokens="$tokens $value" ;;
      -token) without "$value" "$tokens"; tokens=$kept ;;
      +above) stop_watching; above=$value; start_watching ;;
      -above) stop_watching ;;
    esac
  done
  # A read that a signal has interrupted fails just as one at the end of the input does.
  if [ -n "$orphaned" ]; then
    trap '' USR1 # or there may be a signal each time, and the end of the input would not be seen
    end_workers
    orphaned=
    trap 'orphaned=yes' USR1
  elif [ -n "$interrupted" ]; then
    [ -z "$above" ] || identify "$watcher" || start_watching
    interrupted= # only now: without /proc, to identify starts processes as well
  else
    failures=$((failures + 1))
  fi
done
stop_watching
end_workers
exit 0
`;
