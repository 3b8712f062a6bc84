resource "mailsni_acme_account" "letsencrypt" {
  directory_url           = "https://acme-v02.api.letsencrypt.org/directory"
  contact                 = ["hostmaster@example.org"]
  terms_of_service_agreed = true

  # Nothing is issued if another state owns files on the hosts.
  depends_on = [mailsni_state_identity.this]
}
