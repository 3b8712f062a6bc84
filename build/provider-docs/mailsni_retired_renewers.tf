data "mailsni_renewers" "retired" {
  host     = "mx1"
  programs = ["dehydrated"]
  hooks    = ["/etc/letsencrypt/renewal-hooks/deploy/mail"]
}

resource "mailsni_retired_renewers" "retired" {
  host           = "mx1"
  programs       = ["dehydrated"]
  hooks          = ["/etc/letsencrypt/renewal-hooks/deploy/mail"]
  planned_places = data.mailsni_renewers.retired.places
}
