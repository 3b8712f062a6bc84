# Prints the private keys of PEM files, and the account keys of certbot, which are JSON. Only an import with --with-keys runs this.

LC_ALL=C
export LC_ALL
for file do
  [ ! -f "$file" ] || [ ! -r "$file" ] || printf '%s\0' "$file"
done | xargs -0 -r awk '
  FNR == 1 { print "F\t" FILENAME; inside = 0 }
  { sub(/[ \t\r]+$/, "") }
  /^-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----$/ { inside = 1 }
  FILENAME ~ /\/private_key\.json$/ && FNR < 100 && length($0) < 16384 { print "L\t" $0; next }
  inside && FNR < 2000 { print "L\t" substr($0, 1, 1000) }
  /^-----END / { inside = 0 }
'
