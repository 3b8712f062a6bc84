data "mailsni_renewers" "old" {
  host     = "mx1"
  programs = ["certbot"]
}
