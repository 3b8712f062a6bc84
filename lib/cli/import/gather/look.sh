# Reads on a host what an import needs: POSIX sh, awk, find (GNU) and xargs. It changes nothing, and it decides nothing but
# this: what may hold a secret is left out here, on the host. Of a PEM that is its private keys, of a configuration all but the
# lines that are asked for. Paths with control characters are left out, so that one line is one entry.

LC_ALL=C
export LC_ALL
mode=$1 root=$2
shift 2

# The first lines tell what is missing. GNU's find alone has -printf.
tools() {
  for tool in awk find openssl xargs; do command -v "$tool" >/dev/null || printf '%s\n' "$tool"; done
  find / -maxdepth 0 -printf '' 2>/dev/null || printf 'the find of findutils\n'
}

# The lines of small files that match an expression, after a line with the kind and the path.
lines() { # kind, expression, files
  kind=$1 expression=$2
  shift 2
  find -L "$@" -maxdepth 0 -type f -readable -size -8193k ! -path '*[[:cntrl:]]*' -print0 2>/dev/null |
    KIND=$kind EXPRESSION=$expression xargs -0 -r awk '
      FNR == 1 { print "F\t" ENVIRON["KIND"] "\t" FILENAME }
      $0 ~ ENVIRON["EXPRESSION"] { print "L\t" FNR "\t" substr($0, 1, 65536) }
    '
}

# Rows of dehydrated: the list, and what it reads after it.
domains() { # list, directory
  lines domains "" "$1" "$2"/*.txt
}

configurations() {
  # An empty file has no lines, and dehydrated has defaults.
  for file in "$root"/etc/dehydrated/config "$root"/usr/local/etc/dehydrated/config; do
    [ ! -f "$file" ] || printf 'F\tdehydrated\t%s\n' "$file"
  done
  lines dehydrated '^[ \t]*(export[ \t]+)?(BASEDIR|CERTDIR|DOMAINS_TXT|DOMAINS_D|WELLKNOWN|HOOK|CA|CHALLENGETYPE|CONTACT_EMAIL|ACCOUNTDIR)=' \
    "$root"/etc/dehydrated/config "$root"/etc/dehydrated/conf.d/*.sh "$root"/usr/local/etc/dehydrated/config
  lines certbot '^[ \t]*(\[|(cert|privkey|fullchain|account|authenticator|server|webroot_path)[ \t]*=|[^ \t=]*[ \t]*=[ \t]*/)' \
    "$root"/etc/letsencrypt/renewal/*.conf
  lines acme.sh '^Le_(Domain|Alt|Webroot|API|RealCertPath|RealKeyPath|RealFullChainPath)=' \
    "$root"/root/.acme.sh/*/*.conf "$root"/home/*/.acme.sh/*/*.conf "$root"/etc/acme.sh/*/*.conf "$root"/opt/acme.sh/*/*.conf
  lines lego '"certUrl"' "$root"/root/.lego/certificates/*.json "$root"/.lego/certificates/*.json \
    "$root"/var/lib/lego/certificates/*.json "$root"/etc/lego/certificates/*.json "$root"/opt/lego/certificates/*.json \
    "$root"/home/*/.lego/certificates/*.json
  lines lego-account '"uri"' "$root"/root/.lego/accounts/*/*/account.json "$root"/.lego/accounts/*/*/account.json \
    "$root"/var/lib/lego/accounts/*/*/account.json "$root"/etc/lego/accounts/*/*/account.json \
    "$root"/opt/lego/accounts/*/*/account.json "$root"/home/*/.lego/accounts/*/*/account.json
  lines postfix '^[ \t]|^(config_directory|default_database_type|tls_server_sni_maps|smtpd_tls_(chain_files|cert_file|key_file))[ \t]*=' \
    "$root"/etc/postfix/main.cf
}

# What presents certificates, of the effective configuration of Dovecot. With -P doveconf prints the path of a key, and
# passwords: so values are printed only of settings that name files.
doveconf_lines() { # directory
  [ -f "$1/dovecot.conf" ] || return 0
  printf 'F\tdovecot\t%s\n' "$1/dovecot.conf"
  command -v doveconf >/dev/null || return 0
  # It would read such files of this machine, and not those below the root.
  [ -z "$root" ] || ! grep -rqsE -e '^[[:space:]]*!include(_try)?[[:space:]]+/' -- "$1" || return 0
  {
    timeout -k 5 30 doveconf -n -P -c "$1/dovecot.conf"
    printf '\n# status %s\n' "$?"
  } | awk '
    /^# status [0-9]+$/ { print "S\t" $3; next }
    /^# 2[.][0-9]/ || /^[^#]*[{]$/ || /^[ \t]*[}]$/ { print "L\t" NR "\t" substr($0, 1, 8000); next }
    /^[ \t]*(ssl_(cert|key)|ssl_server_(cert|key)_file|cert_file|key_file) = *<?[ \t]*\// { print "L\t" NR "\t" substr($0, 1, 8000) }
  '
}

# The addresses and ports at which programs of the host listen. Below another root there are none.
listeners() {
  [ -z "$root" ] && command -v ss >/dev/null || return 0
  ss -Hltn | awk '{ print "P\t" $4 }'
}

# Type, mode, owner, group, size, device and inode, path. Links are followed: type l is one that leads nowhere.
PRINTED='%y\t%m\t%u\t%g\t%s\t%D:%i\t%p\n'

files() { # paths
  find -L "$@" -maxdepth 0 ! -path '*[[:cntrl:]]*' -printf "$PRINTED" 2>/dev/null
}

# Directories with certificates, one directory for each; not the earlier versions that dehydrated keeps beside its links.
trees() { # directories
  find -L "$@" -maxdepth 2 ! -path '*[[:cntrl:]]*' \
    \( -type d -o -name '*.pem' -o -name '*.crt' -o -name '*.cer' -o -name '*.key' \) \
    ! -name '*-[0-9][0-9][0-9][0-9][0-9]*.pem' ! -name '*.issuer.crt' -printf "$PRINTED" 2>/dev/null
  odd=$(find -L "$@" -maxdepth 2 -path '*[[:cntrl:]]*' -printf x 2>/dev/null | head -c 9999 | wc -c)
  printf 'odd\t%s\n' "$((odd))"
}

# The blocks of PEM files: certificates whole, and each once; of a private key its label alone. A block of certificates has to
# be base64 of a sequence that begins with a sequence: every kind of private key begins with a number.
pems() { # files
  # Some awks end at a file that they cannot open, and a pipe would keep them waiting.
  exec 3>&1
  for file do
    [ -f "$file" ] || continue
    if [ -r "$file" ]; then printf '%s\0' "$file"; else printf 'U\t%s\n' "$file" >&3; fi
  done | xargs -0 -r awk '
    function finish() { if (label != "") print "B\t" shown(label); label = "" }
    function shown(text) { return text ~ /^[A-Z0-9 ]+$/ && length(text) <= 40 ? text : "?" }
    function isCertificate(text) {
      return text ~ /^MII..[DTjz][A-D]/ || text ~ /^MI[GH].M[A-P]/
    }
    BEGIN { print "A" }
    FNR == 1 { finish(); print "F\t" FILENAME }
    { sub(/[ \t\r]+$/, "") }
    FNR == 1 { sub(/^\357\273\277/, "") }
    /^-----BEGIN [^-]*-----$/ {
      finish(); label = substr($0, 12, length($0) - 16); body = ""; bad = 0; encrypted = label ~ /ENCRYPTED/; next
    }
    /^-----END [^-]*-----$/ {
      if (label != substr($0, 10, length($0) - 14) || label == "") { print "B\t?"; label = ""; next }
      if (label ~ /PRIVATE KEY$/) print "K\t" shown(label) "\t" (encrypted ? "encrypted" : "")
      else if (label !~ /^(X509 |TRUSTED )?CERTIFICATE$/) print "O\t" shown(label)
      else if (bad || !isCertificate(body)) print "B\t" shown(label)
      else if (body in known) print "C\t" known[body]
      else { known[body] = ++count; print "C\t" count "\t" body }
      label = ""; next
    }
    label ~ /CERTIFICATE$/ {
      if ($0 !~ /^[A-Za-z0-9+\/]*=*$/ || length(body) > 90000) bad = 1; else body = body $0
      next
    }
    label != "" && /ENCRYPTED/ { encrypted = 1 }
    /-----(BEGIN|END) / { print "B\t?" }
    END { finish() }
  '
}

# The public key of each private key. An encrypted one has none here: its passphrase is not asked for. Each is printed at once,
# so that several can be read at a time.
public_keys() { # files
  printf '%s\0' "$@" | xargs -0 -r -n 25 -P 4 sh -c '
    for file do
      [ -f "$file" ] || continue
      if [ -r "$file" ]; then
        printf "F\t%s\n%s\n" "$file" "$(openssl pkey -in "$file" -passin pass: -pubout 2>/dev/null </dev/null)"
      else
        printf "U\t%s\n" "$file"
      fi
    done
  ' sh
}

"$mode" "$@"
