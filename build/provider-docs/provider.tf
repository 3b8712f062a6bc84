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
    # The machine that runs the engine.
    mx1 = {
      services = {
        # Reads its files at each connection, so it needs no reload.
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
    # Reached over SSH from the machine that runs the engine.
    mx2 = {
      address   = "deploy@mx2.example.org:2222"
      become    = ["sudo", "-n"]
      host_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPbQG5IAr4rqGQzcmdGNWeK1eTaM6wGZUZGWKhBkxTCP"]
      services  = { qmail = {} }
    }
    # A directory for inspection: no owners are set, and no commands run.
    staging = {
      root = "./out/mx1"
    }
  }
}
