#!/bin/sh
# Snapshots as folders: what did not change is a hard link to the snapshot before. Run by backup-window.sh.
#
#   BACKUP_DIR=/backup/accounts backup-window.sh rsync.sh
#
# Restore: copy from BACKUP_DIR/latest/FOLDER. Check: understudy verify-backup BACKUP_DIR/latest/FOLDER BACKUP_DIR/latest.certificate
set -eu
: "${BACKUP_DIR:?where snapshots are kept}" "${UNDERSTUDY_FOLDERS:?is set by backup-window.sh}"
name=$(date -u +%Y-%m-%dT%H-%M-%SZ)-cut-$UNDERSTUDY_CUT
before=
[ ! -e "$BACKUP_DIR/latest" ] || before=$(readlink -f "$BACKUP_DIR/latest")
# A snapshot that was not finished never carries its final name.
mkdir "$BACKUP_DIR/$name.part"
printf '%s\n' "$UNDERSTUDY_FOLDERS" | while IFS= read -r folder; do
  rsync -aHAX --numeric-ids --relative ${before:+--link-dest="$before"} "$folder/" "$BACKUP_DIR/$name.part/"
done
mv "$BACKUP_DIR/$name.part" "$BACKUP_DIR/$name"
[ -z "$UNDERSTUDY_CERTIFICATE" ] || cp "$UNDERSTUDY_CERTIFICATE" "$BACKUP_DIR/$name.certificate"
ln -sfn "$name" "$BACKUP_DIR/latest"
[ -z "$UNDERSTUDY_CERTIFICATE" ] || ln -sfn "$name.certificate" "$BACKUP_DIR/latest.certificate"
echo "$BACKUP_DIR/$name"
