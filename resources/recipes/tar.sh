#!/bin/sh
# One archive for each backup, and its certificate beside it. Run by backup-window.sh.
#
#   BACKUP_DIR=/backup/accounts backup-window.sh tar.sh
#
# Restore: tar -xpf FILE -C /restored, then: understudy verify-backup /restored/FOLDER FILE.certificate
set -eu
: "${BACKUP_DIR:?where archives are kept}" "${UNDERSTUDY_FOLDERS:?is set by backup-window.sh}"
file=$BACKUP_DIR/$(date -u +%Y-%m-%dT%H-%M-%SZ)-cut-$UNDERSTUDY_CUT.tar
# posix: times with all their digits. An archive that was not finished never carries its final name.
printf '%s\n' "$UNDERSTUDY_FOLDERS" | sed 's|^/||' |
  tar -C / --format=posix --numeric-owner --acls --xattrs --verbatim-files-from -T - -cf "$file.part"
[ -z "$UNDERSTUDY_CERTIFICATE" ] || cp "$UNDERSTUDY_CERTIFICATE" "$file.certificate"
mv "$file.part" "$file"
echo "$file"
