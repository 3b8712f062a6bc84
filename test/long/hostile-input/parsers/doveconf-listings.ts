/** What `doveconf -n` prints, of both versions. */
export const LISTING_23 = `# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf
# Hostname: mx1
ssl_cert = </etc/ssl/global.pem
service imap-login {
  inet_listener imaps {
    port = 993
  }
}
local_name a.test b.test {
  ssl_cert = </etc/ssl/a.pem
  ssl_key = # hidden, use -P to show it
}
local_name *.c.test {
  ssl_cert = </etc/dovecot/ssl/mail-sni/c.test.pem
}
`;
export const LISTING_24 = `# 2.4.1-4 (7d8c0e5759): /etc/dovecot/dovecot.conf
dovecot_config_version = 2.4.0
ssl_server {
  cert_file = /etc/ssl/global.pem
}
local_name d.test {
  ssl_server {
    cert_file = /etc/ssl/d.pem
  }
}
`;
