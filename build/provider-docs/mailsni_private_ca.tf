resource "mailsni_private_ca" "ca" {
  common_name        = "Example Org mail CA"
  renew_before_hours = 4320 # more than its certificates are valid
}

# To be installed as a trusted root on every client.
output "ca_certificate" {
  value = mailsni_private_ca.ca.certificate_pem
}
