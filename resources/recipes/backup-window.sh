#!/bin/sh
# Runs a backup program while a replica stands still, and lets the replica go on afterwards, whatever becomes of the program.
#
#   UNDERSTUDY_SERVER=alpha UNDERSTUDY_NAME=accounts UNDERSTUDY_CERTIFICATES=/backup/certificates backup-window.sh PROGRAM [ARGUMENT…]
#
# UNDERSTUDY_SERVER        the source, whose login is stored: understudy server login alpha --user USER
# UNDERSTUDY_NAME          ROTATION/SLOT, a rotation, the number of a connection, or a set
# UNDERSTUDY_TO            the target, if the set goes to several places
# UNDERSTUDY_CERTIFICATES  a folder for certificates; without it none is made
# UNDERSTUDY_WAIT          seconds to try while the replica cannot be read yet (600)
# UNDERSTUDY_OPTIONS       more options for "understudy backup begin", such as: --method hold --max 240
# UNDERSTUDY_WINDOW        whose window it is (backup-window.sh on this machine); one name for each job
#
# The program finds UNDERSTUDY_FOLDERS (a line each), UNDERSTUDY_CUT, UNDERSTUDY_TIME, UNDERSTUDY_LABEL, UNDERSTUDY_CERTIFICATE and others.
# Exit code: 75 the replica cannot be read yet, 1 it cannot be read or went on meanwhile, else the program's own.
set -u
: "${UNDERSTUDY_SERVER:?names the source}" "${UNDERSTUDY_NAME:?names the replica}"
[ "$#" -gt 0 ] || { echo "usage: backup-window.sh PROGRAM [ARGUMENT...]" >&2; exit 2; }
understudy=${UNDERSTUDY_PROGRAM:-understudy}
target=${UNDERSTUDY_TO:-}
owner=${UNDERSTUDY_WINDOW:-backup-window.sh on $(uname -n)}

finish() {
  code=$?
  trap - EXIT
  # A failure to give it back, or a replica that went on meanwhile, is a failure of the backup.
  "$understudy" backup end "$UNDERSTUDY_NAME" --server "$UNDERSTUDY_SERVER" --owner "$owner" ${target:+--target "$target"} >&2 ||
    [ "$code" -ne 0 ] || code=1
  exit "$code"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

certificate=
[ -z "${UNDERSTUDY_CERTIFICATES:-}" ] || certificate=$UNDERSTUDY_CERTIFICATES/$(date -u +%Y-%m-%dT%H-%M-%SZ)-$$.certificate
# Options are words of their own.
# shellcheck disable=SC2086
variables=$("$understudy" backup begin "$UNDERSTUDY_NAME" --server "$UNDERSTUDY_SERVER" --owner "$owner" ${target:+--target "$target"} \
  --wait "${UNDERSTUDY_WAIT:-600}" --shell ${certificate:+--certificate "$certificate"} ${UNDERSTUDY_OPTIONS:-}) || exit
set -a
eval "$variables"
set +a
"$@"
