locals {
  renewal = "#!/bin/sh\nexec dehydrated --cron\n"
}

# A program that renews certificates on the host itself.
resource "mailsni_host_files" "renewal" {
  host           = "mx1"
  state_id       = mailsni_state_identity.this.id
  claims_on_host = "remove"

  files = {
    "/etc/mail-sni/renewal" = { mode = "0755", text = local.renewal }
  }
}

# Its first run. Later ones are started by a timer on the host.
resource "mailsni_host_job" "renewal" {
  host        = "mx1"
  command     = ["/etc/mail-sni/renewal", "run"]
  trigger     = sha256(local.renewal)
  result_file = "/var/lib/mail-sni/renewal/result"

  depends_on = [mailsni_host_files.renewal]
}
