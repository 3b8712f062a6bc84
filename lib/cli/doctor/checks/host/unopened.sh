# What keeps files from being opened. The first line is the user; each file that cannot be opened has one, with why.
printf 'I\t%s\n' "$(id -u)"
for file do
  if [ -f "$file" ] && true 2>/dev/null <"$file"; then continue; fi
  # Of several directories above it only the highest that is closed is seen.
  closed='' directory=${file%/*}
  while [ -n "$directory" ]; do
    if [ -d "$directory" ] && [ ! -x "$directory" ]; then closed=$directory; fi
    directory=${directory%/*}
  done
  if [ -n "$closed" ]; then printf 'closed\t%s\t%s\n' "$closed" "$file"
  elif [ -L "$file" ] && [ ! -e "$file" ]; then printf 'link\t\t%s\n' "$file"
  elif [ ! -e "$file" ]; then printf 'missing\t\t%s\n' "$file"
  elif [ ! -f "$file" ]; then printf 'no file\t\t%s\n' "$file"
  else printf 'unreadable\t\t%s\n' "$file"
  fi
done
