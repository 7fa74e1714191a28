#!/bin/sh
# A snapshot of restic for each backup, tagged with its cut; the certificate is in it. Run by backup-window.sh.
#
#   RESTIC_REPOSITORY=/backup/restic RESTIC_PASSWORD_FILE=/etc/understudy/restic.password backup-window.sh restic.sh
#
# Restore: restic restore latest --target /restored, then: understudy verify-backup /restored/FOLDER /restored/CERTIFICATE
set -eu
: "${RESTIC_REPOSITORY:?where the repository is}" "${UNDERSTUDY_FOLDERS:?is set by backup-window.sh}"
list=$(mktemp)
trap 'rm -f "$list"' EXIT
printf '%s\n' "$UNDERSTUDY_FOLDERS" >"$list"
[ -z "$UNDERSTUDY_CERTIFICATE" ] || printf '%s\n' "$UNDERSTUDY_CERTIFICATE" >>"$list"
restic cat config >/dev/null 2>&1 || restic init
restic backup --files-from-verbatim "$list" --tag "cut-$UNDERSTUDY_CUT" --tag "$UNDERSTUDY_LABEL"
