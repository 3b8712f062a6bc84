#!/bin/sh
# The renewal program of a mail host, made by cdktf-mail-sni: it starts dehydrated, is its hook, and installs what it ordered.
#
#     renewal run        orders what is due, then installs; what the timer starts
#     renewal install    installs what dehydrated has and the mail servers do not
#     renewal check      says what is missing on this host
#     renewal activate   has systemd read the timer
#     renewal VERB …     dehydrated's hook
#
# What to install where, and how servers are told, is said by the table beside it. Keys are in no argument, environment, log or
# result: `printf` is a built-in, and the variables that hold a key are not exported.

set -u
LC_ALL=C
export LC_ALL
umask 077
# A variable that comes from the environment stays exported when it is assigned.
unset CDPATH pem
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
tab=$(printf '\t')
separator=$(printf '\001')

# ksh closes descriptors above 2 in the commands that it starts, and the locks with them.
if [ -n "${KSH_VERSION-}" ]; then
  echo 'renewal: ksh cannot hold a lock for the commands that it starts. Make /bin/sh dash, bash or busybox sh.' >&2
  exit 1
fi

case $0 in
  /*) directory_of_program=${0%/*} ;;
  */*) directory_of_program=$(cd -- "${0%/*}" && pwd) || exit ;;
  *) echo 'renewal: call it by its path.' >&2 && exit 1 ;;
esac
self=$directory_of_program/renewal
table=$directory_of_program/table

# The first lines of the table say where everything is.
state='' work='' user_hook='' webroot='' timer='' timer_file=''
if [ -r "$table" ]; then
  while IFS=$tab read -r first value more; do
    case $first in
      mail-sni-renewal) [ "$value" = 1 ] || { echo "renewal: $table is of version $value, and this program knows 1." >&2 && exit 1; } ;;
      state) state=$value ;;
      work) work=$value ;;
      hook) [ "$value" = - ] || user_hook=$value ;;
      webroot) webroot=$value ;;
      timer) timer=$value timer_file=$more ;;
      *) break ;;
    esac
  done <"$table"
fi
now=$work/now
