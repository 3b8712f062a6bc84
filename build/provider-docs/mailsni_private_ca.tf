resource "mailsni_private_ca" "ca" {
  common_name        = "Example Org mail CA"
  renew_before_hours = 4320 # more than its certificates are valid

  # Nothing is issued where another state has the hosts.
  depends_on = [mailsni_state_identity.this]
}

# To be installed as a trusted root on every client.
output "ca_certificate" {
  value = mailsni_private_ca.ca.certificate_pem
}
