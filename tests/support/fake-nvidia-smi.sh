#!/bin/sh
# `fake-nvidia-smi.sh <folder> <arguments of nvidia-smi>`: answers from files of the folder; `exit-code` is what it ends with,
# `hangs` makes it answer never.
folder=$1
shift
[ -e "$folder/hangs" ] && exec sleep 60
case $1 in
  --query-gpu=*) cat "$folder/gpus" ;;
  --query-compute-apps=*) cat "$folder/apps" ;;
  -L) cat "$folder/list" ;;
  *) echo "unexpected arguments: $*" >&2 && exit 2 ;;
esac
[ -e "$folder/exit-code" ] && exit "$(cat "$folder/exit-code")"
exit 0
