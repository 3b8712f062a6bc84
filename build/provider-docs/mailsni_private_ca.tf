resource "mailsni_private_ca" "ca" {
  common_name        = "Example Org mail CA"
  renew_before_hours = 4320 # longer than the validity of its certificates

  # Nothing is issued if another state owns files on the hosts.
  depends_on = [mailsni_state_identity.this]
}

# Install it as a trusted root on every client.
output "ca_certificate" {
  value = mailsni_private_ca.ca.certificate_pem
}
