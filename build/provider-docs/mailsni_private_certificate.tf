resource "mailsni_private_certificate" "example_org" {
  ca_certificate_pem = mailsni_private_ca.ca.certificate_pem
  ca_private_key_pem = mailsni_private_ca.ca.private_key_pem
  names              = ["imap.example.org", "smtp.example.org"]
}
