# What the recipes beside this file share; they read it, it is no program itself.
#
# A recipe is both programs, `hooks.freeze` and `hooks.thaw`: the service says by UNDERSTUDY_PURPOSE what it is to do; by hand it is the first
# argument. Its settings, lines of NAME=value, are in a file beside it whose name is its own and .conf; so a link to a recipe under
# another name is a recipe with settings of its own. All recipes know these:
#
#   WAIT_SECONDS=20                    a freeze that takes longer fails; keep it below hooks.timeoutSeconds
#   FROZEN_SECONDS=120                 the application goes on after this, even if nobody thaws; keep it above hooks.frozenSeconds
#   STATE_FOLDER=/run/understudy-hooks where is noted what to let go; for a service that is not root's, a folder of its user's
set -eu
umask 077

WAIT_SECONDS=20
FROZEN_SECONDS=120
STATE_FOLDER=/run/understudy-hooks
name=$(basename "$0")

fail() {
  echo "$name: $*" >&2
  exit 1
}

read_settings() {
  [ -f "$0.conf" ] || fail "its settings are missing: write $0.conf (the head of $name says what belongs there)"
  # Who may change the settings may have the service run anything.
  case $(stat -Lc %u "$0.conf") in 0 | "$(id -u)") ;; *) fail "$0.conf belongs to another user than root and the service's" ;; esac
  [ -z "$(find -L "$0.conf" -maxdepth 0 -perm /022)" ] || fail "others may change $0.conf; take that away with chmod go-w"
  . "$0.conf"
}

needs() { # needs PROGRAM: the system has it
  command -v "$1" >/dev/null || fail "there is no program $1; install it, or extend PATH in $0.conf"
}

# When a process began, in ticks since the machine started, so that no other of the same number is meant; nothing when it has ended.
began() {
  sed -n 's/.*) [^ZX] //p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 19
}

# keep COMMAND...: starts a command that goes on after this program, in a session of its own, and notes it for `release`.
keep() {
  mkdir -p "$STATE_FOLDER"
  setsid "$@" >>"$said" 2>&1 </dev/null &
  kept=$!
  echo "$kept $(began "$kept")" >>"$STATE_FOLDER/$name.kept"
}

# Ends all that is kept, and waits until it has ended.
release() {
  [ -f "$STATE_FOLDER/$name.kept" ] || return 0
  while read -r pid since; do
    tries=0
    while [ -n "$since" ] && [ "$(began "$pid")" = "$since" ]; do
      if [ "$tries" -lt 20 ]; then signal=TERM; else signal=KILL; fi
      kill -s "$signal" -- "-$pid" 2>/dev/null || break
      sleep 0.05
      tries=$((tries + 1))
    done
  done <"$STATE_FOLDER/$name.kept"
  rm -f "$STATE_FOLDER/$name.kept" "$said"
}

# keep_session SQL COMMAND...: a client that is given SQL and then stays connected. It has to print a line `frozen` when it has come so far;
# what else it says is the reason of a failure. Its locks go with it, when it is released or after FROZEN_SECONDS.
keep_session() {
  sql=$1
  shift
  : >"$said"
  keep sh -c '
    sql=$1 seconds=$2
    shift 2
    { printf "%s\n" "$sql"; exec sleep "$seconds"; } | { "$@" || echo "it ended with $?"; kill -s KILL 0; }
  ' sh "$sql" "$FROZEN_SECONDS" "$@"
  until grep -qx frozen "$said"; do
    [ "$(began "$kept")" != "" ] || give_up "$1 did not freeze: $(tr '\n' ' ' <"$said")"
    is_time_left || give_up "$1 did not freeze within $WAIT_SECONDS s; somebody holds a lock for longer, or writes a long transaction"
    sleep 0.02
  done
}

is_time_left() {
  [ "$(date +%s)" -le "$give_up_at" ]
}

# Nothing stays frozen by a freeze that failed.
give_up() {
  thaw
  fail "$*"
}

# The recipe has defined `freeze` and `thaw`; a thaw does no harm to what is not frozen.
main() {
  read_settings
  said=$STATE_FOLDER/$name.said
  give_up_at=$(($(date +%s) + WAIT_SECONDS))
  case ${1:-${UNDERSTUDY_PURPOSE:-}} in
    freeze)
      mkdir -p "$STATE_FOLDER"
      thaw
      trap 'give_up "it was ended while it froze"' TERM INT HUP
      freeze
      ;;
    thaw) thaw ;;
    *) fail "say freeze or thaw" ;;
  esac
}
