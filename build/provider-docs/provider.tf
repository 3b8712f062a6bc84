terraform {
  required_version = ">= 1.11"
  required_providers {
    mailsni = {
      source  = "mail-sni.invalid/mail-sni/mailsni"
      version = "0.1.0-b0123456789ab" # the one in dist/provider/manifest.json
    }
  }
}

provider "mailsni" {
  stack = "mail"

  hosts = {
    # This machine itself.
    mx1 = {
      services = {
        # Reads its files at each connection: there is nothing to tell it.
        qmail = {
          endpoints = [{ port = 587, protocol = "smtp" }]
        }
        dovecot = {
          config = {
            file     = "/etc/dovecot/dovecot.conf"
            include  = "!include {path}"
            position = "first"
          }
          check     = ["doveconf", "-x", "-n", "-c", "{candidate}"]
          activate  = ["doveadm", "reload"]
          running   = ["doveadm", "service", "status"]
          endpoints = [{ port = 993, protocol = "tls" }]
        }
      }
    }
    # A tree of files to look at: no owners are set, and no commands are run.
    staging = {
      root = "./out/mx1"
    }
  }
}
