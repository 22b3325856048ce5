#!/bin/sh
# `fake-gpu-tool.sh <folder> <arguments of the tool>`: prints the file `answers/<arguments>` of the folder, with `_` for every other
# character than letters and digits; `errors` goes to standard error, `exit-code` is the exit code, and with `hangs` it never answers.
folder=$1
shift
[ -e "$folder/hangs" ] && exec sleep 60
[ -e "$folder/errors" ] && cat "$folder/errors" >&2
answer=$folder/answers/$(printf '%s' "$*" | tr -c 'a-zA-Z0-9' '_')
if [ ! -e "$answer" ]; then
  echo "unexpected arguments: $*" >&2
  exit 2
fi
cat "$answer"
[ -e "$folder/exit-code" ] && exit "$(cat "$folder/exit-code")"
exit 0
