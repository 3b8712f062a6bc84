# Prepares the host. Every other resource depends on it.
resource "mailsni_host_files" "base" {
  host     = "mx1"
  role     = "base"
  state_id = mailsni_state_identity.this.id

  directories = {
    "/etc/dovecot/mail-sni"     = { mode = "0755" }
    "/etc/dovecot/mail-sni/2.3" = { mode = "0755" }
  }
  files = {
    "/etc/dovecot/conf.d/05-mail-sni.conf" = {
      service = "dovecot"
      text    = "!include_try /etc/dovecot/mail-sni/2.3/*.conf\n"
    }
  }
}

# One certificate on one host.
resource "mailsni_host_files" "example_org" {
  host     = "mx1"
  names    = ["imap.example.org", "smtp.example.org"]
  state_id = mailsni_state_identity.this.id

  files = {
    # No text: its contents are the PEM in `secrets`.
    "/etc/dovecot/mail-sni/example.org.pem" = { service = "dovecot" }
    "/etc/dovecot/mail-sni/2.3/example.org.conf" = {
      service = "dovecot"
      text    = <<-EOT
        local_name "imap.example.org smtp.example.org" {
          ssl_cert = </etc/dovecot/mail-sni/example.org.pem
          ssl_key = </etc/dovecot/mail-sni/example.org.pem
        }
      EOT
    }
    "/var/qmail/control/servercerts/imap.example.org/servercert.pem" = {
      service = "qmail"
      mode    = "0640"
      group   = "vchkpw"
    }
  }
  links = {
    "/var/qmail/control/servercerts/smtp.example.org/servercert.pem" = "../imap.example.org/servercert.pem"
  }
  secrets = {
    "/etc/dovecot/mail-sni/example.org.pem"                          = local.example_org_pem
    "/var/qmail/control/servercerts/imap.example.org/servercert.pem" = local.example_org_pem
  }

  depends_on = [mailsni_host_files.base]
}

locals {
  example_org_pem = join("", [
    mailsni_private_certificate.example_org.private_key_pem,
    mailsni_private_certificate.example_org.certificate_pem,
    mailsni_private_certificate.example_org.chain_pem,
  ])
}
