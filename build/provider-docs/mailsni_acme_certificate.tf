resource "mailsni_acme_certificate" "example_org" {
  directory_url   = mailsni_acme_account.letsencrypt.directory_url
  account_url     = mailsni_acme_account.letsencrypt.url
  account_key_pem = mailsni_acme_account.letsencrypt.private_key_pem

  names          = ["imap.example.org", "smtp.example.org"]
  optional_names = ["example.org", "pop3.example.org"]

  challenge = {
    webroot = "/var/www/acme"
  }
}
