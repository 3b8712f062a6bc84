# Whether a certificate is one that servers can present, before anything of it is installed: what `combined-pem.ts` checks for
# the provider.

# Prints a key and its chain as servers read them: the key first, then the certificates, nothing between them. Fails, and says
# why, if there are other blocks, or not exactly one key.
# shellcheck disable=SC2016 # the words are those of awk
combined() { # key file, chain file
  awk '
    function refuse(why) { print why | "cat >&2"; failed = 1; exit 1 }
    { sub(/[ \t\r]+$/, "") }
    /^-----BEGIN / {
      if (label != "") refuse("a block of it does not end")
      label = substr($0, 12, length($0) - 16)
      text = ""
    }
    label != "" { text = text $0 "\n" }
    /^-----END / {
      if ($0 != "-----END " label "-----") refuse("a block of it does not end")
      if (label ~ /^ENCRYPTED / || text ~ /\nProc-Type: 4,ENCRYPTED/) refuse("its key is encrypted")
      if (label ~ /PRIVATE KEY$/) { keys++; key = text }
      else if (label == "CERTIFICATE") {
        certificates++
        if (text in met) refuse("one certificate is in it twice")
        met[text]
        all = all text
      }
      else if (label !~ /^(EC|DH|DSA) PARAMETERS$/) refuse("it has a block that no server reads")
      label = ""
    }
    END {
      if (failed) exit 1
      if (label != "") refuse("a block of it does not end")
      if (keys != 1) refuse("it has " keys + 0 " private keys, not one")
      if (!certificates || certificates > 20) refuse("it has " certificates + 0 " certificates")
      printf "%s%s", key, all
    }
  ' "$1" "$2"
}

# Inspects a row's certificate. Prints a line for the record: `seen` with hashes, expiry and fingerprint, or `bad` with the reason.
inspect() { # row
  key_file=$work/certs/$1/privkey.pem chain_file=$work/certs/$1/fullchain.pem
  sources=$(sha256sum -- "$key_file" "$chain_file" | cut -d ' ' -f 1 | tr '\n' "$tab")
  sources=${sources%"$tab"}
  rm -rf -- "$now/chain" && mkdir -m 700 -- "$now/chain" || return
  if why=$(defect "$1" 2>&1); then
    printf 'seen\t%s\t%s\t%s\t.\n' "$1" "$sources" "$why"
  else
    printf 'bad\t%s\t%s\t%s\t.\n' "$1" "$(printf '%s' "${why:-it cannot be read}" | legible)" "$sources"
  fi
}

# Fails with the reason; otherwise prints the hash of the PEM, the expiry and the fingerprint of its leaf.
defect() { # row
  for file in "$key_file" "$chain_file"; do
    [ "$(stat -L -c %s -- "$file")" -le 262144 ] || { echo 'it is larger than any certificate'; return 1; }
  done
  hash_of_pem=$(combined "$key_file" "$chain_file" >"$now/chain/pem" && sha256sum <"$now/chain/pem") || return
  (cd -- "$now/chain" && split_chain <"$chain_file") && leaf=$now/chain/1.pem || return
  key_defect && validity_defect && chain_defect && name_defect "$1" || return
  end=$(openssl x509 -in "$leaf" -noout -enddate) && end=$(date -u -d "${end#*=}" +%Y-%m-%dT%H:%M:%SZ) || return
  print=$(openssl x509 -in "$leaf" -noout -fingerprint -sha256 | sed -e 's/.*=//' | tr -d ':' | tr 'A-F' 'a-f') || return
  printf '%s\t%s\t%s' "${hash_of_pem%% *}" "$end" "$print"
}

# Writes each certificate to a file: 1.pem is the leaf.
split_chain() {
  awk '
    /^-----BEGIN CERTIFICATE-----/ { file = ++n ".pem" }
    file != "" { print >file }
    /^-----END CERTIFICATE-----/ { close(file); file = "" }
  '
}

# The first certificate has to be the key's, and of a type that handshakes accept.
key_defect() {
  of_key=$(openssl pkey -in "$key_file" -passin pass: -pubout 2>/dev/null) || { echo 'its private key cannot be read'; return 1; }
  of_leaf=$(openssl x509 -in "$leaf" -noout -pubkey 2>/dev/null) || { echo 'its certificate cannot be read'; return 1; }
  [ "$of_key" = "$of_leaf" ] || { echo 'its private key is not that of the first certificate'; return 1; }
  case $(openssl x509 -in "$leaf" -noout -text -certopt no_header,no_extensions,no_sigdump 2>/dev/null) in
    *'Public Key Algorithm: rsa'* | *'Algorithm: ED25519'* | *'Algorithm: ED448'*) ;;
    *'ASN1 OID: prime256v1'* | *'ASN1 OID: secp384r1'* | *'ASN1 OID: secp521r1'*) ;;
    *) echo 'its key is of a type or on a curve that TLS does not accept'; return 1 ;;
  esac
}

validity_defect() {
  for file in "$now"/chain/[0-9]*.pem; do
    begin=$(openssl x509 -in "$file" -noout -startdate 2>/dev/null) || { echo 'one of its certificates cannot be read'; return 1; }
    [ "$(date -d "${begin#*=}" +%s)" -le "$(date +%s)" ] || { echo "it is not valid before ${begin#*=}"; return 1; }
    openssl x509 -in "$file" -noout -checkend 0 >/dev/null && continue
    echo "it has expired: $(openssl x509 -in "$file" -noout -enddate)"
    return 1
  done
}

# Each certificate has to be issued by the next, and none weaker than OpenSSL's default security level allows.
chain_defect() {
  number=1 purpose='-purpose sslserver'
  while [ -f "$now/chain/$number.pem" ]; do
    issuer=$now/chain/$((number + 1)).pem
    [ -f "$issuer" ] || [ "$number" -eq 1 ] || break
    [ -f "$issuer" ] || issuer=$leaf
    # shellcheck disable=SC2086 # the purpose is two words
    openssl verify -auth_level 2 -ignore_critical $purpose -partial_chain -no-CApath -no-CAfile -trusted "$issuer" \
      "$now/chain/$number.pem" 2>&1 |
      sed -n -e 's/^error [0-9]* at [0-9]* depth lookup: *//p' | head -n 1 >"$now/chain/why"
    [ ! -s "$now/chain/why" ] || { printf 'certificate %s of its chain is refused: ' "$number" && cat <"$now/chain/why"; return 1; }
    number=$((number + 1)) purpose=''
  done
}

# A wildcard stands for one label. One directly below a top-level domain stands for nothing.
name_defect() { # row
  openssl x509 -in "$leaf" -noout -ext subjectAltName 2>/dev/null |
    tr ',' '\n' | sed -n -e 's/^ *DNS://p' | tr '[:upper:]' '[:lower:]' >"$now/chain/names"
  missing=$(awk -F "$tab" -v row="$1" '
    FILENAME == ARGV[1] { covered[$1]; next }
    $1 == "row" && $2 == row {
      for (i = 3; i <= NF; i++) {
        rest = substr($i, index($i, ".") + 1)
        if (!($i in covered) && !(index(rest, ".") && ("*." rest) in covered)) printf " %s", $i
      }
    }
  ' "$now/chain/names" "$table")
  [ -z "$missing" ] || { echo "it is not valid for:$missing"; return 1; }
}
